package test

import (
	"bytes"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/andybalholm/cascadia"
	"golang.org/x/net/html"
)

// visitor is somebody who reads and writes by HTTP, from an address of his own.
type visitor struct {
	t      testing.TB
	client *http.Client
}

// from is a visitor whose requests come from a loopback address. He keeps cookies and
// does not follow redirects.
func from(t testing.TB, address string) *visitor {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	dialer := &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(address)}, Timeout: 5 * time.Second}
	transport := &http.Transport{DialContext: dialer.DialContext, ExpectContinueTimeout: 10 * time.Second}
	t.Cleanup(transport.CloseIdleConnections)
	return &visitor{t: t, client: &http.Client{
		Transport:     transport,
		Jar:           jar,
		Timeout:       30 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// answer is what a visitor was told.
type answer struct {
	status int
	header http.Header
	body   string
}

func (v *visitor) do(req *http.Request) (answer, error) {
	res, err := v.client.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	return answer{res.StatusCode, res.Header, string(body)}, err
}

func (v *visitor) must(req *http.Request, err error) answer {
	v.t.Helper()
	if err != nil {
		v.t.Fatal(err)
	}
	a, err := v.do(req)
	if err != nil {
		v.t.Fatal(err)
	}
	return a
}

func (v *visitor) get(address string) answer {
	v.t.Helper()
	return v.must(http.NewRequest(http.MethodGet, address, nil))
}

// post sends a form as a page of the same site would.
func (v *visitor) post(address string, form url.Values) answer {
	v.t.Helper()
	req, err := formRequest(address, form)
	if err == nil {
		req.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	return v.must(req, err)
}

func formRequest(address string, form url.Values) (*http.Request, error) {
	req, err := http.NewRequest(http.MethodPost, address, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return req, nil
}

// login signs the owner in.
func (v *visitor) login(s *site) {
	v.t.Helper()
	a := v.post(s.url+"/login", url.Values{"username": {ownerName}, "password": {ownerPassword}})
	if a.status != http.StatusSeeOther {
		v.t.Fatalf("login answers %d, want 303:\n%s", a.status, a.body)
	}
}

// micropubRequest is the call that makes a post out of HTML.
func micropubRequest(s *site, token, title, content string) (*http.Request, error) {
	return entryRequest(s, token, map[string]any{"name": title, "content": map[string]string{"html": content}})
}

// entryRequest is the call that makes a post out of properties, each of one value.
func entryRequest(s *site, token string, properties map[string]any) (*http.Request, error) {
	lists := map[string][]any{}
	for name, value := range properties {
		lists[name] = []any{value}
	}
	body, err := json.Marshal(map[string]any{"type": []string{"h-entry"}, "properties": lists})
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequest(http.MethodPost, s.url+"/micropub", bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+token)
	return req, nil
}

// publish makes a post by Micropub and returns its address.
func (s *site) publish(token, title, content string) string {
	s.t.Helper()
	req, err := micropubRequest(s, token, title, content)
	return s.published(req, err)
}

// entry makes a post of properties and returns its address.
func (s *site) entry(token string, properties map[string]any) string {
	s.t.Helper()
	req, err := entryRequest(s, token, properties)
	return s.published(req, err)
}

func (s *site) published(req *http.Request, err error) string {
	s.t.Helper()
	a := from(s.t, "127.0.0.1").must(req, err)
	if a.status != http.StatusCreated || a.header.Get("Location") == "" {
		s.t.Fatalf("micropub answers %d with Location %q, want 201 and an address:\n%s", a.status, a.header.Get("Location"), a.body)
	}
	return a.header.Get("Location")
}

// page reads a page that must be there.
func (v *visitor) page(address string) *html.Node {
	v.t.Helper()
	a := v.get(address)
	if a.status != http.StatusOK {
		v.t.Fatalf("GET %s answers %d, want 200:\n%s", address, a.status, a.body)
	}
	return parse(v.t, a.body)
}

func parse(t testing.TB, page string) *html.Node {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// all finds elements by a CSS selector.
func all(n *html.Node, selector string) []*html.Node {
	return cascadia.QueryAll(n, cascadia.MustCompile(selector))
}

// text is what a reader reads in an element, with single blanks.
func text(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data + " ")
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// attr is the value of an attribute, empty where there is none.
func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// citing are the answers on a page that come from a source.
func citing(page *html.Node, source string) []*html.Node {
	var found []*html.Node
	for _, cite := range all(page, ".h-cite") {
		for _, link := range all(cite, "a.u-url") {
			if attr(link, "href") == source {
				found = append(found, cite)
				break
			}
		}
	}
	return found
}

// has reports whether an attribute is there, with or without a value.
func has(n *html.Node, name string) bool {
	for _, a := range n.Attr {
		if a.Key == name {
			return true
		}
	}
	return false
}

// TestTheBarOfTheDeskIsTheSameOnThePagesOfReaders: who is signed in gets everywhere from everywhere.
func TestTheBarOfTheDeskIsTheSameOnThePagesOfReaders(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.owner()
	v := from(t, "127.0.0.1")
	v.login(s)
	ways := func(path string) (list []string) {
		for _, way := range all(v.page(s.url+path), ".deskbar li > *") {
			list = append(list, strings.TrimSpace(attr(way, "href")+attr(way, "action")+" "+text(way)))
		}
		return list
	}
	if here, there := ways("/"), ways("/desk/posts"); len(there) < 10 || !slices.Equal(here, there) {
		t.Errorf("a reader's page leads to %q, the desk to %q", here, there)
	}
}
