package posts

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"hark/internal/database"
	"hark/internal/queue"
)

// KeptFor is how long a deleted post can be restored.
const KeptFor = 30 * 24 * time.Hour

// purge is the job that deletes for good what was deleted that long ago.
const purge queue.Kind = "purge"

// purgeBatch is how many posts are deleted for good in one transaction.
const purgeBatch = 50

// Purge deletes for good a post that was deleted before, with all that belongs to it.
// Of what everybody could see there is left that its addresses are gone, and since
// when. Changes of it that others have not saved become texts of their own; those of
// who deletes it go with it. One that is not deleted is ErrChanged.
func (s *Store) Purge(ctx context.Context, id, by string) error {
	return s.db.InTx(ctx, func(tx *database.Tx) error { return s.purge(tx, id, by) })
}

func (s *Store) purge(tx *database.Tx, id, by string) error {
	n, err := tx.Exec("UPDATE posts SET version = version WHERE id = $1 AND status = 'deleted'", id) // nobody restores it meanwhile
	if err != nil {
		return fmt.Errorf("purge post %s: %w", id, err)
	}
	if n == 0 {
		return (&Post{ID: id}).outrun(tx)
	}
	p, err := whole(tx, id)
	if err != nil {
		return err
	}
	if p.Visibility != Private {
		if _, err := tx.Exec("INSERT INTO tombstones (path, gone_at) SELECT path, $1 FROM paths WHERE post_id = $2", database.Unix(p.Deleted), id); err != nil {
			return fmt.Errorf("keep that post %s is gone: %w", id, err)
		}
	}
	if err := dropCopy(tx, id, by); err != nil {
		return err
	}
	for _, statement := range []string{
		"INSERT INTO purged (id) VALUES ($1)",
		"UPDATE copies SET fresh = TRUE WHERE post_id = $1",
		"DELETE FROM posts WHERE id = $1",
	} {
		if _, err := tx.Exec(statement, id); err != nil {
			return fmt.Errorf("purge post %s: %w", id, err)
		}
	}
	tx.Touch(Generation(id), Lists)
	return s.queue.Enqueue(tx, Changed, left{p.ID, p.Version, p.Path, p.Kind, p.Visibility, p.Apart, p.AllTags()})
}

// left is what the last job of a post says of it: nothing else is there any more to
// say where it stood.
type left struct {
	ID         string
	Version    int64
	Path       string
	Kind       Kind
	Visibility Visibility
	Apart      bool
	Tags       []string
}

// ChangedPost is the post that a job Changed is about, with its key alone; one that was
// deleted for good has its status, version, path, kind, visibility and tags, too.
func ChangedPost(payload []byte) (*Post, error) {
	p, was := &Post{}, left{}
	if err := json.Unmarshal(payload, &p.ID); err == nil {
		return p, nil
	}
	if err := json.Unmarshal(payload, &was); err != nil {
		return nil, fmt.Errorf("read which post has changed: %w", err)
	}
	return &Post{ID: was.ID, Status: Deleted, Version: was.Version, Path: was.Path, Kind: was.Kind, Visibility: was.Visibility, Apart: was.Apart, Tags: was.Tags}, nil
}

// purgeOld deletes for good what was deleted long enough ago, and leaves the job for
// what was deleted since.
func (s *Store) purgeOld(ctx context.Context, _ queue.Job) error {
	return s.db.InTx(ctx, func(tx *database.Tx) error {
		before := s.now().Add(-KeptFor).Unix()
		rows, err := tx.Query(fmt.Sprintf("SELECT id FROM posts WHERE status = 'deleted' AND deleted_at <= $1 ORDER BY deleted_at, id LIMIT %d", purgeBatch), before)
		if err != nil {
			return fmt.Errorf("look for old posts: %w", err)
		}
		ids, err := database.Column(rows)
		if err != nil {
			return fmt.Errorf("look for old posts: %w", err)
		}
		for _, id := range ids {
			if err := s.purge(tx, id, ""); err != nil {
				return err
			}
		}
		var oldest int64
		if err := tx.QueryRow("SELECT coalesce(min(deleted_at), 0) FROM posts WHERE status = 'deleted'").Scan(&oldest); err != nil || oldest == 0 {
			return err
		}
		return s.purgeAt(tx, database.Time(oldest).Add(KeptFor))
	})
}

// unused tells by ErrPurged that the key of a new post was that of one that was deleted
// for good. It is asked when the key is taken: whoever purges has then done so.
func (p *Post) unused(tx *database.Tx) error {
	var used bool
	if err := tx.QueryRow("SELECT EXISTS (SELECT 1 FROM purged WHERE id = $1)", p.ID).Scan(&used); err != nil {
		return fmt.Errorf("look for what was deleted for good: %w", err)
	}
	if used {
		return ErrPurged
	}
	return nil
}

func (s *Store) purgeAt(tx *database.Tx, at time.Time) error {
	return s.queue.EnqueueAt(tx, purge, "", at)
}

// gone is what is left of a post that stood at a path and was deleted for good:
// ErrNotFound, if none did.
func (s *Store) gone(ctx context.Context, path string) (*Post, error) {
	var at int64
	err := s.db.QueryRow(ctx, "SELECT gone_at FROM tombstones WHERE path = $1", path).Scan(&at)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, ErrNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("read what is gone: %w", err)
	}
	return &Post{Status: Deleted, Visibility: Public, Path: path, Deleted: database.Time(at)}, nil
}
