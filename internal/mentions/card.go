package mentions

import (
	"context"
	"fmt"
	"time"

	"hark/internal/database"
)

// CardsGeneration is the name that moves when a card changes.
const CardsGeneration = "cards"

// Card is what a page that a post of ours answers says of itself.
type Card struct {
	Address   string // as the post has it
	Title     string // empty for what has none
	Author    string // empty where the page names nobody
	AuthorURL string // may be empty
	Words     string // how it begins, in plain words on one line; may be empty
	Published time.Time
	Read      time.Time // when it was read
}

// Cards are the cards of pages that were read, by their addresses.
func (o *Outbox) Cards(ctx context.Context, addresses ...string) (map[string]*Card, error) {
	cards := make(map[string]*Card, len(addresses))
	if len(addresses) == 0 {
		return cards, nil
	}
	args := make([]any, len(addresses))
	for n, address := range addresses {
		args[n] = address
	}
	rows, err := o.db.Query(ctx, `
		SELECT address, title, author, author_url, words, published, read_at FROM looks
		WHERE card AND read_at > 0 AND address IN (`+database.In(1, len(args))+")", args...)
	if err != nil {
		return nil, fmt.Errorf("read cards: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var c Card
		var published, read int64
		if err := rows.Scan(&c.Address, &c.Title, &c.Author, &c.AuthorURL, &c.Words, &published, &read); err != nil {
			return nil, fmt.Errorf("read cards: %w", err)
		}
		c.Published, c.Read = database.Time(published), database.Time(read)
		cards[c.Address] = &c
	}
	return cards, rows.Err()
}
