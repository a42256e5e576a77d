// Package posts keeps the owner's writing: what a post is, how its Markdown
// becomes HTML, where it lives.
package posts

import (
	"errors"
	"html/template"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// Properties are a post's microformats2 properties beyond its name, content,
// categories and dates, as JSON holds them: each a list of strings and objects.
type Properties map[string][]any

// Address is the first address that the property holds.
func (p Properties) Address(name string) string {
	if all := p.Addresses(name); len(all) > 0 {
		return all[0]
	}
	return ""
}

// Addresses are what the property holds, each a string or the url of an embedded
// h-cite.
func (p Properties) Addresses(name string) (all []string) {
	for _, value := range p[name] {
		if address := addressOf(value); address != "" {
			all = append(all, address)
		}
	}
	return all
}

func addressOf(value any) string {
	switch v := value.(type) {
	case string:
		return v
	case map[string]any:
		if inner, ok := v["properties"].(map[string]any); ok {
			if urls, ok := inner["url"].([]any); ok && len(urls) > 0 {
				address, _ := urls[0].(string)
				return address
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
	Slug       string   // wished for; empty asks for one made from the words
	Near       bool     // where that is not free one near it will do, for whoever cannot be asked for another; not kept
	Closed     bool     // it takes no more answers; those it has stay
	Quiet      []string // addresses it links to whose sites are not told of it
	Visibility Visibility
	Audience   []string // of a private post: the addresses of those who may read it
	Apart      bool     // it is a page: it stands at /{slug}, outside of the stream
	Pinned     bool     // it stands first on the home page
	Lang       string   // as BCP 47; empty for the site's
	Series     string   // the name of the series that it is a part of; empty for none
	Version    int64    // which saved state this one was made from; 0 for a new post
	SavedBy    string   // the key of the user who saves it, or who saved it; empty for the author

	Kind     Kind          // derived
	Path     string        // derived: /{year}/{slug}, or /{slug} of a page; empty until it is published
	HTML     template.HTML // derived: Content, rendered and cleaned
	Hashtags []string      // derived: the #tags of Content that are not among Tags
	Summary  string        // derived: the first paragraph as plain text
	Words    int           // derived

	Created, Updated, Deleted time.Time // zero for what has not happened
	Published                 time.Time // or when it is to be, of one that is scheduled
}

// maxAddress and maxQuiet bound addresses, in bytes, and how many may be quiet.
const (
	maxAddress = 2048
	maxQuiet   = 500
)

// MaxContent is the largest text of a post, and MaxProperties the most that all of
// its properties may say together, as JSON; both in bytes. MaxLines is how many lines
// the text has at most.
const (
	MaxContent    = 512 << 10
	MaxLines      = 30_000
	MaxProperties = 1 << 20
)

var (
	// ErrNotFound says that there is no such post, or none that may be seen.
	ErrNotFound = errors.New("no such post")
	// ErrChanged says that the post was saved elsewhere since this version of
	// it was read. Nothing was overwritten.
	ErrChanged = errors.New("the post was changed elsewhere meanwhile")
	// ErrPurged says that a post which had come of the same working copy was deleted
	// for good. What others said of it is not said of another, so that has a key of
	// its own: see Store.RenewCopy.
	ErrPurged = errors.New("the post was deleted for good")
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

// Bare is an address as people write it: without its scheme.
func Bare(address string) string {
	if _, rest, found := strings.Cut(address, "://"); found {
		address = rest
	}
	return strings.TrimSuffix(address, "/")
}

// Response is one thing that a post responds to: the property that says how,
// and an address. Value is the property's value as it is kept.
type Response struct {
	Property, Address string
	Value             any
}

// Responses are all that the post responds to, in the order of kinds and then of
// names, each address once.
func (p *Post) Responses() (all []Response) {
	if len(p.Properties) == 0 {
		return nil
	}
	seen := map[string]bool{}
	for _, property := range p.responding() {
		for _, value := range p.Properties[property] {
			if address := addressOf(value); onWeb(address) && !seen[address] {
				seen[address] = true
				all = append(all, Response{property, address, value})
			}
		}
	}
	return all
}

// responding are the post's properties that respond to something: those that make
// its kind, then the others whose names say so.
func (p *Post) responding() (names []string) {
	for name := range p.Properties {
		if strings.HasSuffix(name, "-of") && !isResponse(name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, r := range slices.Backward(responses[:]) {
		names = slices.Insert(names, 0, r.property)
	}
	return names
}

// Answers is the property and the address of what the post responds to first,
// both empty if it responds to nothing.
func (p *Post) Answers() (property, address string) {
	if all := p.Responses(); len(all) > 0 {
		return all[0].Property, all[0].Address
	}
	return "", ""
}

// RSVP is the post's answer to an invitation: yes, no, maybe or interested; empty
// where it gives none.
func (p *Post) RSVP() string {
	for _, value := range p.Properties["rsvp"] {
		said, _ := value.(string)
		switch said = strings.ToLower(strings.TrimSpace(said)); said {
		case "yes", "no", "maybe", "interested":
			return said
		}
	}
	return ""
}

// onWeb tells whether an address can be visited and told.
func onWeb(address string) bool {
	u, err := url.Parse(address)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && u.User == nil && len(address) <= maxAddress
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
