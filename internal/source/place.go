package source

import (
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// Place says where on its page a link stands.
type Place string

// The places, the most telling first.
const (
	InProperty Place = "property" // a microformats property, such as u-in-reply-to
	InText     Place = "text"
	InList     Place = "list" // an item of a list that holds little but links
	InComments Place = "comments"
	InFooter   Place = "footer" // footer, navigation, sidebar
	InHead     Place = "head"   // a <link> that no reader sees
	InHiding   Place = "hidden"
)

// rank orders the places: a link is judged by the best place it stands at.
func (p Place) rank() int {
	order := []Place{InHiding, InHead, InFooter, InComments, InList, InText, InProperty}
	return slices.Index(order, p)
}

const (
	longList   = 5  // items from which a list of links is no part of a text
	listedText = 20 // characters beside the link that make an item a sentence
)

// placeOf tells where n stands, by what it is and what is around it.
func placeOf(n *html.Node) Place {
	for a := n; a != nil; a = a.Parent {
		if isHidden(a) {
			return InHiding
		}
	}
	switch {
	case len(properties(n)) > 0:
		return InProperty
	case n.DataAtom == atom.Link:
		return InHead
	case isEmptyLink(n):
		return InHiding
	}
	return placeAround(n)
}

// placeAround climbs from n to the body. The footer of a quotation names where
// it comes from, so it is text.
func placeAround(n *html.Node) Place {
	place := InText
	for a := n.Parent; a != nil && a.DataAtom != atom.Body; a = a.Parent {
		switch {
		case isCommentArea(a):
			return InComments
		case isMargin(a):
			place = InFooter
		case a.DataAtom == atom.Blockquote && place == InFooter:
			place = InText
		case a.DataAtom == atom.Li && place == InText && isLinkList(a, n):
			place = InList
		}
	}
	return place
}

// isHidden tells whether n is kept from its readers' eyes.
func isHidden(n *html.Node) bool {
	if hasAttr(n, "hidden") {
		return true
	}
	style := attr(n, "style")
	if style == "" {
		return false
	}
	style = strings.ToLower(strings.Join(strings.Fields(style), "")) + ";"
	for _, trick := range []string{
		"display:none", "visibility:hidden", "opacity:0;", "font-size:0;", "font-size:0px",
		"text-indent:-9", "left:-9", "top:-9", "right:-9",
	} {
		if strings.Contains(style, trick) {
			return true
		}
	}
	return false
}

// isEmptyLink tells whether n is a link that nobody can see to click on.
func isEmptyLink(n *html.Node) bool {
	if n.DataAtom != atom.A {
		return false
	}
	for d := range n.Descendants() {
		switch d.DataAtom {
		case atom.Img, atom.Svg, atom.Video, atom.Picture, atom.Object:
			return false
		}
		if d.Type == html.TextNode && strings.TrimSpace(d.Data) != "" {
			return false
		}
	}
	return true
}

// isCommentArea tells whether n holds what others wrote on that page.
func isCommentArea(n *html.Node) bool {
	return attr(n, "id") == "comments" || hasClass(n, "comments", "comments-area", "comment-list",
		"commentlist", "comment", "comment-content", "comment-body", "p-comment", "wp-block-comments")
}

// isMargin tells whether n is beside the text: footer, navigation, sidebar.
func isMargin(n *html.Node) bool {
	switch n.DataAtom {
	case atom.Footer, atom.Nav, atom.Aside:
		return true
	}
	switch attr(n, "role") {
	case "navigation", "contentinfo", "complementary":
		return true
	}
	return hasClass(n, "sidebar", "widget", "widget-area", "blogroll", "footer", "site-footer", "menu", "navigation")
}

// isLinkList tells whether item is one of many that hold little but a link.
func isLinkList(item, link *html.Node) bool {
	beside := utf8.RuneCountInString(lineOf(item)) - utf8.RuneCountInString(lineOf(link))
	if beside >= listedText || item.Parent == nil {
		return false
	}
	items := 0
	for n := range item.Parent.ChildNodes() {
		if n.DataAtom == atom.Li {
			items++
		}
	}
	return items >= longList
}

// hasClass tells whether n has one of the classes.
func hasClass(n *html.Node, names ...string) bool {
	return slices.ContainsFunc(classes(n), func(class string) bool { return slices.Contains(names, class) })
}
