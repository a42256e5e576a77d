package posts

import (
	"context"
	"fmt"
	"time"

	"hark/internal/database"
)

// Mapped is a post as a sitemap has it.
type Mapped struct {
	Path    string
	Changed time.Time
}

// mapped are the listed posts with when they were changed, the oldest first: a
// part of them that is full stays as it is when others are written.
const mapped = `
	SELECT path, CASE WHEN updated_at > published_at THEN updated_at ELSE published_at END AS changed
	FROM posts
	WHERE status = 'published' AND listed
	ORDER BY published_at, id`

// Map reads a part of the listed posts, the oldest first.
func (s *Store) Map(ctx context.Context, skip, limit int) (part []Mapped, err error) {
	rows, err := s.db.Query(ctx, mapped+" LIMIT $1 OFFSET $2", limit, skip)
	if err != nil {
		return nil, fmt.Errorf("map posts: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var m Mapped
		var changed int64
		if err := rows.Scan(&m.Path, &changed); err != nil {
			return nil, fmt.Errorf("map posts: %w", err)
		}
		m.Changed = database.Time(changed)
		part = append(part, m)
	}
	return part, rows.Err()
}

// MapParts says of each part of so many listed posts when the last of it was changed.
func (s *Store) MapParts(ctx context.Context, size int) (changed []time.Time, err error) {
	for {
		var posts int
		var last int64
		err := s.db.QueryRow(ctx, "SELECT count(*), coalesce(max(changed), 0) FROM ("+mapped+" LIMIT $1 OFFSET $2) AS part", size, len(changed)*size).Scan(&posts, &last)
		if err != nil {
			return nil, fmt.Errorf("map posts: %w", err)
		}
		if posts > 0 {
			changed = append(changed, database.Time(last))
		}
		if posts < size {
			return changed, nil
		}
	}
}
