package guard

import (
	"net/netip"
	"time"

	"hark/internal/budget"
)

// searches are the budgets of those who look for words. A search costs as much as
// a thousand pages from the cache.
type searches struct {
	addresses *budget.Buckets[netip.Prefix]
	total     *budget.Buckets[struct{}]
}

func newSearches(address, total budget.Limit) searches {
	return searches{addresses: budget.New[netip.Prefix](address), total: budget.New[struct{}](total)}
}

func (s searches) take(from netip.Addr, now time.Time) (retry time.Duration, ok bool) {
	if retry, ok = s.addresses.Take(budget.Address(from), now); !ok {
		return retry, false
	}
	return s.total.Take(struct{}{}, now)
}

// Search asks whether one more search from this address fits its budget, and then
// that of all.
func (g *Guard) Search(from netip.Addr) (retry time.Duration, ok bool) {
	return g.searches.take(from, g.now())
}

// Guess asks whether it may be guessed which page somebody meant who asked for one
// that is not there. Those who try many addresses use up no searches.
func (g *Guard) Guess(from netip.Addr) bool {
	_, ok := g.guesses.take(from, g.now())
	return ok
}
