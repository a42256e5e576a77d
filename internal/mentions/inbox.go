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

// mostWaiting is how many accepted mentions may wait to be read.
const mostWaiting = 20_000

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
		log: r.Log, now: r.Now, site: newSite(r.URL), waiters: newWaiters(),
	}
	r.Queue.Handle(verify, 64, i.verify)
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
	key := canonical(source)
	if err := i.checkSource(key, source); err != nil {
		return Receipt{}, err
	}
	reason := ""
	if _, ok := i.guard.Target(path); !ok {
		reason = crowded
	}
	if waiting, err := i.queue.Crowded(ctx, verify, mostWaiting); err != nil || waiting {
		if err != nil {
			return Receipt{}, err
		}
		return Receipt{}, &Refusal{Reason: authlog.RateLimited, Text: "Too many mentions are waiting here. Please send it again later.", RetryAfter: 10 * time.Minute}
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

// crowded is the reason with which a mention waits whose target gets too many.
const crowded = "More mentions of this post came than usual."

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

// remember writes the mention and its job. m.ID becomes the key of the one that
// is there, if it is a repeat; known says that its source was found to link.
func (i *Inbox) remember(tx *database.Tx, m *Mention, key string, from netip.Addr) (known bool, err error) {
	r, err := scan(tx.QueryRow("SELECT "+columns+" FROM mentions WHERE source_key = $1 AND post_id = $2", key, m.PostID))
	switch {
	case errors.Is(err, ErrNotFound):
	case err != nil:
		return false, err
	default:
		m.ID, known = r.ID, !r.Verified.IsZero() && r.State != Removed
		if r.Checking || r.State == Removed {
			return known, nil
		}
	}
	err = tx.QueryRow(`
		INSERT INTO mentions (id, post_id, source_key, source, target, via, address, state, reason, refusal, checking, strikes, struck_at,
			kind, author_name, author_url, title, html, rsvp, changed, published_at, received_at, verified_at, decided_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, 'waiting', $8, '', TRUE, 0, 0, '', '', '', '', '', '', '', 0, $9, 0, 0)
		ON CONFLICT (source_key, post_id) DO UPDATE
		SET source = excluded.source, target = excluded.target, via = excluded.via, address = excluded.address, checking = TRUE
		RETURNING id`,
		m.ID, m.PostID, key, m.Source, m.Target, string(m.Via), addressText(from), m.Reason, i.now().Unix()).Scan(&m.ID)
	if err != nil {
		return false, fmt.Errorf("store mention: %w", err)
	}
	if err := i.note(tx, m.ID, "Asked", fmt.Sprintf("by %s, at the %s door.", addressText(from), m.Via)); err != nil {
		return false, err
	}
	return known, i.queue.Enqueue(tx, verify, m.ID)
}

func addressText(from netip.Addr) string {
	if !from.IsValid() {
		return "unknown"
	}
	return from.String()
}

// Decision is what the owner wants of a mention.
type Decision string

// The decisions.
const (
	Show   Decision = "show"   // as it is now, with words that came later
	Keep   Decision = "keep"   // the words shown so far, not those that came later
	Delete Decision = "delete" // for good; the same source is not shown again
)

// Decide does what the owner wants; who is written into the ledger. A mention
// whose source was never read cannot be shown.
func (i *Inbox) Decide(ctx context.Context, id string, d Decision, who string) error {
	return i.db.InTx(ctx, func(tx *database.Tx) error {
		r, err := scan(tx.QueryRow("SELECT "+columns+" FROM mentions WHERE id = $1", id))
		if err != nil {
			return err
		}
		before := r.Mention
		said := map[Decision]string{Show: "Shown", Keep: "Kept", Delete: "Removed"}[d]
		switch d {
		case Show:
			if r.Verified.IsZero() {
				return ErrNotFound
			}
			if r.Changed != nil {
				r.Content = *r.Changed
			}
			r.State = Shown
		case Delete:
			r.State = Removed
		case Keep:
		default:
			return fmt.Errorf("decide on mention: %q is no decision", d)
		}
		r.Changed, r.Reason, r.Decided = nil, "", i.now()
		if err := r.save(tx, before); err != nil {
			return err
		}
		return i.note(tx, id, said, "by "+who+".")
	})
}
