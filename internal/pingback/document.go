package pingback

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"mime"
	"strings"

	"golang.org/x/net/html/charset"
)

// maxBody bounds a call and an answer, in bytes.
const maxBody = 64 << 10

// maxDepth bounds how deep elements may stand in one another. The deepest call
// that XML-RPC clients are known to send, a multicall, has fourteen levels.
const maxDepth = 16

// maxTokens bounds the work that one body can cause: 64 KiB hold sixteen
// thousand elements, and a ping needs about thirty tokens.
const maxTokens = 4096

// errNotXML stands for everything that is no document we would read on.
var errNotXML = errors.New("not an XML document")

// document reads the tokens of an XML document strictly: one root, no DOCTYPE,
// no declaration but the first, nothing but white space around the root, no
// deeper than maxDepth, no longer than maxTokens. Comments and processing
// instructions are left out.
type document struct {
	tokens *xml.Decoder
	read   int
	depth  int
	roots  int
}

// newDocument begins to read a body. A byte order mark names the encoding,
// else the XML declaration, else the charset of the media type. The declaration
// goes before the media type because common senders fill in the latter blindly.
func newDocument(body []byte, mediaType string) (*document, error) {
	body, label := cutMark(body)
	if label != "" {
		var err error
		if body, err = decoded(body, label); err != nil {
			return nil, err
		}
	}
	body = bytes.TrimLeft(body, " \t\r\n")
	if len(body) == 0 || body[0] != '<' {
		return nil, errNotXML
	}
	declared, body, err := cutDeclaration(body)
	if err != nil {
		return nil, err
	}
	if label == "" {
		if declared == "" {
			declared = charsetOf(mediaType)
		}
		if body, err = decoded(body, declared); err != nil {
			return nil, err
		}
	}
	return &document{tokens: xml.NewDecoder(bytes.NewReader(body))}, nil
}

// cutMark removes a byte order mark and names the encoding that it, or the
// zero bytes about the first bracket, give away (XML 1.0, appendix F).
func cutMark(body []byte) (rest []byte, label string) {
	switch {
	case bytes.HasPrefix(body, []byte("\xef\xbb\xbf")):
		return body[3:], "utf-8"
	case bytes.HasPrefix(body, []byte("\xfe\xff")):
		return body[2:], "utf-16be"
	case bytes.HasPrefix(body, []byte("\xff\xfe")):
		return body[2:], "utf-16le"
	case bytes.HasPrefix(body, []byte("\x00<")):
		return body, "utf-16be"
	case bytes.HasPrefix(body, []byte("<\x00")):
		return body, "utf-16le"
	}
	return body, ""
}

// cutDeclaration removes the XML declaration, if there is one, and returns the
// encoding it names.
func cutDeclaration(body []byte) (label string, rest []byte, err error) {
	after, found := bytes.CutPrefix(body, []byte("<?xml"))
	if !found || len(after) == 0 || !isSpace(after[0]) {
		return "", body, nil
	}
	declaration, rest, closed := bytes.Cut(after, []byte("?>"))
	if !closed {
		return "", nil, errNotXML
	}
	_, value, found := bytes.Cut(declaration, []byte("encoding"))
	if !found {
		return "", rest, nil
	}
	value = bytes.TrimLeft(value, " \t\r\n")
	value, equals := bytes.CutPrefix(value, []byte("="))
	value = bytes.TrimLeft(value, " \t\r\n")
	if !equals || len(value) == 0 || (value[0] != '"' && value[0] != '\'') {
		return "", nil, errNotXML
	}
	name, _, closed := bytes.Cut(value[1:], value[:1])
	if !closed || len(name) == 0 {
		return "", nil, errNotXML
	}
	return string(name), rest, nil
}

func isSpace(b byte) bool {
	return b == ' ' || b == '\t' || b == '\r' || b == '\n'
}

// charsetOf is the charset parameter of a Content-Type, or nothing.
func charsetOf(mediaType string) string {
	if !strings.Contains(mediaType, "charset") {
		return ""
	}
	_, params, err := mime.ParseMediaType(mediaType)
	if err != nil {
		return ""
	}
	return params["charset"]
}

// decoded is the body in UTF-8.
func decoded(body []byte, label string) ([]byte, error) {
	if label == "" || strings.EqualFold(label, "utf-8") {
		return body, nil
	}
	encoding, name := charset.Lookup(label)
	if encoding == nil {
		return nil, errNotXML
	}
	if name == "utf-8" {
		return body, nil
	}
	body, err := encoding.NewDecoder().Bytes(body)
	if err != nil {
		return nil, errNotXML
	}
	return body, nil
}

// next is the next start, end or text. It returns io.EOF after a document that
// is whole, and errNotXML for one that is not.
func (d *document) next() (xml.Token, error) {
	for d.read < maxTokens {
		d.read++
		token, err := d.tokens.Token()
		if err == io.EOF && d.roots == 1 {
			return nil, io.EOF
		}
		if err != nil {
			return nil, errNotXML
		}
		switch t := token.(type) {
		case xml.StartElement:
			return token, d.down()
		case xml.EndElement:
			d.depth--
			return token, nil
		case xml.CharData:
			if d.depth > 0 {
				return token, nil
			}
			if len(bytes.Trim(t, " \t\r\n")) > 0 {
				return nil, errNotXML
			}
		case xml.ProcInst:
			if strings.EqualFold(t.Target, "xml") {
				return nil, errNotXML
			}
		case xml.Directive:
			return nil, errNotXML
		}
	}
	return nil, errNotXML
}

// down counts an element that begins.
func (d *document) down() error {
	if d.depth == 0 {
		d.roots++
	}
	d.depth++
	if d.roots > 1 || d.depth > maxDepth {
		return errNotXML
	}
	return nil
}

// rest reads to the end, to learn whether the document is whole.
func (d *document) rest() error {
	for {
		_, err := d.next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// skip reads to the end of the element that has just begun.
func (d *document) skip() error {
	for around := d.depth - 1; d.depth > around; {
		if _, err := d.next(); err != nil {
			return err
		}
	}
	return nil
}
