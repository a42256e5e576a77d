package webmention

import (
	"io"
	"net/http"
	"net/url"
	"strings"

	"golang.org/x/net/html"
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
// no HTML (26), base (27). What else stands there is no endpoint: in comments and escaped
// text (13, 14), in a template (28), without an address (20).
func Endpoint(page *url.URL, header http.Header, body []byte) (*url.URL, bool) {
	asked := &listing{links: make(map[string]*url.URL)}
	for _, l := range answer.Links(header) {
		asked.addHeader(page, l)
	}
	base, elements := answer.Elements(page, header, body)
	for _, e := range elements {
		asked.addElement(base, e)
	}
	client := library.New(&http.Client{Transport: asked})
	found, err := client.DiscoverEndpoint("http://page.invalid/")
	if err != nil {
		return nil, false
	}
	endpoint, ok := asked.links[found]
	return endpoint, ok
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

func (l *listing) addHeader(base *url.URL, from answer.Link) {
	if href, rel, ok := l.add(base, from); ok {
		l.header = append(l.header, "<"+href+`>; rel="`+rel+`"`)
	}
}

func (l *listing) addElement(base *url.URL, from answer.Element) {
	if href, rel, ok := l.add(base, from.Link); ok {
		l.body.WriteString("<" + from.Name + ` rel="` + html.EscapeString(rel) +
			`" href="` + html.EscapeString(href) + `"></` + from.Name + ">")
	}
}

// add resolves a link, keeps its address, and returns address and relations in
// the form that the library reads rightly (24, 25, 29). What leads to no web
// address is no endpoint (33); the library would panic at some of them.
func (l *listing) add(base *url.URL, from answer.Link) (href, rel string, ok bool) {
	rel = strings.ToLower(strings.Join(strings.Fields(from.Rel), " "))
	if !strings.Contains(rel, "webmention") || strings.ContainsAny(rel, `"\`) {
		return "", "", false
	}
	to, err := base.Parse(strings.TrimSpace(from.Href))
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
