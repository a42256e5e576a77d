package test

import (
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// TestAWriterSeesWhoWillBeToldAndSwitchesOneOff is an hour at the editor: nobody is visited while
// words are typed, the pages are asked when the writer wants to know, switches stay, and what the
// panel says comes true.
func TestAWriterSeesWhoWillBeToldAndSwitchesOneOff(t *testing.T) {
	t.Parallel()
	var visits atomic.Int64
	var told [2]atomic.Int64
	blog := func(n int, host string) string {
		return listenOn(t, host, func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodPost {
				told[n].Add(1)
				w.WriteHeader(http.StatusAccepted)
				return
			}
			visits.Add(1)
			fmt.Fprint(w, `<!doctype html><title>Wind chimes</title><link rel="webmention" href="/wm"><p>Mine has four notes.`)
		})
	}
	loud, quiet := blog(0, "127.7.0.1")+"/loud", blog(1, "127.7.0.2")+"/quiet"
	s, b := atDesk(t)
	b.visit(s.url + "/desk/write")
	b.fill("input[name=title]", "An error of one neighbour")
	b.fill("textarea[name=text]", "See ["+"one]("+loud+") and [another]("+quiet+").")
	b.becomes("[data-part=tell]", "quiet")
	b.becomes("[data-part=tell]", "Not asked yet")
	if n := visits.Load(); n != 0 {
		t.Fatalf("%d pages were visited while words were typed", n)
	}
	off := fmt.Sprintf("[name=tell][value=%q]", quiet)
	b.do(chromedp.Click(chromedp.CSS(off), chromedp.NodeVisible))
	b.becomes("[data-part=tell] .plan", "1 page")
	b.do(chromedp.Click(chromedp.CSS("[data-part=tell] button[value=preview]"), chromedp.NodeVisible))
	b.becomes("[data-part=tell]", "By webmention")
	if b.measure(`document.querySelector('`+off+`').checked ? 1 : 0`) != 0 {
		t.Error("the switch was set back when the panel was drawn anew")
	}
	pages(b, "the editor and who will be told")
	if status := b.press("button[name=do][value=publish]"); status != 200 {
		t.Fatalf("publishing leads to a page that answers %d", status)
	}
	published := b.location()
	eventually(t, 20*time.Second, "the one that is switched on is told", func() error {
		if n := told[0].Load(); n != 1 {
			return fmt.Errorf("it was told %d times", n)
		}
		return nil
	})
	b.visit(published)
	b.do(chromedp.Click(chromedp.CSS(".sent summary"), chromedp.NodeVisible))
	for _, words := range []string{"Told: 1 of 1", "Told by webmention", "You chose not to tell this page"} {
		if found := b.text(".sent"); !strings.Contains(found, words) {
			t.Errorf("beneath the post stands %q, want %q", found, words)
		}
	}
	b.visit(s.url + "/desk/outbox")
	pages(b, "the outbox")
	if n := told[1].Load(); n != 0 {
		t.Errorf("the one that is switched off was told %d times", n)
	}
	b.stayedAt(s)
}
func TestTheEditorIsAsNarrowAsTheWindowWhateverAPageIsCalled(t *testing.T) {
	t.Parallel()
	s := start(t)
	long := strings.Repeat("W", 150)
	answered := listenOn(t, "127.0.22.1", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprintf(w, `<!doctype html><title>%s</title><article class="h-entry"><h1 class="p-name">%s</h1><p class="e-content">%s</p></article>`, long, long, long)
	})
	post := s.entry(s.owner(), map[string]any{"content": "So it is.", "in-reply-to": answered + "/"})
	eventually(t, 10*time.Second, "the card is read", func() error {
		if page := from(t, "127.0.0.1").get(post); !strings.Contains(page.body, long[:80]) {
			return fmt.Errorf("it has no such title")
		}
		return nil
	})
	b := newBrowser(t)
	b.look(360, "light")
	b.signIn(s, ownerName, ownerPassword)
	b.visit(post)
	b.press(`a[href^="/desk/write/"]`)
	if n := b.measure(`document.querySelectorAll(".cite").length`); n < 1 {
		t.Fatalf("%s has no card", b.location())
	}
	if width := b.measure("document.documentElement.scrollWidth"); width > 360 {
		t.Errorf("at 360 pixels the editor is %v wide", width)
	}
}
