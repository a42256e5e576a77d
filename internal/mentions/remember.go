package mentions

import (
	"database/sql"
	"errors"
	"fmt"
	"net/netip"

	"hark/internal/authlog"
	"hark/internal/database"
)

// memory is what was known of a mention when it came.
type memory int

const (
	newToUs memory = iota
	knownBefore
	verifiedBefore      // its source was found to link
	removedBefore       // the owner does not want it
	calledSpam          // by the owner
	calledSpamElsewhere // the same source, about another post
)

// remember writes the mention and its job. m.ID becomes the key of the one that
// is there, if it is a repeat. Where a verdict of the owner stands, nothing is
// written but the count.
func (i *Inbox) remember(tx *database.Tx, m *Mention, closed bool, from netip.Addr) (memory, error) {
	r, err := lockSource(tx, m.key, m.PostID)
	if errors.Is(err, ErrNotFound) {
		return i.rememberNew(tx, m, closed, from)
	}
	if err != nil {
		return 0, err
	}
	m.ID = r.ID
	switch {
	case r.State == Removed:
		return removedBefore, countAsked(tx, r.ID)
	case r.State == Spam && !r.Decided.IsZero():
		return calledSpam, countAsked(tx, r.ID)
	}
	known := knownBefore
	if !r.Verified.IsZero() {
		known = verifiedBefore
	}
	if r.Checking && r.strikes == 0 {
		// Its job waits, and stands for both, or runs, and another has to follow.
		return known, i.queue.Enqueue(tx, verify, r.ID)
	}
	return known, i.askAgain(tx, r, m, from)
}

func (i *Inbox) rememberNew(tx *database.Tx, m *Mention, closed bool, from netip.Addr) (memory, error) {
	if closed {
		return 0, refuseClosed()
	}
	var elsewhere string
	err := tx.QueryRow("SELECT id FROM mentions WHERE source_key = $1 AND "+stateOf(true)+" = 'spam' AND decided_at > 0 LIMIT 1", m.key).Scan(&elsewhere)
	if err == nil {
		return calledSpamElsewhere, countAsked(tx, elsewhere)
	}
	if !errors.Is(err, sql.ErrNoRows) {
		return 0, fmt.Errorf("look for verdicts: %w", err)
	}
	return newToUs, i.insert(tx, m, from)
}

func refuseClosed() *Refusal {
	return &Refusal{Reason: authlog.NoTarget, Closed: true, Text: "The post at the target address takes no more answers."}
}

// countAsked counts what came again in spite of a verdict.
func countAsked(tx *database.Tx, id string) error {
	if _, err := tx.Exec("UPDATE mentions SET asked = asked + 1 WHERE id = $1", id); err != nil {
		return fmt.Errorf("count repeat: %w", err)
	}
	return nil
}

func (i *Inbox) insert(tx *database.Tx, m *Mention, from netip.Addr) error {
	err := tx.QueryRow(`
		INSERT INTO mentions (id, post_id, source_key, host, source, target, via, address, state, reason, refusal, checking, strikes, struck_at,
			kind, author_name, author_url, title, html, rsvp, changed, published_at, received_at, verified_at, decided_at, search)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'waiting', $9, '', TRUE, 0, 0, '', '', '', '', '', '', '', 0, $10, 0, 0, $11)
		ON CONFLICT (source_key, post_id) DO UPDATE SET checking = TRUE
		RETURNING id`,
		m.ID, m.PostID, m.key, keyHost(m.key), m.Source, m.Target, string(m.Via), addressText(from), m.Reason, i.now().Unix(),
		searchable(m)).Scan(&m.ID)
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
