package site

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"hark/internal/posts"
)

func TestSearchPage(t *testing.T) {
	b := newBlog(t)
	rain := b.publish(3*time.Hour, posts.Post{Title: "Rain & <b>wind</b>", Content: "The gauges ran over."})
	b.publish(2*time.Hour, posts.Post{Content: "A note about rain, seen <em>twice</em>."})
	b.publish(time.Hour, posts.Post{Content: "Secret rain", Visibility: posts.Private})
	for n := range pageLength + 1 {
		b.publish(time.Duration(n+4)*time.Hour, posts.Post{Content: fmt.Sprintf("Curlew %d", n)})
	}
	search := func(query string) reading { return b.get("/search?q=" + url.QueryEscape(query)) }

	t.Run("hits are marked, and escaped", func(t *testing.T) {
		r := search("rain")
		if got := len(r.all(".hit")); got != 2 {
			t.Fatalf("%d hits, want 2:\n%s", got, r.body)
		}
		if got := attribute(r.one(t, ".hit h2 a"), "href"); got != public+rain.Path {
			t.Errorf("the first hit leads to %q", got)
		}
		if !strings.Contains(r.body, "<mark>Rain</mark> &amp; &lt;b&gt;wind&lt;/b&gt;") || !strings.Contains(r.body, "A note about <mark>rain</mark>, seen twice.") {
			t.Errorf("the hits are not marked as they should:\n%s", r.body)
		}
		if got := attribute(r.one(t, "input[name=q]"), "value"); got != "rain" {
			t.Errorf("the field holds %q", got)
		}
	})
	t.Run("what is no text is shown as text", func(t *testing.T) {
		r := search("rain \xff\xfe")
		if got := attribute(r.one(t, "input[name=q]"), "value"); got != "rain \uFFFD" || !utf8.ValidString(r.body) {
			t.Errorf("the field holds %q", got)
		}
	})
	t.Run("nobody keeps or indexes what is found", func(t *testing.T) {
		before := b.Cache.Stats()
		r := search("curlew")
		if after := b.Cache.Stats(); after.Pages != before.Pages || after.Bytes != before.Bytes {
			t.Error("what was found is kept")
		}
		if r.Header.Get("X-Robots-Tag") != "noindex" || len(r.all("meta[name=robots][content=noindex]")) != 1 || !strings.Contains(r.Header.Get("Cache-Control"), "no-store") {
			t.Errorf("headers %v", r.Header)
		}
	})
	t.Run("on several pages", func(t *testing.T) {
		r := b.get(attribute(search("curlew").one(t, ".pager [rel=next]"), "href"))
		if got := r.texts(".hit p"); !slices.Equal(got, []string{fmt.Sprintf("Curlew %d", pageLength)}) {
			t.Errorf("the second page has %q", got)
		}
		if len(r.all(".pager [rel=next]")) != 0 || len(r.all(".pager [rel=prev]")) != 1 {
			t.Error("the pager is wrong on the last page")
		}
	})
	t.Run("what cannot be looked for gets a sentence", func(t *testing.T) {
		for query, want := range map[string]string{
			"kind:poem": "no kind of post", `"`: "no word", strings.Repeat("x", 300): "too long",
			`") OR "x`: "Nothing here", "nothinglikeit": "Nothing here", "\x00'; DROP TABLE posts": "Nothing here",
		} {
			if got := wordsIn(search(query).one(t, "[role=status]")); !strings.Contains(got, want) {
				t.Errorf("%s: %q, want %q", query, got, want)
			}
		}
	})
	t.Run("the way there", func(t *testing.T) {
		r := b.get(attribute(b.get(rain.Path).one(t, "link[rel=search]"), "href"))
		if !strings.Contains(r.body, `template="`+public+`/search?q={searchTerms}"`) {
			t.Errorf("the description says %s", r.body)
		}
		missing := b.ask(http.MethodGet, "/2020/nothing")
		if got := attribute(missing.one(t, "main form[role=search]"), "action"); got != "/search" {
			t.Errorf("the form of a missing page leads to %q", got)
		}
		if len(missing.all("main li")) != 0 {
			t.Errorf("it suggests something:\n%s", missing.body)
		}
		near := b.ask(http.MethodGet, rain.Path[:len(rain.Path)-3])
		if got := attribute(near.one(t, "main li a"), "href"); near.StatusCode != http.StatusNotFound || got != rain.Path {
			t.Errorf("a cut address answers %d and suggests %q", near.StatusCode, got)
		}
		for range 12 {
			near = b.ask(http.MethodGet, rain.Path[:len(rain.Path)-3])
		}
		if near.StatusCode != http.StatusNotFound || len(near.all("main li")) != 0 {
			t.Errorf("who tries many is answered %d with %q", near.StatusCode, near.texts("main li"))
		}
		if got := len(b.get("/search?utm_source=x").all(".hit")); got != 0 {
			t.Errorf("without words there are %d hits", got)
		}
	})
	t.Run("nobody may search for ever", func(t *testing.T) {
		b.at = b.at.Add(time.Hour)
		for n := range 100 {
			r := b.ask(http.MethodGet, fmt.Sprintf("/search?q=x%d", n))
			if r.StatusCode == http.StatusTooManyRequests {
				if r.Header.Get("Retry-After") == "" || !strings.Contains(r.body, "Try again in") {
					t.Errorf("refused with %v: %s", r.Header, r.body)
				}
				b.seen = b.wren
				if search("rain").StatusCode != http.StatusOK {
					t.Error("who writes here is refused, too")
				}
				return
			}
		}
		t.Error("a hundred searches at once were answered")
	})
}
