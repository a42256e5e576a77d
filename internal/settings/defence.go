package settings

import (
	"context"
	"fmt"
	"net/netip"
	"strings"
)

// Defence is what the owner has chosen about who is turned away.
type Defence struct {
	Spared Networks // never to be banned
}

// DefaultDefence is the choices before any was made.
var DefaultDefence = Defence{}

func (d *Defence) fields() map[string]*string {
	return map[string]*string{"spared": (*string)(&d.Spared)}
}

func (d *Defence) check() error { return d.Spared.check("spared") }

// Defence reads what was chosen; what was never chosen is as in DefaultDefence.
func (s *Store) Defence(ctx context.Context) (Defence, error) {
	d := DefaultDefence
	return d, s.read(ctx, d.fields())
}

// SaveDefence keeps it as Save does.
func (s *Store) SaveDefence(ctx context.Context, d Defence) error {
	if err := d.check(); err != nil {
		return err
	}
	return s.write(ctx, d.fields())
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
