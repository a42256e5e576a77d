package mentions

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"

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
		if e.Sum != nil {
			kept, err := json.Marshal(e.Sum)
			if err != nil {
				return fmt.Errorf("write ledger: %w", err)
			}
			e.Detail = string(kept)
		}
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
		if e.What == weighed {
			if e.Sum = sumIn(e.Detail); e.Sum != nil {
				e.Detail = ""
			}
		}
		events = append(events, e)
	}
	return events, rows.Err()
}

// weighed is what a line says that has a sum.
const weighed = "Weighed"

// sumIn is the sum of such a line, nil for one that cannot be read. Earlier
// versions wrote sentences: "links +1.0, older −0.5; together 0.5, of 2.0
// needed."
func sumIn(detail string) *Sum {
	s := &Sum{}
	if json.Unmarshal([]byte(detail), s) == nil {
		return s
	}
	signs, rest, _ := strings.Cut(detail, "; together ")
	score, needed, _ := strings.Cut(strings.TrimSuffix(rest, " needed."), ", of ")
	good := hundredths(score, &s.Score) && hundredths(needed, &s.Needed)
	for sign := range strings.SplitSeq(signs, ", ") {
		name, weight, _ := strings.Cut(sign, " ")
		one := Sign{Name: name}
		good = good && hundredths(weight, &one.Weight)
		s.Signs = append(s.Signs, one)
	}
	if !good {
		return nil
	}
	return s
}

// hundredths reads a number that has a decimal, and a real minus where it is below zero.
func hundredths(number string, into *int) bool {
	f, err := strconv.ParseFloat(strings.Replace(number, "−", "-", 1), 64)
	*into = int(math.Round(100 * f))
	return err == nil
}
