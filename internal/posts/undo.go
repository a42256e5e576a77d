package posts

import (
	"context"
	"errors"
	"fmt"
	"path"
	"time"

	"hark/internal/database"
)

// undoFor is how long a change can be taken back.
const undoFor = 10 * time.Minute

// Undoing is what it would mean to take back the last change of a post.
type Undoing string

// What can be taken back: a change of what was there, or that it was published.
const (
	Nothing Undoing = ""
	Change  Undoing = "change"
	Outing  Undoing = "outing"
)

// Undoable says what the last change of a post was, as long as it can be taken back.
func (s *Store) Undoable(ctx context.Context, p *Post) (Undoing, error) {
	if p.Status == Deleted || s.now().Sub(p.Updated) > undoFor {
		return Nothing, nil
	}
	r, err := s.Revision(ctx, p, p.Version-1)
	switch {
	case errors.Is(err, ErrNotFound) && p.Version == 1 && p.Status == Published:
		return Outing, nil
	case errors.Is(err, ErrNotFound):
		return Nothing, nil
	case err != nil:
		return Nothing, err
	case r.Status == p.Status:
		return Change, nil
	case p.Status == Published:
		return Outing, nil
	}
	return Nothing, nil
}

// ErrTooLate says that there is nothing that could be taken back, or not any more.
var ErrTooLate = errors.New("it is too late to take that back")

// Undo takes back the last change of a post, as it was read: it is altogether what it
// was before. One that had just been published is a draft again, with the words that
// it has now, and nothing is at its address.
func (s *Store) Undo(ctx context.Context, p *Post) error {
	what, err := s.Undoable(ctx, p)
	switch {
	case err != nil:
		return err
	case what == Outing:
		return s.takeIn(ctx, p)
	case what == Nothing:
		return ErrTooLate
	}
	r, err := s.Revision(ctx, p, p.Version-1)
	if err != nil {
		return err
	}
	next := *r
	next.Version, next.SavedBy = p.Version, p.SavedBy
	if r.Path != "" {
		next.Slug = path.Base(r.Path)
	}
	if err := s.keep(ctx, &next, &Copy{}, 0, true); err != nil {
		return err
	}
	*p = next
	return nil
}

// takeIn makes a draft of a post that was published. Its addresses stay its own, so
// that it has them again when it is published again.
func (s *Store) takeIn(ctx context.Context, p *Post) error {
	return s.db.InTx(ctx, func(tx *database.Tx) error {
		n, err := tx.Exec(`
			UPDATE posts SET status = 'draft', path = '', slug = $1, published_at = CASE WHEN published_at = updated_at THEN 0 ELSE published_at END,
				updated_at = $2, saved_by = $3, version = version + 1
			WHERE id = $4 AND version = $5 AND status = 'published'`, path.Base(p.Path), s.now().Unix(), p.SavedBy, p.ID, p.Version)
		switch {
		case err != nil:
			return fmt.Errorf("take in post: %w", err)
		case n == 0:
			return p.outrun(tx)
		}
		if err := s.indexAgain(tx, p.ID); err != nil {
			return err
		}
		return s.changed(tx, p.ID, p.Path)
	})
}
