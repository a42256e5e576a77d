package source

import (
	"encoding/json"
	"slices"
	"strings"

	"golang.org/x/net/html/atom"
)

// linked is what a page says of its article as JSON-LD (schema.org).
type linked struct {
	headline, published string
	description         string
	author              string
	authorURL           string
	authorPhoto         string
	organization        bool // the author is no person
	site                string
	several             bool // it is said of several articles; the values are those of the first
}

const (
	maxScripts = 10   // JSON-LD scripts read in a page
	maxObjects = 1000 // objects looked at in them
	maxLevels  = 8
)

// readLinked gathers the JSON-LD of the page, or reads a JSON document alike.
func (s *Source) readLinked() linked {
	g := graph{byID: map[string]map[string]any{}}
	if s.data != nil {
		g.collect(s.data, 0)
		return g.read(true)
	}
	for _, script := range s.scripts() {
		var value any
		if json.Unmarshal([]byte(script), &value) == nil {
			g.collect(value, 0)
		}
	}
	return g.read(false)
}

// scripts lists the JSON-LD of the page.
func (s *Source) scripts() []string {
	var found []string
	if s.root == nil {
		return nil
	}
	for n := range s.root.Descendants() {
		if n.DataAtom != atom.Script || n.FirstChild == nil || len(found) == maxScripts {
			continue
		}
		if strings.HasPrefix(strings.ToLower(strings.TrimSpace(attr(n, "type"))), "application/ld+json") {
			found = append(found, n.FirstChild.Data)
		}
	}
	return found
}

// graph is the objects of the page's JSON-LD, in their order.
type graph struct {
	objects []map[string]any
	byID    map[string]map[string]any
}

func (g *graph) collect(value any, level int) {
	if level > maxLevels || len(g.objects) >= maxObjects {
		return
	}
	switch v := value.(type) {
	case []any:
		for _, one := range v {
			g.collect(one, level+1)
		}
	case map[string]any:
		g.objects = append(g.objects, v)
		if id, ok := v["@id"].(string); ok && len(v) > len(g.byID[id]) {
			g.byID[id] = v
		}
		for _, key := range []string{"@graph", "mainEntity", "mainEntityOfPage", "author", "publisher", "isPartOf", "creator"} {
			g.collect(v[key], level+1)
		}
	}
}

// read takes the values from the first article. A JSON document needs no type
// to be one.
func (g *graph) read(untyped bool) linked {
	var l linked
	for i, o := range g.objects {
		switch {
		case isType(o, "Article", "Posting", "Report", "Review", "Recipe") || untyped && i == 0:
			g.article(&l, o)
		case isType(o, "WebSite"):
			fill(&l.site, word(o["name"]))
		}
	}
	return l
}

func (g *graph) article(l *linked, o map[string]any) {
	headline := ""
	for _, key := range []string{"headline", "name", "title"} {
		fill(&headline, word(o[key]))
	}
	l.several = l.several || l.headline != "" && headline != "" && headline != l.headline
	fill(&l.headline, headline)
	for _, key := range []string{"description", "summary", "articleBody", "content_text"} {
		fill(&l.description, word(o[key]))
	}
	for _, key := range []string{"datePublished", "dateCreated", "date_published", "published"} {
		fill(&l.published, word(o[key]))
	}
	for _, key := range []string{"author", "creator", "authors"} {
		g.author(l, o[key])
	}
	for _, key := range []string{"publisher", "isPartOf"} {
		fill(&l.site, word(g.object(o[key])["name"]))
	}
}

// author reads the first author: a name, an object, or a reference to one.
func (g *graph) author(l *linked, value any) {
	if name, ok := value.(string); ok && l.author == "" && !isAbsolute(name) {
		l.author = strings.TrimSpace(name)
		return
	}
	o := g.object(value)
	if name := word(o["name"]); name != "" && l.author == "" {
		l.author = name
		l.authorURL = webOnly(word(o["url"]))
		l.authorPhoto = g.picture(o)
		l.organization = isType(o, "Organization")
	}
}

// picture is the address of a person's image.
func (g *graph) picture(person map[string]any) string {
	for _, key := range []string{"image", "avatar", "icon"} {
		image := person[key]
		if address := webOnly(word(image)); address != "" {
			return address
		}
		o := g.object(image)
		for _, key := range []string{"url", "contentUrl"} {
			if address := webOnly(word(o[key])); address != "" {
				return address
			}
		}
	}
	return ""
}

// object is value as an object, the first of a list, or what it refers to.
func (g *graph) object(value any) map[string]any {
	if list, ok := value.([]any); ok && len(list) > 0 {
		value = list[0]
	}
	o, _ := value.(map[string]any)
	if id, ok := o["@id"].(string); ok && len(g.byID[id]) > len(o) {
		return g.byID[id]
	}
	return o
}

// isType tells whether the type of an object ends in one of the names, as
// BlogPosting and NewsArticle do.
func isType(o map[string]any, names ...string) bool {
	types, ok := o["@type"].([]any)
	if !ok {
		types = []any{o["@type"]}
	}
	return slices.ContainsFunc(types, func(t any) bool {
		name, _ := t.(string)
		return slices.ContainsFunc(names, func(n string) bool { return strings.HasSuffix(name, n) })
	})
}

// word is value as a text, or the first text of a list.
func word(value any) string {
	if list, ok := value.([]any); ok && len(list) > 0 {
		value = list[0]
	}
	s, _ := value.(string)
	return strings.TrimSpace(s)
}

// webOnly returns address if it can be linked to.
func webOnly(address string) string {
	if len(address) > maxAddress || !isAbsolute(address) {
		return ""
	}
	return address
}

// fill sets a value that is missing.
func fill(value *string, with string) {
	if *value == "" {
		*value = strings.TrimSpace(with)
	}
}
