package site

import (
	"bytes"
	"image/png"
	"net/http"
	"strings"
	"testing"

	"hark/internal/look"
	"hark/internal/poster"
	"hark/internal/posts"
	"hark/internal/settings"
)

// shownAs is the path of the picture that others show of a page, empty for none.
func (b *blog) shownAs(path string) string {
	b.t.Helper()
	for _, n := range b.get(path).all(`meta[property="og:image"]`) {
		return strings.TrimPrefix(attribute(n, "content"), public)
	}
	return ""
}

func TestAPostWithoutAPictureIsShownByItsTitle(t *testing.T) {
	b := newBlog(t)
	p := b.publish(day24, posts.Post{Title: "Six years of rain", Content: "x"})
	at := b.shownAs(p.Path)
	r := b.get(at)
	made, err := png.DecodeConfig(bytes.NewReader([]byte(r.body)))
	if err != nil || made.Width != poster.Width || made.Height != poster.Height || r.Header.Get("Content-Type") != "image/png" || r.Header.Get("Cache-Control") != "public, max-age=31536000, immutable" {
		t.Errorf("%s answers %v, %v, %v", at, r.Header, made, err)
	}
	path, _, _ := strings.Cut(at, "?")
	if r := b.get(path); r.Header.Get("Cache-Control") != "no-cache" {
		t.Errorf("%s answers %v", path, r.Header)
	}
	b.wears(settings.Look{Choice: look.Choice{Accent: "#a01060"}})
	coloured := b.shownAs(p.Path)
	p.Title = "Seven years"
	titled := b.shownAs(b.save(*p).Path)
	if coloured == at || titled == coloured || titled == at {
		t.Errorf("the addresses are %s, %s, %s", at, coloured, titled)
	}
	if other := b.get(titled).body; other == r.body {
		t.Error("another title has the same picture")
	}
	if r := b.get(at); r.Header.Get("Cache-Control") != "no-cache" {
		t.Errorf("an old address answers %v", r.Header)
	}
}

func TestWhatCannotBeDrawnHasNoPicture(t *testing.T) {
	b := newBlog(t)
	p := b.publish(day24, posts.Post{Title: "雨", Content: "x"})
	if got := b.shownAs(p.Path); got != "" {
		t.Errorf("it is shown as %s", got)
	}
	if r := b.ask(http.MethodGet, posterPath(p)); r.StatusCode != http.StatusNotFound {
		t.Errorf("the picture answers %d", r.StatusCode)
	}
}

func TestNobodySeesTheTitleOfWhatIsHiddenInAPicture(t *testing.T) {
	b := newBlog(t)
	gone := b.publish(day24, posts.Post{Title: "Gone", Content: "x"})
	at := b.shownAs(gone.Path)
	b.get(at)
	if err := b.Posts.Delete(t.Context(), gone.ID); err != nil {
		t.Fatal(err)
	}
	private := b.publish(day24, posts.Post{Title: "Private", Content: "x", Visibility: posts.Private})
	draft := b.save(posts.Post{Status: posts.Draft, Title: "Draft", Content: "x"})
	for _, path := range []string{at, posterPath(private), posterPath(draft), "/preview/none.png", "/preview/" + gone.ID, "/preview/.png"} {
		if r := b.ask(http.MethodGet, path); r.StatusCode != http.StatusNotFound {
			t.Errorf("%s answers %d", path, r.StatusCode)
		}
	}
}

func TestNobodyHasPicturesDrawnWithoutEnd(t *testing.T) {
	b := newBlog(t)
	var paths []string
	for range 35 {
		paths = append(paths, posterPath(b.publish(day24, posts.Post{Title: "Rain", Content: "x"})))
	}
	refused := 0
	for _, path := range paths {
		if r := b.ask(http.MethodGet, path); r.StatusCode == http.StatusTooManyRequests && r.Header.Get("Retry-After") != "" {
			refused++
		}
	}
	if refused != 5 {
		t.Errorf("%d of 35 were refused, want 5", refused)
	}
	b.get(paths[0]) // what was drawn costs nothing
}
