package source

import (
	"strings"
	"time"
)

const wordsLength = 200 // characters of how a page begins

// About is what a page says of itself: each in plain words on one line, empty
// where it says nothing.
type About struct {
	Title     string // empty for a note, whose name would only be its text again
	Words     string // how its text begins, or what it says it is about
	Author    string // whom it names; neither its site nor its host stands in for that
	AuthorURL string // of that author
	Site      string
	Published time.Time
}

// About reads what the page says of itself, whomever it links to, by the ways of
// Entry and in their order. Of several entries the page's own speaks; where none
// is, what belongs to one of them is not taken for the page's.
func (s *Source) About() About {
	r := &reading{source: s, same: func(string) bool { return false }, now: time.Now(), head: &head{}}
	r.linked = s.readLinked()
	if s.root != nil {
		r.head = s.readHead()
		r.readMicroformats()
	}
	r.leaveOutOthers()
	r.date()
	text := Line(r.beginning(), 2*wordsLength)
	a := About{
		Title:     Line(r.ownTitle(text), titleLength),
		Words:     Line(text, wordsLength),
		Site:      Line(r.siteName(), NameLength),
		Published: r.Published,
	}
	if a.Words == a.Title {
		a.Words = ""
	}
	a.Author, a.AuthorURL = r.namedAuthor(a.Site)
	return a
}

// leaveOutOthers forgets what is said of one of several entries or articles, as
// on a home page, where none of them is the page's own.
func (r *reading) leaveOutOthers() {
	if r.linked.several {
		r.linked = linked{site: r.linked.site}
	}
	if r.entry == nil && r.mf2 != nil && r.mf2.Several() {
		r.head.author, r.head.authorPage, r.head.dates = "", "", nil
	}
}

// namedAuthor is who wrote it, if the page says so. A person's site often bears
// their name, so that alone does not speak against it.
func (r *reading) namedAuthor(site string) (name, address string) {
	if r.linked.organization && Line(r.linked.author, NameLength) == site {
		r.linked.author = ""
	}
	author := r.whoSays()
	name = Line(author.Name, NameLength)
	host := strings.TrimPrefix(r.source.address.Hostname(), "www.")
	if name == "" || strings.EqualFold(strings.TrimPrefix(name, "www."), host) {
		return "", ""
	}
	return name, webOnly(author.URL)
}

// beginning is the text of the page, or at least how it begins: that of its
// entry, whose summary goes first as it may be there to warn; else what the page
// says it is about.
func (r *reading) beginning() string {
	if r.entry != nil {
		text := r.entry.Summary
		fill(&text, Text(Clean(r.entry.HTML, r.source.base)))
		fill(&text, r.entry.Text)
		if r.isNamedByText() {
			fill(&text, r.entry.Name)
		}
		if text != "" {
			return text
		}
	}
	text := r.linked.description
	fill(&text, r.head.first("og:description", "description", "twitter:description"))
	fill(&text, r.source.text)
	return text
}

// ownTitle is the title of a page whose text is known. That of a note is only
// its text again, or what the page calls a note. The classic microformats leave
// it open whether an entry without a name is one.
func (r *reading) ownTitle(text string) string {
	if r.entry != nil && r.entry.Name != "" && !r.isNamedByText() {
		return r.entry.Name
	}
	if r.entry != nil && r.entry.Text != "" && r.source.hasClass("h-entry") {
		return ""
	}
	title := r.linked.headline
	fill(&title, r.head.headline())
	title = Line(title, titleLength)
	if r.entry != nil && strings.HasPrefix(text, strings.TrimRight(title, "….! ")) {
		return ""
	}
	return title
}

// isNamedByText tells whether the name of the entry is all the text it has, which
// the parser then takes for its name.
func (r *reading) isNamedByText() bool {
	e := r.entry
	return e.Text == "" && e.Summary == "" && offset(e.Name, titleLength) < len(e.Name)
}

// hasClass tells whether an element of the page has the class.
func (s *Source) hasClass(name string) bool {
	for n := range s.elements() {
		if hasClass(n, name) {
			return true
		}
	}
	return false
}
