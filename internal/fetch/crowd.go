package fetch

import (
	"context"
	"slices"
	"sync"
	"time"
)

// crowd is all who visit other hosts or want to: few at a time, and holding
// little together. Who waits is served in the order of coming. While somebody
// waits, those who have stayed longest give way, once their grace is over: slow
// hosts have all their time when nobody minds, and else keep nobody for long.
type crowd struct {
	grace time.Duration
	line  time.Duration

	mu     sync.Mutex
	places pool
	memory pool
	stays  []*stay // the oldest first
	alarm  bool    // relieve comes when the oldest's grace is over
}

func newCrowd(l limits) *crowd {
	return &crowd{grace: l.grace, line: l.line, places: pool{free: l.places}, memory: pool{free: l.memory}}
}

// stay is one visit's time among the others.
type stay struct {
	crowd *crowd
	since time.Time
	held  int // of the crowd's memory
	end   context.CancelCauseFunc
	told  bool // to give way
}

// enter waits for a place. The context it returns is the visit's own: it ends
// with ErrGaveWay when others need the place or the memory. It gives up with
// ErrBusy.
func (c *crowd) enter(ctx context.Context) (context.Context, *stay, error) {
	patient, cancel := context.WithTimeoutCause(ctx, c.line, ErrBusy)
	defer cancel()
	if err := c.wait(patient, &c.places, 1); err != nil {
		return nil, nil, err
	}
	ctx, end := context.WithCancelCause(ctx)
	s := &stay{crowd: c, since: time.Now(), end: end}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stays = append(c.stays, s)
	c.relieve()
	return ctx, s, nil
}

// hold takes n more bytes of the crowd's memory, and waits while there are none.
func (s *stay) hold(ctx context.Context, n int) error {
	if err := s.crowd.wait(ctx, &s.crowd.memory, n); err != nil {
		return err
	}
	s.crowd.mu.Lock()
	defer s.crowd.mu.Unlock()
	s.held += n
	s.crowd.relieve()
	return nil
}

// leave gives back the place and what was held.
func (s *stay) leave() {
	s.end(nil)
	c := s.crowd
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stays = slices.DeleteFunc(c.stays, func(other *stay) bool { return other == s })
	c.memory.give(s.held)
	c.places.give(1)
	c.relieve()
}

// waited tells whether somebody stands in line for a place.
func (c *crowd) waited() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.places.line) > 0
}

// wait takes n from a pool, in the order of coming. What came at the last moment
// is taken: who holds a place does not go away for want of one.
func (c *crowd) wait(ctx context.Context, p *pool, n int) error {
	c.mu.Lock()
	mine := p.ask(n)
	c.relieve()
	c.mu.Unlock()
	select {
	case <-mine.granted:
		return nil
	case <-ctx.Done():
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if !p.withdraw(mine) {
		return nil
	}
	return context.Cause(ctx)
}

// relieve has as many give way as are needed for those who wait, and comes again
// when it has to wait for somebody's grace.
func (c *crowd) relieve() {
	places, bytes := len(c.places.line), c.memory.missing()
	for _, s := range c.stays {
		if s.told {
			places, bytes = places-1, bytes-s.held
		}
	}
	for _, s := range c.stays {
		if places <= 0 && bytes <= 0 {
			return
		}
		if s.told || places <= 0 && s.held == 0 {
			continue
		}
		if rest := c.grace - time.Since(s.since); rest > 0 {
			c.relieveAfter(rest)
			return
		}
		s.told = true
		s.end(ErrGaveWay)
		places, bytes = places-1, bytes-s.held
	}
}

func (c *crowd) relieveAfter(rest time.Duration) {
	if c.alarm {
		return
	}
	c.alarm = true
	time.AfterFunc(rest, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.alarm = false
		c.relieve()
	})
}

// pool is an amount of something, and the line of those who wait for some of it.
type pool struct {
	free int
	line []*ask
}

type ask struct {
	n       int
	granted chan struct{}
}

// ask stands in line. With enough there and nobody before, it is granted at once.
func (p *pool) ask(n int) *ask {
	mine := &ask{n: n, granted: make(chan struct{})}
	p.line = append(p.line, mine)
	p.serve()
	return mine
}

func (p *pool) give(n int) {
	p.free += n
	p.serve()
}

func (p *pool) serve() {
	for len(p.line) > 0 && p.line[0].n <= p.free {
		p.free -= p.line[0].n
		close(p.line[0].granted)
		p.line = slices.Delete(p.line, 0, 1)
	}
}

// withdraw leaves the line. It tells whether mine still stood there: what came
// at the last moment was given.
func (p *pool) withdraw(mine *ask) bool {
	at := slices.Index(p.line, mine)
	if at < 0 {
		return false
	}
	p.line = slices.Delete(p.line, at, at+1)
	p.serve()
	return true
}

// missing is what the first in line lacks.
func (p *pool) missing() int {
	if len(p.line) == 0 {
		return 0
	}
	return p.line[0].n - p.free
}
