package guard

import (
	"hash/maphash"
	"sync"
	"time"
)

const (
	// unlinkedRest is for how long a page that did not link is not read again for
	// the same ping: long enough to make a flood of it cheap, short enough for
	// whoever mends the page.
	unlinkedRest = 90 * time.Second
	// missingRest is for how long a target that is not there is not looked up.
	missingRest = time.Minute
	// mostDenials is how many of them one generation holds; there are two.
	mostDenials = 4096
)

// denials remember, for a minute or so and in a bounded amount of memory, what
// was found out about pings that come again. Their keys are hashes by a secret of
// this process, so that long addresses take no room and nobody can find two that
// share one.
type denials struct {
	seed maphash.Seed

	mu         *sync.Mutex
	young, old map[uint64]time.Time // until when
}

func newDenials() denials {
	return denials{seed: maphash.MakeSeed(), mu: &sync.Mutex{}, young: map[uint64]time.Time{}}
}

// pair is a ping's source and target; a target alone has no source.
type pair struct{ source, target string }

func (d *denials) remember(p pair, until time.Time) {
	key := maphash.Comparable(d.seed, p)
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.young) >= mostDenials {
		d.old, d.young = d.young, map[uint64]time.Time{}
	}
	d.young[key] = until
}

// left is how long what is known of a pair still holds. More than the longest
// rest is a clock that was set back.
func (d *denials) left(p pair, now time.Time, longest time.Duration) (time.Duration, bool) {
	key := maphash.Comparable(d.seed, p)
	d.mu.Lock()
	defer d.mu.Unlock()
	until, found := d.young[key]
	if !found {
		until, found = d.old[key]
	}
	left := until.Sub(now)
	return left, found && left > 0 && left <= longest
}

// Unlinked notes that a source was just read and does not link to a target.
func (g *Guard) Unlinked(source, target string) {
	g.denied.remember(pair{source, target}, g.now().Add(unlinkedRest))
}

// JustUnlinked tells for how long the same ping will not be looked at, because it
// just was, in vain.
func (g *Guard) JustUnlinked(source, target string) (time.Duration, bool) {
	return g.denied.left(pair{source, target}, g.now(), unlinkedRest)
}

// Missing notes that there is nothing at a target.
func (g *Guard) Missing(target string) {
	g.denied.remember(pair{target: target}, g.now().Add(missingRest))
}

// JustMissing tells whether a target was just looked up in vain.
func (g *Guard) JustMissing(target string) bool {
	_, is := g.denied.left(pair{target: target}, g.now(), missingRest)
	return is
}
