// Package posts keeps the owner's writing: what a post is, how its Markdown
// becomes HTML, where it lives.
package posts

import (
	"errors"
	"html/template"
	"strings"
	"time"
	"unicode/utf8"
)

// Status is where a post is on its way.
type Status string

// A post is a draft until it is published; a deleted one can be restored.
const (
	Draft     Status = "draft"
	Published Status = "published"
	Deleted   Status = "deleted"
)

// Kind is what readers take a post for. It is found from the post's properties
// and never chosen apart from them.
type Kind string

// The kinds, in the order of the tabs.
const (
	Article  Kind = "article"
	Note     Kind = "note"
	Reply    Kind = "reply"
	Bookmark Kind = "bookmark"
	Like     Kind = "like"
	Repost   Kind = "repost"
)

// Kinds are all kinds, in the order of the tabs.
var Kinds = [...]Kind{Article, Note, Reply, Bookmark, Like, Repost}

// Properties are a post's microformats2 properties beyond its name, content,
// categories and dates, as JSON holds them: each a list of strings and objects.
type Properties map[string][]any

// Address is the first address that the property holds: a string, or the url of
// an embedded h-cite.
func (p Properties) Address(name string) string {
	for _, value := range p[name] {
		switch v := value.(type) {
		case string:
			return v
		case map[string]any:
			if inner, ok := v["properties"].(map[string]any); ok {
				if urls, ok := inner["url"].([]any); ok && len(urls) > 0 {
					if s, ok := urls[0].(string); ok {
						return s
					}
				}
			}
		}
	}
	return ""
}

// Post is one piece of writing. Save fills what it derives from the rest.
type Post struct {
	ID         string // empty before the first Save
	AuthorID   string // the user's key
	Status     Status
	Title      string // empty for a note
	Content    string // Markdown, at most MaxContent bytes
	Tags       []string
	Properties Properties
	Slug       string // wished for; empty asks for one made from the words
	Closed     bool   // it takes no more answers; those it has stay
	Version    int64  // which saved state this one was made from; 0 for a new post

	Kind    Kind          // derived
	Path    string        // derived: /{year}/{slug}, empty until it is published
	HTML    template.HTML // derived: Content, rendered and cleaned
	Summary string        // derived: the first paragraph as plain text
	Words   int           // derived

	Created, Published, Updated, Deleted time.Time // zero for what has not happened
}

// MaxContent is the largest text of a post, in bytes.
const MaxContent = 512 << 10

var (
	// ErrNotFound says that there is no such post, or none that may be seen.
	ErrNotFound = errors.New("no such post")
	// ErrChanged says that the post was saved elsewhere since this version of
	// it was read. Nothing was overwritten.
	ErrChanged = errors.New("the post was changed elsewhere meanwhile")
)

// Invalid says which field cannot be kept as it is, and why, in a sentence.
type Invalid struct{ Field, Text string }

func (e *Invalid) Error() string { return e.Field + ": " + e.Text }

// Generation is the name that moves when this post, or what stands beneath it,
// changes.
func (p *Post) Generation() string { return Generation(p.ID) }

// Generation is the name for the post with this key.
func Generation(id string) string { return "post:" + id }

// Lists is the name that moves when any list of posts changes.
const Lists = "lists"

// Name is the post's title, or for one without a title the beginning of its
// words, or what it answers. It is never empty.
func (p *Post) Name() string {
	if p.Title != "" {
		return p.Title
	}
	if p.Summary != "" {
		return shorten(p.Summary, 70)
	}
	if property, address := p.Answers(); property != "" {
		kind := string(p.discover())
		return strings.ToUpper(kind[:1]) + kind[1:] + ": " + bare(address)
	}
	return "Untitled"
}

// bare is an address as people write it.
func bare(address string) string {
	if _, rest, found := strings.Cut(address, "://"); found {
		address = rest
	}
	return strings.TrimSuffix(address, "/")
}

// Answers is the property and the address of what the post responds to, both
// empty if it responds to nothing.
func (p *Post) Answers() (property, address string) {
	for _, r := range responses {
		if address := p.Properties.Address(r.property); address != "" {
			return r.property, address
		}
	}
	return "", ""
}

// responses are the properties that make a post a response, in the order of
// post type discovery (https://ptd.spec.indieweb.org/#x5-algorithm).
var responses = [...]struct {
	property string
	kind     Kind
}{
	{"in-reply-to", Reply}, {"repost-of", Repost}, {"like-of", Like}, {"bookmark-of", Bookmark},
}

// discover finds the kind from the properties.
func (p *Post) discover() Kind {
	for _, r := range responses {
		if p.Properties.Address(r.property) != "" {
			return r.kind
		}
	}
	if p.Title != "" {
		return Article
	}
	return Note
}

// shorten cuts s at a word, so that it has about n runes.
func shorten(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	s = string([]rune(s)[:n])
	if i := strings.LastIndexByte(s, ' '); i > n/2 {
		s = s[:i]
	}
	return strings.TrimRight(s, " ,;:.–-") + " …"
}
