package fetch

import (
	"context"
	"net/url"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// hosts keeps visits polite: one at a time to one host, with a gap once they
// are many.
type hosts struct {
	limits limits

	mu    sync.Mutex
	known map[string]*host
}

// host is what is remembered of one host while it is visited, and until its
// visits are long enough ago.
type host struct {
	free    chan struct{} // holds one token while nobody visits
	pace    *rate.Limiter
	slow    time.Time // when it gave way last; only whose turn it is looks
	callers int       // visiting or waiting; guarded by hosts.mu
}

func newHosts(l limits) *hosts {
	return &hosts{
		limits: l,
		known:  make(map[string]*host),
	}
}

// turn is the right to visit one host, until done.
type turn struct {
	hosts *hosts
	host  *host
	once  sync.Once
}

// wait returns when it is u's host's turn. It gives up with ErrBusy when
// patience ends or would end before the turn comes.
func (h *hosts) wait(ctx context.Context, u *url.URL) (*turn, error) {
	patient, cancel := context.WithTimeoutCause(ctx, h.limits.patience, ErrBusy)
	defer cancel()
	host := h.enter(Host(u))
	select {
	case <-host.free:
	case <-patient.Done():
		h.leave(host)
		return nil, context.Cause(patient)
	}
	if err := host.rest(patient); err != nil {
		host.free <- struct{}{}
		h.leave(host)
		return nil, err
	}
	return &turn{hosts: h, host: host}, nil
}

// rest waits for the host's gap.
func (h *host) rest(ctx context.Context) error {
	err := h.pace.Wait(ctx)
	if err != nil && ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if err != nil {
		return ErrBusy // Wait knows that the turn comes too late
	}
	return nil
}

// done gives the turn to the next. Further calls do nothing; nor does a nil
// turn, which is what a visit holds whose next host was busy.
func (t *turn) done() {
	if t == nil {
		return
	}
	t.once.Do(func() {
		t.host.free <- struct{}{}
		t.hosts.leave(t.host)
	})
}

// unused is done for a turn in which nobody was asked: it does not count.
func (t *turn) unused() {
	t.host.pace.AllowN(time.Now(), -1)
	t.done()
}

// gaveWay notes that the host kept its visitor for so long that others waited.
func (t *turn) gaveWay() {
	if t != nil {
		t.host.slow = time.Now()
	}
}

// slowLately tells whether the host gave way lately.
func (t *turn) slowLately() bool {
	return time.Since(t.host.slow) < t.hosts.limits.rest
}

func (h *hosts) enter(name string) *host {
	h.mu.Lock()
	defer h.mu.Unlock()
	if known, ok := h.known[name]; ok {
		known.callers++
		return known
	}
	if len(h.known) >= h.limits.hosts {
		h.forget()
	}
	fresh := &host{
		free:    make(chan struct{}, 1),
		pace:    rate.NewLimiter(rate.Every(h.limits.gap), h.limits.burst),
		callers: 1,
	}
	fresh.free <- struct{}{}
	h.known[name] = fresh
	return fresh
}

func (h *hosts) leave(host *host) {
	h.mu.Lock()
	defer h.mu.Unlock()
	host.callers--
}

// forget makes room: first the hosts whose visits are so long ago that they
// stand like new ones, then, if those are few, others that nobody visits.
func (h *hosts) forget() {
	now := time.Now()
	for name, host := range h.known {
		if host.callers == 0 && host.pace.TokensAt(now) >= float64(h.limits.burst) {
			delete(h.known, name)
		}
	}
	for name, host := range h.known {
		if len(h.known) <= h.limits.hosts/2 {
			return
		}
		if host.callers == 0 {
			delete(h.known, name)
		}
	}
}
