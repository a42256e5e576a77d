package mf2

import (
	"slices"
	"strings"

	"willnorris.com/go/microformats"
)

const maxRels = 20 // addresses of one relation looked at

// Author is a person as a page names them.
type Author struct {
	Name  string
	URL   string
	Photo string
}

// author follows the authorship algorithm as far as this page goes: the
// entry's author, else that of the feed around it, else a page that the page
// names as its author's.
func (d *Document) author(c candidate) (Author, string) {
	for _, item := range []*microformats.Microformat{c.item, c.feed} {
		if item == nil {
			continue
		}
		for _, value := range item.Properties["author"] {
			if a := authorOf(value); a != (Author{}) {
				return a, authorPage(a)
			}
		}
	}
	for _, page := range d.Rel("author") {
		if a := webAddress(page); a != "" {
			return Author{}, a
		}
	}
	return Author{}, ""
}

// authorPage is where to ask for what the entry does not say of its author.
func authorPage(a Author) string {
	if a.Name == "" {
		return a.URL
	}
	return ""
}

// authorOf reads a value of the property author: an h-card, an address, or
// only a name.
func authorOf(value any) Author {
	if item, ok := value.(*microformats.Microformat); ok {
		return person(item)
	}
	s := squeeze(text(value))
	if a := webAddress(s); a != "" {
		return Author{URL: a}
	}
	return Author{Name: s}
}

// person reads an h-card. A name that is only the card's address is no name.
func person(card *microformats.Microformat) Author {
	a := Author{
		Name:  squeeze(first(card, "name")),
		URL:   firstAddress(card, "url"),
		Photo: firstAddress(card, "photo"),
	}
	if a.Photo == "" {
		a.Photo = firstAddress(card, "logo")
	}
	if a.Name == "" {
		a.Name = squeeze(first(card, "nickname"))
	}
	if a.Name == "" {
		a.Name = squeeze(card.Value)
	}
	if strings.HasPrefix(a.Name, "http://") || strings.HasPrefix(a.Name, "https://") {
		a.Name = ""
	}
	return a
}

// Person finds the representative h-card of the page: the one whose url and
// uid are the page, else the one whose url the page calls its own with
// rel=me, else one whose url is the page.
func (d *Document) Person(page string) (Author, bool) {
	mine := map[string]bool{}
	me := d.Rel("me")
	for _, address := range me[:min(len(me), maxRels)] {
		mine[plainAddress(address)] = true
	}
	best, rank := Author{}, 0
	for _, card := range d.cards() {
		if r := cardRank(card, plainAddress(page), mine); r > rank {
			best, rank = person(card), r
		}
	}
	return best, rank > 0 && best.Name != ""
}

func cardRank(card *microformats.Microformat, page string, mine map[string]bool) int {
	isPage, isMine := false, false
	for _, value := range card.Properties["url"] {
		address := plainAddress(address(value))
		isPage = isPage || address == page
		isMine = isMine || mine[address]
	}
	isUID := slices.ContainsFunc(card.Properties["uid"], func(v any) bool { return plainAddress(address(v)) == page })
	switch {
	case isPage && isUID:
		return 3
	case isMine:
		return 2
	case isPage:
		return 1
	}
	return 0
}

// Owner is the one person who presents the site on this page, when there is
// exactly one h-card that stands by itself and names an address of this host.
func (d *Document) Owner() (Author, bool) {
	var found []Author
	for _, item := range d.data.Items {
		if !slices.Contains(item.Type, "h-card") {
			continue
		}
		if a := person(item); a.Name != "" && strings.HasPrefix(plainAddress(a.URL), strings.ToLower(d.page.Host)) {
			found = append(found, a)
		}
	}
	if len(found) != 1 {
		return Author{}, false
	}
	return found[0], true
}

// cards lists the h-cards of the page: those that stand by themselves, and
// the authors of its entries and feeds.
func (d *Document) cards() []*microformats.Microformat {
	var cards []*microformats.Microformat
	add := func(item *microformats.Microformat) {
		if slices.Contains(item.Type, "h-card") {
			cards = append(cards, item)
		}
	}
	var visit func(item *microformats.Microformat, depth int)
	visit = func(item *microformats.Microformat, depth int) {
		if depth > maxNesting || len(cards) > maxItems {
			return
		}
		add(item)
		for _, value := range item.Properties["author"] {
			if nested, ok := value.(*microformats.Microformat); ok {
				add(nested)
			}
		}
		for _, child := range item.Children {
			visit(child, depth+1)
		}
	}
	for _, item := range d.data.Items {
		visit(item, 0)
	}
	return cards
}
