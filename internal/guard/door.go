package guard

import (
	"io"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
)

const bannedAnswer = "Your address was banned here because of what came from it. If you think that this is a mistake, tell the owner of the site.\n"

// The headers of that answer, made once.
var (
	bannedType   = []string{"text/plain; charset=utf-8"}
	bannedLength = []string{strconv.Itoa(len(bannedAnswer))}
	bannedEnd    = []string{"close"}
	bannedCache  = []string{"no-store"}
)

// Door refuses whoever is banned before anything else is done for the request.
// It belongs in front of everything, the cache included.
func (b *Bans) Door(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		set := b.set.Load()
		if set.empty() || !set.banned(Client(r, b.Trusted)) {
			next.ServeHTTP(w, r)
			return
		}
		b.turned.Add(1)
		h := w.Header()
		h["Content-Type"], h["Content-Length"], h["Connection"], h["Cache-Control"] = bannedType, bannedLength, bannedEnd, bannedCache
		w.WriteHeader(http.StatusForbidden)
		io.WriteString(w, bannedAnswer)
	})
}

// Client is the client's address as ClientIP finds it, for those who stand before
// it and want nothing else. The trusted prefixes are unmapped ones.
func Client(r *http.Request, trusted []netip.Prefix) netip.Addr {
	peer, ok := address(r.RemoteAddr)
	if len(trusted) == 0 {
		return peer
	}
	local := r.RemoteAddr == "" || r.RemoteAddr == "@"
	if !local && !ok {
		return netip.Addr{}
	}
	if !local && !inAny(peer, trusted) {
		return peer
	}
	return walk(forwardedFor(r.Header), trusted)
}

// walk goes from the right to the first address that is not trusted. It ends with
// none where an entry cannot be read.
func walk(values []string, trusted []netip.Prefix) netip.Addr {
	for i := len(values) - 1; i >= 0; i-- {
		for rest, more := values[i], true; more; {
			var entry string
			if at := strings.LastIndexByte(rest, ','); at >= 0 {
				rest, entry = rest[:at], rest[at+1:]
			} else {
				entry, more = rest, false
			}
			if entry = strings.TrimSpace(entry); entry == "" {
				continue
			}
			addr, ok := address(entry)
			if !ok {
				return netip.Addr{}
			}
			if !inAny(addr, trusted) {
				return addr
			}
		}
	}
	return netip.Addr{}
}
