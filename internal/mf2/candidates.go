package mf2

import (
	"reflect"
	"slices"
	"strings"

	"golang.org/x/net/html"
	"willnorris.com/go/microformats"
)

const (
	maxItems   = 2000 // items looked at in one page
	maxNesting = 8    // items within items
)

// candidate is an item of the page that may be the entry which answers.
type candidate struct {
	item   *microformats.Microformat
	feed   *microformats.Microformat // the h-feed around it, if any
	nested bool                      // it stands in a property of another item
}

// candidates lists the entries of the page, outer ones first.
func (d *Document) candidates() []candidate {
	c := collector{left: maxItems, seen: map[uintptr]bool{}}
	for _, item := range d.data.Items {
		c.collect(candidate{item: item}, 0)
	}
	return c.found
}

// collector gathers candidates. An item with several property classes is
// given once for each by the library, with the same map of properties, by
// which seen knows it again.
type collector struct {
	found []candidate
	left  int
	seen  map[uintptr]bool
}

// collect adds c and what is within it. Items in the properties by which an
// entry answers, or that name its author, are what it speaks of and not
// entries that speak.
func (c *collector) collect(one candidate, depth int) {
	key := reflect.ValueOf(one.item.Properties).Pointer()
	if c.left == 0 || depth > maxNesting || c.seen[key] {
		return
	}
	c.left--
	c.seen[key] = true
	if isEntry(one.item) {
		c.found = append(c.found, one)
	}
	feed := one.feed
	if slices.Contains(one.item.Type, "h-feed") {
		feed = one.item
	}
	for _, child := range one.item.Children {
		c.collect(candidate{item: child, feed: feed, nested: one.nested}, depth+1)
	}
	for _, property := range []string{"entry", "content", "comment"} {
		for _, value := range one.item.Properties[property] {
			if item, ok := value.(*microformats.Microformat); ok {
				c.collect(candidate{item: item, feed: feed, nested: property != "entry"}, depth+1)
			}
		}
	}
}

// isEntry tells whether item is of a type that can answer a post.
func isEntry(item *microformats.Microformat) bool {
	for _, t := range item.Type {
		switch t {
		case "h-entry", "h-event", "h-cite", "h-review", "h-recipe", "h-news", "h-item", "h-product":
			return true
		}
	}
	return false
}

// responds tells whether a property of item points at the address.
func responds(item *microformats.Microformat, is func(string) bool) bool {
	for property, values := range item.Properties {
		switch property {
		case "url", "uid", "author", "comment", "like", "repost", "bookmark", "syndication", "content":
			continue // its own name, and what others did with it
		}
		if pointsAt(values, is) {
			return true
		}
	}
	return false
}

// mentions tells whether the content of item holds a link to the address.
func mentions(item *microformats.Microformat, is func(string) bool) bool {
	for _, property := range []string{"content", "summary", "description"} {
		for _, value := range item.Properties[property] {
			if linksTo(markup(value), is) {
				return true
			}
		}
	}
	return false
}

// linksTo looks for the address among the links of a piece of HTML. Whether
// the page truly links is not decided here, only which entry the link is in.
func linksTo(fragment string, is func(string) bool) bool {
	tokens := html.NewTokenizer(strings.NewReader(fragment))
	for {
		switch tokens.Next() {
		case html.ErrorToken:
			return false
		case html.StartTagToken, html.SelfClosingTagToken:
			if tagLinksTo(tokens, is) {
				return true
			}
		}
	}
}

func tagLinksTo(tokens *html.Tokenizer, is func(string) bool) bool {
	_, more := tokens.TagName()
	for more {
		var key, value []byte
		key, value, more = tokens.TagAttr()
		switch string(key) {
		case "href", "src", "cite", "data", "poster":
			if a := webAddress(string(value)); a != "" && is(a) {
				return true
			}
		}
	}
	return false
}
