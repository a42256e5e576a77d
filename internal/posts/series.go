package posts

import (
	"context"
	"fmt"
)

// maxParts bounds how many parts of a series are read at once.
const maxParts = 500

// Parts are the listed posts of a series, by the key of its name, in the order in
// which they were published.
func (s *Store) Parts(ctx context.Context, series string) ([]*Named, error) {
	return s.names(ctx, "status = 'published' AND listed AND series_key <> '' AND series_key = $1", maxParts, series)
}

// fewPublished is for those few that an index of their own holds. It is written so
// that no index knows it: SQLite would walk through all published posts to find them.
const fewPublished = "status || '' = 'published'"

// mostPages bounds how many pages are led to from everywhere.
const mostPages = 50

// Pages are the pages that everybody may find, the first made first.
func (s *Store) Pages(ctx context.Context) ([]*Named, error) {
	return s.pages.Read(ctx, s.db, Lists, func(ctx context.Context) ([]*Named, error) {
		return s.names(ctx, "apart AND "+fewPublished+" AND visibility = 'public'", mostPages)
	})
}

// names reads the names of posts, the oldest first.
func (s *Store) names(ctx context.Context, where string, limit int, args ...any) ([]*Named, error) {
	rows, err := s.db.Short(ctx, fmt.Sprintf("SELECT %s FROM posts WHERE %s ORDER BY published_at, id LIMIT %d", namedColumns, where, limit), args...)
	if err != nil {
		return nil, fmt.Errorf("read names: %w", err)
	}
	defer rows.Close()
	var all []*Named
	for rows.Next() {
		named, err := scanNamed(rows)
		if err != nil {
			return nil, fmt.Errorf("read names: %w", err)
		}
		all = append(all, named)
	}
	return all, rows.Err()
}

// mostPinned bounds how many posts stand first on the home page.
const mostPinned = 5

// Pinned are the listed posts that stand first on the home page, the newest first.
func (s *Store) Pinned(ctx context.Context) ([]*Post, error) {
	posts, err := s.read(ctx, fmt.Sprintf("SELECT %s FROM posts WHERE pinned AND %s AND visibility = 'public' AND NOT apart ORDER BY published_at DESC, id DESC LIMIT %d", columns, fewPublished, mostPinned))
	if err != nil {
		return nil, fmt.Errorf("read pinned posts: %w", err)
	}
	return posts, s.readTags(ctx, posts...)
}
