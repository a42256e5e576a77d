package desk

import (
	"html/template"
	"strings"

	"hark/internal/mentions"
	"hark/internal/mf2"
	"hark/internal/posts"
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
	Received when
	Words    words  // as they would be shown
	Old      *words // as they are shown, where others wait
	Buttons  []button
}

// words are what a mention says.
type words struct {
	Author, AuthorURL string
	Initials          string
	Host              string
	Carried           bool // by another site than the author's
	When              when
	Line              string // of one that says nothing in words
	HTML              template.HTML
	Title             string
	Source            string
	Quoted            bool // drawn as a quotation, not as an answer
}

// button is a decision that is open.
type button struct {
	Do   mentions.Decision
	Text string
	Look string // its class
}

func (d *Desk) item(m *mentions.Mention, about *posts.Post) item {
	it := item{
		ID: m.ID, State: stateWords(m), Why: reason(m), On: onWords(m.Kind), Post: "your site", Path: "/",
		Source: m.Source, Via: viaWords(m.Via), Received: d.when(m.Received), Buttons: buttons(m),
	}
	if about != nil {
		it.Post, it.Path = about.Name(), about.Path
	}
	it.Words = d.words(m, m.Content)
	if m.Changed != nil {
		old := it.Words
		it.Old, it.Words = &old, d.words(m, *m.Changed)
	}
	return it
}

func (d *Desk) words(m *mentions.Mention, c mentions.Content) words {
	as := *m
	as.Content = c
	w := words{
		Author: c.AuthorName, AuthorURL: c.AuthorURL, Initials: c.Initials(), Host: m.Host(), Carried: as.Carried() != "",
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
	return w
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
	}
	return ""
}

// buttons are the decisions that are open for a mention, the likeliest first.
func buttons(m *mentions.Mention) []button {
	show, remove := button{mentions.Show, "Show", "go"}, button{mentions.Delete, "Delete", ""}
	switch {
	case m.Changed != nil:
		return []button{{mentions.Show, "Show the new words", "go"}, {mentions.Keep, "Keep the old", ""}, remove}
	case m.State == mentions.Removed && m.Verified.IsZero():
		return nil
	case m.State == mentions.Removed:
		return []button{show}
	case m.State == mentions.Shown, m.Verified.IsZero():
		return []button{remove}
	}
	return []button{show, remove}
}
