package mentions

import (
	"context"
	"fmt"

	"hark/internal/database"
	"hark/internal/posts"
)

// bury forgets what belongs to a post that was deleted for good, of which there is left
// what is known of it here: what others said of it, what it said beneath others of ours,
// and whom it told. Those that know of it and were not told yet that it is gone are told,
// the hub among them, and forgotten then.
func (o *Outbox) bury(ctx context.Context, p *posts.Post) error {
	telling, err := o.settings.Telling(ctx)
	if err != nil {
		return err
	}
	id, c := p.ID, &change{post: p, telling: telling}
	return o.db.InTx(ctx, func(tx *database.Tx) error {
		rows, err := deliveriesOf(tx, id)
		if err != nil {
			return err
		}
		for _, row := range rows {
			if err := o.takeLeave(tx, c, row); err != nil {
				return err
			}
		}
		if p.Path != "" {
			if err := o.changedTopics(tx, c); err != nil {
				return err
			}
		}
		if err := o.inbox.forgetOwn(tx, id, nil); err != nil {
			return err
		}
		for _, statement := range []string{
			"DELETE FROM decisions WHERE mention_id IN (SELECT id FROM mentions WHERE post_id = $1 OR source_key = $2)",
			"DELETE FROM mentions WHERE post_id = $1 OR source_key = $2",
		} {
			if _, err := tx.Exec(statement, id, ownKey(id)); err != nil {
				return fmt.Errorf("forget mentions of post %s: %w", id, err)
			}
		}
		tx.Touch(Generation)
		return nil
	})
}

// takeLeave has a target told that the post is gone, if it may know of it; else there is
// nothing to be told.
func (o *Outbox) takeLeave(tx *database.Tx, c *change, row *Delivery) error {
	if row.source == "" && c.post.Path != "" && row.State == Queued && !row.Linked {
		row.source = o.address(c.post)
		if _, err := tx.Exec("UPDATE deliveries SET source = $1 WHERE id = $2", row.source, row.ID); err != nil {
			return fmt.Errorf("keep where the post stood: %w", err)
		}
		return o.queue.Enqueue(tx, tell, row.ID)
	}
	switch {
	case row.Linked && (row.source != "" || c.post.Path != ""):
		return o.retract(tx, c, row)
	case row.source != "" && row.State == Queued:
		return nil // it is being told
	}
	if _, err := tx.Exec("DELETE FROM deliveries WHERE id = $1", row.ID); err != nil {
		return fmt.Errorf("forget delivery: %w", err)
	}
	return nil
}
