package page

import (
	"net/http"
	"strings"
)

// An encoding is a form in which we can send a body (RFC 9110, section 8.4.1).
type encoding int

// The encodings in the order in which we prefer them when a client does not care.
const (
	brotliEncoding encoding = iota
	gzipEncoding
	identity
	encodings
)

// acceptance is how much a client wants each encoding, in thousandths.
// 0 means that it must not be sent.
type acceptance [encodings]int

// unsaid marks an encoding that the client has not named.
const unsaid = -1

// accepted reads Accept-Encoding (RFC 9110, section 12.5.3) without allocating.
// What it cannot read it skips: a broken header costs the client compression only.
func accepted(h http.Header) acceptance {
	got := acceptance{unsaid, unsaid, unsaid}
	others := unsaid
	for _, line := range h["Accept-Encoding"] {
		for line != "" {
			var item string
			item, line, _ = strings.Cut(line, ",")
			name, weight := weighted(item)
			switch {
			case strings.EqualFold(name, "br"):
				got[brotliEncoding] = weight
			case strings.EqualFold(name, "gzip"), strings.EqualFold(name, "x-gzip"):
				got[gzipEncoding] = weight
			case strings.EqualFold(name, "identity"):
				got[identity] = weight
			case name == "*":
				others = weight
			}
		}
	}
	return got.completed(others)
}

// completed fills in what was not named: it is whatever "*" says; without one a
// compressed form is unwanted, and the plain one is welcome, but last.
func (a acceptance) completed(others int) acceptance {
	for e := range a {
		switch {
		case a[e] != unsaid:
		case others != unsaid:
			a[e] = others
		case encoding(e) == identity:
			a[e] = 1
		default:
			a[e] = 0
		}
	}
	return a
}

// weighted splits "gzip;q=0.8" into its name and 800. A weight that cannot be
// read counts as 0, so that what a client garbled is not sent to it.
func weighted(item string) (name string, weight int) {
	name, params, found := strings.Cut(item, ";")
	name = strings.Trim(name, " \t")
	if !found {
		return name, 1000
	}
	params = strings.Trim(params, " \t")
	if len(params) < 3 || params[0]|0x20 != 'q' || params[1] != '=' {
		return name, 0
	}
	return name, thousandths(params[2:])
}

// thousandths reads a weight: "0" or "1", perhaps with up to three decimals
// (RFC 9110, section 12.4.2).
func thousandths(s string) int {
	if s[0] != '0' && s[0] != '1' || len(s) > 5 || len(s) > 1 && s[1] != '.' {
		return 0
	}
	value, unit := int(s[0]-'0')*1000, 100
	for i := 2; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return 0
		}
		value += int(s[i]-'0') * unit
		unit /= 10
	}
	if value > 1000 {
		return 0
	}
	return value
}
