package posts

import (
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// hashtags makes a tag of #word, and a link to the page of that tag. It is no tag
// within code, an address or another link; \# is a sign.
type hashtags struct{}

// kindMarked is a word that becomes a link by the sign before it.
var kindMarked = ast.NewNodeKind("Marked")

// marked is such a word. The text of it, with the sign, is within.
type marked struct {
	ast.BaseInline
	tag     string // without the sign; empty of a name
	address string
}

// Kind is kindMarked.
func (*marked) Kind() ast.NodeKind { return kindMarked }

// Dump writes the node for a developer.
func (m *marked) Dump(source []byte, level int) { ast.DumpHelper(m, source, level, nil, nil) }

// Trigger is the sign.
func (hashtags) Trigger() []byte { return []byte{'#'} }

// Parse reads a hashtag.
func (hashtags) Parse(_ ast.Node, block text.Reader, _ parser.Context) ast.Node {
	line, at := block.PeekLine()
	tag := hashtag(line[1:])
	if tag == "" || !maySign(block.PrecendingCharacter()) {
		return nil
	}
	return mark(block, at, len("#"+tag), &marked{tag: tag, address: TagPath(tag)})
}

// mark takes a sign and its word, of so many bytes, out of the block.
func mark(block text.Reader, at text.Segment, length int, m *marked) ast.Node {
	m.AppendChild(m, ast.NewTextSegment(text.NewSegment(at.Start, at.Start+length)))
	block.Advance(length)
	return m
}

// maySign tells whether a sign after this rune can begin something.
func maySign(before rune) bool {
	return unicode.IsSpace(before) || unicode.In(before, unicode.Ps, unicode.Pi) || strings.ContainsRune(`"'*_~—–、。，・`, before)
}

// hashtag is the tag at the beginning of a text, empty for none: what a tag may
// have, a letter among it, and no hyphen at its end.
func hashtag(rest []byte) string {
	n, runes, letter := 0, 0, false
	for n < len(rest) {
		r, size := utf8.DecodeRune(rest[n:])
		if !unicode.In(r, unicode.L, unicode.M, unicode.Nd) && r != '_' && r != '+' && r != '-' || r == utf8.RuneError {
			break
		}
		letter = letter || unicode.IsLetter(r)
		n += size
		if runes++; runes > maxTag {
			return ""
		}
	}
	tag := strings.TrimRight(string(rest[:n]), "-_")
	if !letter || strings.Contains(tag, "--") || TagKey(tag) == "" || n < len(rest) && rest[n] == '#' {
		return ""
	}
	return tag
}

// TagPath is the path of the page of a tag, fit for a link.
func TagPath(tag string) string { return "/tag/" + url.PathEscape(TagKey(tag)) }

// marks gathers what was marked, and takes back what can be no link.
type marks struct{}

var tagsKey = parser.NewContextKey()

// Transform keeps the tags, so many as a post may have, in the order of the text.
func (marks) Transform(doc *ast.Document, _ text.Reader, pc parser.Context) {
	var all []*marked
	ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if m, ok := n.(*marked); ok && entering {
			all = append(all, m)
		}
		return ast.WalkContinue, nil
	})
	var tags []string
	seen := map[string]bool{}
	for _, m := range all {
		key := TagKey(m.tag)
		switch {
		case withinLink(m), m.tag != "" && !seen[key] && len(tags) == maxTags:
			m.Parent().ReplaceChild(m.Parent(), m, m.FirstChild())
		case m.tag != "" && !seen[key]:
			seen[key] = true
			tags = append(tags, m.tag)
		}
	}
	pc.Set(tagsKey, tags)
}

func withinLink(n ast.Node) bool {
	for n = n.Parent(); n != nil; n = n.Parent() {
		if n.Kind() == ast.KindLink || n.Kind() == ast.KindImage {
			return true
		}
	}
	return false
}

// RegisterFuncs says what marks writes.
func (k marks) RegisterFuncs(r renderer.NodeRendererFuncRegisterer) {
	r.Register(kindMarked, k.link)
}

func (marks) link(w util.BufWriter, _ []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
	if !entering {
		w.WriteString("</a>")
		return ast.WalkContinue, nil
	}
	m := node.(*marked)
	writeAttribute(w, `<a href="`, []byte(m.address))
	if m.tag != "" {
		w.WriteString(` rel="tag">`)
	} else {
		w.WriteString(` class="h-card">`)
	}
	return ast.WalkContinue, nil
}

// AllTags are the post's tags, and those that stand in its words.
func (p *Post) AllTags() []string { return slices.Concat(p.Tags, p.Hashtags) }

// beyond are the tags that a post does not have yet.
func beyond(has, tags []string) (more []string) {
	keys := map[string]bool{}
	for _, tag := range has {
		keys[TagKey(tag)] = true
	}
	for _, tag := range tags {
		if !keys[TagKey(tag)] {
			more = append(more, tag)
		}
	}
	return more
}
