package site

import (
	"html"
	"net/url"
	"strings"

	"hark/internal/page"
)

// absolute makes the addresses in a post's HTML whole, since a feed is read
// elsewhere. The HTML was cleaned when it was kept: attributes stand in double
// quotes, and outside of tags there are none, so that ` href="` is an attribute.
func absolute(markup, address string) string {
	base, err := url.Parse(address)
	if err != nil {
		return markup
	}
	for _, attribute := range [...]string{` href="`, ` src="`, ` cite="`} {
		markup = resolveAll(markup, attribute, base)
	}
	return markup
}

func resolveAll(markup, attribute string, base *url.URL) string {
	if !strings.Contains(markup, attribute) {
		return markup
	}
	var b strings.Builder
	b.Grow(len(markup) + 256)
	for {
		before, rest, found := strings.Cut(markup, attribute)
		b.WriteString(before)
		if !found {
			return b.String()
		}
		b.WriteString(attribute)
		if markup = rest; strings.Count(before, `"`)%2 == 1 { // the end of what another attribute says
			continue
		}
		value, after, _ := strings.Cut(rest, `"`)
		b.WriteString(resolve(value, base))
		b.WriteByte('"')
		markup = after
	}
}

// wholeAddress is the address of a file as it is seen from a page.
func wholeAddress(file, from string) string {
	base, err := url.Parse(from)
	if err != nil || page.OnWeb(file) {
		return file
	}
	return html.UnescapeString(resolve(html.EscapeString(file), base))
}

// resolve leaves what is absolute as it was typed.
func resolve(value string, base *url.URL) string {
	if page.OnWeb(value) || strings.HasPrefix(value, "mailto:") {
		return value
	}
	u, err := base.Parse(html.UnescapeString(value))
	if err != nil {
		return value
	}
	return html.EscapeString(u.String())
}
