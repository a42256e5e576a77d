package mentions

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"hark/internal/posts"
	"hark/internal/queue"
)

func TestAFourHundredIsTheEnd(t *testing.T) {
	for _, status := range []int{400, 403, 404, 410} {
		w, b := newWorld(t), newBlog(t)
		p := w.post(link(b.takesWebmentions("/a", status, "<p>No such target.</p>", "Content-Type", "text/html")))
		w.wants(w.delivery(p.ID), Failed, byWebmention, 1, "No such target.")
		w.after(1000 * time.Hour)
		if got := b.heard(); len(got) != 1 {
			t.Errorf("%d: told %d times", status, len(got))
		}
	}
}

func TestWhatMayPassIsTriedAgain(t *testing.T) {
	for _, status := range []int{429, 500, 503} {
		w, b := newWorld(t), newBlog(t)
		p := w.post(link(b.takesWebmentions("/a", status, "Later.", "Retry-After", "3600")))
		d := w.delivery(p.ID)
		w.wants(d, Queued, byWebmention, 1, "Later.")
		if got := d.Next.Sub(w.now()); got != time.Hour {
			t.Errorf("%d: the next try is in %s", status, got)
		}
		w.after(time.Hour - time.Second)
		w.wants(w.delivery(p.ID), Queued, byWebmention, 1, "Later.")
		b.takesWebmentions("/a", 202, "Now.")
		w.after(time.Second)
		w.wants(w.delivery(p.ID), Sent, byWebmention, 2, "Now.")
	}
}

func TestT15AnUnreachableTargetIsTriedUntilTheScheduleEnds(t *testing.T) {
	w, b := newWorld(t), newBlog(t)
	const closed = "http://127.0.0.1:1" // a port that no other test is given meanwhile
	p := w.post(link("http://nothing.invalid/") + link(closed+"/a") + link(b.status("/a", 503)))
	for n, rest := range []time.Duration{time.Minute, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 12 * time.Hour, 24 * time.Hour, 72 * time.Hour} {
		for _, d := range w.deliveries(p.ID) {
			if d.State != Queued || d.Tries != n+1 || d.Next.Sub(w.now()) != rest || d.Answer == "" {
				t.Fatalf("after try %d: %+v", n+1, d)
			}
		}
		w.after(rest)
	}
	for _, d := range w.deliveries(p.ID) {
		w.wants(d, Failed, "", 8, "The page")
		if !d.Next.IsZero() {
			t.Errorf("a next try is promised for %s", d.Next)
		}
	}
	if n := w.number("SELECT count(*) FROM jobs"); n != 0 {
		t.Errorf("%d jobs are left", n)
	}
}

func TestT15AnEndpointThatTimesOutIsTriedAgain(t *testing.T) {
	t.Parallel()
	w, b := newWorld(t), newBlog(t)
	target := b.takesWebmentions("/a", 202, "Now.")
	wm := b.pages["/wm"]
	b.serve("/wm", func(_ http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		<-r.Context().Done()
	})
	p := w.post(link(target))
	w.wants(w.delivery(p.ID), Queued, byWebmention, 1, "no answer")
	b.serve("/wm", wm)
	w.after(time.Minute)
	w.wants(w.delivery(p.ID), Sent, byWebmention, 2, "Now.")
}

func TestAForbiddenAddressIsTheEnd(t *testing.T) {
	w, b := newWorld(t), newBlog(t)
	inner := b.html("/a", `<link rel="webmention" href="http://10.0.0.1/wm">`)
	p := w.post(link("http://10.0.0.1/") + link(inner))
	for _, d := range w.deliveries(p.ID) {
		if d.State != Failed || d.Tries != 1 || !strings.Contains(d.Answer, "hark does not visit") {
			t.Errorf("got %+v", d)
		}
	}
}

func TestFaultsAreUnderstood(t *testing.T) {
	for name, c := range map[string]struct {
		code   int
		text   string
		state  Outcome
		answer string
	}{
		"48 is success":             {48, "The pingback has already been registered.", Sent, "known there already"},
		"0 without a text":          {0, "", Failed, "fault 0, without a reason"},
		"17 is the end":             {17, "No link.", Failed, "No link."},
		"429 is for later":          {429, "Slow down.", Queued, "Slow down."},
		"49 is the end":             {49, "Access denied.", Failed, "Access denied."},
		"a value of any kind works": {-1, "", Sent, ""},
	} {
		t.Run(name, func(t *testing.T) {
			w, b := newWorld(t), newBlog(t)
			p := w.post(link(b.takesPingbacks("/a", c.code, c.text)))
			d := w.delivery(p.ID)
			w.wants(d, c.state, byPingback, 1, c.answer)
			if c.state != Queued {
				return
			}
			if d.Next.Sub(w.now()) < pingbackGap {
				t.Errorf("the next try is in %s", d.Next.Sub(w.now()))
			}
			b.takesPingbacks("/a", -1, "Thank you.")
			w.after(d.Next.Sub(w.now()))
			w.wants(w.delivery(p.ID), Sent, byPingback, 2, "Thank you.")
		})
	}
}

func TestPingbacksToOneHostAreApart(t *testing.T) {
	w, b := newWorld(t), newBlog(t)
	var at []time.Time
	text := ""
	for n := range 4 {
		text += link(b.takesPingbacks(fmt.Sprintf("/%d", n), -1, "Thank you."))
	}
	send := b.pages["/xmlrpc"]
	b.serve("/xmlrpc", func(rw http.ResponseWriter, r *http.Request) {
		at = append(at, w.now())
		send(rw, r)
	})
	p := w.post(text)
	visits := func() (n int) {
		for path := range 4 {
			n += b.visited(fmt.Sprintf("/%d", path))
		}
		return n
	}
	if len(at) != 1 || visits() != 4 {
		t.Fatalf("at first %d were sent after %d visits", len(at), visits())
	}
	for range 60 {
		w.after(time.Second)
	}
	for n := 1; n < len(at); n++ {
		if gap := at[n].Sub(at[n-1]); gap < 16*time.Second || gap > 18*time.Second {
			t.Errorf("two are %s apart", gap)
		}
	}
	if len(at) != 4 || visits() != 4 {
		t.Errorf("%d were sent after %d visits", len(at), visits())
	}
	for _, d := range w.deliveries(p.ID) {
		w.wants(d, Sent, byPingback, 1, "Thank you.")
	}
}

// What is sent takes the same turns at a host as what is read there.
func TestAMessageWaitsUntilNobodyVisitsItsHost(t *testing.T) {
	w, b := newWorld(t), newBlog(t)
	p := w.post(link(b.takesWebmentions("/a", 202, "")))
	send := b.pages["/wm"]
	var visited atomic.Bool
	b.serve("/wm", func(rw http.ResponseWriter, r *http.Request) {
		if visited.Load() {
			t.Error("it was told while it was visited")
		}
		send(rw, r)
	})
	came := make(chan struct{})
	slow := b.serve("/slow", func(http.ResponseWriter, *http.Request) {
		visited.Store(true)
		close(came)
		time.Sleep(300 * time.Millisecond)
		visited.Store(false)
	})
	w.after(time.Minute)
	b.heard()
	var visit sync.WaitGroup
	visit.Go(func() { w.outbox.fetch.Get(context.Background(), slow, nil) })
	<-came
	p.Content += " More."
	w.save(p)
	visit.Wait()
	if got := b.heard(); len(got) != 1 {
		t.Errorf("it heard %q", got)
	}
}

// Turns outlive the process, and count for all processes.
func TestTurnsStandInTheDatabase(t *testing.T) {
	w := newWorld(t)
	ctx := context.Background()
	d := func(endpoint string) *Delivery { return &Delivery{Protocol: byPingback, Endpoint: endpoint} }
	for n := range 100 {
		one := d("http://a.example/x")
		w.must(w.outbox.takeTurn(ctx, one))
		if got := one.turn.Sub(w.now()); got != time.Duration(n)*pingbackGap {
			t.Fatalf("turn %d is in %s", n, got)
		}
	}
	another := NewOutbox(w.rooms, w.inbox)
	one := d("http://A.example:80/y")
	w.must(another.takeTurn(ctx, one))
	if got := one.turn.Sub(w.now()); got != 100*pingbackGap {
		t.Errorf("after a restart the next is in %s", got)
	}
	w.pass(3 * time.Hour)
	w.must(w.outbox.takeTurn(ctx, d("http://b.example/x")))
	if n := w.number("SELECT count(*) FROM turns"); n != 1 {
		t.Errorf("%d hosts are remembered", n)
	}
}

// The process ends after the endpoint was told and before that was written.
func TestAKillBetweenSendingAndWritingSendsAgain(t *testing.T) {
	w, b := newWorld(t), newBlog(t)
	target := b.takesWebmentions("/a", 202, "Thank you.")
	send := b.pages["/wm"]
	ctx, kill := context.WithCancel(context.Background())
	b.serve("/wm", func(_ http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body) // else nobody sees that the caller has gone
		b.hear("lost")
		kill()
		<-r.Context().Done()
	})
	p := &posts.Post{AuthorID: w.author, Status: posts.Published, Content: link(target)}
	w.must(w.posts.Save(ctx, p))
	w.queue.Run(ctx)
	w.wants(w.delivery(p.ID), Queued, "", 0, "")
	b.serve("/wm", send)
	w.after(2 * time.Minute) // even if the claim itself was lost
	w.wants(w.delivery(p.ID), Sent, byWebmention, 1, "Thank you.")
	if got := b.heard(); len(got) != 2 || w.number("SELECT count(*) FROM jobs") != 0 {
		t.Errorf("the blog heard %q", got)
	}
}

// A job runs twice when the process died after its outcome was written.
func TestAJobThatRunsTwiceTellsOnce(t *testing.T) {
	w, b := newWorld(t), newBlog(t)
	p := w.post(link(b.takesWebmentions("/a", 202, "")))
	d := w.delivery(p.ID)
	job := queue.Job{Payload: []byte(`"` + d.ID + `"`)}
	w.must(w.outbox.tell(context.Background(), job))
	w.must(w.outbox.postChanged(context.Background(), queue.Job{Payload: []byte(`"` + p.ID + `"`)}))
	w.drain()
	if got := b.heard(); len(got) != 1 || len(w.deliveries(p.ID)) != 1 {
		t.Errorf("the blog heard %q", got)
	}
}

// The post is changed while its target is being told of the text before.
func TestAnEditDuringATellingIsTold(t *testing.T) {
	w, b := newWorld(t), newBlog(t)
	target := b.takesWebmentions("/a", 202, "Thank you.")
	p := &posts.Post{AuthorID: w.author, Status: posts.Published, Content: link(target)}
	w.must(w.posts.Save(context.Background(), p))
	send := b.pages["/wm"]
	var once sync.Once
	b.serve("/wm", func(rw http.ResponseWriter, r *http.Request) {
		once.Do(func() {
			p.Content += " More."
			w.must(w.posts.Save(context.Background(), p))
			w.must(w.outbox.postChanged(context.Background(), queue.Job{Payload: []byte(`"` + p.ID + `"`)}))
		})
		send(rw, r)
	})
	w.drain()
	w.after(webmentionGap)
	w.wants(w.delivery(p.ID), Sent, byWebmention, 1, "Thank you.")
	if got := b.heard(); len(got) != 2 {
		t.Errorf("the blog heard %q", got)
	}
}

func TestEditsDuringAnOutageDoNotMultiplyTries(t *testing.T) {
	w, b := newWorld(t), newBlog(t)
	p := w.post(link(b.takesWebmentions("/a", 503, "Later.")))
	for range 3 {
		w.after(10 * time.Second)
		p.Content += " More."
		w.save(p)
		if n := w.number("SELECT count(*) FROM jobs"); n != 1 {
			t.Fatalf("%d jobs wait", n)
		}
	}
	for range 10 {
		w.after(72 * time.Hour)
	}
	if got := b.heard(); len(got) != 4+7 {
		t.Errorf("told %d times, want four and the seven tries after the last", len(got))
	}
	w.wants(w.delivery(p.ID), Failed, byWebmention, 8, "Later.")
}

// What a target learns last is that the link is gone, even if its page has lost
// its endpoint meanwhile.
func TestARemovedLinkIsToldAtTheEndpointKnown(t *testing.T) {
	w, b := newWorld(t), newBlog(t)
	p := w.post(link(b.takesWebmentions("/a", 202, "")))
	b.heard()
	b.html("/a", "No endpoint any more.")
	p.Content = "No link any more."
	w.after(time.Minute)
	w.save(p)
	if got := b.heard(); len(got) != 1 {
		t.Errorf("the blog heard %q", got)
	}
}

func TestStrangeAnswersAreKept(t *testing.T) {
	w, b := newWorld(t), newBlog(t)
	b.serve("/a", func(rw http.ResponseWriter, _ *http.Request) {
		rw.Header().Set("Link", "</wm?\xff\xfe>; rel=webmention")
	})
	b.serve("/wm", func(rw http.ResponseWriter, _ *http.Request) {
		rw.Header().Set("Location", "/x?\xff")
		rw.WriteHeader(201)
		rw.Write([]byte("\xff\x00\u202eabc"))
	})
	p := w.post(link(b.URL + "/a"))
	w.wants(w.delivery(p.ID), Sent, byWebmention, 1, "abc")
}

// A machine that starts with a wrong clock has it set right later.
func TestAClockThatGoesBackHoldsNobodyUp(t *testing.T) {
	w, b := newWorld(t), newBlog(t)
	target := b.takesWebmentions("/a", 202, "")
	w.pass(365 * 24 * time.Hour)
	w.post(link(target))
	w.pass(-365 * 24 * time.Hour)
	visits := b.visited("/a")
	p := w.post("Once more: " + link(target))
	w.wants(w.delivery(p.ID), Sent, byWebmention, 1, "")
	if b.visited("/a") == visits {
		t.Error("a look that is still to come was used")
	}
}

func TestAnAnswerThatCameBeforeTheStopCounts(t *testing.T) {
	w, b := newWorld(t), newBlog(t)
	ctx, stop := context.WithCancel(context.Background())
	b.serve("/wm", func(rw http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		rw.WriteHeader(http.StatusAccepted)
		rw.(http.Flusher).Flush()
		time.AfterFunc(100*time.Millisecond, stop)
		<-r.Context().Done() // more is to follow
	})
	p := &posts.Post{AuthorID: w.author, Status: posts.Published, Content: link(b.html("/a", `<link rel="webmention" href="/wm">`))}
	w.must(w.posts.Save(ctx, p))
	w.must(w.outbox.postChanged(ctx, queue.Job{Payload: []byte(`"` + p.ID + `"`)}))
	d := w.delivery(p.ID)
	w.must(w.outbox.tell(ctx, queue.Job{Payload: []byte(`"` + d.ID + `"`)}))
	w.wants(w.delivery(p.ID), Sent, byWebmention, 1, "")
}

func TestAPageIsPingedOnceHoweverManyOfItsPartsAreLinkedTo(t *testing.T) {
	w, b, c := newWorld(t), newBlog(t), newBlog(t)
	ping, wm := b.takesPingbacks("/a", -1, "ok"), c.takesWebmentions("/b", 202, "")
	parts := func(page string) string {
		return link(page+"#one") + link(page+"#two") + link(page+"?utm_source=x#three")
	}
	p := w.post(parts(ping))
	said := w.post(parts(wm))
	for range 4 {
		w.after(time.Minute)
	}
	if got := len(b.heard()); got != 1 {
		t.Errorf("the page was pinged %d times", got)
	}
	if got := len(c.heard()); got != 3 {
		t.Errorf("of three addresses %d were told by webmention", got)
	}
	for _, d := range append(w.deliveries(p.ID), w.deliveries(said.ID)...) {
		if d.State != Sent || d.Told.IsZero() {
			t.Errorf("got %+v", d)
		}
	}
	p.Content += " And more."
	w.save(p)
	for range 4 {
		w.after(time.Minute)
	}
	if got := len(b.heard()); got != 1 {
		t.Errorf("after a change the page was pinged %d times", got)
	}
	w.must(w.outbox.Again(t.Context(), w.deliveries(p.ID)[2].ID))
	w.after(time.Minute)
	if got := len(b.heard()); got != 1 {
		t.Errorf("by hand the page was pinged %d times", got)
	}
}
