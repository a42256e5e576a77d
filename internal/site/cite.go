package site

import (
	"html/template"

	"hark/internal/mentions"
)

// cite is the card of a page that a post responds to, as _cite.html draws it.
type cite struct {
	mentions.Cite
	By   template.HTML // the author, and the way there
	Href template.HTMLAttr
}

// cited makes the cards of a post drawable.
func cited(list []mentions.Cite) []cite {
	if len(list) == 0 {
		return nil
	}
	drawn := make([]cite, len(list))
	for n, c := range list {
		drawn[n] = cite{Cite: c, Href: href(c.Address)}
		if c.Author != "" {
			drawn[n].By = template.HTML(authorLink(c.Author, c.AuthorURL))
		}
	}
	return drawn
}
