package webmention

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
	"unicode/utf16"

	"hark/internal/answer"
	"hark/internal/answer/fuzztest"
)

// discovery is one case of testdata/discovery.txt.
type discovery struct {
	name, page, want, answer string
}

func discoveries(t testing.TB) (cases []discovery) {
	t.Helper()
	file, err := os.ReadFile("testdata/discovery.txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range strings.Split(string(file), "\n== ")[1:] {
		var c discovery
		var rest string
		c.name, rest, _ = strings.Cut(part, "\npage ")
		c.page, rest, _ = strings.Cut(rest, "\nwant ")
		c.want, c.answer, _ = strings.Cut(rest, "\n")
		if c.name == "" || c.page == "" || c.want == "" || c.answer == "" {
			t.Fatalf("this case is not whole:\n%s", part)
		}
		cases = append(cases, c)
	}
	return cases
}

func (c discovery) endpoint(t *testing.T) string {
	t.Helper()
	page, err := url.Parse(c.page)
	if err != nil {
		t.Fatal(err)
	}
	head, body, _ := strings.Cut(c.answer, "\n\n")
	wire := "HTTP/1.0 200 OK\r\n" + strings.ReplaceAll(head, "\n", "\r\n") + "\r\n\r\n" + body
	res, err := http.ReadResponse(bufio.NewReader(strings.NewReader(wire)), nil)
	if err != nil {
		t.Fatal(err)
	}
	content, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	found, ok := Endpoint(page, res.Header, content)
	if !ok {
		return "none"
	}
	return found.String()
}

// T14: the 23 cases of webmention.rocks, and those where the library needs help.
func TestT14EndpointIsFound(t *testing.T) {
	cases := discoveries(t)
	if len(cases) < 23 {
		t.Fatalf("only %d cases were read", len(cases))
	}
	for i, c := range cases {
		if !strings.HasPrefix(c.name, fmt.Sprintf("%d ", i+1)) {
			t.Errorf("case %q is out of order", c.name)
		}
		t.Run(c.name, func(t *testing.T) {
			if got := c.endpoint(t); got != c.want {
				t.Errorf("got %s\nwant %s", got, c.want)
			}
		})
	}
}

func TestT14EndpointIsFoundInUTF16(t *testing.T) {
	body := []byte{0xFF, 0xFE}
	for _, unit := range utf16.Encode([]rune(`<link rel="webmention" href="/endpoint">`)) {
		body = append(body, byte(unit), byte(unit>>8))
	}
	page := &url.URL{Scheme: "https", Host: "blog.example", Path: "/"}
	for _, kind := range []string{"text/html", "text/html; charset=utf-16le"} {
		got, ok := Endpoint(page, http.Header{"Content-Type": {kind}}, body)
		if !ok || got.String() != "https://blog.example/endpoint" {
			t.Errorf("as %s: got %v", kind, got)
		}
	}
}

func TestT14EndpointIsFoundHoweverDeepAndLongThePageIs(t *testing.T) {
	page := &url.URL{Scheme: "https", Host: "blog.example", Path: "/"}
	for _, before := range []string{"<div>", "<a rel=me href=x>", "<p><b>", "</template>", "<link rel=webmention>", "<base>"} {
		body := strings.Repeat(before, 1<<20/len(before)) + `<a rel=webmention href=/endpoint>`
		if got, ok := Endpoint(page, http.Header{"Content-Type": {"text/html"}}, []byte(body)); !ok || got.Path != "/endpoint" {
			t.Errorf("after many %s: got %v", before, got)
		}
	}
}

func FuzzEndpoint(f *testing.F) {
	for _, c := range discoveries(f) {
		head, body, _ := strings.Cut(c.answer, "\n\n")
		for line := range strings.Lines(head) {
			if name, value, _ := strings.Cut(strings.TrimSpace(line), ": "); strings.EqualFold(name, "Link") {
				f.Add(value, body)
			}
		}
		f.Add("", body)
	}
	for _, part := range []string{`<a rel="webmention x" href="/1,2">x</a>`, "<a rel=webmention href>", "<template>", "<base href=/b/>", "<link rel=' "} {
		f.Add(strings.Repeat(`<//[>; rel="webmention", `, 300), strings.Repeat(part, 8<<10/len(part)))
	}
	page := &url.URL{Scheme: "https", Host: "blog.example", Path: "/post", RawQuery: "a=b"}
	f.Fuzz(func(t *testing.T, value, body string) {
		header := http.Header{"Link": {value}, "Content-Type": {"text/html; charset=utf-8"}}
		work := fuzztest.Begin()
		found, ok := Endpoint(page, header, []byte(body))
		work.Holds(t, len(value)+len(body), 1<<20)
		if ok != (found != nil) {
			t.Fatalf("got %v, %t", found, ok)
		}
		if !ok {
			if plainlyThere(header, body) {
				t.Error("a plain endpoint was missed")
			}
			return
		}
		if found.Scheme != "http" && found.Scheme != "https" || found.Hostname() == "" {
			t.Errorf("%q is no web address", found)
		}
	})
}

// plainlyThere tells whether some link is an endpoint beyond doubt.
func plainlyThere(header http.Header, body string) bool {
	links := answer.Links(header)
	_, elements := answer.Elements(&url.URL{}, header, []byte(body))
	for _, e := range elements {
		links = append(links, e.Link)
	}
	for _, l := range links {
		u, err := url.Parse(l.Href)
		if l.Rel == "webmention" && err == nil && u.Scheme == "https" && u.Hostname() != "" && !strings.ContainsAny(u.Host, "\",<>\\") {
			return true
		}
	}
	return false
}
