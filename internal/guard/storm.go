package guard

import (
	"log/slog"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"hark/internal/authlog"
	"hark/internal/budget"
)

// watch is how often a storm is looked at that nobody asks about.
const watch = 15 * time.Second

// storm is what pingback's door goes by when more junk comes than is worth
// reading. It begins when the budget of junk is used up and ends when half of it
// is there again: there may be many storms, but no short ones.
type storm struct {
	mu    sync.Mutex
	junk  *rate.Limiter // nil: there are none
	since time.Time     // zero: there is none now
	last  Gale
}

// Gale is a storm that has passed.
type Gale struct{ Since, Until time.Time }

func newStorm(junk budget.Limit) *storm { return &storm{junk: newJunk(junk)} }

func newJunk(limit budget.Limit) *rate.Limiter {
	if limit.Burst == 0 {
		return nil
	}
	perSecond := float64(limit.Burst) / limit.Refill.Seconds()
	return rate.NewLimiter(rate.Limit(perSecond), limit.Burst)
}

// allow begins with another budget of junk, as if none of it were used. A storm
// ends by that, as it does when the junk ebbs.
func (s *storm) allow(junk budget.Limit) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.junk = newJunk(junk)
}

// used is how much of the budget of junk is used.
func (s *storm) used(now time.Time) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.junk == nil {
		return 0
	}
	return s.junk.Burst() - int(s.junk.TokensAt(now)+1e-6)
}

// LastStorm is the last one that has passed since the start, if there was one.
func (g *Guard) LastStorm() (Gale, bool) {
	g.storm.mu.Lock()
	defer g.storm.mu.Unlock()
	return g.storm.last, !g.storm.last.Until.IsZero()
}

// Storm tells since when there is one, if there is.
func (g *Guard) Storm() (since time.Time, on bool) {
	return g.storm.look(g.now())
}

// Shut tells whether a storm shuts pingback's door to this address. Those whom
// the owner trusts pass. The others keep it shut while they pour in, each as far
// as the budget of its address goes, so that no single one can.
func (g *Guard) Shut(from netip.Addr, wide bool) bool {
	now := g.now()
	if _, on := g.storm.look(now); !on || wide {
		return false
	}
	if _, ok := g.limits.Load().usual.addresses.Take(budget.Address(from), now); ok {
		g.storm.add(g.now)
	}
	g.count(authlog.Pingback, authlog.RateLimited, from)
	return true
}

// add counts one more piece of junk. In a storm there is no token left to take
// but what comes back, so that it ends the same time after the last, however
// many there were.
func (s *storm) add(clock func() time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := clock()
	if s.junk == nil || s.junk.AllowN(now, 1) || !s.since.IsZero() {
		return
	}
	s.since = now
	slog.Warn("so much junk comes by pingback that pingbacks are turned away until it ebbs")
	s.lookAgain(clock)
}

// look tells about the storm, and ends it when it has ebbed.
func (s *storm) look(now time.Time) (since time.Time, on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.since.IsZero() {
		return time.Time{}, false
	}
	if s.junk != nil && s.junk.TokensAt(now) < float64(s.junk.Burst())/2 {
		return s.since, true
	}
	slog.Info("the junk has ebbed: pingbacks are taken again", "storm", now.Sub(s.since).Round(time.Second))
	s.last, s.since = Gale{s.since, now}, time.Time{}
	return time.Time{}, false
}

// lookAgain ends a storm in which nobody knocks any more.
func (s *storm) lookAgain(clock func() time.Time) {
	time.AfterFunc(watch, func() {
		if _, on := s.look(clock()); on {
			s.lookAgain(clock)
		}
	})
}
