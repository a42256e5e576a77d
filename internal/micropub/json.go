package micropub

import (
	"encoding/json"
	"slices"
	"strings"
	"unicode/utf8"
)

// decodeJSON reads a post in the shape in which microformats2 are parsed, or an
// action (Micropub, sections 3.3.2 and 3.5).
func decodeJSON(body []byte) (request, error) {
	req := request{parsed: true}
	var object map[string]json.RawMessage
	if !utf8.Valid(body) || json.Unmarshal(body, &object) != nil || object == nil {
		return req, Invalid("The request must be a JSON object.")
	}
	if raw, given := object["action"]; given {
		name, err := text("action", raw)
		if err != nil {
			return req, err
		}
		address, err := text("url", object["url"])
		if err != nil && action(name) != actionUpdate {
			return req, err
		}
		return decodeAction(req, name, address)
	}
	req.action = actionCreate
	if err := checkType(object["type"]); err != nil {
		return req, err
	}
	var err error
	req.create, err = decodeProperties(object["properties"])
	return req, err
}

// text reads a member that must be a string.
func text(name string, raw json.RawMessage) (string, error) {
	var s *string
	if json.Unmarshal(raw, &s) != nil || s == nil {
		return "", Invalid("The property %s must be a string.", name)
	}
	return *s, nil
}

// checkType holds that the object is an entry, which it also is when it does
// not say.
func checkType(raw json.RawMessage) error {
	if raw == nil {
		return nil
	}
	var types []string
	if json.Unmarshal(raw, &types) != nil || !slices.Equal(types, []string{"h-entry"}) {
		return Invalid(`The property type must be ["h-entry"]. Other types are not supported here.`)
	}
	return nil
}

// decodeProperties reads the properties of a new post: each is an array.
func decodeProperties(raw json.RawMessage) (Create, error) {
	create := newCreate()
	var properties map[string]json.RawMessage
	if raw != nil && json.Unmarshal(raw, &properties) != nil {
		return create, Invalid("properties must be an object whose members are arrays.")
	}
	names := make([]string, 0, len(properties))
	for name := range properties {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		var values []any
		if json.Unmarshal(properties[name], &values) != nil || values == nil {
			return create, Invalid(`The property %s must be an array, as in "%s": ["…"].`, shorten(name), exampleName(name))
		}
		if len(values) == 0 {
			continue // nothing said
		}
		if name == "access_token" {
			return create, Invalid("access_token is no property. Send the token in the Authorization header.")
		}
		if err := create.put(name, values); err != nil {
			return create, err
		}
	}
	return create, create.complete()
}

// exampleName is a name for an example, which need not repeat an odd one.
func exampleName(name string) string {
	if isName(name) && !strings.HasPrefix(name, "mp-") {
		return name
	}
	return "content"
}
