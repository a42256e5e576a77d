package desk

import (
	"bytes"
	"html/template"
	"strings"

	"golang.org/x/net/html"

	"hark/internal/mentions"
	"hark/internal/mf2"
	"hark/internal/posts"
	"hark/internal/words"
)

// item is one mention as the desk draws it.
type item struct {
	ID       string
	State    string // in words
	Why      string // the reason of its state
	On       string // "Reply to"
	Post     string // the name of what it is about
	Path     string // and where that lives
	Source   string
	Via      string
	FromHost string // the address of the list of all from its host
	Received when
	Words    quote  // as they would be shown
	Old      *quote // as they are shown, where others wait
	Buttons  []button
	Next     string    // the mention in the list to go on with
	Back     []carried // leads its form back to the list
}

// quote is what a mention says.
type quote struct {
	Author, AuthorURL string
	Face              string // the name of a picture of theirs; empty: initials stand for it
	Initials          string
	Host              string
	More              bool // there is more to read at the source
	Carried           bool // by another site than the author's
	When              when
	Line              string // of one that says nothing in words
	HTML              template.HTML
	Brief             string // the beginning, where a list has no room for all
	Length            string // of all, where only the beginning stands there
	Title             string
	Source            string
	Quoted            bool // drawn as a quotation, not as an answer
}

func (d *Desk) item(m *mentions.Mention, about *posts.Brief, book *words.Book) item {
	it := item{
		ID: m.ID, State: stateWords(m), Why: reason(m), On: onWords(m.Kind), Post: "your site", Path: "/",
		Source: m.Source, Via: viaWords(m.Via), Received: d.when(m.Received),
		FromHost: search{State: m.State, Host: m.Host()}.address(),
	}
	if about != nil {
		it.Post, it.Path = about.Called(book), about.Path
	}
	it.Words = d.words(m, m.Content)
	if m.Changed != nil {
		old := it.Words
		it.Old, it.Words = &old, d.words(m, *m.Changed)
	}
	return it
}

func (d *Desk) words(m *mentions.Mention, c mentions.Content) quote {
	as := *m
	as.Content = c
	w := quote{
		Author: c.AuthorName, AuthorURL: c.AuthorURL, Face: c.Face, Initials: c.Initials(), Host: m.Host(), Carried: as.Carried() != "", More: c.IsCut(),
		When: d.when(c.Published), HTML: c.HTML, Title: c.Title, Source: m.Source,
		Quoted: c.Kind == mf2.Mention || c.Kind == mf2.Tag,
	}
	if w.Author == "" {
		w.Author, w.Initials = w.Host, strings.ToUpper(firstRune(w.Host))
	}
	if c.Kind == "" { // nothing was read in it
		w.Title, w.Quoted = m.Source, true
	}
	if w.Title == "" {
		w.Title = w.Host
	}
	if w.When.Words == "" {
		w.When = d.when(m.Received)
	}
	if strings.TrimSpace(string(c.HTML)) == "" {
		w.Line = kindLine(m, c)
	}
	w.Brief, w.Length = brief(c.HTML)
	return w
}

// whole is the item with all its words, for a page of its own.
func (it item) whole() item {
	it.Words.Brief = ""
	if it.Old != nil {
		old := *it.Old
		old.Brief = ""
		it.Old = &old
	}
	return it
}

// How much of a mention stands in the list.
const (
	briefRunes = 420
	briefLines = 8
)

// brief is the beginning of long words as plain text, and how long all of it
// is; both are empty for short ones.
func brief(all template.HTML) (beginning, length string) {
	text, lines := plain(all)
	runes := []rune(text)
	if len(runes) <= briefRunes && lines <= briefLines {
		return "", ""
	}
	length = plural(len(strings.Fields(text)), "word")
	if len(runes) > briefRunes {
		text = cut(text, briefRunes*2/3)
		if space := strings.LastIndexByte(text, ' '); space > 0 {
			text = text[:space]
		}
		text = strings.TrimRight(text, " ,;:.–-") + " …"
	}
	return text, length
}

// plain is the text of cleaned HTML, and on how many lines it stands at least.
func plain(all template.HTML) (text string, lines int) {
	var b strings.Builder
	z := html.NewTokenizer(strings.NewReader(string(all)))
	for {
		switch z.Next() {
		case html.ErrorToken:
			return strings.Join(strings.Fields(b.String()), " "), lines
		case html.TextToken:
			lines += bytes.Count(z.Raw(), []byte("\n"))
			b.Write(z.Text())
		case html.StartTagToken, html.SelfClosingTagToken:
			if name, _ := z.TagName(); breaks(string(name)) {
				lines++
				b.WriteByte(' ')
			}
		}
	}
}

// breaks tells whether an element begins a new line.
func breaks(element string) bool {
	switch element {
	case "p", "br", "li", "pre", "blockquote":
		return true
	}
	return false
}

func firstRune(s string) string {
	for _, r := range s {
		return string(r)
	}
	return ""
}

// kindLine says what a mention does that says nothing in words.
func kindLine(m *mentions.Mention, c mentions.Content) string {
	switch c.Kind {
	case mf2.Like:
		return "likes this."
	case mf2.Repost:
		return "passed this on."
	case mf2.Bookmark:
		return "keeps this."
	case mf2.RSVP:
		return map[string]string{"yes": "will come.", "no": "will not come.", "maybe": "may come.", "interested": "is interested."}[c.RSVP]
	}
	if m.State == mentions.Waiting {
		return "The page has not been read yet."
	}
	if m.Verified.IsZero() {
		return "Nothing in this page can be shown."
	}
	return "links here."
}

func onWords(kind mf2.Kind) string {
	switch kind {
	case mf2.Reply:
		return "Reply to"
	case mf2.Reaction:
		return "Reaction to"
	case mf2.Like:
		return "Like of"
	case mf2.Repost:
		return "Repost of"
	case mf2.Bookmark:
		return "Bookmark of"
	case mf2.RSVP:
		return "Answer to the invitation"
	case mf2.Tag:
		return "Tag on"
	}
	return "Mention of"
}

func viaWords(via mentions.Via) string {
	if via == mentions.Own {
		return "your own link"
	}
	return string(via)
}

func stateWords(m *mentions.Mention) string {
	switch {
	case m.Changed != nil:
		return "Changed"
	case m.State == mentions.Held:
		return "Held for you"
	case m.State == mentions.Shown:
		return "Shown"
	case m.State == mentions.Waiting:
		return "Waiting to be read"
	case m.State == mentions.Withdrawn:
		return "Withdrawn"
	case m.State == mentions.Refused:
		return "Refused"
	case m.State == mentions.Spam:
		return "Spam"
	}
	return "Removed by you"
}

// reason is why a mention is where it is, where that needs saying.
func reason(m *mentions.Mention) string {
	switch {
	case m.Changed != nil:
		return "You have already shown this, and its words have changed a good deal since. The old words stay until you decide."
	case m.Reason != "":
		return m.Reason
	case m.State == mentions.Waiting:
		return "The page that links to you will be read in a moment."
	case m.State == mentions.Spam:
		return "You have called it spam. The same page is not shown again, and its sender cannot tell."
	}
	return ""
}
