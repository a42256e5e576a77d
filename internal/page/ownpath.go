package page

import (
	"net/url"
	"strings"
	"unicode"
)

// OwnPath tells whether next is a path of ours: whoever can make a link here must not
// choose the site that it leads to (security.md §5). Browsers take a backslash for a
// slash and drop tabs and line ends, so neither may stand there.
func OwnPath(next string) bool {
	if !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") || strings.Contains(next, `\`) ||
		strings.ContainsFunc(next, unicode.IsControl) {
		return false
	}
	u, err := url.Parse(next)
	return err == nil && u.Scheme == "" && u.Host == "" && u.User == nil && !strings.HasPrefix(u.Path, "//") && !strings.Contains(u.Path, `\`)
}
