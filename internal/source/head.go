package source

import (
	"strings"
	"time"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"hark/internal/mf2"
)

// head is what a page says of itself outside microformats: in its <meta>, its
// <title>, its first heading, its links.
type head struct {
	meta       map[string]string // by property or name in lower case, the first of each
	title      string
	heading    string
	feed       string // the title of its feed
	home       string // the text of the link to its home page
	author     string // the text of the link to its author
	authorPage string
	language   string
	dates      []string
	looked     int // texts and places looked at
}

const (
	maxHeadTexts = 300 // bytes of a title or a name looked at
	maxPageDates = 5
	maxLooks     = 32
)

// readHead gathers it in one walk.
func (s *Source) readHead() *head {
	h := &head{meta: map[string]string{}}
	for n := range s.elements() {
		h.element(n, s)
	}
	return h
}

func (h *head) element(n *html.Node, s *Source) {
	if n.Namespace != "" {
		return
	}
	switch n.DataAtom {
	case atom.Html:
		h.language = attr(n, "lang")
	case atom.Meta:
		h.metaElement(n)
	case atom.Title:
		h.setOnce(&h.title, n)
	case atom.H1:
		h.setOnce(&h.heading, n)
	case atom.Link:
		h.linkElement(n)
	case atom.A:
		h.anchor(n, s)
	case atom.Time:
		h.time(n)
	}
	if h.author == "" && hasClass(n, "wp-block-post-author-name", "wp-block-post-author__name") {
		h.setOnce(&h.author, n)
	}
}

// metaElement keeps the first value of each property (Open Graph) or name.
func (h *head) metaElement(n *html.Node) {
	value := strings.TrimSpace(attr(n, "content"))
	if value == "" {
		return
	}
	for _, key := range []string{"property", "name", "itemprop"} {
		if name := strings.ToLower(attr(n, key)); name != "" && h.meta[name] == "" {
			h.meta[name] = value
		}
	}
}

// linkElement learns the site's name from its feed, which WordPress calls
// "Name » Feed".
func (h *head) linkElement(n *html.Node) {
	if h.feed != "" || attr(n, "rel") != "alternate" {
		return
	}
	if name, found := strings.CutSuffix(attr(n, "title"), "» Feed"); found {
		h.feed = strings.TrimSpace(name)
	}
}

func (h *head) anchor(n *html.Node, s *Source) {
	for _, rel := range strings.Fields(strings.ToLower(attr(n, "rel"))) {
		switch {
		case rel == "home":
			h.setOnce(&h.home, n)
		case rel == "author" && h.authorPage == "":
			h.setOnce(&h.author, n)
			h.authorPage, _ = s.resolve(attr(n, "href"))
		}
	}
}

// setOnce keeps the text of the first such element that has any.
func (h *head) setOnce(value *string, n *html.Node) {
	if *value == "" && h.look() {
		*value = Line(lineOf(n), maxHeadTexts)
	}
}

// time keeps the first dates that are not those of what others wrote.
func (h *head) time(n *html.Node) {
	value := attr(n, "datetime")
	if value != "" && len(h.dates) < maxPageDates && h.look() && !isQuoted(n) {
		h.dates = append(h.dates, value)
	}
}

// look bounds the work on a page that has much to look at and nothing to see.
func (h *head) look() bool {
	h.looked++
	return h.looked <= maxLooks
}

// isQuoted tells whether n stands in what others wrote, or beside the text.
func isQuoted(n *html.Node) bool {
	for a := n.Parent; a != nil && a.DataAtom != atom.Body; a = a.Parent {
		if isCommentArea(a) || isMargin(a) && a.DataAtom != atom.Footer {
			return true
		}
	}
	return false
}

// first is the first of these properties that the page has.
func (h *head) first(names ...string) string {
	for _, name := range names {
		if value := h.meta[name]; value != "" {
			return value
		}
	}
	return ""
}

// site is what the site calls itself.
func (h *head) site() string {
	for _, name := range []string{h.first("og:site_name", "application-name"), h.feed, h.home, h.restOfTitle()} {
		if name != "" && len(name) <= maxHeadTexts {
			return name
		}
	}
	return ""
}

// headline is the title of the page, without the name of the site in it.
func (h *head) headline() string {
	if title := h.first("og:title", "twitter:title", "dc.title", "dcterms.title"); title != "" {
		return withoutSite(title, h.site())
	}
	if h.title == "" {
		return h.heading
	}
	if h.restOfTitle() != "" {
		return h.heading
	}
	return withoutSite(h.title, h.site())
}

// restOfTitle is what stands in the title beside the heading of the page.
func (h *head) restOfTitle() string {
	if h.heading == "" || h.heading == h.title {
		return ""
	}
	if rest, found := strings.CutPrefix(h.title, h.heading); found {
		return cutSeparator(rest, true)
	}
	if rest, found := strings.CutSuffix(h.title, h.heading); found {
		return cutSeparator(rest, false)
	}
	return ""
}

// withoutSite takes the name of the site off either end of a title.
func withoutSite(title, site string) string {
	if site == "" || site == title {
		return title
	}
	if rest, found := strings.CutSuffix(title, site); found {
		if short := cutSeparator(rest, false); short != "" {
			return short
		}
	}
	if rest, found := strings.CutPrefix(title, site); found {
		if short := cutSeparator(rest, true); short != "" {
			return short
		}
	}
	return title
}

// cutSeparator takes the sign between two parts of a title off the front or
// the end of what is left. Without a sign there are no parts.
func cutSeparator(s string, front bool) string {
	const signs = "-–—|»«·•:~/<>"
	s = strings.TrimSpace(s)
	short := strings.TrimRight(s, signs)
	if front {
		short = strings.TrimLeft(s, signs)
	}
	if short == s {
		return ""
	}
	return strings.TrimSpace(short)
}

// published is the date the page gives itself.
func (h *head) published(now time.Time) time.Time {
	named := h.first("article:published_time", "og:published_time", "datepublished", "date", "dc.date", "dcterms.created", "pubdate")
	for _, value := range append([]string{named}, h.dates...) {
		if t, ok := mf2.ParseDate(value, now); ok {
			return t
		}
	}
	return time.Time{}
}

// writer is the author the page names in its <meta>, which some fill with an
// address.
func (h *head) writer() string {
	for _, name := range []string{"author", "article:author", "dc.creator", "dcterms.creator", "parsely-author"} {
		if value := h.meta[name]; value != "" && !isAbsolute(value) {
			return value
		}
	}
	return h.author
}
