package posts

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"hark/internal/database"
	"hark/internal/queue"
)

// due is the job that publishes a scheduled post, with the post's key as its payload.
const due queue.Kind = "due"

// schedule leaves the job. Moving the time leaves another, and each of them looks
// whether the time has come. The address wished for has to be free already now:
// later nobody is there to choose another.
func (s *Store) schedule(tx *database.Tx, p *Post, zone *time.Location) error {
	path := p.folder(zone) + p.Slug
	if free, err := p.isFree(tx, path); err != nil {
		return err
	} else if !free && p.Slug != "" {
		return p.taken(path)
	}
	return s.queue.EnqueueAt(tx, due, p.ID, p.Published)
}

// isFree tells whether no other post stands at a path, or stood there.
func (p *Post) isFree(tx *database.Tx, path string) (free bool, err error) {
	err = tx.QueryRow("SELECT NOT EXISTS (SELECT 1 FROM paths WHERE path = $1 AND post_id <> $2) AND NOT EXISTS (SELECT 1 FROM tombstones WHERE path = $1)", path, p.ID).Scan(&free)
	if err != nil {
		return false, fmt.Errorf("look whether an address is free: %w", err)
	}
	return free, nil
}

// longestWish leaves room in a slug for what makes it another, in bytes.
const longestWish = 90

// near changes the slug that is wished for to the nearest that is free.
func (p *Post) near(tx *database.Tx, zone *time.Location) error {
	if p.Slug == "" || p.Status == Draft {
		return nil
	}
	free, err := p.isFree(tx, p.folder(zone)+p.slug(zone))
	if free || err != nil {
		return err
	}
	p.Slug = strings.TrimRight(limit(p.Slug, longestWish), "-_")
	for slug := range p.slugs(zone) {
		if free, err = p.isFree(tx, p.folder(zone)+slug); free || err != nil {
			p.Slug = slug
			return err
		}
	}
	return nil
}

// taken refuses an address in the same words whatever holds it: a post that
// another author keeps private is nobody else's business.
func (p *Post) taken(path string) error {
	return &Invalid{"slug", "The address " + path + " is not free. Choose another."}
}

// publishDue publishes a scheduled post, if its time has come by the clock of now:
// it may have been moved since, or the clock may have been set back.
func (s *Store) publishDue(ctx context.Context, job queue.Job) error {
	var id string
	if err := json.Unmarshal(job.Payload, &id); err != nil {
		return queue.Permanent(err)
	}
	zone, err := s.settings.Zone(ctx)
	if err != nil {
		return fmt.Errorf("publish scheduled post %s: %w", id, err)
	}
	return s.db.InTx(ctx, func(tx *database.Tx) error { return s.comeOut(tx, id, zone) })
}

func (s *Store) comeOut(tx *database.Tx, id string, zone *time.Location) error {
	p, err := dueOf(tx, id)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil // it was published, put back among the drafts, or deleted
	case err != nil:
		return fmt.Errorf("publish scheduled post %s: %w", id, err)
	case p.Published.After(s.now()):
		return s.queue.EnqueueAt(tx, due, id, p.Published)
	}
	err = p.settle(tx, zone)
	if taken := (*Invalid)(nil); errors.As(err, &taken) { // by one that came there meanwhile
		p.Slug = ""
		err = p.settle(tx, zone)
	}
	if err != nil {
		return err
	}
	if _, err := tx.Exec("UPDATE posts SET status = 'published', slug = $1, version = version + 1 WHERE id = $2", p.Slug, id); err != nil {
		return fmt.Errorf("publish scheduled post %s: %w", id, err)
	}
	if err := s.indexAgain(tx, id); err != nil {
		return err
	}
	return s.changed(tx, id, p.Path)
}

// dueOf reads what decides about the address of a scheduled post, and holds the
// post until the transaction ends.
func dueOf(tx *database.Tx, id string) (*Post, error) {
	p := &Post{ID: id}
	var properties string
	var published int64
	err := tx.QueryRow(`
		UPDATE posts SET status = status
		WHERE id = $1 AND status = 'scheduled'
		RETURNING title, summary, properties, slug, apart, published_at`, id).
		Scan(&p.Title, &p.Summary, &properties, &p.Slug, &p.Apart, &published)
	if err != nil {
		return nil, err
	}
	p.Published = database.Time(published)
	return p, json.Unmarshal([]byte(properties), &p.Properties)
}
