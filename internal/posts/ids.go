package posts

import (
	"bytes"
	"net/url"
	"strconv"
	"strings"
)

// ids are those of a text. On a page they stand beside the page's own and, in a
// list, beside those of other texts, so each gets the key of its text at its end.
// bluemonday leaves attributes in double quotes, and none elsewhere.
type ids struct {
	key   string
	there map[string]bool // whether it was written already
}

func newIDs(cleaned, key string) ids {
	i := ids{key: key, there: map[string]bool{}}
	for rest := cleaned; ; {
		before, after, found := strings.Cut(rest, ` id="`)
		if !found {
			return i
		}
		if rest = after; strings.Count(before, `"`)%2 == 1 { // the end of what another attribute says
			continue
		}
		id, more, _ := strings.Cut(after, `"`)
		i.there[id], rest = false, more
	}
}

// own gives the key to the id of a tag, and to the place in the same text to which
// it leads. Of two equal ids the second goes.
func (i *ids) own(tag []byte) []byte {
	if before, id, after, ok := attributeOf(tag, ` id="`); ok {
		if i.there[string(id)] {
			return append(bytes.Clone(before), after...)
		}
		i.there[string(id)] = true
		tag = i.with(before, ` id="`, id, after)
	}
	if before, id, after, ok := attributeOf(tag, ` href="#`); ok {
		if typed, err := url.PathUnescape(string(id)); err == nil && i.has(typed) {
			tag = i.with(before, ` href="#`, []byte(typed), after)
		}
	}
	return tag
}

func (i *ids) has(id string) bool { _, there := i.there[id]; return there }

func (i *ids) with(before []byte, open string, id, after []byte) []byte {
	tag := append(bytes.Clone(before), open...)
	tag = append(tag, id...)
	if i.key != "" {
		tag = append(append(tag, '-'), i.key...)
	}
	return append(append(tag, '"'), after...)
}

// attributeOf parts a tag at an attribute that begins with open. It goes from one
// attribute to the next: within the value of another, what looks like it is words.
func attributeOf(tag []byte, open string) (before, value, after []byte, ok bool) {
	for at := bytes.IndexByte(tag, ' '); at >= 0; {
		name := bytes.Index(tag[at:], []byte(`="`))
		if name < 0 {
			break
		}
		from := at + name + len(`="`)
		length := bytes.IndexByte(tag[from:], '"')
		if length < 0 {
			break
		}
		to := from + length
		if bytes.HasPrefix(tag[at:to], []byte(open)) {
			return tag[:at], tag[at+len(open) : to], tag[to+1:], true
		}
		at = to + 1
	}
	return nil, nil, nil, false
}

// ranks says by how much the headings of a text are moved, so that they stand
// beneath the title of its page, which is an h1: the highest becomes an h2.
type ranks int

func ranksOf(cleaned string) ranks {
	for rank := 1; rank <= 6; rank++ {
		if strings.Contains(cleaned, "<h"+strconv.Itoa(rank)) {
			return ranks(2 - rank)
		}
	}
	return 0
}

// lower moves a tag that is a heading's. raw begins with the tag's name after <.
func (r ranks) lower(name string, raw []byte) (string, []byte) {
	if r == 0 || len(name) != 2 || name[0] != 'h' || name[1] < '1' || name[1] > '6' {
		return name, raw
	}
	name = "h" + strconv.Itoa(min(int(name[1]-'0')+int(r), 6))
	if raw == nil {
		return name, nil
	}
	return name, append([]byte("<"+name), raw[len("<h1"):]...)
}
