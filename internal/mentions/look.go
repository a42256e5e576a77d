package mentions

import (
	"context"
	"database/sql"
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

// lookDue is the job that looks at a page a post links to, for those who want to
// know before it is told, or what the page says of itself.
const lookDue queue.Kind = "look"

const (
	// lookFresh is how long an endpoint that was found is used without another
	// look: from the preview to the publishing, and through some quick edits.
	lookFresh = 15 * time.Minute
	// lookKept is how long the editor shows what was found.
	lookKept = 24 * time.Hour
)

// longestPayload is how long a job may be that an index of PostgreSQL takes.
const longestPayload = 2560

// deafAnswer is what is said of a page that takes nothing.
const deafAnswer = "The page names no address for webmentions or pingbacks."

// look is what a visit to a page that we link to has shown.
type look struct {
	address            string
	at                 time.Time
	protocol, endpoint string // both empty: it takes neither
	problem            string // why it could not be read; empty: it could
	card               *Card  // nil: not read, or not asked for
}

// wanted names a page to look at, and whether for its card: if that was not read
// yet, or, with Again, in any case.
type wanted struct {
	Address     string
	Card, Again bool
}

// discover finds the endpoint of a delivery: the one that was found a while ago,
// or anew. A target that cannot be read now keeps the one it had, if the link to
// it is gone: it has to learn that.
func (o *Outbox) discover(ctx context.Context, d *Delivery) error {
	l, read, err := o.remembered(ctx, d.Target)
	if err != nil {
		return err
	}
	card := d.Linked && d.Property != "" && !read
	if d.remembered = l != nil && !card; !d.remembered {
		if l, err = o.lookAt(ctx, d.Target, card); err != nil {
			return d.unseen(l, err)
		}
	}
	switch {
	case l.protocol != "":
		d.Protocol, d.Endpoint = l.protocol, l.endpoint
	case d.Linked || d.Endpoint == "":
		d.State, d.Protocol, d.Endpoint, d.Answer = Deaf, "", "", strings.TrimSpace(l.problem+" "+deafAnswer)
	}
	return nil
}

// unseen says what follows for a delivery whose target could not be looked at.
func (d *Delivery) unseen(l *look, err error) error {
	if l != nil {
		d.Answer = l.problem
	}
	if errors.Is(err, fetch.ErrForbidden) {
		d.State = Failed
		return nil
	}
	return err
}

// lookAt visits a page and remembers what it has shown. With an error there may
// be a look that says why in words.
func (o *Outbox) lookAt(ctx context.Context, address string, card bool) (*look, error) {
	l := &look{address: address, at: o.now()}
	err := o.silences.about(targetHost(address), o.now())
	var page *fetch.Page
	if err == nil {
		page, err = o.fetch.GetText(ctx, address, nil)
		o.silences.note(err, o.now())
	}
	switch {
	case errors.Is(err, fetch.ErrBusy):
		return nil, err
	case errors.Is(ctx.Err(), context.Canceled):
		return nil, ctx.Err()
	case err != nil:
		l.problem = reasonOf(err)
	case page.Status == http.StatusTooManyRequests || page.Status >= 500:
		l.problem = fmt.Sprintf("The page answers %d.", page.Status)
		err = queue.Later(errors.New(l.problem), page.RetryAfter(o.now()))
	default:
		if l.read(page); l.protocol == "" && page.Status >= 400 {
			l.problem = fmt.Sprintf("The page answers %d.", page.Status) // so it is the link, perhaps
		}
		if card && page.Status >= 200 && page.Status <= 299 {
			l.card = o.readCard(page, address)
		}
	}
	if kept := o.keepLook(ctx, l, card); kept != nil {
		return nil, kept
	}
	return l, err
}

// read finds the page's endpoint: for webmentions, else for pingbacks. One with an
// address that is longer than any server takes is none.
func (l *look) read(page *fetch.Page) {
	if endpoint, ok := webmention.Endpoint(page.URL, page.Header, page.Body); ok {
		l.protocol, l.endpoint = byWebmention, endpoint.String()
	} else if endpoint, ok := pingback.Endpoint(page.URL, page.Header, page.Body); ok {
		l.protocol, l.endpoint = byPingback, endpoint.String()
	}
	if len(l.endpoint) > maxAddress {
		l.protocol, l.endpoint = "", ""
	}
}

// keepLook writes what a look has shown. What was read before stays where this
// look could not see it.
func (o *Outbox) keepLook(ctx context.Context, l *look, wanted bool) error {
	c, read := Card{}, int64(0)
	if l.card != nil {
		c, read = *l.card, l.at.Unix()
	}
	return o.db.InTx(context.WithoutCancel(ctx), func(tx *database.Tx) error {
		_, err := tx.Exec(`
			INSERT INTO looks (address, looked_at, protocol, endpoint, problem, card, read_at, title, author, author_url, words, published)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
			ON CONFLICT (address) DO UPDATE SET
				looked_at = excluded.looked_at, protocol = excluded.protocol, endpoint = excluded.endpoint, problem = excluded.problem,
				card = looks.card OR excluded.card`,
			l.address, l.at.Unix(), l.protocol, valid(l.endpoint), l.problem, wanted, read, c.Title, c.Author, c.AuthorURL, c.Words, database.Unix(c.Published))
		if err != nil {
			return fmt.Errorf("keep look: %w", err)
		}
		if l.card != nil {
			if err := c.write(tx, l.at); err != nil {
				return err
			}
		}
		if _, err := tx.Exec("DELETE FROM looks WHERE NOT card AND looked_at < $1", l.at.Add(-lookKept).Unix()); err != nil {
			return fmt.Errorf("forget looks: %w", err)
		}
		return nil
	})
}

// remembered is what a look has shown a while ago, nil if another is due, and
// whether the page's card was read ever.
func (o *Outbox) remembered(ctx context.Context, address string) (l *look, carded bool, err error) {
	l = &look{address: address}
	var at, read int64
	err = o.db.QueryRow(ctx, "SELECT looked_at, protocol, endpoint, problem, read_at FROM looks WHERE address = $1", address).
		Scan(&at, &l.protocol, &l.endpoint, &l.problem, &read)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, fmt.Errorf("read look: %w", err)
	}
	l.at = database.Time(at)
	if l.problem != "" || o.now().Sub(l.at).Abs() >= lookFresh { // the clock may have gone back
		l = nil
	}
	return l, read > 0, nil
}

// forgetLook has the next who wants to tell a page look for its endpoint anew.
func (o *Outbox) forgetLook(ctx context.Context, address string) error {
	return o.db.InTx(context.WithoutCancel(ctx), func(tx *database.Tx) error { return forgetLook(tx, address) })
}

func forgetLook(tx *database.Tx, address string) error {
	if _, err := tx.Exec("UPDATE looks SET looked_at = 0 WHERE address = $1", address); err != nil {
		return fmt.Errorf("forget look: %w", err)
	}
	return nil
}

// lookWanted is the handler of the job.
func (o *Outbox) lookWanted(ctx context.Context, job queue.Job) error {
	var w wanted
	if err := json.Unmarshal(job.Payload, &w); err != nil {
		return queue.Permanent(err)
	}
	known, read, err := o.remembered(ctx, w.Address)
	if err != nil {
		return err
	}
	card := w.Card && (w.Again || !read)
	if known != nil && !card {
		return nil
	}
	host := targetHost(w.Address)
	if !o.visits.enter(host) {
		return o.lookLater(ctx, w, o.visits.later(host, o.now()))
	}
	defer o.visits.leave(host)
	_, err = o.lookAt(ctx, w.Address, card)
	switch {
	case errors.Is(err, fetch.ErrBusy):
		return o.lookLater(ctx, w, busyFor(err))
	case errors.Is(ctx.Err(), context.Canceled):
		return ctx.Err()
	case card && !errors.Is(err, fetch.ErrForbidden):
		return err
	}
	return nil // the editor says what went wrong, and can ask again
}

// lookLater has a page looked at later. It is no try: nothing was asked.
func (o *Outbox) lookLater(ctx context.Context, w wanted, wait time.Duration) error {
	return o.db.InTx(context.WithoutCancel(ctx), func(tx *database.Tx) error {
		return o.wantLook(tx, w, o.now().Add(wait))
	})
}

// wantLook has a page looked at. The job holds its address, and no index of
// PostgreSQL takes one that is mostly escapes: such a page is not looked at, so
// that the post's other links are told all the same.
func (o *Outbox) wantLook(tx *database.Tx, w wanted, at time.Time) error {
	if payload, err := queue.Payload(w); err != nil || len(payload) > longestPayload {
		return err
	}
	return o.queue.EnqueueAt(tx, lookDue, w, at)
}
