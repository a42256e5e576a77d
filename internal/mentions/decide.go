package mentions

import (
	"context"
	"fmt"

	"hark/internal/database"
)

// Decision is what the owner wants of a mention.
type Decision string

// The decisions.
const (
	Show   Decision = "show"   // as it is now, with words that came later
	Keep   Decision = "keep"   // the words shown so far, not those that came later
	Delete Decision = "delete" // for good; the same source is not shown again
)

// Decide does what the owner wants; who is written into the ledger. A mention
// whose source was never read cannot be shown.
func (i *Inbox) Decide(ctx context.Context, id string, d Decision, who string) error {
	err := i.db.InTx(ctx, func(tx *database.Tx) error {
		r, err := lock(tx, id)
		if err != nil {
			return err
		}
		before := r.Mention
		said, err := r.decide(d)
		if err != nil || said == "" {
			return err
		}
		r.Decided = i.now()
		if err := r.save(tx, before); err != nil {
			return err
		}
		if err := i.readAgain(tx, r); err != nil {
			return err
		}
		return i.note(tx, id, Event{What: said, Detail: "by " + who + "."})
	})
	if err == nil && d == Delete {
		i.waiters.tell(id)
	}
	return err
}

// decide moves the mention as its owner wants, and returns what to call it in
// the ledger; nothing is to be done if that is empty.
func (r *record) decide(d Decision) (said string, err error) {
	switch d {
	case Show:
		if r.Verified.IsZero() {
			return "", ErrNotFound
		}
		if r.Changed != nil {
			r.Changed.Published = r.Published
			r.Content = *r.Changed
		}
		r.State, r.Reason, r.Changed, r.declined = Shown, "", nil, nil
		return "Shown", nil
	case Keep:
		if r.Changed == nil {
			return "", nil
		}
		r.Reason, r.Changed, r.declined = "", nil, r.Changed
		return "Kept", nil
	case Delete:
		r.State, r.Reason, r.Changed, r.declined, r.Checking = Removed, "", nil, nil, false
		return "Removed", nil
	}
	return "", fmt.Errorf("decide on mention: %q is no decision", d)
}
