package piece

import (
	"html/template"

	"hark/internal/gallery"
	"hark/internal/media"
	"hark/internal/occasion"
	"hark/internal/posts"
	"hark/internal/words"
)

// Things are what a post is about beside its words, drawn with the properties of
// microformats2.
type Things struct {
	Pictures template.HTML
	First    bool          // the pictures are what it is about: they come first
	Players  template.HTML // films and recordings
	Event    template.HTML // when and where
	Place    template.HTML // where the post was written, or its author is
}

// ThingsOf draws them. base is the address of the site, and shown what is known of the
// pictures, for pages; feeds leave it empty.
func ThingsOf(p *posts.Post, base string, shown media.Shown, book *words.Book) Things {
	drawn := gallery.Of(p, base, shown, book)
	t := Things{Pictures: drawn.Pictures, First: p.Kind == posts.Photo && drawn.Large, Players: drawn.Players}
	t.Event, t.Place = occasion.Of(p, book)
	return t
}

// Whole is all of it, for feeds, where it stands alone.
func (t Things) Whole() string { return string(t.Event + t.Place + t.Pictures + t.Players) }

// RSVP is the answer that a post gives to an invitation, empty for none.
func RSVP(p *posts.Post, book *words.Book) template.HTML {
	if p.Kind != posts.RSVP {
		return ""
	}
	value, said := p.RSVP(), "Is interested"
	switch value {
	case "yes":
		said = "Is going"
	case "no":
		said = "Is not going"
	case "maybe":
		said = "Might go"
	}
	return template.HTML(`<data class="p-rsvp" value="` + value + `">` + template.HTMLEscapeString(book.Sentence(said)) + `</data>`)
}
