package mentions

import (
	"context"
	"errors"
	"fmt"

	"hark/internal/database"
	"hark/internal/posts"
)

// digestForm begins each digest of a text. Those that earlier versions of hark wrote
// down, of the HTML that was told, do not begin so.
const digestForm = "c:"

// oldDigest and digestLength are how many letters an old one has, and one of today.
// What follows is of the thread.
const oldDigest, digestLength = 32, len(digestForm) + 32

// older finds deliveries that have an old digest.
const older = "linked AND post_id <> '' AND version <> '' AND version NOT LIKE '" + digestForm + "%'"

// TakeOver has deliveries of earlier versions of hark known by the digest of today, so
// that the next save of a post does not tell everybody what they know. It is for every
// start, before anything is worked at: what a post says then is what was told, unless a
// change of it waits to be.
func (o *Outbox) TakeOver(ctx context.Context) error {
	waiting, err := o.queue.Waiting(ctx, posts.Changed)
	if err != nil {
		return fmt.Errorf("take over what was told: %w", err)
	}
	rows, err := o.db.Query(ctx, "SELECT DISTINCT post_id FROM deliveries WHERE "+older)
	if err != nil {
		return fmt.Errorf("take over what was told: %w", err)
	}
	ids, err := database.Column(rows)
	if err != nil {
		return fmt.Errorf("take over what was told: %w", err)
	}
	for _, id := range ids {
		if err := o.takeOver(ctx, id, waiting > 0); err != nil {
			return err
		}
	}
	return nil
}

// takeOver does so with one post. While changes wait, only those are taken over that
// were touched after the post was saved.
func (o *Outbox) takeOver(ctx context.Context, id string, waiting bool) error {
	p, err := o.posts.ByID(ctx, id)
	if errors.Is(err, posts.ErrNotFound) {
		return nil // those who knew it are being told that it is gone
	}
	if err != nil {
		return err
	}
	touched := int64(0)
	if waiting {
		touched = p.Updated.Unix()
	}
	version, err := o.digest(ctx, p)
	if err != nil {
		return err
	}
	return o.db.InTx(ctx, func(tx *database.Tx) error {
		_, err := tx.Exec("UPDATE deliveries SET version = $1 || substr(version, $2) WHERE post_id = $3 AND updated_at >= $4 AND "+older, version, oldDigest+1, id, touched)
		if err != nil {
			return fmt.Errorf("take over what was told of %s: %w", id, err)
		}
		return nil
	})
}
