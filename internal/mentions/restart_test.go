package mentions

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"testing"
	"time"

	"hark/internal/posts"
	"hark/internal/queue"
)

// restart ends the process and begins another: what did not stand in the database is forgotten.
func (w *world) restart() {
	r := &w.rooms
	r.Queue = queue.New(w.db, r.Log, w.now)
	r.Posts = posts.New(w.db, r.Queue, ourSite, w.now)
	w.queue, w.posts = r.Queue, r.Posts
	w.inbox = NewInbox(*r)
	w.outbox = NewOutbox(*r, w.inbox)
}

// accepts has a blog's endpoint, which refused for a while, take what comes.
func (b *blog) accepts(endpoint, answer string) {
	b.serve(endpoint, func(rw http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		b.hear("accepted")
		io.WriteString(rw, answer)
	})
}

func TestTriesGoOnAfterARestart(t *testing.T) {
	w := newWorld(t)
	const taken = `<?xml version="1.0"?><methodResponse><params><param><value>Thank you.</value></param></params></methodResponse>`
	wm, ping, page, fine := newBlog(t), newBlog(t), newBlog(t), newBlog(t)
	text := link(wm.takesWebmentions("/a", 503, "Later.")) + link(ping.takesPingbacks("/b", 429, "Slow down.")) +
		link(page.status("/c", 503)) + link(fine.takesWebmentions("/d", 202, ""))
	w.must(w.posts.Save(context.Background(), &posts.Post{AuthorID: w.author, Status: posts.Published, Content: text}))
	w.restart() // before anything was told
	tries := func() [4]int {
		return [4]int{wm.visited("/wm"), ping.visited("/xmlrpc"), page.visited("/c"), fine.visited("/wm")}
	}
	w.drain()
	for n, rest := range []time.Duration{time.Minute, 5 * time.Minute, 30 * time.Minute} {
		w.restart()
		w.after(rest - time.Second)
		if got, want := tries(), [4]int{n + 1, n + 1, n + 1, 1}; got != want {
			t.Errorf("before rest %d ends there were %d tries, want %d", n+1, got, want)
		}
		w.after(time.Second)
	}
	wm.accepts("/wm", "")
	ping.accepts("/xmlrpc", taken)
	page.takesWebmentions("/c", 202, "")
	page.accepts("/wm", "")
	w.restart()
	for range 3 {
		w.after(1000 * time.Hour)
		w.restart()
	}
	if got, want := tries(), [4]int{5, 5, 5, 1}; got != want {
		t.Errorf("in the end there were %d tries, want %d", got, want)
	}
	for name, b := range map[string]*blog{"webmention": wm, "pingback": ping, "page": page} {
		n := 0
		for _, call := range b.heard() {
			if call == "accepted" {
				n++
			}
		}
		if n != 1 {
			t.Errorf("%s: accepted %d times, want once", name, n)
		}
	}
	if n := w.number("SELECT count(*) FROM jobs"); n != 0 {
		t.Errorf("%d jobs are left", n)
	}
}

// Those who wait for their turn at a host keep it, and the distance between them.
func TestTurnsAreKeptAfterARestart(t *testing.T) {
	w, b := newWorld(t), newBlog(t)
	text := ""
	for n := range 3 {
		text += link(b.takesPingbacks(fmt.Sprintf("/%d", n), -1, "Thank you."))
	}
	w.post(text)
	for n := range 3 {
		if got := len(b.heard()); got != 1 {
			t.Errorf("at turn %d it heard %d, want 1", n, got)
		}
		w.restart()
		w.after(pingbackGap - time.Second)
		if got := b.heard(); len(got) != 0 {
			t.Errorf("too early after turn %d it heard %d", n, len(got))
		}
		w.restart()
		w.after(time.Second)
	}
	if got := b.heard(); len(got) != 0 || w.number("SELECT count(*) FROM jobs") != 0 {
		t.Errorf("in the end it heard %d more", len(got))
	}
}
