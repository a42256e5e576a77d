package site

import (
	"golang.org/x/text/language"

	"hark/internal/settings"
	"hark/internal/words"
)

// tongueOf is the language of a page, without what people wrote: the site's own
// where that is the one the page speaks, or a kind of it that is read from the same
// side.
func tongueOf(site settings.Site, book *words.Book) string {
	own, err := language.Parse(site.Language)
	if err != nil {
		return book.Tag()
	}
	a, _ := own.Base()
	if b, _ := language.Make(book.Tag()).Base(); a == b && words.FromRight(site.Language) == book.FromRight() {
		return site.Language
	}
	return book.Tag()
}
