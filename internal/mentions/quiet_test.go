package mentions

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"hark/internal/posts"
	"hark/internal/settings"
)

func TestALinkThatIsSwitchedOffIsNotTold(t *testing.T) {
	w, b, c := newWorld(t), newBlog(t), newBlog(t)
	quiet, loud := b.takesWebmentions("/a", 202, ""), c.takesWebmentions("/b", 202, "")
	p := &posts.Post{AuthorID: w.author, Status: posts.Published, Content: link(quiet) + link(loud), Quiet: []string{quiet}}
	w.save(p)
	if got := b.heard(); len(got) != 0 || b.visited("/a") != 0 {
		t.Errorf("the quiet one heard %q", got)
	}
	if got := c.heard(); len(got) != 1 {
		t.Errorf("the other heard %q", got)
	}
	for _, d := range w.deliveries(p.ID) {
		if (d.State == Quiet) != (d.Target == quiet) || d.State == Quiet && d.Answer != quietLink {
			t.Errorf("got %+v", d)
		}
	}
	p.Content += " More."
	w.after(time.Minute)
	w.save(p)
	if got := b.heard(); len(got) != 0 {
		t.Errorf("after an edit the quiet one heard %q", got)
	}
	// Switched on again it is told, though the text is the same.
	p.Quiet = nil
	w.after(time.Minute)
	w.save(p)
	if got := b.heard(); len(got) != 1 {
		t.Errorf("after it was switched on it heard %q", got)
	}
	// One that was told and is then switched off is left alone as long as it is linked to.
	p.Quiet, p.Content = []string{quiet}, p.Content+" Again."
	w.after(time.Minute)
	w.save(p)
	if got := b.heard(); len(got) != 0 {
		t.Errorf("after it was switched off it heard %q", got)
	}
	p.Content = "No link."
	w.after(time.Minute)
	w.save(p)
	if got := b.heard(); len(got) != 1 {
		t.Errorf("after the link was removed it heard %q", got)
	}
}

func TestWhoWasToldAndSwitchedOffHearsThatThePostIsGone(t *testing.T) {
	for name, answers := range map[string]int{"for this post": 202, "before it gave an answer": 503, "for good": 202} {
		t.Run(name, func(t *testing.T) {
			w, b, never := newWorld(t), newBlog(t), name == "for good"
			target := b.takesWebmentions("/a", answers, "")
			p := w.post(link(target))
			b.takesWebmentions("/a", 202, "")
			b.heard()
			if p.Quiet = []string{target}; never {
				w.must(w.outbox.Never(t.Context(), targetHost(target), true))
			}
			w.save(p)
			w.must(w.posts.Delete(t.Context(), p.ID))
			w.after(time.Minute)
			want := 1
			if never {
				want = 0
			}
			if got := b.heard(); len(got) != want {
				t.Errorf("it heard %q, want %d", got, want)
			}
		})
	}
}

// A link that is switched off may be told by hand, once, and learns of its removal.
func TestAQuietLinkIsToldByHand(t *testing.T) {
	w, b := newWorld(t), newBlog(t)
	target := b.takesWebmentions("/a", 202, "Thank you.")
	p := &posts.Post{AuthorID: w.author, Status: posts.Published, Content: link(target), Quiet: []string{target}}
	w.save(p)
	w.must(w.outbox.Again(context.Background(), w.delivery(p.ID).ID))
	w.must(w.posts.Save(context.Background(), p)) // meanwhile
	for _, content := range []string{p.Content, p.Content + " More."} {
		p.Content = content
		w.save(p)
		w.after(time.Minute)
		w.wants(w.delivery(p.ID), Sent, byWebmention, 1, "Thank you.")
	}
	if got := b.heard(); len(got) != 1 {
		t.Errorf("it heard %q", got)
	}
	p.Content = "No link."
	w.save(p)
	if got := b.heard(); len(got) != 1 {
		t.Errorf("after the link was removed it heard %q", got)
	}
}

func TestAHostIsNeverTold(t *testing.T) {
	ctx := context.Background()
	w, b := newWorld(t), newBlog(t)
	target := b.takesWebmentions("/a", 202, "")
	host := targetHost(target)
	w.must(w.outbox.Never(ctx, host, true))
	p := w.post(link(target))
	d := w.delivery(p.ID)
	w.wants(d, Quiet, "", 0, quietHost)
	if got := b.heard(); len(got) != 0 || b.visited("/a") != 0 {
		t.Errorf("it heard %q", got)
	}
	w.must(w.outbox.Again(ctx, d.ID))
	w.drain()
	w.wants(w.delivery(p.ID), Quiet, "", 0, quietHost)
	w.must(w.outbox.Never(ctx, host, false))
	w.must(w.outbox.Again(ctx, d.ID))
	w.drain()
	w.wants(w.delivery(p.ID), Sent, byWebmention, 1, "")
	if telling, err := w.settings.Telling(ctx); err != nil || telling != (settings.Telling{}) {
		t.Errorf("got %+v, %v", telling, err)
	}
}

// The owner says never while a try is to come.
func TestNeverHoldsForWhatWaits(t *testing.T) {
	w, b := newWorld(t), newBlog(t)
	target := b.takesWebmentions("/a", 503, "Later.")
	p := w.post(link(target))
	b.heard()
	w.must(w.outbox.Never(context.Background(), targetHost(target), true))
	w.after(time.Minute)
	w.wants(w.delivery(p.ID), Quiet, byWebmention, 1, quietHost)
	if got := b.heard(); len(got) != 0 || w.number("SELECT count(*) FROM jobs") != 0 {
		t.Errorf("it heard %q", got)
	}
}

// Who was never told of a link has nothing to forget.
func TestARemovedLinkThatNobodyHeardOfIsNotTold(t *testing.T) {
	w, b := newWorld(t), newBlog(t)
	p := w.post(link(b.html("/deaf", "Nothing.")))
	b.takesWebmentions("/deaf", 202, "")
	p.Content = "No link."
	w.after(time.Hour)
	w.save(p)
	if got := b.heard(); len(got) != 0 || len(w.deliveries(p.ID)) != 0 {
		t.Errorf("it heard %q", got)
	}
}

func TestAllThatAPostRespondsToIsTold(t *testing.T) {
	w := newWorld(t)
	properties := posts.Properties{"rsvp": {"yes"}}
	blogs := map[string]*blog{}
	for _, property := range []string{"in-reply-to", "like-of", "repost-of", "bookmark-of", "listen-of"} {
		one, two := newBlog(t), newBlog(t)
		blogs[one.takesWebmentions("/a", 202, "")], blogs[two.takesWebmentions("/a", 202, "")] = one, two
		properties[property] = []any{one.URL + "/a", map[string]any{"type": []any{"h-cite"}, "properties": map[string]any{"url": []any{two.URL + "/a"}}}}
	}
	p := &posts.Post{AuthorID: w.author, Status: posts.Published, Content: "Yes.", Properties: properties}
	w.save(p)
	if p.Kind != posts.RSVP {
		t.Errorf("it is a %s", p.Kind)
	}
	for target, b := range blogs {
		if got := b.heard(); len(got) != 1 || !strings.HasSuffix(got[0], target) {
			t.Errorf("%s heard %q", target, got)
		}
	}
	// Another answer to the invitation is other news for all of them.
	p.Properties["rsvp"] = []any{"no"}
	w.after(time.Minute)
	w.save(p)
	for target, b := range blogs {
		if got := b.heard(); len(got) != 1 {
			t.Errorf("after the change %s heard %q", target, got)
		}
	}
}

func TestAnOwnRSVPStandsBeneathTheInvitation(t *testing.T) {
	w := newWorld(t)
	party := w.post("Come on Saturday.")
	w.save(&posts.Post{AuthorID: w.author, Status: posts.Published, Properties: posts.Properties{"in-reply-to": {ours(party)}, "rsvp": {"maybe"}}})
	list := w.answers(party.ID)
	if list.Count() != 1 || w.number("SELECT count(*) FROM mentions WHERE kind = 'rsvp' AND rsvp = 'maybe' AND state = 'shown'") != 1 {
		t.Errorf("got %+v", list)
	}
}

func TestHostsThatAreSilencedAtOnceAllAre(t *testing.T) {
	w := newWorld(t)
	var all sync.WaitGroup
	for n := range 10 {
		all.Go(func() {
			if err := w.outbox.Never(context.Background(), fmt.Sprintf("b%d.example", n), true); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	telling, err := w.settings.Telling(context.Background())
	if w.must(err); len(telling.Never.All()) != 10 {
		t.Errorf("got %q, want ten", telling.Never.All())
	}
}

// As from a page of the outbox that is older than the list.
func TestToSilenceOneHostOfASilentDomainLeavesTheDomainSilent(t *testing.T) {
	ctx := context.Background()
	w := newWorld(t)
	for _, host := range []string{"shop.example", "blog.shop.example", "shop.example"} {
		w.must(w.outbox.Never(ctx, host, true))
	}
	telling, err := w.settings.Telling(ctx)
	if w.must(err); telling.Never != "shop.example" {
		t.Errorf("got %q", telling.Never)
	}
}
