package pingback

import (
	"bytes"
	"encoding/xml"
	"errors"
	"strings"
)

// keptParams is how many parameters of a call are kept. No method of ours takes
// more than two, so the third says that there are too many.
const keptParams = 3

// errNotCall stands for XML that is not an XML-RPC methodCall.
var errNotCall = errors.New("XML, but not a call")

// call is a methodCall as far as our methods need one.
type call struct {
	method string
	params []param
}

// param is one parameter: a string without the white space around it, or
// something else.
type param struct {
	text   string
	string bool
}

// decodeCall reads a methodCall. It returns errNotXML for a body that is not
// XML or not of a kind that we read, and errNotCall for XML of another shape.
func decodeCall(body []byte, mediaType string) (call, error) {
	d, err := newDocument(body, mediaType)
	if err != nil {
		return call{}, err
	}
	c, err := d.call()
	if err == nil || err == errNotCall {
		if broken := d.rest(); broken != nil {
			return call{}, broken
		}
	}
	return c, err
}

// call reads <methodCall><methodName>…</methodName><params>…</params></methodCall>,
// where the params may be missing.
func (d *document) call() (call, error) {
	var c call
	if err := d.begin("methodCall"); err != nil {
		return c, err
	}
	if err := d.begin("methodName"); err != nil {
		return c, err
	}
	name, err := d.text()
	if err != nil {
		return c, err
	}
	c.method = name
	if !isMethodName(c.method) {
		return c, errNotCall
	}
	more, err := d.child("params")
	if err != nil || !more {
		return c, err
	}
	if c.params, err = d.params(); err != nil {
		return c, err
	}
	if more, err = d.child("params"); err == nil && more {
		err = errNotCall
	}
	return c, err
}

// params reads the <param>s up to </params>.
func (d *document) params() ([]param, error) {
	params := make([]param, 0, keptParams)
	for {
		more, err := d.child("param")
		if err != nil || !more {
			return params, err
		}
		p, err := d.param()
		if err != nil {
			return params, err
		}
		if len(params) < keptParams {
			params = append(params, p)
		}
	}
}

// param reads the one <value> of a <param>, and </param>.
func (d *document) param() (param, error) {
	if err := d.begin("value"); err != nil {
		return param{}, err
	}
	p, err := d.value()
	if err != nil {
		return p, err
	}
	more, err := d.child("value")
	if err == nil && more {
		err = errNotCall
	}
	return p, err
}

// value reads up to </value>: text, which is a string, or one typed element.
func (d *document) value() (param, error) {
	var bare []byte
	var typed param
	elements := 0
	for {
		token, err := d.next()
		if err != nil {
			return param{}, err
		}
		switch t := token.(type) {
		case xml.CharData:
			bare = append(bare, t...)
		case xml.StartElement:
			elements++
			if typed, err = d.typed(t.Name); err != nil {
				return param{}, err
			}
		case xml.EndElement:
			bare = bytes.TrimSpace(bare)
			switch {
			case elements == 0:
				return param{text: string(bare), string: true}, nil
			case elements == 1 && len(bare) == 0:
				return typed, nil
			}
			return param{}, nil
		}
	}
}

// typed reads the element that gives a value its type.
func (d *document) typed(name xml.Name) (param, error) {
	if name.Space != "" || name.Local != "string" {
		return param{}, d.skip()
	}
	text, err := d.text()
	return param{text: text, string: true}, err
}

// text reads up to the end of an element that holds text alone.
func (d *document) text() (string, error) {
	var text []byte
	for {
		token, err := d.next()
		if err != nil {
			return "", err
		}
		switch t := token.(type) {
		case xml.CharData:
			text = append(text, t...)
		case xml.StartElement:
			return "", errNotCall
		case xml.EndElement:
			return string(bytes.TrimSpace(text)), nil
		}
	}
}

// begin reads the start of the element that must come next.
func (d *document) begin(name string) error {
	more, err := d.child(name)
	if err == nil && !more {
		return errNotCall
	}
	return err
}

// child reads the start of the element of that name, or the end of the element
// around it, and tells which. Nothing else but white space may come.
func (d *document) child(name string) (bool, error) {
	for {
		token, err := d.next()
		if err != nil {
			return false, err
		}
		switch t := token.(type) {
		case xml.CharData:
			if len(bytes.TrimSpace(t)) > 0 {
				return false, errNotCall
			}
		case xml.StartElement:
			if t.Name.Space != "" || t.Name.Local != name {
				return false, errNotCall
			}
			return true, nil
		case xml.EndElement:
			return false, nil
		}
	}
}

// isMethodName tells whether a name is made of what XML-RPC allows in one.
func isMethodName(name string) bool {
	const allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.:/"
	return name != "" && len(name) <= 100 && strings.Trim(name, allowed) == ""
}
