package desk

import (
	"errors"
	"net/http"
	"net/url"

	"github.com/go-chi/chi/v5"

	"hark/internal/auth"
	"hark/internal/page"
	"hark/internal/posts"
	"hark/internal/words"
)

// perPage is how many things stand on one page of a list.
const perPage = 30

// tab is one of the tabs above a list.
type tab struct {
	Name, Address string
	Count         int
	Current       bool
}

// listPage is what desk/posts.html draws.
type listPage struct {
	frame
	Tabs    []tab
	Status  string
	Rows    []row
	Unsaved []unsavedRow // texts that are no posts yet
	Older   string       // the address of the next page
	Sought  sought       // instead of a list
	Problem string       // why nothing was looked for
	Moved   *notice      // what was just done
	Purged  bool         // one was just deleted for good
	Days    int          // how long deleted ones can be restored
}

// row is a post in the list.
type row struct {
	ID, Name, Kind, Path string
	Status               string
	By                   string // where several write
	Seen                 string // by whom, where it is not by all
	When                 when
	Answers              int
	Closed               bool // it takes no more
	Unsaved              bool // it has changes that are not saved
	Ends                 when // of a deleted one: when it is gone for good
}

// notice says what was just done to a post, and offers to undo it.
type notice struct {
	ID, Name      string
	Deleted, Live bool
}

// list shows the posts in one status.
func (d *Desk) list(w http.ResponseWriter, r *http.Request) error {
	asked := r.URL.Query()
	status := statusNamed(asked.Get("status"))
	p := listPage{Status: string(status), Sought: soughtIn(asked), Purged: asked.Has("purged"), Days: int(posts.KeptFor.Hours() / 24)}
	var err error
	if p.frame, err = d.frame(r, "Posts", "posts"); err != nil {
		return err
	}
	current := status
	if p.Sought.Any() {
		current = "" // it is found in any
	}
	if p.Tabs, err = d.statusTabs(r, current); err != nil {
		return err
	}
	before := asked.Get("before")
	found, err := d.inList(r, &p, before)
	if err != nil {
		return err
	}
	if p.Rows, err = d.rows(r, found, p.book); err != nil {
		return err
	}
	unsaved, changed, err := d.unsaved(r, p.book)
	if err != nil {
		return err
	}
	if status == posts.Draft && before == "" && !p.Sought.Any() {
		p.Unsaved = unsaved
	}
	for i := range p.Rows {
		p.Rows[i].Unsaved = changed[p.Rows[i].ID]
	}
	if p.Moved, err = d.moved(r, asked.Get("moved"), p.book); err != nil {
		return err
	}
	return d.send(w, http.StatusOK, "posts", p)
}

// inList are the posts on one page of the list, after the one with that key.
func (d *Desk) inList(r *http.Request, p *listPage, before string) ([]*posts.Post, error) {
	if p.Sought.Any() {
		return d.seek(r, p)
	}
	if _, err := d.own(r, before); isNotFound(err) { // one of somebody else is no place to begin at
		before = ""
	} else if err != nil {
		return nil, err
	}
	found, err := d.posts.List(r.Context(), posts.List{Status: posts.Status(p.Status), All: true, Author: d.listed(r), Before: before, Limit: perPage + 1})
	if len(found) > perPage {
		found = found[:perPage]
		p.Older = "/desk/posts?" + url.Values{"status": {p.Status}, "before": {found[perPage-1].ID}}.Encode()
	}
	return found, err
}

func statusNamed(name string) posts.Status {
	switch s := posts.Status(name); s {
	case posts.Draft, posts.Scheduled, posts.Deleted:
		return s
	}
	return posts.Published
}

func (d *Desk) statusTabs(r *http.Request, current posts.Status) ([]tab, error) {
	var tabs []tab
	for _, s := range []struct {
		status posts.Status
		name   string
	}{{posts.Published, "Published"}, {posts.Draft, "Drafts"}, {posts.Scheduled, "Scheduled"}, {posts.Deleted, "Deleted"}} {
		n, err := d.countOf(r, s.status)
		if err != nil {
			return nil, err
		}
		tabs = append(tabs, tab{s.name, "/desk/posts?status=" + string(s.status), n, s.status == current})
	}
	return tabs, nil
}

// listed is whose posts are listed for who is signed in, empty for everybody's.
func (d *Desk) listed(r *http.Request) string {
	if user := d.Who(r); !user.May(auth.WriteAll) {
		return user.ID
	}
	return ""
}

func (d *Desk) countOf(r *http.Request, status posts.Status) (int, error) {
	if author := d.listed(r); author != "" {
		return d.posts.CountOf(r.Context(), status, author)
	}
	return d.posts.Count(r.Context(), status)
}

// own reads a post that who is signed in may change. Any other is not there.
func (d *Desk) own(r *http.Request, id string) (*posts.Post, error) {
	p, err := d.posts.ByID(r.Context(), id)
	if err == nil && !d.Who(r).MayChange(p.AuthorID) {
		return nil, posts.ErrNotFound
	}
	return p, err
}

func (d *Desk) rows(r *http.Request, found []*posts.Post, book *words.Book) ([]row, error) {
	ids := make([]string, len(found))
	for i, p := range found {
		ids[i] = p.ID
	}
	answers, err := d.inbox.Counts(r.Context(), ids...)
	if err != nil {
		return nil, err
	}
	by, err := d.gate.Names(r.Context())
	if err != nil {
		return nil, err
	}
	rows := make([]row, len(found))
	for i, p := range found {
		at := p.Published
		switch p.Status {
		case posts.Draft:
			at = p.Updated
		case posts.Deleted:
			at = p.Deleted
		}
		rows[i] = row{Status: string(p.Status), ID: p.ID, Name: p.Called(book), Kind: p.Kind.Name(), Path: p.Path, When: d.when(at), Answers: answers[p.ID], Closed: p.Closed}
		if p.Visibility != posts.Public {
			rows[i].Seen = string(p.Visibility)
		}
		if p.Status == posts.Deleted {
			rows[i].Ends = d.when(p.Deleted.Add(posts.KeptFor))
		}
		if len(by) > 1 {
			rows[i].By = by[p.AuthorID]
		}
	}
	return rows, nil
}

// moved is the notice about the post that was just deleted or restored.
func (d *Desk) moved(r *http.Request, id string, book *words.Book) (*notice, error) {
	if id == "" {
		return nil, nil
	}
	p, err := d.own(r, id)
	if isNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return &notice{ID: p.ID, Name: p.Called(book), Deleted: p.Status == posts.Deleted, Live: p.Status == posts.Published}, nil
}

// movePost deletes or restores a post.
func (d *Desk) movePost(w http.ResponseWriter, r *http.Request) error {
	fields, err := form(w, r, formLimit)
	if err != nil {
		return err
	}
	id := chi.URLParam(r, "id")
	switch fields.Get("do") {
	case "delete":
		return d.remove(w, r, id)
	case "restore":
		if _, err := d.own(r, id); err != nil {
			return noPost(err)
		}
		if err := d.posts.Restore(r.Context(), id); err != nil {
			return noPost(err)
		}
		p, err := d.posts.ByID(r.Context(), id)
		if err != nil {
			return noPost(err)
		}
		return seeOther(w, r, moved(p.Status, id))
	case "purge":
		return d.purge(w, r, id)
	case "undo":
		return d.undoChange(w, r, id, fields)
	}
	return &page.Error{Status: http.StatusBadRequest}
}

// purge deletes for good what was deleted before.
func (d *Desk) purge(w http.ResponseWriter, r *http.Request, id string) error {
	if _, err := d.own(r, id); err != nil {
		return noPost(err)
	}
	err := d.posts.Purge(r.Context(), id, d.Who(r).ID)
	if errors.Is(err, posts.ErrChanged) {
		return &page.Error{Status: http.StatusConflict, Err: err, Text: "This post is not deleted any more: it was restored meanwhile. Nothing was done."}
	}
	if err != nil {
		return noPost(err)
	}
	return seeOther(w, r, "/desk/posts?purged&status=deleted")
}

// remove deletes a post and leads to the list it stood in.
func (d *Desk) remove(w http.ResponseWriter, r *http.Request, id string) error {
	p, err := d.own(r, id)
	if err != nil {
		return noPost(err)
	}
	if err := d.posts.Delete(r.Context(), id); err != nil {
		return noPost(err)
	}
	return seeOther(w, r, moved(p.Status, id))
}

func moved(list posts.Status, id string) string {
	return "/desk/posts?" + url.Values{"status": {string(list)}, "moved": {id}}.Encode()
}
