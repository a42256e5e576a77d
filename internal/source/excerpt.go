package source

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

const (
	aroundLink  = 150 // characters of the text either side of a link
	maxBlocks   = 6   // blocks within each other that are tried
	fewWords    = 40  // characters beside a link that are too few to understand it
	maxLinkText = 100
)

// excerpt is the text around a link: of the block that holds it, or of a wider
// one where that says too little.
func excerpt(link *html.Node) string {
	if link.DataAtom == atom.Link {
		return ""
	}
	best, block := "", link
	for range maxBlocks {
		if block = blockOf(block); block == nil {
			break
		}
		text, start, end := layOut(block, link)
		best = around(text, start, end)
		if utf8.RuneCountInString(text)-utf8.RuneCountInString(text[start:end]) >= fewWords || endsStory(block) {
			break
		}
	}
	return best
}

// blockOf is the nearest block around n, up to the body.
func blockOf(n *html.Node) *html.Node {
	if n.DataAtom == atom.Body {
		return nil
	}
	for a := n.Parent; a != nil; a = a.Parent {
		if a.DataAtom == atom.Body || isBlock(a) {
			return a
		}
	}
	return nil
}

// endsStory tells whether what is around n is no longer the same text.
func endsStory(n *html.Node) bool {
	switch n.DataAtom {
	case atom.Article, atom.Main, atom.Body:
		return true
	}
	return hasClass(n, "h-entry", "hentry", "e-content", "entry-content", "h-cite", "h-event") || isMargin(n) || isCommentArea(n)
}

// around cuts from text what is near the part from start to end, at words.
func around(text string, start, end int) string {
	before, after := text[:start], text[end:]
	link, _ := cutText(text[start:end], maxLinkText)
	if utf8.RuneCountInString(before) > aroundLink {
		before = "…" + tail(before, aroundLink)
	}
	after, _ = cutText(after, aroundLink)
	return strings.TrimSpace(before + link + after)
}

// tail is the end of s, of at most limit characters, from the start of a word.
func tail(s string, limit int) string {
	at := len(s)
	for range limit {
		_, size := utf8.DecodeLastRuneInString(s[:at])
		at -= size
	}
	if r, _ := utf8.DecodeLastRuneInString(s[:at]); at == 0 || unicode.IsSpace(r) {
		return s[at:]
	}
	if word := strings.IndexFunc(s[at:], unicode.IsSpace); word >= 0 && word < len(s[at:])/2 {
		return s[at+word+1:]
	}
	return s[at:]
}

// layOut writes the text of block as one line, and tells from where to where
// the text of mark reaches in it.
func layOut(block, mark *html.Node) (text string, start, end int) {
	l := line{mark: mark}
	l.node(block)
	start, end = min(l.start, l.text.Len()), min(l.end, l.text.Len())
	return l.text.String(), start, end
}

// lineOf is the text of n as one line.
func lineOf(n *html.Node) string {
	text, _, _ := layOut(n, nil)
	return strings.TrimSpace(text)
}

// line writes text with single spaces.
type line struct {
	text       strings.Builder
	space      bool // owed before the next word
	mark       *html.Node
	start, end int
}

func (l *line) node(n *html.Node) {
	if n.Type == html.TextNode {
		l.write(n.Data)
		return
	}
	if isUnread(n) && n != l.mark {
		l.space = true
		return
	}
	if n == l.mark {
		l.flush()
		l.start = l.text.Len()
	}
	block := isBlock(n) || n.DataAtom == atom.Br
	l.space = l.space || block
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		l.node(c)
	}
	l.space = l.space || block
	if n == l.mark {
		l.end = l.text.Len()
	}
}

// write adds words, and owes the white space around them.
func (l *line) write(s string) {
	for s != "" {
		n := strings.IndexFunc(s, unicode.IsSpace)
		if n != 0 {
			word := s
			if n > 0 {
				word = s[:n]
			}
			l.flush()
			l.text.WriteString(word)
			s = s[len(word):]
			continue
		}
		s = strings.TrimLeftFunc(s, unicode.IsSpace)
		l.space = true
	}
}

// flush writes the space that is owed.
func (l *line) flush() {
	if l.space && l.text.Len() > 0 {
		l.text.WriteByte(' ')
	}
	l.space = false
}

// isUnread tells whether n is no part of the text around it.
func isUnread(n *html.Node) bool {
	switch n.DataAtom {
	case atom.Script, atom.Style, atom.Template, atom.Noscript, atom.Nav, atom.Form, atom.Button, atom.Select,
		atom.Textarea, atom.Svg, atom.Iframe, atom.Video, atom.Audio, atom.Object, atom.Head:
		return true
	}
	return n.Type == html.CommentNode || hasAttr(n, "hidden")
}

// isBlock tells whether n stands on lines of its own.
func isBlock(n *html.Node) bool {
	switch n.DataAtom {
	case atom.P, atom.Div, atom.Li, atom.Ul, atom.Ol, atom.Dl, atom.Dd, atom.Dt, atom.Td, atom.Th, atom.Tr, atom.Table,
		atom.Blockquote, atom.Pre, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Figure, atom.Figcaption,
		atom.Section, atom.Article, atom.Main, atom.Aside, atom.Header, atom.Footer, atom.Address, atom.Hr:
		return true
	}
	return false
}
