package mentions

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"hark/internal/database"
	"hark/internal/fetch"
	"hark/internal/posts"
	"hark/internal/queue"
)

// tell is the job that tells the target of one link.
const tell queue.Kind = "tell"

// Outbox tells other sites what our posts say about them. It owns the table
// deliveries: a row a link.
type Outbox struct {
	db    *database.DB
	queue *queue.Queue
	posts *posts.Store
	inbox *Inbox
	fetch *fetch.Client
	log   *slog.Logger
	now   func() time.Time
	site  site
	gaps  *gaps
}

// NewOutbox makes the outbox and gives the queue its handlers: for posts that
// changed, and for links to be told. Links to our own posts go to the inbox.
func NewOutbox(r Rooms, inbox *Inbox) *Outbox {
	o := &Outbox{
		db: r.DB, queue: r.Queue, posts: r.Posts, inbox: inbox, fetch: r.Fetch,
		log: r.Log, now: r.Now, site: newSite(r.URL), gaps: newGaps(r.Now),
	}
	r.Queue.Handle(posts.Changed, 4, o.postChanged)
	r.Queue.Handle(tell, 16, o.tell)
	return o
}

// postChanged compares the links of a post with those that were told before, and
// leaves a job for each that has to be told now. An unchanged text leaves none.
func (o *Outbox) postChanged(ctx context.Context, job queue.Job) error {
	var id string
	if err := json.Unmarshal(job.Payload, &id); err != nil {
		return queue.Permanent(err)
	}
	p, err := o.posts.ByID(ctx, id)
	if errors.Is(err, posts.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	var links []string
	if p.Status == posts.Published {
		links = postLinks(p, o.address(p))
	}
	pol, err := o.inbox.policy(ctx)
	if err != nil {
		return err
	}
	own, err := o.resolveOwn(ctx, pol, p, links)
	if err != nil {
		return err
	}
	author := pol.words.Author
	if author == "" {
		author = pol.words.Title
	}
	return o.db.InTx(ctx, func(tx *database.Tx) error { return o.compare(tx, author, p, links, own) })
}

// address is where a post lives.
func (o *Outbox) address(p *posts.Post) string { return o.site.url + p.Path }

// resolveOwn finds which links lead to posts of ours: the link, and the post's
// key; it is empty for pages that are no posts, and for the post itself. One
// that was deleted has its key, too: it may be restored.
func (o *Outbox) resolveOwn(ctx context.Context, pol *policy, p *posts.Post, links []string) (map[string]string, error) {
	own := map[string]string{}
	for _, link := range links {
		if _, ours := pol.site.ours(link); !ours {
			continue
		}
		to, err := o.inbox.resolve(ctx, pol, link)
		if refusal := (*Refusal)(nil); err != nil && !errors.As(err, &refusal) {
			return nil, err
		}
		own[link] = to.post
		if to.post == p.ID {
			own[link] = ""
		}
	}
	return own, nil
}

// compare writes a delivery for each link, old and new, whose target has
// something to learn.
func (o *Outbox) compare(tx *database.Tx, author string, p *posts.Post, links []string, own map[string]string) error {
	version := digest(p)
	var inside []ownLink
	for _, link := range links {
		if post, ours := own[link]; ours {
			inside = append(inside, ownLink{link: link, post: post})
			continue
		}
		if err := o.schedule(tx, p.ID, link, version); err != nil {
			return err
		}
	}
	if err := o.speak(tx, author, p, inside); err != nil {
		return err
	}
	return o.unlink(tx, p.ID, links)
}

// speak shows what a post says to others of ours: beneath those it links to, to
// which the first link speaks, and in the conversations in which it answers.
func (o *Outbox) speak(tx *database.Tx, author string, p *posts.Post, inside []ownLink) error {
	if _, answered := p.Answers(); answered != "" && p.Status == posts.Published {
		conversations, err := answeredBy(tx, answered)
		if err != nil {
			return err
		}
		for _, post := range conversations {
			inside = slices.Insert(inside, 0, ownLink{link: answered, post: post, answer: sourceKey(answered)})
		}
	}
	said := map[string]bool{"": true, p.ID: true}
	for _, to := range inside {
		if said[to.post] {
			continue
		}
		said[to.post] = true
		if err := o.inbox.mentionOwn(tx, author, p, o.address(p), to); err != nil {
			return err
		}
	}
	return o.inbox.forgetOwn(tx, p.ID, said)
}

// digest changes when what a target may show of the post does.
func digest(p *posts.Post) string {
	property, address := p.Answers()
	sum := sha256.Sum256([]byte(p.Title + "\x00" + property + "\x00" + address + "\x00" + string(p.HTML)))
	return hex.EncodeToString(sum[:16])
}

// schedule has a target told, unless it was told of this very text.
func (o *Outbox) schedule(tx *database.Tx, post, target, version string) error {
	now := o.now().Unix()
	var id string
	err := tx.QueryRow(`
		INSERT INTO deliveries (id, post_id, target, target_key, linked, version, protocol, endpoint, state, tries, answer, location, created_at, updated_at, next_at)
		VALUES ($1, $2, $3, $6, TRUE, $4, '', '', 'queued', 0, '', '', $5, $5, $5)
		ON CONFLICT (post_id, target) DO UPDATE
		SET linked = TRUE, target_key = excluded.target_key, version = excluded.version, state = 'queued', tries = 0, answer = '', updated_at = excluded.updated_at, next_at = excluded.next_at
		WHERE NOT deliveries.linked OR deliveries.version <> excluded.version
		RETURNING id`,
		database.NewID(), post, target, version, now, sourceKey(target)).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return nil // nothing new for this target
	}
	if err != nil {
		return fmt.Errorf("schedule delivery: %w", err)
	}
	return o.queue.Enqueue(tx, tell, id)
}

// unlink has the targets told once that the post links to no more.
func (o *Outbox) unlink(tx *database.Tx, post string, links []string) error {
	linked := map[string]bool{}
	for _, link := range links {
		linked[link] = true
	}
	old, err := oldLinks(tx, post)
	if err != nil {
		return err
	}
	for id, target := range old {
		if linked[target] {
			continue
		}
		if _, err := tx.Exec(`
			UPDATE deliveries SET linked = FALSE, version = '', state = 'queued', tries = 0, answer = '', updated_at = $1, next_at = $1
			WHERE id = $2`, o.now().Unix(), id); err != nil {
			return fmt.Errorf("schedule removed link: %w", err)
		}
		if err := o.queue.Enqueue(tx, tell, id); err != nil {
			return err
		}
	}
	return nil
}

func oldLinks(tx *database.Tx, post string) (map[string]string, error) {
	rows, err := tx.Query("SELECT id, target FROM deliveries WHERE post_id = $1 AND linked", post)
	if err != nil {
		return nil, fmt.Errorf("read deliveries: %w", err)
	}
	defer rows.Close()
	old := map[string]string{}
	for rows.Next() {
		var id, target string
		if err := rows.Scan(&id, &target); err != nil {
			return nil, err
		}
		old[id] = target
	}
	return old, rows.Err()
}

// Of reads what was told of one post, in the order of its links.
func (o *Outbox) Of(ctx context.Context, post string) ([]*Delivery, error) {
	return o.list(ctx, "SELECT "+deliveryColumns+" FROM deliveries WHERE post_id = $1 ORDER BY created_at, id", post)
}

// List reads deliveries, the latest first; before is the key of one, and only
// those that were touched before it are wanted then.
func (o *Outbox) List(ctx context.Context, before string, limit int) ([]*Delivery, error) {
	return o.list(ctx, `
		SELECT `+deliveryColumns+` FROM deliveries
		WHERE $1 = '' OR (updated_at, id) < (SELECT updated_at, id FROM deliveries WHERE id = $1)
		ORDER BY updated_at DESC, id DESC
		LIMIT $2`, before, limit)
}

// Again has a target told once more, at once.
func (o *Outbox) Again(ctx context.Context, id string) error {
	return o.db.InTx(ctx, func(tx *database.Tx) error {
		now := o.now().Unix()
		n, err := tx.Exec("UPDATE deliveries SET state = 'queued', tries = 0, answer = '', updated_at = $1, next_at = $1 WHERE id = $2", now, id)
		if err != nil {
			return fmt.Errorf("send again: %w", err)
		}
		if n == 0 {
			return ErrNotFound
		}
		return o.queue.Enqueue(tx, tell, id)
	})
}

const deliveryColumns = "id, post_id, target, linked, protocol, endpoint, state, tries, answer, location, updated_at, next_at, version"

func (o *Outbox) list(ctx context.Context, query string, args ...any) ([]*Delivery, error) {
	rows, err := o.db.Query(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("read deliveries: %w", err)
	}
	defer rows.Close()
	var list []*Delivery
	for rows.Next() {
		d, err := scanDelivery(rows)
		if err != nil {
			return nil, err
		}
		list = append(list, d)
	}
	return list, rows.Err()
}

func scanDelivery(row interface{ Scan(...any) error }) (*Delivery, error) {
	var d Delivery
	var state string
	var updated, next int64
	err := row.Scan(&d.ID, &d.PostID, &d.Target, &d.Linked, &d.Protocol, &d.Endpoint, &state, &d.Tries, &d.Answer, &d.Location, &updated, &next, &d.version)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, ErrNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("read delivery: %w", err)
	}
	d.State, d.Updated, d.Next = Outcome(state), database.Time(updated), database.Time(next)
	return &d, nil
}
