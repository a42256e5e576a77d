package guard_test

import (
	"context"
	"fmt"
	"net/netip"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"hark/internal/authlog"
	"hark/internal/database"
	"hark/internal/guard"
)

// newKeeping makes a guard whose books are written to a database.
func newKeeping(t testing.TB, c *clock) (*guard.Guard, *authlog.Log, *database.DB) {
	t.Helper()
	log, err := authlog.Open("file:"+filepath.Join(t.TempDir(), "auth.log"), "hark")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { log.Close() })
	db := database.Test(t)
	g := guard.New(log, guard.DefaultBudgets(), c.Now)
	g.Books().Keep(db)
	return g, log, db
}

func written(t testing.TB, g *guard.Guard) {
	t.Helper()
	if err := g.Books().Write(context.Background()); err != nil {
		t.Fatal(err)
	}
}

func rows(t testing.TB, db *database.DB, query string, args ...any) (n int) {
	t.Helper()
	if err := db.QueryRow(context.Background(), query, args...).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// counted is what was counted in the hours since the clock began, in words.
func counted(t testing.TB, g *guard.Guard, from time.Time, hours int) string {
	t.Helper()
	sums, err := g.Books().Sums(context.Background(), from, time.Hour, hours)
	if err != nil {
		t.Fatal(err)
	}
	var words []string
	for _, s := range sums {
		words = append(words, strings.TrimSpace(fmt.Sprintf("%d: %s %s %s", s.Stretch, s.Door, s.Outcome, s.Reason))+fmt.Sprintf(" %d", s.N))
	}
	return strings.Join(words, "\n")
}

func TestWhatComesIsCountedByTheHour(t *testing.T) {
	c := newClock()
	g, log, _ := newKeeping(t, c)
	begin := c.Now()
	from := addr("203.0.113.5")
	g.Took(authlog.Webmention)
	g.Settled(authlog.Webmention, guard.Shown)
	g.Refused(authlog.Pingback, authlog.Malformed, from)
	g.Refused(authlog.Pingback, authlog.Malformed, from)
	log.Accepted("wren", authlog.Password, from)
	written(t, g)
	g.Refused(authlog.Pingback, authlog.Malformed, from)
	c.pass(time.Hour)
	g.Settled(authlog.Webmention, guard.Held)
	log.Failure("wren", authlog.Password, from)
	log.Invalid("root", authlog.Password, from)
	log.UnknownToken(from)
	log.Throttled("root", from)
	log.LoggedOut("wren", from)
	log.Failure("wren", authlog.Passkey, from)
	written(t, g)
	written(t, g)
	want := `0: login accepted password 1
0: pingback refused malformed 3
0: webmention shown 1
0: webmention taken 1
1: login failed passkey 1
1: login failed password 2
1: login failed token 1
1: login throttled 1
1: webmention held 1`
	if got := counted(t, g, begin, 24); got != want {
		t.Errorf("counted\n%s\nwant\n%s", got, want)
	}
	if got := counted(t, g, begin, 1); strings.Count(got, "\n") != 3 {
		t.Errorf("the first hour alone has\n%s", got)
	}
}

func TestEveryReasonIsCountedUnderItsName(t *testing.T) {
	c := newClock()
	g, _, db := newKeeping(t, c)
	for _, p := range []authlog.Protocol{authlog.Pingback, authlog.Webmention} {
		for _, why := range authlog.Reasons() {
			g.Refused(p, why, addr("203.0.113.5"))
		}
	}
	written(t, g)
	if n := rows(t, db, "SELECT count(DISTINCT reason) FROM tallies WHERE outcome = 'refused'"); n != len(authlog.Reasons()) {
		t.Errorf("%d reasons are counted, want %d", n, len(authlog.Reasons()))
	}
	if n := len(g.Books().Totals()); n != 2*len(authlog.Reasons()) {
		t.Errorf("%d kinds of refusal, want each reason by both doors", n)
	}
}

func TestAFloodMakesNoRowsAndTakesLittleMemory(t *testing.T) {
	c := newClock()
	g, _, db := newKeeping(t, c)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	const many = 100_000
	for i := range many {
		g.RefusedSource(authlog.Webmention, authlog.RateLimited, addr4(i), fmt.Sprintf("spam%d.example", i))
		if i%100 == 0 {
			g.RefusedSource(authlog.Webmention, authlog.NoTarget, addr("203.0.113.5"), "busy.example")
		}
		if i%10_000 == 0 {
			c.pass(10 * time.Second)
			written(t, g)
		}
	}
	written(t, g)
	runtime.GC()
	runtime.ReadMemStats(&after)
	if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > 16<<20 {
		t.Errorf("%d KB more are held after so many addresses", grown>>10)
	}
	if n := rows(t, db, "SELECT count(*) FROM tallies"); n != 2 {
		t.Errorf("%d rows of numbers, want 2", n)
	}
	if n := rows(t, db, "SELECT count(*) FROM busiest"); n > 400 {
		t.Errorf("%d rows of addresses and hosts, want at most 400", n)
	}
	for sort, want := range map[string]string{guard.ByAddress: "203.0.113.5", guard.ByHost: "busy.example"} {
		list, err := g.Books().Busiest(t.Context(), sort, c.Now(), 10)
		if err != nil {
			t.Fatal(err)
		}
		if len(list) != 10 || list[0].Name != want || list[0].N < many/100*9/10 || list[0].Mostly != "no-target" {
			t.Errorf("the busiest by %s is %+v, want %s", sort, list[0], want)
		}
	}
	if n := g.Books().Totals()[guard.Event{Door: "webmention", Outcome: guard.Refused, Reason: string(authlog.RateLimited)}]; n != many {
		t.Errorf("counted %d, want all", n)
	}
}

func addr4(i int) netip.Addr {
	return netip.AddrFrom4([4]byte{100, byte(i >> 16), byte(i >> 8), byte(i)})
}

func TestWhoIsRefusedMostIsNamed(t *testing.T) {
	c := newClock()
	g, log, _ := newKeeping(t, c)
	for i := range 5 {
		g.RefusedSource(authlog.Pingback, authlog.NoLink, addr("2001:db8::%x", i+1), "Spam.example:8080")
		log.Failure("wren", authlog.Password, addr("203.0.113.9"))
		g.RefusedSource(authlog.Pingback, authlog.BadSource, addr("::ffff:203.0.113.8"), "javascript:alert('1')")
	}
	g.Refused(authlog.Pingback, authlog.Malformed, addr("203.0.113.9"))
	g.Refused(authlog.Pingback, authlog.Malformed, netip.Addr{}) // unknown
	written(t, g)
	list, err := g.Books().Busiest(t.Context(), guard.ByAddress, c.Now(), 10)
	if err != nil {
		t.Fatal(err)
	}
	want := []guard.Busy{{"203.0.113.9", guard.LoginFailed, 6}, {"2001:db8::/64", "no-link", 5}, {"203.0.113.8", "bad-source", 5}}
	if fmt.Sprint(list) != fmt.Sprint(want) {
		t.Errorf("got %v, want %v", list, want)
	}
	if list, err = g.Books().Busiest(t.Context(), guard.ByHost, c.Now(), 10); err != nil || fmt.Sprint(list) != "[{spam.example:8080 no-link 5}]" {
		t.Errorf("hosts: %v, %v", list, err)
	}
}

func TestWhatCannotBeWrittenIsWrittenLater(t *testing.T) {
	c := newClock()
	g, _, db := newKeeping(t, c)
	begin := c.Now()
	g.Refused(authlog.Pingback, authlog.Malformed, addr("203.0.113.5"))
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if err := g.Books().Write(cancelled); err == nil {
		t.Fatal("it is written by a caller that has gone")
	}
	g.Refused(authlog.Pingback, authlog.Malformed, addr("203.0.113.5"))
	written(t, g)
	if got := counted(t, g, begin, 1); got != "0: pingback refused malformed 2" {
		t.Errorf("counted %q", got)
	}
	if n := rows(t, db, "SELECT max(n) FROM busiest"); n != 2 {
		t.Errorf("the address has %d, want 2", n)
	}
}

func TestSeveralProcessesAddUp(t *testing.T) {
	c := newClock()
	g, log, db := newKeeping(t, c)
	other := guard.New(log, guard.DefaultBudgets(), c.Now)
	other.Books().Keep(db)
	for _, one := range []*guard.Guard{g, other, g} {
		one.Refused(authlog.Pingback, authlog.NoLink, addr("203.0.113.5"))
		written(t, one)
	}
	if got := counted(t, g, c.Now(), 1); got != "0: pingback refused no-link 3" {
		t.Errorf("counted %q", got)
	}
	if n := rows(t, db, "SELECT n FROM busiest"); n != 3 {
		t.Errorf("the address has %d, want 3", n)
	}
}

func TestOldNumbersAreForgottenAndAWrongClockTakesLittle(t *testing.T) {
	c := newClock()
	g, _, db := newKeeping(t, c)
	for range 410 {
		g.Refused(authlog.Pingback, authlog.NoLink, addr("203.0.113.5"))
		written(t, g)
		c.pass(24 * time.Hour)
	}
	if n := rows(t, db, "SELECT count(*) FROM tallies"); n < 399 || n > 402 {
		t.Errorf("numbers of %d days are kept, want 400", n)
	}
	if n := rows(t, db, "SELECT count(*) FROM busiest"); n < 30 || n > 33 {
		t.Errorf("addresses of %d days are kept, want 31", n)
	}
	before := rows(t, db, "SELECT count(*) FROM tallies")
	c.pass(50 * 365 * 24 * time.Hour)
	written(t, g)
	c.pass(-50 * 365 * 24 * time.Hour)
	written(t, g)
	if n := rows(t, db, "SELECT count(*) FROM tallies"); n < before-3 {
		t.Errorf("%d of %d are left after the clock was wrong for a moment", n, before)
	}
}

func TestRunWritesOnceMoreAtTheStop(t *testing.T) {
	c := newClock()
	g, _, _ := newKeeping(t, c)
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); g.Books().Run(ctx) }()
	g.Took(authlog.Pingback)
	stop()
	<-done
	if got := counted(t, g, c.Now(), 1); got != "0: pingback taken 1" {
		t.Errorf("counted %q", got)
	}
}

// BenchmarkRefused is what counting a refusal costs, for which no line is written.
func BenchmarkRefused(b *testing.B) {
	c := newClock()
	g, _, _ := newKeeping(b, c)
	for name, spread := range map[string]int{"one address": 1, "a million": 1_000_000} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				from := addr4(i % spread)
				g.Refused(authlog.Webmention, authlog.RateLimited, from)
			}
		})
	}
}
