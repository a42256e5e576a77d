package mf2

import (
	"net/url"
	"strings"

	"willnorris.com/go/microformats"
)

// text is a property value as plain text.
func text(value any) string {
	switch v := value.(type) {
	case string:
		return v
	case map[string]string:
		return v["value"]
	case *microformats.Microformat:
		return v.Value
	}
	return ""
}

// markup is a property value as HTML, where it was given as such.
func markup(value any) string {
	switch v := value.(type) {
	case map[string]string:
		return v["html"]
	case *microformats.Microformat:
		return v.HTML
	}
	return ""
}

// address is a property value as an absolute http address, or nothing. A
// nested item counts by its u-url.
func address(value any) string {
	if item, ok := value.(*microformats.Microformat); ok {
		if own := first(item, "url"); own != "" {
			return webAddress(own)
		}
	}
	return webAddress(text(value))
}

// addresses are all that a property value says of where it is: a nested item may
// have several.
func addresses(value any) []string {
	item, ok := value.(*microformats.Microformat)
	if !ok || len(item.Properties["url"]) < 2 {
		if one := address(value); one != "" {
			return []string{one}
		}
		return nil
	}
	var all []string
	urls := item.Properties["url"]
	for _, u := range urls[:min(len(urls), maxAnswered)] {
		if one := webAddress(text(u)); one != "" {
			all = append(all, one)
		}
	}
	return all
}

// webAddress returns s if it is an absolute http or https address.
func webAddress(s string) string {
	s = strings.TrimSpace(s)
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return ""
	}
	return s
}

// first is the first value of a property with text in it, as plain text.
func first(item *microformats.Microformat, property string) string {
	for _, value := range item.Properties[property] {
		if s := strings.TrimSpace(text(value)); s != "" {
			return s
		}
	}
	return ""
}

// firstAddress is the first value of a property that is an address.
func firstAddress(item *microformats.Microformat, property string) string {
	for _, value := range item.Properties[property] {
		if a := address(value); a != "" {
			return a
		}
	}
	return ""
}

// sameAddress compares two addresses without their scheme, fragment and final
// slash, and their host in any case.
func sameAddress(a, b string) bool {
	return a != "" && plainAddress(a) == plainAddress(b)
}

func plainAddress(s string) string {
	u, err := url.Parse(strings.TrimSpace(s))
	if err != nil {
		return s
	}
	key := strings.ToLower(u.Host) + strings.TrimSuffix(u.EscapedPath(), "/")
	if u.RawQuery != "" {
		key += "?" + u.RawQuery
	}
	return key
}
