package mentions

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"hark/internal/posts"
)

// copies has a blog make a copy of what it is told of, and returns the address that
// posts link to for it.
func (b *blog) copies(location string) string {
	b.serve("/publish/hook", func(w http.ResponseWriter, r *http.Request) {
		b.hear(r.FormValue("source") + " to " + r.FormValue("target"))
		w.Header().Set("Location", location)
		w.WriteHeader(http.StatusCreated)
	})
	return b.serve("/publish/social", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Link", `</publish/hook>; rel="webmention"`)
	})
}

func TestACopyIsMadeOnceAndLinkedTo(t *testing.T) {
	w, b := newWorld(t), newBlog(t)
	const copy = "https://social.example/@wren/1"
	target := b.copies(copy)
	p := &posts.Post{AuthorID: w.author, Status: posts.Published, Content: "Words.", Properties: posts.Properties{posts.CopyTo: {target}}}
	w.save(p)
	told := ours(p) + " to " + target
	if got := b.heard(); !slices.Equal(got, []string{told}) {
		t.Fatalf("it heard %q", got)
	}
	linked := func(when string) *posts.Post {
		t.Helper()
		got, err := w.posts.ByID(t.Context(), p.ID)
		w.must(err)
		if !slices.Equal(got.Properties.Addresses("syndication"), []string{copy}) {
			t.Errorf("%s the post links to %v", when, got.Properties["syndication"])
		}
		return got
	}
	if got := linked("once it is made"); got.Version != p.Version {
		t.Error("the post is another version")
	}
	if d := w.delivery(p.ID); d.State != Sent || d.Said != copyMade || d.Location != copy {
		t.Errorf("the delivery is %+v", d)
	}
	// One who read the post before the copy was there does not lose it.
	p.Content = "Other words."
	w.after(time.Minute)
	w.save(p)
	linked("after an edit")
	w.after(time.Hour)
	if got := b.heard(); len(got) != 0 || b.visited("/@wren/1") != 0 {
		t.Errorf("after an edit it heard %q", got)
	}
	w.must(w.posts.Delete(t.Context(), p.ID))
	w.drain()
	w.after(time.Minute)
	if got := b.heard(); !slices.Equal(got, []string{told}) {
		t.Errorf("after the post is gone it heard %q", got)
	}
}

func TestWhoSaysNothingOfACopyIsToldOfChanges(t *testing.T) {
	w, b := newWorld(t), newBlog(t)
	target := b.takesWebmentions("/fed", 202, "Thank you.")
	p := &posts.Post{AuthorID: w.author, Status: posts.Published, Content: "Words.", Properties: posts.Properties{posts.CopyTo: {target, target}}}
	w.save(p)
	p.Content = "Other words."
	w.after(time.Minute)
	w.save(p)
	if got := b.heard(); len(got) != 2 {
		t.Errorf("it heard %q", got)
	}
	if p.Properties["syndication"] != nil {
		t.Errorf("the post links to %v", p.Properties["syndication"])
	}
}

// Whoever is merely linked to can claim to have made something; that is no copy.
func TestALinkMakesNoCopy(t *testing.T) {
	w, b := newWorld(t), newBlog(t)
	target := b.copies("https://spam.example/")
	p := w.post(link(target))
	w.after(time.Minute)
	if got := b.heard(); len(got) != 1 || !strings.HasSuffix(got[0], target) {
		t.Errorf("it heard %q", got)
	}
	got, err := w.posts.ByID(t.Context(), p.ID)
	w.must(err)
	if got.Properties["syndication"] != nil {
		t.Errorf("the post links to %v", got.Properties["syndication"])
	}
	w.save(&posts.Post{AuthorID: w.author, Status: posts.Published, Content: "Words.", Visibility: posts.Private, Properties: posts.Properties{posts.CopyTo: {target}}})
	w.after(time.Minute)
	if got := b.heard(); len(got) != 0 {
		t.Errorf("of a private post it heard %q", got)
	}
}
