package desk

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"hark/internal/database"
	"hark/internal/page"
	"hark/internal/posts"
	"hark/internal/words"
)

// keep takes what stands in the editor while it is written, so that neither a
// closed window nor a power cut loses it. Nothing of it is published.
func (d *Desk) keep(w http.ResponseWriter, r *http.Request) error {
	fields, err := form(w, r, writeLimit)
	if err != nil {
		return err
	}
	f := typed(fields)
	p, err := d.kept(r, &f)
	if err != nil {
		return noPost(err)
	}
	if p.ID != "" && (p.Status == posts.Deleted || f.Version != strconv.FormatInt(p.Version, 10)) {
		return d.conflict(w, r, f)
	}
	_, err = d.keepCopy(r, fields, f)
	switch {
	case errors.Is(err, posts.ErrChanged):
		return d.copyConflict(w, r, f, p)
	case errors.Is(err, posts.ErrCrowded):
		return &page.Error{Status: http.StatusUnprocessableEntity, Err: err,
			Text: fmt.Sprintf("%d texts wait unsaved already, and more are not kept here. Save or discard some of them: they stand under Posts, Drafts.", posts.MaxCopies)}
	case errors.Is(err, database.ErrFull):
		return &page.Error{Status: http.StatusInsufficientStorage, Err: err, Text: "The disk is full."}
	case err != nil:
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// keepCopy keeps a form as a working copy, and an empty one not. The version is its own.
func (d *Desk) keepCopy(r *http.Request, fields url.Values, f draft) (version string, err error) {
	version = fields.Get("at")
	c, base, err := d.copyIn(r, fields, f)
	if err != nil {
		return "", err
	}
	if c.Fresh && f.blank() {
		return version, d.posts.EmptyCopy(r.Context(), c, base)
	}
	return version, d.posts.KeepCopy(r.Context(), c, base)
}

// copyIn reads a working copy, and with which version its tab began.
func (d *Desk) copyIn(r *http.Request, fields url.Values, f draft) (*posts.Copy, int64, error) {
	version, err := strconv.ParseInt(fields.Get("at"), 10, 64)
	c := &posts.Copy{Post: f.key(), Writer: d.Who(r).ID, Fresh: f.ID == "", Tab: fields.Get("tab"), Version: version}
	if err != nil || version < 1 || !isKey(c.Post) || !isKey(c.Tab) {
		return nil, 0, &page.Error{Status: http.StatusBadRequest, Err: err}
	}
	for _, own := range []string{"at", "tab", "base", "do"} {
		fields.Del(own)
	}
	c.Fields = fields.Encode()
	return c, f.base(), nil
}

// copyOf is the working copy of a form that is sent.
func (d *Desk) copyOf(r *http.Request, f draft) *posts.Copy {
	return &posts.Copy{Post: f.key(), Writer: d.Who(r).ID, Tab: f.Tab}
}

// base is the version of the working copy with which the tab began, 0 where nothing was
// kept then.
func (f draft) base() int64 {
	base, _ := strconv.ParseInt(f.Base, 10, 64)
	return base
}

// isKey tells whether a form may name something by these letters.
func isKey(s string) bool {
	return s != "" && len(s) <= 64 && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}

// key is by which a working copy is kept: that of the post, else its own.
func (f draft) key() string {
	if f.ID != "" {
		return f.ID
	}
	return f.Copy
}

// blank tells whether there is nothing in the form to keep.
func (f draft) blank() bool {
	return strings.TrimSpace(f.Title+f.Text+f.Tags+f.InReplyTo+f.Slug) == "" && f.Happens.blank() && len(f.Attached) == 0
}

// copied is what stands in a working copy.
func copied(c *posts.Copy) draft {
	fields, _ := url.ParseQuery(c.Fields) // it was encoded here
	f := typed(fields)
	f.Base = strconv.FormatInt(c.Version, 10)
	if f.ID = c.Post; c.Fresh {
		f.ID, f.Copy = "", c.Post
	}
	return f
}

// copyConflict answers a tab that writes what another one writes too.
func (d *Desk) copyConflict(w http.ResponseWriter, r *http.Request, f draft, p *posts.Post) error {
	c, err := d.posts.Copy(r.Context(), f.key(), d.Who(r).ID)
	if isNotFound(err) { // it became a post meanwhile
		return d.conflict(w, r, f)
	}
	if err != nil {
		return noPost(err)
	}
	other := copied(c)
	f.Base = other.Base
	return d.edit(w, r, http.StatusConflict, p, writePage{Draft: f,
		Problem: "This is being written in another tab too. Nothing is lost: your words are in the form, the others beside it. Take over what you want to keep, then save; until then yours are kept in this browser.",
		Other:   &otherVersion{Saved: d.when(c.Saved), Draft: other}})
}

// unfinished is the working copy of a post by who is signed in, nil for none.
func (d *Desk) unfinished(r *http.Request, key string) (*posts.Copy, error) {
	c, err := d.posts.Copy(r.Context(), key, d.Who(r).ID)
	if isNotFound(err) {
		return nil, nil
	}
	return c, err
}

// heard has a form know what its own tab sent last: the answer to that may not have come
// before the form left, and the next page is another tab.
func (d *Desk) heard(r *http.Request, f *draft) error {
	c, err := d.unfinished(r, f.key())
	if c != nil && c.Tab == f.Tab {
		f.Base = strconv.FormatInt(c.Version, 10)
	}
	return err
}

// resume shows the editor with a post that nobody has saved yet.
func (d *Desk) resume(w http.ResponseWriter, r *http.Request, key string) error {
	c, err := d.unfinished(r, key)
	if err != nil {
		return err
	}
	if c == nil || !c.Fresh {
		return noPost(posts.ErrNotFound)
	}
	kept := d.when(c.Saved)
	return d.edit(w, r, http.StatusOK, &posts.Post{}, writePage{Draft: copied(c), Kept: &kept})
}

// goOn is the editor with the working copy of a post, if there is one; else with
// the post. Where the post was saved meanwhile, both are shown.
func (d *Desk) goOn(r *http.Request, p *posts.Post) (writePage, error) {
	c, err := d.unfinished(r, p.ID)
	if err != nil || c == nil {
		return writePage{Draft: d.draftOf(p)}, err
	}
	kept := d.when(c.Saved)
	shown := writePage{Draft: copied(c), Kept: &kept}
	if saved := d.draftOf(p); shown.Draft.Version != saved.Version {
		shown.Draft.Version = saved.Version
		shown.Problem = "This post was saved elsewhere after you wrote this. Nothing is lost: your words are in the form, the others beside it. Take over what you want to keep. Saving now puts yours in their place."
		shown.Other = &otherVersion{Saved: d.when(p.Updated), Draft: saved}
	}
	return shown, nil
}

// A browser keeps the words that it sends with a form until an editor tells it that
// they have landed: an answer may be lost on its way, and the next page has no script.
// mostLanded is of how many posts it is told, longest for how long, and longestAt is how
// many digits a moment has at most.
const (
	mostLanded = 20
	longestAt  = 16
	longest    = 90 * 24 * time.Hour
)

// land has the next editor in this browser tell it that a post was saved, by a form that
// was sent at some moment of the browser. Words that left later have not landed with it.
func (d *Desk) land(w http.ResponseWriter, r *http.Request, id, at string) {
	all := append([]string{id + "-" + at}, landed(r, d.cookies.saved)...)
	d.cookies.Set(w, d.cookies.saved, strings.Join(all[:min(len(all), mostLanded)], "."), longest)
}

// landed are the posts that were saved in this browser since an editor has told it, each
// with a hyphen and the moment behind it.
func landed(r *http.Request, cookie string) (all []string) {
	for one := range strings.SplitSeq(page.Cookie(r, cookie), ".") {
		if id, at, _ := strings.Cut(one, "-"); database.IsID(id) && strings.Trim(at, "0123456789") == "" && len(at) <= longestAt && len(all) < mostLanded {
			all = append(all, one)
		}
	}
	return all
}

// discard forgets a working copy.
func (d *Desk) discard(w http.ResponseWriter, r *http.Request, f draft) error {
	if err := d.posts.DropCopy(r.Context(), d.copyOf(r, f), f.base()); err != nil {
		return err
	}
	if f.ID == "" {
		return seeOther(w, r, "/desk/posts?status=draft")
	}
	return seeOther(w, r, "/desk/write/"+url.PathEscape(f.ID))
}

// unsavedRow is a text in the list of posts that is no post yet.
type unsavedRow struct {
	Key, Name string
	When      when
}

// unsaved are the texts of who is signed in that are no posts yet, and the keys
// of posts with changes that are not saved.
func (d *Desk) unsaved(r *http.Request, book *words.Book) (rows []unsavedRow, changed map[string]bool, err error) {
	copies, err := d.posts.Copies(r.Context(), d.Who(r).ID)
	if err != nil {
		return nil, nil, err
	}
	changed = map[string]bool{}
	for _, c := range copies {
		if changed[c.Post] = !c.Fresh; !c.Fresh {
			continue
		}
		row, err := d.unsavedRow(r, c, book)
		if err != nil {
			return nil, nil, err
		}
		rows = append(rows, row)
	}
	return rows, changed, nil
}

func (d *Desk) unsavedRow(r *http.Request, c *posts.Copy, book *words.Book) (unsavedRow, error) {
	p, err := d.over(r, copied(c), &posts.Post{})
	if err != nil {
		return unsavedRow{}, err
	}
	return unsavedRow{Key: c.Post, Name: p.Called(book), When: d.when(c.Saved)}, nil
}

// lately is how long an empty editor offers what was begun last. Later it stands among
// the drafts alone.
const lately = 7 * 24 * time.Hour

// begunLast is what who is signed in was writing and has not saved, for who comes to an
// empty editor: the page may have been loaded anew, or the browser was closed.
func (d *Desk) begunLast(r *http.Request) (*unsavedRow, error) {
	c, err := d.posts.Begun(r.Context(), d.Who(r).ID, d.now().Add(-lately))
	if isNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	book, err := d.book(r.Context())
	if err != nil {
		return nil, err
	}
	row, err := d.unsavedRow(r, c, book)
	return &row, err
}
