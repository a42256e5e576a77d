package source

import (
	"net/url"
	"strings"

	"github.com/microcosm-cc/bluemonday"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

const (
	maxFragment = 32 << 10 // bytes of foreign HTML looked at
	maxNested   = 12       // elements within elements that are kept
	maxRounds   = 4        // of cleaning, until nothing changes
)

// Clean makes foreign HTML fit to stand in our own page: a few elements,
// no attribute but the address of a link, every element closed, links
// absolute. Cleaning what is clean changes nothing, as long as that is no longer than what
// is looked at.
func Clean(fragment string, base *url.URL) string {
	if len(fragment) > maxFragment {
		fragment = strings.ToValidUTF8(fragment[:maxFragment], "")
	}
	policy := cleaning()
	last := fragment
	for range maxRounds {
		next := cleanOnce(policy, last, base)
		if next == last {
			return next
		}
		last = next
	}
	return html.EscapeString(Line(lineOf(parseFragment(last)), maxFragment))
}

// Text is what clean HTML says, in one line without markup.
func Text(clean string) string { return lineOf(parseFragment(clean)) }

// Links lists the addresses that clean HTML links to.
func Links(clean string) []string {
	var links []string
	for n := range parseFragment(clean).Descendants() {
		if address := attr(n, "href"); address != "" {
			links = append(links, address)
		}
	}
	return links
}

// cleaning is what others may say with. UGCPolicy would let pictures that
// track, ids and tables through.
func cleaning() *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	p.AllowElements("p", "br", "em", "strong", "b", "i", "code", "pre", "blockquote", "ul", "ol", "li")
	p.AllowAttrs("href").OnElements("a")
	p.AllowURLSchemes("http", "https", "mailto")
	p.AllowRelativeURLs(true)
	p.RequireParseableURLs(true)
	p.SkipElementsContent("template", "svg", "math", "title", "textarea", "select", "audio", "video", "canvas", "xmp", "plaintext")
	return p
}

func cleanOnce(policy *bluemonday.Policy, fragment string, base *url.URL) string {
	root := parseFragment(policy.Sanitize(blocksToParagraphs(fragment)))
	tidy(root, base)
	return render(root)
}

// parseFragment reads HTML as the inside of a <div>. What is nested too
// deeply for the parser becomes text.
func parseFragment(fragment string) *html.Node {
	root := &html.Node{Type: html.ElementNode, Data: "div", DataAtom: atom.Div}
	var nodes []*html.Node
	err := ErrTooDeep
	if !explodes([]byte(fragment)) {
		nodes, err = html.ParseFragment(strings.NewReader(fragment), root)
	}
	if err != nil {
		nodes = []*html.Node{{Type: html.TextNode, Data: html.UnescapeString(bluemonday.StrictPolicy().Sanitize(fragment))}}
	}
	for _, n := range nodes {
		root.AppendChild(n)
	}
	return root
}

// render writes what is inside root.
func render(root *html.Node) string {
	var out strings.Builder
	for n := range root.ChildNodes() {
		if err := html.Render(&out, n); err != nil {
			return ""
		}
	}
	return strings.TrimSpace(out.String())
}

// blocksToParagraphs keeps apart what stood in blocks that are not kept, and
// emoji that were drawn as pictures.
func blocksToParagraphs(fragment string) string {
	var out strings.Builder
	tokens := html.NewTokenizer(strings.NewReader(fragment))
	for {
		kind := tokens.Next()
		if kind == html.ErrorToken {
			return out.String()
		}
		raw := string(tokens.Raw())
		if kind == html.StartTagToken || kind == html.EndTagToken || kind == html.SelfClosingTagToken {
			raw = replaceTag(tokens.Token(), raw)
		}
		out.WriteString(raw)
	}
}

func replaceTag(tag html.Token, raw string) string {
	switch tag.DataAtom {
	case atom.Div, atom.Section, atom.Article, atom.Header, atom.Footer, atom.Figure, atom.Figcaption, atom.Address,
		atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Dt, atom.Dd, atom.Tr:
		if tag.Type == html.EndTagToken {
			return "</p>"
		}
		return "<p>"
	case atom.Td, atom.Th:
		if tag.Type == html.EndTagToken {
			return " "
		}
		return ""
	case atom.Img:
		return emojiOf(tag)
	}
	return raw
}
