package mentions

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"hark/internal/fetch"
	"hark/internal/settings"
)

// canonical is the one spelling of all addresses that name the same resource:
// http and https, a host in any case or script, the default port, a trailing
// slash, a fragment, other escapes, and what trackers append make no difference.
// It has no scheme. It is empty for what is no web address.
func canonical(address string) string {
	u, err := url.Parse(strings.TrimSpace(address))
	if err != nil || !utf8.ValidString(address) || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return ""
	}
	key := fetch.Host(u) + canonicalPath(u.EscapedPath())
	if query := canonicalQuery(u.RawQuery); query != "" {
		key += "?" + query
	}
	return key
}

// canonicalPath escapes each part of a path in one way. A part that holds an
// escaped slash stays one part.
func canonicalPath(escaped string) string {
	parts := strings.Split(escaped, "/")
	for n, part := range parts {
		if decoded, err := url.PathUnescape(part); err == nil {
			parts[n] = url.PathEscape(decoded)
		}
	}
	clean := path.Clean("/" + strings.Join(parts, "/"))
	if clean == "/" {
		return ""
	}
	return clean
}

// canonicalQuery leaves out what only says how a reader came.
func canonicalQuery(query string) string {
	var kept []string
	for _, pair := range strings.Split(query, "&") {
		name, value, full := strings.Cut(pair, "=")
		if name = canonicalWord(name); pair == "" || tracks(strings.ToLower(name)) {
			continue
		}
		if full {
			name += "=" + canonicalWord(value)
		}
		kept = append(kept, name)
	}
	return strings.Join(kept, "&")
}

func canonicalWord(escaped string) string {
	if decoded, err := url.QueryUnescape(escaped); err == nil {
		escaped = decoded
	}
	return url.QueryEscape(escaped)
}

func tracks(name string) bool {
	switch name {
	case "fbclid", "gclid", "dclid", "gbraid", "wbraid", "msclkid", "yclid", "twclid", "igshid", "mc_cid", "mc_eid", "mkt_tok", "_ga", "_gl":
		return true
	}
	return strings.HasPrefix(name, "utm_") || strings.HasPrefix(name, "pk_") || strings.HasPrefix(name, "mtm_")
}

// maxAddress is how many bytes an address may have.
const maxAddress = 2048

// longestKey is how long a key may be; an index of PostgreSQL takes no more than
// 2,704 bytes.
const longestKey = 1024

// sourceKey is the canonical form under which an address is kept.
func sourceKey(address string) string { return shortKey(canonical(address)) }

// shortKey makes of a long key its beginning and its digest.
func shortKey(key string) string {
	if len(key) <= longestKey {
		return key
	}
	sum := sha256.Sum256([]byte(key))
	return strings.ToValidUTF8(key[:longestKey], "") + "#" + hex.EncodeToString(sum[:])
}

// site is our own address, with the other hosts it is reached at.
type site struct {
	url  string   // without a trailing slash
	keys []string // its canonical forms, the first that of url
}

func newSite(address string) site { return site{url: address, keys: []string{canonical(address)}} }

// with is the site with other hosts that lead to it.
func (s site) with(aliases settings.Hosts) site {
	_, path, below := strings.Cut(s.keys[0], "/")
	keys := s.keys[:1:1]
	for _, host := range aliases.All() {
		if below {
			host += "/" + path
		}
		keys = append(keys, host)
	}
	s.keys = keys
	return s
}

// ours is the path of an address on our own site, as it was typed; a query of
// our pages makes no difference. ok is false for other sites.
func (s *site) ours(address string) (path string, ok bool) {
	key, _, _ := strings.Cut(canonical(address), "?")
	for _, site := range s.keys {
		rest, ok := strings.CutPrefix(key, site)
		if !ok || rest != "" && rest[0] != '/' {
			continue
		}
		if path, err := url.PathUnescape(rest); err == nil {
			return cmp.Or(path, "/"), true
		}
	}
	return "", false
}

// covers tells whether a rule is about ourselves.
func (s *site) covers(r Rule) bool {
	return slices.ContainsFunc(s.keys, func(key string) bool {
		return r.fits(knock{source: key, author: key})
	})
}
