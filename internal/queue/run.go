package queue

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"hark/internal/database"
)

// Run does jobs until ctx ends, then waits for those under way. Their contexts
// end with it, and what they could not finish is due again at once.
func (q *Queue) Run(ctx context.Context) {
	if err := q.release(ctx); err != nil {
		q.log.Error("jobs not released", "error", err)
	}
	var wg sync.WaitGroup
	for _, lane := range q.lanes {
		wg.Go(func() { q.serve(ctx, lane) })
	}
	wg.Wait()
}

// Drain does what is due, one after another, until nothing is. It is for tests,
// in which nobody runs the queue.
func (q *Queue) Drain(ctx context.Context) error {
	for done := 1; done > 0; {
		done = 0
		for _, lane := range q.lanes {
			jobs, err := q.claim(ctx, lane, lane.slots)
			if err != nil {
				return err
			}
			for _, j := range jobs {
				q.do(ctx, lane, j)
			}
			done += len(jobs)
		}
	}
	return ctx.Err()
}

// release makes due what the process before this one had begun. With
// PostgreSQL others may be at work on it, so there the lease has to run out.
func (q *Queue) release(ctx context.Context) error {
	if q.db.Postgres() {
		return nil
	}
	return q.db.InTx(ctx, func(tx *database.Tx) error {
		_, err := tx.Exec("UPDATE jobs SET taken = FALSE, run_at_ms = $1 WHERE taken", q.now().UnixMilli())
		return err
	})
}

// serve does the jobs of one lane, as many at once as it has slots.
func (q *Queue) serve(ctx context.Context, l *lane) {
	var wg sync.WaitGroup
	defer wg.Wait()
	freed := make(chan struct{}, l.slots)
	for free := l.slots; ctx.Err() == nil; {
		jobs, err := q.claim(ctx, l, free)
		if err != nil && ctx.Err() == nil {
			q.log.Error("jobs not read", "kind", l.kind, "error", err)
		}
		for _, j := range jobs {
			free--
			wg.Go(func() {
				defer func() { freed <- struct{}{} }()
				q.do(ctx, l, j)
			})
		}
		free += q.pause(ctx, l, freed, free == 0)
	}
}

// pause rests until there may be something to do, and returns how many slots
// became free meanwhile. With no slot free only that is waited for.
func (q *Queue) pause(ctx context.Context, l *lane, freed <-chan struct{}, full bool) (free int) {
	nudge, wait := l.nudge, look
	if full {
		nudge = nil
	} else {
		wait = q.untilDue(ctx, l)
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-nudge:
	case <-timer.C:
	case <-freed:
		free++
	}
	for {
		select {
		case <-freed:
			free++
		default:
			return free
		}
	}
}

// untilDue is how long the lane's next job still has to wait, at most look.
func (q *Queue) untilDue(ctx context.Context, l *lane) time.Duration {
	var next *int64
	err := q.db.QueryRow(ctx, "SELECT min(run_at_ms) FROM jobs WHERE kind = $1 AND NOT dead", string(l.kind)).Scan(&next)
	if err != nil || next == nil {
		return look
	}
	return min(max(time.UnixMilli(*next).Sub(q.now()), 0), look)
}

// job is a claimed row.
type job struct {
	id, payload string
	tries       int
}

// claim takes up to n due jobs by moving their due time behind the lease. The
// outer condition stands again because PostgreSQL reads the inner one without a
// lock: without it two processes get the same job.
func (q *Queue) claim(ctx context.Context, l *lane, n int) (jobs []job, err error) {
	if n == 0 {
		return nil, nil
	}
	now := q.now()
	if due, err := q.due(ctx, l, now); err != nil || !due {
		return nil, err
	}
	err = q.db.InTx(ctx, func(tx *database.Tx) error {
		jobs = nil
		rows, err := tx.Query(`
			UPDATE jobs SET run_at_ms = $1, tries = tries + 1, taken = TRUE
			WHERE id IN (
				SELECT id FROM jobs
				WHERE kind = $2 AND NOT dead AND run_at_ms <= $3
				ORDER BY run_at_ms
				LIMIT $4
				`+q.db.SkipLocked()+`)
			AND run_at_ms <= $3
			RETURNING id, payload, tries`,
			now.Add(lease).UnixMilli(), string(l.kind), now.UnixMilli(), n)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var j job
			if err := rows.Scan(&j.id, &j.payload, &j.tries); err != nil {
				return err
			}
			jobs = append(jobs, j)
		}
		return rows.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("claim %s jobs: %w", l.kind, err)
	}
	return jobs, nil
}

// due looks without writing, so that an idle queue costs no commit.
func (q *Queue) due(ctx context.Context, l *lane, now time.Time) (due bool, err error) {
	err = q.db.QueryRow(ctx, "SELECT EXISTS (SELECT 1 FROM jobs WHERE kind = $1 AND NOT dead AND run_at_ms <= $2)",
		string(l.kind), now.UnixMilli()).Scan(&due)
	return due, err
}

// do runs the handler and writes down what came of it.
func (q *Queue) do(ctx context.Context, l *lane, j job) {
	limited, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	err := l.try(limited, Job{Payload: []byte(j.payload), Try: j.tries})
	if err != nil && ctx.Err() != nil {
		err = errCutOff
	}
	ctx = context.WithoutCancel(ctx)
	if err := q.db.InTx(ctx, func(tx *database.Tx) error { return q.settle(tx, l, j, err) }); err != nil {
		q.log.Error("job not settled", "kind", l.kind, "error", err) // its lease runs out, and it runs again
	}
}

func (q *Queue) settle(tx *database.Tx, l *lane, j job, outcome error) error {
	if outcome == nil {
		_, err := tx.Exec("DELETE FROM jobs WHERE id = $1", j.id)
		return err
	}
	if errors.Is(outcome, errCutOff) {
		// One try stays counted: a fresh job of the same payload may wait beside it.
		_, err := tx.Exec(`
			UPDATE jobs SET taken = FALSE, run_at_ms = $1, tries = CASE WHEN tries > 1 THEN tries - 1 ELSE 1 END
			WHERE id = $2`, q.now().UnixMilli(), j.id)
		return err
	}
	wait, again := rest(outcome, j.tries)
	q.log.Warn("job failed", "kind", l.kind, "payload", j.payload, "try", j.tries, "again", again, "wait", wait, "error", outcome)
	_, err := tx.Exec("UPDATE jobs SET taken = FALSE, run_at_ms = $1, dead = $2, error = $3 WHERE id = $4",
		q.now().Add(wait).UnixMilli(), !again, outcome.Error(), j.id)
	return err
}

// try calls the handler; its panic is a failure like another.
func (l *lane) try(ctx context.Context, job Job) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return l.do(ctx, job)
}
