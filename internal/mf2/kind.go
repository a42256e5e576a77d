package mf2

import (
	"slices"
	"strings"

	"willnorris.com/go/microformats"
)

// Kind says what an entry does with the post it links to.
type Kind string

// The kinds of answer, as the page shows them.
const (
	Reply    Kind = "reply"
	Like     Kind = "like"
	Repost   Kind = "repost"
	Bookmark Kind = "bookmark"
	RSVP     Kind = "rsvp"
	Reaction Kind = "reaction"
	Tag      Kind = "tag"
	Mention  Kind = "mention"
)

// response is a property by which an entry answers, and the kind it makes.
type response struct {
	property string
	kind     Kind
}

// responses lists them, the strongest first.
func responses() []response {
	return []response{
		{"like-of", Like},
		{"repost-of", Repost},
		{"bookmark-of", Bookmark},
		{"in-reply-to", Reply},
		{"tag-of", Tag},
		{"category", Tag},
	}
}

// kindOf tells what item does with the address that is knows: only a property
// that points there counts. Without any it is a mention.
func kindOf(item *microformats.Microformat, is func(string) bool) Kind {
	if rsvp(item) != "" && pointsAt(item.Properties["in-reply-to"], is) {
		return RSVP
	}
	for _, r := range responses() {
		if !pointsAt(item.Properties[r.property], is) {
			continue
		}
		if r.kind == Reply && IsEmoji(said(item)) {
			return Reaction
		}
		return r.kind
	}
	return Mention
}

// pointsAt tells whether one of the values is the address.
func pointsAt(values []any, is func(string) bool) bool {
	return slices.ContainsFunc(values, func(value any) bool { return slices.ContainsFunc(addresses(value), is) })
}

// rsvp is the answer to an invitation: yes, no, maybe or interested.
func rsvp(item *microformats.Microformat) string {
	switch answer := strings.ToLower(first(item, "rsvp")); answer {
	case "yes", "no", "maybe", "interested":
		return answer
	}
	return ""
}

// said is what the entry says in words.
func said(item *microformats.Microformat) string {
	for _, property := range []string{"content", "summary", "name"} {
		if s := first(item, property); s != "" {
			return s
		}
	}
	return ""
}
