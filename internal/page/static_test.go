package page

import (
	"net/http"
	"strings"
	"testing"

	"hark/web"
)

func TestAFileHasAnAddressThatMayBeKeptForEver(t *testing.T) {
	static := testStatic(t)
	b := newBlog(t, 1<<20, nil)
	for name, want := range map[string]string{
		"hark.css":       "text/css; charset=utf-8",
		"mark.svg":       "image/svg+xml",
		"js/toolbar.js":  "text/javascript; charset=utf-8",
		"js/desk.min.js": "text/javascript; charset=utf-8",
		"js/no-ending":   "application/octet-stream",
	} {
		address, err := static.Asset(name)
		if err != nil || !strings.HasPrefix(address, "/static/") || address == "/static/"+name {
			t.Fatalf("Asset(%q) = %q, %v", name, address, err)
		}
		res, _ := b.get(t, address)
		if res.StatusCode != 200 || res.Header.Get("Content-Type") != want || res.Header.Get("Cache-Control") != "public, max-age=31536000, immutable" {
			t.Errorf("%s: %d %v", address, res.StatusCode, res.Header)
		}
		if res, _ := b.get(t, address, "If-None-Match: "+res.Header.Get("Etag")); res.StatusCode != 304 {
			t.Errorf("%s again: %d, want 304", address, res.StatusCode)
		}
	}
}

func TestFilesAreCompressedAsWellAsCanBe(t *testing.T) {
	static, b := testStatic(t), newBlog(t, 1<<20, nil)
	address, _ := static.Asset("hark.css")
	_, plain := b.get(t, address)
	for _, encoding := range []string{"gzip", "br"} {
		res, body := b.get(t, address, "Accept-Encoding: "+encoding)
		if res.Header.Get("Content-Encoding") != encoding || len(body) >= len(plain) || unpacked(t, encoding, body) != plain {
			t.Errorf("%s: %v", encoding, res.Header)
		}
	}
}

func TestAnOldAddressFindsTheFileButIsNotKept(t *testing.T) {
	b := newBlog(t, 1<<20, nil)
	for _, path := range []string{"/static/hark.css", "/static/hark.OldHash12345.css", "/static/js/desk.min.x.js"} {
		res, body := b.get(t, path)
		if res.StatusCode != 200 || body == "" || res.Header.Get("Cache-Control") != "no-cache" {
			t.Errorf("%s: %d %v", path, res.StatusCode, res.Header)
		}
	}
}

func TestWhatIsNoFileIsNotFound(t *testing.T) {
	b := newBlog(t, 1<<20, nil)
	for _, path := range []string{"/static/", "/static/none.css", "/static/hark", "/static/js/", "/static/js", "/static/%2e%2e/web.go", "/static/."} {
		if res, _ := b.get(t, path); res.StatusCode != 404 {
			t.Errorf("%s: %d, want 404", path, res.StatusCode)
		}
	}
	if res, _ := b.ask(t, http.MethodPost, "/static/hark.css"); res.StatusCode != 405 || res.Header.Get("Allow") != "GET, HEAD" {
		t.Errorf("POST: %d, want 405", res.StatusCode)
	}
	if _, err := testStatic(t).Asset("none.css"); err == nil {
		t.Error("Asset gave an address for what is no file")
	}
}

func TestTheShippedFilesAreThere(t *testing.T) {
	static, err := NewStatic(web.Static)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"hark.css", "desk.css", "mark.svg"} {
		if _, err := static.Asset(name); err != nil {
			t.Error(err)
		}
	}
}
