package mentions

import (
	"context"
	"errors"
	"strings"
	"unicode"
	"unicode/utf8"

	"hark/internal/posts"
	"hark/internal/settings"
)

// Cite is what stands in the card of one page that a post answers, likes, shares
// or keeps.
type Cite struct {
	Property  string // how the post responds to it
	Class     string // by which programs know that; may be empty
	Lead      string // and people; empty where it needs no words
	Address   string // as the post has it
	Author    string // empty where it is not known
	AuthorURL string // a web address, or empty
	Name      string // never empty: others look for the text of the link
	Quoted    bool   // Name is not a title but how the page begins
	Host      string // where it lives, unless Name says so
	Read      *Card  // what was read of it; nil for nothing, and for pages of ours
}

// Cites are the cards of some posts.
type Cites struct {
	Of        map[string][]Cite // by the posts' keys
	DependsOn []string          // what outdates them, beside the lists of posts and the settings
}

// Cites makes the cards of all these posts, which need not be saved. What was read
// of other pages comes in one query.
func (o *Outbox) Cites(ctx context.Context, site settings.Site, list ...*posts.Post) (c Cites, err error) {
	responses, known := map[string][]posts.Response{}, library{own: map[string]*Card{}}
	var foreign []string
	for _, p := range list {
		all := p.Responses()
		responses[p.ID] = all[:min(len(all), maxLinks)] // no more are told
		for _, r := range responses[p.ID] {
			if path, ours := o.site.ours(r.Address); !ours {
				foreign = append(foreign, r.Address)
			} else if known.own[r.Address], err = o.ownCard(ctx, site, path); err != nil {
				return Cites{}, err
			}
		}
	}
	if len(foreign) > 0 {
		c.DependsOn = []string{CardsGeneration}
		if known.read, err = o.Cards(ctx, foreign...); err != nil {
			return Cites{}, err
		}
	}
	c.Of = make(map[string][]Cite, len(list))
	for _, p := range list {
		for _, r := range responses[p.ID] {
			c.Of[p.ID] = append(c.Of[p.ID], known.cite(p.Kind, r))
		}
	}
	return c, nil
}

// library is what is known of pages, by their addresses.
type library struct {
	own  map[string]*Card // ours, with empty cards for those that nobody may see
	read map[string]*Card // those of others that were read
}

// cite makes one card. A page of which nothing is known is called by its address.
func (l library) cite(kind posts.Kind, r posts.Response) Cite {
	known, bare := l.card(r), posts.Bare(r.Address)
	c := Cite{Property: r.Property, Class: classOf(r.Property), Lead: leadOf(kind, r.Property), Address: r.Address, Name: bare, Read: l.read[r.Address]}
	switch {
	case visible(known.Title):
		c.Name = beginning(known.Title, longestTitle)
	case visible(known.Words):
		c.Name, c.Quoted = beginning(known.Words, longestQuote), true
	}
	if c.Name != bare {
		c.Host = hostOf(r.Address)
	}
	if visible(known.Author) {
		c.Author = beginning(known.Author, longestQuote)
		if canonical(known.AuthorURL) != "" {
			c.AuthorURL = known.AuthorURL
		}
	}
	return c
}

// card is what is known of what a post responds to. The post itself knows best
// what another's page is called. About a page of ours it is not asked: what it
// once said may be private now.
func (l library) card(r posts.Response) Card {
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

// ownCard is what a post of ours says of itself; nothing, if it is gone or was
// never to be seen.
func (o *Outbox) ownCard(ctx context.Context, site settings.Site, path string) (*Card, error) {
	p, err := postAt(ctx, o.posts.ByPath, path)
	switch moved := (*posts.Moved)(nil); {
	case errors.Is(err, posts.ErrNotFound), errors.As(err, &moved), err == nil && p.Status != posts.Published:
		return &Card{}, nil
	case err != nil:
		return nil, err
	}
	by, err := o.inbox.writer(ctx, site, p)
	if err != nil {
		return nil, err
	}
	card := &Card{Author: by.name, AuthorURL: by.url}
	if p.Title == "" && p.Summary != "" {
		card.Words = p.Summary
	} else {
		card.Title = p.Called(o.inbox.languages.Book(site.Spoken()))
	}
	return card, nil
}

// embeddedCard is what a value says of itself, if it is an h-cite of its own.
func embeddedCard(value any) Card {
	properties := embedded([]any{value})
	card := Card{Title: firstText(properties["name"]), Words: firstText(properties["content"]), Author: firstText(properties["author"])}
	if people, _ := properties["author"].([]any); embedded(people) != nil {
		card.AuthorURL = firstText(embedded(people)["url"])
	}
	if canonical(card.Author) != "" {
		card.Author, card.AuthorURL = posts.Bare(card.Author), card.Author
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

// leadOf is what stands before something that a post responds to by a property.
// A link that is all the post is about needs no lead.
func leadOf(kind posts.Kind, property string) string {
	switch property {
	case "in-reply-to":
		if kind == posts.RSVP {
			return "RSVP to"
		}
		return "In reply to"
	case "repost-of":
		return "Shares"
	case "like-of":
		return "Likes"
	case "bookmark-of":
		if kind == posts.Bookmark {
			return ""
		}
		return "Bookmarks"
	case "listen-of":
		return "Listened to"
	case "watch-of":
		return "Watched"
	case "read-of":
		return "Read"
	case "tag-of":
		return "Tagged"
	case "quotation-of":
		return "Quotes"
	case "follow-of":
		return "Follows"
	}
	return "About"
}

// classOf is the class by which programs know how a post responds. An app may
// have sent a property whose name would be several classes: it gets none.
func classOf(property string) string {
	if strings.Trim(property, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
		return ""
	}
	return "u-" + property
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
