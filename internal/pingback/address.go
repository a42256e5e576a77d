package pingback

import (
	"net/url"
	"strconv"
	"strings"
)

// maxAddress bounds an address, in bytes.
const maxAddress = 2048

// parseAddress reads an absolute http or https address without a user. What is
// wrong with any other is said so that it reads after "the source ".
func parseAddress(address string) (u *url.URL, wrong string) {
	if address == "" {
		return nil, "is empty"
	}
	if len(address) > maxAddress {
		return nil, "is longer than 2048 bytes"
	}
	if strings.ContainsFunc(address, notInAddress) {
		return nil, "has white space or control characters in it"
	}
	u, err := url.Parse(address)
	if err != nil || !u.IsAbs() || u.Hostname() == "" {
		return nil, "is not an absolute address"
	}
	if u.Scheme != "http" && u.Scheme != "https" {
		return nil, "is not an http or https address"
	}
	if u.User != nil {
		return nil, "has a user name in it"
	}
	if port := u.Port(); port != "" {
		if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
			return nil, "has a port that does not exist"
		}
	}
	return u, ""
}

func notInAddress(r rune) bool {
	return r <= ' ' || r == 0x7f
}

// sameResource compares two addresses as far as their form shows it, without
// knowing the site.
func sameResource(a, b *url.URL) bool {
	return strings.EqualFold(a.Host, b.Host) &&
		strings.TrimSuffix(a.EscapedPath(), "/") == strings.TrimSuffix(b.EscapedPath(), "/") &&
		a.RawQuery == b.RawQuery
}
