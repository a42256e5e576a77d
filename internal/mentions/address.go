package mentions

import (
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"path"
	"strings"

	"golang.org/x/net/idna"
)

// canonical is the one spelling of all addresses that name the same resource:
// http and https, a host in any case or script, the default port, a trailing
// slash, a fragment, other escapes, and what trackers append make no difference.
// It has no scheme. It is empty for what is no web address.
func canonical(address string) string {
	u, err := url.Parse(strings.TrimSpace(address))
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return ""
	}
	key := canonicalHost(u) + canonicalPath(u.EscapedPath())
	if query := canonicalQuery(u.RawQuery); query != "" {
		key += "?" + query
	}
	return key
}

func canonicalHost(u *url.URL) string {
	host := strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
	if ascii, err := idna.Lookup.ToASCII(host); err == nil {
		host = ascii
	}
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	if port := u.Port(); port != "" && port != "80" && port != "443" {
		host += ":" + port
	}
	return host
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

// longestKey is how long a key may be; an index of PostgreSQL takes no more than
// 2,704 bytes.
const longestKey = 1024

// sourceKey is the canonical form under which a source is kept. A long one is
// its beginning and its digest.
func sourceKey(address string) string {
	key := canonical(address)
	if len(key) <= longestKey {
		return key
	}
	sum := sha256.Sum256([]byte(key))
	return key[:longestKey] + "#" + hex.EncodeToString(sum[:])
}

// ours is the path of an address on our own site, as it was typed; a query of
// our pages makes no difference. ok is false for other sites.
func (s *site) ours(address string) (path string, ok bool) {
	key := canonical(address)
	key, _, _ = strings.Cut(key, "?")
	rest, ok := strings.CutPrefix(key, s.key)
	if !ok || rest != "" && rest[0] != '/' {
		return "", false
	}
	decoded, err := url.PathUnescape(rest)
	if err != nil {
		return "", false
	}
	if decoded == "" {
		decoded = "/"
	}
	return decoded, true
}

// site is our own address.
type site struct {
	url string // without a trailing slash
	key string // its canonical form
}

func newSite(address string) site { return site{url: address, key: canonical(address)} }
