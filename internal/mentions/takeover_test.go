package mentions

import (
	"testing"
	"time"

	"hark/internal/posts"
)

// outdate makes the deliveries of a post look as an earlier version of hark left them.
func (w *world) outdate(post string) {
	w.t.Helper()
	w.exec("UPDATE deliveries SET version = '0123456789abcdef0123456789abcdef' || substr(version, $1) WHERE post_id = $2 AND version <> ''", len(digestForm)+oldDigest+1, post)
}

func (w *world) takeOver() {
	w.t.Helper()
	w.must(w.outbox.TakeOver(w.t.Context()))
}

func TestWordsThatAreRenderedByOtherRulesAreNotToldAgain(t *testing.T) {
	w, b := newWorld(t), newBlog(t)
	p := &posts.Post{AuthorID: w.author, Status: posts.Published, Content: link(b.takesWebmentions("/a", 202, ""))}
	w.must(w.posts.Save(t.Context(), p))
	w.exec("UPDATE posts SET html = replace(html, '<p>', '<p class=\"old\">') WHERE id = $1", p.ID)
	w.drain()
	b.heard()
	w.after(time.Hour)
	w.save(p)
	w.after(time.Hour)
	if got := b.heard(); len(got) != 0 {
		t.Errorf("the blog heard %q", got)
	}
}

func TestWhatAnEarlierVersionHasToldIsNotToldAgain(t *testing.T) {
	w, b, down := newWorld(t), newBlog(t), newBlog(t)
	p := w.answering(b.takesWebmentions("/a", 202, ""))
	w.arrive(down.html("/r", reply(ours(p), "Why not?")), ours(p)) // so what is told has a thread
	w.after(time.Hour)
	b.heard()
	for range 2 {
		w.outdate(p.ID)
		w.takeOver()
		w.after(time.Hour)
		w.save(p)
		w.after(time.Hour)
		if got := b.heard(); len(got) != 0 {
			t.Fatalf("after an upgrade an unchanged post tells again: %q", got)
		}
	}
	p.Content += " And more."
	w.save(p)
	w.after(time.Hour)
	if got := b.heard(); len(got) != 1 {
		t.Errorf("after a change the blog heard %q", got)
	}
}

func TestAChangeThatWaitsDuringAnUpgradeIsTold(t *testing.T) {
	w, b := newWorld(t), newBlog(t)
	p, other := w.post(link(b.takesWebmentions("/a", 202, ""))), w.post(link(b.html("/b", `<link rel="webmention" href="/wm">`)))
	w.after(time.Hour)
	b.heard()
	w.outdate(p.ID)
	w.outdate(other.ID)
	p.Content += " And more."
	w.must(w.posts.Save(t.Context(), p)) // and its job is not done
	w.takeOver()
	w.after(time.Hour)
	if got := b.heard(); len(got) != 1 {
		t.Errorf("the blog heard %q of a change that had waited", got)
	}
	w.save(other)
	w.after(time.Hour)
	if got := b.heard(); len(got) != 0 {
		t.Errorf("another post, unchanged, tells %q", got)
	}
}
