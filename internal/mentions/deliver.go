package mentions

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"hark/internal/database"
	"hark/internal/fetch"
	"hark/internal/pingback"
	"hark/internal/queue"
	"hark/internal/webmention"
)

// protocol names as they stand in deliveries.
const (
	byWebmention = "webmention"
	byPingback   = "pingback"
)

// longestWait bounds what an endpoint may ask us to wait.
const longestWait = 24 * time.Hour

// tell tells the target of one link: it finds where the target wants to be told,
// webmention first, else pingback, never both. It is the handler of the job.
//
// What has to be tried again it writes as a new job itself: a delivery has at
// most one that waits, however often its post is saved meanwhile.
func (o *Outbox) tell(ctx context.Context, job queue.Job) error {
	var id string
	if err := json.Unmarshal(job.Payload, &id); err != nil {
		return queue.Permanent(err)
	}
	d, err := scanDelivery(o.db.QueryRow(ctx, "SELECT "+deliveryColumns+" FROM deliveries WHERE id = $1", id))
	if errors.Is(err, ErrNotFound) || err == nil && d.State != Queued {
		return nil
	}
	if err != nil {
		return err
	}
	p, err := o.posts.ByID(ctx, d.PostID)
	if err != nil {
		return err
	}
	wait, again := o.deliver(ctx, d, o.address(p))
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		return ctx.Err() // hark stops
	case wait > 0:
		return o.keep(ctx, d, wait)
	}
	d.Tries++
	if again != nil {
		if wait = queue.Rest(again, d.Tries); wait == 0 {
			d.State = Failed
		}
	}
	if err := o.keep(ctx, d, wait); err != nil {
		return err
	}
	o.log.Info("target told", "target", d.Target, "protocol", d.Protocol, "state", d.State, "answer", d.Answer)
	return nil
}

// deliver tries once, and fills in what came of it. The error says to try again;
// a wait says that nothing was tried, because its turn has not come.
func (o *Outbox) deliver(ctx context.Context, d *Delivery, source string) (wait time.Duration, again error) {
	if !o.gaps.found(d) {
		err := o.discover(ctx, d)
		if errors.Is(err, fetch.ErrBusy) {
			return busyRest, nil
		}
		if err != nil || d.State != Queued {
			return 0, err
		}
	}
	if wait := o.gaps.take(d); wait > 0 {
		return wait, nil
	}
	var err error
	if d.Protocol == byWebmention {
		var r webmention.Receipt
		r, err = webmention.Send(ctx, o.fetch.HTTP(), d.Endpoint, source, d.Target)
		d.Answer, d.Location = r.Text, r.Location
	} else {
		var r pingback.Receipt
		r, err = pingback.Send(ctx, o.fetch.HTTP(), d.Endpoint, source, d.Target)
		d.Answer, d.Location = r.Text, ""
	}
	return 0, d.conclude(err)
}

// discover finds the endpoint anew. A target that cannot be read now keeps the
// one it had, if the link to it is gone: it has to learn that.
func (o *Outbox) discover(ctx context.Context, d *Delivery) error {
	page, err := o.fetch.Get(ctx, d.Target, nil)
	switch {
	case errors.Is(err, fetch.ErrBusy):
		return err
	case errors.Is(err, fetch.ErrForbidden):
		d.State, d.Answer = Failed, reasonOf(err)
		return nil
	case err != nil:
		d.Answer = reasonOf(err)
		return err
	case page.Status == http.StatusTooManyRequests || page.Status >= 500:
		d.Answer = fmt.Sprintf("The page answers %d.", page.Status)
		return queue.Later(errors.New(d.Answer), page.RetryAfter(o.now()))
	}
	if endpoint, ok := webmention.Endpoint(page.URL, page.Header, page.Body); ok {
		d.Protocol, d.Endpoint = byWebmention, endpoint.String()
		return nil
	}
	if endpoint, ok := pingback.Endpoint(page.URL, page.Header, page.Body); ok {
		d.Protocol, d.Endpoint = byPingback, endpoint.String()
		return nil
	}
	if d.Linked || d.Endpoint == "" {
		d.State, d.Protocol, d.Endpoint = Deaf, "", ""
		d.Answer = "The page names no address for webmentions or pingbacks."
	}
	return nil
}

func reasonOf(err error) string {
	var e *fetch.Error
	if errors.As(err, &e) {
		return "The page could not be read: " + e.Reason + "."
	}
	return "The page could not be read."
}

// conclude reads the endpoint's answer: any 2xx is success, and so is fault 48;
// 429, 5xx and silence are for later; the rest is the end.
func (d *Delivery) conclude(err error) error {
	var refused *webmention.Error
	var status *pingback.StatusError
	var fault *pingback.Fault
	switch {
	case err == nil:
		d.State = Sent
	case errors.As(err, &refused):
		return d.refused(err, refused.Status, refused.Text, refused.RetryAfter)
	case errors.As(err, &status):
		return d.refused(err, status.Status, status.Text, status.RetryAfter)
	case errors.As(err, &fault) && fault.Code == pingback.AlreadyKnown:
		d.State, d.Answer = Sent, "It was known there already."
	case errors.As(err, &fault) && fault.Code == http.StatusTooManyRequests:
		return d.refused(err, fault.Code, fault.Text, max(pingbackGap, fault.RetryAfter))
	case errors.As(err, &fault):
		d.State, d.Answer = Failed, fault.Text
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

func (d *Delivery) refused(err error, status int, text string, wait time.Duration) error {
	if d.Answer = text; text == "" {
		d.Answer = fmt.Sprintf("The endpoint answers %d.", status)
	}
	if status == http.StatusTooManyRequests || status >= 500 {
		return queue.Later(err, min(wait, longestWait))
	}
	d.State = Failed
	return nil
}

// keep writes what came of a try and when the next is due, unless the post
// changed meanwhile and has the target told anew.
func (o *Outbox) keep(ctx context.Context, d *Delivery, wait time.Duration) error {
	next, due := int64(0), o.now().Add(wait)
	if wait > 0 {
		next = due.Unix()
	}
	// What was answered has to be written even when the job's time is up.
	return o.db.InTx(context.WithoutCancel(ctx), func(tx *database.Tx) error {
		n, err := tx.Exec(`
			UPDATE deliveries SET protocol = $1, endpoint = $2, state = $3, tries = $4, answer = $5, location = $6, updated_at = $7, next_at = $8
			WHERE id = $9 AND linked = $10 AND version = $11`,
			d.Protocol, valid(d.Endpoint), string(d.State), d.Tries, valid(d.Answer), valid(d.Location), o.now().Unix(), next, d.ID, d.Linked, d.version)
		if err != nil {
			return fmt.Errorf("keep outcome: %w", err)
		}
		if n == 0 || wait == 0 {
			return nil
		}
		return o.queue.EnqueueAt(tx, tell, d.ID, due)
	})
}

// valid is a text that PostgreSQL takes.
func valid(text string) string { return strings.ToValidUTF8(text, "\uFFFD") }
