package pingback

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"hark/internal/answer"
)

// Endpoint finds where a page wants its pingbacks (Pingback 1.0, section 2):
// in the X-Pingback header, else in the first <link rel="pingback" href> of its
// HTML. page is the address the page was read from, after redirects. Addresses
// should be absolute; one that is not is resolved as a browser would.
func Endpoint(page *url.URL, header http.Header, body []byte) (*url.URL, bool) {
	for _, value := range header.Values("X-Pingback") {
		if u, ok := resolve(page, value); ok {
			return u, true
		}
	}
	base, elements := answer.Elements(page, header, body)
	for _, e := range elements {
		if e.Name != "link" || !slices.Contains(strings.Fields(strings.ToLower(e.Rel)), "pingback") {
			continue
		}
		if u, ok := resolve(base, e.Href); ok {
			return u, true
		}
	}
	return nil, false
}

// resolve makes an address absolute and tells whether a ping can go there.
func resolve(base *url.URL, address string) (*url.URL, bool) {
	address = strings.TrimSpace(address)
	if address == "" {
		return nil, false
	}
	u, err := base.Parse(address)
	if err != nil {
		return nil, false
	}
	u.Fragment, u.RawFragment = "", ""
	if _, wrong := parseAddress(u.String()); wrong != "" {
		return nil, false
	}
	return u, true
}
