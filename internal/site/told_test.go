package site

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"hark/internal/posts"
)

func TestTheOwnerAndNobodyElseSeesBeneathAPostWhoWasToldOfIt(t *testing.T) {
	b := newBlog(t)
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/wind" || r.Method == http.MethodPost {
			w.Header().Set("Link", `</webmention>; rel="webmention"`)
		}
	}))
	t.Cleanup(other.Close)
	p := b.publish(time.Hour, posts.Post{Title: "Six years", Content: "See [wind](" + other.URL + "/wind) and [rain](" + other.URL + "/rain)."})
	silent := b.publish(time.Hour, posts.Post{Title: "Nothing", Content: "No link."})
	if err := b.queue.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	if r := b.get(p.Path); len(r.all("#told")) > 0 || strings.Contains(r.body, "/desk/outbox") {
		t.Errorf("a reader sees who was told:\n%s", r.body)
	}
	b.seen = b.wren
	r := b.get(p.Path)
	if got := wordsIn(r.one(t, "#told summary")); got != "Told: 1 of 2" {
		t.Errorf("it says %q", got)
	}
	said := wordsIn(r.one(t, "#told"))
	for _, words := range []string{"Told by webmention", "Takes neither webmention nor pingback"} {
		if !strings.Contains(said, words) {
			t.Errorf("it says %q, want %q", said, words)
		}
	}
	for _, form := range r.all("#told form") {
		if action := attribute(form, "action"); !strings.HasPrefix(action, "/desk/outbox/") {
			t.Errorf("a button leads to %q", action)
		}
	}
	if got := attribute(r.all("#told [name=back]")[0], "value"); got != p.Path {
		t.Errorf("it comes back to %q", got)
	}
	if got := attribute(r.one(t, "#told > p a"), "href"); got != "/desk/outbox?post="+p.ID {
		t.Errorf("all of it is at %q", got)
	}
	if r := b.get(silent.Path); len(r.all("#told")) > 0 {
		t.Error("a post without links has told somebody")
	}
}
