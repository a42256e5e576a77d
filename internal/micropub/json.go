package micropub

import (
	"encoding/json"
	"maps"
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
		return req, Invalid(`The request must be one JSON object in UTF-8, as in {"type": ["h-entry"], "properties": {"content": ["…"]}}.`)
	}
	if raw, given := object["action"]; given {
		name, err := text("action", raw)
		if err != nil {
			return req, err
		}
		address, err := text("url", object["url"])
		if err != nil {
			return req, err
		}
		if req, err = decodeAction(req, name, address); err != nil || req.action != actionUpdate {
			return req, err
		}
		req.update, err = decodeUpdate(object)
		req.update.URL = address
		return req, err
	}
	req.action = actionCreate
	kind, err := typeOf(object["type"])
	if err != nil {
		return req, err
	}
	req.create, err = decodeProperties(object["properties"])
	req.create.Type = kind
	return req, err
}

// text reads a member that must be a string.
func text(name string, raw json.RawMessage) (string, error) {
	var s *string
	if json.Unmarshal(raw, &s) != nil || s == nil {
		return "", Invalid(`The property %s must be there, as a string: "%[1]s": "…".`, name)
	}
	return *s, nil
}

// typeOf is what the object is: an entry, also when it does not say, or an event.
func typeOf(raw json.RawMessage) (string, error) {
	if raw == nil {
		return "entry", nil
	}
	var types []string
	if json.Unmarshal(raw, &types) != nil || len(types) != 1 || types[0] != "h-entry" && types[0] != "h-event" {
		return "", Invalid(`The property type must be ["h-entry"] or ["h-event"]. Other types are not supported here.`)
	}
	return types[0][2:], nil
}

// sortedNames are the names of members, so that of two faults always the same one
// is named.
func sortedNames(properties map[string]json.RawMessage) []string {
	return slices.Sorted(maps.Keys(properties))
}

// decodeProperties reads the properties of a new post: each is an array.
func decodeProperties(raw json.RawMessage) (Create, error) {
	create := newCreate()
	var properties map[string]json.RawMessage
	if raw != nil && json.Unmarshal(raw, &properties) != nil {
		return create, Invalid(`properties must be an object whose members are arrays, as in {"content": ["…"]}.`)
	}
	for _, name := range sortedNames(properties) {
		values, err := decodeValues(name, properties[name])
		if err != nil {
			return create, err
		}
		if len(values) == 0 {
			continue // nothing said
		}
		if name == "access_token" {
			return create, tokenProperty()
		}
		if err := create.put(name, values); err != nil {
			return create, err
		}
	}
	return create, create.complete()
}

func tokenProperty() error {
	return Invalid("access_token is no property. Send the token in the Authorization header.")
}

// exampleName is a name for an example, which need not repeat an odd one.
func exampleName(name string) string {
	if isName(name) && !strings.HasPrefix(name, "mp-") {
		return name
	}
	return "content"
}
