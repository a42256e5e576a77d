package pingback

import (
	"bytes"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
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
	if !mayBeHTML(header.Get("Content-Type")) {
		return nil, false
	}
	return linkElement(page, body)
}

// mayBeHTML tells whether elements have a meaning in a body of that type.
func mayBeHTML(contentType string) bool {
	if contentType == "" {
		return true
	}
	mediaType, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		mediaType, _, _ = strings.Cut(contentType, ";")
	}
	mediaType = strings.ToLower(strings.TrimSpace(mediaType))
	return mediaType == "text/html" || mediaType == "application/xhtml+xml"
}

// linkElement finds the first usable link of the document. What stands in
// comments, scripts or templates is no element of it.
func linkElement(page *url.URL, body []byte) (*url.URL, bool) {
	base, templates, hasBase := page, 0, false
	for tokens := html.NewTokenizer(bytes.NewReader(body)); ; {
		switch tokens.Next() {
		case html.ErrorToken:
			return nil, false
		case html.EndTagToken:
			if name, _ := tokens.TagName(); string(name) == "template" && templates > 0 {
				templates--
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			token := tokens.Token()
			switch {
			case token.DataAtom == atom.Template:
				templates++
			case templates > 0:
			case token.DataAtom == atom.Base && !hasBase:
				if href, ok := attribute(token, "href"); ok {
					hasBase = true
					base = resolveBase(page, href)
				}
			case token.DataAtom == atom.Link:
				if u, ok := pingbackLink(base, token); ok {
					return u, true
				}
			}
		}
	}
}

// pingbackLink is the address of a link whose rel has the word pingback.
func pingbackLink(base *url.URL, token html.Token) (*url.URL, bool) {
	rel, _ := attribute(token, "rel")
	if !slices.Contains(strings.Fields(strings.ToLower(rel)), "pingback") {
		return nil, false
	}
	href, _ := attribute(token, "href")
	return resolve(base, href)
}

// attribute is the value of the first attribute of that name.
func attribute(token html.Token, name string) (string, bool) {
	for _, a := range token.Attr {
		if a.Key == name {
			return a.Val, true
		}
	}
	return "", false
}

// resolveBase is what <base href> makes of the page's address.
func resolveBase(page *url.URL, href string) *url.URL {
	base, err := page.Parse(strings.TrimSpace(href))
	if err != nil {
		return page
	}
	return base
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
