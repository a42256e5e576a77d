package site

import (
	"html/template"
	"net/http"
	"strings"

	"hark/internal/auth"
	"hark/internal/page"
	"hark/internal/posts"
	"hark/internal/settings"
	"hark/internal/words"
)

const htmlType = "text/html; charset=utf-8"

// frame is what the layout needs of every page.
type frame struct {
	book        *words.Book // in whose language it is
	Lang        string
	Title       string // of the document
	Description string
	Site        string        // the name of the site
	Base        string        // its address
	Author      string        // never empty
	Doors       bool          // whether other sites may answer here
	Alternates  template.HTML // the feeds that are announced, the page's own among them, and the hub
	Canonical   string
	Hidden      bool           // search engines are to leave it out
	Leads       []*posts.Named // the pages of the site
	*dress
	Bar *deskbar
}

// deskbar is the bar at the top for who is signed in.
type deskbar struct {
	Waiting int // answers that wait for a decision
	user    *auth.User
}

// What it leads to.

func (b *deskbar) MayDecide() bool { return b.user.May(auth.Decide) }
func (b *deskbar) MayTell() bool   { return b.user.May(auth.Tell) }
func (b *deskbar) MayDefend() bool { return b.user.May(auth.Defend) }
func (b *deskbar) MayChoose() bool { return b.user.May(auth.Choose) }
func (b *deskbar) MayInvite() bool { return b.user.May(auth.Invite) }

// frame fills in what every page has. A page without a title of its own has the
// site's.
func (s *Site) frame(site settings.Site, title string, bar *deskbar) frame {
	d := s.dressed(site)
	f := frame{book: d.book, dress: d, Lang: d.lang, Title: site.Title, Site: site.Title, Base: s.URL, Author: site.Writer(), Doors: true, Hidden: site.Unlisted == settings.Yes, Bar: bar, Alternates: feedElements(site.Title, s.URL) + searchElement(site.Title)}
	if title != "" {
		f.Title = title + " · " + site.Title
	}
	return f
}

// Speaks makes each page a [page.Speaker].
func (f frame) Speaks() *words.Book { return f.book }

// FromRight tells whether what the page says is read from the right.
func (f frame) FromRight() bool { return f.book.FromRight() }

// book is the language of the pages.
func (s *Site) book(site settings.Site) *words.Book { return s.dressed(site).book }

// header is what every page announces of its doors and feeds (W3C Webmention,
// section 3.1.2; Pingback 1.0, section 2.1). All links stand in one line, since
// some senders read only the first. feeds is the path whose own feeds
// are announced beside the site's, or empty.
func (s *Site) header(feeds string) http.Header {
	links := s.links
	if feeds != "" {
		links += ", " + feedLinks(s.address(feeds))
	}
	return http.Header{
		"Content-Type": {htmlType},
		"Link":         {links},
		"X-Pingback":   {s.URL + "/pingback"},
	}
}

// feedLinks announces the feeds that lie below an address.
func feedLinks(address string) string {
	var links []string
	for _, form := range forms {
		links = append(links, `<`+address+`/feed.`+form.name+`>; rel="alternate"; type="`+form.mediaType+`"`)
	}
	return strings.Join(links, ", ")
}

// feedElements announces the feeds that lie below an address in the head of a
// page. They are drawn here, since twelve fields cost more than the rest of it.
func feedElements(title, address string) template.HTML {
	var elements strings.Builder
	for _, form := range forms {
		elements.WriteString(`<link rel="alternate" type="` + form.mediaType + `" title="` + escape(title) + `" href="` + escape(address) + `/feed.` + form.name + "\">\n")
	}
	return template.HTML(elements.String())
}

// answer draws a page. feeds is as in header, and the topic what it is.
func (s *Site) answer(template, feeds string, t topic, data any, dates *calendar, dependsOn ...string) (*page.Answer, error) {
	body, err := s.Pages.Render(template, data)
	if err != nil {
		return nil, err
	}
	header := s.header(feeds)
	t.announce(header)
	return &page.Answer{Header: header, Body: body, Until: dates.until, DependsOn: dependsOn}, nil
}
