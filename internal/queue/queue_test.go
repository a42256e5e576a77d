package queue

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"hark/internal/database"
)

// bench is a queue with a clock that the test moves.
type bench struct {
	*Queue
	db    *database.DB
	clock atomic.Int64
}

func newBench(t testing.TB) *bench {
	b := &bench{db: database.Test(t)}
	b.clock.Store(time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC).UnixMilli())
	b.Queue = New(b.db, slog.New(slog.DiscardHandler), func() time.Time { return time.UnixMilli(b.clock.Load()) })
	return b
}

func (b *bench) pass(d time.Duration) { b.clock.Add(d.Milliseconds()) }

func (b *bench) put(t testing.TB, payload any) {
	t.Helper()
	err := b.db.InTx(context.Background(), func(tx *database.Tx) error { return b.Enqueue(tx, "work", payload) })
	if err != nil {
		t.Fatal(err)
	}
}

func (b *bench) drain(t testing.TB) {
	t.Helper()
	if err := b.Drain(context.Background()); err != nil {
		t.Fatal(err)
	}
}

func (b *bench) waiting(t testing.TB) int {
	t.Helper()
	n, err := b.Waiting(context.Background(), "work")
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestAJobIsDoneOnceAndForgotten(t *testing.T) {
	b := newBench(t)
	var got []string
	b.Handle("work", 2, func(_ context.Context, j Job) error {
		got = append(got, string(j.Payload))
		return nil
	})
	b.put(t, "a")
	b.drain(t)
	b.drain(t)
	if fmt.Sprint(got) != `["a"]` || b.waiting(t) != 0 {
		t.Errorf("got %v with %d waiting", got, b.waiting(t))
	}
}

func TestAJobOfAnUndoneChangeDoesNotExist(t *testing.T) {
	b := newBench(t)
	b.Handle("work", 1, func(context.Context, Job) error { t.Error("ran"); return nil })
	b.db.InTx(context.Background(), func(tx *database.Tx) error {
		if err := b.Enqueue(tx, "work", "a"); err != nil {
			t.Error(err)
		}
		return errors.New("undone")
	})
	b.drain(t)
}

func TestTwoWaitingJobsOfOnePayloadAreOne(t *testing.T) {
	b := newBench(t)
	runs := 0
	b.Handle("work", 1, func(context.Context, Job) error { runs++; return nil })
	b.put(t, "a")
	b.put(t, "a")
	b.drain(t)
	if runs != 1 {
		t.Errorf("ran %d times, want once", runs)
	}
}

func TestAJobThatFailsComesBackOnScheduleAndIsGivenUp(t *testing.T) {
	b := newBench(t)
	tries := 0
	b.Handle("work", 1, func(_ context.Context, j Job) error {
		tries = j.Try
		return errors.New("not yet")
	})
	b.put(t, "a")
	b.drain(t)
	for i, wait := range schedule {
		b.pass(wait - time.Second)
		b.drain(t)
		if tries != i+1 {
			t.Fatalf("tried %d times a second before its time, want %d", tries, i+1)
		}
		b.pass(time.Second)
		b.drain(t)
		if tries != i+2 {
			t.Fatalf("tried %d times when it was due, want %d", tries, i+2)
		}
	}
	b.pass(1000 * time.Hour)
	b.drain(t)
	if tries != len(schedule)+1 || b.waiting(t) != 0 {
		t.Errorf("tries %d, waiting %d", tries, b.waiting(t))
	}
	var why string
	if err := b.db.QueryRow(context.Background(), "SELECT error FROM jobs WHERE dead").Scan(&why); err != nil || why != "not yet" {
		t.Errorf("a job that was given up should stay visible with its reason: %q, %v", why, err)
	}
}

func TestAPermanentErrorAndAPanic(t *testing.T) {
	for name, test := range map[string]struct {
		do   Handler
		want int
	}{
		"permanent": {func(context.Context, Job) error { return fmt.Errorf("x: %w", Permanent(errors.New("never"))) }, 1},
		"panic":     {func(context.Context, Job) error { panic("mistake") }, 2},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			runs := 0
			b.Handle("work", 1, func(ctx context.Context, j Job) error { runs++; return test.do(ctx, j) })
			b.put(t, "a")
			b.drain(t)
			b.pass(time.Minute)
			b.drain(t)
			if runs != test.want {
				t.Errorf("ran %d times, want %d", runs, test.want)
			}
		})
	}
}

func TestRetryAfterIsRespectedAndNeverShortens(t *testing.T) {
	for _, test := range []struct{ asked, wait time.Duration }{
		{time.Hour, time.Hour}, {time.Second, schedule[0]},
	} {
		if wait, again := rest(Later(errors.New("429"), test.asked), 1); wait != test.wait || !again {
			t.Errorf("asked for %v: got %v, %v", test.asked, wait, again)
		}
	}
}

func TestWorkBegunByAProcessThatDiedIsDoneByTheNext(t *testing.T) {
	b := newBench(t)
	b.Handle("work", 1, func(context.Context, Job) error { return nil })
	b.put(t, "a")
	if jobs, err := b.claim(context.Background(), b.lanes["work"], 1); err != nil || len(jobs) != 1 {
		t.Fatal(jobs, err)
	}
	if err := b.release(context.Background()); err != nil {
		t.Fatal(err)
	}
	if b.db.Postgres() {
		b.pass(lease)
	}
	b.drain(t)
	if n := b.waiting(t); n != 0 {
		t.Errorf("%d still waiting", n)
	}
}

func TestASlowJobStopsNoOtherAndEachRunsOnce(t *testing.T) {
	b := newBench(t)
	ctx, stop := context.WithCancel(context.Background())
	var runs sync.Map
	var done atomic.Int32
	all := make(chan struct{})
	b.Handle("work", 8, func(ctx context.Context, j Job) error {
		if string(j.Payload) == `"slow"` {
			<-ctx.Done()
			return ctx.Err()
		}
		if _, twice := runs.LoadOrStore(string(j.Payload), true); twice {
			t.Errorf("%s ran twice", j.Payload)
		}
		if done.Add(1) == 300 {
			close(all)
		}
		return nil
	})
	b.put(t, "slow")
	finished := make(chan struct{})
	go func() { defer close(finished); b.Run(ctx) }()
	for i := range 300 {
		b.put(t, i)
	}
	select {
	case <-all:
	case <-time.After(30 * time.Second):
		t.Fatalf("%d of 300 done", done.Load())
	}
	stop()
	<-finished
	b.Handle("work", 1, func(context.Context, Job) error { return nil })
	b.drain(t)
	if n := b.waiting(t); n != 0 {
		t.Errorf("the job cut off by the stop is not due again: %d waiting", n)
	}
}

func TestManyProcessesNeverShareAJob(t *testing.T) {
	b := newBench(t)
	b.Handle("work", 4, func(context.Context, Job) error { return nil })
	for i := range 200 {
		b.put(t, i)
	}
	var seen sync.Map
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for {
				jobs, err := b.claim(context.Background(), b.lanes["work"], 3)
				if err != nil {
					t.Error(err)
				}
				if len(jobs) == 0 {
					return
				}
				for _, j := range jobs {
					if _, twice := seen.LoadOrStore(j.id, true); twice {
						t.Errorf("%s was handed out twice", j.payload)
					}
				}
			}
		})
	}
	wg.Wait()
}

func BenchmarkJobs(b *testing.B) {
	q := newBench(b)
	done := make(chan struct{}, 1024)
	q.Handle("work", 64, func(context.Context, Job) error { done <- struct{}{}; return nil })
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	go q.Run(ctx)
	go b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			q.put(b, database.NewID())
		}
	})
	for range b.N {
		<-done
	}
}

func TestHowTheJobsStandIsCountedByKind(t *testing.T) {
	b := newBench(t)
	b.Handle("work", 1, func(_ context.Context, j Job) error {
		if string(j.Payload) == `"bad"` {
			return Permanent(errors.New("never"))
		}
		return errors.New("later")
	})
	b.Handle("rest", 1, func(context.Context, Job) error { return nil })
	for _, payload := range []string{"bad", "a", "b"} {
		b.put(t, payload)
	}
	b.drain(t)
	waiting, dead, err := b.Standing(t.Context())
	if err != nil || fmt.Sprint(waiting) != "map[rest:0 work:2]" || fmt.Sprint(dead) != "map[rest:0 work:1]" {
		t.Errorf("waiting %v, given up %v, %v", waiting, dead, err)
	}
}
