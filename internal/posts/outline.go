package posts

import (
	"bytes"
	"html/template"
	"strings"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// place is where the contents stand of a text that asked for them. They are kept
// nowhere: only the post's own page has them.
const place = `<div class="contents"></div>`

// Page is the text as the post's own page shows it: with a link to itself at each
// heading, and its contents where it asks for them. site is the site's language.
func (p *Post) Page(site string) template.HTML {
	whole, lang := string(p.HTML), p.Lang
	if !strings.Contains(whole, "<h") && !strings.Contains(whole, place) {
		return p.HTML
	}
	if lang == "" {
		lang = site
	}
	words := labelsIn(lang)
	whole, found := anchored(whole, words.link)
	if !strings.Contains(whole, place) {
		return template.HTML(whole)
	}
	return template.HTML(strings.Replace(whole, place, contents(found, words.contents), 1))
}

// InList is the text as lists show it: beneath a title that is an h2 itself.
func (p *Post) InList() template.HTML {
	if p.Title == "" {
		return p.InFeed()
	}
	return beneath(p.InFeed())
}

// InFeed is the text as it stands where it is read as a part of something else.
func (p *Post) InFeed() template.HTML {
	return template.HTML(strings.ReplaceAll(string(p.HTML), place, ""))
}

// heading is one of a text's, as its finished HTML has it.
type heading struct {
	rank      byte // '2' to '6'
	id, inner string
}

// anchored puts a link at the end of each heading that has an id. The link has no
// words, which would be the heading's: a style sheet draws its sign.
func anchored(whole, label string) (string, []heading) {
	var b strings.Builder
	var found []heading
	b.Grow(len(whole) + 1024)
	for {
		h, end := nextHeading(whole)
		if end < 0 {
			b.WriteString(whole)
			return b.String(), found
		}
		b.WriteString(whole[:end])
		if h.id != "" {
			b.WriteString(` <a class="anchor" href="#` + h.id + `" aria-label="` + label + `"></a>`)
			found = append(found, h)
		}
		whole = whole[end:]
	}
}

// nextHeading finds a heading and where its end tag begins, which is -1 if there
// is none.
func nextHeading(whole string) (h heading, end int) {
	for at := 0; ; at += len("<h") {
		next := strings.Index(whole[at:], "<h")
		if next < 0 || len(whole) < at+next+4 {
			return heading{}, -1
		}
		at += next
		if h.rank = whole[at+2]; h.rank < '1' || h.rank > '6' {
			continue
		}
		tag, rest, _ := strings.Cut(whole[at:], ">")
		inner, _, closed := strings.Cut(rest, "</h"+string(h.rank)+">")
		if !closed {
			return heading{}, -1
		}
		if _, id, _, ok := attributeOf([]byte(tag), ` id="`); ok {
			h.id, h.inner = string(id), inner
		}
		return h, at + len(tag) + 1 + len(inner)
	}
}

// contents lists headings, the lower ones within the higher. Nothing leads to one without
// words; without any there are no contents.
func contents(found []heading, label string) string {
	var b strings.Builder
	var open []byte // the ranks whose lists are open
	b.WriteString(`<nav class="contents" aria-label="` + label + `">`)
	for _, h := range found {
		words, _ := gist(template.HTML(h.inner))
		if words == "" {
			continue
		}
		for len(open) > 1 && open[len(open)-2] >= h.rank {
			open = open[:len(open)-1]
			b.WriteString("</li></ul>")
		}
		if n := len(open); n > 0 && open[n-1] >= h.rank {
			b.WriteString("</li>")
			open[n-1] = h.rank
		} else {
			open = append(open, h.rank)
			b.WriteString("<ul>")
		}
		b.WriteString(`<li><a href="#` + h.id + `">` + template.HTMLEscapeString(words) + `</a>`)
	}
	if len(open) == 0 {
		return ""
	}
	b.WriteString(strings.Repeat("</li></ul>", len(open)) + "</nav>")
	return b.String()
}

// beneath is HTML with its headings one rank lower.
func beneath(html template.HTML) template.HTML {
	if !strings.Contains(string(html), "<h") {
		return html
	}
	return template.HTML(lower.Replace(string(html)))
}

var lower = strings.NewReplacer("<h2", "<h3", "</h2", "</h3", "<h3", "<h4", "</h3", "</h4", "<h4", "<h5", "</h4", "</h5", "<h5", "<h6", "</h5", "</h6")

// asked finds the line [TOC], by which a text asks for its contents: alone in a
// paragraph that is in nothing else.
type asked struct{}

// kindPlace is where the contents are asked for.
var kindPlace = ast.NewNodeKind("Contents")

type placeNode struct{ ast.BaseBlock }

// Kind is kindPlace.
func (*placeNode) Kind() ast.NodeKind { return kindPlace }

// Dump writes the node for a developer.
func (n *placeNode) Dump(source []byte, level int) { ast.DumpHelper(n, source, level, nil, nil) }

// Transform puts the place in that of the first such line.
func (asked) Transform(doc *ast.Document, reader text.Reader, _ parser.Context) {
	for n := doc.FirstChild(); n != nil; n = n.NextSibling() {
		if p, ok := n.(*ast.Paragraph); ok && p.Lines().Len() == 1 && p.ChildCount() > 0 {
			line := p.Lines().At(0)
			if bytes.EqualFold(bytes.TrimSpace(line.Value(reader.Source())), []byte("[toc]")) && p.FirstChild().Kind() == ast.KindText {
				doc.ReplaceChild(doc, n, &placeNode{})
				return
			}
		}
	}
}

// places writes the place.
type places struct{}

// RegisterFuncs says what places writes.
func (places) RegisterFuncs(r renderer.NodeRendererFuncRegisterer) {
	r.Register(kindPlace, func(w util.BufWriter, _ []byte, _ ast.Node, entering bool) (ast.WalkStatus, error) {
		if entering {
			w.WriteString(place + "\n")
		}
		return ast.WalkContinue, nil
	})
}
