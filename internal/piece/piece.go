// Package piece draws a post as it is read: what its own page shows of it, and the
// preview beside its text in the same way.
package piece

import (
	"html/template"

	"hark/internal/gallery"
	"hark/internal/media"
	"hark/internal/mentions"
	"hark/internal/posts"
	"hark/internal/settings"
	"hark/internal/words"
)

// Piece is a post as _pictures.html, _piece.html and _tags.html draw it.
type Piece struct {
	Things
	Title   string
	Cites   []Cite
	RSVP    template.HTML // what it answers to an invitation
	Tongue  template.HTMLAttr
	Content template.HTML
	Large   bool // the text is set large
	Tags    []Tag
}

// Tag is a tag and the path of its page, fit for a link.
type Tag struct{ Path, Name string }

// In is where a post is read.
type In struct {
	Base   string // the site's address, without a slash at its end
	Site   settings.Site
	Book   *words.Book // in whose language the page speaks
	Around string      // the language of what is around the post, as BCP 47
}

// Of is a post as it is read on a page, where these are its cards and what is known of
// its pictures.
func (in In) Of(p *posts.Post, cites []mentions.Cite, shown media.Shown) Piece {
	drawn := Piece{
		Things:  ThingsOf(p, in.Base, shown, in.Book),
		Title:   p.Title,
		Cites:   Cites(cites),
		RSVP:    RSVP(p, in.Book),
		Tongue:  posts.Around(in.Site.Language, in.Around).Tongue(p),
		Content: gallery.Text(p.Page(in.Site.Language), shown),
		Large:   p.Large(),
	}
	for _, name := range p.AllTags() {
		drawn.Tags = append(drawn.Tags, Tag{posts.TagPath(name), name})
	}
	return drawn
}

// Empty tells whether there is nothing to read yet.
func (p Piece) Empty() bool {
	return p.Title == "" && len(p.Cites)+len(p.Tags) == 0 && p.RSVP+p.Content == "" && p.Whole() == ""
}
