package mentions

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"hark/internal/database"
	"hark/internal/fetch"
	"hark/internal/posts"
	"hark/internal/queue"
	"hark/internal/settings"
)

// change is a post as it is now, and all that decides who has to be told of it.
type change struct {
	post    *posts.Post
	links   []postLink        // none unless everybody may see it
	own     map[string]string // which of them lead to posts of ours, and to which
	author  author            // beneath our own posts
	telling settings.Telling
	version string // of the text
}

// postChanged compares the links of a post with those that were told before, and
// leaves a job for each that has to be told now. An unchanged text leaves none.
func (o *Outbox) postChanged(ctx context.Context, job queue.Job) error {
	said, err := posts.ChangedPost(job.Payload)
	if err != nil {
		return queue.Permanent(err)
	}
	p, err := o.posts.ByID(ctx, said.ID)
	switch {
	case errors.Is(err, posts.ErrNotFound) && said.Status == posts.Deleted:
		return o.bury(ctx, said)
	case errors.Is(err, posts.ErrNotFound):
		return nil // its last job knows where it stood
	}
	if err != nil {
		return err
	}
	c, err := o.change(ctx, p)
	if err != nil {
		return err
	}
	return o.db.InTx(ctx, func(tx *database.Tx) error { return o.compare(tx, c) })
}

// change reads what decides about a post.
func (o *Outbox) change(ctx context.Context, p *posts.Post) (*change, error) {
	c := &change{post: p}
	var err error
	if c.version, err = o.digest(ctx, p); err != nil {
		return nil, err
	}
	if p.Open() {
		c.links = postLinks(p, o.address(p))
	}
	pol, err := o.inbox.policy(ctx)
	if err != nil {
		return nil, err
	}
	if c.author, err = o.inbox.writer(ctx, pol.words, p); err != nil {
		return nil, err
	}
	if c.telling, err = o.settings.Telling(ctx); err != nil {
		return nil, err
	}
	c.own, err = o.resolveOwn(ctx, pol, p, c.links)
	return c, err
}

// address is where a post lives.
func (o *Outbox) address(p *posts.Post) string { return o.site.url + p.Path }

// resolveOwn finds which links lead to posts of ours: the link, and the post's
// key; it is empty for pages that are no posts, and for the post itself. One
// that was deleted has its key, too: it may be restored.
func (o *Outbox) resolveOwn(ctx context.Context, pol *policy, p *posts.Post, links []postLink) (map[string]string, error) {
	own := map[string]string{}
	for _, link := range links {
		if _, ours := pol.site.ours(link.target); !ours {
			continue
		}
		to, err := o.inbox.resolve(ctx, pol, link.target)
		if refusal := (*Refusal)(nil); err != nil && !errors.As(err, &refusal) {
			return nil, err
		}
		own[link.target] = to.post
		if to.post == p.ID {
			own[link.target] = ""
		}
	}
	return own, nil
}

// compare writes a delivery for each link, old and new, whose target has
// something to learn. If the post was saved meanwhile it does nothing: that left
// a job of its own.
func (o *Outbox) compare(tx *database.Tx, c *change) error {
	if current, err := o.posts.Hold(tx, c.post); err != nil || !current {
		return err
	}
	rows, err := deliveriesOf(tx, c.post.ID)
	if err != nil {
		return err
	}
	thread, err := o.thread(tx, c)
	if err != nil {
		return err
	}
	var inside []ownLink
	for _, link := range c.links {
		if post, ours := c.own[link.target]; ours {
			inside = append(inside, ownLink{link: link.target, post: post})
			continue
		}
		row := rows[link.target]
		delete(rows, link.target)
		if err := o.inform(tx, c, link, row, thread); err != nil {
			return err
		}
	}
	if err := o.speak(tx, c, inside); err != nil {
		return err
	}
	for _, row := range rows {
		if err := o.retract(tx, c, row); err != nil {
			return err
		}
	}
	return o.changedTopics(tx, c)
}

// deliveriesOf reads the deliveries of a post, by their targets.
func deliveriesOf(tx *database.Tx, post string) (map[string]*Delivery, error) {
	rows, err := tx.Query("SELECT "+deliveryColumns+" FROM deliveries WHERE post_id = $1", post)
	if err != nil {
		return nil, fmt.Errorf("read deliveries: %w", err)
	}
	list, err := scanDeliveries(rows)
	of := make(map[string]*Delivery, len(list))
	for _, d := range list {
		of[d.Target] = d
	}
	return of, err
}

// Why a target is quiet.
const (
	quietLink = "You chose not to tell this page."
	quietHost = "You chose never to tell this site."
)

// quiet says why a link is not told, if it is not.
func (c *change) quiet(target string) string {
	switch {
	case c.telling.Never.Have(targetHost(target)):
		return quietHost
	case slices.Contains(c.post.Quiet, target):
		return quietLink
	}
	return ""
}

// targetHost is the host of an address in its one spelling.
func targetHost(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return fetch.Host(u)
}

// inform has the target of a link told, unless it was told of this very text or
// is not to be told.
func (o *Outbox) inform(tx *database.Tx, c *change, link postLink, row *Delivery, thread string) error {
	version := c.version
	if link.property == "in-reply-to" {
		version += thread
	}
	if reason := c.quiet(link.target); reason != "" {
		if err := o.hush(tx, c, link, row, reason); err != nil {
			return err
		}
		return o.wantCard(tx, link)
	}
	if row != nil && row.Linked && c.hasCopy(link.target, row) {
		return o.posts.Copied(tx, c.post.ID, row.Location)
	}
	if row != nil && row.Linked && row.State != Quiet && row.Property == link.property && row.knows(version, c.version) {
		return o.wantCard(tx, link)
	}
	return o.schedule(tx, c.post.ID, link, version)
}

// knows tells whether a target was told of a version, or waits to be. One that
// takes pingbacks cannot take in more than that there is a link.
func (d *Delivery) knows(version, text string) bool {
	return d.version == version || d.Protocol == byPingback && strings.HasPrefix(d.version, text)
}

// Heard tells whether a target may know that the post links there: its endpoint has
// taken that, or was tried and may have.
func (d *Delivery) Heard() bool { return !d.Told.IsZero() || d.Tries > 0 && d.Endpoint != "" }

// schedule has a target told of a version of the text.
func (o *Outbox) schedule(tx *database.Tx, post string, link postLink, version string) error {
	var id string
	err := tx.QueryRow(`
		INSERT INTO deliveries (id, post_id, target, target_key, host, property, linked, version, protocol, endpoint, state, tries, answer, location, created_at, updated_at, next_at)
		VALUES ($1, $2, $3, $6, $7, $8, TRUE, $4, '', '', 'queued', 0, '', '', $5, $5, $5)
		ON CONFLICT (post_id, target) DO UPDATE
		SET linked = TRUE, target_key = excluded.target_key, host = excluded.host, property = excluded.property, version = excluded.version,
			state = 'queued', tries = 0, answer = '', refused = FALSE, location = '', said = '', updated_at = excluded.updated_at, next_at = excluded.next_at
		RETURNING id`,
		database.NewID(), post, link.target, version, o.now().Unix(), sourceKey(link.target), targetHost(link.target), link.property).Scan(&id)
	if err != nil {
		return fmt.Errorf("schedule delivery: %w", err)
	}
	return o.queue.Enqueue(tx, tell, id)
}

// hush keeps a link whose target is not told, and whether it may know of it already. A
// try that is under way finds another version and writes nothing.
func (o *Outbox) hush(tx *database.Tx, c *change, link postLink, row *Delivery, reason string) error {
	if row != nil && row.Linked && row.Property == link.property && (row.byHand() || row.State == Quiet && row.Answer == reason) {
		return nil
	}
	_, err := tx.Exec(`
		INSERT INTO deliveries (id, post_id, target, target_key, host, property, linked, version, protocol, endpoint, state, tries, answer, location, created_at, updated_at, next_at)
		VALUES ($1, $2, $3, $4, $5, $6, TRUE, '', '', '', 'quiet', 0, $7, '', $8, $8, 0)
		ON CONFLICT (post_id, target) DO UPDATE
		SET linked = TRUE, property = excluded.property, version = '', state = 'quiet', turn_ms = 0, answer = excluded.answer, refused = FALSE, updated_at = excluded.updated_at, next_at = 0`,
		database.NewID(), c.post.ID, link.target, sourceKey(link.target), targetHost(link.target), link.property, reason, o.now().Unix())
	if err != nil {
		return fmt.Errorf("keep quiet link: %w", err)
	}
	return nil
}

// byHand tells whether a link that is kept quiet was told all the same, or is to be.
func (d *Delivery) byHand() bool { return d.State != Quiet && d.version == "" }

// retract has a target told once that the post links there no more: whoever was told
// of a link should be (W3C Webmention, sections 3.1.4 and 3.1.5), also one that was kept
// quiet since, or it would show for good what is not there. One that knows nothing of
// the link, or whose host is never told, is told nothing, and forgotten.
func (o *Outbox) retract(tx *database.Tx, c *change, row *Delivery) error {
	if !row.Linked {
		return nil
	}
	if c.telling.Never.Have(row.Host) || !row.Heard() {
		if _, err := tx.Exec("DELETE FROM deliveries WHERE id = $1", row.ID); err != nil {
			return fmt.Errorf("forget removed link: %w", err)
		}
		return nil
	}
	source := row.source
	if source == "" && c.post.Path != "" {
		source = o.address(c.post) // it may be gone for good before that is told
	}
	if _, err := tx.Exec(`
		UPDATE deliveries SET linked = FALSE, version = '', state = 'queued', tries = 0, answer = '', refused = FALSE, location = '', said = '', updated_at = $1, next_at = $1, source = $3
		WHERE id = $2`, o.now().Unix(), row.ID, source); err != nil {
		return fmt.Errorf("schedule removed link: %w", err)
	}
	return o.queue.Enqueue(tx, tell, row.ID)
}

// speak shows what a post says to others of ours: beneath those it links to, to
// which the first link speaks, and in the conversations in which it answers.
func (o *Outbox) speak(tx *database.Tx, c *change, inside []ownLink) error {
	for _, r := range c.post.Responses() {
		if !c.post.Open() {
			break
		}
		conversations, err := answeredBy(tx, r.Address)
		if err != nil {
			return err
		}
		for _, post := range conversations {
			inside = slices.Insert(inside, 0, ownLink{link: r.Address, post: post, answer: sourceKey(r.Address)})
		}
	}
	said := map[string]bool{"": true, c.post.ID: true}
	for _, to := range inside {
		if said[to.post] {
			continue
		}
		said[to.post] = true
		if err := o.inbox.mentionOwn(tx, c.author, c.post, o.address(c.post), to); err != nil {
			return err
		}
	}
	return o.inbox.forgetOwn(tx, c.post.ID, said)
}

// Came tells where the files of a post lay, by its key, that were brought here: by the
// addresses that they have now.
type Came func(ctx context.Context, post string) (map[string]string, error)

// Rewritten tells whether a post says something else than it did, which has all its
// targets told again.
func (o *Outbox) Rewritten(ctx context.Context, was, is *posts.Post) (bool, error) {
	came, err := o.whence(ctx, was)
	return digest(was, came) != digest(is, came), err
}

// whence is where the files of a post lay.
func (o *Outbox) whence(ctx context.Context, p *posts.Post) (map[string]string, error) {
	if o.came == nil {
		return nil, nil
	}
	return o.came(ctx, p.ID)
}

func (o *Outbox) digest(ctx context.Context, p *posts.Post) (string, error) {
	came, err := o.whence(ctx, p)
	return digest(p, came), err
}

// digest changes when what is written in the post does: not when the same words are
// rendered by other rules, nor when a file that it names is brought here. All have the
// same length.
func digest(p *posts.Post, came map[string]string) string {
	sum := sha256.New()
	fmt.Fprintf(sum, "%s\x00%s\x00%s\x00%s", p.Title, p.RSVP(), p.Lang, p.Content)
	for _, r := range p.Responses() {
		fmt.Fprintf(sum, "\x00%s\x00%s", r.Property, r.Address)
	}
	for _, name := range []string{"start", "end", "location", "checkin", "photo", "video", "audio"} {
		if values := p.Properties.FilesAs(name, came); len(values) > 0 {
			fmt.Fprintf(sum, "\x00%s\x00%v", name, values)
		}
	}
	return digestForm + hex.EncodeToString(sum.Sum(nil)[:16])
}
