package mentions

import (
	"net/url"
	"sync"
	"time"

	"hark/internal/fetch"
)

// How far apart two messages to one host are. WordPress refuses pings of anyone
// that follow each other within 15 s.
const (
	pingbackGap   = 16 * time.Second
	webmentionGap = 2 * time.Second
)

// turnsKept is how long a turn that nobody came for is remembered.
const turnsKept = time.Hour

// gaps keeps the messages to one host apart. Whose turn has not come reserves
// the next one, so that many links to one host are told in as many visits.
type gaps struct {
	now   func() time.Time
	mu    sync.Mutex
	next  map[string]time.Time // by host: when the next may go there
	turns map[string]turn      // by delivery: those reserved
}

type turn struct {
	protocol, endpoint string
	at                 time.Time
}

func newGaps(now func() time.Time) *gaps {
	return &gaps{now: now, next: map[string]time.Time{}, turns: map[string]turn{}}
}

// found fills in the endpoint of a delivery that has a turn reserved.
func (g *gaps) found(d *Delivery) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	turn, ok := g.turns[d.ID]
	if ok {
		d.Protocol, d.Endpoint = turn.protocol, turn.endpoint
	}
	return ok
}

// take takes the turn of a delivery at its endpoint's host, or says how long it
// has to wait for it.
func (g *gaps) take(d *Delivery) time.Duration {
	u, err := url.Parse(d.Endpoint)
	if err != nil {
		return 0
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	now := g.now()
	g.forget(now)
	mine, reserved := g.turns[d.ID]
	if !reserved {
		mine = g.reserve(fetch.Host(u), d, now)
	}
	if wait := mine.at.Sub(now); wait > 0 {
		g.turns[d.ID] = mine
		return wait
	}
	delete(g.turns, d.ID)
	return 0
}

func (g *gaps) reserve(host string, d *Delivery, now time.Time) turn {
	at := now
	if next := g.next[host]; next.After(now) {
		at = next
	}
	gap := webmentionGap
	if d.Protocol == byPingback {
		gap = pingbackGap
	}
	g.next[host] = at.Add(gap)
	return turn{d.Protocol, d.Endpoint, at}
}

func (g *gaps) forget(now time.Time) {
	for host, next := range g.next {
		if !next.After(now) {
			delete(g.next, host)
		}
	}
	for id, turn := range g.turns {
		if now.Sub(turn.at) > turnsKept {
			delete(g.turns, id)
		}
	}
}
