package posts

import (
	"context"
	"fmt"

	"hark/internal/database"
)

// Brief is a post in any status by its name, with what has to be known before it is
// shown to anybody.
type Brief struct {
	Named      // Path is empty until it is published
	AuthorID   string
	Status     Status
	Visibility Visibility
}

// Briefs finds posts by their keys, whatever their status: drafts, private and
// deleted ones are for those who may change them.
func (s *Store) Briefs(ctx context.Context, ids ...string) (map[string]*Brief, error) {
	found := make(map[string]*Brief, len(ids))
	if len(ids) == 0 {
		return found, nil
	}
	list, args := database.Among(ids)
	rows, err := s.db.Query(ctx, "SELECT "+namedColumns+", author_id, status, visibility FROM posts WHERE id IN ("+list+")", args...)
	if err != nil {
		return nil, fmt.Errorf("read names: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		b := &Brief{}
		var status, visibility string
		named, err := scanNamed(rows, &b.AuthorID, &status, &visibility)
		if err != nil {
			return nil, fmt.Errorf("read names: %w", err)
		}
		b.Named, b.Status, b.Visibility = *named, Status(status), Visibility(visibility)
		found[b.ID] = b
	}
	return found, rows.Err()
}
