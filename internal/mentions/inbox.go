package mentions

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"strings"
	"time"

	"hark/internal/auth"
	"hark/internal/authlog"
	"hark/internal/database"
	"hark/internal/fetch"
	"hark/internal/guard"
	"hark/internal/picture"
	"hark/internal/posts"
	"hark/internal/queue"
	"hark/internal/settings"
	"hark/internal/source"
	"hark/internal/words"
)

// verify is the job that reads a mention's source.
const verify queue.Kind = "verify"

const (
	// visitsAtOnce is how many of them are read, or wait to be read, at the same
	// time: several times as many as fetch has places, so that it knows who waits
	// and has slow hosts give way, and so few that the last in line has its place
	// before fetch calls itself busy.
	visitsAtOnce = 256
	// visitsToHost is how many of these may be for one host: as it is visited by
	// one at a time, the others only wait, and must not keep those for other
	// hosts. When half of all are taken, it is visitsWhenCrowded.
	visitsToHost      = 16
	visitsWhenCrowded = 2
	// pagesOpen is how many pages are parsed at the same time. It is quick, but
	// the tree of a page can be a hundred times as large as the page.
	pagesOpen = 2
)

// Inbox receives mentions, checks them, and decides what is shown. It owns the
// tables mentions, mention_events and tally; rules, decisions and words, by which it
// decides; faces and photos.
type Inbox struct {
	db        *database.DB
	queue     *queue.Queue
	posts     *posts.Store
	settings  *settings.Store
	guard     *guard.Guard
	fetch     *fetch.Client
	log       *slog.Logger
	now       func() time.Time
	site      site
	waiters   *waiters
	visits    *visits
	ghosts    *ghosts
	policies  policies
	desks     chan struct{} // taken by those who have a page open
	room      room
	pictures  *picture.Maker
	people    func(context.Context) (map[string]auth.Writer, error)
	akismet   string         // where its service is
	languages *words.Library // of the letters
}

// Rooms are the rooms below that Inbox and Outbox stand on.
type Rooms struct {
	DB        *database.DB
	Queue     *queue.Queue
	Posts     *posts.Store
	Settings  *settings.Store
	Guard     *guard.Guard
	Fetch     *fetch.Client
	Log       *slog.Logger
	Now       func() time.Time
	Pictures  *picture.Maker                                        // nil: one of its own
	URL       string                                                // of our site, no trailing slash
	Languages *words.Library                                        // of the letters to the owner; nil: English
	Akismet   string                                                // where Akismet's service is; empty: where it says
	Topics    func(*posts.Post) []string                            // paths of ours that a change of the post changes, for the hub; nil: none
	Writers   func(context.Context) (map[string]auth.Writer, error) // by their keys
	Came      Came                                                  // nil: nowhere
}

// NewInbox makes the inbox and gives the queue its handler.
func NewInbox(r Rooms) *Inbox {
	i := &Inbox{
		db: r.DB, queue: r.Queue, posts: r.Posts, settings: r.Settings, guard: r.Guard, fetch: r.Fetch,
		log: r.Log, now: r.Now, site: newSite(r.URL), waiters: newWaiters(), visits: newVisits(visitsToHost, visitsAtOnce/2, visitsWhenCrowded), ghosts: newGhosts(),
		desks:    make(chan struct{}, pagesOpen),
		pictures: r.Pictures, akismet: r.Akismet, people: r.Writers, languages: r.Languages,
	}
	if i.pictures == nil {
		i.pictures = picture.New()
	}
	r.Queue.Handle(verify, visitsAtOnce, i.verify)
	r.Queue.Handle(face, facesAtOnce, i.fetchFace)
	r.Queue.Handle(letterDue, 1, i.writeLetter)
	r.Queue.Handle(report, 2, i.tellAkismet)
	r.Queue.Handle(prune, 1, i.prune)
	return i
}

// Refusal says why a mention is not taken, in a sentence for its sender.
type Refusal struct {
	Reason     authlog.Reason
	Closed     bool          // the target is known, but takes no mentions
	Text       string        // for the sender
	RetryAfter time.Duration // above zero: only for now
	Full       bool          // we have too much to do, whoever asks
}

func (r *Refusal) Error() string { return fmt.Sprintf("mention refused (%s): %s", r.Reason, r.Text) }

// Receive takes a mention from whoever sent it: it finds the post and remembers
// the mention and the work it makes, in one transaction, without asking another
// host. From here on no line can tell the protocols apart but by via. What is
// not taken is a *Refusal.
//
// The same mention again has its source read again; until that is done, more of
// the same change nothing. What the owner has blocked, removed or called spam
// is not stored again, and its sender cannot tell.
func (i *Inbox) Receive(ctx context.Context, via Via, source, target string, from netip.Addr) (Receipt, error) {
	p, err := i.policy(ctx)
	if err != nil {
		return Receipt{}, err
	}
	to, err := i.resolve(ctx, p, target)
	if err != nil {
		return Receipt{}, err
	}
	m := Mention{ID: database.NewID(), PostID: to.post, Source: source, Target: target, Via: via, key: sourceKey(source)}
	rule := p.rule(knock{source: canonical(source), carried: p.carries(m.key), from: from})
	if err := i.checkSource(p, &m, rule); err != nil {
		return Receipt{}, err
	}
	if err := i.checkRoom(ctx); err != nil {
		return Receipt{}, err
	}
	if rule != nil && rule.Stance == Block {
		return i.turnAway(ctx, &m, to.closed, rule, from)
	}
	if _, ok := i.guard.Target(to.path); !ok {
		m.Reason = Crowded
	}
	var known memory
	err = i.db.InTx(ctx, func(tx *database.Tx) (err error) {
		known, err = i.remember(tx, &m, to.closed, from)
		return err
	})
	if err != nil {
		return Receipt{}, err
	}
	return i.receipt(&m, known, from), nil
}

// receipt is what the sender is told. A standing verdict cannot be told from
// anything else.
func (i *Inbox) receipt(m *Mention, known memory, from netip.Addr) Receipt {
	switch known {
	case removedBefore:
		i.ghosts.again(m.ID, i.now())
	case calledSpam:
		i.ghosts.again(m.ID, i.now())
		i.guard.RefusedSource(protocols[m.Via], authlog.Blocked, from, keyHost(m.key))
	case calledSpamElsewhere:
		i.guard.RefusedSource(protocols[m.Via], authlog.Blocked, from, keyHost(m.key))
		return Receipt{ID: i.ghosts.appear(m, i.now())}
	}
	return Receipt{ID: m.ID, Known: known == verifiedBefore}
}

// Receipt says what was taken.
type Receipt struct {
	ID    string // of the mention
	Known bool   // its source was found to link before
}

// Crowded is the reason with which a mention waits whose target gets too many.
const Crowded = "More mentions of this post came than usual."

// checkSource refuses sources that cannot be somebody else's page.
func (i *Inbox) checkSource(p *policy, m *Mention, rule *Rule) error {
	if m.key == "" {
		return &Refusal{Reason: authlog.BadSource, Text: "The source is not a web address."}
	}
	if m.Source != source.Scrub(m.Source) || m.Target != source.Scrub(m.Target) {
		return &Refusal{Reason: authlog.BadSource, Text: "The addresses hold characters that nobody sees. Write them with escapes."}
	}
	if _, ours := p.site.ours(m.Source); ours {
		return &Refusal{Reason: authlog.Duplicate, Closed: true, Text: "The source is a page of this site. Its links to other pages here are known without being told."}
	}
	wide := rule != nil && rule.Stance == Trust || p.carries(m.key)
	if retry, ok := i.guard.Source(keyHost(m.key), wide); !ok {
		return &Refusal{Reason: authlog.RateLimited, Text: "Too many mentions came from that site. Please send it again later.", RetryAfter: retry}
	}
	return nil
}

// Trusts tells whether the owner trusts whatever comes from a network address.
func (i *Inbox) Trusts(ctx context.Context, from netip.Addr) bool {
	p, err := i.policy(ctx)
	if err != nil {
		return false
	}
	rule := p.rule(knock{from: from})
	return rule != nil && rule.Stance == Trust
}

// target is what an address of ours names.
type target struct {
	path   string // where it lives
	post   string // its key, empty for the site itself
	closed bool   // it takes nothing new
}

// resolve finds what a target names: a post by any of its addresses, or the
// site itself. Of a post that is gone or private the key comes with the refusal,
// which does not say that there is a private one.
func (i *Inbox) resolve(ctx context.Context, p *policy, address string) (target, error) {
	path, ok := p.site.ours(address)
	if !ok {
		return target{}, &Refusal{Reason: authlog.NoTarget, Text: "The target is not a page of this site."}
	}
	isSitePage, err := i.sitePages(ctx, strings.HasPrefix(path, auth.Folder))
	if err != nil {
		return target{}, err
	}
	if isSitePage(path) {
		return target{path: "/"}, nil
	}
	const nothing = "There is no post at the target address."
	post, err := postAt(ctx, i.posts.At, path)
	switch {
	case errors.Is(err, posts.ErrNotFound):
		return target{}, &Refusal{Reason: authlog.NoTarget, Text: nothing}
	case err != nil:
		return target{}, err
	case post.Visibility == posts.Private:
		return target{post: post.ID}, &Refusal{Reason: authlog.NoTarget, Text: nothing}
	case post.Status != posts.Published:
		return target{post: post.ID}, &Refusal{Reason: authlog.NoTarget, Closed: true, Text: "The post at the target address is gone."}
	}
	return target{post.Path, post.ID, post.Closed}, nil
}

// postAt is the post that lives at a path, or has moved from there.
func postAt(ctx context.Context, read func(ctx context.Context, path string) (*posts.Post, error), path string) (*posts.Post, error) {
	p, err := read(ctx, path)
	if moved := (*posts.Moved)(nil); errors.As(err, &moved) {
		return read(ctx, moved.To)
	}
	return p, err
}

// sitePages makes the test whether a page of ours is about the site or those who write
// it, so that who links there speaks of them. Pages of authors are looked up only where
// they are asked for.
func (i *Inbox) sitePages(ctx context.Context, withAuthors bool) (func(path string) bool, error) {
	var authors map[string]string
	if withAuthors {
		var err error
		if authors, err = auth.Pages(ctx, i.db, i.posts.HasListed); err != nil {
			return nil, err
		}
	}
	return func(path string) bool {
		name, isAuthor := strings.CutPrefix(path, auth.Folder)
		return isAuthor && authors[name] != "" || path == "/" || path == "/about"
	}, nil
}

func addressText(from netip.Addr) string {
	if !from.IsValid() {
		return "unknown"
	}
	return from.String()
}
