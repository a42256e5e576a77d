package mentions

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"hark/internal/database"
	"hark/internal/fetch"
	"hark/internal/queue"
	"hark/internal/webmention"
)

// follow is the job that asks a status page once what became of a webmention.
const follow queue.Kind = "follow"

// followRest is how long a receiver has until its status page is asked.
const followRest = 10 * time.Minute

// statusTypes are what we like to read there.
const statusTypes = "application/json, text/html;q=0.8, text/plain;q=0.7, */*;q=0.1"

// followUp asks the status page. It is the handler of the job.
func (o *Outbox) followUp(ctx context.Context, job queue.Job) error {
	var id string
	if err := json.Unmarshal(job.Payload, &id); err != nil {
		return queue.Permanent(err)
	}
	d, err := o.ByID(ctx, id)
	if errors.Is(err, ErrNotFound) || err == nil && (d.State != Sent || d.Location == "" || d.Said != "") {
		return nil
	}
	if err != nil {
		return err
	}
	page, err := o.fetch.GetText(ctx, d.Location, http.Header{"Accept": {statusTypes}})
	switch {
	case errors.Is(err, fetch.ErrBusy):
		return o.db.InTx(context.WithoutCancel(ctx), func(tx *database.Tx) error {
			return o.queue.EnqueueAt(tx, follow, id, o.now().Add(busyFor(err)))
		})
	case errors.Is(ctx.Err(), context.Canceled):
		return ctx.Err()
	case err != nil:
		d.Said = "The status page could not be read."
	default:
		d.readStatus(page)
	}
	return o.db.InTx(context.WithoutCancel(ctx), func(tx *database.Tx) error {
		_, err := tx.Exec("UPDATE deliveries SET said = $1, state = $2, refused = $6 WHERE id = $3 AND location = $4 AND state = 'sent' AND version = $5",
			valid(d.Said), string(d.State), d.ID, valid(d.Location), d.version, d.Refused)
		if err != nil {
			return fmt.Errorf("keep status: %w", err)
		}
		return nil
	})
}

func (d *Delivery) readStatus(page *fetch.Page) {
	status := webmention.ReadStatus(page.Status, page.Header, page.Body)
	if d.Said = status.Text; d.Said == "" {
		d.Said = fmt.Sprintf("The status page answers %d, without words.", page.Status)
	}
	if status.Refused {
		d.State, d.Refused = Failed, true
	}
}
