package site

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"hark/internal/posts"
	"hark/internal/settings"
)

// keeping has the blog keep the time of a zone.
func (b *blog) keeping(zone string) {
	b.t.Helper()
	b.choose(func(s *settings.Site) { s.Zone = zone })
}

func TestPagesAndFeedsShowTheTimeOfTheSite(t *testing.T) {
	b := newBlog(t)
	b.at = time.Date(2026, 7, 1, 9, 0, 0, 0, time.UTC)
	p := b.save(posts.Post{Status: posts.Published, Title: "Bells", Content: "x", Published: time.Date(2025, 12, 31, 23, 30, 0, 0, time.UTC)})
	for zone, want := range map[string]struct{ machine, words, rss, month, otherMonth string }{
		"UTC":              {"2025-12-31T23:30:00Z", "31 December 2025", "Wed, 31 Dec 2025 23:30:00 +0000", "/2025/12", "/2026/01"},
		"Europe/Berlin":    {"2026-01-01T00:30:00+01:00", "1 January", "Thu, 01 Jan 2026 00:30:00 +0100", "/2026/01", "/2025/12"},
		"America/New_York": {"2025-12-31T18:30:00-05:00", "31 December 2025", "Wed, 31 Dec 2025 18:30:00 -0500", "/2025/12", "/2026/01"},
	} {
		b.keeping(zone)
		for _, path := range []string{p.Path, "/", want.month, want.month[:5], want.month + "/" + want.machine[8:10], "/search?q=bells"} {
			shown := b.get(path).one(t, "time.dt-published")
			if got := attribute(shown, "datetime"); got != want.machine || wordsIn(shown) != want.words {
				t.Errorf("%s in %s: %s, %q; want %s, %q", path, zone, got, wordsIn(shown), want.machine, want.words)
			}
		}
		if got := b.ask(http.MethodGet, want.otherMonth).StatusCode; got != http.StatusNotFound {
			t.Errorf("%s in %s answers %d", want.otherMonth, zone, got)
		}
		if got := b.get("/archive"); !slices.ContainsFunc(got.all(".years a"), func(n *html.Node) bool { return attribute(n, "href") == want.month }) {
			t.Errorf("the archive in %s does not lead to %s", zone, want.month)
		}
		for feed, stamp := range map[string]string{"/feed.atom": ">" + want.machine + "<", "/feed.json": `"` + want.machine + `"`, "/feed.rss": ">" + want.rss + "<"} {
			if body := b.get(feed).body; !strings.Contains(body, stamp) {
				t.Errorf("%s in %s does not say %s", feed, zone, stamp)
			}
		}
		if body := b.get(p.Path).body; !strings.Contains(body, `"article:published_time" content="`+want.machine+`"`) {
			t.Errorf("what is shared in %s does not say %s", zone, want.machine)
		}
	}
}

func TestADayOfTheSiteBeginsAtItsMidnight(t *testing.T) {
	b := newBlog(t)
	b.at = time.Date(2026, 7, 1, 21, 59, 0, 0, time.UTC)
	b.keeping("Europe/Berlin") // 23:59
	b.save(posts.Post{Status: posts.Published, Title: "Today", Content: "x", Published: time.Date(2026, 6, 30, 22, 0, 0, 0, time.UTC)})
	b.save(posts.Post{Status: posts.Published, Title: "Then", Content: "x", Published: time.Date(2025, 7, 1, 22, 30, 0, 0, time.UTC)}) // 2 July
	said := func() []string { return b.get("/").texts(".h-entry time") }
	if got := said(); got[0] != "23 hours ago" {
		t.Errorf("before midnight: %q", got)
	}
	if got := b.get("/on-this-day").texts(".h-entry h2"); len(got) != 0 {
		t.Errorf("before midnight on this day there was %q", got)
	}
	b.at = b.at.Add(time.Minute)
	if got := said(); got[0] != "yesterday" {
		t.Errorf("after midnight: %q", got)
	}
	if got := b.get("/on-this-day").texts(".h-entry h2"); !slices.Equal(got, []string{"Then"}) {
		t.Errorf("after midnight on this day there was %q", got)
	}
}

func TestADayWithoutMidnightHasAPage(t *testing.T) {
	b := newBlog(t)
	b.keeping("Asia/Beirut")
	b.at = time.Date(2025, 6, 1, 0, 0, 0, 0, time.UTC)
	for title, at := range map[string]time.Time{ // the clock went from 0 to 1 on 30 March
		"Last":  time.Date(2025, 3, 29, 21, 59, 59, 0, time.UTC),
		"First": time.Date(2025, 3, 29, 22, 0, 0, 0, time.UTC),
	} {
		b.save(posts.Post{Status: posts.Published, Title: title, Content: "x", Published: at})
	}
	for path, want := range map[string]string{"/2025/03/29": "Last", "/2025/03/30": "First"} {
		if got := b.get(path).texts(".h-entry h2"); !slices.Equal(got, []string{want}) {
			t.Errorf("%s has %q, want %s", path, got, want)
		}
	}
	if got := attribute(b.get("/2025/03/29").one(t, ".times [rel=next]"), "href"); got != "/2025/03/30" {
		t.Errorf("after 29 March comes %s", got)
	}
}

func TestTheFirstHoursOf1970AreInTheYearBeforeWhereItBeganLater(t *testing.T) {
	b := newBlog(t)
	b.keeping("America/New_York")
	b.save(posts.Post{Status: posts.Published, Title: "First", Content: "x", Published: time.Unix(0, 0).Add(time.Second)})
	for _, path := range b.get("/archive").leads() {
		if strings.HasPrefix(path, "/19") {
			if got := b.get(path).texts(".h-entry h2"); !slices.Equal(got, []string{"First"}) {
				t.Errorf("the archive leads to %s, where %q stands", path, got)
			}
		}
	}
	b.get("/1969/12/31")
}
