package page

import (
	"context"
	"errors"
	"fmt"
	"sync"
)

// flights are the pages being made, so that many who ask for one make it once.
type flights struct {
	mu       sync.Mutex
	underway map[string]*flight
}

// flight is one making of one page. Its fields are set before done is closed.
type flight struct {
	done chan struct{}
	page *kept
	err  error
}

// errUnfinished is what those who wait are told if making the page panics.
var errUnfinished = errors.New("another request failed to make it")

// join gives the flight of key, and whether the caller has to fly it.
func (f *flights) join(key string) (*flight, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if under, ok := f.underway[key]; ok {
		return under, false
	}
	if f.underway == nil {
		f.underway = make(map[string]*flight)
	}
	own := &flight{done: make(chan struct{}), err: errUnfinished}
	f.underway[key] = own
	return own, true
}

func (f *flights) land(key string, done *flight) {
	f.mu.Lock()
	delete(f.underway, key)
	f.mu.Unlock()
	close(done.done)
}

// fly makes the page of key, or waits for whoever is making it.
//
// A flight that was underway when the caller came may have read the database
// before a change that the caller knows of. So its page serves only if it stands
// on the shelf and its numbers hold; a second flight began after the caller came,
// and whatever it brings is new enough.
func (c *Cache) fly(ctx context.Context, key string, maker Maker) (*kept, error) {
	for round := 1; ; round++ {
		f, own := c.flights.join(key)
		if own {
			c.pilot(ctx, f, key, maker)
			return f.page, f.err
		}
		select {
		case <-f.done:
		case <-ctx.Done():
			return nil, fmt.Errorf("wait for page %s: %w", key, ctx.Err())
		}
		if round > 1 {
			return f.page, f.err
		}
		if p, err := c.fresh(ctx, key); p != nil || err != nil {
			return p, err
		}
	}
}

// pilot makes the page and lets the others have it. The page may have been made
// between the caller's look at the shelf and now.
func (c *Cache) pilot(ctx context.Context, f *flight, key string, maker Maker) {
	defer c.flights.land(key, f)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	if f.page, f.err = c.fresh(ctx, key); f.page == nil && f.err == nil {
		f.err = errUnfinished
		f.page, f.err = c.produce(ctx, key, maker)
	}
}
