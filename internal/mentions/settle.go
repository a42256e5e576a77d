package mentions

import (
	"cmp"
	"errors"
	"time"

	"hark/internal/authlog"
	"hark/internal/database"
	"hark/internal/guard"
	"hark/internal/queue"
)

// strikeGap is how far apart two looks at a missing source have to be before it
// counts as gone.
const strikeGap = 24 * time.Hour

// settle writes what a look has shown. The mention is read again here, because
// its owner may have decided meanwhile.
func (i *Inbox) settle(tx *database.Tx, p *policy, id string, f finding) error {
	r, err := lock(tx, id)
	if errors.Is(err, ErrNotFound) || err == nil && r.settled() {
		return nil
	}
	if err != nil {
		return err
	}
	before := r.Mention
	if err := i.plan(tx, r, &f); err != nil {
		return err
	}
	if err := i.apply(tx, r, f); err != nil {
		return err
	}
	if err := i.relearn(tx, r, before); err != nil {
		return err
	}
	if err := i.finish(tx, r, before); err != nil {
		return err
	}
	if err := i.follow(tx, p, r, before); err != nil {
		return err
	}
	if f.judged.rule != "" {
		if err := hit(tx, f.judged.rule, i.now()); err != nil {
			return err
		}
	}
	if r.State == Refused && !r.Checking {
		tx.OnCommit(func() {
			i.guard.RefusedSource(protocols[r.Via], f.counted, r.from, r.Host())
			if f.counted == authlog.NoLink {
				i.guard.Unlinked(r.Source, r.Target)
			}
		})
	}
	if outcome := outcomes[r.State]; outcome != "" && before.State == Waiting && protocols[r.Via] != "" {
		tx.OnCommit(func() { i.guard.Settled(protocols[r.Via], outcome) })
	}
	events := append([]Event{{What: f.what, Detail: f.detail}}, f.more...)
	if r.State != before.State {
		events = append(events, Event{What: stateWords[r.State], Detail: cmp.Or(r.Reason, f.judged.grace)})
	}
	return i.note(tx, id, events...)
}

// settled tells whether the owner's verdict stands, so that nothing a source says
// can move the mention.
func (r *record) settled() bool {
	return r.State == Removed || r.State == Spam && !r.Decided.IsZero()
}

// relearn keeps what the filter was taught in step with the words it was taught by.
func (i *Inbox) relearn(tx *database.Tx, r *record, before Mention) error {
	l := lessons{}
	l.learn(r, before, r.lesson)
	return l.write(tx)
}

// follow leaves the jobs that a new state asks for.
func (i *Inbox) follow(tx *database.Tx, p *policy, r *record, before Mention) error {
	switch {
	case r.State == Held && before.State != Held, r.Changed != nil && before.Changed == nil:
		return i.announce(tx, p)
	case r.State == Refused && before.State != Refused, r.State == Spam && before.State != Spam:
		return i.queue.EnqueueAt(tx, prune, "", i.now().Add(pruneRest))
	}
	return nil
}

// readAgain has what is shown read once more after a week, a month and half a
// year.
func (i *Inbox) readAgain(tx *database.Tx, r *record) error {
	if r.State != Shown || r.Checking || r.Via == Own {
		return nil
	}
	for _, days := range []time.Duration{7, 30, 180} {
		if at := r.Received.Add(days * 24 * time.Hour); at.After(i.now()) {
			return i.queue.EnqueueAt(tx, verify, r.ID, at)
		}
	}
	return nil
}

// plan has a source about which nothing can be said now read again, on the
// queue's schedule, until that ends.
func (i *Inbox) plan(tx *database.Tx, r *record, f *finding) error {
	r.Checking, r.rest = false, time.Time{}
	if f.rest > 0 {
		r.rest = i.now().Add(f.rest)
	}
	if f.again == nil {
		return nil
	}
	r.strikes++
	wait := queue.Rest(f.again, r.strikes)
	if wait == 0 {
		f.again = nil
		return nil
	}
	r.Checking = true
	return i.queue.EnqueueAt(tx, verify, r.ID, i.now().Add(wait))
}

var protocols = map[Via]authlog.Protocol{Pingback: authlog.Pingback, Webmention: authlog.Webmention}

// outcomes are the first verdicts that the guard counts.
var outcomes = map[State]string{Shown: guard.Shown, Held: guard.Held, Spam: guard.Spam}

var stateWords = map[State]string{
	Shown: "Shown", Held: "Held", Spam: "Spam", Withdrawn: "Withdrawn", Refused: "Refused", Removed: "Removed", Waiting: "Waiting",
}

// apply moves the mention as the finding says.
func (i *Inbox) apply(tx *database.Tx, r *record, f finding) error {
	never := r.Verified.IsZero()
	if f.verdict != unknown {
		r.strikes = 0
	}
	if f.verdict != unknown && f.verdict != missing {
		r.struck = time.Time{}
	}
	switch {
	case f.verdict == links:
		i.verified(r, f)
	case f.verdict == unknown && (f.again != nil || !never):
		if never && r.Reason != Crowded {
			r.Reason = f.reason
		}
	case never:
		r.State, r.Reason, r.Refusal = Refused, f.reason, f.counted
	case f.verdict == missing:
		return i.strike(tx, r, f)
	default:
		r.withdraw(f)
	}
	return nil
}

func (r *record) withdraw(f finding) {
	r.State, r.Reason, r.Refusal = Withdrawn, f.reason, f.counted
	r.Changed, r.declined = nil, nil
}

// verified takes over what a linking source says. What is shown stays shown, and
// where it is: other words that are doubtful, or that differ much from words the
// owner has seen, wait beside it.
func (i *Inbox) verified(r *record, f finding) {
	r.Verified, r.Refusal = i.now(), ""
	r.Score, r.Signs = f.judged.score, f.judged.signs
	if f.content.Photo == r.Photo {
		f.content.Face = r.Face
	}
	if r.State != Shown {
		if f.content.Published.IsZero() {
			f.content.Published = r.Received
		}
		r.Content, r.State, r.Reason, r.Changed, r.declined = f.content, f.judged.state, f.judged.reason, nil, nil
		return
	}
	f.content.Published = r.Published
	switch {
	case r.Content.same(f.content):
		r.Reason, r.Changed = "", nil
	case r.declined != nil && r.declined.same(f.content):
		// the owner was asked already
	case f.judged.state != Shown, !r.Decided.IsZero() && r.Content.differs(f.content):
		r.Changed, r.declined = &f.content, nil
		if r.Reason = f.judged.reason; r.Reason == "" {
			r.Reason = "You have shown this already, and its words have changed a good deal since. The old words stay until you decide."
		}
	default:
		r.Content, r.Reason, r.Changed, r.declined = f.content, "", nil, nil
	}
}

// strike counts a look at a source that is missing. Two of them a day apart
// withdraw what came from it.
func (i *Inbox) strike(tx *database.Tx, r *record, f finding) error {
	now := i.now()
	switch {
	case r.State != Shown && r.State != Held:
		return nil
	case r.struck.IsZero():
		r.struck = now
	case now.Sub(r.struck) >= strikeGap:
		r.struck = time.Time{}
		r.withdraw(f)
		return nil
	}
	return i.queue.EnqueueAt(tx, verify, r.ID, r.struck.Add(strikeGap))
}
