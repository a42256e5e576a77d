package mentions

import (
	"context"
	"net/http"
	"testing"
	"time"

	"hark/internal/queue"
)

func TestAStatusPageIsFollowedOnce(t *testing.T) {
	for name, c := range map[string]struct {
		kind, body string
		status     int
		said       string
		state      Outcome
	}{
		"shown, in JSON":    {"application/json", `{"status":"shown","summary":"Your words are shown beneath the post."}`, 200, "Your words are shown beneath the post.", Sent},
		"refused, in JSON":  {"application/json", `{"status":"no_link_found","summary":"No link was found."}`, 200, "no link found: No link was found.", Failed},
		"a page with words": {"text/html", `<nav>Menu</nav><main><h1>Held</h1><p>An editor will look at it.</p></main>`, 200, "Held An editor will look at it.", Sent},
		"gone":              {"text/html", "", 404, "The status page is not there any more.", Sent},
		"broken":            {"text/html", "Oops", 500, "The status page answers 500, without words.", Sent},
	} {
		t.Run(name, func(t *testing.T) {
			w, b := newWorld(t), newBlog(t)
			p := w.post(link(b.takesWebmentions("/a", 201, "Queued.", "Location", "/status/1")))
			b.serve("/status/1", func(rw http.ResponseWriter, _ *http.Request) {
				rw.Header().Set("Content-Type", c.kind)
				rw.WriteHeader(c.status)
				rw.Write([]byte(c.body))
			})
			w.after(followRest - time.Second)
			if b.visited("/status/1") != 0 {
				t.Error("it is asked at once")
			}
			w.after(time.Second)
			d := w.delivery(p.ID)
			if d.Said != c.said || d.State != c.state || d.Answer != "Queued." {
				t.Errorf("got %s, %q, want %s, %q", d.State, d.Said, c.state, c.said)
			}
			w.must(w.outbox.followUp(context.Background(), queue.Job{Payload: []byte(`"` + d.ID + `"`)})) // a job may run twice
			w.after(1000 * time.Hour)
			if n := b.visited("/status/1"); n != 1 {
				t.Errorf("it was asked %d times", n)
			}
		})
	}
}

// A status page of an earlier text says nothing of the newer one.
func TestAnEditHasItsOwnStatus(t *testing.T) {
	w, b := newWorld(t), newBlog(t)
	p := w.post(link(b.takesWebmentions("/a", 201, "", "Location", "/status/1")))
	b.html("/status/1", "Taken.")
	w.after(followRest)
	if d := w.delivery(p.ID); d.Said != "Taken." {
		t.Fatalf("got %q", d.Said)
	}
	p.Content += " More."
	w.save(p)
	if d := w.delivery(p.ID); d.Said != "" || d.State != Sent {
		t.Errorf("after the edit: %q", d.Said)
	}
	b.html("/status/1", "Taken again.")
	w.after(followRest)
	if d := w.delivery(p.ID); d.Said != "Taken again." {
		t.Errorf("later: %q", d.Said)
	}
}
