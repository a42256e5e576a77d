package settings

import (
	"context"
	"fmt"
	"net/netip"
	"strings"

	"hark/internal/budget"
)

// Defence is what the owner has chosen about who is turned away.
type Defence struct {
	Address, Network, Source, Target, Total, Junk Allowance // of pings; see guard.Budgets
	Spared                                        Networks  // never to be banned
}

// DefaultDefence is the choices before any was made.
var DefaultDefence = Defence{
	Address: NewAllowance(60, 30), Network: NewAllowance(300, 150), Source: NewAllowance(100, 60),
	Target: NewAllowance(500, 100), Total: NewAllowance(20_000, 10_000), Junk: NewAllowance(600, 300),
}

func (d *Defence) fields() map[string]*string {
	fields := map[string]*string{"spared": (*string)(&d.Spared)}
	for name, a := range d.allowances() {
		fields["budget_"+name] = (*string)(a)
	}
	return fields
}

func (d *Defence) allowances() map[string]*Allowance {
	return map[string]*Allowance{
		"address": &d.Address, "network": &d.Network, "source": &d.Source,
		"target": &d.Target, "total": &d.Total, "junk": &d.Junk,
	}
}

// check names the budget, or spared.
func (d *Defence) check() error {
	for name, a := range d.allowances() {
		if !a.within(least(name)) {
			return &Invalid{name, fmt.Sprintf("Write two whole numbers from %d to %d.", least(name), mostPings)}
		}
	}
	if !d.Address.fits(d.Network) {
		return &Invalid{"network", "That is less than one of its addresses may bring alone."}
	}
	if !d.Network.fits(d.Total) {
		return &Invalid{"total", "That is less than one network may bring alone."}
	}
	return d.Spared.check("spared")
}

// least is the least that a budget allows at once. Without junk there are no
// storms; without any of the others there are no pings.
func least(budget string) int {
	if budget == "junk" {
		return 0
	}
	return 1
}

// mostPings bounds what can be allowed.
const mostPings = 1_000_000

// Allowance is how many may come at once, and how many more in a minute, written
// as two numbers.
type Allowance string

// NewAllowance makes one.
func NewAllowance(burst, perMinute int) Allowance {
	return Allowance(fmt.Sprint(burst, " ", perMinute))
}

// Numbers are both of them, 0 where there is none.
func (a Allowance) Numbers() (burst, perMinute int) {
	fmt.Sscan(string(a), &burst, &perMinute)
	return burst, perMinute
}

// Limit is the same as a limit of token buckets; one that is not valid is none.
func (a Allowance) Limit() budget.Limit {
	burst, perMinute := a.Numbers()
	if burst < 1 || perMinute < 1 {
		return budget.Limit{}
	}
	return budget.PerMinute(burst, perMinute)
}

func (a *Allowance) within(least int) bool {
	burst, perMinute := a.Numbers()
	if burst == 0 && least == 0 {
		perMinute = max(perMinute, 1) // it does not matter
	}
	clean := NewAllowance(burst, perMinute)
	ok := burst >= least && burst <= mostPings && perMinute >= 1 && perMinute <= mostPings
	if ok {
		*a = clean
	}
	return ok
}

// fits tells whether whoever has this one can use it within a wider one.
func (a Allowance) fits(wider Allowance) bool {
	burst, perMinute := a.Numbers()
	mostBurst, mostPerMinute := wider.Numbers()
	return burst <= mostBurst && perMinute <= mostPerMinute
}

// Defence reads what was chosen; what was never chosen is as in DefaultDefence.
func (s *Store) Defence(ctx context.Context) (Defence, error) {
	d := DefaultDefence
	if err := s.read(ctx, d.fields()); err != nil {
		return d, err
	}
	for name, a := range d.allowances() {
		if !a.within(least(name)) {
			*a = *DefaultDefence.allowances()[name] // however it came there
		}
	}
	return d, nil
}

// SaveDefence keeps it as Save does.
func (s *Store) SaveDefence(ctx context.Context, d Defence) error {
	if err := d.check(); err != nil {
		return err
	}
	was := DefaultDefence
	return s.write(ctx, d.fields(), was.fields())
}

// Networks is a list of addresses and networks, one a line.
type Networks string

// mostNetworks bounds a list.
const mostNetworks = 1000

// All lists them.
func (n Networks) All() []netip.Prefix {
	var all []netip.Prefix
	for _, word := range strings.Fields(string(n)) {
		if p, ok := network(word); ok {
			all = append(all, p)
		}
	}
	return all
}

// check brings what was typed into the form that is kept.
func (n *Networks) check(field string) error {
	typed := strings.FieldsFunc(string(*n), func(r rune) bool { return r == ',' || r == ';' || r <= ' ' })
	if len(typed) > mostNetworks {
		return &Invalid{field, fmt.Sprintf("That is a long list: %d at most.", mostNetworks)}
	}
	kept := make([]string, 0, len(typed))
	for _, word := range typed {
		p, ok := network(word)
		switch {
		case !ok:
			return &Invalid{field, fmt.Sprintf("“%s” is no address. Write one a line, like 203.0.113.5 or 2001:db8::/32.", word)}
		case p.IsSingleIP():
			kept = append(kept, p.Addr().String())
		default:
			kept = append(kept, p.String())
		}
	}
	*n = Networks(strings.Join(kept, "\n"))
	return nil
}

func network(word string) (netip.Prefix, bool) {
	if addr, err := netip.ParseAddr(word); err == nil {
		addr = addr.Unmap().WithZone("")
		return netip.PrefixFrom(addr, addr.BitLen()), true
	}
	p, err := netip.ParsePrefix(word)
	return p.Masked(), err == nil
}
