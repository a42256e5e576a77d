package answer

import (
	"bytes"
	"io"
	"net/http"
	"net/url"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/charset"
)

// Element is a link or an a element of a page.
type Element struct {
	Name string // link or a
	Link        // the address without what HTML ignores in it (URL Standard §4.4)
}

// Elements lists the link and a elements of an HTML page that have both rel and href,
// in order, and what their addresses are relative to. at is where the page was found in
// the end. What is no HTML has none.
//
// It reads tokens instead of a tree, since pages are made to be costly for parsers, and
// what stands within others means nothing to a link. Comments, scripts and the like give
// no tokens; a template's content is no part of the page.
func Elements(at *url.URL, header http.Header, body []byte) (base *url.URL, elements []Element) {
	if !IsHTML(header, body) {
		return at, nil
	}
	templates := 0
	for tokens := html.NewTokenizer(Decode(header, body)); ; {
		switch tokens.Next() {
		case html.ErrorToken:
			if base == nil {
				base = at
			}
			return base, elements
		case html.StartTagToken, html.SelfClosingTagToken:
			name, _ := tokens.TagName()
			switch e := (Element{Name: string(name)}); {
			case e.Name == "template":
				templates++
			case templates > 0:
			case e.Name == "base" && base == nil:
				if _, href := e.read(tokens); href {
					base = baseOf(at, e.Href)
				}
			case e.Name == "a" || e.Name == "link":
				if rel, href := e.read(tokens); rel && href {
					elements = append(elements, e)
				}
			}
		case html.EndTagToken:
			if name, _ := tokens.TagName(); string(name) == "template" && templates > 0 {
				templates--
			}
		}
	}
}

// read takes in the attributes of the element, and tells which it has. (Of two with
// one name, the tokenizer gives the first alone.)
func (e *Element) read(tokens *html.Tokenizer) (rel, href bool) {
	for more := true; more; {
		var key, value []byte
		key, value, more = tokens.TagAttr()
		switch string(key) {
		case "href":
			e.Href, href = ignored.Replace(strings.TrimSpace(string(value))), true
		case "rel":
			e.Rel, rel = string(value), true
		}
	}
	return rel, href
}

// ignored is what means nothing in an address, wherever it stands.
var ignored = strings.NewReplacer("\t", "", "\n", "", "\r", "")

// baseOf is what the first base element with an address has all others be relative to:
// that address, or the page's own if it cannot be one (HTML Standard §4.2.3).
func baseOf(at *url.URL, href string) *url.URL {
	base, err := at.Parse(href)
	if err != nil || base.Scheme != "http" && base.Scheme != "https" {
		return at
	}
	return base
}

// IsHTML tells whether a body has elements at all. One that does not say what it is has
// them if it looks like a text.
func IsHTML(header http.Header, body []byte) bool {
	kind, _, _ := strings.Cut(header.Get("Content-Type"), ";")
	switch strings.ToLower(strings.TrimSpace(kind)) {
	case "text/html", "application/xhtml+xml":
		return true
	case "":
		return strings.HasPrefix(http.DetectContentType(body), "text/")
	}
	return false
}

// Decode reads a body as UTF-8 from the encoding that its header or its head names.
func Decode(header http.Header, body []byte) io.Reader {
	utf8, err := charset.NewReader(bytes.NewReader(body), header.Get("Content-Type"))
	if err != nil {
		return bytes.NewReader(body)
	}
	return utf8
}
