package desk

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"hark/internal/database"
	"hark/internal/page"
	"hark/internal/posts"
)

// writePage is what desk/write.html draws: one form, whatever happened to it.
type writePage struct {
	frame
	Draft        draft
	Wrong        wrong
	Problem      string      // that concerns the form as a whole
	Saved        string      // in which state the post is kept
	Live         bool        // the post is published
	Planned      bool        // it is scheduled
	Path         string      // where it lives
	Year         string      // of its address
	Former       []string    // other addresses that lead to it
	Twice        string      // which of two times is meant, where a clock shows one twice
	Unsaved      bool        // what was typed came back without being saved
	Kept         *when       // it is a working copy, kept then
	Begun        *unsavedRow // what was written last and is no post yet
	Other        *otherVersion
	InUse        []posts.Tag   // the tags of the site, the most used first
	Templates    []templateRow // that a new post may begin with
	More         bool          // there are more of them
	TemplateName string        // as it was typed
	Templated    string        // the name of the template that was just made
	Errands      []errand      // files that are still elsewhere
	Places       []option      // that can copy the post
	Unasked      bool          // readers cannot show who they are
	Came         string        // what is to be done about files that came with the form
	Landed       []string      // posts that were saved since the browser has last shown an editor
	Kind         posts.Kind    // that the form is for
	parts
}

// mostTags is how many tags in use the editor knows.
const mostTags = 200

// otherVersion is what was saved elsewhere while this was being written.
type otherVersion struct {
	Saved when
	Draft draft
}

// write shows the editor, empty or with a post.
func (d *Desk) write(w http.ResponseWriter, r *http.Request) (err error) {
	id := chi.URLParam(r, "id")
	if id == "" {
		id = r.URL.Query().Get("id")
	}
	if key := r.URL.Query().Get("copy"); id == "" && key != "" {
		return d.resume(w, r, key)
	}
	if template := r.URL.Query().Get("template"); id == "" && template != "" {
		return d.fromTemplate(w, r, template)
	}
	if id == "" {
		shown := begun(r.URL.Query())
		if shown.Begun, err = d.begunLast(r); err != nil {
			return err
		}
		return d.edit(w, r, http.StatusOK, &posts.Post{}, shown)
	}
	p, err := d.own(r, id)
	if err != nil {
		return noPost(err)
	}
	if p.Status == posts.Deleted {
		return seeOther(w, r, "/desk/posts?status=deleted")
	}
	shown, err := d.goOn(r, p)
	if err != nil {
		return err
	}
	if p.Status == posts.Draft {
		// Whoever opens a draft wants to know; with a full disk it opens all the same.
		if err := d.look(r, &shown.Draft, p); err != nil && !errors.Is(err, database.ErrFull) {
			return err
		}
	}
	return d.edit(w, r, http.StatusOK, p, shown)
}

// edit answers with the editor. p is the post as it is kept, if it is.
func (d *Desk) edit(w http.ResponseWriter, r *http.Request, status int, p *posts.Post, shown writePage) (err error) {
	if shown.frame, err = d.frame(r, "Write", "write"); err != nil {
		return err
	}
	if p.ID != "" {
		shown.Title = shown.book.Say("Edit ‘%s’", p.Called(shown.book))
	}
	if chosen := shown.Site.Zone; p.ID == "" && !shown.Draft.Happens.Known && chosen != "UTC" {
		shown.Draft.Happens.Zone = chosen
	}
	if shown.Draft.Copy == "" {
		shown.Draft.Copy = database.NewID()
	}
	shown.Live, shown.Path, shown.Saved = p.Status == posts.Published, p.Path, d.saved(p)
	shown.Planned = p.Status == posts.Scheduled
	if shown.Draft.Visibility == "" {
		shown.Draft.Visibility, shown.Draft.Audience = seenByOf(p), strings.Join(p.Audience, "\n")
	}
	if !shown.Draft.HasAttached {
		shown.Draft.HasAttached, shown.Draft.Attached = true, attachedOf(p)
	}
	if shown.Draft.Zone == "" && shown.Draft.Published == "" { // nothing is written in UTC
		shown.Draft.Zone = d.settings.KnownZone().String()
	}
	shown.Draft.Zone = cmp.Or(shown.Draft.Zone, "UTC")
	shown.Twice = shown.Draft.twice(p)
	shown.Year = d.year(p)
	if shown.Places, err = d.places(r.Context(), shown.Draft); err != nil {
		return err
	}
	if shown.Errands, err = d.errands(r.Context(), p); err != nil {
		return err
	}
	if shown.Templates, shown.More, err = d.offered(r); err != nil {
		return err
	}
	if shown.Former, err = d.former(r.Context(), p); err != nil {
		return err
	}
	turned := shown.Turned
	if shown.parts, err = d.parts(r, shown.Draft, p); err != nil {
		return err
	}
	shown.Turned = turned
	shown.Kind = shown.Draft.forKind(shown.Is)
	if shown.Turned {
		shown.Came = shown.Draft.stays(shown.Is)
	}
	if shown.InUse, err = d.posts.Tags(r.Context(), mostTags); err != nil {
		return err
	}
	if shown.Landed = landed(r, d.cookies.saved); len(shown.Landed) > 0 && r.Method == http.MethodGet {
		d.cookies.Forget(w, d.cookies.saved)
	}
	readers, err := d.settings.Readers(r.Context())
	if err != nil {
		return err
	}
	shown.Unasked = !readers.Open()
	page.AskPlace(w.Header())
	page.Installable(w.Header())
	return d.send(w, status, "write", shown)
}

// year is what stands before the slug in the address that a post has or would have.
func (d *Desk) year(p *posts.Post) string {
	if folder := strings.Trim(path.Dir(p.Path), "/."); folder != "" {
		return folder
	}
	at := p.Published
	if at.IsZero() {
		at = d.now()
	}
	return at.In(d.settings.KnownZone()).Format("2006")
}

// former are the addresses that a post has had beside the one it has, in their order.
func (d *Desk) former(ctx context.Context, p *posts.Post) ([]string, error) {
	if p.Path == "" {
		return nil, nil
	}
	all, err := d.posts.Paths(ctx, p.ID)
	delete(all, p.Path)
	return slices.Sorted(maps.Keys(all)), err
}

// saved says in a few words how the post is kept.
func (d *Desk) saved(p *posts.Post) string {
	switch p.Status {
	case posts.Draft:
		return "A draft, saved " + d.when(p.Updated).Words + "."
	case posts.Scheduled:
		return "Scheduled for " + d.when(p.Published).Exact + "."
	case posts.Published:
		if p.Updated.Equal(p.Published) {
			return "Published " + d.when(p.Published).Words + "."
		}
		return "Published " + d.when(p.Published).Words + ", saved " + d.when(p.Updated).Words + "."
	}
	return ""
}

// saveDraft does what the editor's buttons say.
func (d *Desk) saveDraft(w http.ResponseWriter, r *http.Request) error {
	fields, err := form(w, r, writeLimit)
	if err != nil {
		return err
	}
	f := typed(fields)
	f.turn(kindNamed(fields.Get("turn")))
	if id := chi.URLParam(r, "id"); id != "" {
		f.ID = id
	}
	if err := d.heard(r, &f); err != nil {
		return err
	}
	p, err := d.kept(r, &f)
	if isNotFound(err) && f.Version != "" {
		return d.renew(w, r, http.StatusNotFound, f)
	}
	if err != nil {
		return noPost(err)
	}
	if status, shown := f.receive(baggageOf(r), fields); status > 0 {
		return d.edit(w, r, status, p, shown)
	}
	if fields.Has("turn") {
		return d.turned(w, r, fields, f, p)
	}
	if done, err := d.aside(r, fields, &f, p); done || err != nil {
		return d.beside(w, r, f, p, err)
	}
	switch fields.Get("do") {
	case "publish":
		return d.save(w, r, f, p, posts.Published)
	case "schedule":
		return d.save(w, r, f, p, posts.Scheduled)
	case "draft":
		return d.save(w, r, f, p, posts.Draft)
	case "template":
		return d.keepTemplate(w, r, f, p, fields.Get("template-name"))
	case "discard":
		return d.discard(w, r, f)
	case "delete":
		return d.deleteDraft(w, r, f.ID)
	}
	return &page.Error{Status: http.StatusBadRequest}
}

// kept is the post that is edited; for a new one what it began with. The form of a
// new one that was sent before is one of the post that came of it.
func (d *Desk) kept(r *http.Request, f *draft) (*posts.Post, error) {
	p, err := d.own(r, f.key())
	if f.ID == "" && isNotFound(err) {
		return d.begun(r, f.Template)
	}
	f.ID = f.key()
	return p, err
}

// save keeps what was typed, or answers with the form, and all that was typed in it.
func (d *Desk) save(w http.ResponseWriter, r *http.Request, f draft, before *posts.Post, status posts.Status) error {
	p := *before
	if p.ID == "" {
		p.AuthorID = d.Who(r).ID
	}
	p.Status, p.SavedBy = status, d.Who(r).ID
	if p.Path == "" && strings.TrimSpace(f.Published) == "" { // a plan that was taken out of its field is given up
		p.Published = time.Time{}
	}
	err := f.onto(&p)
	if err == nil {
		err = d.hinders(f, &p, status)
	}
	if err == nil {
		err = d.posts.SaveCopy(r.Context(), &p, d.copyOf(r, f), f.base())
	}
	invalid := (*posts.Invalid)(nil)
	switch {
	case err == nil:
		if err := d.media.Describe(r.Context(), p.SavedBy, p.Alts()); err != nil { // the post is saved all the same
			d.log.Warn("words of files not remembered", "err", err)
		}
		return d.leadTo(w, r, &p, f.At)
	case errors.As(err, &invalid):
		return d.edit(w, r, http.StatusUnprocessableEntity, before, unkept(f, invalid))
	case errors.Is(err, posts.ErrChanged):
		return d.outrun(w, r, f, status)
	case errors.Is(err, posts.ErrPurged):
		return d.renew(w, r, http.StatusConflict, f)
	case r.Context().Err() != nil: // nobody waits for the answer
		return err
	}
	code, problem := d.unwritten(err)
	return d.edit(w, r, code, before, writePage{Draft: f, Problem: problem})
}

// hinders is what keeps a post from coming out, or from coming out when its writer means.
func (d *Desk) hinders(f draft, p *posts.Post, status posts.Status) error {
	switch {
	case status == posts.Draft:
		return nil
	case status == posts.Scheduled && !p.Published.IsZero() && !p.Published.After(d.now()): // else it would be out at once
		return &posts.Invalid{Field: "published", Text: "This moment has passed. Give one that is to come, or publish it now."}
	}
	return f.lacking(p.Discover())
}

// unwritten says why words could not be written down, with the status of the answer.
// What no writer can mend goes to the log.
func (d *Desk) unwritten(err error) (status int, problem string) {
	if errors.Is(err, database.ErrFull) {
		return http.StatusInsufficientStorage, "The disk is full, so this is not saved. Your words still stand below. Make room on the disk, then save again; nothing needs a restart."
	}
	d.log.Error("words not saved", "err", err)
	return http.StatusInternalServerError, "This could not be saved; the log of the site says why. Your words still stand below. Save again in a while."
}

// leadTo leads to a post after it was saved by a form that was sent at a moment.
func (d *Desk) leadTo(w http.ResponseWriter, r *http.Request, p *posts.Post, at string) error {
	d.land(w, r, p.ID, at)
	if p.Status == posts.Published {
		return seeOther(w, r, p.Path)
	}
	return seeOther(w, r, "/desk/write/"+url.PathEscape(p.ID))
}

// outrun answers a form whose post was saved meanwhile. Where that was done with the
// same words, as by a button that was pressed twice, there is nothing to decide.
func (d *Desk) outrun(w http.ResponseWriter, r *http.Request, f draft, status posts.Status) error {
	newest, err := d.own(r, f.key())
	if err != nil {
		return noPost(err)
	}
	again := *newest
	again.Status = status
	if newest.Status != posts.Deleted && f.onto(&again) == nil && again.Equals(newest) {
		return d.leadTo(w, r, newest, f.At)
	}
	return d.conflict(w, r, f)
}

// renew answers a form whose post was deleted for good: with its words, of which another
// post comes when they are saved.
func (d *Desk) renew(w http.ResponseWriter, r *http.Request, status int, f draft) error {
	old := f.key()
	f.ID, f.Version, f.Copy = "", "", database.NewID()
	if err := d.posts.RenewCopy(r.Context(), old, d.Who(r).ID, f.Copy); err != nil {
		d.log.Warn("working copy not renewed", "err", err) // the words stand in the form
	}
	return d.edit(w, r, status, &posts.Post{}, writePage{Draft: f, Unsaved: true,
		Problem: "This post is not here any more: it was deleted for good, perhaps. Your words still stand below; saving them makes a new post."})
}

// unkept is the editor with a sentence beside the field that cannot be kept, or
// above all where it has no field.
func unkept(f draft, invalid *posts.Invalid) writePage {
	switch invalid.Field {
	case "title", "text", "tags", "slug", "published", "in-reply-to", "language", "series", "audience":
		return writePage{Draft: f, Wrong: wrong{invalid.Field: invalid.Text}}
	case "start", "end", "happens-zone", "location", "location-page", "location-geo", "checkin", "checkin-page", "checkin-geo":
		return writePage{Draft: f, Wrong: wrong{invalid.Field: invalid.Text}}
	case "bookmark-of", "like-of", "repost-of", "rsvp":
		return writePage{Draft: f, Wrong: wrong{"in-reply-to": invalid.Text}}
	case "photo", "video", "audio":
		return writePage{Draft: f, Wrong: wrong{showField: invalid.Text}}
	}
	return writePage{Draft: f, Problem: invalid.Text}
}

// conflict answers one whose post was saved elsewhere meanwhile: with what was
// typed here, what stands there, and the number by which the next save is made
// knowingly.
func (d *Desk) conflict(w http.ResponseWriter, r *http.Request, f draft) error {
	newest, err := d.own(r, f.key())
	if err != nil {
		return noPost(err)
	}
	f.ID = newest.ID
	if newest.Status == posts.Deleted {
		f.ID, f.Version, f.Copy = "", "", ""
		return d.edit(w, r, http.StatusConflict, &posts.Post{}, writePage{Draft: f,
			Problem: "This post was deleted elsewhere meanwhile. Your words still stand below; saving them makes a new post."})
	}
	f.Version = strconv.FormatInt(newest.Version, 10)
	return d.edit(w, r, http.StatusConflict, newest, writePage{Draft: f,
		Problem: "This post was saved elsewhere while you were writing, in another tab perhaps. Nothing is lost: your words are in the form, the others beside it. Take over what you want to keep. Saving now puts yours in their place.",
		Other:   &otherVersion{Saved: d.when(newest.Updated), Draft: d.draftOf(newest)}})
}

// deleteDraft takes a post away, and shows it among those that can be restored.
func (d *Desk) deleteDraft(w http.ResponseWriter, r *http.Request, id string) error {
	if id == "" {
		return seeOther(w, r, "/desk/write")
	}
	return d.remove(w, r, id)
}

func isNotFound(err error) bool { return errors.Is(err, posts.ErrNotFound) }

// noPost gives a missing post its sentence.
func noPost(err error) error {
	if isNotFound(err) {
		return &page.Error{Status: http.StatusNotFound, Err: err, Text: "There is no post at this address of the desk."}
	}
	return err
}
