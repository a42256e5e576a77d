package mentions

import (
	"errors"
	"fmt"
	"net/netip"

	"hark/internal/database"
)

// remember writes the mention and its job. m.ID becomes the key of the one that
// is there, if it is a repeat; known says that its source was found to link.
func (i *Inbox) remember(tx *database.Tx, m *Mention, key string, from netip.Addr) (known bool, err error) {
	r, err := lockSource(tx, key, m.PostID)
	switch {
	case errors.Is(err, ErrNotFound):
		return false, i.insert(tx, m, key, from)
	case err != nil:
		return false, err
	case r.State == Removed:
		m.ID = r.ID
		return false, nil
	}
	m.ID = r.ID
	if r.Checking && r.strikes == 0 {
		// Its job waits, and stands for both, or runs, and another has to follow.
		return !r.Verified.IsZero(), i.queue.Enqueue(tx, verify, r.ID)
	}
	return !r.Verified.IsZero(), i.askAgain(tx, r, m, from)
}

func (i *Inbox) insert(tx *database.Tx, m *Mention, key string, from netip.Addr) error {
	err := tx.QueryRow(`
		INSERT INTO mentions (id, post_id, source_key, source, target, via, address, state, reason, refusal, checking, strikes, struck_at,
			kind, author_name, author_url, title, html, rsvp, changed, published_at, received_at, verified_at, decided_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, 'waiting', $8, '', TRUE, 0, 0, '', '', '', '', '', '', '', 0, $9, 0, 0)
		ON CONFLICT (source_key, post_id) DO UPDATE SET checking = TRUE
		RETURNING id`,
		m.ID, m.PostID, key, m.Source, m.Target, string(m.Via), addressText(from), m.Reason, i.now().Unix()).Scan(&m.ID)
	if err != nil {
		return fmt.Errorf("store mention: %w", err)
	}
	if err := i.note(tx, m.ID, asked(m.Via, from)); err != nil {
		return err
	}
	return i.queue.Enqueue(tx, verify, m.ID)
}

// askAgain has the source of a known mention read again, with all its tries. A
// spelling that the owner or readers have seen stays: another may lead
// elsewhere, and whoever sends it must not change what is shown.
func (i *Inbox) askAgain(tx *database.Tx, r *record, m *Mention, from netip.Addr) error {
	if r.State != Shown && r.State != Held {
		r.Source, r.Target, r.Via, r.address = m.Source, m.Target, m.Via, addressText(from)
	}
	_, err := tx.Exec("UPDATE mentions SET source = $1, target = $2, via = $3, address = $4, checking = TRUE, strikes = 0 WHERE id = $5",
		r.Source, r.Target, string(r.Via), r.address, r.ID)
	if err != nil {
		return fmt.Errorf("ask again: %w", err)
	}
	if err := i.note(tx, r.ID, asked(m.Via, from)); err != nil {
		return err
	}
	return i.queue.Enqueue(tx, verify, r.ID)
}

func asked(via Via, from netip.Addr) Event {
	return Event{What: "Asked", Detail: fmt.Sprintf("by %s, at the %s door.", addressText(from), via)}
}
