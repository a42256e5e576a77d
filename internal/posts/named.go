package posts

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"hark/internal/database"
)

// Named is a published post by its name and address, for those who only lead
// there.
type Named struct{ ID, Path, Name string }

// namedColumns are those that a name is made of. Texts are long, and are left out.
const namedColumns = "id, path, title, summary, CASE WHEN title = '' AND summary = '' THEN properties ELSE '{}' END"

func scanNamed(row interface{ Scan(...any) error }) (*Named, error) {
	var p Post
	var properties string
	if err := row.Scan(&p.ID, &p.Path, &p.Title, &p.Summary, &properties); err != nil {
		return nil, err
	}
	if err := json.Unmarshal([]byte(properties), &p.Properties); err != nil {
		return nil, fmt.Errorf("properties of post %s: %w", p.ID, err)
	}
	return &Named{p.ID, p.Path, p.Name()}, nil
}

// Neighbours are the published posts before and after this one; nil at the ends.
func (s *Store) Neighbours(ctx context.Context, p *Post) (older, newer *Named, err error) {
	older, err = s.neighbour(ctx, p, "<", "published_at DESC, id DESC")
	if err != nil {
		return nil, nil, err
	}
	newer, err = s.neighbour(ctx, p, ">", "published_at, id")
	return older, newer, err
}

func (s *Store) neighbour(ctx context.Context, p *Post, beyond, nearest string) (*Named, error) {
	named, err := scanNamed(s.db.QueryRow(ctx, `
		SELECT `+namedColumns+` FROM posts
		WHERE status = 'published' AND (published_at, id) `+beyond+` ($1, $2)
		ORDER BY `+nearest+`
		LIMIT 1`, database.Unix(p.Published), p.ID))
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read neighbours: %w", err)
	}
	return named, nil
}

// Named finds the published ones among the posts with these keys, by their keys.
func (s *Store) Named(ctx context.Context, ids ...string) (map[string]*Named, error) {
	found := make(map[string]*Named, len(ids))
	if len(ids) == 0 {
		return found, nil
	}
	args := make([]any, len(ids))
	for n, id := range ids {
		args[n] = id
	}
	rows, err := s.db.Query(ctx, "SELECT "+namedColumns+" FROM posts WHERE status = 'published' AND id IN ("+database.In(1, len(args))+")", args...)
	if err != nil {
		return nil, fmt.Errorf("read names: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		named, err := scanNamed(rows)
		if err != nil {
			return nil, fmt.Errorf("read names: %w", err)
		}
		found[named.ID] = named
	}
	return found, rows.Err()
}
