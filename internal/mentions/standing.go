package mentions

import (
	"context"
	"errors"
	"net/netip"
	"sync"
	"time"

	"hark/internal/authlog"
	"hark/internal/database"
	"hark/internal/posts"
)

// turnAway answers what a rule blocks like any other mention, and keeps nothing
// of it but the count.
func (i *Inbox) turnAway(ctx context.Context, m *Mention, closed bool, rule *Rule, from netip.Addr) (Receipt, error) {
	unknown := false
	err := i.db.InTx(ctx, func(tx *database.Tx) error {
		if err := hit(tx, rule.ID, i.now()); err != nil || !closed {
			return err
		}
		_, err := lockSource(tx, m.key, m.PostID)
		if unknown = errors.Is(err, ErrNotFound); unknown {
			return nil
		}
		return err
	})
	if err != nil {
		return Receipt{}, err
	}
	if unknown {
		return Receipt{}, refuseClosed() // as every other new one
	}
	i.guard.RefusedSource(protocols[m.Via], authlog.Blocked, from, keyHost(m.key))
	return Receipt{ID: i.ghosts.appear(m, i.now())}, nil
}

// Storm tells since when pingbacks are turned away unread, if they are.
func (i *Inbox) Storm() (since time.Time, on bool) { return i.guard.Storm() }

// mostGhosts is how many of them are remembered.
const mostGhosts = 4096

// ghosts are mentions that were turned away and look to their senders as if they
// waited for the owner. They live in memory alone, the newest of them.
type ghosts struct {
	mu   sync.Mutex
	of   map[string]*Mention // by what names the pair, and by ID
	line []*Mention          // a ring, in order of arrival
	next int
	sent map[string]time.Time // when one that has a row came again, by ID
}

func newGhosts() *ghosts {
	return &ghosts{of: map[string]*Mention{}, sent: map[string]time.Time{}}
}

// appear gives the key under which the sender can ask. The same mention again
// has the same.
func (g *ghosts) appear(m *Mention, now time.Time) string {
	g.mu.Lock()
	defer g.mu.Unlock()
	pair := m.key + " " + m.PostID
	if known := g.of[pair]; known != nil {
		return known.ID
	}
	m.State, m.Received, m.Reason = Held, now, ""
	if len(g.line) < mostGhosts {
		g.line = append(g.line, m)
	} else {
		old := g.line[g.next]
		delete(g.of, old.key+" "+old.PostID)
		delete(g.of, old.ID)
		g.line[g.next] = m
		g.next = (g.next + 1) % mostGhosts
	}
	g.of[pair], g.of[m.ID] = m, m
	return m.ID
}

// ghostRest is for how long a ghost seems to be unread.
const ghostRest = 3 * time.Second

// again notes that one came again that was removed or called spam: for its
// sender it is looked at for a moment, like any other.
func (g *ghosts) again(id string, now time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.sent) >= mostGhosts {
		clear(g.sent)
	}
	g.sent[id] = now
}

// stirs tells whether one that came again is still looked at.
func (g *ghosts) stirs(id string, now time.Time) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	at, ok := g.sent[id]
	return ok && now.Sub(at) < ghostRest
}

// seen is the ghost with this key as its sender sees it, nil if there is none.
func (g *ghosts) seen(id string, now time.Time) *Mention {
	g.mu.Lock()
	defer g.mu.Unlock()
	m := g.of[id]
	if m == nil || m.ID != id {
		return nil
	}
	copied := *m
	if now.Sub(m.Received) < ghostRest {
		copied.State, copied.Checking = Waiting, true
	}
	return &copied
}

// IsOpen tells whether everybody may see the post that a mention is about.
func (i *Inbox) IsOpen(ctx context.Context, m *Mention) (bool, error) {
	if m.PostID == "" { // the site itself, or nothing at all
		return true, nil
	}
	p, err := i.posts.ByID(ctx, m.PostID)
	if errors.Is(err, posts.ErrNotFound) {
		return false, nil
	}
	return err == nil && p.Open(), err
}

// Status is a mention as its sender may see it, else ErrNotFound.
func (i *Inbox) Status(ctx context.Context, id string) (*Mention, error) {
	if ghost := i.ghosts.seen(id, i.now()); ghost != nil {
		return ghost, nil
	}
	m, err := i.ByID(ctx, id)
	if err == nil && (m.State == Removed || m.State == Spam) {
		m.State, m.Checking = Held, m.Checking || i.ghosts.stirs(id, i.now())
	}
	return m, err
}
