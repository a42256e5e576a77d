package micropub

import (
	"encoding/json"
)

// decodeUpdate reads what is to be changed (Micropub, section 3.4): each of
// replace, add and delete an object whose members are arrays, or for delete a list
// of names, too.
func decodeUpdate(object map[string]json.RawMessage) (u Update, err error) {
	for _, part := range []struct {
		name string
		to   *Properties
	}{{"replace", &u.Replace}, {"add", &u.Add}, {"delete", &u.Delete}} {
		raw, given := object[part.name]
		if !given {
			continue
		}
		if part.name == "delete" && json.Unmarshal(raw, &u.Drop) == nil {
			continue
		}
		u.Drop = nil
		if *part.to, err = decodeChanges(part.name, raw); err != nil {
			return u, err
		}
	}
	for _, name := range u.Drop {
		if !isName(name) {
			return u, noName(name)
		}
	}
	if len(u.Replace)+len(u.Add)+len(u.Delete)+len(u.Drop) == 0 {
		return u, Invalid("The update changes nothing. It needs replace, add or delete.")
	}
	return u, nil
}

func decodeChanges(action string, raw json.RawMessage) (Properties, error) {
	var properties map[string]json.RawMessage
	if json.Unmarshal(raw, &properties) != nil || properties == nil {
		return nil, Invalid(`%s must be an object whose members are arrays, as in {"content": ["…"]}.`, action)
	}
	changes := Properties{}
	for _, name := range sortedNames(properties) {
		values, err := decodeValues(name, properties[name])
		if err != nil {
			return nil, err
		}
		switch {
		case !isName(name):
			return nil, noName(name)
		case name == "access_token":
			return nil, tokenProperty()
		}
		changes[name] = values
	}
	return changes, nil
}

// decodeValues reads what a property is to have: always an array.
func decodeValues(name string, raw json.RawMessage) (values []any, err error) {
	if json.Unmarshal(raw, &values) != nil || values == nil {
		return nil, Invalid(`The property %s must be an array, as in "%s": ["…"].`, shorten(name), exampleName(name))
	}
	return values, nil
}

func noName(name string) error {
	return Invalid("%s is no name of a property. Names are made of letters, digits and hyphens.", shorten(name))
}
