package micropub

import (
	"cmp"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"
)

// decodeForm reads the fields of either kind of form. The brackets of
// "category[]" say the same as a field that comes again. Empty fields are what
// an app's form left blank, and say nothing.
func decodeForm(values url.Values) (request, error) {
	fields, err := gather(values)
	req := request{parsed: true, tokens: fields["access_token"]}
	if err != nil {
		return req, err
	}
	delete(fields, "access_token")
	if name := first(fields["action"]); name != "" {
		if req, err = decodeAction(req, name, first(fields["url"])); err == nil && req.action == actionUpdate {
			err = Invalid("The action update is sent as JSON, not as a form: with the Content-Type %s, and in it url beside replace, add or delete.", jsonType)
		}
		return req, err
	}
	req.action = actionCreate
	// Without an h it is an entry (Micropub, section 3.3.1).
	kind := first(fields["h"])
	if kind != "" && kind != "entry" && kind != "event" {
		return req, Invalid("The type h=%s is not supported here. It can be entry or event.", shorten(kind))
	}
	delete(fields, "h")
	delete(fields, "action")
	req.create = newCreate()
	req.create.Type = cmp.Or(kind, req.create.Type)
	for _, name := range sorted(fields) {
		texts := make([]any, len(fields[name]))
		for i, text := range fields[name] {
			texts[i] = text
		}
		if err := req.create.put(name, texts); err != nil {
			return req, err
		}
	}
	return req, req.create.complete()
}

// gather joins the fields that differ by brackets alone and leaves out what is
// empty. The tokens are in the result even when another field is no text.
func gather(values url.Values) (fields url.Values, err error) {
	fields = url.Values{}
	for _, name := range sorted(values) {
		plain := strings.TrimSuffix(name, "[]")
		for _, text := range values[name] {
			if !utf8.ValidString(text) {
				err = Invalid("The property %s is not in UTF-8. Send the form in UTF-8.", shorten(plain))
				continue
			}
			if text != "" {
				fields.Add(plain, text)
			}
		}
	}
	return fields, err
}

func first(texts []string) string {
	if len(texts) == 0 {
		return ""
	}
	return texts[0]
}

// sorted are the names of the fields, so that of two faults always the same one
// is named.
func sorted(values url.Values) []string {
	names := make([]string, 0, len(values))
	for name := range values {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
