package answer

import (
	"net/http"
	"strings"
)

// Link is an address with its relations, as they stand in a Link header.
type Link struct{ Href, Rel string }

// Links reads Link headers (RFC 8288 §3). A comma or a semicolon inside angle
// brackets parts nothing.
func Links(header http.Header) (links []Link) {
	for _, value := range header.Values("Link") {
		for value != "" {
			var one string
			one, value = cutOutside(value, ',')
			if l, ok := parseLink(one); ok {
				links = append(links, l)
			}
		}
	}
	return links
}

// parseLink reads <address>; rel=…; of several rel the first counts.
func parseLink(value string) (l Link, ok bool) {
	value = strings.TrimSpace(value)
	if !strings.HasPrefix(value, "<") {
		return Link{}, false
	}
	l.Href, value, ok = strings.Cut(value[1:], ">")
	if !ok {
		return Link{}, false
	}
	for value != "" {
		var parameter string
		parameter, value = cutOutside(value, ';')
		name, rel, has := strings.Cut(parameter, "=")
		if has && strings.EqualFold(strings.TrimSpace(name), "rel") {
			l.Rel = unquote(strings.TrimSpace(rel))
			return l, true
		}
	}
	return Link{}, false
}

// cutOutside cuts at the first separator that stands neither in angle brackets
// nor in quotes.
func cutOutside(s string, separator byte) (before, after string) {
	var inside byte
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case inside == '"' && c == '\\':
			i++
		case inside != 0:
			if c == inside {
				inside = 0
			}
		case c == '<':
			inside = '>'
		case c == '"':
			inside = '"'
		case c == separator:
			return s[:i], s[i+1:]
		}
	}
	return s, ""
}

func unquote(s string) string {
	if len(s) < 2 || s[0] != '"' || s[len(s)-1] != '"' {
		return s
	}
	var plain strings.Builder
	for i := 1; i < len(s)-1; i++ {
		if s[i] == '\\' && i+1 < len(s)-1 {
			i++
		}
		plain.WriteByte(s[i])
	}
	return plain.String()
}
