package guard

import (
	"fmt"
	"net/netip"
	"strings"
	"time"

	"hark/internal/budget"
)

// The widest networks that can be banned. What is wider is a slip of the hand, or
// a prefix that somebody else computed wrongly.
const (
	widest4 = 8
	widest6 = 16
)

// Ban is an address or a network whose requests are not heard.
type Ban struct {
	Network      netip.Prefix // as it was named
	By           string       // a person, "command", or a jail of fail2ban
	Why          string
	Since, Until time.Time // Until is zero for a ban for good
}

// Covers is what the ban shuts out. One IPv6 address counts for its /64, as it
// does for the budgets: that is what one customer gets, who could send every
// request from another address of it.
func (b Ban) Covers() netip.Prefix { return covers(b.Network) }

func covers(p netip.Prefix) netip.Prefix {
	if p.Addr().Is4() || p.Bits() <= 64 {
		return p
	}
	return budget.Address(p.Addr())
}

// Unbannable says why something cannot be banned, in a sentence.
type Unbannable struct{ Text string }

func (e *Unbannable) Error() string { return e.Text }

// ParseNetwork reads an address or a network as people and fail2ban write them.
// What is none is an *Unbannable.
func ParseNetwork(s string) (netip.Prefix, error) {
	s = strings.TrimSpace(s)
	if addr, err := netip.ParseAddr(strings.Trim(s, "[]")); err == nil {
		addr = addr.Unmap().WithZone("")
		return netip.PrefixFrom(addr, addr.BitLen()), nil
	}
	p, err := netip.ParsePrefix(s)
	if err != nil {
		return netip.Prefix{}, &Unbannable{fmt.Sprintf("%q is no address. One is written like 203.0.113.5 or 2001:db8::5, a network like 203.0.113.0/24.", s)}
	}
	return unmapped(p).Masked(), nil
}

// bannable tells, in an *Unbannable, why a network must not be banned: then the
// site would be shut to everybody, or to those who keep it.
func bannable(p netip.Prefix, spared []netip.Prefix) error {
	addr, widest := p.Addr(), widest6
	if addr.Is4() {
		widest = widest4
	}
	switch {
	case p.Bits() < widest:
		return &Unbannable{fmt.Sprintf("%s is too much to ban: /%d is the widest.", p, widest)}
	case touchesLoopback(p):
		return &Unbannable{fmt.Sprintf("%s is this machine itself, which is never banned.", named(p))}
	case addr.IsUnspecified(), addr.IsMulticast():
		return &Unbannable{fmt.Sprintf("%s is nobody's address.", named(p))}
	case addr.IsLinkLocalUnicast() && addr.Is6():
		return &Unbannable{fmt.Sprintf("%s is an address of your own network, and all of those share one /64.", named(p))}
	}
	for _, s := range spared {
		if s.Bits() <= p.Bits() && s.Contains(addr) {
			return &Unbannable{fmt.Sprintf("%s is never banned: it is a trusted proxy, or one of the addresses that you spare.", named(p))}
		}
	}
	return nil
}

// loopbacks are the addresses of this machine.
var loopbacks = [...]netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}

func touchesLoopback(p netip.Prefix) bool {
	covered := covers(p)
	return covered.Overlaps(loopbacks[0]) || covered.Overlaps(loopbacks[1])
}

// named is a network in words: one address is written without its length.
func named(p netip.Prefix) string {
	if p.IsSingleIP() {
		return p.Addr().String()
	}
	return p.String()
}

// Name is what was banned, as people write it.
func (b Ban) Name() string { return named(b.Network) }

// tidy makes one line of at most n letters of what somebody gave as a reason.
func tidy(s string, n int) string {
	s = strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r <= ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 }), " ")
	if letters := []rune(strings.ToValidUTF8(s, "�")); len(letters) > n {
		return string(letters[:n-1]) + "…"
	}
	return strings.ToValidUTF8(s, "�")
}
