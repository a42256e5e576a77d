package posts

import (
	"context"
	"fmt"
	"strings"
)

// What is looked at to find what is related: of so many tags, so many posts each. A
// tag that every post has costs no more than a rare one.
const (
	relatedTags = 8
	relatedEach = 60
)

// Related are other listed posts that share tags with this one, at most limit: those
// that share the most, then the newest. Of each tag only its newest posts are
// looked at.
func (s *Store) Related(ctx context.Context, p *Post, limit int) ([]*Named, error) {
	if len(p.Tags) == 0 {
		return nil, nil
	}
	args, parts := []any{p.ID}, []string{}
	for _, tag := range p.Tags[:min(len(p.Tags), relatedTags)] {
		args = append(args, TagKey(tag))
		parts = append(parts, fmt.Sprintf("SELECT post_id FROM (SELECT post_id FROM tags WHERE tag = $%d ORDER BY post_id DESC LIMIT %d) AS t%d", len(args), relatedEach, len(args)))
	}
	rows, err := s.db.Query(ctx, `
		SELECT `+namedColumns+`
		FROM posts
		JOIN (
			SELECT post_id, count(*) AS shared
			FROM (`+strings.Join(parts, " UNION ALL ")+`) AS found
			GROUP BY post_id) AS sharing ON sharing.post_id = posts.id
		WHERE status = 'published' AND listed AND id <> $1
		ORDER BY shared DESC, published_at DESC, id DESC
		LIMIT `+fmt.Sprint(limit), args...)
	if err != nil {
		return nil, fmt.Errorf("read related posts: %w", err)
	}
	defer rows.Close()
	var found []*Named
	for rows.Next() {
		named, err := scanNamed(rows)
		if err != nil {
			return nil, fmt.Errorf("read related posts: %w", err)
		}
		found = append(found, named)
	}
	return found, rows.Err()
}
