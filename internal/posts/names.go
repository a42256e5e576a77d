package posts

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"golang.org/x/net/idna"
)

// names makes a link of @example.org: whoever lives at that address is known by
// it. A name of a service, like @wren@social.example, does not say where its page
// is, and stays as it was typed.
type names struct{}

// Trigger is the sign.
func (names) Trigger() []byte { return []byte{'@'} }

// Parse reads a name.
func (names) Parse(_ ast.Node, block text.Reader, _ parser.Context) ast.Node {
	line, at := block.PeekLine()
	host := hostName(line[1:])
	if host == "" || !maySign(block.PrecendingCharacter()) {
		return nil
	}
	ascii, err := idna.Lookup.ToASCII(host)
	if err != nil {
		return nil
	}
	return mark(block, at, len("@"+host), &marked{address: "https://" + ascii + "/"})
}

// maxHost is how long the name of a host is at most, in bytes.
const maxHost = 253

// hostName is the name of a host at the beginning of a text, empty for none: of
// two parts at least, with nothing behind it that makes it something else.
func hostName(rest []byte) string {
	n := 0
	for n < len(rest) && n <= maxHost {
		r, size := utf8.DecodeRune(rest[n:])
		if !unicode.In(r, unicode.L, unicode.M, unicode.Nd) && r != '-' && r != '.' {
			break
		}
		n += size
	}
	host := strings.TrimRight(string(rest[:n]), ".-")
	after := rest[len(host):]
	if n > maxHost || bytes.HasPrefix(after, []byte("@")) || bytes.HasPrefix(after, []byte("_")) || len(after) > 1 && (after[0] == '/' || after[0] == ':') && isWordy(rune(after[1])) {
		return ""
	}
	parts := strings.Split(host, ".")
	if last := parts[len(parts)-1]; len(parts) < 2 || len(last) < 2 || strings.ContainsFunc(last, unicode.IsDigit) && !strings.HasPrefix(last, "xn--") {
		return ""
	}
	for _, part := range parts {
		if part == "" || part[0] == '-' || part[len(part)-1] == '-' || len(part) > 63 {
			return ""
		}
	}
	return host
}
