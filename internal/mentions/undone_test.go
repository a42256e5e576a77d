package mentions

import (
	"slices"
	"testing"
	"time"
)

func TestAPostThatIsADraftAgainIsTakenBackByTheAddressItHad(t *testing.T) {
	w, b, down := newWorld(t), newBlog(t), newBlog(t)
	page, silent, own := b.takesWebmentions("/a", 202, ""), down.takesWebmentions("/b", 503, ""), w.post("The first.")
	p := w.post(link(page) + link(silent) + link(own.Path))
	m := w.arrive(b.html("/c", linking(ours(p))), ours(p))
	if len(b.heard()) != 1 || len(down.heard()) != 1 || w.answers(own.ID).Count() != 1 {
		t.Fatal("it was not told")
	}
	address := ours(p)
	w.must(w.posts.Undo(t.Context(), p))
	w.after(time.Minute)
	w.after(time.Hour)
	if got, want := b.heard(), []string{address + " -> " + page}; !slices.Equal(got, want) {
		t.Errorf("who knew of it heard %q, want %q", got, want)
	}
	if got := down.heard(); len(got) != 0 {
		t.Errorf("who did not heard %q", got)
	}
	if n := len(w.deliveries(p.ID)); n != 1 || w.answers(own.ID).Count() != 0 {
		t.Errorf("%d deliveries are left, and beneath our own post stand %d", n, w.answers(own.ID).Count())
	}
	if kept := w.expect(m.ID, Shown); kept.PostID != p.ID {
		t.Errorf("the answer to it is %+v", kept)
	}
}
