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

// postLinks are the web addresses that a post links to: what it responds to,
// then the links of its text, each once and exactly as a page of ours writes
// it, except that relative ones are made whole.
func postLinks(p *posts.Post, address string) []string {
	base, err := url.Parse(address)
	if err != nil {
		return nil
	}
	var links []string
	seen := map[string]bool{}
	add := func(link string) {
		u, err := base.Parse(strings.TrimSpace(link))
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil || len(link) > maxAddress || len(links) >= maxLinks {
			return
		}
		if whole, err := url.Parse(link); err != nil || !whole.IsAbs() {
			link = u.String()
		}
		if !seen[link] {
			seen[link] = true
			links = append(links, link)
		}
	}
	if _, answered := p.Answers(); answered != "" {
		add(answered)
	}
	tokens := html.NewTokenizer(strings.NewReader(string(p.HTML)))
	for {
		switch tokens.Next() {
		case html.ErrorToken:
			return links
		case html.StartTagToken:
			name, more := tokens.TagName()
			isLink := string(name) == "a"
			for more && isLink {
				var key, value []byte
				key, value, more = tokens.TagAttr()
				if string(key) == "href" && len(value) > 0 && value[0] != '#' {
					add(string(value))
				}
			}
		}
	}
}
