package webmention

import (
	"bytes"
	"io"
	"net/http"
	"net/url"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/charset"
	library "willnorris.com/go/webmention"

	"hark/internal/answer"
)

// Endpoint finds where a page takes webmentions (Webmention §3.1.2): by the
// first Link header, else by the first link or a element of its HTML. The page
// is the address after redirects. The numbers in this file are those of the
// cases in testdata/discovery.txt.
//
// The library decides which link it is. It is not shown the page itself but
// the page's links, made plain, because it misreads some pages: a comma in a
// Link header's address (24), upper-case rel values (25), elements in what is
// no HTML (26), base (27).
func Endpoint(page *url.URL, header http.Header, body []byte) (*url.URL, bool) {
	asked := &listing{links: make(map[string]*url.URL)}
	for _, l := range answer.Links(header) {
		asked.addHeader(page, link{href: l.Href, rel: l.Rel})
	}
	if isHTML(header, body) {
		base, elements := elementLinks(page, decode(header, body))
		for _, l := range elements {
			asked.addElement(base, l)
		}
	}
	client := library.New(&http.Client{Transport: asked})
	found, err := client.DiscoverEndpoint("http://page.invalid/")
	if err != nil {
		return nil, false
	}
	endpoint, ok := asked.links[found]
	return endpoint, ok
}

// link is an address with its relations, as they stand in a page.
type link struct {
	name string // of the element
	href string
	rel  string
}

// listing answers the library with a page's links and nothing else. It is
// keyed by how the library sees an address.
type listing struct {
	links  map[string]*url.URL
	header []string
	body   strings.Builder
}

// RoundTrip answers every request with the listing.
func (l *listing) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{
		StatusCode: http.StatusOK,
		Header:     http.Header{"Link": l.header},
		Body:       io.NopCloser(strings.NewReader(l.body.String())),
		Request:    r,
	}, nil
}

func (l *listing) addHeader(base *url.URL, from link) {
	if href, rel, ok := l.add(base, from); ok {
		l.header = append(l.header, "<"+href+`>; rel="`+rel+`"`)
	}
}

func (l *listing) addElement(base *url.URL, from link) {
	if href, rel, ok := l.add(base, from); ok {
		l.body.WriteString("<" + from.name + ` rel="` + html.EscapeString(rel) +
			`" href="` + html.EscapeString(href) + `"></` + from.name + ">")
	}
}

// add resolves a link, keeps its address, and returns address and relations in
// the form that the library reads rightly (24, 25, 29). What leads to no web
// address is no endpoint (33); the library would panic at some of them.
func (l *listing) add(base *url.URL, from link) (href, rel string, ok bool) {
	rel = strings.ToLower(strings.Join(strings.Fields(from.rel), " "))
	if !strings.Contains(rel, "webmention") || strings.ContainsAny(rel, `"\`) {
		return "", "", false
	}
	to, err := base.Parse(tidy(from.href))
	if err != nil || to.Scheme != "http" && to.Scheme != "https" || to.Hostname() == "" {
		return "", "", false
	}
	href = plainly.Replace(to.String())
	seen, err := url.Parse(href)
	if err != nil {
		return "", "", false // such as //" whose host nobody can ask
	}
	href = seen.String()
	if _, known := l.links[href]; !known {
		l.links[href] = to
	}
	return href, rel, true
}

// plainly hides what has a meaning in a Link header.
var plainly = strings.NewReplacer(",", "%2C", `"`, "%22", "<", "%3C", ">", "%3E", `\`, "%5C")

// tidy removes what HTML ignores in an address (URL Standard §4.4).
func tidy(href string) string {
	return strings.NewReplacer("\t", "", "\n", "", "\r", "").Replace(strings.TrimSpace(href))
}

// isHTML tells whether a page has elements at all (26).
func isHTML(header http.Header, body []byte) bool {
	kind, _, _ := strings.Cut(header.Get("Content-Type"), ";")
	switch strings.ToLower(strings.TrimSpace(kind)) {
	case "text/html", "application/xhtml+xml":
		return true
	case "":
		return strings.HasPrefix(http.DetectContentType(body), "text/")
	}
	return false
}

// decode reads a body in the encoding that its header or its head names.
func decode(header http.Header, body []byte) io.Reader {
	utf8, err := charset.NewReader(bytes.NewReader(body), header.Get("Content-Type"))
	if err != nil {
		return bytes.NewReader(body)
	}
	return utf8
}

// elementLinks lists the link and a elements of a document that have both rel
// and href (20), in order, and what they are relative to (27). It reads tokens
// instead of a tree, so that no nesting is too deep. Comments and escaped text
// give no tokens (13, 14); a template's content is no part of the page (28).
func elementLinks(page *url.URL, document io.Reader) (base *url.URL, links []link) {
	tokens := html.NewTokenizer(document)
	templates := 0
	for {
		switch tokens.Next() {
		case html.ErrorToken:
			if base == nil {
				base = page
			}
			return base, links
		case html.StartTagToken, html.SelfClosingTagToken:
			name, _ := tokens.TagName()
			switch string(name) {
			case "template":
				templates++
			case "base":
				if base == nil && templates == 0 {
					base = baseOf(page, tokens)
				}
			case "a", "link":
				l := link{name: string(name)}
				if l.readAttributes(tokens) && templates == 0 {
					links = append(links, l)
				}
			}
		case html.EndTagToken:
			if name, _ := tokens.TagName(); string(name) == "template" && templates > 0 {
				templates--
			}
		}
	}
}

// readAttributes tells whether the element has both rel and href. (Of two
// attributes with one name, the tokenizer gives the first alone.)
func (l *link) readAttributes(tokens *html.Tokenizer) bool {
	var href, rel bool
	for more := true; more; {
		var key, value []byte
		key, value, more = tokens.TagAttr()
		switch string(key) {
		case "href":
			l.href, href = string(value), true
		case "rel":
			l.rel, rel = string(value), true
		}
	}
	return href && rel
}

// baseOf is the address a base element names, nil if it names none.
func baseOf(page *url.URL, tokens *html.Tokenizer) *url.URL {
	var l link
	l.readAttributes(tokens)
	base, err := page.Parse(tidy(l.href))
	if l.href == "" || err != nil || base.Scheme != "http" && base.Scheme != "https" {
		return nil
	}
	return base
}
