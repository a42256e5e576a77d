package posts

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"golang.org/x/net/idna"

	"hark/internal/auth"
)

// names makes a link of @example.org: whoever lives at that address is known by
// it; and of @wren, if that is what the page of somebody is called who writes here.
// A name of a service, like @wren@social.example, does not say where its page is,
// and stays as it was typed.
type names struct{}

// Trigger is the sign.
func (names) Trigger() []byte { return []byte{'@'} }

// Parse reads a name.
func (names) Parse(_ ast.Node, block text.Reader, pc parser.Context) ast.Node {
	line, at := block.PeekLine()
	if !maySign(block.PrecendingCharacter()) {
		return nil
	}
	host := hostName(line[1:])
	if host == "" {
		name := pageName(line[1:])
		if path := asOf(pc).Authors[strings.ToLower(name)]; path != "" {
			return mark(block, at, len("@"+name), &marked{address: path})
		}
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
	if n > maxHost || bytes.HasPrefix(after, []byte("_")) || goesOn(after, "/:") {
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

// goesOn tells whether what follows makes something else of a name: it is one of a
// service, or one of these signs parts it from more.
func goesOn(after []byte, signs string) bool {
	return bytes.HasPrefix(after, []byte("@")) || len(after) > 1 && strings.IndexByte(signs, after[0]) >= 0 && isWordy(rune(after[1]))
}

// maxPageName is how long the name of an author's page is at most, in bytes, and
// mostPageNames how many of one text are looked for.
const (
	maxPageName   = 80
	mostPageNames = 100
)

// pageName is what may be the name of an author's page at the beginning of a text,
// in letters of any size; empty for none.
func pageName(rest []byte) string {
	n := 0
	for n < len(rest) && n <= maxPageName && rest[n] < utf8.RuneSelf && (isWordy(rune(rest[n])) || rest[n] == '-' || rest[n] == '_') {
		n++
	}
	name := strings.TrimRight(string(rest[:n]), "-_")
	after, _ := utf8.DecodeRune(rest[len(name):])
	if n > maxPageName || isWordy(after) || goesOn(rest[len(name):], "./:") {
		return ""
	}
	return name
}

// authorsIn are the paths of the pages of those who write here and whom a text may
// name, by the names of the pages in small letters.
func (s *Store) authorsIn(ctx context.Context, text string) (map[string]string, error) {
	var called []string
	for len(called) < mostPageNames {
		_, rest, found := strings.Cut(text, "@")
		if !found {
			break
		}
		if name := strings.ToLower(pageName([]byte(rest[:min(len(rest), maxPageName+2)]))); name != "" && !slices.Contains(called, name) {
			called = append(called, name)
		}
		text = rest
	}
	return auth.PagesCalled(ctx, s.db, s.HasListed, called...)
}
