package mentions

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"hark/internal/authlog"
	"hark/internal/guard"
	"hark/internal/queue"
	"hark/internal/settings"
)

func TestALinkingPageIsShown(t *testing.T) {
	for _, via := range []Via{Webmention, Pingback} {
		w, b := newWorld(t), newBlog(t)
		p := w.post("Words.")
		r := w.receiveVia(via, b.html("/a", reply(ours(p), "Well said.")), ours(p))
		w.expect(r.ID, Waiting)
		w.drain()
		m := w.expect(r.ID, Shown)
		if m.AuthorName != "Anna Blume" || !strings.Contains(string(m.HTML), "Well said.") || m.Checking || m.Published != m.Received {
			t.Errorf("%s: got %+v", via, m)
		}
		a := w.answers(p.ID)
		if len(a.Threads) != 1 || a.Count() != 1 || a.Threads[0].ID != r.ID {
			t.Errorf("%s: beneath the post: %+v", via, a)
		}
	}
}

func TestAPingbackSaysForWhomItAsks(t *testing.T) {
	w, b := newWorld(t), newBlog(t)
	p := w.post("Words.")
	var asked atomic.Value
	source := b.serve("/a", func(rw http.ResponseWriter, r *http.Request) {
		asked.Store(r.Header.Get("X-Pingback-Forwarded-For"))
		fmt.Fprint(rw, linking(ours(p)))
	})
	w.receiveVia(Pingback, source, ours(p))
	w.drain()
	if asked.Load() != stranger.String() {
		t.Errorf("the source was asked for %v", asked.Load())
	}
	w.arrive(source+"?2", ours(p))
	if asked.Load() != "" {
		t.Errorf("a webmention's source was asked for %v", asked.Load())
	}
}

func TestT2ALinkToAnotherPageOfOursIsRefused(t *testing.T) {
	w, b := newWorld(t), newBlog(t)
	p, other := w.post("One."), w.post("Two.")
	for path, link := range map[string]string{"/home": ourSite + "/", "/other": ours(other), "/longer": ours(p) + "-more", "/deeper": ours(p) + "/more"} {
		if m := w.arrive(b.html(path, linking(link)), ours(p)); m.State != Refused || m.Refusal != authlog.NoLink {
			t.Errorf("a link to %s: %s, %s", link, m.State, m.Refusal)
		}
	}
	w.expect(w.arrive(b.html("/spelling", linking("http://OURS.example"+p.Path+"/?utm_source=x#y")), ours(p)).ID, Shown)
}

// shown is a mention that readers see.
func shown(t *testing.T) (*world, *blog, *Mention) {
	t.Helper()
	w, b := newWorld(t), newBlog(t)
	p := w.post("Words.")
	m := w.arrive(b.html("/a", reply(ours(p), "Well said.")), ours(p))
	return w, b, w.expect(m.ID, Shown)
}

// again has somebody send a mention again, and its source read.
func (w *world) again(m *Mention) *Mention {
	w.t.Helper()
	w.receive(m.Source, m.Target)
	w.drain()
	return w.mention(m.ID)
}

func TestAHostThatAsksToBeLeftAloneIsWhoeverSendsAgain(t *testing.T) {
	w, b, m := shown(t)
	b.status("/a", 429, "Retry-After", "7200")
	w.again(m)
	visits := b.visited("/a")
	for range 5 {
		w.pass(10 * time.Minute)
		w.again(m)
	}
	if got := b.visited("/a"); got != visits {
		t.Errorf("it was visited %d times more", got-visits)
	}
	b.html("/a", reply(m.Target, "Well said, and later."))
	w.after(2 * time.Hour)
	if m = w.expect(m.ID, Shown); m.Checking || !strings.Contains(string(m.HTML), "later") {
		t.Errorf("after the rest: %+v", m)
	}
	b.status("/a", 429, "Retry-After", "7200")
	w.again(m)
	visits = b.visited("/a")
	w.decideAll(ReadAgain, m.ID) // the owner may ask all the same
	w.drain()
	if got := b.visited("/a"); got != visits+1 {
		t.Errorf("for the owner it was visited %d times", got-visits)
	}
}

func TestT3ATemporaryFailureHidesNothing(t *testing.T) {
	w, b, m := shown(t)
	before := w.generation(m.PostID)
	for _, status := range []int{503, 500, 502, 429, 401, 403} {
		b.status("/a", status)
		if got := w.again(m); got.State != Shown || !got.Checking {
			t.Errorf("after %d: %s, to be read again: %v", status, got.State, got.Checking)
		}
	}
	b.status("/a", 302, "Location", "http://nothing.invalid/")
	w.again(m)
	for range 10 { // all tries there are
		w.after(72 * time.Hour)
	}
	if got := w.expect(m.ID, Shown); got.Checking || got.HTML != m.HTML {
		t.Errorf("after the last try: %+v", got)
	}
	b.Close()
	w.again(m)
	w.expect(m.ID, Shown)
	if after := w.generation(m.PostID); after != before {
		t.Error("the page was made anew, though nothing on it changed")
	}
	if text := w.ledger(m.ID); !strings.Contains(text, "its host name could not be found") || !strings.Contains(text, "503") || !strings.Contains(text, "refused the connection") {
		t.Errorf("the ledger does not say what happened:\n%s", text)
	}
}

func TestT3ATimeoutHidesNothingAndIsTriedAgain(t *testing.T) {
	t.Parallel()
	w, b, m := shown(t)
	b.serve("/a", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	if got := w.again(m); got.State != Shown || !got.Checking {
		t.Errorf("after a timeout: %+v", got)
	}
	b.html("/a", reply(m.Target, "Well said, and late."))
	w.after(time.Minute)
	if got := w.expect(m.ID, Shown); !strings.Contains(string(got.HTML), "late") || got.Checking {
		t.Errorf("after the next try: %+v", got)
	}
}

func TestT15DNSFailureIsRetriedUntilTheScheduleEnds(t *testing.T) {
	w := newWorld(t)
	p := w.post("Words.")
	m := w.arrive("http://nothing.invalid/a", ours(p))
	if m.State != Waiting || !m.Checking || !strings.Contains(m.Reason, "host name") {
		t.Fatalf("after the first try: %+v", m)
	}
	tries := strings.Count(w.ledger(m.ID), "Asked for the page")
	for n, rest := range []time.Duration{time.Minute, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 12 * time.Hour, 24 * time.Hour, 72 * time.Hour} {
		w.expect(m.ID, Waiting)
		w.after(rest - time.Second)
		if got := strings.Count(w.ledger(m.ID), "Asked for the page"); got != tries {
			t.Errorf("try %d came before its time", n+2)
		}
		w.after(time.Second)
		if got := strings.Count(w.ledger(m.ID), "Asked for the page"); got != tries+1 {
			t.Errorf("after rest %d: %d tries, want %d", n+1, got, tries+1)
		}
		tries++
	}
	if m = w.expect(m.ID, Refused); m.Checking || m.Refusal != authlog.Unreachable || m.Reason == "" {
		t.Errorf("after the last try: %+v", m)
	}
	if n := w.number("SELECT count(*) FROM jobs WHERE kind = 'verify'"); n != 0 {
		t.Errorf("%d jobs are left", n)
	}
	if got := w.guard.Books().Totals()[guard.Event{Door: "webmention", Outcome: guard.Refused, Reason: string(authlog.Unreachable)}]; got != 1 {
		t.Errorf("the refusal was counted %d times", got)
	}
}

func TestARetryAfterIsRespected(t *testing.T) {
	w, b := newWorld(t), newBlog(t)
	p := w.post("Words.")
	for _, status := range []int{429, 503, 403} {
		path := fmt.Sprintf("/%d", status)
		m := w.arrive(b.status(path, status, "Retry-After", "7200"), ours(p))
		w.after(7199 * time.Second)
		if b.visited(path) != 1 {
			t.Errorf("%d: asked again too early", status)
		}
		b.html(path, linking(ours(p)))
		w.after(time.Second)
		w.expect(m.ID, Shown)
	}
}

func TestT4AResendChangesNothingVisible(t *testing.T) {
	w, b, m := shown(t)
	held := w.arrive(b.html("/later", reply(m.Target, "Later.")), m.Target)
	before := w.generation(m.PostID)
	// The same resource by its key, but none of these pages links.
	b.status("/a/", 410)
	b.html("/A%2f", "nothing")
	for _, spelling := range []string{m.Source, m.Source + "/", m.Source + "?utm_source=spam", m.Source + "#spam", strings.Replace(m.Source, "http://", "http://user@", 1)} {
		r := w.receiveVia(Pingback, spelling, m.Target+"?utm_source=spam")
		if r.ID != m.ID || !r.Known {
			t.Fatalf("%s is taken for another mention", spelling)
		}
		w.drain()
		w.after(25 * time.Hour)
	}
	got := w.expect(m.ID, Shown)
	if got.Source != m.Source || got.Target != m.Target || got.Content != m.Content || got.Received != m.Received || got.Via != m.Via {
		t.Errorf("got %+v\nwant %+v", got, m)
	}
	if a := w.answers(m.PostID); a.Threads[0].ID != m.ID || a.Threads[1].ID != held.ID {
		t.Error("the order changed")
	}
	if w.generation(m.PostID) != before {
		t.Error("the page was made anew")
	}
}

// A page that says later that it is younger or older does not move.
func TestT4AShownAnswerKeepsItsPlace(t *testing.T) {
	w, b, m := shown(t)
	w.pass(time.Hour)
	w.arrive(b.html("/b", reply(m.Target, "Second.")), m.Target)
	b.html("/a", strings.Replace(reply(m.Target, "Well said indeed."), "<p", `<time class="dt-published" datetime="2026-11-01T12:59:00Z"></time><p`, 1))
	w.again(m)
	if a := w.answers(m.PostID); a.Threads[0].ID != m.ID || !strings.Contains(string(a.Threads[0].HTML), "indeed") {
		t.Errorf("first stands %+v", a.Threads[0])
	}
}

func TestT5TwoSourcesThatClaimOneAddressAreTwo(t *testing.T) {
	w, b := newWorld(t), newBlog(t)
	p := w.post("Words.")
	claim := func(words string) string {
		return strings.Replace(reply(ours(p), words), "<p", `<a class="u-url" href="https://anna.example/1"></a><p`, 1)
	}
	one := w.arrive(b.html("/1", claim("One.")), ours(p))
	two := w.arrive(b.html("/2", claim("Two.")), ours(p))
	if one.ID == two.ID || !strings.Contains(string(w.expect(one.ID, Shown).HTML), "One.") || !strings.Contains(string(w.expect(two.ID, Shown).HTML), "Two.") {
		t.Errorf("got %+v and %+v", one, two)
	}
}

func TestT6WhatIsGoneOrUnlinkedIsWithdrawnInOneRun(t *testing.T) {
	for name, change := range map[string]func(*blog){
		"410":          func(b *blog) { b.status("/a", 410) },
		"removed link": func(b *blog) { b.html("/a", "<p>Nothing here.") },
	} {
		t.Run(name, func(t *testing.T) {
			w, b, m := shown(t)
			before := w.generation(m.PostID)
			change(b)
			got := w.again(m)
			if got.State != Withdrawn || got.Reason == "" || got.Checking {
				t.Errorf("got %+v", got)
			}
			if w.answers(m.PostID).Count() != 0 || w.generation(m.PostID) == before {
				t.Error("readers see it still")
			}
			if strings.Contains(w.logged(), "rejected") {
				t.Error("whoever told us is logged as a spammer")
			}
		})
	}
}

func TestWhatWasWithdrawnComesBackWithItsLink(t *testing.T) {
	w, b, m := shown(t)
	b.status("/a", 410)
	w.again(m)
	w.expect(m.ID, Withdrawn)
	b.html("/a", reply(m.Target, "Back."))
	if got := w.again(m); got.State != Shown || !strings.Contains(string(got.HTML), "Back.") {
		t.Errorf("got %+v", got)
	}
}

func TestAMissingPageIsWithdrawnAfterTwoStrikesADayApart(t *testing.T) {
	for _, status := range []int{404, 451} {
		w, b, m := shown(t)
		b.status("/a", status)
		w.again(m)
		for range 5 { // whoever sends it again does not make it a day
			w.pass(4 * time.Hour)
			w.again(m)
			w.expect(m.ID, Shown)
		}
		b.status("/a", 503) // nothing can be said, so nothing is forgotten
		w.again(m)
		b.status("/a", status)
		w.pass(3 * time.Hour)
		w.again(m)
		w.expect(m.ID, Shown)
		w.after(time.Hour)
		if got := w.expect(m.ID, Withdrawn); !strings.Contains(got.Reason, fmt.Sprint(status)) {
			t.Errorf("the reason is %q", got.Reason)
		}
		w.after(1000 * time.Hour)
		if n := w.number("SELECT count(*) FROM jobs WHERE kind = 'verify'"); n != 0 {
			t.Errorf("%d: %d jobs are left", status, n)
		}
	}
}

func TestAPageThatComesBackHasNoStrike(t *testing.T) {
	w, b, m := shown(t)
	b.status("/a", 404)
	w.again(m)
	b.html("/a", reply(m.Target, "Well said."))
	w.pass(time.Hour)
	w.again(m)
	b.status("/a", 404)
	w.pass(24 * time.Hour) // more than a day after the first
	w.again(m)
	w.expect(m.ID, Shown)
	w.after(24 * time.Hour)
	w.expect(m.ID, Withdrawn)
}

func TestWhatNeverLinkedIsRefused(t *testing.T) {
	w, b := newWorld(t), newBlog(t)
	p := w.post("Words.")
	png := "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + ours(p)
	for path, c := range map[string]struct {
		page http.HandlerFunc
		want authlog.Reason
	}{
		"/404":   {func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(404) }, authlog.Gone},
		"/451":   {func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(451) }, authlog.Gone},
		"/410":   {func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(410) }, authlog.Gone},
		"/png":   {answer("image/png", png), authlog.NoLink},
		"/pdf":   {answer("text/html", "%PDF-1.4\n\x00<a href=\""+ours(p)+"\">x</a>"), authlog.NoLink},
		"/zip":   {answer("application/zip", "PK\x03\x04\x00\x00"+ours(p)), authlog.NoLink},
		"/empty": {answer("text/html", ""), authlog.NoLink},
		"/text":  {answer("text/html", "<!-- <a href='"+ours(p)+"'>x</a> -->"+ours(p)), authlog.NoLink},
		"/none":  {answer("text/html", linking("https://other.example/")), authlog.NoLink},
		"/ftp": {func(rw http.ResponseWriter, r *http.Request) {
			http.Redirect(rw, r, "ftp://a.example/", http.StatusFound)
		}, authlog.BadSource},
		"/inner": {func(rw http.ResponseWriter, r *http.Request) {
			http.Redirect(rw, r, "http://10.0.0.1/", http.StatusFound)
		}, authlog.BadSource},
	} {
		m := w.arrive(b.serve(path, c.page), ours(p))
		if m.State != Refused || m.Refusal != c.want || m.Reason == "" || m.Checking {
			t.Errorf("%s: %s (%s: %q), want refused for %s", path, m.State, m.Refusal, m.Reason, c.want)
		}
	}
	if n := w.number("SELECT count(*) FROM jobs WHERE kind = 'verify'"); n != 0 {
		t.Errorf("%d jobs are left", n)
	}
}

func answer(contentType, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		fmt.Fprint(w, body)
	}
}

func TestWhatIsShownIsReadAgainAfterAWeekAMonthAndHalfAYear(t *testing.T) {
	w, b, m := shown(t)
	day := 24 * time.Hour
	for n, rest := range []time.Duration{7 * day, 23 * day, 150 * day} {
		w.after(rest - time.Second)
		if got := b.visited("/a"); got != n+1 {
			t.Errorf("visited %d times before rest %d was over", got, n+1)
		}
		w.after(time.Second)
		if got := b.visited("/a"); got != n+2 {
			t.Errorf("visited %d times after rest %d, want %d", got, n+1, n+2)
		}
	}
	if n := w.number("SELECT count(*) FROM jobs WHERE kind = 'verify'"); n != 0 {
		t.Errorf("%d jobs are left", n)
	}
	w.expect(m.ID, Shown)
}

func TestWhatTheOwnerShowsIsReadAgainToo(t *testing.T) {
	w, b := newWorld(t), newBlog(t)
	w.mode(settings.HoldAll)
	p := w.post("Words.")
	m := w.arrive(b.html("/a", linking(ours(p))), ours(p))
	w.after(200 * 24 * time.Hour)
	if b.visited("/a") != 1 {
		t.Errorf("a held one was visited %d times", b.visited("/a"))
	}
	w.pass(-199 * 24 * time.Hour)
	w.decide(m.ID, Show)
	b.status("/a", 410)
	w.after(6 * 24 * time.Hour)
	w.expect(m.ID, Withdrawn)
}

// Our own site is, for once, at an address that can be visited.
func TestASourceThatLeadsToUsIsRefused(t *testing.T) {
	w, b, us := newWorld(t), newBlog(t), newBlog(t)
	w.rooms.URL = us.URL
	w.inbox = NewInbox(w.rooms)
	p := w.post("Words.")
	us.html(p.Path, linking(us.URL+p.Path))
	m := w.arrive(b.status("/a", 302, "Location", us.URL+p.Path), us.URL+p.Path)
	if m.State != Refused || m.Refusal != authlog.NoLink || !strings.Contains(m.Reason, "back to this site") {
		t.Errorf("got %+v", m)
	}
}

func TestARefusalIsLoggedOnceWithItsReason(t *testing.T) {
	w, b := newWorld(t), newBlog(t)
	p := w.post("Words.")
	w.receiveVia(Pingback, b.html("/a", "Nothing."), ours(p))
	w.drain()
	w.after(100 * time.Hour)
	w.arrive(b.status("/b", 410), ours(p))
	log := w.logged()
	if strings.Count(log, "Pingback rejected (no-link) from 203.0.113.7\n") != 1 || strings.Count(log, "Webmention rejected (gone) from 203.0.113.7\n") != 1 || strings.Count(log, "\n") != 2 {
		t.Errorf("the auth log:\n%s", log)
	}
}

func TestARefusedPageThatWasMendedIsShown(t *testing.T) {
	w, b := newWorld(t), newBlog(t)
	p := w.post("Words.")
	m := w.arrive(b.html("/a", "Nothing."), ours(p))
	w.expect(m.ID, Refused)
	b.html("/a/", linking(ours(p)))
	r := w.receive(b.URL+"/a/", ours(p)) // in the spelling that was sent last
	if r.ID != m.ID || r.Known {
		t.Errorf("got %+v", r)
	}
	w.drain()
	if got := w.expect(m.ID, Shown); got.Source != b.URL+"/a/" || got.Refusal != "" {
		t.Errorf("got %+v", got)
	}
}

func TestT9ADrippingSourceStopsNoOthers(t *testing.T) {
	w, slow, quick := newWorld(t), newBlog(t), newBlog(t)
	p := w.post("Words.")
	dripping := make(chan struct{}, 1)
	drip := func(rw http.ResponseWriter, r *http.Request) {
		select {
		case dripping <- struct{}{}:
		default:
		}
		for n := 0; r.Context().Err() == nil; n++ {
			fmt.Fprint(rw, "x")
			rw.(http.Flusher).Flush()
			select {
			case <-r.Context().Done():
			case <-time.After(50 * time.Millisecond):
			}
		}
	}
	for n := range 80 { // more than are read at once
		w.receive(slow.serve(fmt.Sprintf("/%d", n), drip), ours(p))
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { w.queue.Run(ctx); close(done) }()
	defer func() { stop(); <-done }()
	<-dripping
	begin := time.Now()
	r := w.receive(quick.html("/a", reply(ours(p), "Quick.")), ours(p))
	m, err := w.inbox.Verdict(context.Background(), r.ID, 10*time.Second)
	w.must(err)
	if m.State != Shown || time.Since(begin) > 4*time.Second {
		t.Errorf("the quick one is %s after %s", m.State, time.Since(begin))
	}
}

// A stop in the middle of a visit is no failure of the source.
func TestAStopWhileASourceIsReadLosesNothing(t *testing.T) {
	w, b := newWorld(t), newBlog(t)
	p := w.post("Words.")
	ctx, stop := context.WithCancel(context.Background())
	source := b.serve("/a", func(_ http.ResponseWriter, r *http.Request) {
		stop()
		<-r.Context().Done()
	})
	r := w.receive(source, ours(p))
	w.queue.Run(ctx)
	if m := w.expect(r.ID, Waiting); m.Reason != "" || !m.Checking {
		t.Errorf("after the stop: %+v", m)
	}
	b.html("/a", linking(ours(p)))
	w.drain()
	w.expect(r.ID, Shown)
}

// A page that our reading cannot stand is a page that cannot be read.
func TestAPanicIsOneMoreFailedTry(t *testing.T) {
	w := newWorld(t)
	f := w.inbox.look(context.Background(), nil, &record{}, nil, nil)
	if f.verdict != unknown || f.again == nil || f.reason == "" {
		t.Errorf("got %+v", f)
	}
}

func TestAJobForNothingIsDone(t *testing.T) {
	w := newWorld(t)
	if err := w.inbox.verify(context.Background(), queue.Job{Payload: []byte(`"nobody"`)}); err != nil {
		t.Error(err)
	}
	if err := w.outbox.tell(context.Background(), queue.Job{Payload: []byte(`"nobody"`)}); err != nil {
		t.Error(err)
	}
	if err := w.outbox.postChanged(context.Background(), queue.Job{Payload: []byte(`"nobody"`)}); err != nil {
		t.Error(err)
	}
}
