package mentions

import (
	"context"
	"errors"
	"net/netip"
	"testing"
	"time"

	"hark/internal/posts"
)

func TestAPrivatePostIsToldToNobody(t *testing.T) {
	w, b := newWorldWithHub(t, 204)
	w.outbox.topics = func(*posts.Post) []string { return nil }
	page, own := b.takesWebmentions("/a", 202, ""), w.post("The first.")
	p := &posts.Post{AuthorID: w.author, Status: posts.Published, Visibility: posts.Private, Content: link(page) + link(own.Path), Properties: posts.Properties{"like-of": {page}}}
	w.save(p)
	if got := b.heard(); len(got) != 0 || b.visited("/a") != 0 || len(w.deliveries(p.ID)) != 0 || w.answers(own.ID).Count() != 0 {
		t.Errorf("the blog heard %q, and beneath our own post stand %d", got, w.answers(own.ID).Count())
	}
	nowhere, from := "There is no post at the target address.", netip.MustParseAddr("203.0.113.7")
	for _, target := range []string{ours(p), ourSite + "/2026/none"} {
		refusal := (*Refusal)(nil)
		if _, err := w.inbox.Receive(context.Background(), Webmention, b.html("/b", linking(target)), target, from); !errors.As(err, &refusal) || refusal.Text != nowhere || refusal.Closed {
			t.Errorf("a mention of %s is answered with %+v", target, err)
		}
	}
}

func TestAPostThatBecomesPrivateIsTakenBack(t *testing.T) {
	w, b := newWorld(t), newBlog(t)
	page, own := b.takesWebmentions("/a", 202, ""), w.post("The first.")
	p := w.post(link(page) + link(own.Path))
	speaking := w.post(link(p.Path))
	m := w.arrive(b.html("/b", linking(ours(p))), ours(p))
	if b.heard(); w.answers(own.ID).Count() != 1 || w.answers(p.ID).Count() != 2 {
		t.Fatalf("beneath the posts stand %d and %d", w.answers(own.ID).Count(), w.answers(p.ID).Count())
	}
	w.after(time.Minute)
	p.Visibility = posts.Private
	w.save(p)
	if got := b.heard(); len(got) != 1 || w.delivery(p.ID).Linked || w.answers(own.ID).Count() != 0 {
		t.Errorf("the blog heard %q, and beneath our own post stand %d", got, w.answers(own.ID).Count())
	}
	w.save(speaking)
	w.after(time.Minute)
	p.Visibility = posts.Unlisted
	w.save(p)
	if got := b.heard(); len(got) != 1 || !w.delivery(p.ID).Linked || w.answers(own.ID).Count() != 1 {
		t.Errorf("unlisted again, the blog heard %q, and beneath our own post stand %d", got, w.answers(own.ID).Count())
	}
	if w.answers(p.ID).Count() != 2 {
		t.Errorf("of the answers %d are left", w.answers(p.ID).Count())
	}
	w.expect(m.ID, Shown)
}
