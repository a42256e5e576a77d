package piece

import (
	"html/template"

	"hark/internal/mentions"
	"hark/internal/page"
)

// Cite is the card of a page that a post responds to, as _cite.html draws it.
type Cite struct {
	mentions.Cite
	By   template.HTML // the author, and the way there
	Href template.HTMLAttr
}

// Cites makes the cards of a post drawable.
func Cites(list []mentions.Cite) []Cite {
	if len(list) == 0 {
		return nil
	}
	drawn := make([]Cite, len(list))
	for n, c := range list {
		drawn[n] = Cite{Cite: c, Href: page.Href(c.Address)}
		if c.Author != "" {
			drawn[n].By = AuthorLink(c.Author, c.AuthorURL)
		}
	}
	return drawn
}

// AuthorLink is a name, and the way to its owner where that is known.
func AuthorLink(name, address string) template.HTML {
	name = template.HTMLEscapeString(name)
	if attribute := page.Href(address); attribute != "" {
		return template.HTML(`<a class="p-name u-url plain" rel="nofollow ugc" ` + string(attribute) + `>` + name + `</a>`)
	}
	return template.HTML(`<span class="p-name">` + name + `</span>`)
}
