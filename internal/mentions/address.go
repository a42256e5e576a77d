package mentions

import (
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
	key := canonicalHost(u) + canonicalPath(u.Path)
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

// canonicalPath takes a decoded path and escapes it in one way.
func canonicalPath(decoded string) string {
	clean := path.Clean("/" + decoded)
	if clean == "/" {
		return ""
	}
	return (&url.URL{Path: clean}).EscapedPath()
}

// canonicalQuery leaves out what only says how a reader came.
func canonicalQuery(query string) string {
	var kept []string
	for _, pair := range strings.Split(query, "&") {
		name, _, _ := strings.Cut(pair, "=")
		if pair != "" && !tracks(strings.ToLower(name)) {
			if decoded, err := url.QueryUnescape(pair); err == nil && !strings.ContainsAny(decoded, "&+%") {
				pair = decoded
			}
			kept = append(kept, pair)
		}
	}
	return strings.Join(kept, "&")
}

func tracks(name string) bool {
	switch name {
	case "fbclid", "gclid", "dclid", "gbraid", "wbraid", "msclkid", "yclid", "twclid", "igshid", "mc_cid", "mc_eid", "mkt_tok", "_ga", "_gl":
		return true
	}
	return strings.HasPrefix(name, "utm_") || strings.HasPrefix(name, "pk_") || strings.HasPrefix(name, "mtm_")
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
