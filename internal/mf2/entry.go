package mf2

import (
	"strings"
	"time"

	"willnorris.com/go/microformats"
)

const (
	maxDates    = 5  // values of one date tried
	maxAnswered = 10 // addresses that one entry answers
)

// Entry is what one entry of a page says. Its URL is only a claim of the page
// and identifies nothing.
type Entry struct {
	Kind        Kind
	URL         string
	Name        string // empty for a note, whose name only repeats its text
	Summary     string
	HTML        string // as the page has it, not cleaned
	Text        string
	RSVP        string   // yes, no, maybe or interested
	InReplyTo   []string // all that it answers, a few at most
	Author      Author
	AuthorPage  string // where to ask who wrote it, when the entry does not say
	Published   time.Time
	Photo       string
	Syndication []string
	Holds       bool // the link stands in the entry, not elsewhere on the page
}

// Entry finds the entry of the page that answers the address which is knows:
// the one whose property or content holds the link to it; else the one whose
// u-url is the page; else the only one.
func (d *Document) Entry(is func(address string) bool) (*Entry, bool) {
	all := d.candidates()
	chosen, holds := d.holder(all, is)
	if !holds {
		var ok bool
		if chosen, ok = d.main(all); !ok {
			return nil, false
		}
	}
	return d.read(chosen, is, holds), true
}

// holder finds the entry that holds the link. When several do, the page's own
// entry goes before others, and a property before a link in the content.
func (d *Document) holder(all []candidate, is func(string) bool) (best candidate, found bool) {
	rank := 0
	for _, c := range all {
		r := 0
		switch answers := responds(c.item, is); {
		case answers && d.isPage(c):
			r = 4
		case answers:
			r = 2
		case mentions(c.item, is):
			r = 1
			if d.isPage(c) {
				r = 3
			}
		}
		if r > rank {
			best, rank = c, r
		}
	}
	return best, rank > 0
}

// main finds the entry that the page is about.
func (d *Document) main(all []candidate) (only candidate, ok bool) {
	count := 0
	for _, c := range all {
		if c.nested {
			continue
		}
		if d.isPage(c) {
			return c, true
		}
		only = c
		count++
	}
	return only, count == 1
}

// Several tells whether more than one entry of the page stands by itself.
func (d *Document) Several() bool {
	count := 0
	for _, c := range d.candidates() {
		if !c.nested {
			count++
		}
	}
	return count > 1
}

// isPage tells whether the entry's own address is the page's.
func (d *Document) isPage(c candidate) bool {
	for _, property := range []string{"url", "uid"} {
		for _, value := range c.item.Properties[property] {
			if sameAddress(address(value), d.page.String()) {
				return true
			}
		}
	}
	return false
}

// read takes an entry's values out of the item.
func (d *Document) read(c candidate, is func(string) bool, holds bool) *Entry {
	e := &Entry{
		Kind:      kindOf(c.item, is),
		URL:       firstAddress(c.item, "url"),
		Summary:   first(c.item, "summary"),
		RSVP:      rsvp(c.item),
		Published: d.published(c.item),
		Photo:     firstAddress(c.item, "photo"),
		Holds:     holds,
	}
	e.HTML, e.Text = content(c.item)
	e.Name = title(first(c.item, "name"), e.Text)
	for _, value := range c.item.Properties["syndication"] {
		if a := address(value); a != "" {
			e.Syndication = append(e.Syndication, a)
		}
	}
	answered := c.item.Properties["in-reply-to"]
	for _, value := range answered[:min(len(answered), maxAnswered)] {
		if a := address(value); a != "" {
			e.InReplyTo = append(e.InReplyTo, a)
		}
	}
	e.Author, e.AuthorPage = d.author(c)
	return e
}

// content is what the entry says, as HTML where the page has it so.
func content(item *microformats.Microformat) (markupText, plain string) {
	for _, property := range []string{"content", "description"} {
		for _, value := range item.Properties[property] {
			if s := strings.TrimSpace(text(value)); s != "" || markup(value) != "" {
				return markup(value), s
			}
		}
	}
	return "", ""
}

// title is the entry's name, unless it is only its text over again, whole or
// cut, as the name is that the parser implies for a note.
func title(name, text string) string {
	n, t := squeeze(name), squeeze(text)
	if strings.HasPrefix(t, strings.TrimRight(n, ".… ")) {
		return ""
	}
	return n
}

func squeeze(s string) string { return strings.Join(strings.Fields(s), " ") }

// published is the date the entry gives, else the one of its last change.
func (d *Document) published(item *microformats.Microformat) time.Time {
	for _, property := range []string{"published", "updated", "reviewed"} {
		values := item.Properties[property]
		for _, value := range values[:min(len(values), maxDates)] {
			if t, ok := ParseDate(text(value), d.now); ok {
				return t
			}
		}
	}
	return time.Time{}
}
