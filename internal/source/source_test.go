package source

import (
	"errors"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"hark/internal/fetch"
)

const (
	linkTarget = "https://hark.example/2026/first"
	linkSource = "https://alice.example/2026/answer"
)

func sameTarget(address string) bool { return address == linkTarget }

// fetched is a page as fetch brings it.
func fetched(address, contentType string, body []byte) *fetch.Page {
	u, err := url.Parse(address)
	if err != nil {
		panic(err)
	}
	header := http.Header{}
	if contentType != "" {
		header.Set("Content-Type", contentType)
	}
	return &fetch.Page{URL: u, Asked: address, Status: 200, Header: header, Body: body}
}

// sourceOf reads an HTML page in which TARGET stands for the target's address.
func sourceOf(t testing.TB, body string) *Source {
	t.Helper()
	body = strings.ReplaceAll(body, "TARGET", linkTarget)
	s, err := Read(fetched(linkSource, "text/html; charset=utf-8", []byte(body)))
	if err != nil {
		t.Fatalf("read source: %v", err)
	}
	return s
}

// vector reads a page from testdata.
func vector(t testing.TB, name, address, contentType string) *Source {
	t.Helper()
	body, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	s, err := Read(fetched(address, contentType, body))
	if err != nil {
		t.Fatalf("read %s: %v", name, err)
	}
	return s
}

func TestSourceThatIsNoTextIsRefused(t *testing.T) {
	link := `<a href="` + linkTarget + `">x</a>`
	cases := []struct{ name, contentType, body string }{
		{"png", "image/png", link},
		{"pdf", "application/pdf", link},
		{"zip", "application/zip", link},
		{"video", "video/mp4", link},
		{"png that says html", "text/html", "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + link},
		{"pdf that says html", "text/html", "%PDF-1.7\n" + link},
		{"zip that says text", "text/plain", "PK\x03\x04\x14\x00" + linkTarget},
		{"bytes that say nothing", "", "\x00\x01\x02\x03" + linkTarget},
		{"bytes that say bytes", "application/octet-stream", "\x00\x01\x02\x03" + linkTarget},
		{"a program", "application/javascript", `x = "` + linkTarget + `"`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if _, err := Read(fetched(linkSource, c.contentType, []byte(c.body))); !errors.Is(err, ErrNotText) {
				t.Errorf("error is %v, want %v", err, ErrNotText)
			}
		})
	}
}

func TestSourceIsReadByItsContentTypeOrItsLook(t *testing.T) {
	link := `<p><a href="` + linkTarget + `">x</a>`
	cases := []struct{ name, contentType, body, element string }{
		{"html", "text/html", link, "a"},
		{"html in capitals", "TEXT/HTML;charset=UTF-8", link, "a"},
		{"xhtml", "application/xhtml+xml", link, "a"},
		{"a broken content type", "text/html; charset", link, "a"},
		{"no content type", "", link, "a"},
		{"json", "application/json", `{"a":"` + linkTarget + `"}`, "JSON value"},
		{"json of a kind", "application/activity+json", `{"a":"` + linkTarget + `"}`, "JSON value"},
		{"json without content type", "", `["` + linkTarget + `"]`, "JSON value"},
		{"text", "text/plain", linkTarget, "text"},
		{"text that begins like a picture", "text/plain", "BMW and " + linkTarget, "text"},
		{"text without content type", "", "see " + linkTarget, "text"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			s, err := Read(fetched(linkSource, c.contentType, []byte(c.body)))
			if err != nil {
				t.Fatal(err)
			}
			if element, ok := s.Link(sameTarget); !ok || element != c.element {
				t.Errorf("found %q (%v), want %q", element, ok, c.element)
			}
		})
	}
}

func TestPageIsReadInItsOwnCharset(t *testing.T) {
	const words = "Ночью Идёт дождь"
	russian, err := charmap.KOI8R.NewEncoder().String(words)
	if err != nil {
		t.Fatal(err)
	}
	big, err := unicode.UTF16(unicode.BigEndian, unicode.UseBOM).NewEncoder().String("<p>" + words)
	if err != nil {
		t.Fatal(err)
	}
	cases := []struct{ name, contentType, body string }{
		{"declared", "text/html; charset=koi8-r", "<p>" + russian},
		{"in the page", "text/html", `<meta charset="koi8-r"><p>` + russian},
		{"declared before the page", "text/html; charset=koi8-r", `<meta charset="utf-8"><p>` + russian},
		{"byte order mark", "text/html; charset=koi8-r", "\ufeff<p>" + words},
		{"utf-16", "text/html", big},
		{"said nowhere, past a long head", "text/html", "<title>" + strings.Repeat("x", 2000) + "</title><p>" + words},
		{"cut in the last letter", "text/html", "<title>" + strings.Repeat("x", 2000) + "</title><p>" + words + "<i>\xd0"},
		{"a charset that does not exist", "text/html; charset=none-such", "<p>" + words},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			s, err := Read(fetched(linkSource, c.contentType, []byte(c.body)))
			if err != nil {
				t.Fatal(err)
			}
			if got := lineOf(s.root); !strings.HasPrefix(got, words) {
				t.Errorf("text is %q, want %q", got, words)
			}
		})
	}
}

func TestPageNestedOutOfReasonIsRefused(t *testing.T) {
	body := strings.Repeat("<div>", 100_000) + `<a href="` + linkTarget + `">x</a>`
	if _, err := Read(fetched(linkSource, "text/html", []byte(body))); !errors.Is(err, ErrTooDeep) {
		t.Errorf("error is %v, want %v", err, ErrTooDeep)
	}
	nested := strings.Repeat("[", 5000) + `"` + linkTarget + `"` + strings.Repeat("]", 5000)
	s, err := Read(fetched(linkSource, "application/json", []byte(nested)))
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := s.Link(sameTarget); !ok {
		t.Error("a string deep in a JSON document is not found")
	}
}
