package mentions

import (
	"context"
	"fmt"

	"hark/internal/database"
)

// note adds lines to the end of the mention's ledger. They are numbered, because
// keys that are made in one millisecond have no order of their own.
//
// A ledger is trimmed as it grows: whoever sends the same mention for days must
// not fill the disk with it.
func (i *Inbox) note(tx *database.Tx, mention string, events ...Event) error {
	var last int
	for _, e := range events {
		err := tx.QueryRow(`
			INSERT INTO mention_events (id, mention_id, position, at, what, detail)
			VALUES ($1, $2, (SELECT coalesce(max(position), 0) + 1 FROM mention_events WHERE mention_id = $2), $3, $4, $5)
			RETURNING position`,
			database.NewID(), mention, i.now().Unix(), e.What, valid(e.Detail)).Scan(&last)
		if err != nil {
			return fmt.Errorf("write ledger: %w", err)
		}
	}
	if last <= longestLedger {
		return nil
	}
	if _, err := tx.Exec("DELETE FROM mention_events WHERE mention_id = $1 AND position <= $2", mention, last-longestLedger); err != nil {
		return fmt.Errorf("trim ledger: %w", err)
	}
	return nil
}

// longestLedger is how many lines of a ledger are kept.
const longestLedger = 200

// Ledger reads what happened to a mention, oldest first.
func (i *Inbox) Ledger(ctx context.Context, id string) ([]Event, error) {
	rows, err := i.db.Query(ctx, "SELECT at, what, detail FROM mention_events WHERE mention_id = $1 ORDER BY position, id", id)
	if err != nil {
		return nil, fmt.Errorf("read ledger: %w", err)
	}
	defer rows.Close()
	var events []Event
	for rows.Next() {
		var at int64
		var e Event
		if err := rows.Scan(&at, &e.What, &e.Detail); err != nil {
			return nil, err
		}
		e.At = database.Time(at)
		events = append(events, e)
	}
	return events, rows.Err()
}
