package mentions

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"time"

	"hark/internal/authlog"
	"hark/internal/database"
	"hark/internal/fetch"
	"hark/internal/guard"
	"hark/internal/posts"
	"hark/internal/queue"
	"hark/internal/settings"
)

// verify is the job that reads a mention's source.
const verify queue.Kind = "verify"

const (
	// visitsAtOnce is how many of them are read at the same time, and
	// visitsToHost how many of these may be for one host: as it is visited by one
	// at a time, the others only wait, and must not keep those for other hosts.
	visitsAtOnce = 64
	visitsToHost = 16
)

// Inbox receives mentions, checks them, and decides what is shown. It owns the
// tables mentions and mention_events.
type Inbox struct {
	db       *database.DB
	queue    *queue.Queue
	posts    *posts.Store
	settings *settings.Store
	guard    *guard.Guard
	fetch    *fetch.Client
	log      *slog.Logger
	now      func() time.Time
	site     site
	waiters  *waiters
	visits   *visits
	room     room
}

// Rooms are the rooms below that Inbox and Outbox stand on.
type Rooms struct {
	DB       *database.DB
	Queue    *queue.Queue
	Posts    *posts.Store
	Settings *settings.Store
	Guard    *guard.Guard
	Fetch    *fetch.Client
	Log      *slog.Logger
	Now      func() time.Time
	URL      string // of our site, no trailing slash
}

// NewInbox makes the inbox and gives the queue its handler.
func NewInbox(r Rooms) *Inbox {
	i := &Inbox{
		db: r.DB, queue: r.Queue, posts: r.Posts, settings: r.Settings, guard: r.Guard, fetch: r.Fetch,
		log: r.Log, now: r.Now, site: newSite(r.URL), waiters: newWaiters(), visits: newVisits(),
	}
	r.Queue.Handle(verify, visitsAtOnce, i.verify)
	return i
}

// Refusal says why a mention is not taken, in a sentence for its sender.
type Refusal struct {
	Reason     authlog.Reason
	Closed     bool          // the target is known, but takes no mentions
	Text       string        // for the sender
	RetryAfter time.Duration // above zero: only for now
}

func (r *Refusal) Error() string { return fmt.Sprintf("mention refused (%s): %s", r.Reason, r.Text) }

// Receive takes a mention from whoever sent it: it finds the post and remembers
// the mention and the work it makes, in one transaction, without asking another
// host. From here on no line can tell the protocols apart but by via. What is
// not taken is a *Refusal.
//
// The same mention again has its source read again; until that is done, more of
// the same change nothing. A mention the owner has removed stays removed, and
// its sender cannot tell.
func (i *Inbox) Receive(ctx context.Context, via Via, source, target string, from netip.Addr) (Receipt, error) {
	path, post, err := i.resolve(ctx, target)
	if err != nil {
		return Receipt{}, err
	}
	key := sourceKey(source)
	if err := i.checkSource(key, source); err != nil {
		return Receipt{}, err
	}
	reason := ""
	if _, ok := i.guard.Target(path); !ok {
		reason = Crowded
	}
	if err := i.checkRoom(ctx); err != nil {
		return Receipt{}, err
	}
	m := Mention{ID: database.NewID(), PostID: post, Source: source, Target: target, Via: via, Reason: reason}
	known := false
	err = i.db.InTx(ctx, func(tx *database.Tx) (err error) {
		known, err = i.remember(tx, &m, key, from)
		return err
	})
	if err != nil {
		return Receipt{}, err
	}
	return Receipt{ID: m.ID, Known: known}, nil
}

// Receipt says what was taken.
type Receipt struct {
	ID    string // of the mention
	Known bool   // its source was found to link before
}

// Crowded is the reason with which a mention waits whose target gets too many.
const Crowded = "More mentions of this post came than usual."

// checkSource refuses sources that cannot be somebody else's page.
func (i *Inbox) checkSource(key, source string) error {
	if key == "" {
		return &Refusal{Reason: authlog.BadSource, Text: "The source is not a web address."}
	}
	if _, ours := i.site.ours(source); ours {
		return &Refusal{Reason: authlog.Duplicate, Closed: true, Text: "The source is a page of this site. Its links to other pages here are known without being told."}
	}
	if retry, ok := i.guard.Source(hostOf(source)); !ok {
		return &Refusal{Reason: authlog.RateLimited, Text: "Too many mentions came from that site. Please send it again later.", RetryAfter: retry}
	}
	return nil
}

// resolve finds what a target names: a post by any of its addresses, or the
// site itself, whose key is empty.
func (i *Inbox) resolve(ctx context.Context, target string) (path, postID string, err error) {
	path, ok := i.site.ours(target)
	if !ok {
		return "", "", &Refusal{Reason: authlog.NoTarget, Text: "The target is not a page of this site."}
	}
	if path == "/" {
		return path, "", nil
	}
	post, err := i.posts.ByPath(ctx, path)
	if moved := (*posts.Moved)(nil); errors.As(err, &moved) {
		post, err = i.posts.ByPath(ctx, moved.To)
	}
	switch {
	case errors.Is(err, posts.ErrNotFound):
		return "", "", &Refusal{Reason: authlog.NoTarget, Text: "There is no post at the target address."}
	case err != nil:
		return "", "", err
	case post.Status != posts.Published:
		return "", "", &Refusal{Reason: authlog.NoTarget, Closed: true, Text: "The post at the target address is gone."}
	}
	return post.Path, post.ID, nil
}

func addressText(from netip.Addr) string {
	if !from.IsValid() {
		return "unknown"
	}
	return from.String()
}
