package source

import (
	"iter"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

const (
	maxMatches   = 50 // links to the target compared for the best of them
	sentenceEnds = ".,;:!?…'’”“»"
)

// match is an element of the page that links to the target.
type match struct {
	node  *html.Node
	name  string // as in the ledger: a.u-in-reply-to, img[src]
	place Place
}

// Link tells whether the page truly links to the target that same knows, and by
// which element: an element of a parsed page whose address, resolved, is the same
// resource; a string of a JSON document; a whole word of a plain text. What
// only looks like the address, or is longer or shorter, is no link.
func (s *Source) Link(same func(address string) bool) (element string, ok bool) {
	switch {
	case s.root != nil:
		best, ok := s.match(same)
		return best.name, ok
	case s.data != nil:
		return "JSON value", holdsString(s.data, same)
	}
	_, _, ok = findWord(s.text, same)
	return "text", ok
}

// match finds the links to the target and returns the one that stands at the
// best place.
func (s *Source) match(same func(string) bool) (best match, found bool) {
	seen := 0
	for n, key := range s.links() {
		address, ok := s.resolve(attr(n, key))
		if !ok || !same(address) {
			continue
		}
		m := match{node: n, name: elementName(n, key), place: placeOf(n)}
		if !found || m.place.rank() > best.place.rank() {
			best, found = m, true
		}
		if seen++; seen == maxMatches {
			break
		}
	}
	return best, found
}

// links walks over the elements that link, with the attribute that does.
func (s *Source) links() iter.Seq2[*html.Node, string] {
	return func(yield func(*html.Node, string) bool) {
		for n := range s.elements() {
			for _, key := range linkAttributes(n.DataAtom) {
				if hasAttr(n, key) && !yield(n, key) {
					return
				}
			}
		}
	}
}

// elements walks over the elements of the page in their order, without what
// stands in a template or another part that is no content. It needs no stack.
func (s *Source) elements() iter.Seq[*html.Node] {
	return func(yield func(*html.Node) bool) {
		for n := s.root; n != nil; {
			inert := isInert(n)
			if n.Type == html.ElementNode && !inert && !yield(n) {
				return
			}
			n = nextNode(n, s.root, !inert)
		}
	}
}

// nextNode is the node after n in the order of the page, within root.
func nextNode(n, root *html.Node, into bool) *html.Node {
	if into && n.FirstChild != nil {
		return n.FirstChild
	}
	for n != nil && n != root {
		if n.NextSibling != nil {
			return n.NextSibling
		}
		n = n.Parent
	}
	return nil
}

// isInert tells whether what is in n is no content of the page.
func isInert(n *html.Node) bool {
	switch n.DataAtom {
	case atom.Script, atom.Style, atom.Template, atom.Noscript:
		return true
	}
	return false
}

// linkAttributes names the attributes by which an element links (W3C
// Webmention §3.2.2 leaves the choice to the media type).
func linkAttributes(element atom.Atom) []string {
	switch element {
	case atom.A, atom.Area, atom.Link:
		return []string{"href"}
	case atom.Video:
		return []string{"src", "poster"}
	case atom.Img, atom.Audio, atom.Source, atom.Track, atom.Iframe, atom.Embed:
		return []string{"src"}
	case atom.Blockquote, atom.Q, atom.Ins, atom.Del:
		return []string{"cite"}
	case atom.Object:
		return []string{"data"}
	}
	return nil
}

// resolve makes an attribute's value an absolute http address.
func (s *Source) resolve(value string) (string, bool) {
	value = strings.Trim(value, " \t\r\n\f")
	if strings.ContainsAny(value, "\t\r\n") {
		value = strings.NewReplacer("\t", "", "\r", "", "\n", "").Replace(value)
	}
	if value == "" {
		return "", false
	}
	u, err := s.base.Parse(value)
	if err != nil || !isWeb(u) {
		return "", false
	}
	return u.String(), true
}

// elementName writes an element as the ledger shows it, with the
// microformats it carries.
func elementName(n *html.Node, key string) string {
	name := n.Data
	for _, class := range properties(n) {
		name += "." + class
	}
	if key != "href" {
		name += "[" + key + "]"
	}
	return Line(name, 60)
}

// properties lists the classes of n by which it says what the link means.
func properties(n *html.Node) []string {
	return slices.DeleteFunc(classes(n), func(class string) bool {
		return !strings.HasPrefix(class, "u-") || strings.HasPrefix(class, "u-url")
	})
}

// holdsString tells whether one of the strings in a JSON value is the target.
func holdsString(value any, same func(string) bool) bool {
	switch v := value.(type) {
	case string:
		return isAbsolute(v) && same(v)
	case []any:
		return slices.ContainsFunc(v, func(one any) bool { return holdsString(one, same) })
	case map[string]any:
		for _, one := range v {
			if holdsString(one, same) {
				return true
			}
		}
	}
	return false
}

func isAbsolute(s string) bool {
	u, err := url.Parse(s)
	return err == nil && isWeb(u)
}

// findWord looks for the target as a whole word of a plain text. Brackets and
// quotation marks around it, and the punctuation of a sentence after it, do
// not belong to it.
func findWord(text string, same func(string) bool) (start, end int, ok bool) {
	for at := 0; ; {
		i := indexScheme(text[at:])
		if i < 0 {
			return 0, 0, false
		}
		start = at + i
		word := text[start:]
		if n := strings.IndexAny(word, " \t\r\n\f\v<>\"\u00a0"); n >= 0 {
			word = word[:n]
		}
		at = start + len(word)
		if !startsWord(text[:start]) {
			continue
		}
		for _, after := range []string{"", sentenceEnds, sentenceEnds + ")]}*_"} {
			one := strings.TrimRight(word, after)
			if isAbsolute(one) && same(one) {
				return start, start + len(one), true
			}
		}
	}
}

// indexScheme finds the next address in a text.
func indexScheme(text string) int {
	for at := 0; ; at += len("http") {
		i := strings.Index(text[at:], "http")
		if i < 0 {
			return -1
		}
		at += i
		if rest := text[at+len("http"):]; strings.HasPrefix(rest, "://") || strings.HasPrefix(rest, "s://") {
			return at
		}
	}
}

// startsWord tells whether a word may begin after before.
func startsWord(before string) bool {
	return before == "" || strings.ContainsAny(before[len(before)-1:], " \t\r\n\f\v<(\"'[{*_") ||
		strings.HasSuffix(before, "„") || strings.HasSuffix(before, "“") || strings.HasSuffix(before, "«") ||
		strings.HasSuffix(before, "\u00a0")
}
