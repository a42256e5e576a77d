package posts

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"time"

	"hark/internal/database"
	"hark/internal/queue"
)

// Changed is the job that every change of a post leaves behind, with the post's
// key as its payload: whoever tells others about posts handles it.
const Changed queue.Kind = "post"

// Store owns the tables posts, paths and tags.
type Store struct {
	db     *database.DB
	queue  *queue.Queue
	now    func() time.Time
	render *Renderer
}

// New makes the store. now is the clock.
func New(db *database.DB, q *queue.Queue, now func() time.Time) *Store {
	return &Store{db: db, queue: q, now: now, render: NewRenderer()}
}

// Preview fills what a post's page shows, and saves nothing.
func (s *Store) Preview(p *Post) {
	p.tidy()
	p.Kind = p.discover()
	p.render(s.render)
}

// Markdown renders a text that is no post, such as the about page.
func (s *Store) Markdown(text string) template.HTML { return s.render.HTML(text) }

// Save keeps a post and fills in what follows from its words. A new one has no
// ID; for a known one Version must be the version that was read, else Save
// returns ErrChanged. What cannot be kept is an *Invalid. A published post stays
// published: Delete takes it away.
func (s *Store) Save(ctx context.Context, p *Post) error {
	next := *p
	now := s.now().UTC().Truncate(time.Second)
	next.tidy()
	next.Kind = next.discover()
	if next.Status == Published && next.Published.IsZero() {
		next.Published = now
	}
	if next.Status != Draft && next.Status != Published {
		return fmt.Errorf("save post: status %q", next.Status)
	}
	if err := next.check(now); err != nil {
		return err
	}
	next.render(s.render)
	next.Updated = now
	if next.ID == "" {
		next.ID, next.Created = database.NewID(), now
	}
	err := s.db.InTx(ctx, func(tx *database.Tx) error { return s.save(tx, &next, p.ID == "") })
	if err != nil {
		return err
	}
	*p = next
	return nil
}

func (s *Store) save(tx *database.Tx, p *Post, fresh bool) error {
	if !fresh {
		if err := p.follow(tx); err != nil {
			return err
		}
	}
	p.Version++
	properties, err := json.Marshal(p.Properties)
	if err != nil {
		return fmt.Errorf("save post: %w", err)
	}
	if _, err := tx.Exec(`
		INSERT INTO posts (id, author_id, status, kind, path, slug, title, content, properties, html, summary, words, version, created_at, published_at, updated_at, deleted_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, 0)
		ON CONFLICT (id) DO UPDATE SET
			status = excluded.status, kind = excluded.kind, path = excluded.path, slug = excluded.slug, title = excluded.title, content = excluded.content,
			properties = excluded.properties, html = excluded.html, summary = excluded.summary, words = excluded.words,
			version = excluded.version, published_at = excluded.published_at, updated_at = excluded.updated_at`,
		p.ID, p.AuthorID, string(p.Status), string(p.Kind), p.Path, p.Slug, p.Title, p.Content, string(properties), string(p.HTML), p.Summary, p.Words,
		p.Version, database.Unix(p.Created), database.Unix(p.Published), database.Unix(p.Updated)); err != nil {
		return fmt.Errorf("save post: %w", err)
	}
	if p.Status == Published {
		if err := p.settle(tx); err != nil {
			return err
		}
	}
	if err := p.saveTags(tx); err != nil {
		return err
	}
	return s.changed(tx, p)
}

// follow takes over what a known post keeps, if this is its newest version.
func (p *Post) follow(tx *database.Tx) error {
	var status, path string
	var version, created int64
	err := tx.QueryRow("SELECT status, path, version, created_at FROM posts WHERE id = $1", p.ID).
		Scan(&status, &path, &version, &created)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return ErrNotFound
	case err != nil:
		return fmt.Errorf("save post: %w", err)
	case version != p.Version, Status(status) == Deleted:
		return ErrChanged
	case Status(status) == Published && p.Status == Draft:
		return &Invalid{"status", "This post is published already. Delete it to take it away; it can be restored."}
	}
	p.Path, p.Created = path, database.Time(created)
	return nil
}

// settle gives a published post its address: the one it has, unless another was
// wished for. Earlier addresses stay its own.
func (p *Post) settle(tx *database.Tx) error {
	year := p.Published.UTC().Format("/2006/")
	if p.Path != "" && (p.Slug == "" || p.Path == year+p.Slug) {
		return nil
	}
	for slug := range p.slugs {
		path := year + slug
		n, err := tx.Exec(`
			INSERT INTO paths (path, post_id) VALUES ($1, $2)
			ON CONFLICT (path) DO UPDATE SET post_id = excluded.post_id WHERE paths.post_id = excluded.post_id`, path, p.ID)
		if err != nil {
			return fmt.Errorf("save address: %w", err)
		}
		if n == 1 {
			p.Path = path
			_, err := tx.Exec("UPDATE posts SET path = $1 WHERE id = $2", path, p.ID)
			return err
		}
		if p.Slug != "" {
			return &Invalid{"slug", "Another post lives at " + path + " already."}
		}
	}
	return nil
}

func (p *Post) saveTags(tx *database.Tx) error {
	if _, err := tx.Exec("DELETE FROM tags WHERE post_id = $1", p.ID); err != nil {
		return fmt.Errorf("save tags: %w", err)
	}
	for i, tag := range p.Tags {
		if _, err := tx.Exec("INSERT INTO tags (post_id, tag, name, position) VALUES ($1, $2, $3, $4)", p.ID, TagKey(tag), tag, i); err != nil {
			return fmt.Errorf("save tags: %w", err)
		}
	}
	return nil
}

// changed tells those who care: the pages made from the post, and, once it was
// published, the job that answers other sites.
func (s *Store) changed(tx *database.Tx, p *Post) error {
	if p.Published.IsZero() {
		return nil
	}
	tx.Touch(p.Generation(), Lists)
	return s.queue.Enqueue(tx, Changed, p.ID)
}

// Delete takes a post away; its address then says that it is gone. Deleting
// twice changes nothing.
func (s *Store) Delete(ctx context.Context, id string) error {
	return s.move(ctx, id, `
		UPDATE posts SET status = 'deleted', deleted_at = $1, version = version + 1
		WHERE id = $2 AND status <> 'deleted'`)
}

// Restore brings a deleted post back to where it was.
func (s *Store) Restore(ctx context.Context, id string) error {
	return s.move(ctx, id, `
		UPDATE posts SET status = CASE WHEN path = '' THEN 'draft' ELSE 'published' END, deleted_at = 0, updated_at = $1, version = version + 1
		WHERE id = $2 AND status = 'deleted'`)
}

func (s *Store) move(ctx context.Context, id, statement string) error {
	p, err := s.ByID(ctx, id)
	if err != nil {
		return err
	}
	return s.db.InTx(ctx, func(tx *database.Tx) error {
		n, err := tx.Exec(statement, s.now().Unix(), id)
		if err != nil || n == 0 {
			return err
		}
		return s.changed(tx, p)
	})
}
