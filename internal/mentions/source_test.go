package mentions

import (
	"context"
	"slices"
	"testing"
	"time"
)

// A target knows a post by the address that it was told first, and by no other: a
// new one would make a second mention there, and leave the first for ever.
func TestATargetIsToldOfTheAddressItKnows(t *testing.T) {
	w, b, c := newWorld(t), newBlog(t), newBlog(t)
	known, late := b.takesWebmentions("/a", 202, ""), c.takesWebmentions("/b", 202, "")
	p := w.post(link(known))
	first := ours(p)
	b.heard()
	told := func(when string, blog *blog, want ...string) {
		t.Helper()
		if got := blog.heard(); !slices.Equal(got, want) {
			t.Errorf("%s it heard %q, want %q", when, got, want)
		}
	}
	p.Slug, p.Content = "another-address", p.Content+link(late)
	w.after(time.Minute)
	w.save(p)
	if ours(p) == first {
		t.Fatal("the post did not move")
	}
	told("after the move", b, first+" -> "+known)
	told("after the move, who hears of it for the first time", c, ours(p)+" -> "+late)
	w.pass(time.Minute)
	w.must(w.posts.Delete(context.Background(), p.ID))
	w.drain()
	told("after the deletion", b, first+" -> "+known)
	told("after the deletion, the other", c, ours(p)+" -> "+late)
	// Once it has forgotten the post, the present address is the right one.
	w.pass(time.Minute)
	w.must(w.posts.Restore(context.Background(), p.ID))
	w.drain()
	told("after the restore", b, ours(p)+" -> "+known)
}
