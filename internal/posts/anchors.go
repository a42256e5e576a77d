package posts

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/yuin/goldmark/ast"
)

// anchors makes the ids of headings from their words, in any script. Two
// headings of the same words get two ids.
type anchors struct{ last map[string]int }

func newAnchors() *anchors { return &anchors{last: map[string]int{}} }

// maxAnchor is how long an id is at most, in bytes.
const maxAnchor = 60

// Generate makes the id of a heading.
func (a *anchors) Generate(heading []byte, _ ast.NodeKind) []byte {
	base := anchor(string(heading))
	if base == "" {
		base = "heading"
	}
	id := base
	for n := a.last[base]; a.last[id] > 0; {
		n++
		id, a.last[base] = base+"-"+strconv.Itoa(n), n
	}
	a.last[id] = 1
	return []byte(id)
}

// Put takes an id that was given by hand.
func (a *anchors) Put(id []byte) { a.last[string(id)] = 1 }

// anchor is what a heading's words look like in an id: letters and digits in
// lower case, hyphens between words.
func anchor(heading string) string {
	var b strings.Builder
	gap := false
	for _, r := range heading {
		switch {
		case unicode.IsLetter(r), unicode.IsNumber(r), unicode.IsMark(r):
			if gap && b.Len() > 0 {
				b.WriteByte('-')
			}
			if b.Len()+utf8.RuneLen(r) > maxAnchor {
				return b.String()
			}
			gap = false
			b.WriteRune(unicode.ToLower(r))
		case unicode.IsSpace(r), r == '-', r == '_', r == '/':
			gap = true
		}
	}
	return b.String()
}
