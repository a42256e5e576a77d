package desk

import (
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/go-chi/chi/v5"

	"hark/internal/auth"
	"hark/internal/media"
	"hark/internal/page"
)

const filesPath = "/desk/media"

// filesPage is what desk/media.html draws.
type filesPage struct {
	frame
	Tabs    []tab
	Rows    []fileRow
	Search  filed
	Newer   string // the address of the page before
	Older   string // and of the next one
	Said    string // what was just done
	Problem string
	Held    *fileRow          // what that is about
	Typed   map[string]string // what was typed about files and is not kept, by their Of
	Wrong   wrong
	None    bool // there are no files at all
}

// What its form says.

func (p filesPage) Limits() string { return media.Limits() }
func (p filesPage) Accept() string { return media.Accept() }

// filed is which files are listed.
type filed struct {
	Kind   string // what their type begins with
	Unused bool
	Skip   int
}

// farthestFile bounds how far somebody turns the pages.
const farthestFile = 1 << 20

// filedOf reads it from an address or a form. What it does not know it leaves out.
func filedOf(fields url.Values) (f filed) {
	for _, one := range shelves {
		if one.Kind == fields.Get("kind") {
			f.Kind = one.Kind
		}
	}
	f.Unused = fields.Has("unused")
	if n, err := strconv.Atoi(fields.Get("skip")); err == nil && n > 0 && n <= farthestFile {
		f.Skip = n
	}
	return f
}

// Fields are the hidden fields by which a form keeps it.
func (f filed) Fields() (all []carried) {
	if f.Kind != "" {
		all = append(all, carried{"kind", f.Kind})
	}
	if f.Unused {
		all = append(all, carried{"unused", "yes"})
	}
	if f.Skip > 0 {
		all = append(all, carried{"skip", strconv.Itoa(f.Skip)})
	}
	return all
}

func (f filed) address(more ...carried) string {
	values := url.Values{}
	for _, field := range append(f.Fields(), more...) {
		values.Set(field.Name, field.Value)
	}
	if len(values) == 0 {
		return filesPath
	}
	return filesPath + "?" + values.Encode()
}

// shelves are the tabs.
var shelves = []struct {
	Name string
	filed
}{
	{"All", filed{}},
	{"Pictures", filed{Kind: "image"}},
	{"Films", filed{Kind: "video"}},
	{"Recordings", filed{Kind: "audio"}},
	{"Documents", filed{Kind: "application"}},
	{"Used nowhere", filed{Unused: true}},
}

// wanted asks the store for it: for one's own files, or everybody's.
func (d *Desk) wanted(r *http.Request, f filed) media.List {
	return media.List{By: d.listed(r), Kind: f.Kind, Unused: f.Unused}
}

// files lists what was uploaded.
func (d *Desk) files(w http.ResponseWriter, r *http.Request) error {
	asked := r.URL.Query()
	p := filesPage{Search: filedOf(asked)}
	switch {
	case asked.Has("added"):
		p.Said = "It is here. Say of pictures what they show, for those who do not see them."
	case asked.Has("said"):
		p.Said = "Saved. It is offered wherever the file is put into a text; posts that have it keep what they say."
	case asked.Has("deleted"):
		p.Said = "Deleted."
	}
	return d.showFiles(w, r, http.StatusOK, p)
}

func (d *Desk) showFiles(w http.ResponseWriter, r *http.Request, status int, p filesPage) (err error) {
	if p.frame, err = d.frame(r, "Media", "media"); err != nil {
		return err
	}
	for _, one := range shelves {
		n, err := d.media.Count(r.Context(), d.wanted(r, one.filed))
		if err != nil {
			return err
		}
		if one.filed == (filed{}) {
			p.None = n == 0
		}
		at := p.Search
		at.Skip = 0
		p.Tabs = append(p.Tabs, tab{one.Name, one.address(), n, one.filed == at})
	}
	wanted := d.wanted(r, p.Search)
	wanted.Skip, wanted.Limit = p.Search.Skip, perPage+1
	found, err := d.media.List(r.Context(), wanted)
	if err != nil {
		return err
	}
	if before := p.Search; before.Skip > 0 {
		before.Skip = max(0, before.Skip-perPage)
		p.Newer = before.address()
	}
	if len(found) > perPage {
		found = found[:perPage]
		next := p.Search
		next.Skip += perPage
		p.Older = next.address()
	}
	if p.Rows, err = d.fileRows(r, found, p.Search); err != nil {
		return err
	}
	p.Rows = slices.DeleteFunc(p.Rows, func(row fileRow) bool { return p.Held != nil && row.Of() == p.Held.Of() })
	for n := range p.Rows {
		p.Rows[n].retype(p.Typed)
	}
	if p.Held != nil {
		p.Held.retype(p.Typed)
	}
	return d.send(w, status, "media", p)
}

// addFiles answers a form that has brought files.
func (d *Desk) addFiles(w http.ResponseWriter, r *http.Request, b *baggage) error {
	p, status := filesPage{Wrong: wrong{}}, http.StatusUnprocessableEntity
	for _, one := range b.Left {
		status = max(status, one.Status)
		p.Wrong.add(fileField, one.Name+": "+one.Text)
	}
	switch {
	case len(b.Left) > 0:
		if p.Problem = "No file is kept."; len(b.Files) > 0 {
			p.Problem = plural(len(b.Files), "file") + " of " + strconv.Itoa(len(b.Files)+len(b.Left)) + " came; the others did not."
		}
	case len(b.Files) == 0:
		p.Wrong.add(fileField, "No file has come. Choose one, then try again.")
	default:
		return seeOther(w, r, filesPath+"?added")
	}
	return d.showFiles(w, r, status, p)
}

// changeFile deletes a file.
func (d *Desk) changeFile(w http.ResponseWriter, r *http.Request) error {
	fields, err := form(w, r, formLimit)
	if err != nil {
		return err
	}
	f, err := d.fileOf(r, chi.URLParam(r, "id"), fields.Get("by"))
	if err != nil {
		return noFile(err)
	}
	switch fields.Get("do") {
	case "delete":
		return d.deleteFile(w, r, f, filedOf(fields), media.NoUse)
	case "delete-earlier":
		return d.deleteFile(w, r, f, filedOf(fields), media.EarlierUse)
	}
	return &page.Error{Status: http.StatusBadRequest}
}

// fileOf is a file that somebody has uploaded, ErrNotFound where who asks may not
// change it.
func (d *Desk) fileOf(r *http.Request, key, by string) (*media.File, error) {
	if user := d.Who(r); by != user.ID && !user.May(auth.WriteAll) {
		return nil, media.ErrNotFound
	}
	return d.media.Upload(r.Context(), key, by)
}

// sayOfFiles keeps what is said of files, of all on the page in which something was
// typed. What it cannot keep stays in the form.
func (d *Desk) sayOfFiles(w http.ResponseWriter, r *http.Request) error {
	fields, err := form(w, r, writeLimit)
	if err != nil {
		return err
	}
	of, was, alts := fields["of"], fields["was"], fields["alt"]
	if len(was) != len(of) || len(alts) != len(of) {
		return &page.Error{Status: http.StatusBadRequest}
	}
	at, typed := filedOf(fields), map[string]string{}
	for n, one := range of {
		if alts[n] != was[n] {
			typed[one] = alts[n]
		}
	}
	var held *media.File
	var why, gone error
	for _, one := range slices.Sorted(maps.Keys(typed)) {
		key, by, _ := strings.Cut(one, ".")
		f, err := d.fileOf(r, key, by)
		if err == nil {
			err = d.media.SetAlt(r.Context(), key, by, typed[one])
		}
		switch {
		case errors.Is(err, media.ErrNotFound):
			gone = err
		case err != nil && f == nil:
			return err
		case err != nil:
			held, why = f, err
		default:
			delete(typed, one)
		}
	}
	invalid := (*media.Invalid)(nil)
	switch {
	case errors.As(why, &invalid):
		return d.hold(w, r, http.StatusUnprocessableEntity, filesPage{Search: at, Problem: invalid.Text, Typed: typed}, held)
	case why != nil:
		status, problem := d.unwritten(why)
		return d.hold(w, r, status, filesPage{Search: at, Problem: problem, Typed: typed}, held)
	case gone != nil:
		return noFile(gone)
	}
	return seeOther(w, r, at.address(carried{"said", ""}))
}

// hold is the page with one file at its top, and why nothing was done with it.
func (d *Desk) hold(w http.ResponseWriter, r *http.Request, status int, p filesPage, f *media.File) error {
	rows, err := d.fileRows(r, []*media.File{f}, p.Search)
	if err != nil {
		return err
	}
	p.Held = &rows[0]
	return d.showFiles(w, r, status, p)
}

func (d *Desk) deleteFile(w http.ResponseWriter, r *http.Request, f *media.File, at filed, despite media.Despite) error {
	switch err := d.media.Delete(r.Context(), f.Key, f.AuthorID, despite); {
	case err == nil:
		return seeOther(w, r, at.address(carried{"deleted", ""}))
	case errors.Is(err, media.ErrInUse):
		uses, err := d.media.Uses(r.Context(), f.Key)
		if err != nil {
			return err
		}
		if !uses[f.Key].Now() {
			return d.hold(w, r, http.StatusConflict, filesPage{Search: at, Problem: "An earlier version of a post shows ‘" + f.Name + "’, so it stays. If nobody needs it there, delete it all the same: under Delete, below."}, f)
		}
		return d.hold(w, r, http.StatusConflict, filesPage{Search: at, Problem: "‘" + f.Name + "’ is in use, so it stays. Take it out of what is named here, then delete it."}, f)
	default:
		return noFile(err)
	}
}

// noFile gives a missing file its sentence.
func noFile(err error) error {
	if errors.Is(err, media.ErrNotFound) {
		return &page.Error{Status: http.StatusNotFound, Err: err, Text: "There is no such file, or it is not yours."}
	}
	return err
}
