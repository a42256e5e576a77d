package desk

import (
	"net/url"

	"hark/internal/mentions"
	"hark/internal/mf2"
)

// inboxPageSize is how many mentions stand on one page of the inbox.
const inboxPageSize = 50

// longestSearch is how many letters of a search are looked at.
const longestSearch = 200

// search is which mentions of the inbox are listed, as an address or a form says.
type search struct {
	State mentions.State
	Text  string
	Host  string
	Kind  mf2.Kind
	Via   mentions.Via
	After string // the key of the last mention of the page before
}

// searched reads a search. What it does not know it leaves out.
func searched(fields url.Values) search {
	return search{
		State: stateNamed(fields.Get("state")), Text: cut(fields.Get("q"), longestSearch), Host: cut(fields.Get("host"), longestSearch),
		Kind: known(kinds, mf2.Kind(fields.Get("kind"))), Via: known(vias, mentions.Via(fields.Get("via"))), After: fields.Get("after"),
	}
}

// named is a value that can be chosen, with its word.
type named[T ~string] struct {
	value T
	name  string
}

var kinds = []named[mf2.Kind]{
	{mf2.Reply, "Replies"}, {mf2.Mention, "Mentions"}, {mf2.Like, "Likes"}, {mf2.Repost, "Reposts"},
	{mf2.Bookmark, "Bookmarks"}, {mf2.Reaction, "Reactions"}, {mf2.RSVP, "Answers to invitations"}, {mf2.Tag, "Tags"},
}

var vias = []named[mentions.Via]{
	{mentions.Webmention, "By webmention"}, {mentions.Pingback, "By pingback"}, {mentions.Own, "My own links"},
}

// known is value if it is one of those, else empty.
func known[T ~string](all []named[T], value T) T {
	for _, one := range all {
		if one.value == value {
			return value
		}
	}
	return ""
}

// option is one choice of a select field or of radio buttons.
type option struct {
	Value, Name string
	Chosen      bool
}

func options[T ~string](all []named[T], chosen T) []option {
	list := make([]option, len(all))
	for i, one := range all {
		list[i] = option{string(one.value), one.name, one.value == chosen}
	}
	return list
}

// cut is the beginning of what was typed.
func cut(s string, runes int) string {
	if r := []rune(s); len(r) > runes {
		return string(r[:runes])
	}
	return s
}

// Narrowed tells whether less than a whole state is asked for.
func (s search) Narrowed() bool { return s.Text != "" || s.Host != "" || s.Kind != "" || s.Via != "" }

// wanted asks the inbox for it.
func (s search) wanted(limit int) mentions.Wanted {
	return mentions.Wanted{State: s.State, Text: s.Text, Host: s.Host, Kind: s.Kind, Via: s.Via, After: s.After, Limit: limit}
}

// Fields are the hidden fields by which a form keeps the search.
func (s search) Fields() []carried {
	all := []carried{
		{"state", string(s.State)}, {"q", s.Text}, {"host", s.Host}, {"kind", string(s.Kind)}, {"via", string(s.Via)}, {"after", s.After},
	}
	kept := all[:1]
	for _, field := range all[1:] {
		if field.Value != "" {
			kept = append(kept, field)
		}
	}
	return kept
}

// address is where the search is answered. more are further values.
func (s search) address(more ...carried) string {
	values := url.Values{}
	for _, field := range append(s.Fields(), more...) {
		values.Set(field.Name, field.Value)
	}
	return "/desk/inbox?" + values.Encode()
}
