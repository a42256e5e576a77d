package guard_test

import (
	"fmt"
	"net/netip"
	"testing"
	"time"
)

func TestSignInsOfReadersAreFew(t *testing.T) {
	addresses := func(n int) netip.Addr { return netip.AddrFrom4([4]byte{198, byte(18 + n/250), byte(n % 250), 1}) }
	for name, c := range map[string]struct {
		from func(n int) netip.Addr
		host func(n int) string
		most int
	}{
		"one address":  {func(int) netip.Addr { return addresses(0) }, func(n int) string { return fmt.Sprint(n, ".example") }, 6},
		"one network":  {func(n int) netip.Addr { return netip.AddrFrom4([4]byte{203, 0, 113, byte(n)}) }, func(n int) string { return fmt.Sprint(n, ".example") }, 20},
		"to one host":  {addresses, func(int) string { return "victim.example" }, 10},
		"of all":       {addresses, func(n int) string { return fmt.Sprint(n, ".example") }, 60},
		"of one cable": {func(n int) netip.Addr { return netip.MustParseAddr(fmt.Sprintf("2001:db8::%x", n)) }, func(n int) string { return fmt.Sprint(n, ".example") }, 6},
	} {
		g, _ := newGuard(t, newClock())
		through := 0
		var wait time.Duration
		for n := range 200 {
			retry, ok := g.SignIn(c.from(n), c.host(n))
			if ok {
				through++
			} else if wait == 0 {
				wait = retry
			}
		}
		if through != c.most || wait <= 0 || wait > time.Minute {
			t.Errorf("%s: %d are let through, want %d; the next after %s", name, through, c.most, wait)
		}
	}
}

func TestAnAddressThatWasVisitedInVainRests(t *testing.T) {
	c := newClock()
	g, _ := newGuard(t, c)
	const jane = "https://jane.example/"
	if _, just := g.JustNoWay(jane); just {
		t.Error("it rests before it was visited")
	}
	g.NoWay(jane)
	if wait, just := g.JustNoWay(jane); !just || wait != time.Minute {
		t.Errorf("after it was visited in vain it rests for %s (%t)", wait, just)
	}
	if _, just := g.JustNoWay("https://otis.example/"); just || g.JustMissing(jane) {
		t.Error("another rests, too")
	}
	c.pass(time.Minute)
	if _, just := g.JustNoWay(jane); just {
		t.Error("it rests for too long")
	}
}
