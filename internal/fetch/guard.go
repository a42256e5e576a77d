package fetch

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strings"
	"syscall"

	"code.dny.dev/ssrf"
	"golang.org/x/net/idna"
)

const maxAddress = 4096

// admit parses an address and refuses what must not even be looked up. Where
// it leads is decided when it is dialled, not here.
func admit(address string) (*url.URL, error) {
	if len(address) > maxAddress {
		return nil, forbidden(address[:maxAddress], errors.New("address too long"))
	}
	u, err := url.Parse(address)
	if err != nil {
		return nil, forbidden(address, errors.New("not an address"))
	}
	if err := form(u); err != nil {
		return nil, forbidden(u.Redacted(), err)
	}
	u.Fragment, u.RawFragment = "", ""
	return u, nil
}

func form(u *url.URL) error {
	switch {
	case u.Scheme != "http" && u.Scheme != "https":
		return fmt.Errorf("scheme %q", u.Scheme)
	case u.User != nil:
		return errors.New("user name in the address")
	case u.Hostname() == "":
		return errors.New("no host")
	}
	return nil
}

// Host is the one spelling of the host of an address: in lower case and ASCII,
// a network address as netip writes it, without the two ports of the web. Any
// other port can only be one the owner allowed, so it makes a host of its own,
// however many zeros it begins with.
func Host(u *url.URL) string {
	host := strings.ToLower(u.Hostname())
	if ascii, err := idna.Lookup.ToASCII(host); err == nil {
		host = ascii
	}
	host = strings.TrimSuffix(host, ".") // that of other scripts is one by now
	if addr, err := netip.ParseAddr(host); err == nil {
		host = addr.Unmap().WithZone("").String()
	}
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	port := strings.TrimLeft(u.Port(), "0")
	if port == "" || port == "80" || port == "443" {
		return host
	}
	return host + ":" + port
}

// guard decides at the moment of dialling, with the address in hand that the
// packets will go to. No name, spelling or rebinding gets round it.
type guard struct {
	allow  []netip.Prefix
	public *ssrf.Guardian
}

func newGuard(allow []netip.Prefix) *guard {
	return &guard{allow: allow, public: ssrf.New()}
}

// control is a net.Dialer's Control.
func (g *guard) control(network, address string, c syscall.RawConn) error {
	if to, err := netip.ParseAddrPort(address); err == nil && g.allowed(to.Addr()) {
		return nil
	}
	if err := g.public.Safe(network, address, c); err != nil {
		return fmt.Errorf("%w: %w", ErrForbidden, err)
	}
	return nil
}

func (g *guard) allowed(address netip.Addr) bool {
	address = address.Unmap().WithZone("")
	for _, prefix := range g.allow {
		if prefix.Contains(address) {
			return true
		}
	}
	return false
}
