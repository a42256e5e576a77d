package test

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// theyTakeWebmentions is what happens to our posts while WordPress has its webmention plugin.
func theyTakeWebmentions(t *testing.T, w *wordpress, s *site, token string) {
	pings := w.pingsReceived()
	barometer := w.publish("The barometer", "<p>It falls before I do.</p>")
	ladder := w.publish("The ladder", "<p>It leans.</p>")
	lamp := w.publish("The lamp", "<p>It hums at dusk.</p>")

	// WordPress stores each with our date, and takes no pingback within 15 s after any.
	ours := func(properties map[string]any) string {
		properties["published"] = "2024-02-06T07:05:00Z"
		return s.entry(token, properties)
	}
	link := ours(map[string]any{"name": "Two instruments", "content": map[string]string{"html": `<p>He reads <a href="` + barometer + `">a barometer</a> aloud.</p>`}})
	reply := ours(map[string]any{"in-reply-to": ladder, "content": "Mine leans, too."})
	like := ours(map[string]any{"like-of": lamp})

	t.Run("a link, a reply and a like arrive by webmention, each as what it is", func(t *testing.T) {
		stored(t, w, barometer, comment{Type: "comment", Source: link, Content: "He reads <a"})
		stored(t, w, ladder, comment{Type: "comment", Source: reply, Content: "Mine leans, too.", Property: "u-in-reply-to"})
		stored(t, w, lamp, comment{Type: "like", Source: like, Property: "u-like-of"})
	})
	owner := from(t, "127.0.0.1")
	owner.login(s)
	t.Run("an edit of ours renews what they have, and doubles nothing", func(t *testing.T) {
		owner.edit(s, link, func(form url.Values) { form.Set("text", strings.Replace(form.Get("text"), "He reads", "She reads", 1)) })
		stored(t, w, barometer, comment{Type: "comment", Source: link, Content: "She reads <a"})
	})
	t.Run("a link that is gone is told once, and their refusal is the end", func(t *testing.T) {
		told := w.webmentionsReceived()
		owner.edit(s, link, func(form url.Values) { form.Set("text", "He reads nothing aloud.") })
		eventually(t, patience, "the outbox says what WordPress answers", func() error {
			rows := slices.DeleteFunc(all(owner.page(s.url+"/desk/outbox"), "li:has(form)"), func(row *html.Node) bool {
				return len(all(row, `a[href="`+barometer+`"]`)) == 0
			})
			if len(rows) != 1 {
				return fmt.Errorf("the outbox has %d rows for it", len(rows))
			}
			if row := text(rows[0]); !strings.Contains(row, "Cannot find target link") || strings.Contains(row, "Next try") {
				return errors.New(row)
			}
			return nil
		})
		if now := w.webmentionsReceived(); now != told+1 {
			t.Errorf("WordPress was told %d times, want once", now-told)
		}
	})
	if now := w.pingsReceived(); now != pings {
		t.Errorf("WordPress was sent %d pingbacks beside the webmentions", now-pings)
	}
}

// stored waits until WordPress holds one comment beneath a post, as it is wanted.
func stored(t *testing.T, w *wordpress, post string, want comment) {
	t.Helper()
	eventually(t, patience, "WordPress has stored our webmention", func() error {
		found := w.comments(post)
		if len(found) != 1 {
			return fmt.Errorf("it holds %+v", found)
		}
		got := found[0]
		if got.Protocol != "webmention" || got.Approved != "0" || got.Type != want.Type || got.Source != want.Source || got.Property != want.Property || !strings.Contains(got.Content, want.Content) {
			return fmt.Errorf("it holds %+v, want %+v", got, want)
		}
		return nil
	})
}

// theyRefuseFloods has another hark link to two posts of WordPress: it has told nobody yet, so it
// need not leave room after the pingbacks of the first.
func theyRefuseFloods(t *testing.T, w *wordpress, reader *visitor) {
	north, south := w.publish("North", "<p>Snow.</p>"), w.publish("South", "<p>Rain.</p>")
	pings := w.pingsReceived()
	s := start(t)
	post := s.publish(s.owner(), "North and south", linkTo(north)+linkTo(south))
	first, second := north, south
	eventually(t, patience, "the first pingback arrives", func() error {
		if len(w.comments(first)) == 1 {
			return nil
		}
		if first, second = second, first; len(w.comments(first)) == 1 {
			return nil
		}
		return errors.New("it has not")
	})
	if answer := ping(t, reader, w.url+"/xmlrpc.php", post, second); !strings.Contains(answer, "<int>429</int>") {
		t.Errorf("a second pingback at once is answered\n%s\nwant fault 429", answer)
	}
	sent := func() int { return w.pingsReceived() - pings - 1 }
	eventually(t, patience, "the second pingback is sent", func() error {
		if sent() < 2 {
			return errors.New("it is not")
		}
		return nil
	})
	waitForPingback(t, w, second)
	waitForPingback(t, w, first)
	if n := sent(); n != 2 {
		t.Errorf("%d pingbacks were sent, want 2", n)
	}
}
