package desk

import (
	"slices"

	"hark/internal/mentions"
)

// cards are what a post responds to, as desk/_cards.html draws them.
type cards struct {
	List  []card
	Reads bool // there is one whose page can be read
}

// card is one page that a post responds to.
type card struct {
	mentions.Cite
	Words string // how it begins, unless that is its name
	Note  string // why there is no more to show
}

// cardsOf are cards with what is known of their pages.
func cardsOf(cites []mentions.Cite, prospects []mentions.Prospect, asked []string) (all cards) {
	for _, cite := range cites {
		c := card{Cite: cite}
		if c.Read != nil && !c.Quoted {
			c.Words = c.Read.Words
		}
		at := slices.IndexFunc(prospects, func(one mentions.Prospect) bool { return one.Target == c.Address })
		if at >= 0 && !ours(prospects[at]) {
			all.Reads = true
			c.note(prospects[at], slices.Contains(asked, c.Address))
		}
		all.List = append(all.List, c)
	}
	return all
}

// note says what is missing in a card.
func (c *card) note(about mentions.Prospect, asked bool) {
	switch {
	case about.Problem != "":
		c.Note = about.Problem
	case asked && about.Will == mentions.WillUnknown:
		c.Note = "Its page is being read …"
	case c.Read == nil:
		c.Note = "Its page has not been read yet."
	}
}
