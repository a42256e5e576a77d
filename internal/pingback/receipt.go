package pingback

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/kolo/xmlrpc"

	"hark/internal/answer"
)

// readAnswer reads a methodResponse. A response that is no fault is success,
// whatever is in it.
func readAnswer(body []byte, header http.Header) (Receipt, error) {
	response, isFault, err := tidy(body, header.Get("Content-Type"))
	if err != nil {
		return Receipt{}, err
	}
	if !isFault {
		return Receipt{Text: answer.Line(responseText(response))}, nil
	}
	f := responseFault(response)
	f.Text = answer.Line(f.Text)
	f.RetryAfter = answer.RetryAfter(header, time.Now())
	return Receipt{}, f
}

// responseText is the string of a response, or nothing when it holds another
// value, which Pingback does not provide for.
func responseText(response xmlrpc.Response) string {
	var text string
	if unmarshal(response, &text) != nil {
		return ""
	}
	return text
}

// responseFault is the fault of a response. One that cannot be read is still
// a fault, and one whose code is a string still has its code.
func responseFault(response xmlrpc.Response) *Fault {
	var read struct {
		Code any `xmlrpc:"faultCode"`
		Text any `xmlrpc:"faultString"`
	}
	unmarshal(response, &read) // what could be read before an error counts
	code, _ := strconv.Atoi(strings.TrimSpace(fmt.Sprint(read.Code)))
	text, _ := read.Text.(string)
	return &Fault{Code: code, Text: text}
}

// unmarshal keeps a panic of the library, which reflects upon what strangers
// send, to this one answer.
func unmarshal(response xmlrpc.Response, into any) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: %v", ErrBadAnswer, p)
		}
	}()
	return response.Unmarshal(into)
}

// tidy checks that a body is a methodResponse and writes it anew, in UTF-8
// without prolog, comments and idle white space, each string in its <string>.
// The library is sure-footed only there: it takes several roots and any depth,
// knows other encodings by a global variable, stops at a comment, and loses the
// fault code beside a faultString that is an empty <value>.
func tidy(body []byte, mediaType string) (response xmlrpc.Response, isFault bool, err error) {
	d, err := newDocument(body, mediaType)
	if err != nil {
		return nil, false, badAnswer(err)
	}
	if err := d.begin("methodResponse"); err != nil {
		return nil, false, badAnswer(err)
	}
	var b bytes.Buffer
	b.WriteString("<methodResponse>")
	first, err := d.copy(&b)
	if err != nil {
		return nil, false, badAnswer(err)
	}
	if first != "params" && first != "fault" {
		return nil, false, badAnswer(errNotAnswer)
	}
	return b.Bytes(), first == "fault", nil
}

// errNotAnswer stands for XML that is not a methodResponse.
var errNotAnswer = errors.New("it holds neither params nor a fault")

func badAnswer(err error) error {
	switch {
	case errors.Is(err, errNotCall):
		return fmt.Errorf("%w: it is XML, but no methodResponse", ErrBadAnswer)
	case errors.Is(err, errNotAnswer):
		return fmt.Errorf("%w: %w", ErrBadAnswer, err)
	}
	return fmt.Errorf("%w: it is no whole XML document", ErrBadAnswer)
}

// copy writes what is left of the document and returns the name of the element
// that comes first, which alone decides what the answer is.
func (d *document) copy(b *bytes.Buffer) (first string, err error) {
	var text bytes.Buffer
	leaf := ""
	for {
		token, err := d.next()
		if err == io.EOF {
			return first, nil
		}
		if err != nil {
			return "", err
		}
		switch t := token.(type) {
		case xml.StartElement:
			if first == "" {
				first = t.Name.Local
			}
			text.Reset()
			leaf = t.Name.Local
			b.WriteString("<" + leaf + ">")
		case xml.CharData:
			text.Write(t)
		case xml.EndElement:
			if leaf != "" {
				writeLeaf(b, leaf, text.Bytes())
			}
			text.Reset()
			leaf = ""
			b.WriteString("</" + t.Name.Local + ">")
		}
	}
}

// writeLeaf writes the text of an element that holds no other.
func writeLeaf(b *bytes.Buffer, name string, text []byte) {
	switch name {
	case "value":
		b.WriteString("<string>")
		xml.EscapeText(b, text) // a bytes.Buffer does not fail
		b.WriteString("</string>")
	case "string":
		xml.EscapeText(b, text)
	default:
		xml.EscapeText(b, bytes.TrimSpace(text))
	}
}
