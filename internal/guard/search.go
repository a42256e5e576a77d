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

func newSearches() searches {
	return searches{
		addresses: budget.New[netip.Prefix](budget.PerMinute(20, 30)),
		total:     budget.New[struct{}](budget.PerMinute(200, 300)),
	}
}

// Search asks whether one more search from this address fits its budget, and then
// that of all.
func (g *Guard) Search(from netip.Addr) (retry time.Duration, ok bool) {
	now := g.now()
	if retry, ok = g.searches.addresses.Take(budget.Address(from), now); !ok {
		return retry, false
	}
	return g.searches.total.Take(struct{}{}, now)
}
