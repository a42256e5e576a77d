package site

import (
	"context"
	"errors"
	"html/template"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"hark/internal/mentions"
	"hark/internal/posts"
	"hark/internal/settings"
)

// cite is the card of one page that a post answers, likes, shares or keeps.
type cite struct {
	Class  string
	Lead   string        // how the post responds to it
	Author string        // empty where it is not known
	By     template.HTML // the author, and the way there
	Href   template.HTMLAttr
	Name   string // never empty: others look for the text of the link
	Quoted bool   // Name is not a title but how the page begins
	Host   string // where it lives, unless Name says so
}

// mostCites is how many cards a post has at most. No more of its links are told.
const mostCites = 500

// responsesOf are those that are shown.
func responsesOf(p *posts.Post) []posts.Response {
	if len(p.Properties) == 0 {
		return nil
	}
	all := p.Responses()
	return all[:min(len(all), mostCites)]
}

// cites are the cards of some posts.
type cites struct {
	of        map[string][]cite // by the posts' keys
	dependsOn []string          // what outdates them, beside the lists of posts
}

// cites makes the cards of all these posts. What was read of other pages comes
// in one query.
func (s *Site) cites(ctx context.Context, site settings.Site, list ...*posts.Post) (c cites, err error) {
	responses := map[string][]posts.Response{}
	known := library{own: map[string]*mentions.Card{}}
	var foreign []string
	for _, p := range list {
		responses[p.ID] = responsesOf(p)
		for _, r := range responses[p.ID] {
			if path, ours := s.ours(r.Address); !ours {
				foreign = append(foreign, r.Address)
			} else if known.own[r.Address], err = s.ownCard(ctx, site, path); err != nil {
				return cites{}, err
			}
		}
	}
	if len(foreign) > 0 {
		c.dependsOn = []string{mentions.CardsGeneration}
		if known.read, err = s.Outbox.Cards(ctx, foreign...); err != nil {
			return cites{}, err
		}
	}
	c.of = make(map[string][]cite, len(responses))
	for _, p := range list {
		for _, r := range responses[p.ID] {
			c.of[p.ID] = append(c.of[p.ID], newCite(p.Kind, r, known.card(r)))
		}
	}
	return c, nil
}

// library is what is known of pages, by their addresses.
type library struct {
	own  map[string]*mentions.Card // ours, with empty cards for those that nobody may see
	read map[string]*mentions.Card // those of others that were read
}

// card is what is known of what a post responds to. The post itself knows best
// what another's page is called. About a page of ours it is not asked: what it
// once said may be private now.
func (l library) card(r posts.Response) mentions.Card {
	if own := l.own[r.Address]; own != nil {
		return *own
	}
	said, read := embeddedCard(r.Value), l.read[r.Address]
	if read == nil {
		return said
	}
	first, second := *read, said
	if visible(said.Title) {
		first, second = said, *read
	}
	if !visible(first.Author) {
		first.Author, first.AuthorURL = second.Author, second.AuthorURL
	}
	return first
}

// newCite makes one card. A page of which nothing is known is called by its
// address.
func newCite(kind posts.Kind, r posts.Response, known mentions.Card) cite {
	c := cite{Class: classOf(r.Property), Lead: leadOf(kind, r.Property), Href: href(r.Address), Name: bare(r.Address)}
	switch {
	case visible(known.Title):
		c.Name = beginning(known.Title, longestTitle)
	case visible(known.Words):
		c.Name, c.Quoted = beginning(known.Words, longestQuote), true
	}
	if c.Name != bare(r.Address) {
		c.Host = hostOf(r.Address)
	}
	if visible(known.Author) {
		c.Author = beginning(known.Author, longestQuote)
		c.By = template.HTML(authorLink(c.Author, known.AuthorURL))
	}
	return c
}

// How many letters of a title, and of other words, stand in a card.
const longestTitle, longestQuote = 200, 90

// beginning is s on one line, cut at a word so that it has about n letters.
func beginning(s string, n int) string {
	s = strings.Join(strings.Fields(s), " ")
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	s = string([]rune(s)[:n])
	if i := strings.LastIndexByte(s, ' '); i > len(s)/2 {
		s = s[:i]
	}
	return strings.TrimRight(s, " ,;:.–-") + " …"
}

// visible tells whether there is something to see in s.
func visible(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return unicode.IsGraphic(r) && !unicode.IsSpace(r) })
}

// ours is the path of an address on this site.
func (s *Site) ours(address string) (path string, ok bool) {
	site, err := url.Parse(s.URL)
	if err != nil {
		return "", false
	}
	u, err := url.Parse(address)
	if err != nil || !strings.EqualFold(u.Host, site.Host) {
		return "", false
	}
	path, ok = strings.CutPrefix(u.Path, site.Path)
	if !ok || path != "" && path[0] != '/' {
		return "", false
	}
	return "/" + strings.Trim(path, "/"), true
}

// ownCard is what a post of ours says of itself; nothing, if it is gone or was
// never to be seen.
func (s *Site) ownCard(ctx context.Context, site settings.Site, path string) (*mentions.Card, error) {
	p, err := s.Posts.ByPath(ctx, path)
	if moved := (*posts.Moved)(nil); errors.As(err, &moved) {
		p, err = s.Posts.ByPath(ctx, moved.To)
	}
	switch moved := (*posts.Moved)(nil); {
	case errors.Is(err, posts.ErrNotFound), errors.As(err, &moved), err == nil && p.Status != posts.Published:
		return &mentions.Card{}, nil
	case err != nil:
		return nil, err
	}
	card := &mentions.Card{Author: author(site), AuthorURL: s.URL + "/"}
	if p.Title == "" && p.Summary != "" {
		card.Words = p.Summary
	} else {
		card.Title = p.Name()
	}
	return card, nil
}

// embeddedCard is what a value says of itself, if it is an h-cite of its own.
func embeddedCard(value any) mentions.Card {
	properties := embedded([]any{value})
	card := mentions.Card{Title: firstText(properties["name"]), Words: firstText(properties["content"]), Author: firstText(properties["author"])}
	if people, _ := properties["author"].([]any); embedded(people) != nil {
		card.AuthorURL = firstText(embedded(people)["url"])
	}
	if onWeb(card.Author) {
		card.Author, card.AuthorURL = bare(card.Author), card.Author
	}
	return card
}

// embedded are the properties of the first value, if that is an item of its own
// (microformats2 in JSON).
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
