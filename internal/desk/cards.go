package desk

import (
	"context"
	"slices"
	"strings"

	"hark/internal/mentions"
	"hark/internal/posts"
)

// cards are what a post responds to, as desk/_cards.html draws them.
type cards struct {
	List  []card
	Reads bool // there is one whose page can be read
}

// card is one page that a post responds to.
type card struct {
	Lead, Author  string // may be empty
	Address, Name string
	Host          string // where it lives, unless Name says so
	Words         string // how it begins
	Note          string // why there is no more to show
	Read          bool
}

// leads are the words before what a post responds to.
var leads = map[string]string{
	"in-reply-to": "In reply to", "like-of": "Likes", "repost-of": "Shares",
}

// cards are those of a post, with what is known of their pages.
func (d *Desk) cards(ctx context.Context, p *posts.Post, prospects []mentions.Prospect, asked []string) (cards, error) {
	responses := p.Responses()
	addresses := make([]string, len(responses))
	for n, r := range responses {
		addresses[n] = r.Address
	}
	read, err := d.outbox.Cards(ctx, addresses...)
	if err != nil {
		return cards{}, err
	}
	var all cards
	for _, r := range responses {
		c := cardOf(r, read[r.Address])
		at := slices.IndexFunc(prospects, func(one mentions.Prospect) bool { return one.Target == r.Address })
		if at >= 0 && !ours(prospects[at]) {
			all.Reads = true
			c.note(prospects[at], slices.Contains(asked, r.Address))
		}
		all.List = append(all.List, c)
	}
	return all, nil
}

// cardOf is the card that a post brings itself, as apps send it, or else the one
// that was read in the page, or else the address.
func cardOf(r posts.Response, read *mentions.Card) card {
	c := card{Lead: leads[r.Property], Address: r.Address}
	if item, ok := r.Value.(map[string]any); ok {
		properties, _ := item["properties"].(map[string]any)
		c.Name, c.Author = firstText(properties["name"]), firstText(properties["author"])
	}
	if c.Read = read != nil; c.Read {
		if c.Name == "" {
			c.Name = read.Title
		}
		if c.Author == "" {
			c.Author = read.Author
		}
		c.Words = read.Words
	}
	if c.Name == "" {
		c.Name = bare(r.Address)
	} else {
		c.Host = hostOf(r.Address)
	}
	return c
}

// firstText is the first value of a property as a text: itself, or the name of
// the item that it is.
func firstText(property any) string {
	values, _ := property.([]any)
	if len(values) == 0 {
		return ""
	}
	if item, ok := values[0].(map[string]any); ok {
		properties, _ := item["properties"].(map[string]any)
		return firstText(properties["name"])
	}
	text, _ := values[0].(string)
	return text
}

// note says what is missing in a card.
func (c *card) note(about mentions.Prospect, asked bool) {
	switch {
	case about.Problem != "":
		c.Note = about.Problem
	case asked && about.Will == mentions.WillUnknown:
		c.Note = "Its page is being read …"
	case !c.Read:
		c.Note = "Its page has not been read yet."
	}
}

// bare is an address as people write it: without its scheme.
func bare(address string) string {
	if _, rest, found := strings.Cut(address, "://"); found {
		address = rest
	}
	return strings.TrimSuffix(address, "/")
}
