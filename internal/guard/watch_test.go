package guard_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"hark/internal/budget"
	"hark/internal/database"
	"hark/internal/guard"
)

// newFollowing makes a guard that follows what choose chooses.
func newFollowing(t *testing.T, c *clock) (g *guard.Guard, choose func(func(*guard.Budgets))) {
	t.Helper()
	g, _, db := newKeeping(t, c)
	chosen := guard.DefaultBudgets()
	g.Follow(db, "settings", func(context.Context) (guard.Budgets, error) { return chosen, nil })
	return g, func(change func(*guard.Budgets)) {
		t.Helper()
		change(&chosen)
		if err := db.InTx(t.Context(), func(tx *database.Tx) error { tx.Touch("settings"); return nil }); err != nil {
			t.Fatal(err)
		}
		if err := g.Look(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

func TestABudgetThatIsChangedHoldsAtOnceAndTheOthersStay(t *testing.T) {
	g, choose := newFollowing(t, newClock())
	from := addr("203.0.113.5")
	allowed(1000, func(int) (time.Duration, bool) { return g.Knock(from, false) })
	allowed(1000, func(int) (time.Duration, bool) { return g.Source("spam.example", false) })
	choose(func(b *guard.Budgets) { b.Address = budget.PerMinute(5, 5) })
	if got := allowed(1000, func(int) (time.Duration, bool) { return g.Knock(from, false) }); got != 5 {
		t.Errorf("%d let in, want 5", got)
	}
	if got := allowed(1000, func(int) (time.Duration, bool) { return g.Knock(from, true) }); got != 50 {
		t.Errorf("%d let in of the trusted, want 50", got)
	}
	if _, ok := g.Source("spam.example", false); ok {
		t.Error("a budget that was not changed is full again")
	}
	choose(func(b *guard.Budgets) { *b = guard.DefaultBudgets() })
	if got := allowed(1000, func(int) (time.Duration, bool) { return g.Knock(from, false) }); got != 60 {
		t.Errorf("%d let in by the default, want 60", got)
	}
}

func TestTheUseOfEachBudgetCanBeSeen(t *testing.T) {
	g, _ := newFollowing(t, newClock())
	for i := range 100 {
		g.Knock(addr("2001:db8::%x", i+1), false)
		g.Knock(addr("198.51.100.%d", i), false)
		g.Source("spam.example", false)
	}
	g.Target("/2026/first")
	flood(g, 10)
	want := guard.Uses{
		Address: guard.Use{Most: "2001:db8::/64", Used: 60, Empty: 1}, Network: guard.Use{Most: "198.51.100.0/24", Used: 100},
		Source: guard.Use{Most: "spam.example", Used: 100, Empty: 1}, Target: guard.Use{Most: "/2026/first", Used: 1},
		Total: guard.Use{Used: 160}, Junk: guard.Use{Used: 10},
	}
	if got := g.Uses(); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestAStormEndsWhenItsBudgetIsChanged(t *testing.T) {
	for name, junk := range map[string]budget.Limit{"wider": budget.PerMinute(1200, 300), "never": {}} {
		t.Run(name, func(t *testing.T) {
			c := newClock()
			g, choose := newFollowing(t, c)
			choose(func(*guard.Budgets) {})
			flood(g, 700)
			wantStorm(t, g, true)
			begun := c.Now()
			c.pass(10 * time.Second)
			choose(func(b *guard.Budgets) { b.Junk = junk })
			wantStorm(t, g, false)
			if last, was := g.LastStorm(); !was || !last.Since.Equal(begun) || !last.Until.Equal(c.Now()) {
				t.Errorf("the last storm was %v: %t", last, was)
			}
			flood(g, 1000)
			wantStorm(t, g, false)
			if junk.Burst == 0 {
				flood(g, 100_000)
				wantStorm(t, g, false)
			}
		})
	}
}

func TestWhatIsInVainIsRememberedForAMinuteOrSo(t *testing.T) {
	c := newClock()
	g, _ := newFollowing(t, c)
	g.Unlinked("https://a.example/", "https://b.example/1")
	g.Missing("https://b.example/2")
	if left, is := g.JustUnlinked("https://a.example/", "https://b.example/1"); !is || left != 90*time.Second {
		t.Errorf("remembered %t, for %s", is, left)
	}
	for _, other := range [][2]string{{"https://a.example/", "https://b.example/2"}, {"", "https://b.example/1"}, {"https://a.example/https", "://b.example/1"}} {
		if _, is := g.JustUnlinked(other[0], other[1]); is {
			t.Errorf("%q was never refused", other)
		}
	}
	if !g.JustMissing("https://b.example/2") || g.JustMissing("https://b.example/1") {
		t.Error("the wrong target is missing")
	}
	c.pass(-time.Hour) // a clock that is set back keeps nobody out
	if _, is := g.JustUnlinked("https://a.example/", "https://b.example/1"); is || g.JustMissing("https://b.example/2") {
		t.Error("remembered for more than an hour")
	}
	c.pass(time.Hour + 89*time.Second)
	if _, is := g.JustUnlinked("https://a.example/", "https://b.example/1"); !is || g.JustMissing("https://b.example/2") {
		t.Error("after 89 seconds the page has to be remembered, and the target not")
	}
	c.pass(time.Second)
	if _, is := g.JustUnlinked("https://a.example/", "https://b.example/1"); is {
		t.Error("the page is remembered after 90 seconds")
	}
	for i := range 20_000 { // they take no room; the newest of them are there
		g.Unlinked(fmt.Sprint(i), "https://b.example/1")
	}
	if _, is := g.JustUnlinked("19999", "https://b.example/1"); !is {
		t.Error("the newest is forgotten")
	}
	if _, is := g.JustUnlinked("0", "https://b.example/1"); is {
		t.Error("all of them are remembered")
	}
}

func TestWatchLooksAtOnceAndGoesOnAfterTrouble(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	looked := 0
	guard.Watch(ctx,
		func(context.Context) error { looked++; return errors.New("no database") },
		func(context.Context) error { looked++; stop(); return nil })
	if looked != 2 {
		t.Errorf("looked %d times, want each once", looked)
	}
}
