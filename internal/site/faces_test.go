package site

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"hark/internal/auth"
	"hark/internal/database"
	"hark/internal/mentions"
	"hark/internal/mf2"
)

// keepFace puts a picture under a name, of somebody whose only mention is in a
// state.
func (b *blog) keepFace(name, mediaType string, body []byte, state mentions.State) {
	b.t.Helper()
	b.show("", mentions.Mention{Source: "https://anna.example/" + name, State: state, Content: mentions.Content{Kind: mf2.Like, Face: name}})
	photo := "https://anna.example/" + name + ".png"
	b.exec("UPDATE mentions SET author_photo = $1 WHERE face = $2", photo, name)
	b.exec("INSERT INTO photos (address, hash, read_at) VALUES ($1, $2, 0)", photo, name)
	b.exec("INSERT INTO faces (hash, type, bytes) VALUES ($1, $2, $3)", name, mediaType, body)
}

func (b *blog) exec(statement string, args ...any) {
	b.t.Helper()
	err := b.db.InTx(context.Background(), func(tx *database.Tx) error {
		_, err := tx.Exec(statement, args...)
		return err
	})
	if err != nil {
		b.t.Fatal(err)
	}
}

func TestAFaceIsServedAsAPictureToBeKept(t *testing.T) {
	b := newBlog(t)
	name := strings.Repeat("ab", 16)
	b.keepFace(name, "image/png", []byte("\x89PNG picture"), mentions.Shown)
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
	b.keepFace(page, "text/html", []byte("<script>alert(1)</script>"), mentions.Shown)
	b.keepFace("short", "image/png", []byte("picture"), mentions.Shown)
	for _, name := range []string{strings.Repeat("00", 16), strings.Repeat("AB", 16), "short", "x", "%2e%2e", page, page + "0"} {
		r := b.ask(http.MethodGet, "/faces/"+name)
		if r.StatusCode != http.StatusNotFound || !strings.HasPrefix(r.Header.Get("Content-Type"), "text/plain") || r.Header.Get("Location") != "" {
			t.Errorf("%s answers %d as %s", name, r.StatusCode, r.Header.Get("Content-Type"))
		}
	}
}

// T19: what is not shown is not to be seen, its author's picture either.
func TestT19AFaceOfWhomNothingIsShownIsTheOwnersToSee(t *testing.T) {
	b := newBlog(t)
	for n, state := range []mentions.State{mentions.Held, mentions.Spam, mentions.Removed, mentions.Withdrawn} {
		name := strings.Repeat(string('a'+rune(n)), 32)
		b.keepFace(name, "image/png", []byte("\x89PNG picture"), state)
		b.seen = nil
		if r := b.ask(http.MethodGet, "/faces/"+name); r.StatusCode != http.StatusNotFound {
			t.Errorf("%s: a visitor is answered %d", state, r.StatusCode)
		}
		b.seen = &auth.User{}
		if r := b.ask(http.MethodGet, "/faces/"+name); r.StatusCode != http.StatusOK || !strings.HasPrefix(r.Header.Get("Cache-Control"), "private") {
			t.Errorf("%s: the owner is answered %d, to be kept as %s", state, r.StatusCode, r.Header.Get("Cache-Control"))
		}
	}
}
