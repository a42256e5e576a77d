package guard

import (
	"context"
	"fmt"
	"log/slog"
	"net/netip"
	"sync"
	"time"

	"hark/internal/budget"
	"hark/internal/database"
)

// glance is how often it is looked whether another process, or the owner, has
// changed what the guard goes by.
const glance = time.Second

// Watch looks now and then until ctx ends. Trouble is told once, not every second.
func Watch(ctx context.Context, looks ...func(context.Context) error) {
	tick := time.NewTicker(glance)
	defer tick.Stop()
	failing := make([]bool, len(looks))
	for {
		for i, look := range looks {
			err := look(ctx)
			if err != nil && ctx.Err() == nil && !failing[i] {
				slog.Error("the guard cannot read what it goes by; what it knew holds", "error", err)
			}
			failing[i] = err != nil
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// following is where the guard's budgets come from.
type following struct {
	mu   sync.Mutex
	db   *database.DB // nil: they never change
	name string
	read func(context.Context) (Budgets, error)
	seen uint64
	once bool
}

// Follow has Look read the budgets whenever the generation of this name moves.
func (g *Guard) Follow(db *database.DB, name string, read func(context.Context) (Budgets, error)) {
	g.following.db, g.following.name, g.following.read = db, name, read
}

// Look takes over budgets that were changed. What was used of those that were not
// stays used.
func (g *Guard) Look(ctx context.Context) error {
	f := &g.following
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.db == nil {
		return nil
	}
	generations, err := f.db.Generations(ctx, f.name)
	if err != nil {
		return err
	}
	if f.once && generations[0] == f.seen {
		return nil
	}
	budgets, err := f.read(ctx)
	if err != nil {
		return fmt.Errorf("read the budgets: %w", err)
	}
	before := g.limits.Load()
	if budgets != before.Budgets {
		g.limits.Store(newLimits(budgets, before))
	}
	if budgets.Junk != before.Junk {
		g.storm.allow(budgets.Junk)
	}
	f.seen, f.once = generations[0], true
	return nil
}

// Budgets are those that hold now.
func (g *Guard) Budgets() Budgets { return g.limits.Load().Budgets }

// Use is how much of a budget is used now: by whom most, and how many have none
// left. In all, and of junk, there is only one who uses it.
type Use struct {
	Most  string
	Used  int
	Empty int
}

// Uses are the budgets' uses; those of whom the owner trusts are not in them.
type Uses struct{ Address, Network, Source, Target, Total, Junk Use }

// Uses looks through all buckets; it is for the owner's eyes, not for every ping.
func (g *Guard) Uses() Uses {
	now, l := g.now(), g.limits.Load()
	prefix := func(p netip.Prefix) string {
		if !p.IsValid() {
			return "unknown"
		}
		return named(p)
	}
	word := func(s string) string { return s }
	return Uses{
		Address: use(l.usual.addresses, now, prefix), Network: use(l.usual.networks, now, prefix),
		Source: use(l.usual.sources, now, word), Target: use(l.targets, now, word),
		Total: use(l.usual.total, now, func(struct{}) string { return "" }),
		Junk:  Use{Used: g.storm.used(now)},
	}
}

func use[K comparable](b *budget.Buckets[K], now time.Time, name func(K) string) Use {
	u := b.Use(now)
	if u.Used == 0 {
		return Use{}
	}
	return Use{name(u.Most), u.Used, u.Empty}
}
