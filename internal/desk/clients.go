package desk

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"sync"
	"time"

	"hark/internal/fetch"
	"hark/internal/indieauth"
	"hark/internal/picture"
)

const (
	clientWait  = 5 * time.Second  // for what an app says of itself
	logoWait    = 3 * time.Second  // then, for its logo
	clientLife  = 15 * time.Minute // so long it is not asked again
	deafLife    = time.Minute      // nor one that did not answer
	mostClients = 100
	logoSide    = 80
)

// client is an app, as it describes itself.
type client struct {
	indieauth.Information
	Problem string // why nothing is known, in half a sentence
	logo    *picture.Picture
	LogoKey string // under which the logo is served; empty for none
}

// clients remembers what apps say of themselves. Each is asked for somebody who is
// signed in and was sent here by it, once, however many ask at the same time.
type clients struct {
	fetch    *fetch.Client
	pictures *picture.Maker
	now      func() time.Time
	wait     time.Duration // for what an app says of itself

	mu    sync.Mutex
	known map[string]*lookup
}

// lookup is one visit of an app.
type lookup struct {
	done  chan struct{} // closed when found is there
	until time.Time     // zero while it is not
	found client
}

func newClients(f *fetch.Client, p *picture.Maker, now func() time.Time) *clients {
	return &clients{fetch: f, pictures: p, now: now, wait: clientWait, known: map[string]*lookup{}}
}

// look reads what the app at a canonical address says of itself.
func (c *clients) look(ctx context.Context, address string) (client, error) {
	l, mine := c.find(address)
	if mine {
		// Whoever goes away takes nothing from those who wait for the same.
		go func(ctx context.Context) {
			defer close(l.done)
			found := c.visit(ctx, address)
			c.mu.Lock()
			defer c.mu.Unlock()
			l.found, l.until = found, c.now().Add(clientLife)
			if found.Problem != "" {
				l.until = c.now().Add(deafLife)
			}
		}(context.WithoutCancel(ctx))
	}
	select {
	case <-l.done:
		return l.found, nil
	case <-ctx.Done():
		return client{}, ctx.Err()
	}
}

// find gives the visit that counts, and tells whether it is still to be made.
func (c *clients) find(address string) (l *lookup, mine bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.now()
	if l = c.known[address]; l != nil && (l.until.IsZero() || l.until.After(now)) {
		return l, false
	}
	for other, old := range c.known {
		if !old.until.IsZero() && (len(c.known) >= mostClients || !old.until.After(now)) {
			delete(c.known, other)
		}
	}
	l = &lookup{done: make(chan struct{})}
	c.known[address] = l
	return l, true
}

// visit reads what an app says, and lives through a page that nobody can read: no
// request is there to end instead.
func (c *clients) visit(ctx context.Context, address string) (found client) {
	defer func() {
		if p := recover(); p != nil {
			slog.Error("app not understood", "app", address, "panic", p, "stack", string(debug.Stack()))
			found = client{Problem: unreadable}
		}
	}()
	page, err := c.get(ctx, c.wait, address, "application/json, text/html;q=0.9, */*;q=0.1")
	if err != nil {
		return client{Problem: whyUnread(err)}
	}
	if found.Information, err = indieauth.ReadClient(address, page.URL, page.Header, page.Body); err != nil {
		return client{Problem: err.Error()}
	}
	if found.Logo != "" {
		found.fillLogo(ctx, c)
	}
	return found
}

// get reads a whole page, in time.
func (c *clients) get(ctx context.Context, wait time.Duration, address, accept string) (*fetch.Page, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, wait, fetch.ErrTooSlow)
	defer cancel()
	page, err := c.fetch.Get(ctx, address, http.Header{"Accept": {accept}})
	switch {
	case err != nil:
		return nil, err
	case page.Status != http.StatusOK:
		return nil, fmt.Errorf("its address answers %d", page.Status)
	case page.Cut:
		return nil, errors.New("its page is too long")
	}
	return page, nil
}

const unreadable = "its address cannot be read"

// whyUnread is why nothing is known of an app, for people.
func whyUnread(err error) string {
	if failed := (*fetch.Error)(nil); errors.As(err, &failed) {
		return cmp.Or(failed.Reason, unreadable)
	}
	return err.Error()
}

// fillLogo makes the logo anew, small. An app without one that is a picture has
// an initial.
func (c *client) fillLogo(ctx context.Context, from *clients) {
	page, err := from.get(ctx, logoWait, c.Logo, "image/webp,image/png,image/jpeg,image/gif;q=0.9,*/*;q=0.1")
	if err != nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, logoWait)
	defer cancel()
	made, err := from.pictures.Face(ctx, page.Body, logoSide)
	if err != nil {
		return
	}
	sum := sha256.Sum256(made.Bytes)
	c.logo, c.LogoKey = made, hex.EncodeToString(sum[:16])
}

// logoOf finds a logo under its key, nil if it is not remembered any more.
func (c *clients) logoOf(key string) *picture.Picture {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, l := range c.known {
		if !l.until.IsZero() && l.found.LogoKey == key && key != "" {
			return l.found.logo
		}
	}
	return nil
}
