package site

import (
	"html/template"
	"strings"

	"hark/internal/posts"
)

// cite is the card of what a post answers, likes, shares or keeps.
type cite struct {
	Property string // its class
	Lead     string
	Author   string // empty where it is not known
	Href     template.HTMLAttr
	Name     string // never empty: others look for the text of the link
	Host     string // where it lives, unless Name says so
}

// cited makes the card, or nil for a post that answers nothing.
func cited(p *posts.Post) *cite {
	property, address := p.Answers()
	if property == "" {
		return nil
	}
	words := wordsOf(p.Kind)
	c := &cite{Property: words.property, Lead: words.lead, Href: href(address), Name: bare(address)}
	if known := embedded(p.Properties[property]); known != nil {
		if name := firstText(known["name"]); name != "" {
			c.Name, c.Host = name, hostOf(address)
		}
		c.Author = firstText(known["author"])
	}
	return c
}

// embedded are the properties of the first value, if that is an h-cite of its
// own (microformats2 in JSON).
func embedded(values []any) map[string]any {
	if len(values) == 0 {
		return nil
	}
	item, _ := values[0].(map[string]any)
	properties, _ := item["properties"].(map[string]any)
	return properties
}

// firstText is the first value as a text: itself, or the name of a card.
func firstText(value any) string {
	values, _ := value.([]any)
	if len(values) == 0 {
		return ""
	}
	if s, ok := values[0].(string); ok {
		return s
	}
	if inner := embedded(values); inner != nil {
		return firstText(inner["name"])
	}
	return ""
}

// hostOf is the host of an address, for people.
func hostOf(address string) string {
	host, _, _ := strings.Cut(bare(address), "/")
	return strings.TrimPrefix(host, "www.")
}
