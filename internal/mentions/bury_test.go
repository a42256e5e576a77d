package mentions

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"hark/internal/posts"
	"hark/internal/queue"
)

func TestOfAPostThatIsDeletedForGoodNothingIsKept(t *testing.T) {
	for _, when := range []string{"after those who knew of it were told", "at once"} {
		t.Run(when, func(t *testing.T) {
			w, b := newWorld(t), newBlog(t)
			page, own := b.takesWebmentions("/a", 202, ""), w.post("The first.")
			p := w.post(link(page) + link(own.Path))
			speaking := w.post(link(p.Path))
			m := w.arrive(b.html("/c", linking(ours(p))), ours(p))
			if done, err := w.inbox.Decide(t.Context(), Delete, "wren", m.ID); err != nil || done.Count != 1 {
				t.Fatal(done, err)
			}
			if b.heard(); w.answers(own.ID).Count() != 1 || w.answers(p.ID).Count() != 1 {
				t.Fatalf("beneath the posts stand %d and %d", w.answers(own.ID).Count(), w.answers(p.ID).Count())
			}
			address := ours(p)
			w.must(w.posts.Delete(t.Context(), p.ID))
			if when != "at once" {
				w.after(time.Hour)
			}
			w.must(w.posts.Purge(t.Context(), p.ID, w.author))
			w.after(time.Minute)
			w.after(time.Hour)
			if got, want := b.heard(), []string{address + " -> " + page}; !slices.Equal(got, want) {
				t.Errorf("the blog heard %q, want %q", got, want)
			}
			for _, rows := range []string{"mentions WHERE post_id = $1", "mentions WHERE source_key = 'own:' || $1", "deliveries WHERE post_id = $1"} {
				if n := w.number("SELECT count(*) FROM "+rows, p.ID); n != 0 {
					t.Errorf("of %s there are %d", rows, n)
				}
			}
			if events, decisions := w.number("SELECT count(*) FROM mention_events WHERE mention_id = $1", m.ID), w.number("SELECT count(*) FROM decisions WHERE mention_id = $1", m.ID); events+decisions != 0 {
				t.Errorf("of its answer %d lines and %d decisions are left", events, decisions)
			}
			if w.answers(own.ID).Count() != 0 {
				t.Error("it still speaks beneath another")
			}
			refusal := (*Refusal)(nil)
			if _, err := w.inbox.Receive(context.Background(), Webmention, b.URL+"/c", address, stranger); !errors.As(err, &refusal) || !refusal.Closed {
				t.Errorf("who answers it now is told %v", err)
			}
			w.save(speaking) // it links there still
			if site := w.number("SELECT count(*) FROM mentions WHERE post_id = ''"); site != 0 {
				t.Errorf("%d links to it are taken for mentions of the site", site)
			}
		})
	}
}

func TestAReceiverThatIsDownHearsThatAPostIsGoneForGood(t *testing.T) {
	w, b := newWorld(t), newBlog(t)
	page := b.takesWebmentions("/a", 202, "")
	p := w.post(link(page))
	b.heard()
	b.takesWebmentions("/a", 503, "")
	w.must(w.posts.Delete(t.Context(), p.ID))
	w.after(time.Minute)
	w.must(w.posts.Purge(t.Context(), p.ID, w.author))
	w.after(time.Minute)
	if len(b.heard()) == 0 {
		t.Fatal("it was not tried")
	}
	b.takesWebmentions("/a", 202, "")
	for range 4 {
		w.after(12 * time.Hour)
	}
	if got := b.heard(); len(got) != 1 || w.number("SELECT count(*) FROM deliveries") != 0 {
		t.Errorf("it heard %q, %d deliveries are left", got, w.number("SELECT count(*) FROM deliveries"))
	}
	if _, err := w.posts.ByPath(t.Context(), p.Path); errors.Is(err, posts.ErrNotFound) {
		t.Error("where it was nothing says that it is gone")
	}
}

func TestTheHubHearsOfAPostThatIsDeletedForGoodAtOnce(t *testing.T) {
	for _, when := range []string{"after it was told of the deletion", "at once"} {
		t.Run(when, func(t *testing.T) {
			w, b := newWorldWithHub(t, 204)
			p := w.post("A note.")
			w.post("Another, which was the last to change the home page.")
			b.heard()
			w.must(w.posts.Delete(t.Context(), p.ID))
			if when != "at once" {
				w.drain()
			}
			w.must(w.posts.Purge(t.Context(), p.ID, w.author))
			w.drain()
			got := b.heard()
			slices.Sort(got)
			if want := []string{"publish " + ourSite + "/", "publish " + ours(p), "publish " + ourSite + "/feed.atom"}; !slices.Equal(got, want) {
				t.Errorf("it heard %q, want %q", got, want)
			}
		})
	}
}

func TestWhoMayKnowOfAPostHearsThatItIsGoneForGood(t *testing.T) {
	for name, deleted := range map[string]bool{"of which nothing was told yet but a try": false, "of whose deletion nobody was told yet": true} {
		t.Run(name, func(t *testing.T) {
			w, b := newWorld(t), newBlog(t)
			page := b.takesWebmentions("/a", 503, "")
			p := w.post(link(page))
			if len(b.heard()) != 1 {
				t.Fatal("it was not tried")
			}
			w.must(w.posts.Delete(t.Context(), p.ID))
			if deleted { // its removal waits for its turn at that host
				w.must(w.outbox.postChanged(t.Context(), queue.Job{Payload: []byte(`"` + p.ID + `"`)}))
			}
			w.must(w.posts.Purge(t.Context(), p.ID, w.author))
			b.takesWebmentions("/a", 202, "")
			w.after(time.Minute)
			w.after(time.Hour)
			if got, want := b.heard(), []string{ours(p) + " -> " + page}; !slices.Equal(got, want) {
				t.Errorf("it heard %q, want %q", got, want)
			}
			if n := w.number("SELECT count(*) FROM deliveries"); n != 0 {
				t.Errorf("%d deliveries are left", n)
			}
		})
	}
}
