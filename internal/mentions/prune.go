package mentions

import (
	"context"
	"fmt"
	"time"

	"hark/internal/database"
	"hark/internal/queue"
)

// prune is the job that forgets what nobody will ask for again.
const prune queue.Kind = "prune"

const (
	pruneRest    = 6 * time.Hour        // between two of them
	refusedFor   = 30 * 24 * time.Hour  // what was refused is kept for its sender to read
	filteredFor  = 180 * 24 * time.Hour // what the filter called spam is kept for the owner to look at
	mostRefused  = 5_000                // of the newest
	mostFiltered = 20_000
)

// prune forgets refused mentions and those that the filter called spam, the
// oldest and those that are too many: pings without end must not fill the disk.
// What the owner has decided about is never forgotten.
func (i *Inbox) prune(ctx context.Context, _ queue.Job) error {
	return i.db.InTx(ctx, func(tx *database.Tx) error {
		now := i.now()
		for _, old := range []struct {
			state  State
			before time.Time
			most   int
		}{
			{Refused, now.Add(-refusedFor), mostRefused}, {Spam, now.Add(-filteredFor), mostFiltered},
		} {
			if err := forget(tx, old.state, old.before, old.most); err != nil {
				return err
			}
		}
		for _, statement := range []string{ // each condition that a key is not empty is one of an index
			"DELETE FROM decisions WHERE decided_at < $1",
			"DELETE FROM photos WHERE read_at < $1 AND NOT EXISTS (SELECT 1 FROM mentions WHERE author_photo = photos.address AND author_photo <> '')",
		} {
			if _, err := tx.Exec(statement, now.Add(-undoFor).Unix()); err != nil {
				return fmt.Errorf("prune: %w", err)
			}
		}
		if _, err := tx.Exec("DELETE FROM faces WHERE NOT EXISTS (SELECT 1 FROM photos WHERE photos.hash = faces.hash) AND NOT EXISTS (SELECT 1 FROM mentions WHERE face = faces.hash AND face <> '')"); err != nil {
			return fmt.Errorf("prune: %w", err)
		}
		return nil
	})
}

func forget(tx *database.Tx, state State, before time.Time, most int) error {
	_, err := tx.Exec(`
		DELETE FROM mentions
		WHERE state = $1 AND NOT checking AND decided_at = 0
			AND (received_at < $2 OR id IN (SELECT id FROM mentions WHERE state = $1 ORDER BY received_at DESC, id DESC LIMIT $4 OFFSET $3))`,
		string(state), before.Unix(), most, 1<<30)
	if err != nil {
		return fmt.Errorf("prune: %w", err)
	}
	return nil
}
