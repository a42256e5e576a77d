package source

import (
	"net/url"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"hark/internal/mf2"
)

// relation is what our page says of a link that a stranger set.
const relation = "nofollow ugc noopener"

// tidy goes through a cleaned tree: texts are scrubbed, links made absolute,
// and what is empty or nested out of reason gives way to what is in it.
func tidy(root *html.Node, base *url.URL) {
	tidyWithin(root, base, 0)
}

func tidyWithin(parent *html.Node, base *url.URL, depth int) {
	for n := parent.FirstChild; n != nil; {
		next := n.NextSibling
		if n.Type == html.ElementNode {
			tidyWithin(n, base, depth+1)
		}
		if n.Type == html.TextNode {
			n.Data = Scrub(n.Data)
		}
		switch {
		case n.Type != html.TextNode && n.Type != html.ElementNode, isEmptyText(n), isEmptyElement(n):
			parent.RemoveChild(n)
		case n.DataAtom == atom.A && !keepLink(n, base), n.Type == html.ElementNode && depth >= maxNested:
			unwrap(n)
		}
		n = next
	}
}

// keepLink makes a link absolute; it does not keep one that leads nowhere.
func keepLink(n *html.Node, base *url.URL) bool {
	u, err := url.Parse(strings.TrimSpace(Scrub(attr(n, "href"))))
	if err == nil && base != nil {
		u = base.ResolveReference(u)
	}
	if err != nil || !isWeb(u) && u.Scheme != "mailto" {
		return false
	}
	n.Attr = []html.Attribute{{Key: "href", Val: u.String()}, {Key: "rel", Val: relation}}
	return true
}

// unwrap puts what is in n in its place.
func unwrap(n *html.Node) {
	for c := n.FirstChild; c != nil; c = n.FirstChild {
		n.RemoveChild(c)
		n.Parent.InsertBefore(c, n)
	}
	n.Parent.RemoveChild(n)
}

func isEmptyText(n *html.Node) bool { return n.Type == html.TextNode && n.Data == "" }

// isEmptyElement tells whether n is an element with nothing to read in it.
func isEmptyElement(n *html.Node) bool {
	if n.Type != html.ElementNode || n.DataAtom == atom.Br {
		return false
	}
	for c := range n.ChildNodes() {
		if c.Type != html.TextNode || strings.TrimSpace(c.Data) != "" {
			return false
		}
	}
	return true
}

// emojiOf is the emoji that a picture stands for, if it stands for one.
func emojiOf(img html.Token) string {
	for _, a := range img.Attr {
		if a.Key == "alt" && mf2.IsEmoji(a.Val) {
			return html.EscapeString(a.Val)
		}
	}
	return ""
}

// Cut cuts clean HTML after limit characters of text, at a word; what was
// open there is closed.
func Cut(clean string, limit int) string {
	root := parseFragment(clean)
	left := limit
	if !cutWithin(root, &left) {
		return clean
	}
	return render(root)
}

// cutWithin takes away what follows once no character is left.
func cutWithin(n *html.Node, left *int) (cut bool) {
	for c := n.FirstChild; c != nil; {
		next := c.NextSibling
		switch {
		case cut:
			n.RemoveChild(c)
		case c.Type == html.TextNode:
			cut = cutTextNode(c, left)
		default:
			cut = cutWithin(c, left)
		}
		c = next
	}
	return cut
}

func cutTextNode(n *html.Node, left *int) (cut bool) {
	length := len([]rune(strings.TrimSpace(n.Data)))
	if length <= *left {
		*left -= length
		return false
	}
	n.Data, cut = cutText(n.Data, *left)
	return cut
}
