package answer

import (
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"testing"
)

var there = &url.URL{Scheme: "https", Host: "other.example", Path: "/2026/post"}

// elements are those of a page, each as name, rel and address, and the base.
func elements(kind, body string) string {
	header := http.Header{}
	if kind != "" {
		header.Set("Content-Type", kind)
	}
	base, all := Elements(there, header, []byte(body))
	found := []string{base.String()}
	for _, e := range all {
		found = append(found, fmt.Sprintf("%s %s %s", e.Name, e.Rel, e.Href))
	}
	return strings.Join(found, ", ")
}

func TestTheElementsOfAPage(t *testing.T) {
	const at = "https://other.example/2026/post"
	for name, c := range map[string]struct{ kind, body, want string }{
		"in order":                   {"", `<A REL=x HREF=/1>a</a><link href=/2 rel='y z'><area rel=x href=/3><a rel=x href="">`, at + ", a x /1, link y z /2, a x "},
		"XHTML":                      {"application/xhtml+xml; charset=utf-8", `<link rel="x" href="/1"/>`, at + ", link x /1"},
		"both attributes":            {"", `<link rel=x><a href=/1>b</a><link rel href=/2>`, at + ", link  /2"},
		"the first of two":           {"", `<link rel=x rel=y href=/1 href=/2>`, at + ", link x /1"},
		"entities, and what breaks":  {"", "<a rel=x href=' /\n?a=1&amp;b\t=2 '>", at + ", a x /?a=1&b=2"},
		"an encoding":                {"text/html; charset=iso-8859-1", "<a rel=x href=/f\xfcr>", at + ", a x /für"},
		"an encoding in the head":    {"text/html", "<meta charset=iso-8859-1><a rel=x href=/f\xfcr>", at + ", a x /für"},
		"comments and texts":         {"", "<!-- <a rel=x href=/1> --><script><a rel=x href=/2></script><style><a rel=x href=/3></style><textarea><a rel=x href=/4></textarea><title><a rel=x href=/5></title><noscript><a rel=x href=/6></noscript><p title='<a rel=x href=/7>'>", at},
		"templates":                  {"", "</template><a rel=x href=/1><template><template></template><a rel=x href=/2><base href=/3></template><a rel=x href=/4>", at + ", a x /1, a x /4"},
		"a template without end":     {"", "<template/><a rel=x href=/1>", at},
		"a base, for all":            {"", "<a rel=x href=1><base target=_top><base href=/b/><base href=/c/>", "https://other.example/b/, a x 1"},
		"an empty base":              {"", "<base href=''><base href=/b/>", at},
		"a base that is no web page": {"", "<base href='data:,x'><base href=/b/>", at},
		"a base that is no address":  {"", "<base href='//[x'><base href=/b/>", at},
		"broken":                     {"", "</p></a href=x rel=y><a rel=x href=/1 <a rel=x href=/2", at},
		"plain text":                 {"text/plain", "<a rel=x href=/1>", at},
		"JSON":                       {"application/json", "<a rel=x href=/1>", at},
		"bytes that say nothing":     {"", "\x00\x01<a rel=x href=/1>", at},
	} {
		if got := elements(c.kind, c.body); got != c.want {
			t.Errorf("%s: got  %s\nwant %s", name, got, c.want)
		}
	}
}

// FuzzElements: a page whose comments are taken out has the same elements; their
// addresses are on one line, and relative to a page of the web. The same page after a
// template that has no end has none.
func FuzzElements(f *testing.F) {
	f.Add(`<base href=/b/><a rel=x href=/1><!-- <base href=/c/> --><template><link rel=x href=/2></template><link rel="y" href="&#10;/3">`)
	f.Add("<a rel=x href=/1 <a rel=x href=/2><plaintext><a rel=x href=/3>")
	f.Add("<svg><style><a rel=x href=/1></style></svg><base href=//[><template/></template>")
	f.Fuzz(func(t *testing.T, body string) {
		if strings.HasPrefix(body, "\xfe\xff") || strings.HasPrefix(body, "\xff\xfe") {
			return // by its first bytes it is UTF-16, whatever the header says
		}
		header := http.Header{"Content-Type": {"text/html; charset=utf-8"}}
		base, all := Elements(there, header, []byte(body))
		if base.Scheme != "http" && base.Scheme != "https" {
			t.Errorf("the base is %s", base)
		}
		for _, e := range all {
			if e.Name != "a" && e.Name != "link" || strings.ContainsAny(e.Href, "\t\r\n") {
				t.Errorf("one is %+v", e)
			}
		}
		if len(all) > len(body)/len("<a rel=href>") {
			t.Errorf("%d bytes have %d elements", len(body), len(all))
		}
		base2, same := Elements(there, header, []byte("<!-- <base href=/x/><a rel=x href=/x> -->"+body))
		if *base2 != *base || !reflect.DeepEqual(same, all) {
			t.Errorf("behind a comment they are %v and %s, else %v and %s", same, base2, all, base)
		}
		if _, hidden := Elements(there, header, []byte("<template>"+strings.ReplaceAll(body, "</", "<"))); len(hidden) > 0 {
			t.Errorf("in a template stand %v", hidden)
		}
	})
}
