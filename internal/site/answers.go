package site

import (
	"html/template"
	"slices"
	"strconv"
	"strings"
	"time"

	"hark/internal/auth"
	"hark/internal/mentions"
	"hark/internal/mf2"
	"hark/internal/page"
	"hark/internal/posts"
	"hark/internal/settings"
	"hark/internal/words"
)

// subject is what others answer: a post, or the site as a whole.
type subject struct {
	post   string // its key, empty for the site
	path   string // of the page beneath which the answers stand
	target string // the address that answers link to
	name   string
	closed bool // to new answers
	hidden bool // from all but a few: other sites can say nothing to it
}

func (s *Site) subject(p *posts.Post, book *words.Book) subject {
	return subject{post: p.ID, path: p.Path, target: s.address(p.Path), name: p.Called(book), closed: p.Closed, hidden: p.Visibility == posts.Private}
}

// ourselves is the site, whose mentions stand on the page about it.
func (s *Site) ourselves(site settings.Site) subject {
	return subject{path: "/about", target: s.URL + "/", name: site.Title}
}

// answers is what others say, as _answers.html draws it. Without a heading there is
// nothing to say of them.
type answers struct {
	Heading  string
	Tongue   template.HTMLAttr // of the words around the answers, where the post is in another language
	Rows     []row
	Replies  []reply
	Mentions []quote
	Pages    *pages // nil where all stand on one
	Tell     *tell  // nil where one is told elsewhere
}

// row is a row of faces: likes, reposts, bookmarks, or those who gave the same
// answer to an invitation.
type row struct {
	Heading string
	Class   string
	RSVP    string // the answer, where it is one
	Faces   []face
	Names   string
}

type face struct {
	Source template.HTMLAttr
	Name   string
	Card   template.HTML
}

// reply is an answer in words, with those it got.
type reply struct {
	ID      string
	Byline  template.HTML
	HTML    template.HTML
	More    template.HTML // the way to what was cut
	Replies []reply
}

// quote is a place that mentions the post.
type quote struct {
	HTML     template.HTML
	Inline   bool // HTML is a run of text
	Source   template.HTMLAttr
	Title    string
	By, Host string
	Face     template.HTML // of By
	Time     template.HTML
	More     template.HTML // the way to what was cut
}

// tell asks for the addresses of answers.
type tell struct {
	Target string
	OfSite bool // and not of a post
	Closed bool // it asks for none
}

func answersView(a *mentions.Answers, of subject, page int, dates *calendar) answers {
	if of.hidden && a.Count() == 0 {
		return answers{} // and there will be none
	}
	view := answers{Heading: of.heading(a.Count(), dates.book), Pages: pagesView(of, page, a.Pages)}
	view.addRow(a.Likes, a.Counts[mf2.Like], "u-like", "", dates.book.Count(a.Counts[mf2.Like], "like", "likes"), dates.book)
	view.addRow(a.Reposts, a.Counts[mf2.Repost], "u-repost", "", dates.book.Count(a.Counts[mf2.Repost], "repost", "reposts"), dates.book)
	view.addRow(a.Bookmarks, a.Counts[mf2.Bookmark], "u-bookmark", "", dates.book.Count(a.Counts[mf2.Bookmark], "bookmark", "bookmarks"), dates.book)
	for _, rsvp := range [...]struct{ value, words string }{
		{"yes", "going"}, {"maybe", "may come"}, {"interested", "interested"}, {"no", "not going"},
	} {
		view.addRow(saying(a.RSVPs, rsvp.value), a.RSVPed[rsvp.value], "p-comment", rsvp.value, dates.book.Sentence(strconv.Itoa(a.RSVPed[rsvp.value])+" "+rsvp.words), dates.book)
	}
	view.Replies = repliesView(a.Threads, dates)
	for _, m := range a.Mentions {
		view.Mentions = append(view.Mentions, quoteView(m, dates))
	}
	if page == 1 && !of.hidden {
		view.Tell = &tell{Target: of.target, OfSite: of.post == "", Closed: of.closed}
	}
	return view
}

// heading says how many answers there are.
func (of subject) heading(n int, book *words.Book) string {
	one, many := "answer", "answers"
	if of.post == "" {
		one, many = "mention", "mentions"
	}
	switch {
	case n > 0:
		return book.Count(n, one, many)
	case of.closed:
		return book.Sentence("No " + many)
	}
	return book.Sentence("No " + many + " yet")
}

func saying(all []*mentions.Mention, rsvp string) (some []*mentions.Mention) {
	for _, m := range all {
		if m.RSVP == rsvp {
			some = append(some, m)
		}
	}
	return some
}

// addRow adds those of total that are in list; the others stand on further pages.
func (a *answers) addRow(list []*mentions.Mention, total int, class, rsvp, heading string, book *words.Book) {
	if len(list) == 0 {
		return
	}
	r := row{Heading: heading, Class: class, RSVP: rsvp, Names: names(list, total, book)}
	for _, m := range list {
		r.Faces = append(r.Faces, face{page.Href(m.Source), told(m, book), card(m)})
	}
	a.Rows = append(a.Rows, r)
}

// names lists who they are: A, B and C. Only some are named, the others counted.
func names(list []*mentions.Mention, total int, book *words.Book) string {
	const most = 12
	var all []string
	for _, m := range list {
		if !slices.Contains(all, m.AuthorName) {
			all = append(all, m.AuthorName)
		}
	}
	others := total - len(list)
	if len(all) > most && len(all)+others > most+1 {
		others += len(all) - most
		all = all[:most]
	}
	if others > 0 {
		all = append(all, book.Count(others, "other", "others"))
	}
	return book.And(all)
}

func repliesView(threads []*mentions.Thread, dates *calendar) []reply {
	var list []reply
	for _, t := range threads {
		r := reply{ID: t.ID, Byline: byline(t.Mention, dates), HTML: t.HTML, More: more(t.Mention, dates.book), Replies: repliesView(t.Answers, dates)}
		if r.HTML == "" {
			r.HTML = template.HTML(escape(t.Title))
		}
		list = append(list, r)
	}
	return list
}

func quoteView(m *mentions.Mention, dates *calendar) quote {
	q := quote{
		HTML: m.HTML, Inline: !strings.Contains(string(m.HTML), "<p") && !strings.Contains(string(m.HTML), "<blockquote"),
		Source: page.Href(m.Source), Title: m.Title, Host: m.Host(), Face: template.HTML(photo(m)), Time: dates.published(said(m)), More: more(m, dates.book),
	}
	if q.Title == "" {
		q.Title = posts.Bare(m.Source)
	}
	if bare, _, _ := strings.Cut(q.Host, ":"); m.AuthorName != bare && m.AuthorName != q.Host && m.AuthorName != q.Title {
		q.By = m.AuthorName
		if m.Carried() != "" {
			q.Host = dates.book.Say("via %s", q.Host)
		}
	}
	return q
}

// said is when it was said, or else when we heard of it.
func said(m *mentions.Mention) time.Time {
	if m.Published.IsZero() {
		return m.Received
	}
	return m.Published
}

// outdating names what outdates a page with these answers: what happens to its
// subject, and to our posts whose answers stand here, too.
func (of subject) outdating(a *mentions.Answers) []string {
	names := []string{posts.Generation(of.post), posts.Lists, settings.Generation, auth.People}
	for _, id := range a.Posts {
		names = append(names, posts.Generation(id))
	}
	return names
}

// pages leads from one page of answers to the others. An address is empty where
// there is no such page.
type pages struct {
	Number, Of               int
	Earlier, Further, Newest string
}

func pagesView(of subject, page, last int) *pages {
	if last < 2 {
		return nil
	}
	p := &pages{Number: page, Of: last}
	if page > 1 {
		p.Earlier = of.page(page - 1)
	}
	if page < last {
		p.Further = of.page(page + 1)
	}
	if page < last-1 {
		p.Newest = of.page(last)
	}
	return p
}

// page is the path of one of the pages. The first stands beneath the subject.
func (of subject) page(n int) string {
	if n == 1 {
		return of.path + "#answers"
	}
	return of.path + "/answers/" + strconv.Itoa(n)
}
