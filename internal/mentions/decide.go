package mentions

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"hark/internal/database"
)

// Decision is what the owner wants of a mention.
type Decision string

// The decisions.
const (
	Show        Decision = "show"   // as it is now, with words that came later
	Keep        Decision = "keep"   // the words shown so far, not those that came later
	NotSpam     Decision = "not"    // the filter was wrong: it is judged by the rest
	CallSpam    Decision = "spam"   // never from this source, and the filter learns
	Delete      Decision = "delete" // for good; the same source is not shown beneath this post again
	TrustAuthor Decision = "trust"  // show it, and whatever its author says from now on
	BlockAuthor Decision = "block-author"
	BlockHost   Decision = "block" // nothing from its host
	ReadAgain   Decision = "again" // have its source read once more
)

// MostAtOnce is how many mentions one decision may be about.
const MostAtOnce = 1000

// ErrUnread says that a mention cannot be shown, since its source was never read.
var ErrUnread = errors.New("the source was not read yet")

// ErrNobody says that no rule can be made of a mention: it names no author with
// an address of their own, or its host is a bridge or this site.
var ErrNobody = errors.New("there is nobody to make a rule about")

// Done is what came of a decision.
type Done struct {
	Batch string // undoes it; empty if nothing was done
	Count int    // how many mentions it moved
	Rule  string // the key of the rule it made
}

// Decide does what the owner wants with some mentions, all or nothing; who is
// written into their ledgers. One whose source was never read cannot be shown:
// alone it is ErrUnread, among others it is left out.
func (i *Inbox) Decide(ctx context.Context, d Decision, who string, ids ...string) (Done, error) {
	switch {
	case len(ids) > MostAtOnce:
		return Done{}, fmt.Errorf("decide on %d mentions at once: %d at most", len(ids), MostAtOnce)
	case d == ReadAgain:
		return i.readSoon(ctx, who, ids)
	case d == TrustAuthor, d == BlockAuthor, d == BlockHost:
		return i.makeRules(ctx, d, who, ids)
	}
	var done Done
	err := i.db.InTx(ctx, func(tx *database.Tx) (err error) {
		b := i.batch(tx, who, d)
		done, err = b.each(ids)
		return err
	})
	if err == nil && d == Delete {
		for _, id := range ids {
			i.waiters.tell(id)
		}
	}
	return done, err
}

// batch is one decision about some mentions, under way.
type batch struct {
	inbox   *Inbox
	tx      *database.Tx
	who     string
	want    Decision
	done    Done
	lessons lessons
}

func (i *Inbox) batch(tx *database.Tx, who string, d Decision) *batch {
	return &batch{inbox: i, tx: tx, who: who, want: d, done: Done{Batch: database.NewID()}, lessons: lessons{}}
}

func (b *batch) each(ids []string) (Done, error) {
	for _, id := range ordered(ids) {
		r, err := lock(b.tx, id)
		if err == nil {
			err = b.decide(r)
		}
		if len(ids) > 1 && (errors.Is(err, ErrNotFound) || errors.Is(err, ErrUnread)) {
			continue
		}
		if err != nil {
			return Done{}, err
		}
	}
	return b.close()
}

// ordered are keys in the order in which everybody takes mentions, so that on
// PostgreSQL no two decisions wait for each other.
func ordered(ids []string) []string { return slices.Compact(slices.Sorted(slices.Values(ids))) }

// close writes what the filter has learned.
func (b *batch) close() (Done, error) {
	if b.done.Count == 0 && b.done.Rule == "" {
		b.done.Batch = ""
	}
	return b.done, b.lessons.write(b.tx)
}

// decide moves one mention, and remembers how it was.
func (b *batch) decide(r *record) error {
	before, was := r.Mention, r.memory()
	taught := r.lesson
	said, err := r.decide(b.want)
	if err != nil || said == "" {
		return err
	}
	r.Decided = b.inbox.now()
	b.lessons.learn(r, before, taught)
	if err := b.inbox.correct(b.tx, before.Signs, r, taught); err != nil {
		return err
	}
	if err := b.inbox.finish(b.tx, r, before); err != nil {
		return err
	}
	if err := b.remember(r.ID, was, r.Decided); err != nil {
		return err
	}
	b.done.Count++
	return b.inbox.note(b.tx, r.ID, Event{What: said, Detail: "by " + b.who + "."})
}

// finish saves a mention that was moved, with what follows from it.
func (i *Inbox) finish(tx *database.Tx, r *record, before Mention) error {
	if err := i.fillFace(tx, r); err != nil {
		return err
	}
	if err := r.save(tx, before); err != nil {
		return err
	}
	if err := i.tellThread(tx, r, before); err != nil {
		return err
	}
	if err := i.tellUpstream(tx, r, before); err != nil {
		return err
	}
	return i.readAgain(tx, r)
}

// decide moves the mention as its owner wants, and returns what to call it in
// the ledger; nothing is to be done if that is empty.
func (r *record) decide(d Decision) (said string, err error) {
	switch d {
	case Show, TrustAuthor:
		if r.Verified.IsZero() {
			return "", ErrUnread
		}
		return r.show(), nil // what is shown already is approved by it
	case Keep:
		if r.Changed == nil {
			return "", nil
		}
		r.Reason, r.Changed, r.declined = "", nil, r.Changed
		return "Kept", nil
	case NotSpam:
		return r.acquit()
	case CallSpam, BlockAuthor, BlockHost:
		if r.Via == Own {
			return "", nil // what we say ourselves may be deleted; it is no spam
		}
		r.leave(Spam, "")
		if r.lesson = spam; r.Kind == "" {
			r.lesson = untaught // nothing was read in it
		}
		return "Called spam", nil
	case Delete:
		r.leave(Removed, "")
		return "Removed", nil
	}
	return "", fmt.Errorf("decide on mention: %q is no decision", d)
}

func (r *record) show() string {
	if r.Changed != nil {
		r.Changed.Published = r.Published
		r.Content = *r.Changed
	}
	r.State, r.Reason, r.Changed, r.declined, r.lesson = Shown, "", nil, nil, ham
	return "Shown"
}

// acquit judges it anew, without what the filters have said.
func (r *record) acquit() (said string, err error) {
	if r.Verified.IsZero() {
		return "", ErrUnread
	}
	r.lesson = ham
	r.Signs = slices.DeleteFunc(slices.Clone(r.Signs), func(s Sign) bool {
		return s.Weight < 0 && (s.Name == "filter" || s.Name == "akismet" || s.Name == "called-spam")
	})
	j := judgement{signs: r.Signs}
	r.Score = 0
	for _, s := range r.Signs {
		r.Score += s.Weight
	}
	if r.Score >= Needed {
		return r.show(), nil
	}
	r.State, r.Reason = Held, j.against()
	return "Not spam", nil
}

// leave takes a mention out of sight.
func (r *record) leave(state State, reason string) {
	r.State, r.Reason, r.Changed, r.declined, r.Checking = state, reason, nil, nil, false
}

// readSoon has sources read once more, at once.
func (i *Inbox) readSoon(ctx context.Context, who string, ids []string) (done Done, err error) {
	err = i.db.InTx(ctx, func(tx *database.Tx) error {
		done = Done{}
		for _, id := range ordered(ids) {
			n, err := tx.Exec(`
				UPDATE mentions SET checking = TRUE, strikes = 0, rest_until = 0
				WHERE id = $1 AND via <> 'own' AND state NOT IN ('removed', 'spam')`, id)
			if err != nil {
				return fmt.Errorf("read again: %w", err)
			}
			if n == 0 {
				continue
			}
			done.Count++
			if err := i.note(tx, id, Event{What: "Asked", Detail: "by " + who + ", to read the page again."}); err != nil {
				return err
			}
			if err := i.queue.Enqueue(tx, verify, id); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil && done.Count == 0 {
		err = ErrNotFound
	}
	return done, err
}
