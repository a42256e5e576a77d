package guard

import (
	"net/netip"
	"time"

	"hark/internal/budget"
)

// signIns are the budgets of readers who say whose address is theirs: each has us
// visit a host that a stranger names.
type signIns struct {
	addresses *budget.Buckets[netip.Prefix]
	networks  *budget.Buckets[netip.Prefix]
	hosts     *budget.Buckets[string]
	total     *budget.Buckets[struct{}]
}

func newSignIns() signIns {
	return signIns{
		addresses: budget.New[netip.Prefix](budget.PerMinute(6, 3)),
		networks:  budget.New[netip.Prefix](budget.PerMinute(20, 10)),
		hosts:     budget.New[string](budget.PerMinute(10, 2)),
		total:     budget.New[struct{}](budget.PerMinute(60, 30)),
	}
}

// SignIn asks whether one more reader from this address may have us visit a host to
// learn who they are. What is over the nearer budget takes nothing from the wider ones.
func (g *Guard) SignIn(from netip.Addr, host string) (retry time.Duration, ok bool) {
	now, s := g.now(), g.signIns
	if retry, ok = s.addresses.Take(budget.Address(from), now); !ok {
		return retry, false
	}
	if retry, ok = s.networks.Take(budget.Network(from), now); !ok {
		return retry, false
	}
	if retry, ok = s.hosts.Take(host, now); !ok {
		return retry, false
	}
	return s.total.Take(struct{}{}, now)
}

// aVisit is the target of what is remembered of readers' addresses; that of a ping is
// an address.
const aVisit = "sign-in"

// NoWay notes that a reader's address was just visited in vain.
func (g *Guard) NoWay(address string) {
	g.denied.remember(pair{address, aVisit}, g.now().Add(missingRest))
}

// JustNoWay tells for how long a reader's address is not visited again, because it
// just was, in vain.
func (g *Guard) JustNoWay(address string) (time.Duration, bool) {
	return g.denied.left(pair{address, aVisit}, g.now(), missingRest)
}
