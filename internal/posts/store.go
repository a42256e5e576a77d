package posts

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"hark/internal/database"
	"hark/internal/media"
	"hark/internal/queue"
	"hark/internal/settings"
)

// Changed is the job that every change of a post leaves behind: whoever tells others
// about posts handles it. ChangedPost reads its payload.
const Changed queue.Kind = "post"

// Elsewhere is the job that a post leaves behind that names files on the web, with the
// post's key as its payload: whoever brings them here handles it.
const Elsewhere queue.Kind = "elsewhere"

// Store owns the tables posts, paths, tags, audience, copies, revisions, templates,
// tombstones, purged and searched.
type Store struct {
	db       *database.DB
	queue    *queue.Queue
	settings *settings.Store
	now      func() time.Time
	render   *Renderer
	last     lastDrawn

	searching chan struct{} // has room for one who searches
	counted   counted
	pages     database.Remembered[[]*Named]
	kinds     database.Remembered[[]Kind]
}

// New makes the store. home is the address of the site, without a slash at its end,
// and now the clock. The queue publishes what is scheduled.
func New(db *database.DB, q *queue.Queue, home string, now func() time.Time) *Store {
	s := &Store{db: db, queue: q, settings: settings.New(db), now: now, render: NewRenderer(home), searching: make(chan struct{}, 1)}
	q.Handle(due, 1, s.publishDue)
	q.Handle(toIndex, 1, s.indexMore)
	q.Handle(toRender, 1, s.renderMore)
	q.Handle(purge, 1, s.purgeOld)
	return s
}

// Preview fills what a post's page shows, and saves nothing.
func (s *Store) Preview(ctx context.Context, p *Post) error {
	p.tidy()
	p.Kind = p.Discover()
	return s.draw(ctx, p)
}

// Save keeps a post and fills in what follows from its words. A new one has no
// ID; for a known one Version must be the version that was read, else Save
// returns ErrChanged. What cannot be kept is an *Invalid. A published post stays
// published: Delete takes it away. A scheduled one whose time has come is
// published at once.
func (s *Store) Save(ctx context.Context, p *Post) error { return s.SaveCopy(ctx, p, &Copy{}, 0) }

// SaveCopy is Save, and forgets in the same moment the working copy in which the
// post was written, if its tab has written that, or began with it as base. What another
// tab has written since stays, as a change of the post. A new post takes over the key of
// the copy; if one has done so before, SaveCopy returns ErrChanged, so that a form that
// is sent twice makes one post, and ErrPurged, if that is gone.
func (s *Store) SaveCopy(ctx context.Context, p *Post, written *Copy, base int64) error {
	return s.keep(ctx, p, written, base, false)
}

// keep is SaveCopy. What a post names again that it was before may be gone.
func (s *Store) keep(ctx context.Context, p *Post, written *Copy, base int64, again bool) error {
	now := s.now().UTC().Truncate(time.Second)
	next, err := p.ready(now)
	if err != nil {
		return err
	}
	next.Updated = now
	if next.ID == "" {
		next.ID, next.Created = written.key(), now
	}
	if err := s.draw(ctx, &next); err != nil {
		return err
	}
	zone, err := s.settings.Zone(ctx)
	if err != nil {
		return fmt.Errorf("save post: %w", err)
	}
	var saved Post
	err = s.db.InTx(ctx, func(tx *database.Tx) error {
		saved = next
		if err := s.save(tx, &saved, p.ID == "", again, zone); err != nil {
			return err
		}
		return written.leave(tx, base)
	})
	if err != nil {
		return err
	}
	*p = saved
	return nil
}

// Check is what Save would refuse in a post for what it says. Whether the address
// that it wishes for is free only Save knows.
func (s *Store) Check(p *Post) error {
	_, err := p.ready(s.now().UTC().Truncate(time.Second))
	return err
}

// ready is a post as it is to be saved at a time.
func (p *Post) ready(now time.Time) (Post, error) {
	next := *p
	next.tidy()
	next.Kind = next.Discover()
	if next.Status == Scheduled && !next.Published.IsZero() && !next.Published.After(now) {
		next.Status = Published
	}
	if next.Status != Draft && next.Status != Scheduled && next.Status != Published {
		return next, fmt.Errorf("save post: status %q", next.Status)
	}
	return next, next.check(now)
}

func (s *Store) save(tx *database.Tx, p *Post, fresh, again bool, zone *time.Location) error {
	var before *Post // as it was kept
	if fresh {
		p.Version, p.Path, p.Deleted = 1, "", time.Time{}
	} else {
		if err := p.follow(tx); err != nil {
			return err
		}
		var err error
		if before, err = whole(tx, p.ID); err != nil {
			return err
		}
	}
	if p.Status == Published && p.Published.IsZero() {
		p.Published = p.Updated
	}
	if p.Near {
		if err := p.near(tx, zone); err != nil {
			return err
		}
	}
	properties, err := json.Marshal(p.Properties)
	if err != nil {
		return fmt.Errorf("save post: %w", err)
	}
	quiet, err := json.Marshal(p.Quiet)
	if err != nil {
		return fmt.Errorf("save post: %w", err)
	}
	n, err := tx.Exec(`
		INSERT INTO posts (id, author_id, status, kind, path, slug, title, content, properties, html, summary, words, version, created_at, published_at, updated_at, deleted_at, closed, quiet,
			visibility, apart, listed, pinned, lang, series, series_key, rendered, saved_by)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, 0, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27)
		ON CONFLICT (id) DO UPDATE SET
			status = excluded.status, kind = excluded.kind, path = excluded.path, slug = excluded.slug, title = excluded.title, content = excluded.content,
			properties = excluded.properties, html = excluded.html, summary = excluded.summary, words = excluded.words,
			version = excluded.version, published_at = excluded.published_at, updated_at = excluded.updated_at,
			closed = excluded.closed, quiet = excluded.quiet, visibility = excluded.visibility, apart = excluded.apart, listed = excluded.listed,
			pinned = excluded.pinned, lang = excluded.lang, series = excluded.series, series_key = excluded.series_key, rendered = excluded.rendered,
			saved_by = excluded.saved_by
		WHERE NOT $28`,
		p.ID, p.AuthorID, string(p.Status), string(p.Kind), p.Path, p.Slug, p.Title, p.Content, string(properties), string(p.HTML), p.Summary, p.Words,
		p.Version, database.Unix(p.Created), database.Unix(p.Published), database.Unix(p.Updated), p.Closed, string(quiet),
		string(p.Visibility), p.Apart, p.listed(), p.Pinned, p.Lang, p.Series, TagKey(p.Series), rendering, p.SavedBy, fresh)
	switch {
	case err != nil:
		return fmt.Errorf("save post: %w", err)
	case n == 0: // a post has come of the same working copy
		return ErrChanged
	case fresh:
		if err := p.unused(tx); err != nil {
			return err
		}
	}
	switch p.Status {
	case Scheduled:
		err = s.schedule(tx, p, zone)
	case Published:
		err = p.settle(tx, zone)
	}
	if err != nil {
		return err
	}
	if err := p.saveTags(tx); err != nil {
		return err
	}
	if _, err := tx.Exec("UPDATE paths SET hidden = $1 WHERE post_id = $2 AND hidden <> $1", p.Visibility == Private, p.ID); err != nil {
		return fmt.Errorf("save address: %w", err)
	}
	if err := p.saveAudience(tx); err != nil {
		return err
	}
	if err := media.Use(tx, p.ID, p.Content, string(properties)); err != nil {
		return err
	}
	if !again {
		if err := s.present(tx, before, p.Content, string(properties)); err != nil {
			return err
		}
	}
	if before != nil {
		if err := keepRevision(tx, before, p); err != nil {
			return err
		}
	}
	if len(p.FilesOnWeb()) > 0 {
		if err := s.queue.Enqueue(tx, Elsewhere, p.ID); err != nil {
			return err
		}
	}
	if err := s.index(tx, p); err != nil {
		return err
	}
	return s.changed(tx, p.ID, p.Path)
}

// present refuses what names a file of this site that is not there, unless the post as
// it was before named it. It is asked after Use.
func (s *Store) present(tx *database.Tx, before *Post, content, properties string) error {
	var earlier []string
	if before != nil {
		known, err := json.Marshal(before.Properties)
		if err != nil {
			return fmt.Errorf("save post: %w", err)
		}
		earlier = []string{before.Content, string(known)}
	}
	key, err := media.Missing(tx, s.render.home, earlier, content, properties)
	if key == "" || err != nil {
		return err
	}
	field := "text"
	if !strings.Contains(content, key) {
		field = "photo"
	}
	return &Invalid{field, fmt.Sprintf("A file that this names is not here: /media/%s. It was deleted meanwhile, perhaps. Take it out, or upload it again.", key)}
}

// follow takes over what a known post keeps, if this is its newest version. It
// counts the version up in the same statement, so that of two who save at once
// on PostgreSQL the second waits, and then finds another version.
func (p *Post) follow(tx *database.Tx) error {
	var status string
	var created, published int64
	err := tx.QueryRow(`
		UPDATE posts SET version = version + 1
		WHERE id = $1 AND version = $2 AND status <> 'deleted'
		RETURNING author_id, status, path, version, created_at, published_at`, p.ID, p.Version).
		Scan(&p.AuthorID, &status, &p.Path, &p.Version, &created, &published)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return p.outrun(tx)
	case err != nil:
		return fmt.Errorf("save post: %w", err)
	case Status(status) == Published && p.Status != Published:
		return &Invalid{"status", "This post is published already. Delete it to take it away; it can be restored."}
	}
	p.Created, p.Deleted = database.Time(created), time.Time{}
	if p.Published.IsZero() && p.Path != "" {
		p.Published = database.Time(published)
	}
	return nil
}

// Hold tells whether a post is as it was read, and keeps it so until the
// transaction ends: nobody can save it meanwhile.
func (s *Store) Hold(tx *database.Tx, p *Post) (current bool, err error) {
	n, err := tx.Exec("UPDATE posts SET version = version WHERE id = $1 AND version = $2", p.ID, p.Version)
	if err != nil {
		return false, fmt.Errorf("hold post: %w", err)
	}
	return n == 1, nil
}

// outrun says why there is no post of this key and version.
func (p *Post) outrun(tx *database.Tx) error {
	var there bool
	if err := tx.QueryRow("SELECT EXISTS (SELECT 1 FROM posts WHERE id = $1)", p.ID).Scan(&there); err != nil {
		return fmt.Errorf("save post: %w", err)
	}
	if !there {
		return ErrNotFound
	}
	return ErrChanged
}

// settle gives a published post its address: the one it has, unless another was
// wished for. Earlier addresses stay its own.
func (p *Post) settle(tx *database.Tx, zone *time.Location) error {
	if p.stays() {
		return nil
	}
	in := p.folder(zone)
	for slug := range p.slugs(zone) {
		path := in + slug
		n, err := tx.Exec(`
			INSERT INTO paths (path, post_id, hidden)
			SELECT $1, $2, EXISTS (SELECT 1 FROM posts WHERE id = $2 AND visibility = 'private')
			WHERE NOT EXISTS (SELECT 1 FROM tombstones WHERE path = $1)
			ON CONFLICT (path) DO UPDATE SET post_id = excluded.post_id WHERE paths.post_id = excluded.post_id`, path, p.ID)
		if err != nil {
			return fmt.Errorf("save address: %w", err)
		}
		if n == 1 {
			p.Path = path
			if _, err := tx.Exec("UPDATE posts SET path = $1 WHERE id = $2", path, p.ID); err != nil {
				return fmt.Errorf("save address: %w", err)
			}
			return nil
		}
		if p.Slug != "" {
			return p.taken(path)
		}
	}
	return fmt.Errorf("save post %s: no address is free", p.ID)
}

// stays tells whether the post keeps the address that it has. An address that has
// the name wished for, and the year of its moment in some zone of the earth, stays
// when the site moves to another.
func (p *Post) stays() bool {
	if p.Path == "" {
		return false
	}
	if folder, name := path.Split(p.Path); p.Slug != "" {
		return name == p.Slug && (p.Apart && folder == "/" || !p.Apart && slices.Contains(p.years(), folder))
	}
	return (strings.Count(p.Path, "/") == 1) == p.Apart
}

// folder is what stands before the slug in the post's path.
func (p *Post) folder(zone *time.Location) string {
	if p.Apart {
		return "/"
	}
	return p.Published.In(zone).Format("/2006/")
}

// years are the folders of the years in which the post was published, as one or
// another clock on earth shows it.
func (p *Post) years() []string {
	const east, west = 14 * time.Hour, -12 * time.Hour
	utc := p.Published.UTC()
	return []string{utc.Add(west).Format("/2006/"), utc.Add(east).Format("/2006/")}
}

func (p *Post) saveTags(tx *database.Tx) error {
	if _, err := tx.Exec("DELETE FROM tags WHERE post_id = $1", p.ID); err != nil {
		return fmt.Errorf("save tags: %w", err)
	}
	for position, tag := range p.AllTags() {
		if position >= len(p.Tags) {
			position += maxTags - len(p.Tags)
		}
		if _, err := tx.Exec("INSERT INTO tags (post_id, tag, name, position) VALUES ($1, $2, $3, $4)", p.ID, TagKey(tag), tag, position); err != nil {
			return fmt.Errorf("save tags: %w", err)
		}
	}
	return nil
}

// placeTag puts a tag where its position says that it belongs: those that were
// found in the words stand from maxTags on.
func (p *Post) placeTag(name string, position int) {
	if position < maxTags {
		p.Tags = append(p.Tags, name)
	} else {
		p.Hashtags = append(p.Hashtags, name)
	}
}

// changed tells those who care that what readers see has changed: the pages made
// from the post, and the job that answers other sites. A post that was never
// published has no path, and nobody to tell.
func (s *Store) changed(tx *database.Tx, id, path string) error {
	if path == "" {
		return nil
	}
	tx.Touch(Generation(id), Lists)
	return s.queue.Enqueue(tx, Changed, id)
}

// Delete takes a post away; its address then says that it is gone. For KeptFor it can
// be restored. Deleting twice changes nothing.
func (s *Store) Delete(ctx context.Context, id string) error {
	return s.move(ctx, id, `
		UPDATE posts SET status = 'deleted', deleted_at = $1, version = version + 1
		WHERE id = $2 AND status <> 'deleted'
		RETURNING path`)
}

// Restore brings a deleted post back to where it was.
func (s *Store) Restore(ctx context.Context, id string) error {
	return s.move(ctx, id, `
		UPDATE posts SET status = CASE WHEN path = '' THEN 'draft' ELSE 'published' END, deleted_at = 0, updated_at = $1, version = version + 1
		WHERE id = $2 AND status = 'deleted'
		RETURNING path`)
}

func (s *Store) move(ctx context.Context, id, statement string) error {
	return s.db.InTx(ctx, func(tx *database.Tx) error {
		var path string
		err := tx.QueryRow(statement, s.now().Unix(), id).Scan(&path)
		if errors.Is(err, sql.ErrNoRows) {
			if err := (&Post{ID: id}).outrun(tx); !errors.Is(err, ErrChanged) {
				return err
			}
			return nil // it is there already
		}
		if err != nil {
			return fmt.Errorf("move post %s: %w", id, err)
		}
		if err := s.indexAgain(tx, id); err != nil {
			return err
		}
		if err := s.purgeAt(tx, s.now().Add(KeptFor)); err != nil {
			return err
		}
		return s.changed(tx, id, path)
	})
}
