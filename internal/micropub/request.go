package micropub

import (
	"mime"
	"net/url"
	"strings"
)

// The media types of requests.
const (
	formType      = "application/x-www-form-urlencoded"
	multipartType = "multipart/form-data"
	jsonType      = "application/json"
)

// action is what a POST asks for, in the word that also names the scope it
// needs. It is empty for what cannot be fulfilled.
type action string

const (
	actionCreate   action = "create"
	actionDelete   action = "delete"
	actionUndelete action = "undelete"
	actionUpdate   action = "update"
)

// request is a POST once it is read.
type request struct {
	parsed bool     // the body was of the form it claims to be
	tokens []string // what stood in access_token
	action action
	url    string // what to delete or bring back
	create Create
	update Update
}

// mediaType is a Content-Type without its parameters.
func mediaType(contentType string) string {
	kind, _, _ := strings.Cut(contentType, ";")
	return strings.ToLower(strings.TrimSpace(kind))
}

// boundaryOf is the boundary that a Content-Type names of a form in parts, empty for
// none.
func boundaryOf(contentType string) string {
	kind, params, err := mime.ParseMediaType(contentType)
	if err != nil || kind != multipartType {
		return ""
	}
	return params["boundary"]
}

// decode reads a whole body (Micropub, section 3.2). Forms in parts are read while
// they come.
func decode(contentType string, body []byte) (request, error) {
	switch mediaType(contentType) {
	case formType:
		values, err := url.ParseQuery(string(body))
		if err != nil {
			return request{}, Invalid("The form is not encoded as %s: in it, a percent sign comes before two hexadecimal digits.", formType)
		}
		return decodeForm(values)
	case multipartType:
		return request{}, Invalid("The Content-Type names no boundary. It is written like %s; boundary=…", multipartType)
	case jsonType:
		return decodeJSON(body)
	}
	return request{}, Invalid("The Content-Type must be %s, %s or %s.", formType, multipartType, jsonType)
}

// decodeAction reads what is asked of an existing post.
func decodeAction(req request, name, address string) (request, error) {
	switch a := action(name); a {
	case actionDelete, actionUndelete:
		req.action, req.url = a, address
	case actionUpdate:
		req.action, req.url, req.update.URL = a, address, address
	default:
		return req, Invalid("The action %s is unknown. It can be update, delete or undelete.", shorten(name))
	}
	if u, err := url.Parse(address); err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return req, Invalid("The property url must be the absolute address of the post to %s.", name)
	}
	return req, nil
}

// put sorts a property of a new post into the post or the commands.
func (c *Create) put(name string, values []any) error {
	if !isName(name) {
		return noName(name)
	}
	if strings.HasPrefix(name, "mp-") {
		c.Commands[name] = append(c.Commands[name], values...)
		return nil
	}
	c.Properties[name] = append(c.Properties[name], values...)
	return nil
}

// isName tells whether a property can have that name.
func isName(name string) bool {
	const allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"
	return name != "" && len(name) <= 100 && strings.Trim(name, allowed) == ""
}

// newCreate is an entry without properties.
func newCreate() Create {
	return Create{Type: "entry", Properties: Properties{}, Commands: map[string][]any{}}
}

// complete refuses an empty post.
func (c Create) complete() error {
	if len(c.Properties) == 0 {
		return Invalid("The post is empty. It needs at least one property, such as content.")
	}
	return nil
}
