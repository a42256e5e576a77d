package posts

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"hark/internal/database"
	"hark/internal/media"
)

// Copy is a working copy: what somebody is writing, as it stands in the form,
// before it is saved as a post. Readers see nothing of it.
type Copy struct {
	Post    string // the post that is changed, or a key of its own where there is none yet
	Writer  string
	Fresh   bool   // there is no post yet
	Tab     string // that wrote last
	Version int64  // counts up with what a tab sends
	Fields  string // of the form; they mean nothing here
	Saved   time.Time
}

// MaxCopies is how many working copies one writer has at most.
const MaxCopies = 50

// ErrCrowded says that a writer has as many working copies as one may have. Those
// that are there go on being kept.
var ErrCrowded = errors.New("there are too many working copies")

// copyColumns are those of a Copy, in the order in which scan reads them.
const copyColumns = "post_id, writer_id, fresh, tab, version, fields, saved_at"

func (c *Copy) scan(row interface{ Scan(...any) error }) error {
	var saved int64
	if err := row.Scan(&c.Post, &c.Writer, &c.Fresh, &c.Tab, &c.Version, &c.Fields, &saved); err != nil {
		return err
	}
	c.Saved = database.Time(saved)
	return nil
}

// key is that of a post which comes of the copy.
func (c *Copy) key() string {
	if database.IsID(c.Post) {
		return c.Post
	}
	return database.NewID()
}

// KeepCopy keeps what is being written. base is the version with which the tab
// began; if another tab has written since, or a post has come of the copy, KeepCopy
// returns ErrChanged and keeps what is there. One more than MaxCopies is ErrCrowded.
// What one tab sent earlier never takes the place of what it sent later, in whichever
// order they arrive.
func (s *Store) KeepCopy(ctx context.Context, c *Copy, base int64) error {
	c.Saved = s.now().UTC().Truncate(time.Second)
	return s.db.InTx(ctx, func(tx *database.Tx) error {
		if posted, err := c.posted(tx); posted || err != nil {
			return cmp.Or(err, ErrChanged)
		}
		var others int
		if err := tx.QueryRow("SELECT count(*) FROM copies WHERE writer_id = $1 AND post_id <> $2", c.Writer, c.Post).Scan(&others); err != nil {
			return fmt.Errorf("count copies: %w", err)
		}
		if others >= MaxCopies {
			return ErrCrowded
		}
		n, err := tx.Exec(`
			INSERT INTO copies (`+copyColumns+`)
			VALUES ($1, $2, $3, $4, $5, $6, $7)
			ON CONFLICT (writer_id, post_id) DO UPDATE SET
				tab = excluded.tab, version = excluded.version, fields = excluded.fields, saved_at = excluded.saved_at
			WHERE copies.tab = excluded.tab AND copies.version < excluded.version OR copies.tab <> excluded.tab AND (copies.version = $8 OR copies.fields = excluded.fields)`,
			c.Post, c.Writer, c.Fresh, c.Tab, c.Version, c.Fields, database.Unix(c.Saved), base)
		if err != nil {
			return fmt.Errorf("keep copy: %w", err)
		}
		if n == 1 {
			return media.UseInCopy(tx, c.Writer, c.Post, c.Fields)
		}
		return c.outrun(tx)
	})
}

// posted tells whether a post has come of what was none yet.
func (c *Copy) posted(tx *database.Tx) (posted bool, err error) {
	if err = tx.QueryRow("SELECT EXISTS (SELECT 1 FROM posts WHERE id = $1)", c.Post).Scan(&posted); err != nil {
		return false, fmt.Errorf("look for the post of a copy: %w", err)
	}
	return posted && c.Fresh, nil
}

// EmptyCopy forgets a working copy in which nothing stands any more, by the same rules:
// what its tab has sent since stays, and so does what another tab has written, which is
// ErrChanged.
func (s *Store) EmptyCopy(ctx context.Context, c *Copy, base int64) error {
	return s.db.InTx(ctx, func(tx *database.Tx) error {
		n, err := tx.Exec(`
			DELETE FROM copies
			WHERE writer_id = $1 AND post_id = $2 AND (tab = $3 AND version < $4 OR tab <> $3 AND version = $5)`,
			c.Writer, c.Post, c.Tab, c.Version, base)
		if err != nil {
			return fmt.Errorf("empty copy: %w", err)
		}
		if n == 1 {
			return nil
		}
		return c.outrun(tx)
	})
}

// outrun says why a working copy was not changed: another tab has written it since.
func (c *Copy) outrun(tx *database.Tx) error {
	var tab string
	err := tx.QueryRow("SELECT tab FROM copies WHERE writer_id = $1 AND post_id = $2", c.Writer, c.Post).Scan(&tab)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil
	case err != nil:
		return fmt.Errorf("keep copy: %w", err)
	case tab != c.Tab:
		return ErrChanged
	}
	return nil
}

// Copy is the working copy that a writer has of a post, ErrNotFound for none.
func (s *Store) Copy(ctx context.Context, post, writer string) (*Copy, error) {
	c := &Copy{}
	err := c.scan(s.db.QueryRow(ctx, "SELECT "+copyColumns+" FROM copies WHERE writer_id = $1 AND post_id = $2", writer, post))
	if errors.Is(err, sql.ErrNoRows) {
		return nil, ErrNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("read copy: %w", err)
	}
	return c, nil
}

// Copies are the working copies of a writer, the newest first.
func (s *Store) Copies(ctx context.Context, writer string) (list []*Copy, err error) {
	rows, err := s.db.Query(ctx, "SELECT "+copyColumns+" FROM copies WHERE writer_id = $1 ORDER BY saved_at DESC, post_id DESC", writer)
	if err != nil {
		return nil, fmt.Errorf("list copies: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		c := &Copy{}
		if err := c.scan(rows); err != nil {
			return nil, fmt.Errorf("list copies: %w", err)
		}
		list = append(list, c)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("list copies: %w", err)
	}
	return list, nil
}

// Begun is the newest working copy of a writer of which no post has come, if there is
// one since some time; else ErrNotFound.
func (s *Store) Begun(ctx context.Context, writer string, since time.Time) (*Copy, error) {
	c := &Copy{}
	err := c.scan(s.db.QueryRow(ctx, `
		SELECT `+copyColumns+` FROM copies
		WHERE writer_id = $1 AND fresh AND saved_at >= $2
		ORDER BY saved_at DESC, post_id DESC
		LIMIT 1`, writer, database.Unix(since)))
	if errors.Is(err, sql.ErrNoRows) {
		return nil, ErrNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("read what was begun: %w", err)
	}
	return c, nil
}

// RenewCopy keeps a working copy, if there is one, under another key, of which no post has
// come.
func (s *Store) RenewCopy(ctx context.Context, post, writer, key string) error {
	return s.db.InTx(ctx, func(tx *database.Tx) error {
		c := &Copy{}
		err := c.scan(tx.QueryRow("SELECT "+copyColumns+" FROM copies WHERE writer_id = $1 AND post_id = $2", writer, post))
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("renew copy: %w", err)
		}
		if _, err := tx.Exec("INSERT INTO copies ("+copyColumns+") VALUES ($1, $2, TRUE, $3, $4, $5, $6)",
			key, c.Writer, c.Tab, c.Version, c.Fields, database.Unix(c.Saved)); err != nil {
			return fmt.Errorf("renew copy: %w", err)
		}
		if err := media.UseInCopy(tx, writer, key, c.Fields); err != nil {
			return err
		}
		return dropCopy(tx, post, writer)
	})
}

// DropCopy forgets a working copy that its tab has written, or began with as base. What
// another tab has written since stays. One that is not there is forgotten already.
func (s *Store) DropCopy(ctx context.Context, c *Copy, base int64) error {
	return s.db.InTx(ctx, func(tx *database.Tx) error { return c.drop(tx, base) })
}

func (c *Copy) drop(tx *database.Tx, base int64) error {
	if _, err := tx.Exec("DELETE FROM copies WHERE writer_id = $1 AND post_id = $2 AND (tab = $3 OR version = $4)", c.Writer, c.Post, c.Tab, base); err != nil {
		return fmt.Errorf("drop copy: %w", err)
	}
	return nil
}

// leave forgets a working copy of which a post was saved. What stays of it is a change
// of that post.
func (c *Copy) leave(tx *database.Tx, base int64) error {
	if err := c.drop(tx, base); err != nil {
		return err
	}
	if _, err := tx.Exec("UPDATE copies SET fresh = FALSE WHERE writer_id = $1 AND post_id = $2", c.Writer, c.Post); err != nil {
		return fmt.Errorf("leave copy: %w", err)
	}
	return nil
}

func dropCopy(tx *database.Tx, post, writer string) error {
	if _, err := tx.Exec("DELETE FROM copies WHERE writer_id = $1 AND post_id = $2", writer, post); err != nil {
		return fmt.Errorf("drop copy: %w", err)
	}
	return nil
}
