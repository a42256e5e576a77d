package mentions

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"hark/internal/database"
	"hark/internal/fetch"
	"hark/internal/pingback"
	"hark/internal/posts"
	"hark/internal/queue"
	"hark/internal/webmention"
	"hark/internal/websub"
)

// protocol names as they stand in deliveries.
const (
	byWebmention = "webmention"
	byPingback   = "pingback"
	byWebSub     = "websub"
)

// tell tells the target of one link: it finds where the target wants to be told,
// webmention first, else pingback, never both. It is the handler of the job.
//
// What has to be tried again it writes as a new job itself: a delivery has at
// most one that waits, however often its post is saved meanwhile.
func (o *Outbox) tell(ctx context.Context, job queue.Job) error {
	d, err := o.queued(ctx, job)
	if d == nil || err != nil {
		return err
	}
	p, err := o.posts.ByID(ctx, d.PostID)
	buried := errors.Is(err, posts.ErrNotFound)
	if buried {
		p, err = &posts.Post{}, nil
	}
	if err != nil {
		return err
	}
	telling, err := o.settings.Telling(ctx)
	if err != nil {
		return err
	}
	if telling.Never.Have(d.Host) {
		d.State, d.Answer, d.turn, d.Updated = Quiet, quietHost, time.Time{}, o.now()
		return o.keep(ctx, d, 0)
	}
	if !o.visits.enter(d.Host) {
		return o.keep(ctx, d, o.visits.later(d.Host, o.now()))
	}
	defer o.visits.leave(d.Host)
	// Who knows the post by an address that it has left is told of that one: it
	// leads to the new one, and is gone when the post is.
	source := d.source
	if source == "" && p.Path != "" {
		source = o.address(p)
	}
	switch {
	case source == "" && buried:
		return nil // the last job of the post knows, see bury
	case source == "":
		return o.forget(ctx, d)
	}
	d.spoke = source
	wait, again := o.deliver(ctx, d, source)
	if d.State == Queued && errors.Is(ctx.Err(), context.Canceled) {
		return ctx.Err() // hark stops before there is an answer
	}
	if wait > 0 {
		return o.keep(ctx, d, wait)
	}
	if d.State == Sent {
		d.source = source
		d.copied = d.made && d.Location != "" && slices.Contains(p.CopiesTo(), d.Target)
	}
	if err := o.conclude(ctx, d, again); err != nil || !buried || d.State == Queued {
		return err
	}
	return o.forget(ctx, d)
}

// forget forgets a delivery of which nothing is to be told any more.
func (o *Outbox) forget(ctx context.Context, d *Delivery) error {
	return o.db.InTx(ctx, func(tx *database.Tx) error {
		if _, err := tx.Exec("DELETE FROM deliveries WHERE id = $1", d.ID); err != nil {
			return fmt.Errorf("forget delivery: %w", err)
		}
		return nil
	})
}

// queued reads the delivery that a job is about; there is none if nothing of it
// is to be told any more.
func (o *Outbox) queued(ctx context.Context, job queue.Job) (*Delivery, error) {
	var id string
	if err := json.Unmarshal(job.Payload, &id); err != nil {
		return nil, queue.Permanent(err)
	}
	d, err := o.ByID(ctx, id)
	if errors.Is(err, ErrNotFound) || err == nil && d.State != Queued {
		return nil, nil
	}
	return d, err
}

// conclude writes what came of a try, and when the next is. again says that
// there is one.
func (o *Outbox) conclude(ctx context.Context, d *Delivery, again error) error {
	var wait time.Duration
	d.turn, d.Updated = time.Time{}, o.now()
	d.Tries++
	if again != nil {
		wait = queue.Rest(again, d.Tries)
		heard := heardOf{}
		switch {
		case errors.As(again, &heard) && wait == 0: // nobody is given up unasked
			d.Tries--
			wait = heard.rest(time.Minute, o.now())
		case errors.As(again, &heard):
			wait = heard.rest(wait, o.now())
		case wait == 0:
			d.State = Failed
		}
	}
	if err := o.keep(ctx, d, wait); err != nil {
		return err
	}
	o.log.Info("link tried", "post", d.PostID, "target", d.Target, "protocol", d.Protocol, "state", d.State, "answer", d.Answer)
	return nil
}

// deliver tries once, and fills in what came of it. The error says to try again;
// a wait says that nothing was tried, because its turn has not come.
func (o *Outbox) deliver(ctx context.Context, d *Delivery, source string) (wait time.Duration, again error) {
	waited := d.hasTurn(o.now())
	if !waited {
		d.turn = time.Time{}
		err := o.discover(ctx, d)
		if errors.Is(err, fetch.ErrBusy) {
			return busyFor(err), nil
		}
		if err != nil || d.State != Queued {
			return 0, err
		}
		if err := o.takeTurn(ctx, d); err != nil {
			return 0, err
		}
	}
	if wait := d.turn.Sub(o.now()); wait > 0 {
		return wait, nil
	}
	if told, err := o.pinged(ctx, d); err != nil || told {
		return 0, err
	}
	err := o.silences.about(targetHost(d.Endpoint), o.now())
	if err == nil {
		err = o.send(ctx, d, source)
	}
	if errors.Is(err, fetch.ErrBusy) {
		d.turn = time.Time{}
		return busyFor(err), nil
	}
	o.silences.note(err, o.now())
	if again = d.read(err); !lostEndpoint(err) {
		return 0, again
	}
	// The endpoint may have moved since it was found.
	if err := o.forgetLook(ctx, d.Target); err != nil {
		return 0, err
	}
	switch {
	case d.remembered:
		d.State, d.Refused, d.turn = Queued, false, time.Time{}
		return time.Second, nil
	case waited && d.Tries == 0:
		// It was found before the turn, and perhaps not for this text. Nothing says
		// so, hence this counts as a try, or a door that is gone would have no end.
		d.State, d.Refused = Queued, false
		return 0, err
	}
	return 0, again
}

// pinged ends a delivery whose page took a pingback of this text since then, for another
// link to it, to another part perhaps: a pingback says that one page links to another, and a
// second is fault 48 (Pingback 1.0, section 3.1). Webmentions are not held back so: their
// target is the address as it was linked to, of which a receiver looks for an exact
// match (W3C Webmention, section 3.2.2), and its fragment may name a comment.
func (o *Outbox) pinged(ctx context.Context, d *Delivery) (told bool, err error) {
	if d.Protocol != byPingback || !d.Linked || len(d.version) < digestLength {
		return false, nil
	}
	err = o.db.QueryRow(ctx, `
		SELECT EXISTS (
			SELECT 1 FROM deliveries
			WHERE post_id = $1 AND target_key = $2 AND id <> $3 AND linked AND protocol = 'pingback' AND state = 'sent'
				AND substr(version, 1, $4) = $5 AND told_at >= $6)`,
		d.PostID, sourceKey(d.Target), d.ID, digestLength, d.version[:digestLength], database.Unix(d.Updated)).Scan(&told)
	if err != nil {
		return false, fmt.Errorf("look for a pingback to the same page: %w", err)
	}
	if told {
		d.State, d.Answer = Sent, "The page was told, by another link to it."
	}
	return told, nil
}

// lostEndpoint tells whether an answer sounds as if the endpoint were somewhere
// else by now.
func lostEndpoint(err error) bool {
	var refused *webmention.Error
	var status *pingback.StatusError
	code := 0
	switch {
	case errors.Is(err, fetch.ErrUnreachable), errors.Is(err, pingback.ErrBadAnswer):
		return true
	case errors.As(err, &refused):
		code = refused.Status
	case errors.As(err, &status):
		code = status.Status
	}
	return code == http.StatusNotFound || code == http.StatusGone || code == http.StatusMethodNotAllowed
}

// send sends one message.
func (o *Outbox) send(ctx context.Context, d *Delivery, source string) error {
	if d.Protocol == byWebmention {
		r, err := webmention.Send(ctx, o.fetch.Polite(), d.Endpoint, source, d.Target)
		d.Answer, d.Location, d.made = r.Text, r.Location, r.Status == http.StatusCreated
		return err
	}
	r, err := pingback.Send(ctx, o.fetch.Polite(), d.Endpoint, source, d.Target)
	d.Answer, d.Location = r.Text, ""
	return err
}

// busyFor is how long to wait for a host that had no time for us.
func busyFor(err error) time.Duration {
	var e *fetch.Error
	switch {
	case errors.As(err, &e) && e.Wait > 0:
		return e.Wait
	case errors.Is(err, fetch.ErrResting):
		return slowRest
	}
	return busyRest
}

func reasonOf(err error) string {
	var e *fetch.Error
	if errors.As(err, &e) {
		return "The page could not be read: " + e.Reason + "."
	}
	return "The page could not be read."
}

// read reads the endpoint's answer: any 2xx is success, and so is fault 48; 429,
// 5xx and silence are for later, which the error says; the rest is the end.
func (d *Delivery) read(err error) error {
	var refused *webmention.Error
	var status *pingback.StatusError
	var fault *pingback.Fault
	var hub *websub.Error
	d.Refused = false
	switch {
	case err == nil:
		d.State = Sent
	case errors.As(err, &refused):
		return d.turnedAway(err, refused.Status, refused.Text, refused.RetryAfter)
	case errors.As(err, &status):
		return d.turnedAway(err, status.Status, status.Text, status.RetryAfter)
	case errors.As(err, &hub):
		return d.turnedAway(err, hub.Status, hub.Text, hub.RetryAfter)
	case errors.As(err, &fault) && fault.Code == pingback.AlreadyKnown:
		d.State, d.Answer = Sent, "It was known there already."
	case errors.As(err, &fault) && fault.Code == http.StatusTooManyRequests:
		return d.turnedAway(err, fault.Code, fault.Text, fault.RetryAfter)
	case errors.As(err, &fault):
		d.State, d.Answer, d.Refused = Failed, fault.Text, true
		if d.Answer == "" {
			d.Answer = fmt.Sprintf("Refused with fault %d, without a reason.", fault.Code)
		}
	case errors.Is(err, fetch.ErrForbidden):
		d.State, d.Answer = Failed, "Its endpoint is at an address that hark does not visit."
	default:
		d.Answer = "The endpoint gave no answer that can be read."
		return err
	}
	return nil
}

func (d *Delivery) turnedAway(err error, status int, text string, wait time.Duration) error {
	if d.Answer = text; text == "" {
		d.Answer = fmt.Sprintf("The endpoint answers %d.", status)
	}
	if status == http.StatusTooManyRequests || status >= 500 {
		return queue.Later(err, wait)
	}
	d.State, d.Refused = Failed, true
	return nil
}

// keep writes how a delivery stands and when the next try is due, unless the
// post changed meanwhile and has the target told anew.
func (o *Outbox) keep(ctx context.Context, d *Delivery, wait time.Duration) error {
	now := o.now()
	next, due := int64(0), now.Add(wait)
	if wait > 0 {
		next = due.Unix()
	}
	if d.State == Sent {
		if d.Told = now; !d.Linked {
			d.Told, d.source = time.Time{}, ""
		}
	}
	// What was answered has to be written even when the job's time is up.
	return o.db.InTx(context.WithoutCancel(ctx), func(tx *database.Tx) error {
		n, err := tx.Exec(`
			UPDATE deliveries SET protocol = $1, endpoint = $2, state = $3, tries = $4, answer = $5, location = $6, updated_at = $7, next_at = $8,
				told_at = $12, turn_ms = $13, refused = $14, host = $15, source = $16
			WHERE id = $9 AND linked = $10 AND version = $11`,
			d.Protocol, valid(d.Endpoint), string(d.State), d.Tries, valid(d.Answer), valid(d.Location), database.Unix(d.Updated), next,
			d.ID, d.Linked, d.version, database.Unix(d.Told), milliseconds(d.turn), d.Refused, d.Host, d.source)
		if err != nil {
			return fmt.Errorf("keep outcome: %w", err)
		}
		if d.copied {
			if err := o.noteCopy(tx, d); err != nil {
				return err
			}
		}
		switch {
		case n == 0:
			return o.overtaken(tx, d)
		case wait > 0:
			return o.queue.EnqueueAt(tx, lane(d), d.ID, due)
		case d.State == Sent && d.Location != "" && !d.copied:
			return o.queue.EnqueueAt(tx, follow, d.ID, now.Add(followRest))
		}
		return nil
	})
}

// overtaken keeps that a target may know of a link whose row has changed while it
// was told. Where the link is gone, and forgotten because nobody knew of it yet,
// the target has to learn that now.
func (o *Outbox) overtaken(tx *database.Tx, d *Delivery) error {
	knows := d.State == Sent || d.State == Queued && d.Tries > 0 && d.Endpoint != ""
	if d.PostID == "" || !d.Linked || !knows {
		return nil
	}
	fresh, id := database.NewID(), ""
	err := tx.QueryRow(`
		INSERT INTO deliveries (id, post_id, target, target_key, host, property, linked, version, protocol, endpoint, state, tries, answer, location, created_at, updated_at, next_at, told_at, source)
		VALUES ($1, $2, $3, $4, $5, $6, FALSE, '', $7, $8, 'queued', 0, '', '', $9, $9, $9, $9, $10)
		ON CONFLICT (post_id, target) DO UPDATE SET told_at = excluded.told_at, source = excluded.source
		RETURNING id`,
		fresh, d.PostID, d.Target, sourceKey(d.Target), d.Host, d.Property, d.Protocol, valid(d.Endpoint), o.now().Unix(), cmp.Or(d.source, d.spoke)).Scan(&id)
	if err != nil {
		return fmt.Errorf("keep what was told: %w", err)
	}
	if id == fresh {
		return o.queue.Enqueue(tx, tell, id)
	}
	return nil
}

// lane is the kind of job that tells a delivery.
func lane(d *Delivery) queue.Kind {
	if d.Protocol == byWebSub {
		return hubDue
	}
	return tell
}

func milliseconds(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// valid is a text that PostgreSQL takes.
func valid(text string) string { return strings.ToValidUTF8(text, "\uFFFD") }
