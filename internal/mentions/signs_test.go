package mentions

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"hark/internal/settings"
)

func TestWhatIsKnownOfAPageReachesItsJudgement(t *testing.T) {
	foreign := func(to string) string { return strings.Replace(linking(to), "<title>", `<html lang="fr"><title>`, 1) }
	old := func(to string) string {
		return strings.Replace(linking(to), "<p>", `<meta property="article:published_time" content="2020-01-01T00:00:00Z"><p>`, 1)
	}
	for name, c := range map[string]struct {
		page  func(to string) string
		ready func(w *world, b *blog, to string)
	}{
		"suspect": {linking, func(w *world, b *blog, _ string) {
			answers := settings.DefaultAnswers
			answers.Suspects = settings.Hosts(hostIn(b.URL))
			w.must(w.settings.SaveAnswers(context.Background(), answers))
		}},
		"language": {foreign, nil},
		"older":    {old, nil},
		"called-spam": {linking, func(w *world, b *blog, to string) {
			w.decideAll(CallSpam, w.arrive(b.html("/spam", linking(to)), to).ID)
		}},
	} {
		w, b := newWorld(t), newBlog(t)
		p := w.post("Words.")
		if c.ready != nil {
			c.ready(w, b, ours(p))
		}
		m := w.arrive(b.html("/a", c.page(ours(p))), ours(p))
		if signOf(m, name) >= 0 {
			t.Errorf("%s: the signs are %+v", name, m.Signs)
		}
	}
	w, b := newWorld(t), newBlog(t)
	p := w.post("Words.")
	ordinary := strings.Replace(linking(ours(p)), "<title>", `<html lang="en-GB"><title>`, 1)
	m := w.expect(w.arrive(b.html("/a", ordinary), ours(p)).ID, Shown)
	for _, s := range m.Signs { // its host is a bare address with an odd port
		if s.Weight < 0 {
			t.Errorf("against an ordinary page speaks %+v", s)
		}
	}
}

func TestARuleAboutASenderDecidesAtTheDoor(t *testing.T) {
	for rule, from := range map[string]string{
		"203.0.113.7": "203.0.113.7", "203.0.113.0/24": "203.0.113.99", "2001:db8::9": "2001:db8::9", "2001:db8::/48": "2001:db8::9",
	} {
		w, b := newWorld(t), newBlog(t)
		w.mode(settings.HoldAll)
		p := w.post("Words.")
		send := func(path string) Receipt {
			r, err := w.inbox.Receive(context.Background(), Pingback, b.html(path, reply(ours(p), "Hm.")), ours(p), netip.MustParseAddr(from))
			w.must(err)
			w.drain()
			return r
		}
		w.rule(Block, BySender, rule)
		send("/blocked")
		if n := w.number("SELECT count(*) FROM mentions") + b.visited("/blocked"); n != 0 {
			t.Errorf("%s: %d rows and visits", rule, n)
		}
		w.rule(Trust, BySender, rule)
		w.expect(send("/trusted").ID, Shown)
		next := netip.MustParseAddr(from).Next()
		if w.inbox.Trusts(context.Background(), next) == !strings.Contains(rule, "/") {
			t.Errorf("%s: its neighbour %s is judged otherwise than it says", rule, next)
		}
		if !w.inbox.Trusts(context.Background(), netip.MustParseAddr(from)) || w.inbox.Trusts(context.Background(), netip.MustParseAddr("198.51.100.1")) {
			t.Errorf("%s: others are trusted than it says", rule)
		}
	}
}

func TestTrustedSitesAndBridgesMaySendMore(t *testing.T) {
	w := newWorld(t)
	w.rule(Trust, ByHost, "friend.example")
	w.bridge("bridge.example")
	target := ours(w.post("Words."))
	for host, want := range map[string]bool{"friend.example": true, "bridge.example": true, "stranger.example": false} {
		var err error
		for n := range 101 {
			_, err = w.inbox.Receive(context.Background(), Webmention, fmt.Sprintf("https://%s/%d", host, n), target, stranger)
		}
		var refusal *Refusal
		if errors.As(err, &refusal) == want || !want && refusal.RetryAfter <= 0 {
			t.Errorf("the 101st of %s: %v", host, err)
		}
	}
}

func TestT2AMentionOfTheSiteNeedsALinkToTheSite(t *testing.T) {
	w, b := newWorld(t), newBlog(t)
	p := w.post("Words.")
	w.expect(w.arrive(b.html("/post", linking(ours(p))), ourSite+"/").ID, Refused)
	w.expect(w.arrive(b.html("/home", linking(ourSite+"/")), ourSite+"/").ID, Shown)
	w.expect(w.arrive(b.html("/about", linking(ourSite+"/about")), ourSite+"/about").ID, Shown)
}

func TestAHeldMentionIsWithdrawnAfterTwoStrikesToo(t *testing.T) {
	w, b, list := heldOnes(t, 1)
	b.status("/0", 404)
	w.again(list[0])
	w.expect(list[0].ID, Held)
	w.after(strikeGap)
	w.expect(list[0].ID, Withdrawn)
}

func TestASenderReadsHowFarAPageWasRead(t *testing.T) {
	w, b := newWorld(t), newBlog(t)
	p := w.post("Words.")
	for path, c := range map[string]struct{ page, want string }{
		"/long": {strings.Repeat("<p>Words upon words.</p>", 60_000) + linking(ours(p)), "was found in its first megabyte."},
		"/deep": {strings.Repeat("<div>", 2000) + linking(ours(p)), "The source is nested too deeply to be read."},
	} {
		if m := w.expect(w.arrive(b.html(path, c.page), ours(p)).ID, Refused); !strings.HasSuffix(m.Reason, c.want) {
			t.Errorf("%s: the reason is %q", path, m.Reason)
		}
	}
}

func TestAMentionWithoutItsJobIsNotTaken(t *testing.T) {
	w, b := newWorld(t), newBlog(t)
	p := w.post("Words.")
	w.exec("ALTER TABLE jobs RENAME TO gone")
	if _, err := w.inbox.Receive(context.Background(), Webmention, b.html("/a", linking(ours(p))), ours(p), stranger); err == nil {
		t.Error("it was taken")
	}
	if n := w.number("SELECT count(*) FROM mentions"); n != 0 {
		t.Errorf("%d rows without a job", n)
	}
	w.exec("ALTER TABLE gone RENAME TO jobs")
	w.expect(w.arrive(b.URL+"/a", ours(p)).ID, Shown)
}
