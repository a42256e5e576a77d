package guard

import (
	"context"
	"net/http"
	"net/netip"
	"strings"

	"github.com/go-chi/chi/v5/middleware"
)

// ClientIP finds the client's address, for chi's middleware.GetClientIPAddr. It
// is the peer's, unless the peer is one of the trusted proxies; then it is the
// first address from the right of X-Forwarded-For that is not trusted, or, where
// that header is missing, of Forwarded (RFC 7239). A proxy that writes only
// Forwarded has to remove X-Forwarded-For.
//
// A peer on a unix socket is the local proxy: it is believed when any proxy is.
// An address is never mapped and has no zone; there is none when the way is not
// known, or leads through trusted proxies alone.
func ClientIP(trusted []netip.Prefix) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		find := finder(trusted, serveOriginal(next))
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			view := r.WithContext(context.WithValue(r.Context(), originalKey{}, r))
			view.RemoteAddr = peer(r.RemoteAddr, trusted)
			if len(trusted) > 0 {
				view.Header = http.Header{"X-Forwarded-For": forwardedFor(r.Header)}
			}
			find.ServeHTTP(w, view)
		})
	}
}

// originalKey is where the request stands as it came. chi's middleware sees one
// made for it, in which every address is a bare one; nobody else shall.
type originalKey struct{}

// finder is chi's middleware, which walks the addresses.
func finder(trusted []netip.Prefix, next http.Handler) http.Handler {
	if len(trusted) == 0 {
		return middleware.ClientIPFromRemoteAddr(next)
	}
	prefixes := make([]string, len(trusted))
	for i, p := range trusted {
		prefixes[i] = unmapped(p).String()
	}
	return middleware.ClientIPFromXFF(prefixes...)(next)
}

// serveOriginal goes on with the request as it came and the address found.
func serveOriginal(next http.Handler) http.HandlerFunc {
	return func(w http.ResponseWriter, view *http.Request) {
		r := view.Context().Value(originalKey{}).(*http.Request)
		next.ServeHTTP(w, r.WithContext(view.Context()))
	}
}

// peer is the address at the other end of the connection, bare. On a unix
// socket it is a trusted one, where there is any.
func peer(remote string, trusted []netip.Prefix) string {
	if (remote == "" || remote == "@") && len(trusted) > 0 {
		return unmapped(trusted[0]).Addr().String()
	}
	addr, ok := address(remote)
	if !ok {
		return ""
	}
	return addr.String()
}

// address reads an address with or without a port, unmapped and without zone.
func address(s string) (netip.Addr, bool) {
	if both, err := netip.ParseAddrPort(s); err == nil {
		return both.Addr().Unmap().WithZone(""), true
	}
	if inner, found := strings.CutPrefix(s, "["); found {
		s = strings.TrimSuffix(inner, "]")
	}
	addr, err := netip.ParseAddr(s)
	return addr.Unmap().WithZone(""), err == nil
}

// unmapped is the prefix of plain IPv4 addresses that ::ffff:0:0/96 and what is
// within it stand for.
func unmapped(p netip.Prefix) netip.Prefix {
	if p.Addr().Is4In6() && p.Bits() >= 96 {
		return netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-96)
	}
	return p
}
