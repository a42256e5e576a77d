package indieauth

import (
	"errors"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

const maxAddress = 2048

// What is wrong with an address, in half a sentence.
var (
	errForm     = errors.New("is no whole web address in plain letters")
	errLong     = errors.New("is too long")
	errScheme   = errors.New("has to begin with https:// or http://")
	errUser     = errors.New("must not hold a user name")
	errFragment = errors.New("must not hold a fragment")
	errDots     = errors.New("must not hold . or .. in its path")
	errHost     = errors.New("needs a host that is a domain name, or 127.0.0.1 or [::1]")
	errPort     = errors.New("has a port that is none")
)

// Client is the one spelling of an app's address (sections 3.3 and 3.4).
func Client(address string) (string, error) {
	u, err := parse(address)
	if err != nil {
		return "", err
	}
	if err := web(u); err != nil {
		return "", err
	}
	if dotted(u) {
		return "", errDots
	}
	return spell(u), nil
}

// User is the one spelling of a user's address (sections 3.2 and 3.4), which
// has a domain name and no port.
func User(address string) (string, error) {
	canonical, err := Client(address)
	if err != nil {
		return "", err
	}
	u, err := url.Parse(canonical)
	if err != nil {
		return "", errForm
	}
	if u.Port() != "" {
		return "", errPort
	}
	if loopback(u.Hostname()) {
		return "", errHost
	}
	return canonical, nil
}

// parse takes in an address that every program reads alike: printable ASCII
// without the signs that browsers mend, no user, no fragment.
func parse(address string) (*url.URL, error) {
	if len(address) > maxAddress {
		return nil, errLong
	}
	strange := func(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune("\\\"<>`{}|^", r) }
	if strings.ContainsFunc(address, strange) {
		return nil, errForm
	}
	u, err := url.Parse(address)
	switch {
	case err != nil || u.Scheme == "":
		return nil, errForm
	case u.User != nil:
		return nil, errUser
	case strings.Contains(address, "#"):
		return nil, errFragment
	}
	return u, nil
}

// web checks that an address is one of the web, and puts its host in lower case.
func web(u *url.URL) error {
	if u.Scheme != "https" && u.Scheme != "http" {
		return errScheme
	}
	if u.Opaque != "" {
		return errForm
	}
	u.Host = strings.ToLower(u.Host)
	if !domain(u.Hostname()) && !loopback(u.Hostname()) {
		return errHost
	}
	port := u.Port()
	if n, err := strconv.Atoi(port); port != "" && (err != nil || n < 1 || n > 65535 || port[0] == '0') || strings.HasSuffix(u.Host, ":") {
		return errPort
	}
	return nil
}

func loopback(host string) bool { return host == "127.0.0.1" || host == "::1" }

// domain tells whether a host is a name, and none that browsers take for a
// number (URL Standard, "ends in a number").
func domain(host string) bool {
	labels := strings.Split(host, ".")
	for _, label := range labels {
		if label == "" || len(label) > 63 || strings.Trim(label, "abcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
			return false
		}
	}
	last := labels[len(labels)-1]
	return len(host) <= 253 && strings.Trim(last, "0123456789") != "" && !strings.HasPrefix(last, "0x")
}

// dotted tells whether the path goes up or stands still, spelled in any way.
func dotted(u *url.URL) bool {
	return slices.ContainsFunc(strings.Split(u.EscapedPath(), "/"), func(segment string) bool {
		plain := strings.ReplaceAll(strings.ToLower(segment), "%2e", ".")
		return plain == "." || plain == ".."
	})
}

// spell writes an address of the web that was checked.
func spell(u *url.URL) string {
	path := u.EscapedPath()
	if path == "" {
		path = "/"
	}
	if u.RawQuery != "" || u.ForceQuery {
		path += "?" + u.RawQuery
	}
	return origin(u) + path
}

// origin is scheme, host and port, the usual port left out. Of an address that is
// not of the web it is the scheme.
func origin(u *url.URL) string {
	switch port := u.Port(); {
	case u.Scheme != "https" && u.Scheme != "http":
		return u.Scheme + ":"
	case u.Scheme == "https" && port == "443", u.Scheme == "http" && port == "80":
		return u.Scheme + "://" + strings.TrimSuffix(u.Host, ":"+port)
	}
	return u.Scheme + "://" + u.Host
}

// Host is host and port of a canonical address, for people.
func Host(canonical string) string {
	u, err := url.Parse(canonical)
	if err != nil {
		return canonical
	}
	if u.Host == "" {
		return u.Scheme + ":"
	}
	return u.Host
}

// native tells whether a scheme can be that of an app on a phone or a computer,
// and not one that a browser would do something by.
func native(scheme string) bool {
	switch scheme {
	case "javascript", "data", "vbscript", "file", "blob", "about", "filesystem", "view-source", "ftp", "ws", "wss", "mailto", "tel", "sms", "intent":
		return false
	}
	return strings.Trim(scheme, "abcdefghijklmnopqrstuvwxyz0123456789+.-") == ""
}
