// Package mentions is where webmention and pingback become one idea: somebody
// else's page says something about one of our posts.
//
// The Inbox decides what of it is shown. The Outbox tells others what our posts
// say about them.
package mentions

import (
	"html/template"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"hark/internal/authlog"
	"hark/internal/mf2"
)

// Via is how a mention reached us. Beyond the doors nothing else tells the
// protocols apart.
type Via string

// The ways in.
const (
	Webmention Via = "webmention"
	Pingback   Via = "pingback"
	Own        Via = "own" // a post of ours links to another of ours
)

// State is where a mention stands.
type State string

// The states of a mention.
const (
	Waiting   State = "waiting"   // accepted, its source not yet read
	Shown     State = "shown"     // beneath the post
	Held      State = "held"      // for the owner to decide
	Withdrawn State = "withdrawn" // its source is gone, or links no more
	Refused   State = "refused"   // its source never linked, or could not be read
	Spam      State = "spam"      // by the owner's verdict, or by the filter's
	Removed   State = "removed"   // taken away by the owner, for good
)

// Mention is what one page says about one post.
type Mention struct {
	ID       string
	PostID   string // empty: the site as a whole
	Source   string // the address it was sent with, newest spelling
	Target   string // ours, as the source's sender wrote it
	Via      Via
	State    State
	Reason   string         // why it is held, withdrawn or refused, in a sentence
	Refusal  authlog.Reason // why it was refused or withdrawn, for the log and the protocols
	Checking bool           // its source is to be read (again)

	Content
	Changed *Content // words that came after the owner had shown others; they wait

	Score int    // of the judgement, in hundredths
	Signs []Sign // and what it is made of
	Asked int    // how often it came again after the owner's verdict

	Received, Verified, Decided time.Time // zero for what has not happened

	key  string     // the source in its one spelling
	from netip.Addr // who sent it; not valid where that is not known
}

// Content is what was read in the source.
type Content struct {
	Kind       mf2.Kind
	AuthorName string // never empty once read
	AuthorURL  string // may be empty
	Photo      string // of the author, where the page says it is; may be empty
	Face       string // the name under which we serve it; empty: initials stand for it
	ReplyTo    string // which other answer it answers, in its one spelling; may be empty
	Title      string // of the page; may be empty
	HTML       template.HTML
	RSVP       string // yes, no, maybe, interested
	Published  time.Time
}

// Host is where the source lives, for people: without www.
func (m *Mention) Host() string { return hostOf(m.Source) }

// Denied tells that its source was looked at and is no answer, or no more.
func (m *Mention) Denied() bool { return m.State == Refused || m.State == Withdrawn }

// Carried is the host of the source, if another site carries the author's words
// here, as a bridge does; otherwise it is empty.
func (m *Mention) Carried() string {
	if author := hostOf(m.AuthorURL); author == "" || author == m.Host() {
		return ""
	}
	return m.Host()
}

// Initials stand where there is no photo.
func (c *Content) Initials() string {
	var initials []rune
	for _, word := range strings.Fields(c.AuthorName) {
		if len(initials) < 2 {
			initials = append(initials, []rune(strings.ToUpper(word))[0])
		}
	}
	return string(initials)
}

// IsCut tells whether there is more to read at the source.
func (c *Content) IsCut() bool {
	said := strings.TrimSpace(string(c.HTML))
	for strings.HasSuffix(said, ">") {
		said = strings.TrimSpace(said[:max(0, strings.LastIndexByte(said, '<'))])
	}
	return strings.HasSuffix(said, "…")
}

func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return strings.TrimPrefix(strings.ToLower(u.Host), "www.")
}

// Event is a line of a mention's ledger.
type Event struct {
	At           time.Time
	What, Detail string
	Sum          *Sum // in the place of the detail, where it was judged
}

// Sum is what spoke for and against a mention when it was judged, in hundredths.
type Sum struct {
	Signs  []Sign `json:"signs"` // without their words
	Score  int    `json:"score"`
	Needed int    `json:"needed"`
}

// Delivery is one link of one of our posts, and what its target was told.
type Delivery struct {
	ID, PostID string // no post: a page of ours that a hub is told of
	Target     string
	Host       string // where the target lives
	Property   string // how the post responds to it, empty for a plain link
	Linked     bool   // the post links there still
	Protocol   string // webmention, pingback or websub; empty for none found yet
	Endpoint   string
	State      Outcome
	Tries      int
	Answer     string    // the last answer in a sentence
	Refused    bool      // it was the receiver's, who did not want it
	Location   string    // where the receiver says it can be followed
	Said       string    // what stood there some time later
	Told       time.Time // when an endpoint took it last; zero for never
	Updated    time.Time
	Next       time.Time // of the next try; zero when there is none

	version    string    // of the post's text that is told
	turn       time.Time // when it may be sent; zero while that is open
	remembered bool      // the endpoint was found some time ago
	made       bool      // the receiver says that it has made what Location names
	copied     bool      // that is a copy of the post
	spoke      string    // the address of the post under which it was tried last; not kept
	source     string    // the address of the post by which the target knows it; empty for none
}

// Outcome is where a delivery stands.
type Outcome string

// The outcomes of a delivery.
const (
	Queued Outcome = "queued" // to be told, or told again
	Sent   Outcome = "sent"
	Deaf   Outcome = "none"   // the target takes neither webmention nor pingback
	Failed Outcome = "failed" // given up
	Quiet  Outcome = "quiet"  // not told, as the writer has chosen
)
