package mentions

import (
	"net/url"
	"strings"

	"golang.org/x/net/html"

	"hark/internal/posts"
)

// maxLinks is how many links of one post are told. Longer addresses than
// maxAddress are not: nobody takes them.
const maxLinks = 500

// postLink is a page that a post links to, and the property by which it responds
// to it; a plain link has none.
type postLink struct{ target, property string }

// linkList gathers the links of a post, each once.
type linkList struct {
	base        *url.URL
	links       []postLink
	typed, seen map[string]bool // as they stand in the post, and whole
}

// postLinks are the web addresses that a post links to: what it responds to, then
// where it is to be copied, then the links of its text, each once and exactly as a page of ours writes
// it, except that relative ones are made whole.
func postLinks(p *posts.Post, address string) []postLink {
	base, err := url.Parse(address)
	if err != nil {
		return nil
	}
	list := &linkList{base: base, typed: map[string]bool{}, seen: map[string]bool{}}
	for _, r := range p.Responses() {
		list.add(r.Address, r.Property)
	}
	for _, address := range p.CopiesTo() {
		list.add(address, "")
	}
	list.read(string(p.HTML))
	return list.links
}

func (l *linkList) full() bool { return len(l.links) >= maxLinks }

func (l *linkList) add(link, property string) {
	if len(link) > maxAddress || l.typed[link] || l.full() {
		return
	}
	l.typed[link] = true
	u, err := l.base.Parse(strings.TrimSpace(link))
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil {
		return
	}
	if whole, err := url.Parse(link); err != nil || !whole.IsAbs() {
		link = u.String()
	}
	if !l.seen[link] {
		l.seen[link] = true
		l.links = append(l.links, postLink{link, property})
	}
}

// read adds the links of rendered HTML, but none that only stands for a picture or a
// film of another host: that is shown there, and no page is spoken of.
func (l *linkList) read(rendered string) {
	for tokens := html.NewTokenizer(strings.NewReader(rendered)); !l.full(); {
		switch tokens.Next() {
		case html.ErrorToken:
			return
		case html.StartTagToken:
			if to := leadsTo(tokens); to != "" && to[0] != '#' {
				l.add(to, "")
			}
		}
	}
}

// leadsTo is the address that a tag leads to, empty for none that is told.
func leadsTo(tokens *html.Tokenizer) (to string) {
	name, more := tokens.TagName()
	if string(name) != "a" {
		return ""
	}
	for more {
		var key, value []byte
		key, value, more = tokens.TagAttr()
		switch {
		case string(key) == "href" && to == "":
			to = string(value)
		case string(key) == "class" && string(value) == posts.ClassElsewhere:
			return ""
		}
	}
	return to
}
