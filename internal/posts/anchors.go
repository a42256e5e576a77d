package posts

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
)

// anchors makes the ids of headings from their words, in any script. Two headings
// of the same words get two ids.
type anchors struct{}

// maxAnchor is how long an id is at most, in bytes.
const maxAnchor = 60

// Transform gives each heading its id.
func (anchors) Transform(doc *ast.Document, reader text.Reader, _ parser.Context) {
	last := map[string]int{}
	blocksOf(doc, func(n ast.Node) {
		if n.Kind() != ast.KindHeading {
			return
		}
		base := anchor(string(wordsIn(n, reader.Source())))
		if base == "" {
			base = "heading"
		}
		id := base
		for n := last[base]; last[id] > 0; {
			n++
			id, last[base] = base+"-"+strconv.Itoa(n), n
		}
		last[id] = 1
		n.SetAttributeString("id", []byte(id))
	})
}

// blocksOf visits the blocks of a document, and nothing that stands in their lines: of
// that there may be very much.
func blocksOf(doc ast.Node, visit func(n ast.Node)) {
	ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if n.Type() == ast.TypeInline {
			return ast.WalkSkipChildren, nil
		}
		if entering {
			visit(n)
		}
		if n.Kind() == ast.KindParagraph || n.Kind() == ast.KindTextBlock || n.Kind() == ast.KindHeading {
			return ast.WalkSkipChildren, nil
		}
		return ast.WalkContinue, nil
	})
}

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
