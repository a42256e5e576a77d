package site

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"hark/internal/database"
)

// keepFace puts a picture under a name.
func (b *blog) keepFace(name, mediaType string, body []byte) {
	b.t.Helper()
	err := b.db.InTx(context.Background(), func(tx *database.Tx) error {
		_, err := tx.Exec("INSERT INTO faces (hash, type, bytes) VALUES ($1, $2, $3)", name, mediaType, body)
		return err
	})
	if err != nil {
		b.t.Fatal(err)
	}
}

func TestAFaceIsServedAsAPictureToBeKept(t *testing.T) {
	b := newBlog(t)
	name := strings.Repeat("ab", 16)
	b.keepFace(name, "image/png", []byte("\x89PNG picture"))
	for _, method := range []string{http.MethodGet, http.MethodHead} {
		r := b.ask(method, "/faces/"+name)
		if r.StatusCode != http.StatusOK || method == http.MethodGet && r.body != "\x89PNG picture" {
			t.Errorf("%s answers %d: %q", method, r.StatusCode, r.body)
		}
		for header, want := range map[string]string{
			"Content-Type": "image/png", "X-Content-Type-Options": "nosniff", "Content-Disposition": "inline",
			"Cache-Control": "public, max-age=31536000, immutable",
		} {
			if got := r.Header.Get(header); got != want {
				t.Errorf("%s: %s is %q, want %q", method, header, got, want)
			}
		}
		if again := b.ask(method, "/faces/"+name, "If-None-Match: "+r.Header.Get("Etag")); again.StatusCode != http.StatusNotModified {
			t.Errorf("%s with its tag answers %d, want 304", method, again.StatusCode)
		}
	}
}

func TestWhatIsNoFaceIsNotFoundInPlainWords(t *testing.T) {
	b := newBlog(t)
	page := strings.Repeat("cd", 16)
	b.keepFace(page, "text/html", []byte("<script>alert(1)</script>"))
	b.keepFace("short", "image/png", []byte("picture"))
	for _, name := range []string{strings.Repeat("00", 16), strings.Repeat("AB", 16), "short", "x", "%2e%2e", page, page + "0"} {
		r := b.ask(http.MethodGet, "/faces/"+name)
		if r.StatusCode != http.StatusNotFound || !strings.HasPrefix(r.Header.Get("Content-Type"), "text/plain") || r.Header.Get("Location") != "" {
			t.Errorf("%s answers %d as %s", name, r.StatusCode, r.Header.Get("Content-Type"))
		}
	}
}
