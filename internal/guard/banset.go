package guard

import (
	"cmp"
	"encoding/binary"
	"math"
	"net/netip"
	"slices"
	"time"
)

// banSet is all bans of a moment, made to be asked by every request. It never
// changes; another takes its place.
type banSet struct {
	v4, v6 ranges
	spared []netip.Prefix
	n      int // how many bans hold
	made   time.Time
	ends   time.Time // when the first of its bans does; zero: none does
}

// ranges are stretches of numbers, in order and apart from each other.
type ranges struct{ from, to []uint64 }

// newBanSet takes those bans that hold now. Where they overlap they become one.
func newBanSet(bans []Ban, spared []netip.Prefix, now time.Time) *banSet {
	s := &banSet{spared: spared, made: now}
	var v4, v6 []span
	for _, b := range bans {
		if !b.Until.IsZero() {
			if !now.Before(b.Until) {
				continue
			}
			if s.ends.IsZero() || b.Until.Before(s.ends) {
				s.ends = b.Until
			}
		}
		covered := b.Covers()
		if !covered.IsValid() || bannable(covered, nil) != nil {
			continue // however it came into the table
		}
		s.n++
		if covered.Addr().Is4() {
			v4 = append(v4, spanOf(covered, 32))
		} else {
			v6 = append(v6, spanOf(covered, 64))
		}
	}
	s.v4, s.v6 = merged(v4), merged(v6)
	return s
}

type span struct{ from, to uint64 }

// spanOf is a network as the numbers of its addresses, those of IPv6 by the upper
// half alone: nothing narrower is banned.
func spanOf(p netip.Prefix, width int) span {
	from := number(p.Addr())
	return span{from, from | (uint64(math.MaxUint64) >> (64 - width) >> p.Bits())}
}

func number(addr netip.Addr) uint64 {
	if addr.Is4() {
		b := addr.As4()
		return uint64(binary.BigEndian.Uint32(b[:]))
	}
	b := addr.As16()
	return binary.BigEndian.Uint64(b[:8])
}

func merged(spans []span) (r ranges) {
	slices.SortFunc(spans, func(a, b span) int { return cmp.Compare(a.from, b.from) })
	for _, s := range spans {
		if last := len(r.to) - 1; last >= 0 && s.from <= r.to[last] {
			r.to[last] = max(r.to[last], s.to)
			continue
		}
		r.from, r.to = append(r.from, s.from), append(r.to, s.to)
	}
	return r
}

func (r *ranges) have(n uint64) bool {
	i, found := slices.BinarySearch(r.from, n)
	return found || i > 0 && n <= r.to[i-1]
}

// empty tells whether nobody can be banned, so that whose request it is need not
// be found out.
func (s *banSet) empty() bool { return len(s.v4.from) == 0 && len(s.v6.from) == 0 }

// banned tells whether an address is shut out. Loopback, the trusted proxies and
// what the owner spares never are, whatever a wider ban says.
func (s *banSet) banned(addr netip.Addr) bool {
	var hit bool
	switch {
	case addr.Is4():
		hit = s.v4.have(number(addr))
	case addr.Is6():
		hit = s.v6.have(number(addr))
	}
	return hit && !addr.IsLoopback() && !inAny(addr, s.spared)
}

func inAny(addr netip.Addr, prefixes []netip.Prefix) bool {
	for _, p := range prefixes {
		if p.Contains(addr) {
			return true
		}
	}
	return false
}
