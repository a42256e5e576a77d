package source

import (
	"context"
	"net/url"
	"strings"
	"time"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"hark/internal/fetch"
	"hark/internal/mf2"
)

// How many characters are shown of what others say.
const (
	ReplyLength   = 1000 // of a reply
	MentionLength = 280  // of everything else
	NameLength    = 100  // of a name
	titleLength   = 200
)

const maxAddress = 2048 // bytes of an address; a longer one is none

// Entry is what a source says about our post, ready to be shown, and what of
// it helps to judge it.
type Entry struct {
	Kind        mf2.Kind
	AuthorName  string // the author, else the site, else the host; never empty
	AuthorURL   string
	AuthorPhoto string
	Site        string
	Title       string
	HTML        string // cleaned and cut
	Text        string // the same in plain words, on one line
	Published   time.Time
	RSVP        string
	ReplyTo     string // the address of what else it answers: another answer, perhaps
	Claimed     string // the u-url of the entry: a claim that identifies nothing

	NamedAuthor  bool   // AuthorName is a person the page names, not its site or host
	Microformats bool   // an entry with microformats answers us
	Element      string // the element that links
	Place        Place  // where it stands
	LinkCount    int    // links to other hosts in the text around it
	HostCount    int    // hosts these lead to
	Language     string // of the page, as it says
}

// Getter fetches a page. It is how the authorship algorithm asks its one
// further question.
type Getter func(ctx context.Context, address string) (*fetch.Page, error)

// reading is the work of reading one source.
type reading struct {
	source *Source
	same   func(string) bool
	author string // the page to ask for the author, if this one only names it
	now    time.Time
	head   *head
	linked linked
	mf2    *mf2.Document
	entry  *mf2.Entry
	match  match
	Entry
}

// Entry reads what the source says of the target that same knows. Each of
// its ways of telling fills what those before it left open: microformats,
// JSON-LD, Open Graph and <meta>, <title>, the text around the link. Where the
// page only names the one of its author, that is asked with get, unless it is nil;
// by then nothing here holds the page.
func (s *Source) Entry(ctx context.Context, same func(string) bool, get Getter) Entry {
	e, author := s.readAlone(same)
	if author != "" && get != nil {
		e.introduce(ctx, author, get)
	}
	return e
}

// readAlone reads what the source itself says, and which page it names as its
// author's, if that has to be asked.
func (s *Source) readAlone(same func(string) bool) (e Entry, author string) {
	r := &reading{source: s, same: same, now: time.Now(), head: &head{}}
	r.Kind = mf2.Mention
	r.linked = s.readLinked()
	if s.root != nil {
		r.readPage()
	} else {
		r.readDocument()
	}
	r.name()
	r.date()
	r.finish()
	return r.Entry, r.author
}

// readPage reads an HTML page.
func (r *reading) readPage() {
	r.head = r.source.readHead()
	r.Language = Line(r.head.language, 20)
	if m, found := r.source.match(r.same); found {
		r.match, r.Element, r.Place = m, m.name, m.place
		r.countLinks()
	}
	r.readMicroformats()
	if r.entry != nil {
		r.Kind, r.RSVP, r.Claimed = r.entry.Kind, r.entry.RSVP, webOnly(r.entry.URL)
		r.Title = r.entry.Name
		r.ReplyTo = r.answered()
	}
	r.say()
}

// readMicroformats finds the entry that speaks. A page that makes this too costly
// has none.
func (r *reading) readMicroformats() {
	if document, err := mf2.Parse(r.source.root, r.source.address); err == nil {
		r.mf2 = document
		r.entry, r.Microformats = document.Entry(r.same)
	}
}

// answered is the first address beside ours that the entry answers.
func (r *reading) answered() string {
	for _, address := range r.entry.InReplyTo {
		if !r.same(address) {
			return address
		}
	}
	return ""
}

// readDocument reads a JSON document or a plain text.
func (r *reading) readDocument() {
	r.Place = InText
	if r.source.data != nil {
		r.Element = "JSON value"
		return
	}
	r.Element = "text"
	if start, end, found := findWord(r.source.text, r.same); found {
		from, to := max(0, start-4*aroundLink), min(len(r.source.text), end+4*aroundLink)
		window := strings.ToValidUTF8(r.source.text[from:to], "")
		if at := strings.Index(window, r.source.text[start:end]); at >= 0 {
			r.setText(around(window, at, at+end-start))
		}
	}
}

// say takes the words of the mention: those of the entry, if they answer us or
// are few; else its summary; else those around the link.
func (r *reading) say() {
	switch {
	case r.entry != nil && r.fits():
		r.setHTML(r.entry.HTML, r.entry.Text)
	case r.entry != nil && r.entry.Summary != "":
		r.setText(r.entry.Summary)
	case r.Kind == mf2.Mention && r.isReadable():
		r.setText(excerpt(r.match.node))
	case r.entry != nil && r.isSpoken():
		r.setHTML(r.entry.HTML, r.words())
	}
	if r.Text == "" && r.Kind == mf2.Mention {
		r.setText(r.head.first("og:description", "description", "twitter:description"))
	}
}

// fits tells whether the words of the entry can stand as they are.
func (r *reading) fits() bool {
	said := r.entry.Text != "" || r.entry.HTML != ""
	return said && (r.Kind != mf2.Mention || offset(r.entry.Text, MentionLength) == len(r.entry.Text))
}

// isReadable tells whether the words around the link are those of the entry,
// and for readers.
func (r *reading) isReadable() bool {
	return r.match.node != nil && r.Place != InHiding && r.Place != InHead && (r.entry == nil || r.entry.Holds)
}

// words are the text of the entry. A note may have it in its name alone.
func (r *reading) words() string {
	text := r.entry.Text
	if r.Kind != mf2.Mention {
		fill(&text, r.entry.Name)
	}
	return text
}

// isSpoken tells whether the kind is one that says something in words.
func (r *reading) isSpoken() bool {
	switch r.Kind {
	case mf2.Like, mf2.Repost, mf2.Bookmark:
		return false
	}
	return true
}

func (r *reading) setText(text string) {
	r.setHTML("", text)
}

// setHTML cleans and cuts what is said.
func (r *reading) setHTML(markup, text string) {
	length := MentionLength
	switch r.Kind {
	case mf2.Reply, mf2.RSVP, mf2.Reaction:
		length = ReplyLength
	}
	if markup == "" {
		markup = html.EscapeString(Line(text, 2*ReplyLength))
	}
	r.HTML = Cut(Clean(markup, r.source.base), length)
	r.Text = lineOf(parseFragment(r.HTML))
}

// date takes the first plausible date.
func (r *reading) date() {
	if r.entry != nil {
		r.Published = r.entry.Published
	}
	if r.Published.IsZero() {
		r.Published, _ = mf2.ParseDate(r.linked.published, r.now)
	}
	if r.Published.IsZero() {
		r.Published = r.head.published(r.now)
	}
}

// finish takes the title. What a page calls a note by is often the start of
// its text again, and no title.
func (r *reading) finish() {
	fill(&r.Title, r.linked.headline)
	fill(&r.Title, r.head.headline())
	r.Title = Line(r.Title, titleLength)
	note := r.entry != nil && r.entry.Name == ""
	if note && strings.HasPrefix(r.Text, strings.TrimRight(r.Title, "….! ")) {
		r.Title = ""
	}
}

// countLinks counts the links to other hosts in the text that holds ours.
func (r *reading) countLinks() {
	hosts := map[string]bool{}
	story := storyOf(r.match.node)
	for n := range story.Descendants() {
		if n.DataAtom != atom.A {
			continue
		}
		address, ok := r.source.resolve(attr(n, "href"))
		if u, err := url.Parse(address); ok && err == nil && !strings.EqualFold(u.Host, r.source.address.Host) {
			r.LinkCount++
			hosts[strings.ToLower(u.Host)] = true
		}
	}
	r.HostCount = len(hosts)
}

// storyOf is the whole text that n is part of.
func storyOf(n *html.Node) *html.Node {
	for a := n.Parent; a != nil; a = a.Parent {
		if isEntryElement(a) || a.DataAtom == atom.Body || a.Parent == nil {
			return a
		}
	}
	return n
}

// isEntryElement tells whether n holds one whole text.
func isEntryElement(n *html.Node) bool {
	return n.DataAtom == atom.Article || n.DataAtom == atom.Main || hasClass(n, "h-entry", "hentry", "h-event", "h-cite")
}
