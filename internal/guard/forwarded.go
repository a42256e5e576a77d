package guard

import (
	"net/http"
	"slices"
	"strings"
)

// unreadable stands for an entry that is no address. The walk ends there: what
// is left of it was written by nobody we know.
const unreadable = "unreadable"

// forwardedFor gives the addresses that a request claims to come through, as
// values of X-Forwarded-For in which every entry is a bare address.
func forwardedFor(h http.Header) []string {
	values := h.Values("X-Forwarded-For")
	split, read := splitXFF, bare
	if len(values) == 0 {
		values = h.Values("Forwarded")
		split, read = splitForwarded, forNode
	}
	clean := make([]string, len(values))
	for i, value := range values {
		entries := split(value)
		for j, entry := range entries {
			entries[j] = read(entry)
		}
		clean[i] = strings.Join(entries, ", ")
	}
	return clean
}

// splitXFF splits a value of X-Forwarded-For; empty entries mean nothing.
func splitXFF(value string) []string {
	return strings.FieldsFunc(value, func(r rune) bool { return r == ',' })
}

// bare reads an entry of X-Forwarded-For, which some proxies write with a port.
func bare(entry string) string {
	entry = strings.TrimSpace(entry)
	if entry == "" {
		return ""
	}
	addr, ok := address(entry)
	if !ok {
		return unreadable
	}
	return addr.String()
}

// splitForwarded splits a value of Forwarded into its elements (RFC 7239 4).
func splitForwarded(value string) []string { return splitUnquoted(value, ',') }

// splitUnquoted splits at each separator outside quoted strings. It reads from
// the right, where the nearest proxy wrote, so that a quote which a client
// leaves open swallows only what is left of it.
func splitUnquoted(value string, separator byte) []string {
	var parts []string
	quoted := false
	end := len(value)
	for i := len(value) - 1; i >= 0; i-- {
		switch value[i] {
		case '"':
			if !quoted || !escaped(value, i) {
				quoted = !quoted
			}
		case separator:
			if !quoted {
				parts = append(parts, value[i+1:end])
				end = i
			}
		}
	}
	parts = append(parts, value[:end])
	slices.Reverse(parts)
	return parts
}

// escaped reports whether an odd number of backslashes stands before value[i].
func escaped(value string, i int) bool {
	before := value[:i]
	return (len(before)-len(strings.TrimRight(before, `\`)))%2 == 1
}

// forNode reads the for parameter of one forwarded element (RFC 7239 4, 6). One
// that is hidden, unknown, missing or there twice is unreadable.
func forNode(element string) string {
	if strings.TrimSpace(element) == "" {
		return ""
	}
	node, seen := "", 0
	for _, pair := range splitUnquoted(element, ';') {
		name, value, _ := strings.Cut(strings.TrimSpace(pair), "=")
		if strings.EqualFold(name, "for") {
			node = value
			seen++
		}
	}
	if inner, quoted := strings.CutPrefix(node, `"`); quoted {
		node = strings.TrimSuffix(inner, `"`)
	}
	if addr, ok := address(node); ok && seen == 1 {
		return addr.String()
	}
	return unreadable
}
