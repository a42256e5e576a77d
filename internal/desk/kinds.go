package desk

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"hark/internal/database"
	"hark/internal/posts"
)

// offered are the kinds that the editor offers, in the order in which it does.
var offered = []posts.Kind{
	posts.Note, posts.Article, posts.Photo, posts.Reply, posts.Bookmark, posts.Like, posts.Repost, posts.Event, posts.RSVP, posts.Checkin,
	posts.Video, posts.Audio, posts.Page,
}

// kindNamed is a kind that the editor offers, empty for any other.
func kindNamed(name string) posts.Kind {
	if kind := posts.Kind(name); slices.Contains(offered, kind) {
		return kind
	}
	return ""
}

// kindOptions are the kinds to choose among.
func kindOptions(chosen posts.Kind) (all []option) {
	for _, kind := range offered {
		all = append(all, option{string(kind), kind.Name(), kind == chosen})
	}
	return all
}

// speaking are the kinds that speak to a page, each with the way in which it does (see
// responding) and what its field asks for.
var speaking = map[posts.Kind]struct{ as, asks string }{
	posts.Reply:    {"in-reply-to", "The page that you answer"},
	posts.Bookmark: {"bookmark-of", "The page that you keep"},
	posts.Like:     {"like-of", "The page that you like"},
	posts.Repost:   {"repost-of", "The page that you share"},
	posts.RSVP:     {"rsvp-yes", "The page of the event"},
}

// turn sets the form up for a kind. Nothing that was typed is taken out, so the post
// may stay what it is: kinds follow from what posts say (docs/decisions/0017).
func (f *draft) turn(kind posts.Kind) {
	if kind == "" {
		return
	}
	f.Kind, f.OwnPage = kind, kind == posts.Page
	if one, speaks := speaking[kind]; speaks && !(kind == posts.RSVP && strings.HasPrefix(f.As, "rsvp-")) {
		f.As = one.as
	}
}

// forKind is the kind that the form is for: that of the post as it stands there, or, while
// it is no more than words, the one that was asked for.
func (f draft) forKind(is posts.Kind) posts.Kind {
	if words := is == posts.Note || is == posts.Article; words && f.Kind != "" && f.Kind != posts.Note && f.Kind != posts.Page {
		return f.Kind
	}
	return is
}

// stays says why a post does not become what was asked for, empty where it does.
func (f draft) stays(is posts.Kind) string {
	if f.Kind == "" || f.forKind(is) == f.Kind {
		return ""
	}
	return "What stands in the form makes it what it is: the address of a page, a file, a beginning, a place, a title. Empty those fields, and it becomes what you have chosen."
}

// lacking is what the kind has that the form is for, and the post has not yet. Where
// no kind was asked for, nothing is.
func (f draft) lacking(is posts.Kind) error {
	switch kind := f.forKind(is); {
	case kind == is:
		return nil
	case speaking[kind].as != "":
		return &posts.Invalid{Field: "in-reply-to", Text: "Which page? Give its address, or choose another kind."}
	case kind == posts.Event:
		return &posts.Invalid{Field: "start", Text: "When does it begin? Say so, or choose another kind."}
	case kind == posts.Checkin:
		return &posts.Invalid{Field: "checkin", Text: "Where are you? Say so, or choose another kind."}
	case kind == posts.Article:
		return &posts.Invalid{Field: "title", Text: "An article has a title. Give it one, or choose another kind."}
	default:
		return &posts.Invalid{Field: string(kind), Text: "There is no file for it yet. Add one, or choose another kind."}
	}
}

// First tells whether the fields of a part of the form come before the words: what
// the kind is about that the form is for.
func (p writePage) First(part string) bool {
	switch kind := string(p.Kind); part {
	case "re":
		return p.Asks() != ""
	case "files":
		return slices.Contains(posts.Attachable[:], kind)
	default:
		return kind == part
	}
}

// Asks is what the field of the page asks for that such a post speaks to.
func (p writePage) Asks() string { return speaking[p.Kind].asks }

// Titled tells whether there is a field for a title: what only speaks to a page has none.
func (p writePage) Titled() bool {
	return p.Draft.Title != "" || p.Wrong.Of("title") != nil || p.Asks() == "" || p.Kind == posts.Bookmark
}

// turned answers with the form set up for another kind. What stands there is kept as
// if the editor had sent it by itself.
func (d *Desk) turned(w http.ResponseWriter, r *http.Request, fields url.Values, f draft, p *posts.Post) error {
	if !fields.Has("at") || fields.Get("tab") == "" { // no script
		fields.Set("at", strconv.FormatInt(d.now().UnixMilli(), 10))
		fields.Set("tab", database.NewID())
	}
	for _, name := range []string{"turn", "page"} {
		fields.Del(name)
	}
	fields.Set("kind", string(f.Kind))
	fields.Set("as", f.As)
	if f.OwnPage {
		fields.Set("page", "on")
	}
	shown := writePage{Draft: f, Unsaved: true, parts: parts{Turned: true}}
	version, err := d.keepCopy(r, fields, f)
	switch {
	case errors.Is(err, posts.ErrChanged):
		return d.copyConflict(w, r, f, p)
	case err == nil && f.ID == "" && f.blank():
		shown.Unsaved = false
	case err == nil:
		kept := d.when(d.now())
		shown.Draft.Base, shown.Kept, shown.Unsaved = version, &kept, false
	case !errors.Is(err, posts.ErrCrowded) && !errors.Is(err, database.ErrFull): // then they stand in the form alone
		return err
	}
	return d.edit(w, r, http.StatusOK, p, shown)
}
