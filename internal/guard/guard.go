// Package guard decides who may knock and how often, and counts what was turned
// away.
package guard

import (
	"net/netip"
	"sync/atomic"
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
	Junk    budget.Limit // pingbacks that count against their senders, before a storm is called; zero: never
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
		Junk:    budget.PerMinute(600, 300),
	}
}

// wider is how many times as much a sender may bring whom the owner trusts.
const wider = 10

// Guard keeps the budgets of pings and the count of refusals. New is its only
// door.
type Guard struct {
	log *authlog.Log
	now func() time.Time

	limits   atomic.Pointer[limits]
	logged   *budget.Buckets[netip.Prefix]
	storm    *storm
	books    *Books
	denied   denials
	searches searches
	guesses  searches
	signIns  signIns

	following following
}

// limits are the budgets with what was taken from them.
type limits struct {
	Budgets
	usual   buckets
	wide    buckets
	targets *budget.Buckets[string]
}

// buckets are what senders of one sort share.
type buckets struct {
	addresses *budget.Buckets[netip.Prefix]
	networks  *budget.Buckets[netip.Prefix]
	sources   *budget.Buckets[string]
	total     *budget.Buckets[struct{}]
}

// newLimits makes full buckets, but for budgets that are as before keeps those
// there were.
func newLimits(b Budgets, before *limits) *limits {
	if before == nil {
		before = &limits{}
	}
	return &limits{
		Budgets: b,
		usual:   before.usual.under(b, before.Budgets, 1),
		wide:    before.wide.under(b, before.Budgets, wider),
		targets: under(before.targets, b.Target, before.Target),
	}
}

func (b buckets) under(now, before Budgets, times int) buckets {
	return buckets{
		addresses: under(b.addresses, now.Address.Times(times), before.Address.Times(times)),
		networks:  under(b.networks, now.Network.Times(times), before.Network.Times(times)),
		sources:   under(b.sources, now.Source.Times(times), before.Source.Times(times)),
		total:     under(b.total, now.Total.Times(times), before.Total.Times(times)),
	}
}

func under[K comparable](b *budget.Buckets[K], now, before budget.Limit) *budget.Buckets[K] {
	if b != nil && now == before {
		return b
	}
	return budget.New[K](now)
}

// New makes a guard with full budgets, which also counts the logins that log
// tells of.
func New(log *authlog.Log, budgets Budgets, now func() time.Time) *Guard {
	g := &Guard{
		log:      log,
		now:      now,
		logged:   budget.New[netip.Prefix](budget.PerMinute(1, 1)),
		storm:    newStorm(budgets.Junk),
		books:    newBooks(now),
		denied:   newDenials(),
		searches: newSearches(budget.PerMinute(20, 30), budget.PerMinute(200, 300)),
		guesses:  newSearches(budget.PerMinute(10, 10), budget.PerMinute(100, 100)),
		signIns:  newSignIns(),
	}
	g.limits.Store(newLimits(budgets, nil))
	log.Observe(g.books.login)
	return g
}

// Books are where the guard counts.
func (g *Guard) Books() *Books { return g.books }

// buckets are those of the senders whom the owner trusts, or of all others.
func (g *Guard) buckets(wide bool) buckets {
	l := g.limits.Load()
	if wide {
		return l.wide
	}
	return l.usual
}

// Knock asks, before anything of a ping is read, whether one more from this
// address fits the budgets of the address, its network, and all. What is over
// the nearer budget takes nothing from the wider ones, so that one sender cannot
// use up what is there for all. Wide are those whom the owner trusts with ten
// times as much, which they share with nobody else.
func (g *Guard) Knock(from netip.Addr, wide bool) (retry time.Duration, ok bool) {
	now, b := g.now(), g.buckets(wide)
	if retry, ok = b.addresses.Take(budget.Address(from), now); !ok {
		return retry, false
	}
	if retry, ok = b.networks.Take(budget.Network(from), now); !ok {
		return retry, false
	}
	return b.total.Take(struct{}{}, now)
}

// Source asks whether one more ping whose source is on this host fits. Wide is a
// host that the owner trusts.
func (g *Guard) Source(host string, wide bool) (retry time.Duration, ok bool) {
	return g.buckets(wide).sources.Take(host, g.now())
}

// Target asks whether one more ping to this target fits. One that does not is
// no fault of its sender: it is held, not refused.
func (g *Guard) Target(path string) (retry time.Duration, ok bool) {
	return g.limits.Load().targets.Take(path, g.now())
}

// Took counts a ping that a door has taken. What becomes of it Settled tells.
func (g *Guard) Took(p authlog.Protocol) { g.books.count(Event{door(p), Taken, ""}) }

// Settled counts the first verdict about a ping that was taken: Shown, Held or
// Spam. One that was refused then is counted by Refused.
func (g *Guard) Settled(p authlog.Protocol, outcome string) {
	g.books.count(Event{door(p), outcome, ""})
}

// Refused counts and logs a refused ping. Each makes one line for fail2ban, but
// those over a budget only one an address and minute: they are what a flood
// consists of, and they ban nobody.
func (g *Guard) Refused(p authlog.Protocol, why authlog.Reason, from netip.Addr) {
	g.count(p, why, from)
	if p == authlog.Pingback && why.Counted() {
		g.storm.add(g.now)
	}
	if why == authlog.RateLimited {
		if _, ok := g.logged.Take(budget.Address(from), g.now()); !ok {
			return
		}
	}
	g.log.Rejected(p, why, from)
}

// RefusedSource is Refused for a ping whose source is on a host that is known.
func (g *Guard) RefusedSource(p authlog.Protocol, why authlog.Reason, from netip.Addr, host string) {
	g.books.blameHost(host, string(why))
	g.Refused(p, why, from)
}

func (g *Guard) count(p authlog.Protocol, why authlog.Reason, from netip.Addr) {
	g.books.count(Event{door(p), Refused, string(why)})
	g.books.blameAddress(from, string(why))
}

// door is what the books call a protocol's door.
func door(p authlog.Protocol) string {
	if p == authlog.Pingback {
		return "pingback"
	}
	return "webmention"
}
