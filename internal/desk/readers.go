package desk

import (
	"net/http"
	"net/url"

	"hark/internal/page"
	"hark/internal/posts"
	"hark/internal/settings"
)

const readersPath = "/desk/settings/readers"

// readersPage is what desk/readers.html draws.
type readersPage struct {
	choicesFrame
	Open    bool
	Place   string // where they do, for people
	Readers []guest
}

// guest is a reader who is signed in.
type guest struct {
	Address, Name string
	Browsers      int
	Begun, Seen   when
}

// readers shows whether readers may show who they are, and who has.
func (d *Desk) readers(w http.ResponseWriter, r *http.Request) error {
	var p readersPage
	if r.URL.Query().Has("ended") {
		p.Saved = "Ended. To read on, they have to show once more who they are."
	}
	return d.sendReaders(w, r, http.StatusOK, p)
}

func (d *Desk) sendReaders(w http.ResponseWriter, r *http.Request, status int, p readersPage) error {
	chosen, err := d.settings.Readers(r.Context())
	if err != nil {
		return err
	}
	p.Open, p.Place = chosen.Open(), posts.Bare(d.url)+"/for-you"
	list, err := d.visitors.Visitors(r.Context())
	if err != nil {
		return err
	}
	for _, one := range list {
		p.Readers = append(p.Readers, guest{one.Address, posts.Bare(one.Address), one.Browsers, d.when(one.Begun), d.when(one.Seen)})
	}
	if err := d.fillChoices(r, &p.choicesFrame, "readers"); err != nil {
		return err
	}
	return d.send(w, status, "readers", p)
}

// changeReaders opens or shuts the door, or has a reader be a stranger again.
func (d *Desk) changeReaders(w http.ResponseWriter, r *http.Request) error {
	fields, err := form(w, r, formLimit)
	if err != nil {
		return err
	}
	switch fields.Get("do") {
	case "save":
		return d.saveReaders(w, r, fields)
	case "end":
		if err := d.visitors.End(r.Context(), fields.Get("address")); err != nil {
			return err
		}
		return seeOther(w, r, readersPath+"?ended")
	}
	return &page.Error{Status: http.StatusBadRequest}
}

func (d *Desk) saveReaders(w http.ResponseWriter, r *http.Request, fields url.Values) error {
	if err := d.settings.SaveReaders(r.Context(), settings.Readers{Door: chosen(fields, "readers", "")}); err != nil {
		status, again := unsaved(err)
		if status == 0 {
			return err
		}
		return d.sendReaders(w, r, status, readersPage{choicesFrame: again})
	}
	return seeOther(w, r, readersPath+"?saved")
}
