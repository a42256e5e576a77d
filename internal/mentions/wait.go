package mentions

import (
	"context"
	"sync"
	"time"
)

// mostWaiters is how many callers wait for a verdict at once. With no place
// free, a caller is answered without waiting.
const mostWaiters = 64

// waiters are the callers that wait for the worker's verdict, by mention.
type waiters struct {
	mu    sync.Mutex
	count int
	of    map[string][]chan struct{}
}

func newWaiters() *waiters { return &waiters{of: map[string][]chan struct{}{}} }

// join gives a channel that is closed at the verdict, or nil if too many wait.
func (w *waiters) join(id string) chan struct{} {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.count >= mostWaiters {
		return nil
	}
	w.count++
	done := make(chan struct{})
	w.of[id] = append(w.of[id], done)
	return done
}

func (w *waiters) leave(id string, done chan struct{}) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.count--
	for n, other := range w.of[id] {
		if other == done {
			w.of[id] = append(w.of[id][:n], w.of[id][n+1:]...)
			break
		}
	}
	if len(w.of[id]) == 0 {
		delete(w.of, id)
	}
}

// tell wakes those who wait for a mention.
func (w *waiters) tell(id string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, done := range w.of[id] {
		close(done)
	}
	delete(w.of, id)
}

// Verdict waits until a mention's source was read, at most for patience, and
// returns the mention as it is then: Checking says that nothing is known yet.
func (i *Inbox) Verdict(ctx context.Context, id string, patience time.Duration) (*Mention, error) {
	done := i.waiters.join(id)
	m, err := i.ByID(ctx, id) // after joining, so that no verdict falls between
	if done == nil {
		return m, err
	}
	defer i.waiters.leave(id, done)
	if err != nil || !m.Checking {
		return m, err
	}
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-done:
	case <-timer.C:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	return i.ByID(ctx, id)
}
