package desk

import (
	"cmp"
	"errors"
	"net/http"
	"net/url"
	"strconv"

	"github.com/go-chi/chi/v5"

	"hark/internal/page"
	"hark/internal/posts"
	"hark/internal/words"
)

// revisionsPage is what desk/revisions.html draws: what a post was, and is.
type revisionsPage struct {
	frame
	ID, Name string
	Address  string // of this page
	Version  string // of the post as it is
	Live     bool   // readers see what is restored at once
	Problem  string
	Restored *when // from when the words are that were just restored
	Undo     bool  // and whether that can be taken back
	Rows     []revisionRow
	Compared *comparison // nil where there is only one version
}

// revisionRow is one version in the list, the newest first.
type revisionRow struct {
	State string // the word for its status
	When  when
	By    string // who saved it, where several write
	Words string
	Name  string // as it was called, where it was called otherwise
	Look  string // the address where it is compared with the post as it is; empty for that itself
	Did   string // and with the version before it; empty for the first
}

// revisions shows the earlier versions of a post, and what differs between two.
func (d *Desk) revisions(w http.ResponseWriter, r *http.Request) error {
	p, err := d.own(r, chi.URLParam(r, "id"))
	if err != nil {
		return noPost(err)
	}
	if p.Status == posts.Deleted {
		return seeOther(w, r, "/desk/posts?status=deleted")
	}
	return d.sendRevisions(w, r, http.StatusOK, p, "")
}

func (d *Desk) sendRevisions(w http.ResponseWriter, r *http.Request, status int, p *posts.Post, problem string) (err error) {
	shown := revisionsPage{
		ID: p.ID, Address: revisionsPath(p.ID), Version: strconv.FormatInt(p.Version, 10),
		Live: p.Open(), Problem: problem,
	}
	if shown.frame, err = d.frame(r, "Earlier versions", "posts"); err != nil {
		return err
	}
	shown.Name = p.Called(shown.book)
	shown.Title = shown.book.Say("Earlier versions of ‘%s’", shown.Name)
	earlier, err := d.posts.Revisions(r.Context(), p)
	if err != nil {
		return err
	}
	all := append([]*posts.Post{p}, earlier...)
	if shown.Rows, err = d.revisionRows(r, all, shown.book); err != nil {
		return err
	}
	asked := r.URL.Query()
	if shown.Compared = d.compared(all, asked.Get("from"), asked.Get("to"), shown.book); shown.Compared != nil {
		shown.Compared.Tongue = cmp.Or(shown.Compared.Tongue, shown.Site.Language)
	}
	if err := d.restored(r, p, all, &shown); err != nil {
		return err
	}
	return d.send(w, status, "revisions", shown)
}

func revisionsPath(id string) string { return "/desk/posts/" + url.PathEscape(id) + "/revisions" }

func (d *Desk) revisionRows(r *http.Request, all []*posts.Post, book *words.Book) (rows []revisionRow, err error) {
	names, err := d.gate.Names(r.Context())
	if err != nil {
		return nil, err
	}
	for n, p := range all {
		row := revisionRow{State: savedAs[p.Status], When: d.when(p.Updated), Words: plural(p.Words, "word")}
		if len(names) > 1 {
			row.By = names[cmp.Or(p.SavedBy, p.AuthorID)]
		}
		if p.Title != all[0].Title {
			row.Name = p.Called(book)
		}
		if n > 0 {
			row.Look = compareAt(p.ID, p, all[0])
		}
		if n+1 < len(all) {
			row.Did = compareAt(p.ID, all[n+1], p)
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// compareAt is where two versions of a post are compared.
func compareAt(id string, from, to *posts.Post) string {
	return revisionsPath(id) + "?" + url.Values{"from": {strconv.FormatInt(from.Version, 10)}, "to": {strconv.FormatInt(to.Version, 10)}}.Encode()
}

// restored fills in what was just restored, and whether that can be taken back.
func (d *Desk) restored(r *http.Request, p *posts.Post, all []*posts.Post, shown *revisionsPage) error {
	at, found := versionIn(all, r.URL.Query().Get("restored"))
	if !found {
		return nil
	}
	from := d.when(all[at].Updated)
	what, err := d.posts.Undoable(r.Context(), p)
	shown.Restored, shown.Undo = &from, what == posts.Change
	return err
}

// restoreRevision gives a post the words of an earlier version.
func (d *Desk) restoreRevision(w http.ResponseWriter, r *http.Request) error {
	fields, err := form(w, r, formLimit)
	if err != nil {
		return err
	}
	p, err := d.own(r, chi.URLParam(r, "id"))
	if err != nil {
		return noPost(err)
	}
	to, err := strconv.ParseInt(fields.Get("to"), 10, 64)
	if err != nil {
		return &page.Error{Status: http.StatusBadRequest, Err: err}
	}
	seen := d.seenAs(r, p, fields)
	err = d.posts.Revert(r.Context(), seen, to)
	invalid := (*posts.Invalid)(nil)
	switch {
	case errors.Is(err, posts.ErrChanged):
		return d.sendRevisions(w, r, http.StatusConflict, p, "The post was saved elsewhere meanwhile, so nothing was restored. Look at what it says now, then restore again if you still want to.")
	case errors.Is(err, posts.ErrNotFound):
		return d.sendRevisions(w, r, http.StatusNotFound, p, "That version is not kept any more, so nothing was restored.")
	case errors.As(err, &invalid):
		return d.sendRevisions(w, r, http.StatusUnprocessableEntity, p, "These words cannot be restored as they are. "+invalid.Text)
	case err != nil:
		return err
	}
	return seeOther(w, r, revisionsPath(p.ID)+"?restored="+strconv.FormatInt(to, 10))
}

// seenAs is the post as who sent the form has seen it, to be saved by them.
func (d *Desk) seenAs(r *http.Request, p *posts.Post, fields url.Values) *posts.Post {
	seen := *p
	seen.Version, _ = strconv.ParseInt(fields.Get("version"), 10, 64) // 0 is no version
	seen.SavedBy = d.Who(r).ID
	return &seen
}

// undoChange takes back what was just done to a post.
func (d *Desk) undoChange(w http.ResponseWriter, r *http.Request, id string, fields url.Values) error {
	p, err := d.own(r, id)
	if err != nil {
		return noPost(err)
	}
	err = d.posts.Undo(r.Context(), d.seenAs(r, p, fields))
	invalid := (*posts.Invalid)(nil)
	switch {
	case errors.Is(err, posts.ErrChanged), errors.Is(err, posts.ErrTooLate):
		return &page.Error{Status: http.StatusConflict, Err: err, Text: "This cannot be undone any more: it was undone already, the post was saved since, or it was done more than ten minutes ago. Nothing has changed. What the post was before stands among its earlier versions."}
	case errors.As(err, &invalid):
		return &page.Error{Status: http.StatusConflict, Err: err, Text: "This cannot be undone. " + invalid.Text}
	case err != nil:
		return noPost(err)
	}
	if p, err = d.posts.ByID(r.Context(), id); err != nil {
		return noPost(err)
	}
	if p.Status == posts.Published {
		return seeOther(w, r, p.Path)
	}
	return seeOther(w, r, "/desk/write/"+url.PathEscape(id))
}
