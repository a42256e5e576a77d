package desk

import (
	"strconv"
	"strings"

	"hark/internal/media"
)

// What the fields for files say.

func (p writePage) Limits() string      { return media.Limits() }
func (p writePage) MostBytes() int      { return media.MaxBytes }
func (p writePage) TooLarge() string    { return media.TooLarge() }
func (p writePage) Accept() string      { return media.Accept() }
func (p writePage) AcceptShown() string { return media.Accept("image", "video", "audio") }

// Blank is a row for a file that a script fills in.
func (p writePage) Blank() attachedRow { return attachedRow{} }

// Showing tells whether the fields for files before the text are in sight.
func (p writePage) Showing() bool {
	return p.First("files") || len(p.Draft.Attached) > 0 || p.Wrong.Of(showField) != nil
}

// attachedRow is what desk/_attachedrow.html draws of one.
type attachedRow struct {
	attached
	Picture     string // its address, of a picture of this site
	Nth         string // " 1", where there are several of its sort
	First, Last bool   // of its sort
}

// Plays tells whether there can be a picture to show until it plays.
func (a attachedRow) Plays() bool { return a.Property == "video" }

// What says what sort of file it is.
func (a attached) What() string {
	return map[string]string{"photo": "Photo", "video": "Film", "audio": "Recording"}[a.Property]
}

// attachedRows are those of a form.
func (d *Desk) attachedRows(list []attached) []attachedRow {
	rows, count := make([]attachedRow, len(list)), map[string]int{}
	for n, one := range list {
		count[one.Property]++
		rows[n] = attachedRow{attached: one, First: beside(list, n, true) < 0, Last: beside(list, n, false) < 0}
		if !rows[n].First || !rows[n].Last {
			rows[n].Nth = " " + strconv.Itoa(count[one.Property])
		}
		if one.Property == "photo" && d.isOurs(one.Address) {
			rows[n].Picture = one.Address
		}
	}
	return rows
}

// isOurs tells whether a file lies on this site: its pages show no others.
func (d *Desk) isOurs(address string) bool {
	return strings.HasPrefix(strings.TrimPrefix(address, d.url), "/media/")
}
