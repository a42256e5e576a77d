package site

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"hark/internal/authlog"
	"hark/internal/guard"
	"hark/internal/posts"
)

func TestEveryPingIsCountedOnceByItsDoorAndItsEnd(t *testing.T) {
	b := newBlog(t)
	books := b.Guard.Books()
	books.Keep(b.db)
	post := b.publish(time.Hour, posts.Post{Content: "Eleven curlews."})
	at := public + post.Path
	b.mention(theirs(t, http.StatusOK, linking(post)), at)
	b.mention(theirs(t, http.StatusOK, "Nothing of hers."), at)
	b.mention("https://spam.example/", public+"/nowhere")
	b.mention("javascript:alert(1)", at)
	b.mention("https://spam.example/", "")
	if err := b.queue.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	want := map[guard.Event]uint64{
		{Door: "webmention", Outcome: guard.Taken}:                                      2,
		{Door: "webmention", Outcome: guard.Shown}:                                      1,
		{Door: "webmention", Outcome: guard.Refused, Reason: string(authlog.NoLink)}:    1,
		{Door: "webmention", Outcome: guard.Refused, Reason: string(authlog.NoTarget)}:  1,
		{Door: "webmention", Outcome: guard.Refused, Reason: string(authlog.BadSource)}: 1,
		{Door: "webmention", Outcome: guard.Refused, Reason: string(authlog.Malformed)}: 1,
	}
	got := books.Totals()
	for e, n := range want {
		if got[e] != n {
			t.Errorf("%v is counted %d times, want %d", e, got[e], n)
		}
	}
	if len(got) != len(want) {
		t.Errorf("counted is %v", got)
	}
	if err := books.Write(t.Context()); err != nil {
		t.Fatal(err)
	}
	hosts, err := books.Busiest(t.Context(), guard.ByHost, b.at, 10)
	if err != nil || len(hosts) != 2 || hosts[0].N != 1 || hosts[1].Name != "spam.example" && hosts[0].Name != "spam.example" {
		t.Errorf("blamed are %v, %v", hosts, err)
	}
}

// reads is another blog that counts how often its page is read.
func reads(t *testing.T, page func() string) (address string, n *atomic.Int64) {
	n = &atomic.Int64{}
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		n.Add(1)
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		io.WriteString(w, page())
	}))
	t.Cleanup(other.Close)
	return other.URL + "/answer", n
}

func TestAPageThatDoesNotLinkIsReadAgainAfterAMinuteOrSo(t *testing.T) {
	b := newBlog(t)
	post := b.publish(time.Hour, posts.Post{Content: "Eleven curlews."})
	words := "Nothing of hers."
	source, n := reads(t, func() string { return words })
	send := func() reading {
		t.Helper()
		r := b.mention(source, public+post.Path)
		if err := b.queue.Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
		return r
	}
	if r := send(); r.StatusCode != http.StatusCreated {
		t.Fatalf("the first is answered %d", r.StatusCode)
	}
	words = linking(post) // mended at once
	for range 5 {
		if r := send(); r.StatusCode != http.StatusTooManyRequests || r.Header.Get("Retry-After") != "90" || !strings.Contains(r.body, "no link to the target was found") {
			t.Fatalf("again it is answered %d, Retry-After %q: %s", r.StatusCode, r.Header.Get("Retry-After"), r.body)
		}
	}
	if fault := b.ping(source, public+post.Path); !strings.Contains(fault, "<int>17</int>") {
		t.Errorf("by pingback it is answered %s", fault)
	}
	if n.Load() != 1 {
		t.Errorf("the page was read %d times, want once", n.Load())
	}
	b.at = b.at.Add(90 * time.Second)
	if r := send(); r.StatusCode != http.StatusCreated {
		t.Fatalf("after the rest it is answered %d", r.StatusCode)
	}
	if found := b.get(post.Path).all(".p-comment.h-cite"); len(found) != 1 {
		t.Errorf("%d comments beneath the post, want 1", len(found))
	}
}

func TestATargetThatIsMissingIsLookedUpAgainAfterAMinute(t *testing.T) {
	b := newBlog(t)
	target := public + "/2026/curlews"
	first := b.mention("https://a.example/", target)
	again := b.mention("https://b.example/", target)
	if first.StatusCode != http.StatusBadRequest || again.StatusCode != first.StatusCode || again.body != first.body {
		t.Errorf("answered %d %q, then %d %q", first.StatusCode, first.body, again.StatusCode, again.body)
	}
	if got := b.Guard.Books().Totals()[guard.Event{Door: "webmention", Outcome: guard.Refused, Reason: string(authlog.NoTarget)}]; got != 2 {
		t.Errorf("%d are counted, want 2", got)
	}
	post := b.publish(time.Hour, posts.Post{Content: "Eleven curlews.", Path: "/2026/curlews"})
	b.at = b.at.Add(time.Minute)
	if r := b.mention("https://a.example/", public+post.Path); r.StatusCode != http.StatusCreated {
		t.Errorf("a minute after it was published it is answered %d: %s", r.StatusCode, r.body)
	}
}
