// Package courier brings the files that posts name on other hosts to this one.
package courier

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"hark/internal/database"
	"hark/internal/fetch"
	"hark/internal/media"
	"hark/internal/posts"
	"hark/internal/queue"
)

// bring is the job that brings one file, with the errand's key as its payload.
const bring queue.Kind = "bring"

const (
	// bringAtOnce is how many files are brought at the same time.
	bringAtOnce = 2
	// busyRest is how long a host rests that had no time for us.
	busyRest = 30 * time.Second
	// tries is how often a file is asked for whose host does not give it.
	tries = 7
)

// Rooms are those that a courier works with.
type Rooms struct {
	DB    *database.DB
	Queue *queue.Queue
	Posts *posts.Store
	Media *media.Store
	Fetch *fetch.Client
	Log   *slog.Logger
	Now   func() time.Time
	URL   string // of the site, without a slash at the end
}

// Courier brings photos, films and recordings. It owns the table errands. New is its
// only door.
type Courier struct{ Rooms }

// New makes the courier and gives the queue its handlers.
func New(r Rooms) *Courier {
	c := &Courier{r}
	r.Queue.Handle(posts.Elsewhere, 1, c.look)
	r.Queue.Handle(bring, bringAtOnce, c.bring)
	return c
}

// State is how far an errand has come.
type State string

// An errand is kept when it is done: it knows where the file came from.
const (
	Waiting State = "waiting"
	Failed  State = "failed" // for good, or until the post is saved again
	Brought State = "brought"
)

// Errand is a file that is elsewhere, or was.
type Errand struct {
	ID, Post string
	Address  string
	State    State
	Reason   string    // a sentence; empty before the first try
	Tried    time.Time // zero before the first try
	here     string    // the address that it has here; empty until it was brought
}

// Of reads the errands of a post that are not done: a file that it does not name any
// more has none.
func (c *Courier) Of(ctx context.Context, p *posts.Post) (list []*Errand, err error) {
	elsewhere := c.elsewhere(p)
	if len(elsewhere) == 0 {
		return nil, nil
	}
	rows, err := c.DB.Query(ctx, "SELECT "+columns+" FROM errands WHERE post_id = $1 AND state <> 'brought' ORDER BY id", p.ID)
	if err != nil {
		return nil, fmt.Errorf("read errands: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		e, err := scan(rows)
		if err != nil {
			return nil, fmt.Errorf("read errands: %w", err)
		}
		if slices.Contains(elsewhere, e.Address) {
			list = append(list, e)
		}
	}
	return list, rows.Err()
}

// Came tells where the files of a post that were brought lay before, by their addresses
// here.
func (c *Courier) Came(ctx context.Context, post string) (map[string]string, error) {
	rows, err := c.DB.Query(ctx, "SELECT here, address FROM errands WHERE post_id = $1 AND state = 'brought' ORDER BY id DESC", post)
	if err != nil {
		return nil, fmt.Errorf("read where files came from: %w", err)
	}
	defer rows.Close()
	came := map[string]string{}
	for rows.Next() {
		var here, there string
		if err := rows.Scan(&here, &there); err != nil {
			return nil, fmt.Errorf("read where files came from: %w", err)
		}
		came[here] = there // of two that are one file, where the first was
	}
	return came, rows.Err()
}

const columns = "id, post_id, address, state, reason, tried_at, here"

func scan(row interface{ Scan(...any) error }) (*Errand, error) {
	e := &Errand{}
	var state string
	var tried int64
	err := row.Scan(&e.ID, &e.Post, &e.Address, &state, &e.Reason, &tried, &e.here)
	e.State, e.Tried = State(state), database.Time(tried)
	return e, err
}

// elsewhere are the addresses of a post's files that lie on other hosts, each once.
func (c *Courier) elsewhere(p *posts.Post) (addresses []string) {
	for _, address := range p.FilesOnWeb() {
		if !strings.HasPrefix(address, c.URL+"/") && !slices.Contains(addresses, address) {
			addresses = append(addresses, address)
		}
	}
	return addresses
}

// look is the handler of the job that posts leave when they name files on the web. It
// makes an errand of each that is elsewhere.
func (c *Courier) look(ctx context.Context, job queue.Job) error {
	var id string
	if err := json.Unmarshal(job.Payload, &id); err != nil {
		return queue.Permanent(err)
	}
	p, err := c.Posts.ByID(ctx, id)
	if errors.Is(err, posts.ErrNotFound) || err == nil && p.Status == posts.Deleted {
		return nil
	}
	if err != nil {
		return err
	}
	return c.DB.InTx(ctx, func(tx *database.Tx) error { return c.undertake(tx, p) })
}

// undertake writes the errands of a post, and a job for each. One that failed is tried
// once more: somebody has saved the post again.
func (c *Courier) undertake(tx *database.Tx, p *posts.Post) error {
	for _, address := range c.elsewhere(p) {
		var id string
		err := tx.QueryRow(`
			INSERT INTO errands (`+columns+`)
			VALUES ($1, $2, $3, 'waiting', '', 0, '')
			ON CONFLICT (post_id, address) DO UPDATE SET state = 'waiting'
			RETURNING id`, database.NewID(), p.ID, address).Scan(&id)
		if err != nil {
			return fmt.Errorf("begin errand: %w", err)
		}
		if err := c.Queue.Enqueue(tx, bring, id); err != nil {
			return err
		}
	}
	return nil
}
