package mentions

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"hark/internal/authlog"
	"hark/internal/budget"
	"hark/internal/guard"
)

func TestAHundredRepeatsAtOnceAreOneMention(t *testing.T) {
	w, b := newWorld(t), newBlog(t)
	p := w.post("Words.")
	source := b.html("/a", linking(ours(p)))
	var all sync.WaitGroup
	ids := make([]string, 100)
	for n := range ids {
		all.Go(func() {
			spelling := source
			if n%2 == 1 {
				spelling += "#" + fmt.Sprint(n)
			}
			r, err := w.inbox.Receive(context.Background(), Webmention, spelling, ours(p), stranger)
			if err != nil {
				t.Error(err)
			}
			ids[n] = r.ID
		})
	}
	all.Wait()
	for _, id := range ids {
		if id != ids[0] {
			t.Fatalf("there are %s and %s", ids[0], id)
		}
	}
	rows, jobs := w.number("SELECT count(*) FROM mentions"), w.number("SELECT count(*) FROM jobs")
	if rows != 1 || jobs != 1 {
		t.Errorf("%d rows and %d jobs", rows, jobs)
	}
	w.drain()
	w.expect(ids[0], Shown)
	if b.visited("/a") != 1 {
		t.Errorf("the source was visited %d times", b.visited("/a"))
	}
}

func TestASourceMayMentionTwoPosts(t *testing.T) {
	w, b := newWorld(t), newBlog(t)
	one, two := w.post("One."), w.post("Two.")
	source := b.html("/a", linking(ours(one))+linking(ours(two)))
	first, second := w.arrive(source, ours(one)), w.arrive(source, ours(two))
	if first.ID == second.ID || first.State != Shown || second.State != Shown {
		t.Errorf("got %+v and %+v", first, second)
	}
}

// What is sent while its source is being read has its source read once more,
// because the page may have changed after it was read.
func TestAResendDuringAReadLeadsToAnother(t *testing.T) {
	w, b := newWorld(t), newBlog(t)
	p := w.post("Words.")
	source := b.URL + "/a"
	b.serve("/a", func(rw http.ResponseWriter, _ *http.Request) {
		if b.visited("/a") == 1 {
			w.receive(source, ours(p))
			w.receive(source, ours(p))
			fmt.Fprint(rw, reply(ours(p), "Old."))
			return
		}
		fmt.Fprint(rw, reply(ours(p), "New."))
	})
	m := w.arrive(source, ours(p))
	if !strings.Contains(string(m.HTML), "New.") || b.visited("/a") != 2 || m.Checking {
		t.Errorf("after %d visits: %+v", b.visited("/a"), m)
	}
}

func TestResendsDoNotMultiplyTries(t *testing.T) {
	w, b := newWorld(t), newBlog(t)
	p := w.post("Words.")
	source := b.status("/a", 503)
	id := w.receive(source, ours(p)).ID
	for range 5 {
		w.drain()
		w.receive(source, ours(p))
		w.receive(source, ours(p))
		if jobs := w.number("SELECT count(*) FROM jobs"); jobs != 1 {
			t.Fatalf("%d jobs wait", jobs)
		}
	}
	w.drain()
	if n := b.visited("/a"); n != 6 {
		t.Errorf("visited %d times for six askings", n)
	}
	for range 10 {
		w.after(72 * time.Hour)
	}
	if n := b.visited("/a"); n != 13 || w.number("SELECT count(*) FROM jobs") != 0 {
		t.Errorf("visited %d times in all, want six and the seven tries after the last", n)
	}
	w.expect(id, Refused)
}

func TestAnAddressThatIsNoTextIsRefused(t *testing.T) {
	w, b := newWorld(t), newBlog(t)
	p := w.post("Words.")
	source := b.html("/a", reply(ours(p), "Hm."))
	for _, c := range [][2]string{
		{source, ourSite + "/2026/%00"}, {source, ourSite + "/%ff"}, {source, ourSite + "/2026/\x80"},
		{source, ours(p) + "?\xff"}, {source, ours(p) + "#\xff"},
		{b.URL + "/\xff", ours(p)}, {b.URL + "/?\xff", ours(p)}, {b.URL + "/#\xff", ours(p)}, {"http://a\xff.example/", ours(p)},
	} {
		_, err := w.inbox.Receive(context.Background(), Webmention, c[0], c[1], stranger)
		if refusal := (*Refusal)(nil); !errors.As(err, &refusal) {
			t.Errorf("%q to %q: got %v, want a refusal", c[0], c[1], err)
		}
	}
	for _, odd := range []string{b.URL + "/%00", b.URL + "/%ff", b.URL + "/?%00", "http://a%ff.example/"} {
		w.receive(odd, ours(p)+"?%00%ff")
	}
}

func TestACrowdedTargetIsHeld(t *testing.T) {
	w, b := newWorld(t), newBlog(t)
	budgets := guard.DefaultBudgets()
	budgets.Target = budget.PerMinute(2, 1)
	w.rooms.Guard = guard.New(w.authlog, budgets, w.now)
	w.inbox = NewInbox(w.rooms)
	p, quiet := w.post("Words."), w.post("Other words.")
	var last Receipt
	for n := range 3 {
		last = w.receive(b.html(fmt.Sprintf("/%d", n), reply(ours(p), "Me too.")), ours(p))
	}
	w.drain()
	if m := w.expect(last.ID, Held); m.Reason != Crowded {
		t.Errorf("the reason is %q", m.Reason)
	}
	if got := w.answers(p.ID).Count(); got != 2 {
		t.Errorf("%d are shown", got)
	}
	w.expect(w.arrive(b.html("/quiet", linking(ours(quiet))), ours(quiet)).ID, Shown)
	// It stays held through a failure and a re-send.
	b.status("/2", 503)
	w.receive(b.URL+"/2", ours(p))
	w.drain()
	b.html("/2", reply(ours(p), "Me too."))
	w.after(time.Minute)
	w.expect(last.ID, Held)
}

func TestOneHostsFloodIsToldToWait(t *testing.T) {
	w := newWorld(t)
	p := w.post("Words.")
	var refusal *Refusal
	for n := range 101 {
		_, err := w.inbox.Receive(context.Background(), Webmention, fmt.Sprintf("https://flood.example/%d", n), ours(p), stranger)
		if n < 100 {
			w.must(err)
		} else if !errors.As(err, &refusal) || refusal.Reason != authlog.RateLimited || refusal.RetryAfter <= 0 || refusal.RetryAfter > time.Minute {
			t.Errorf("got %v", err)
		}
	}
	w.receive("https://other.example/", ours(p))
}

func TestAFullInboxIsToldToWait(t *testing.T) {
	w := newWorld(t)
	p := w.post("Words.")
	fill := func(count, strikes int) {
		w.exec(`
			INSERT INTO mentions (id, post_id, source_key, source, target, via, address, state, reason, refusal, checking, strikes, struck_at,
				kind, author_name, author_url, title, html, rsvp, changed, published_at, received_at, verified_at, decided_at)
			SELECT $3 || CAST(n AS TEXT), $1, $3 || CAST(n AS TEXT), '', '', 'webmention', '', 'waiting', '', '', TRUE, $4, 0, '', '', '', '', '', '', '', 0, 0, 0, 0
			FROM (WITH RECURSIVE count(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM count WHERE n < $2) SELECT n FROM count) AS numbers`,
			p.ID, count, fmt.Sprintf("x%d-", strikes), strikes)
	}
	fill(mostWaiting, 3)
	w.receive("https://a.example/1", ours(p)) // those asked in vain keep nobody out
	fill(mostWaiting-1, 0)
	w.pass(time.Second)
	_, err := w.inbox.Receive(context.Background(), Webmention, "https://a.example/2", ours(p), stranger)
	var refusal *Refusal
	if !errors.As(err, &refusal) || refusal.Reason != authlog.RateLimited || refusal.RetryAfter <= 0 {
		t.Errorf("got %v", err)
	}
}

func TestTheVerdictComesEarly(t *testing.T) {
	w, b := newWorld(t), newBlog(t)
	p := w.post("Words.")
	release := make(chan struct{})
	source := b.serve("/a", func(rw http.ResponseWriter, _ *http.Request) {
		<-release
		fmt.Fprint(rw, "Nothing.")
	})
	r := w.receiveVia(Pingback, source, ours(p))
	done := make(chan *Mention)
	go func() {
		m, err := w.inbox.Verdict(context.Background(), r.ID, time.Minute)
		if err != nil {
			t.Error(err)
		}
		done <- m
	}()
	waitFor(t, "somebody to wait", func() bool { return w.inbox.waiters.waiting() == 1 })
	close(release)
	w.drain()
	if m := <-done; m.State != Refused || m.Refusal != authlog.NoLink || !strings.Contains(m.Reason, ours(p)) {
		t.Errorf("got %+v", m)
	}
	m, err := w.inbox.Verdict(context.Background(), r.ID, time.Minute) // known already
	if err != nil || m.State != Refused || w.inbox.waiters.waiting() != 0 {
		t.Errorf("got %+v (%v)", m, err)
	}
}

func TestAVerdictIsNotWaitedForLongerThanPatience(t *testing.T) {
	w := newWorld(t)
	p := w.post("Words.")
	r := w.receive("https://a.example/", ours(p))
	m, err := w.inbox.Verdict(context.Background(), r.ID, 10*time.Millisecond)
	if err != nil || m.State != Waiting || !m.Checking {
		t.Errorf("got %+v (%v)", m, err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := w.inbox.Verdict(ctx, r.ID, time.Minute); !errors.Is(err, context.Canceled) {
		t.Errorf("a caller who has gone gets %v", err)
	}
	if _, err := w.inbox.Verdict(context.Background(), "nobody", time.Minute); !errors.Is(err, ErrNotFound) {
		t.Errorf("got %v", err)
	}
	if n := w.inbox.waiters.waiting(); n != 0 || len(w.inbox.waiters.of) != 0 {
		t.Errorf("%d wait still", n)
	}
}

func TestFewWaitForVerdictsAtOnce(t *testing.T) {
	w := newWorld(t)
	p := w.post("Words.")
	r := w.receive("https://a.example/", ours(p))
	ctx, cancel := context.WithCancel(context.Background())
	var all sync.WaitGroup
	for range mostWaiters {
		all.Go(func() { w.inbox.Verdict(ctx, r.ID, time.Minute) })
	}
	waitFor(t, "all places to be taken", func() bool { return w.inbox.waiters.waiting() == mostWaiters })
	begin := time.Now()
	m, err := w.inbox.Verdict(context.Background(), r.ID, time.Minute)
	if err != nil || !m.Checking || time.Since(begin) > 10*time.Second {
		t.Errorf("one more got %+v after %s (%v)", m, time.Since(begin), err)
	}
	cancel()
	all.Wait()
	if n := w.inbox.waiters.waiting(); n != 0 {
		t.Errorf("%d wait still", n)
	}
}

func TestADeleteEndsTheWaiting(t *testing.T) {
	w := newWorld(t)
	p := w.post("Words.")
	r := w.receive("https://a.example/", ours(p))
	done := make(chan error)
	go func() {
		_, err := w.inbox.Verdict(context.Background(), r.ID, time.Minute)
		done <- err
	}()
	waitFor(t, "somebody to wait", func() bool { return w.inbox.waiters.waiting() == 1 })
	w.decide(r.ID, Delete)
	w.must(<-done)
}

func TestVisitsToOneHostAreBounded(t *testing.T) {
	v := newVisits(visitsToHost, visitsAtOnce/2, visitsWhenCrowded)
	for range visitsToHost {
		if !v.enter("a.example") {
			t.Fatal("turned away too early")
		}
	}
	if v.enter("a.example") || !v.enter("b.example") {
		t.Error("the bound is not one of each host")
	}
	v.leave("b.example")
	v.leave("a.example")
	if !v.enter("a.example") || len(v.to) != 1 {
		t.Error("a place was lost, or a host is remembered for nothing")
	}
}

func (w *waiters) waiting() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.count
}

// waitFor polls until something is so.
func waitFor(t testing.TB, what string, so func() bool) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); !so(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

func TestAddressesWithCharactersThatNobodySeesAreRefused(t *testing.T) {
	w := newWorld(t)
	p := w.post("Words.")
	for _, c := range [][2]string{
		{"https://a.example/\u202egnp.exe", ours(p)}, {"https://a.example/x", ours(p) + "#\u202e"}, {"https://a.example/\u0007", ours(p)},
	} {
		_, err := w.inbox.Receive(context.Background(), Webmention, c[0], c[1], stranger)
		var refusal *Refusal
		if !errors.As(err, &refusal) || refusal.Reason != authlog.BadSource {
			t.Errorf("%q: %v", c, err)
		}
	}
}
