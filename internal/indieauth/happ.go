package indieauth

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/html"

	"hark/internal/answer"
)

// appReader goes once through the page of an app, tag by tag, so that its cost
// grows with its length and no more: pages are made to be costly for parsers.
type appReader struct {
	info *Information
	base *url.URL

	app  element // the first h-app, while it is open
	seen bool
	name element // its p-name, while that is open

	text, whole strings.Builder // of the p-name, of all of the app
	logo        string
}

// element is one that is open: its name, and how many of that name are.
type element struct {
	tag  string
	open int
}

func (e *element) begin(tag string) { *e = element{tag, 1} }

// step counts what begins or ends within of the same name.
func (e *element) step(tag string, by int) {
	if e.open > 0 && tag == e.tag {
		e.open += by
	}
}

// readHTML finds the h-app (or h-x-app) of a page, and its links to redirect
// addresses.
func (i *Information) readHTML(at *url.URL, header http.Header, body []byte) {
	r := &appReader{info: i, base: at}
	for tokens := html.NewTokenizer(answer.Decode(header, body)); ; {
		switch kind := tokens.Next(); kind {
		case html.ErrorToken:
			r.finish()
			return
		case html.TextToken:
			r.words(string(tokens.Text()))
		case html.StartTagToken, html.SelfClosingTagToken, html.EndTagToken:
			r.tag(tokens.Token(), kind)
		}
	}
}

func (r *appReader) tag(t html.Token, kind html.TokenType) {
	if kind == html.EndTagToken {
		r.app.step(t.Data, -1)
		r.name.step(t.Data, -1)
		return
	}
	attributes := map[string]string{}
	for _, a := range t.Attr {
		if _, twice := attributes[a.Key]; !twice {
			attributes[a.Key] = a.Val
		}
	}
	if t.Data == "link" && hasRel(attributes["rel"], "redirect_uri") {
		r.info.addRedirect(r.base, attributes["href"])
	}
	void := isVoid(t.Data)
	if !void {
		r.app.step(t.Data, 1)
		r.name.step(t.Data, 1)
	}
	switch {
	case r.app.open > 0:
		r.property(t.Data, attributes, void)
	case !r.seen && !void && hasClass(attributes, "h-app", "h-x-app"):
		r.seen = true
		r.app.begin(t.Data)
	}
}

// property takes in one of the app's, the first of each.
func (r *appReader) property(tag string, attributes map[string]string, void bool) {
	if r.logo == "" && hasClass(attributes, "u-logo") {
		r.logo = cmp.Or(attributes["src"], attributes["href"])
	}
	if r.name.tag != "" || !hasClass(attributes, "p-name") {
		return
	}
	r.name.begin(tag)
	if void {
		r.text.WriteString(attributes["alt"])
		r.name.open = 0
	}
}

func (r *appReader) words(text string) {
	if r.app.open > 0 && r.whole.Len() < 4*maxName {
		r.whole.WriteString(text)
	}
	if r.name.open > 0 && r.text.Len() < 4*maxName {
		r.text.WriteString(text)
	}
}

// finish keeps what was found. An app without a p-name is called by its text.
func (r *appReader) finish() {
	if r.info.setName(r.text.String()); r.info.Name == "" {
		r.info.setName(r.whole.String())
	}
	r.info.setLogo(r.base, r.logo)
}

func hasClass(attributes map[string]string, names ...string) bool {
	return slices.ContainsFunc(strings.Fields(attributes["class"]), func(one string) bool { return slices.Contains(names, one) })
}

func isVoid(tag string) bool {
	switch tag {
	case "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr":
		return true
	}
	return false
}
