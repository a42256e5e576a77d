package site

import (
	"html/template"
	"net/url"

	"hark/internal/mentions"
	"hark/internal/page"
	"hark/internal/piece"
	"hark/internal/words"
)

// Who says something is drawn here and not by the templates: a page has hundreds
// of them, and each field that a template fills in costs about as much as a
// kilobyte. Whatever others wrote is escaped on its way.

// photo is the face of an author, empty where there is none.
func photo(m *mentions.Mention) string {
	if m.Face == "" {
		return ""
	}
	return `<img class="u-photo face" src="/faces/` + url.PathEscape(m.Face) + `" width="40" height="40" alt="" loading="lazy">`
}

// initials stand where there is no photo.
func initials(m *mentions.Mention) string {
	if m.Face != "" {
		return ""
	}
	return `<span class="face" aria-hidden="true">` + escape(m.Initials()) + `</span>`
}

// card is an author in a row of faces, whose name is told but not shown.
func card(m *mentions.Mention) template.HTML {
	return template.HTML(`<span class="p-author h-card">` + photo(m) + initials(m) + `<span class="p-name unseen">` + escape(m.AuthorName) + `</span></span>`)
}

// byline says who answers, and when. The date leads to the source.
func byline(m *mentions.Mention, dates *calendar) template.HTML {
	line := initials(m) + `<span class="p-author h-card">` + photo(m) + string(piece.AuthorLink(m.AuthorName, m.AuthorURL)) + `</span>`
	if m.Via == mentions.Own {
		line += ` <span class="caps mine">` + dates.book.Say("author") + `</span>`
	}
	if host := m.Carried(); host != "" {
		line += ` <span class="via">` + escape(dates.book.Say("via %s", host)) + `</span>`
	}
	return template.HTML(line + ` <a class="u-url plain" rel="nofollow ugc" ` + string(page.Href(m.Source)) + `>` + string(dates.published(said(m))) + `</a>`)
}

// more leads to the source of words that were cut; it is empty for whole ones.
func more(m *mentions.Mention, book *words.Book) template.HTML {
	if !m.IsCut() {
		return ""
	}
	return template.HTML(`<a class="more" rel="nofollow ugc" ` + string(page.Href(m.Source)) + `>` + escape(book.Say("read on")) + `</a>`)
}

// told is who says it, and by whom it was carried here.
func told(m *mentions.Mention, book *words.Book) string {
	if host := m.Carried(); host != "" {
		return m.AuthorName + ", " + book.Say("via %s", host)
	}
	return m.AuthorName
}

func escape(s string) string { return template.HTMLEscapeString(s) }
