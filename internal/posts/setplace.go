package posts

import (
	"maps"
	"slices"
	"strings"
)

// Coordinates reads a latitude and a longitude, in degrees, as people type them:
// "54.47, 9.05", or as a geo: address.
func Coordinates(typed string) (latitude, longitude string, ok bool) {
	typed, _, _ = strings.Cut(strings.TrimPrefix(strings.TrimSpace(typed), "geo:"), ";")
	parts := strings.FieldsFunc(typed, func(r rune) bool { return r == ',' || r == ' ' })
	if len(parts) != 2 {
		return "", "", false
	}
	var at Place
	at.locate(parts[0], parts[1])
	return at.Latitude, at.Longitude, at.Located()
}

// SetPlace writes a place into a property, "location" or "checkin". Only what
// differs from the place that it holds is changed: whatever else is said there
// stays, and so do values that the caller has elsewhere.
func (p Properties) SetPlace(name string, to Place) {
	was := p.place(name)
	if was == to {
		return
	}
	if to.IsZero() {
		delete(p, name)
		return
	}
	changed := was.differing(to)
	var values []any
	for _, value := range p[name] {
		if value = forget(value, changed); value != nil {
			values = append(values, value)
		}
	}
	p[name] = write(values, changed, to)
}

// texts are what is said of a place, by the names of its properties (h-adr, h-geo).
func (p Place) texts() map[string]string {
	return map[string]string{
		"name": p.Name, "url": p.Address, "street-address": p.Street, "locality": p.Locality, "region": p.Region,
		"postal-code": p.Postcode, "country-name": p.Country, "latitude": p.Latitude, "longitude": p.Longitude,
	}
}

// differing are the properties that another place has differently, with what it
// says there. Coordinates change together.
func (p Place) differing(to Place) map[string]string {
	was, changed := p.texts(), to.texts()
	if was["latitude"] != changed["latitude"] {
		was["longitude"] = "another"
	} else if was["longitude"] != changed["longitude"] {
		was["latitude"] = "another"
	}
	maps.DeleteFunc(changed, func(name, text string) bool { return was[name] == text })
	return changed
}

// forget is a value without what it says of some properties, in a copy; nil where
// nothing is left.
func forget(value any, changed map[string]string) any {
	said := placeOf(value).texts()
	if !slices.ContainsFunc(slices.Collect(maps.Keys(changed)), func(name string) bool { return said[name] != "" }) {
		return value
	}
	inner := maps.Clone(embedded(value))
	item := map[string]any{"type": []any{"h-card"}}
	if inner == nil { // an address or a name, which becomes an item
		inner = map[string]any{}
		for name, text := range said {
			if text != "" {
				inner[name] = []any{text}
			}
		}
	} else {
		item = maps.Clone(value.(map[string]any))
	}
	for name := range changed {
		delete(inner, name)
	}
	for _, name := range []string{"geo", "adr"} {
		forgetWithin(inner, name, changed)
	}
	if item["properties"] = inner; len(inner) == 0 {
		return nil
	}
	return item
}

func forgetWithin(inner map[string]any, name string, changed map[string]string) {
	values, ok := inner[name].([]any)
	if !ok {
		return
	}
	var kept []any
	for _, value := range values {
		if value = forget(value, changed); value != nil {
			kept = append(kept, value)
		}
	}
	if inner[name] = kept; len(kept) == 0 {
		delete(inner, name)
	}
}

// write says what has changed in the first value that is an item, or in a new one
// before the others.
func write(values []any, changed map[string]string, to Place) []any {
	at := slices.IndexFunc(values, func(value any) bool { return embedded(value) != nil })
	item, inner := map[string]any{"type": []any{root(to)}}, map[string]any{}
	if at >= 0 {
		item, inner = maps.Clone(values[at].(map[string]any)), maps.Clone(embedded(values[at]))
		if kind := firstText(item["type"]); to.Name != "" && (kind == "h-adr" || kind == "h-geo") {
			item["type"] = []any{"h-card"} // only a card has a name
		}
	}
	for name, text := range changed {
		if text != "" {
			inner[name] = []any{text}
		}
	}
	switch item["properties"] = inner; {
	case at >= 0:
		values[at] = item
	case len(inner) > 0:
		values = slices.Insert(values, 0, any(item))
	}
	return values
}

// root is the kind of item that says as much of a place as is known.
func root(p Place) string {
	switch {
	case p.Name != "" || p.Address != "":
		return "h-card"
	case p.Words() != "":
		return "h-adr"
	}
	return "h-geo"
}
