package fetch

import (
	"cmp"
	"context"
	"net/url"
	"slices"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// hosts keeps visits polite: one at a time to one host, with a gap once they
// are many, and no more in an hour than its budget.
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
	hour    *rate.Limiter // its budget, which comes back evenly
	slow    time.Time     // when it gave way last; only whose turn it is looks
	callers int           // visiting or waiting; guarded by hosts.mu
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
// patience ends or would end before the turn comes, and with ErrSpent at once
// when the host's hour is used up.
func (h *hosts) wait(ctx context.Context, u *url.URL) (*turn, error) {
	patient, cancel := context.WithTimeoutCause(ctx, h.limits.patience, ErrBusy)
	defer cancel()
	host := h.enter(Host(u))
	if err := host.spend(); err != nil {
		h.leave(host)
		return nil, err
	}
	if err := host.wait(patient); err != nil {
		refund(host.hour)
		h.leave(host)
		return nil, err
	}
	return &turn{hosts: h, host: host}, nil
}

// wait waits until nobody visits the host, then for its gap.
func (h *host) wait(ctx context.Context) error {
	select {
	case <-h.free:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	err := h.rest(ctx)
	if err != nil {
		h.free <- struct{}{}
	}
	return err
}

// rest waits for the host's gap.
func (h *host) rest(ctx context.Context) error {
	err := h.pace.Wait(ctx)
	if err != nil && ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if err != nil { // Wait knows that the turn comes too late
		return &early{ErrBusy, untilOne(h.pace)}
	}
	return nil
}

// spend takes one request from the host's hour.
func (h *host) spend() error {
	if !h.hour.Allow() {
		return &early{ErrSpent, untilOne(h.hour)}
	}
	return nil
}

// untilOne is how long it takes until a bucket has a whole token.
func untilOne(bucket *rate.Limiter) time.Duration {
	missing := 1 - bucket.Tokens()
	return max(0, time.Duration(missing/float64(bucket.Limit())*float64(time.Second)))
}

// refund puts back a token. The bucket never holds more than its burst.
func refund(bucket *rate.Limiter) {
	bucket.AllowN(time.Now(), -1)
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
	refund(t.host.pace)
	refund(t.host.hour)
	t.done()
}

// gaveWay notes that the host kept its visitor for so long that others waited.
func (t *turn) gaveWay() {
	if t != nil {
		t.host.slow = time.Now()
	}
}

// rest is how much longer a host that gave way lately has to stand back, zero
// or less if it need not.
func (t *turn) rest() time.Duration {
	return t.hosts.limits.rest - time.Since(t.host.slow)
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
		hour:    rate.NewLimiter(rate.Limit(float64(h.limits.budget)/h.limits.hour.Seconds()), h.limits.budget),
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

// forget makes room: first go the hosts whose visits are so long ago that they
// stand like new ones. If those are few, so many hosts are visited at once that
// something has to give: it is the budget of the hosts that have used least of
// their hour. Who has used most is remembered longest.
func (h *hosts) forget() {
	now := time.Now()
	var idle []string
	for name, host := range h.known {
		switch {
		case host.callers > 0:
		case host.rested(now):
			delete(h.known, name)
		default:
			idle = append(idle, name)
		}
	}
	slices.SortFunc(idle, func(a, b string) int {
		return cmp.Compare(h.known[b].hour.TokensAt(now), h.known[a].hour.TokensAt(now))
	})
	for _, name := range idle {
		if len(h.known) <= h.limits.hosts/2 {
			return
		}
		delete(h.known, name)
	}
}

// rested tells whether the host's gap and hour are as if it had never been visited.
func (h *host) rested(now time.Time) bool {
	return h.pace.TokensAt(now) >= float64(h.pace.Burst()) && h.hour.TokensAt(now) >= float64(h.hour.Burst())
}
