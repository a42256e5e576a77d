package courier

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path"
	"slices"
	"strings"
	"time"

	"hark/internal/database"
	"hark/internal/fetch"
	"hark/internal/media"
	"hark/internal/posts"
	"hark/internal/queue"
)

// accept asks for what can be kept.
const accept = "image/jpeg, image/png, image/gif, image/webp, video/mp4, video/webm, audio/mpeg, audio/mp4, audio/ogg;q=0.9, */*;q=0.1"

// bring is the handler of the job. The file is read and kept before anything of the
// post is touched; then the post names the one that lies here.
func (c *Courier) bring(ctx context.Context, job queue.Job) error {
	e, p, err := c.errand(ctx, job)
	if e == nil || err != nil {
		return err
	}
	kept, err := c.fetch(ctx, e, p)
	var refused *refusal
	switch {
	case err == nil:
		return c.DB.InTx(ctx, func(tx *database.Tx) error { return c.deliver(tx, e, kept) })
	case errors.Is(ctx.Err(), context.Canceled), errors.Is(err, database.ErrFull):
		return err
	case errors.Is(err, fetch.ErrBusy):
		return c.DB.InTx(ctx, func(tx *database.Tx) error {
			return c.Queue.EnqueueAt(tx, bring, e.ID, c.Now().Add(busyFor(err)))
		})
	case errors.As(err, &refused):
		e.State, e.Reason = Failed, refused.text
		err = nil
	case job.Try >= tries:
		e.State, e.Reason = Failed, reasonOf(err)
		err = nil
	default:
		e.Reason = reasonOf(err)
	}
	c.Log.Info("file not brought", "post", e.Post, "file", e.Address, "state", e.State, "reason", e.Reason)
	return errors.Join(c.DB.InTx(ctx, func(tx *database.Tx) error { return c.note(tx, e) }), err)
}

// errand reads what a job is about. There is none if the post does not name that file
// any more.
func (c *Courier) errand(ctx context.Context, job queue.Job) (*Errand, *posts.Post, error) {
	var id string
	if err := json.Unmarshal(job.Payload, &id); err != nil {
		return nil, nil, queue.Permanent(err)
	}
	e, err := scan(c.DB.QueryRow(ctx, "SELECT "+columns+" FROM errands WHERE id = $1", id))
	if errors.Is(err, sql.ErrNoRows) || err == nil && e.State != Waiting {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, fmt.Errorf("read errand: %w", err)
	}
	p, err := c.Posts.ByID(ctx, e.Post)
	if err != nil && !errors.Is(err, posts.ErrNotFound) {
		return nil, nil, err
	}
	if err != nil || p.Status == posts.Deleted || !slices.Contains(c.elsewhere(p), e.Address) {
		return nil, nil, c.DB.InTx(ctx, func(tx *database.Tx) error { return drop(tx, e) })
	}
	return e, p, nil
}

// refusal says, in a sentence, why a file will not come whenever it is asked for.
type refusal struct{ text string }

func (r *refusal) Error() string { return r.text }

// fetch reads the file of an errand, and keeps it as one of the post's author.
func (c *Courier) fetch(ctx context.Context, e *Errand, p *posts.Post) (kept *media.File, err error) {
	err = c.Fetch.Download(ctx, e.Address, http.Header{"Accept": {accept}}, func(page *fetch.Page, body io.Reader) error {
		switch {
		case page.Status == http.StatusOK:
		case page.Status == http.StatusTooManyRequests || page.Status >= 500:
			return queue.Later(&temporary{page.Status}, page.RetryAfter(c.Now()))
		default:
			return &refusal{fmt.Sprintf("Its host answers %d.", page.Status)}
		}
		taken, err := c.Media.Take(ctx, body, path.Base(page.URL.Path), p.AuthorID)
		if err != nil {
			return err
		}
		defer taken.Drop()
		if property := p.FileProperty(e.Address); !taken.File.Fits(property) {
			return &refusal{fmt.Sprintf("It is no %s, but of the type %s.", property, taken.File.Type)}
		}
		kept, err = taken.Keep(ctx)
		return err
	})
	large, invalid := (*http.MaxBytesError)(nil), (*media.Invalid)(nil)
	switch {
	case errors.As(err, &large):
		return nil, &refusal{fmt.Sprintf("It is larger than %d MiB. Upload it instead.", fetch.MaxFile>>20)}
	case errors.As(err, &invalid):
		return nil, &refusal{invalid.Text}
	case errors.Is(err, fetch.ErrForbidden):
		return nil, &refusal{"Its host is at an address that hark does not visit."}
	}
	return kept, err
}

// temporary is an answer that may be another tomorrow.
type temporary struct{ status int }

func (t *temporary) Error() string { return fmt.Sprintf("Its host answers %d.", t.status) }

// reasonOf says what went wrong on the way.
func reasonOf(err error) string {
	var visit *fetch.Error
	var answer *temporary
	switch {
	case errors.As(err, &answer):
		return answer.Error()
	case errors.As(err, &visit):
		return strings.ToUpper(visit.Reason[:1]) + visit.Reason[1:] + "."
	}
	return "It could not be kept here."
}

// busyFor is how long to wait for a host that had no time for us.
func busyFor(err error) time.Duration {
	var e *fetch.Error
	if errors.As(err, &e) {
		return max(e.Wait, busyRest)
	}
	return busyRest
}

// deliver has the post name the file that lies here, and notes where it came from.
func (c *Courier) deliver(tx *database.Tx, e *Errand, f *media.File) error {
	here := c.URL + f.Path()
	if err := c.Posts.MoveFile(tx, e.Post, e.Address, here); err != nil && !errors.Is(err, posts.ErrNotFound) {
		return err
	}
	e.State, e.Reason, e.here = Brought, "", here
	return c.note(tx, e)
}

// note writes how an errand stands.
func (c *Courier) note(tx *database.Tx, e *Errand) error {
	_, err := tx.Exec("UPDATE errands SET state = $1, reason = $2, here = $3, tried_at = $4 WHERE id = $5", string(e.State), e.Reason, e.here, c.Now().Unix(), e.ID)
	if err != nil {
		return fmt.Errorf("note errand: %w", err)
	}
	return nil
}

func drop(tx *database.Tx, e *Errand) error {
	if _, err := tx.Exec("DELETE FROM errands WHERE id = $1", e.ID); err != nil {
		return fmt.Errorf("end errand: %w", err)
	}
	return nil
}
