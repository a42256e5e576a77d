// Package source reads a page of another site: whether it links to us, what its
// entry says, and what it says of itself.
package source

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"hark/internal/fetch"
)

// Why a source cannot be read.
var (
	ErrNotText = errors.New("the source is not a text that can hold a link")
	ErrTooDeep = errors.New("the source is nested too deeply to be read")
)

const (
	maxBase    = 2048 // bytes of a <base> address; a longer one is ignored
	maxClasses = 1000 // bytes of classes looked at
)

// Source is a page of another site, parsed once: as HTML (root), as JSON (data),
// or as plain text (text).
type Source struct {
	address *url.URL // where it was found in the end
	base    *url.URL // what its links are relative to
	root    *html.Node
	data    any
	text    string
}

// Read parses what was fetched, by its content type and by its look.
func Read(p *fetch.Page) (*Source, error) {
	s := &Source{address: p.URL, base: p.URL}
	declared := p.Header.Get("Content-Type")
	switch form(declared, p.Body) {
	case formHTML:
		return s, s.parseHTML(decode(p.Body, declared))
	case formJSON:
		return s, s.parseJSON(decode(p.Body, "application/json; charset=utf-8"))
	case formText:
		s.text = string(decode(p.Body, declared))
		return s, nil
	}
	return nil, fmt.Errorf("read %s: %w", p.URL, ErrNotText)
}

// parseHTML builds the tree and settles the base address.
func (s *Source) parseHTML(body []byte) error {
	if explodes(body) {
		return fmt.Errorf("read %s: %w", s.address, ErrTooDeep)
	}
	root, err := html.Parse(bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("read %s: %w: %v", s.address, ErrTooDeep, err)
	}
	s.root = root
	s.settleBase()
	return nil
}

// settleBase takes the first usable <base>, and the address off every other,
// so that whoever reads the tree resolves links alike (HTML §4.2.3).
func (s *Source) settleBase() {
	first := true
	for n := range s.elements() {
		if n.DataAtom != atom.Base || n.Namespace != "" || !hasAttr(n, "href") {
			continue
		}
		base, err := s.address.Parse(strings.TrimSpace(attr(n, "href")))
		if first && err == nil && isWeb(base) && len(attr(n, "href")) <= maxBase {
			s.base = base
		} else {
			n.Attr = nil
		}
		first = false
	}
}

// parseJSON reads a JSON document. One that is cut or broken holds nothing.
func (s *Source) parseJSON(body []byte) error {
	if err := json.Unmarshal(body, &s.data); err != nil {
		s.data = nil
	}
	return nil
}

// The forms in which a source can be read.
const (
	formNone = iota
	formHTML
	formJSON
	formText
)

// form tells how to read a body: as declared, unless it is plainly something
// else; by its look when nothing useful is declared.
func form(declared string, body []byte) int {
	media, _, err := mime.ParseMediaType(declared)
	if err != nil {
		media = strings.ToLower(strings.TrimSpace(strings.Split(declared, ";")[0]))
	}
	if isBinary(body) {
		return formNone
	}
	switch {
	case media == "" || media == "application/octet-stream":
		return formByLook(body)
	case strings.HasSuffix(media, "html"), strings.HasSuffix(media, "xml"), strings.HasPrefix(media, "application/xhtml"):
		return formHTML
	case strings.HasSuffix(media, "json"):
		return formJSON
	case strings.HasPrefix(media, "text/"):
		return formText
	}
	return formNone
}

// formByLook guesses the form of a body that comes without a content type.
func formByLook(body []byte) int {
	if !strings.HasPrefix(http.DetectContentType(body), "text/") {
		return formNone
	}
	switch start := bytes.TrimLeft(body, "\ufeff \t\r\n"); {
	case bytes.HasPrefix(start, []byte("<")), bytes.HasPrefix(body, []byte("\xff\xfe<")), bytes.HasPrefix(body, []byte("\xfe\xff\x00<")):
		return formHTML
	case json.Valid(body):
		return formJSON
	}
	return formText
}

// isBinary tells whether a body is an image, an archive or the like, whatever
// it was declared to be. Some signatures are words that a text may begin with,
// so a control character is asked for beside them.
func isBinary(body []byte) bool {
	head := body[:min(len(body), 512)]
	sniffed, _, _ := strings.Cut(http.DetectContentType(head), ";")
	switch {
	case sniffed == "application/pdf", sniffed == "application/postscript":
		return true
	case strings.HasPrefix(sniffed, "text/"), sniffed == "application/octet-stream":
		return false
	}
	return bytes.ContainsFunc(head, func(r rune) bool { return r < '\t' || 0x0e <= r && r < 0x1b })
}

// isWeb tells whether u is an absolute http or https address.
func isWeb(u *url.URL) bool {
	return u != nil && u.Host != "" && (u.Scheme == "http" || u.Scheme == "https")
}

// classes lists the classes of n, of a reasonable number.
func classes(n *html.Node) []string {
	value := attr(n, "class")
	if value == "" {
		return nil
	}
	return strings.Fields(value[:min(len(value), maxClasses)])
}

// attr returns the value of the attribute key of n.
func attr(n *html.Node, key string) string {
	for i := range n.Attr {
		if n.Attr[i].Key == key && n.Attr[i].Namespace == "" {
			return n.Attr[i].Val
		}
	}
	return ""
}

func hasAttr(n *html.Node, key string) bool {
	for i := range n.Attr {
		if n.Attr[i].Key == key && n.Attr[i].Namespace == "" {
			return true
		}
	}
	return false
}
