package site

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"hark/internal/auth"
	"hark/internal/posts"
)

// TestNothingPrivateLeaks looks for the words of posts that are not for all on
// every public page, before and after they became so.
func TestNothingPrivateLeaks(t *testing.T) {
	b := newBlog(t)
	shown := b.publish(2*time.Hour, posts.Post{Title: "Shown", Content: "Words.", Tags: []string{"rain"}, Series: "Years"})
	secret := func(ago time.Duration, v posts.Visibility) *posts.Post {
		return b.publish(ago, posts.Post{
			Title: "Zebra " + string(v), Content: "The zebra [sees](" + shown.Path + ").", Tags: []string{"rain", "zebra"}, Series: "Years", Visibility: v, Pinned: true,
			Properties: posts.Properties{"start": {"2026-12-01"}, "photo": {"/media/zebra.jpg"}},
		})
	}
	before := secret(3*time.Hour, posts.Public) // becomes private, and pages are kept that show it
	apart := b.publish(time.Hour, posts.Post{Title: "Zebra page", Content: "Zebra.", Apart: true, Visibility: posts.Private})
	b.answered(before, `<a class="u-in-reply-to" href="%s">x</a> <p class="e-content">A zebra answer.</p>`)
	b.publish(time.Hour, posts.Post{Content: "Yes.", Properties: posts.Properties{"in-reply-to": {public + before.Path}}})
	routes := []string{
		"/", "/archive", "/about", "/kind/event", "/kind/photo", "/kind/article", "/kind/reply", "/tag/rain", "/tag/zebra", "/series/years", shown.Path,
		shown.Published.Format("/2006"), shown.Published.Format("/2006/01"), "/sitemap.xml", "/sitemap-1.xml", "/mentions.jf2", "/api/mentions.jf2", "/nothing",
		shown.Published.Format("/2006/01/02"), "/search?q=kind:article", "/search?q=sees",
		"/mentions.jf2?target=" + public + before.Path, "/api/count?target=" + public + before.Path,
		"/author/wren-adair", "/author/wren-adair/feed.atom", "/author/wren-adair/feed.json",
		"/feed.atom", "/feed.rss", "/feed.json", "/tag/rain/feed.atom", "/tag/zebra/feed.rss", "/kind/event/feed.json", "/mentions/feed.atom", "/mentions/feed.rss", "/mentions/feed.json",
	}
	own := []string{before.Path, before.Path + "/answers/2", before.Path + "/feed.atom", before.Path + "/feed.rss", before.Path + "/feed.json"}
	for _, path := range append(routes, own...) {
		b.ask(http.MethodGet, path)
	}
	if !strings.Contains(b.get("/").body, "ebra") || !strings.Contains(b.get("/mentions/feed.atom").body, "ebra") {
		t.Fatal("there is nothing that could leak")
	}
	before.Visibility = posts.Private
	before = b.save(*before)
	hidden, unlisted := secret(time.Hour, posts.Private), secret(4*time.Hour, posts.Unlisted)
	if err := b.queue.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, path := range routes {
		body := strings.ReplaceAll(b.ask(http.MethodGet, path).body, public+before.Path, "") // the reply still says what it answers
		body = strings.ReplaceAll(body, strings.TrimPrefix(public+before.Path, "https://"), "")
		if at := strings.Index(strings.ToLower(body), "zebra"); at >= 0 {
			if path == shown.Path && !strings.Contains(body, "private") { // an unlisted post speaks beneath those it links to
				continue
			}
			t.Errorf("%s says: …%s…", path, body[max(0, at-150):min(len(body), at+80)])
		}
	}
	for _, path := range append(own, hidden.Path, apart.Path, hidden.Path+"/feed.atom") {
		if r := b.ask(http.MethodGet, path); r.StatusCode != http.StatusNotFound || strings.Contains(r.body, "ebra") {
			t.Errorf("%s answers %d to a visitor", path, r.StatusCode)
		}
	}
	if r := b.ask(http.MethodGet, unlisted.Path); r.StatusCode != http.StatusOK || len(r.texts("meta[name=robots]")) != 1 || strings.Contains(r.body, "Unlisted</span>") {
		t.Errorf("the unlisted post answers %d", r.StatusCode)
	}
	b.seen = b.wren
	if r := b.ask(http.MethodGet, hidden.Path); r.StatusCode != http.StatusOK || !strings.Contains(r.body, "<span>Private</span>") {
		t.Errorf("its author sees %d", r.StatusCode)
	}
	b.seen = &auth.User{ID: "otis", Role: auth.Author}
	if r := b.ask(http.MethodGet, hidden.Path); r.StatusCode != http.StatusNotFound {
		t.Errorf("another author sees %d", r.StatusCode)
	}
	b.seen = nil
	if r := b.ask(http.MethodGet, hidden.Path); r.StatusCode != http.StatusNotFound {
		t.Errorf("after its author was there, a visitor sees %d", r.StatusCode)
	}
	for _, p := range []*posts.Post{before, hidden, apart} {
		if topics := Topics(p); len(topics) != 0 {
			t.Errorf("a hub is told of %v", topics)
		}
	}
	if topics := Topics(unlisted); len(topics) != 1 {
		t.Errorf("of the unlisted post a hub is told of %v", topics)
	}
}
