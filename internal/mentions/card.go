package mentions

import (
	"context"
	"fmt"
	"runtime/debug"
	"time"

	"hark/internal/database"
	"hark/internal/fetch"
	"hark/internal/source"
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
	list, args := database.Among(addresses)
	rows, err := o.db.Short(ctx, `
		SELECT address, title, author, author_url, words, published, read_at FROM looks
		WHERE card AND read_at > 0 AND address IN (`+list+")", args...)
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

// Refresh has the card of a page read anew, soon.
func (o *Outbox) Refresh(ctx context.Context, address string) error {
	return o.db.InTx(ctx, func(tx *database.Tx) error {
		return o.wantLook(tx, wanted{Address: address, Card: true, Again: true}, o.now())
	})
}

// wantCard has a page that a post responds to read once for its card, if nobody
// visits it to tell it.
func (o *Outbox) wantCard(tx *database.Tx, link postLink) error {
	if link.property == "" {
		return nil
	}
	var read bool
	if err := tx.QueryRow("SELECT EXISTS (SELECT 1 FROM looks WHERE address = $1 AND card)", link.target).Scan(&read); err != nil || read {
		return err
	}
	return o.wantLook(tx, wanted{Address: link.target, Card: true}, o.now())
}

// write keeps a card that was read.
func (c *Card) write(tx *database.Tx, at time.Time) error {
	_, err := tx.Exec("UPDATE looks SET read_at = $1, title = $2, author = $3, author_url = $4, words = $5, published = $6 WHERE address = $7",
		at.Unix(), c.Title, c.Author, c.AuthorURL, c.Words, database.Unix(c.Published), c.Address)
	if err != nil {
		return fmt.Errorf("keep card: %w", err)
	}
	tx.Touch(CardsGeneration)
	return nil
}

// readCard reads what a page says of itself, nil if that cannot be understood.
func (o *Outbox) readCard(page *fetch.Page, address string) (c *Card) {
	o.inbox.desks <- struct{}{}
	defer func() { <-o.inbox.desks }()
	defer func() {
		if p := recover(); p != nil {
			o.log.Error("page not understood", "address", address, "panic", p, "stack", string(debug.Stack()))
		}
	}()
	read, err := source.Read(page)
	if err != nil {
		return nil
	}
	about := read.About()
	return &Card{Address: address, Title: about.Title, Author: about.Author, AuthorURL: about.AuthorURL, Words: about.Words, Published: about.Published}
}
