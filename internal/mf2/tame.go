package mf2

import (
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

const (
	maxDepth     = 600       // the HTML parser stops at 512 open elements
	maxCopied    = 256 << 20 // bytes the library may copy for one page
	maxKept      = 32 << 20  // bytes it may keep as values
	maxRelations = 2000      // it compares each rel with all before it
)

// tame makes a page safe to hand to the library. The library copies the text
// below an element once for every property class and once more for every level
// of depth, and it follows the include pattern round in circles until the
// stack ends. So the include pattern goes, and relations beyond reason, and a
// page whose reading would copy too much is refused.
func tame(root *html.Node) error {
	t := tamer{base: baseLength(root)}
	t.walk(root, 0)
	if t.tooDeep || t.copied > maxCopied || t.kept > maxKept {
		return ErrTooCostly
	}
	return nil
}

// tamer adds up what the library would copy and keep.
type tamer struct {
	base    int64
	copied  int64
	kept    int64
	rels    int
	tooDeep bool
}

// walk returns the bytes below n, and the bytes copied when their text is
// gathered once, level by level.
func (t *tamer) walk(n *html.Node, depth int) (size, gathered int64) {
	if depth > maxDepth {
		t.tooDeep = true
		return 0, 0
	}
	dropIncludes(n)
	t.countRels(n)
	size = t.own(n)
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		s, g := t.walk(c, depth+1)
		size, gathered = size+s, gathered+g
	}
	gathered += size
	times := readings(n)
	t.copied += gathered * times
	t.kept += size * times
	return size, gathered
}

// countRels takes the relations off the links that come after very many.
func (t *tamer) countRels(n *html.Node) {
	if n.DataAtom != atom.A && n.DataAtom != atom.Link {
		return
	}
	t.rels += len(strings.Fields(attr(n, "rel")))
	if t.rels > maxRelations {
		n.Attr = slices.DeleteFunc(n.Attr, func(a html.Attribute) bool { return a.Key == "rel" })
	}
}

// own is what one node adds to the text or the HTML around it. An address in
// it may grow by the length of the base address.
func (t *tamer) own(n *html.Node) int64 {
	size := int64(len(n.Data))
	for _, a := range n.Attr {
		size += int64(len(a.Key) + len(a.Val) + 4)
		switch a.Key {
		case "href", "src", "cite", "data", "poster", "action", "formaction", "ping":
			size += t.base
		}
	}
	return size
}

// readings is how often the library reads the text below n.
func readings(n *html.Node) int64 {
	var count int64
	for _, class := range strings.Fields(attr(n, "class")) {
		if mayBeProperty(class) {
			count++
		}
	}
	if n.DataAtom == atom.A || n.DataAtom == atom.Link {
		count += int64(len(strings.Fields(attr(n, "rel"))))
	}
	return count
}

// mayBeProperty tells whether the library may take class for a root or a
// property; a few classic names are counted that stay unused.
func mayBeProperty(class string) bool {
	for _, prefix := range []string{"h-", "p-", "u-", "e-", "dt-"} {
		if strings.HasPrefix(class, prefix) {
			return true
		}
	}
	return strings.Contains(classic, " "+class+" ")
}

// classic names the root and property classes of hAtom, hCard and their kin.
const classic = " adr additional-name affiliation agent attendee author average bday best" +
	" brand category class contact count country-name dateline description dtend dtreviewed" +
	" dtstart duration education email entry entry-content entry-summary entry-title" +
	" experience extended-address family-name fn geo given-name hentry hfeed hnews" +
	" honorific-prefix honorific-suffix hproduct hrecipe hresume hreview hreview-aggregate" +
	" identifier ingredient instructions item key label latitude listing locality location" +
	" logo longitude mailer nickname note nutrition org photo post-office-box postal-code" +
	" price publications published rating region rev review reviewer role skill sort-string" +
	" sound source-org street-address summary tel title tz uid updated url vcard vevent votes" +
	" worst yield "

// dropIncludes takes the include pattern off an element (classes `include`,
// attributes `itemref` and `headers`).
func dropIncludes(n *html.Node) {
	n.Attr = slices.DeleteFunc(n.Attr, func(a html.Attribute) bool {
		return a.Key == "itemref" || a.Key == "headers"
	})
	for i := range n.Attr {
		if n.Attr[i].Key == "class" && strings.Contains(n.Attr[i].Val, "include") {
			classes := slices.DeleteFunc(strings.Fields(n.Attr[i].Val), func(c string) bool { return c == "include" })
			n.Attr[i].Val = strings.Join(classes, " ")
		}
	}
}

// baseLength is the length of the longest base address in the page.
func baseLength(root *html.Node) int64 {
	longest := 0
	for n := range root.Descendants() {
		if n.DataAtom == atom.Base {
			longest = max(longest, len(attr(n, "href")))
		}
	}
	return int64(longest)
}

// attr returns the value of the attribute key of n.
func attr(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}
