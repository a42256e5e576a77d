// Package queue remembers work until it is done.
//
// A job is written in the transaction that makes it necessary, so it exists if
// and only if the change does. It may run twice; its handler is written so that
// the second run changes nothing.
package queue

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"hark/internal/database"
)

// Kind says which handler does a job.
type Kind string

// Job is one piece of work as its handler sees it.
type Job struct {
	Payload []byte // what Enqueue was given, as JSON
	Try     int    // counts from 1
}

// Handler does one job. An error means later, Permanent(err) means never.
type Handler func(ctx context.Context, job Job) error

const (
	// lease is how long a job that was begun is left alone before another
	// process takes it for lost; limit is when its handler's context ends.
	lease = 60 * time.Second
	limit = 50 * time.Second
	// look is how long an idle worker rests at most before it looks again, for
	// jobs that another process has written.
	look = 10 * time.Second
)

// schedule is how long a job rests after each failure; after the last it is
// given up, and stays visible.
var schedule = [...]time.Duration{
	time.Minute, 5 * time.Minute, 30 * time.Minute,
	2 * time.Hour, 12 * time.Hour, 24 * time.Hour, 72 * time.Hour,
}

// Queue hands jobs to their handlers. It owns the table jobs.
type Queue struct {
	db    *database.DB
	log   *slog.Logger
	now   func() time.Time
	lanes map[Kind]*lane
}

// lane is one kind of work: how it is done, and how much of it at once.
type lane struct {
	kind  Kind
	slots int
	do    Handler
	nudge chan struct{}
}

// New makes a queue. now is the clock.
func New(db *database.DB, log *slog.Logger, now func() time.Time) *Queue {
	return &Queue{db: db, log: log, now: now, lanes: map[Kind]*lane{}}
}

// Handle names the handler of a kind and how many of its jobs run at once. It is
// called before Run.
func (q *Queue) Handle(kind Kind, slots int, do Handler) {
	q.lanes[kind] = &lane{kind: kind, slots: slots, do: do, nudge: make(chan struct{}, 1)}
}

// Enqueue writes a job that is due at once, in the caller's transaction.
func (q *Queue) Enqueue(tx *database.Tx, kind Kind, payload any) error {
	return q.EnqueueAt(tx, kind, payload, q.now())
}

// EnqueueAt writes a job that is due at a time. A job of the same kind and
// payload that nobody has begun stands for both, due at the earlier time.
func (q *Queue) EnqueueAt(tx *database.Tx, kind Kind, payload any, at time.Time) error {
	b, err := Payload(payload)
	if err != nil {
		return fmt.Errorf("enqueue %s: %w", kind, err)
	}
	_, err = tx.Exec(`
		INSERT INTO jobs (id, kind, payload, run_at_ms, tries, taken, dead, error, created_at)
		VALUES ($1, $2, $3, $4, 0, FALSE, FALSE, '', $5)
		ON CONFLICT (kind, payload) WHERE tries = 0 AND NOT dead DO UPDATE
		SET run_at_ms = CASE WHEN excluded.run_at_ms < jobs.run_at_ms THEN excluded.run_at_ms ELSE jobs.run_at_ms END`,
		database.NewID(), string(kind), string(b), at.UnixMilli(), q.now().Unix())
	if err != nil {
		return fmt.Errorf("enqueue %s: %w", kind, err)
	}
	tx.OnCommit(func() { q.wake(kind) })
	return nil
}

// Payload is a payload as it is kept. No index of PostgreSQL takes one that is
// much longer than 2,600 bytes, so the signs that JSON escapes for HTML alone, of
// which addresses are full, stand as they are.
func Payload(payload any) ([]byte, error) {
	var b bytes.Buffer
	plain := json.NewEncoder(&b)
	plain.SetEscapeHTML(false)
	err := plain.Encode(payload)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

func (q *Queue) wake(kind Kind) {
	if lane := q.lanes[kind]; lane != nil {
		select {
		case lane.nudge <- struct{}{}:
		default:
		}
	}
}

// Waiting is how many jobs of a kind are not done and not given up.
func (q *Queue) Waiting(ctx context.Context, kind Kind) (n int, err error) {
	err = q.db.QueryRow(ctx, "SELECT count(*) FROM jobs WHERE kind = $1 AND NOT dead", string(kind)).Scan(&n)
	return n, err
}

// Standing is how many jobs of each kind are not done, and how many were given up.
func (q *Queue) Standing(ctx context.Context) (waiting, dead map[string]int, err error) {
	rows, err := q.db.Query(ctx, "SELECT kind, dead, count(*) FROM jobs GROUP BY kind, dead")
	if err != nil {
		return nil, nil, fmt.Errorf("count jobs: %w", err)
	}
	defer rows.Close()
	waiting, dead = map[string]int{}, map[string]int{}
	for kind := range q.lanes {
		waiting[string(kind)], dead[string(kind)] = 0, 0
	}
	for rows.Next() {
		var kind string
		var given bool
		var n int
		if err := rows.Scan(&kind, &given, &n); err != nil {
			return nil, nil, err
		}
		if given {
			dead[kind] = n
		} else {
			waiting[kind] = n
		}
	}
	return waiting, dead, rows.Err()
}

// Permanent marks an error that trying again would not mend.
func Permanent(err error) error { return permanent{err} }

type permanent struct{ error }

func (p permanent) Unwrap() error { return p.error }

// Later marks an error after which the next try has to wait at least this long,
// as a Retry-After asks.
func Later(err error, wait time.Duration) error { return later{err, wait} }

type later struct {
	error
	wait time.Duration
}

func (l later) Unwrap() error { return l.error }

// errCutOff is the end of a job that the stop has cut off. It is no failure.
var errCutOff = errors.New("cut off by the stop")

// Rest is how long a job rests that has failed with err at its n-th try.
func Rest(err error, try int) time.Duration {
	wait, _ := rest(err, try)
	return wait
}

// rest is what follows from a handler's error: how long until the next try, or
// that there is none.
func rest(err error, try int) (wait time.Duration, again bool) {
	var never permanent
	var soon later
	switch {
	case errors.As(err, &never), try > len(schedule):
		return 0, false
	case errors.As(err, &soon):
		return max(soon.wait, schedule[try-1]), true
	}
	return schedule[try-1], true
}
