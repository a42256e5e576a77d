package mentions

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"hark/internal/authlog"
	"hark/internal/database"
)

// undoFor is how long a decision can be undone.
const undoFor = 30 * 24 * time.Hour

// moment is how a mention was before a decision.
type moment struct {
	State    State
	Reason   string
	Refusal  authlog.Reason
	Checking bool
	Content  Content
	Changed  *Content
	Declined *Content
	Score    int
	Signs    []Sign
	Lesson   lesson
	Decided  time.Time
}

func (r *record) memory() *moment {
	return &moment{r.State, r.Reason, r.Refusal, r.Checking, r.Content, r.Changed, r.declined, r.Score, r.Signs, r.lesson, r.Decided}
}

func (r *record) recall(m *moment) {
	r.State, r.Reason, r.Refusal, r.Checking, r.Content, r.Changed, r.declined = m.State, m.Reason, m.Refusal, m.Checking, m.Content, m.Changed, m.Declined
	r.Score, r.Signs, r.lesson, r.Decided = m.Score, m.Signs, m.Lesson, m.Decided
}

// remember writes a line of the batch: a mention as it was, or with none the
// rule that was made, and the one it took the place of.
func (b *batch) remember(mention string, was any, at time.Time) error {
	before, err := json.Marshal(was)
	if err != nil {
		return fmt.Errorf("remember decision: %w", err)
	}
	_, err = b.tx.Exec(`
		INSERT INTO decisions (id, batch, mention_id, rule_id, before, decided_at, position)
		VALUES ($1, $2, $3, $4, $5, $6, (SELECT coalesce(max(position), 0) + 1 FROM decisions WHERE mention_id = $3))`,
		database.NewID(), b.done.Batch, mention, b.done.Rule, string(before), at.Unix())
	if err != nil {
		return fmt.Errorf("remember decision: %w", err)
	}
	return nil
}

// Undo takes a decision back: mentions are as they were before, unless they were
// decided about anew since, and a rule that it made is gone. A decision that is
// unknown, too old or undone already is ErrNotFound.
func (i *Inbox) Undo(ctx context.Context, batchID, who string) (count int, err error) {
	err = i.db.InTx(ctx, func(tx *database.Tx) error {
		lines, err := i.decided(tx, batchID)
		if err != nil {
			return err
		}
		if len(lines) == 0 {
			return ErrNotFound
		}
		b := i.batch(tx, who, "")
		for _, line := range lines {
			if err := b.undo(line); err != nil {
				return err
			}
		}
		count = b.done.Count
		if _, err := tx.Exec("DELETE FROM decisions WHERE batch = $1", batchID); err != nil {
			return fmt.Errorf("undo: %w", err)
		}
		_, err = b.close()
		return err
	})
	return count, err
}

// decision is a line of a batch.
type decision struct {
	mention, rule, before string
	position, at          int64
}

func (i *Inbox) decided(tx *database.Tx, batchID string) ([]decision, error) {
	rows, err := tx.Query("SELECT position, mention_id, rule_id, before, decided_at FROM decisions WHERE batch = $1 AND decided_at > $2 ORDER BY mention_id, id DESC",
		batchID, i.now().Add(-undoFor).Unix())
	if err != nil {
		return nil, fmt.Errorf("read decisions: %w", err)
	}
	defer rows.Close()
	var lines []decision
	for rows.Next() {
		var d decision
		if err := rows.Scan(&d.position, &d.mention, &d.rule, &d.before, &d.at); err != nil {
			return nil, err
		}
		lines = append(lines, d)
	}
	return lines, rows.Err()
}

func (b *batch) undo(d decision) error {
	if d.mention == "" {
		return b.undoRule(d)
	}
	r, err := lock(b.tx, d.mention)
	if errors.Is(err, ErrNotFound) || err == nil && r.Decided.Unix() != d.at {
		return nil
	}
	if err != nil {
		return err
	}
	var anew bool
	err = b.tx.QueryRow("SELECT EXISTS (SELECT 1 FROM decisions WHERE mention_id = $1 AND position > $2)", d.mention, d.position).Scan(&anew)
	if err != nil || anew {
		return err
	}
	var was moment
	if err := json.Unmarshal([]byte(d.before), &was); err != nil {
		return fmt.Errorf("undo %s: %w", d.mention, err)
	}
	before, taught := r.Mention, r.lesson
	r.recall(&was)
	b.lessons.learn(r, before, taught)
	if err := b.inbox.finish(b.tx, r, before); err != nil {
		return err
	}
	if r.Checking {
		if err := b.inbox.queue.Enqueue(b.tx, verify, r.ID); err != nil {
			return err
		}
	}
	b.done.Count++
	return b.inbox.note(b.tx, r.ID, Event{What: "Undone", Detail: "by " + b.who + ". It is as it was before."})
}

// undoRule takes back a rule, and puts back the one it took the place of.
func (b *batch) undoRule(d decision) error {
	if err := removeRule(b.tx, d.rule); errors.Is(err, ErrNotFound) {
		return nil
	} else if err != nil {
		return err
	}
	var was *Rule
	if err := json.Unmarshal([]byte(d.before), &was); err != nil {
		return fmt.Errorf("undo rule %s: %w", d.rule, err)
	}
	if was == nil {
		return nil
	}
	return was.save(b.tx)
}
