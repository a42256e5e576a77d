package mentions

import (
	"context"
	"fmt"

	"hark/internal/database"
)

// bury forgets what belongs to a post that was deleted for good: what others said of
// it, what it said beneath others of ours, and whom it told. Those that know of it and
// were not told yet that it is gone are told, and forgotten then.
func (o *Outbox) bury(ctx context.Context, id string) error {
	telling, err := o.settings.Telling(ctx)
	if err != nil {
		return err
	}
	return o.db.InTx(ctx, func(tx *database.Tx) error {
		rows, err := deliveriesOf(tx, id)
		if err != nil {
			return err
		}
		for _, row := range rows {
			if err := o.takeLeave(tx, &change{telling: telling}, row); err != nil {
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

// takeLeave has a target told that the post is gone, if it may know of it by an
// address; else there is nothing to be told.
func (o *Outbox) takeLeave(tx *database.Tx, c *change, row *Delivery) error {
	switch {
	case row.source != "" && row.Linked:
		return o.retract(tx, c, row)
	case row.source != "" && row.State == Queued:
		return nil // it is being told
	}
	if _, err := tx.Exec("DELETE FROM deliveries WHERE id = $1", row.ID); err != nil {
		return fmt.Errorf("forget delivery: %w", err)
	}
	return nil
}
