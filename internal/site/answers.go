package site

import (
	"html/template"
	"slices"
	"strings"
	"time"

	"hark/internal/mentions"
)

// answers is what others say, as it stands beneath a post.
type answers struct {
	Heading  string
	Rows     []row
	Replies  []reply
	Mentions []quote
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
	Source         template.HTMLAttr
	Name, Initials string
}

// reply is made of few parts, since each costs about as much as a kilobyte.
type reply struct {
	ID       string
	Initials string
	Author   template.HTML // the name, and the way to its owner where that is known
	Own      bool
	Via      string
	When     template.HTML // the date, which leads to the source
	HTML     template.HTML
	Replies  []reply // to it
}

// quote is a place that mentions the post.
type quote struct {
	HTML     template.HTML
	Inline   bool // HTML is a run of text
	Source   template.HTMLAttr
	Title    string
	By, Host string
	Time     template.HTML
}

func answersView(a *mentions.Answers, dates *calendar) answers {
	view := answers{Heading: "No answers yet"}
	if n := a.Count(); n > 0 {
		view.Heading = count(n, "answer", "answers")
	}
	view.addRow(a.Likes, "u-like", "", "like", "likes")
	view.addRow(a.Reposts, "u-repost", "", "repost", "reposts")
	view.addRow(a.Bookmarks, "u-bookmark", "", "bookmark", "bookmarks")
	for _, rsvp := range [...]struct{ value, words string }{
		{"yes", "going"}, {"maybe", "may come"}, {"interested", "interested"}, {"no", "not going"},
	} {
		view.addRow(saying(a.RSVPs, rsvp.value), "p-comment", rsvp.value, rsvp.words, rsvp.words)
	}
	for _, t := range a.Threads {
		view.Replies = append(view.Replies, replyView(t, dates))
	}
	for _, m := range a.Mentions {
		view.Mentions = append(view.Mentions, quoteView(m, dates))
	}
	return view
}

func saying(all []*mentions.Mention, rsvp string) (some []*mentions.Mention) {
	for _, m := range all {
		if m.RSVP == rsvp {
			some = append(some, m)
		}
	}
	return some
}

// mostFaces bounds a row; the rest are counted.
const mostFaces = 100

func (a *answers) addRow(list []*mentions.Mention, class, rsvp, one, many string) {
	if len(list) == 0 {
		return
	}
	r := row{Heading: count(len(list), one, many), Class: class, RSVP: rsvp, Names: names(list)}
	for _, m := range list[:min(len(list), mostFaces)] {
		r.Faces = append(r.Faces, face{href(m.Source), m.AuthorName, m.Initials()})
	}
	a.Rows = append(a.Rows, r)
}

// names lists who they are: A, B and C.
func names(list []*mentions.Mention) string {
	const most = 12
	var all []string
	for _, m := range list {
		if !slices.Contains(all, m.AuthorName) {
			all = append(all, m.AuthorName)
		}
	}
	if more := len(all) - most; more > 1 {
		all = append(all[:most], count(more, "other", "others"))
	}
	if n := len(all) - 1; n > 0 {
		return strings.Join(all[:n], ", ") + " and " + all[n]
	}
	return all[0]
}

func replyView(t *mentions.Thread, dates *calendar) reply {
	m := t.Mention
	r := reply{
		ID: m.ID, Initials: m.Initials(), Author: authorLink(m.AuthorName, m.AuthorURL),
		Own: m.Via == mentions.Own, Via: m.Carried(), HTML: m.HTML,
		When: template.HTML(`<a class="u-url plain" rel="nofollow ugc" ` + string(href(m.Source)) + `>` + string(dates.published(said(m))) + `</a>`),
	}
	if r.HTML == "" {
		r.HTML = template.HTML(template.HTMLEscapeString(m.Title))
	}
	for _, answer := range t.Answers {
		r.Replies = append(r.Replies, replyView(answer, dates))
	}
	return r
}

func authorLink(name, address string) template.HTML {
	name = template.HTMLEscapeString(name)
	if attribute := href(address); attribute != "" {
		return template.HTML(`<a class="p-name u-url plain" rel="nofollow ugc" ` + string(attribute) + `>` + name + `</a>`)
	}
	return template.HTML(`<span class="p-name">` + name + `</span>`)
}

func quoteView(m *mentions.Mention, dates *calendar) quote {
	q := quote{
		HTML: m.HTML, Inline: !strings.Contains(string(m.HTML), "<p") && !strings.Contains(string(m.HTML), "<blockquote"),
		Source: href(m.Source), Title: m.Title, Host: m.Host(), Time: dates.published(said(m)),
	}
	if q.Title == "" {
		q.Title = bare(m.Source)
	}
	if bare, _, _ := strings.Cut(q.Host, ":"); m.AuthorName != bare && m.AuthorName != q.Host && m.AuthorName != q.Title {
		q.By = m.AuthorName
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
