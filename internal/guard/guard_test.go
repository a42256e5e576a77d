package guard_test

import (
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"hark/internal/authlog"
	"hark/internal/guard"
)

// clock is a time that a test moves.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// newGuard also gives what is in the auth log so far.
func newGuard(t *testing.T, c *clock) (*guard.Guard, func() []string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "auth.log")
	log, err := authlog.Open("file:"+path, "hark")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { log.Close() })
	return guard.New(log, guard.DefaultBudgets(), c.Now), func() []string {
		if err := log.Reopen(); err != nil { // waits for the lines before it
			t.Fatal(err)
		}
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return strings.FieldsFunc(string(text), func(r rune) bool { return r == '\n' })
	}
}

func addr(format string, args ...any) netip.Addr {
	return netip.MustParseAddr(fmt.Sprintf(format, args...))
}

// allowed counts how many of n are let in.
func allowed(n int, ask func(i int) (time.Duration, bool)) int {
	in := 0
	for i := range n {
		if _, ok := ask(i); ok {
			in++
		}
	}
	return in
}

func TestKnocksHaveBudgets(t *testing.T) {
	for _, c := range []struct {
		name string
		from func(i int) netip.Addr
		want int
	}{
		{"an address", func(int) netip.Addr { return addr("203.0.113.5") }, 60},
		{"a /64", func(i int) netip.Addr { return addr("2001:db8::%x", i+1) }, 60},
		{"a mapped address is the same", func(i int) netip.Addr {
			if i%2 == 0 {
				return addr("::ffff:203.0.113.5")
			}
			return addr("203.0.113.5")
		}, 60},
		{"a /24", func(i int) netip.Addr { return addr("203.0.113.%d", i%250) }, 300},
		{"a /48", func(i int) netip.Addr { return addr("2001:db8:1:%x::1", i%1000) }, 300},
		{"nobody knows", func(int) netip.Addr { return netip.Addr{} }, 60},
		{"everybody", func(i int) netip.Addr { return addr("%d.%d.%d.1", 1+i%200, i/200%250, i%7) }, 20_000},
	} {
		t.Run(c.name, func(t *testing.T) {
			g, _ := newGuard(t, newClock())
			got := allowed(21_000, func(i int) (time.Duration, bool) { return g.Knock(c.from(i), false) })
			if got != c.want {
				t.Errorf("%d let in, want %d", got, c.want)
			}
		})
	}
}

func TestOneSenderCannotUseUpWhatIsThereForAll(t *testing.T) {
	g, _ := newGuard(t, newClock())
	allowed(50_000, func(int) (time.Duration, bool) { return g.Knock(addr("203.0.113.5"), false) })
	if _, ok := g.Knock(addr("198.51.100.1"), false); !ok {
		t.Error("a stranger to the flood is refused")
	}
	if _, ok := g.Knock(addr("203.0.113.6"), false); !ok {
		t.Error("a neighbour of the flood is refused")
	}
}

func TestBudgetComesBack(t *testing.T) {
	c := newClock()
	g, _ := newGuard(t, c)
	knock := func(int) (time.Duration, bool) { return g.Knock(addr("203.0.113.5"), false) }
	allowed(60, knock)
	retry, ok := knock(0)
	if ok || retry != 2*time.Second {
		t.Fatalf("let in %v, retry after %v, want 2 s", ok, retry)
	}
	c.pass(time.Minute)
	if got := allowed(100, knock); got != 30 {
		t.Errorf("%d let in after a minute, want 30", got)
	}
}

func TestSourcesAndTargetsHaveBudgets(t *testing.T) {
	g, _ := newGuard(t, newClock())
	if got := allowed(200, func(int) (time.Duration, bool) { return g.Source("spam.example", false) }); got != 100 {
		t.Errorf("a source host: %d, want 100", got)
	}
	if got := allowed(600, func(int) (time.Duration, bool) { return g.Target("/2026/first") }); got != 500 {
		t.Errorf("a target: %d, want 500", got)
	}
	if _, ok := g.Source("friend.example", false); !ok {
		t.Error("another source host is refused")
	}
}

func TestTrustedSendersMayBringTenTimesAsMuchAndShareItWithNobody(t *testing.T) {
	g, _ := newGuard(t, newClock())
	from := addr("203.0.113.5")
	for _, c := range []struct {
		name string
		ask  func(wide bool) (time.Duration, bool)
		want int
	}{
		{"an address", func(wide bool) (time.Duration, bool) { return g.Knock(from, wide) }, 60},
		{"a source host", func(wide bool) (time.Duration, bool) { return g.Source("bridge.example", wide) }, 100},
	} {
		usual := allowed(2000, func(int) (time.Duration, bool) { return c.ask(false) })
		wide := allowed(2000, func(int) (time.Duration, bool) { return c.ask(true) })
		if usual != c.want || wide != 10*c.want {
			t.Errorf("%s: %d let in, %d of the trusted, want %d and ten times that", c.name, usual, wide, c.want)
		}
	}
}

func TestRefusalsAreLoggedAndCounted(t *testing.T) {
	g, log := newGuard(t, newClock())
	from := addr("203.0.113.5")
	g.Refused(authlog.Pingback, authlog.Malformed, from)
	g.Refused(authlog.Pingback, authlog.Malformed, from)
	g.Refused(authlog.Webmention, authlog.NoLink, from)
	if got := log(); len(got) != 3 || !strings.HasSuffix(got[2], "]: Webmention rejected (no-link) from 203.0.113.5") {
		t.Errorf("log has %q", got)
	}
	counts := g.Books().Totals()
	if counts[guard.Event{Door: "pingback", Outcome: guard.Refused, Reason: string(authlog.Malformed)}] != 2 ||
		counts[guard.Event{Door: "webmention", Outcome: guard.Refused, Reason: string(authlog.NoLink)}] != 1 || len(counts) != 2 {
		t.Errorf("counted %v", counts)
	}
}

func TestFloodOverBudgetDoesNotFloodTheLog(t *testing.T) {
	c := newClock()
	g, log := newGuard(t, c)
	for range 1000 {
		g.Refused(authlog.Pingback, authlog.RateLimited, addr("203.0.113.5"))
	}
	g.Refused(authlog.Pingback, authlog.RateLimited, addr("203.0.113.6"))
	if got := log(); len(got) != 2 {
		t.Errorf("%d lines, want one an address", len(got))
	}
	c.pass(time.Minute)
	g.Refused(authlog.Pingback, authlog.RateLimited, addr("203.0.113.5"))
	if got := log(); len(got) != 3 {
		t.Errorf("%d lines, want one more after a minute", len(got))
	}
	if got := g.Books().Totals()[guard.Event{Door: "pingback", Outcome: guard.Refused, Reason: string(authlog.RateLimited)}]; got != 1002 {
		t.Errorf("counted %d, want all 1002", got)
	}
}
