// Package guard decides who may knock and how often, and counts what was turned
// away.
package guard

import (
	"maps"
	"net/netip"
	"sync"
	"time"

	"hark/internal/authlog"
	"hark/internal/budget"
)

// Budgets are how many pings each may bring.
type Budgets struct {
	Address budget.Limit // of one address, IPv6 by /64
	Network budget.Limit // of one network, IPv4 by /24, IPv6 by /48
	Source  budget.Limit // from one source host
	Target  budget.Limit // to one target
	Total   budget.Limit // in all
}

// DefaultBudgets are wide enough for a post that is talked about, and narrow
// enough that a spam run stays cheap.
func DefaultBudgets() Budgets {
	return Budgets{
		Address: budget.PerMinute(60, 30),
		Network: budget.PerMinute(300, 150),
		Source:  budget.PerMinute(100, 60),
		Target:  budget.PerMinute(500, 100),
		Total:   budget.PerMinute(20_000, 10_000),
	}
}

// Guard keeps the budgets of pings and the count of refusals. New is its only
// door.
type Guard struct {
	log *authlog.Log
	now func() time.Time

	addresses *budget.Buckets[netip.Prefix]
	networks  *budget.Buckets[netip.Prefix]
	sources   *budget.Buckets[string]
	targets   *budget.Buckets[string]
	total     *budget.Buckets[struct{}]
	logged    *budget.Buckets[netip.Prefix]

	mu       sync.Mutex
	refusals map[Refusal]uint64
}

// Refusal is a kind of refused ping.
type Refusal struct {
	Protocol authlog.Protocol
	Reason   authlog.Reason
}

// New makes a guard with full budgets.
func New(log *authlog.Log, budgets Budgets, now func() time.Time) *Guard {
	return &Guard{
		log:       log,
		now:       now,
		addresses: budget.New[netip.Prefix](budgets.Address),
		networks:  budget.New[netip.Prefix](budgets.Network),
		sources:   budget.New[string](budgets.Source),
		targets:   budget.New[string](budgets.Target),
		total:     budget.New[struct{}](budgets.Total),
		logged:    budget.New[netip.Prefix](budget.PerMinute(1, 1)),
		refusals:  map[Refusal]uint64{},
	}
}

// Knock asks, before anything of a ping is read, whether one more from this
// address fits the budgets of the address, its network, and all. What is over
// the nearer budget takes nothing from the wider ones, so that one sender cannot
// use up what is there for all.
func (g *Guard) Knock(from netip.Addr) (retry time.Duration, ok bool) {
	now := g.now()
	if retry, ok = g.addresses.Take(budget.Address(from), now); !ok {
		return retry, false
	}
	if retry, ok = g.networks.Take(budget.Network(from), now); !ok {
		return retry, false
	}
	return g.total.Take(struct{}{}, now)
}

// Source asks whether one more ping whose source is on this host fits.
func (g *Guard) Source(host string) (retry time.Duration, ok bool) {
	return g.sources.Take(host, g.now())
}

// Target asks whether one more ping to this target fits. One that does not is
// no fault of its sender: it is held, not refused.
func (g *Guard) Target(path string) (retry time.Duration, ok bool) {
	return g.targets.Take(path, g.now())
}

// Refused counts and logs a refused ping. Each makes one line for fail2ban, but
// those over a budget only one an address and minute: they are what a flood
// consists of, and they ban nobody.
func (g *Guard) Refused(p authlog.Protocol, why authlog.Reason, from netip.Addr) {
	g.mu.Lock()
	g.refusals[Refusal{p, why}]++
	g.mu.Unlock()
	if why == authlog.RateLimited {
		if _, ok := g.logged.Take(budget.Address(from), g.now()); !ok {
			return
		}
	}
	g.log.Rejected(p, why, from)
}

// Refusals is how many pings were refused since the start.
func (g *Guard) Refusals() map[Refusal]uint64 {
	g.mu.Lock()
	defer g.mu.Unlock()
	return maps.Clone(g.refusals)
}
