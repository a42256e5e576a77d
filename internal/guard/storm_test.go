package guard_test

import (
	"bytes"
	"log"
	"log/slog"
	"net/netip"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"hark/internal/authlog"
	"hark/internal/guard"
)

// flood brings n pieces of junk by pingback, each from another address.
func flood(g *guard.Guard, n int) {
	for i := range n {
		g.Refused(authlog.Pingback, authlog.Malformed, sender(i))
	}
}

func sender(i int) netip.Addr { return netip.AddrFrom4([4]byte{198, 18, byte(i >> 8), byte(i)}) }

func wantStorm(t *testing.T, g *guard.Guard, want bool) {
	t.Helper()
	if since, on := g.Storm(); on != want || since.IsZero() == want {
		t.Fatalf("storm: %t since %s, want %t", on, since, want)
	}
}

func TestAStormBeginsWhenTheBudgetOfJunkIsUsedUp(t *testing.T) {
	c := newClock()
	g, _ := newGuard(t, c)
	flood(g, 600)
	wantStorm(t, g, false)
	if g.Shut(sender(1), false) {
		t.Error("the door is shut before the storm")
	}
	flood(g, 1)
	if since, on := g.Storm(); !on || !since.Equal(c.Now()) {
		t.Errorf("storm: %t since %s, want it since now", on, since)
	}
	if !g.Shut(sender(1), false) {
		t.Error("the door is open in the storm")
	}
	if g.Shut(sender(1), true) {
		t.Error("the door is shut to those whom the owner trusts")
	}
}

func TestWhatIsNoJunkMakesNoStorm(t *testing.T) {
	g, _ := newGuard(t, newClock())
	for i := range 2000 {
		g.Refused(authlog.Webmention, authlog.Malformed, sender(i))
		g.Refused(authlog.Pingback, authlog.RateLimited, sender(i))
		g.Refused(authlog.Pingback, authlog.NoTarget, sender(i))
		g.Refused(authlog.Pingback, authlog.Unreachable, sender(i))
	}
	wantStorm(t, g, false)
}

func TestAStormEndsAMinuteAfterTheLastThatPouredIn(t *testing.T) {
	for _, c := range []struct {
		name string
		more func(g *guard.Guard)
	}{
		{"nothing more", func(*guard.Guard) {}},
		{"very much more junk", func(g *guard.Guard) { flood(g, 100_000) }},
		{"very many more knocks", func(g *guard.Guard) {
			for i := range 100_000 {
				g.Shut(sender(i), false)
			}
		}},
	} {
		clock := newClock()
		g, _ := newGuard(t, clock)
		flood(g, 601)
		c.more(g)
		clock.pass(59 * time.Second)
		wantStorm(t, g, true)
		clock.pass(time.Second)
		wantStorm(t, g, false)
	}
}

func TestAStormLastsWhileTheyPourIn(t *testing.T) {
	c := newClock()
	g, _ := newGuard(t, c)
	flood(g, 601)
	for second := range 600 {
		c.pass(time.Second)
		for n := range 6 {
			if !g.Shut(sender(second*6+n), false) {
				t.Fatalf("the storm ended after %d seconds", second)
			}
		}
	}
}

func TestASingleAddressCannotKeepAStormGoing(t *testing.T) {
	c := newClock()
	g, _ := newGuard(t, c)
	flood(g, 601)
	for range 200 {
		c.pass(time.Second)
		for range 100 {
			g.Shut(sender(0), false)
		}
	}
	wantStorm(t, g, false)
}

func TestAfterAStormTheNextTakesAsMuchAsHalfTheBudget(t *testing.T) {
	c := newClock()
	g, _ := newGuard(t, c)
	flood(g, 601)
	c.pass(time.Minute)
	wantStorm(t, g, false)
	flood(g, 300)
	wantStorm(t, g, false)
	flood(g, 1)
	wantStorm(t, g, true)
}

func TestWhoIsTurnedAwayByAStormIsCountedAndNotLogged(t *testing.T) {
	g, log := newGuard(t, newClock())
	flood(g, 601)
	before := len(log())
	for i := range 100 {
		g.Shut(sender(i), false)
	}
	if n := len(log()) - before; n != 0 {
		t.Errorf("%d lines more, want none", n)
	}
	if n := g.Books().Totals()[guard.Event{Door: "pingback", Outcome: guard.Refused, Reason: string(authlog.RateLimited)}]; n != 100 {
		t.Errorf("%d are counted, want 100", n)
	}
}

func TestAStormIsToldOnceAtItsBeginningAndOnceAtItsEnd(t *testing.T) {
	auth, err := authlog.Open("file:"+filepath.Join(t.TempDir(), "auth.log"), "hark")
	if err != nil {
		t.Fatal(err)
	}
	defer auth.Close()
	defer log.SetFlags(log.Flags()) // SetDefault changes all three
	defer log.SetOutput(log.Writer())
	defer slog.SetDefault(slog.Default())
	synctest.Test(t, func(t *testing.T) {
		var told bytes.Buffer
		slog.SetDefault(slog.New(slog.NewTextHandler(&told, nil)))
		g := guard.New(auth, guard.DefaultBudgets(), time.Now)
		flood(g, 1000)
		time.Sleep(2 * time.Minute)
		synctest.Wait()
		if n := strings.Count(told.String(), "\n"); n != 2 || !strings.Contains(told.String(), "turned away until it ebbs") || !strings.Contains(told.String(), "taken again") {
			t.Errorf("%d lines: %s", n, &told)
		}
	})
}

func BenchmarkShut(b *testing.B) {
	auth, err := authlog.Open("file:"+filepath.Join(b.TempDir(), "auth.log"), "hark")
	if err != nil {
		b.Fatal(err)
	}
	defer auth.Close()
	for name, n := range map[string]int{"calm": 0, "storm": 601} {
		b.Run(name, func(b *testing.B) {
			g := guard.New(auth, guard.DefaultBudgets(), newClock().Now)
			flood(g, n)
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				g.Shut(sender(i%500), false)
			}
		})
	}
}
