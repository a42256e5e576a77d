package posts

import (
	"context"
	"fmt"
	"strings"

	"hark/internal/database"
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
	if len(p.AllTags()) == 0 {
		return nil, nil
	}
	ids, err := s.sharing(ctx, p)
	if err != nil {
		return nil, err
	}
	var found []*Named
	for len(ids) > 0 && len(found) < limit {
		some := ids[:min(len(ids), 2*limit)] // of which a few may not be listed
		ids = ids[len(some):]
		listed, err := s.namedListed(ctx, some)
		if err != nil {
			return nil, err
		}
		found = append(found, listed...)
	}
	return found[:min(len(found), limit)], nil
}

// sharing are the keys of posts, whether listed or not, that share tags with this one,
// in the order in which they are related. Their times are those of the search, whose
// rows are small: what lies behind the text in a row of a long post is slow to read.
func (s *Store) sharing(ctx context.Context, p *Post) ([]string, error) {
	args, parts, tags := []any{p.ID}, []string{}, p.AllTags()
	for _, tag := range tags[:min(len(tags), relatedTags)] {
		args = append(args, TagKey(tag))
		parts = append(parts, fmt.Sprintf("SELECT post_id FROM (SELECT post_id FROM tags WHERE tag = $%d ORDER BY post_id DESC LIMIT %d) AS t%d", len(args), relatedEach, len(args)))
	}
	rows, err := s.db.Short(ctx, `
		SELECT found.post_id
		FROM (`+strings.Join(parts, " UNION ALL ")+`) AS found
		LEFT JOIN searched ON searched.post_id = found.post_id
		WHERE found.post_id <> $1
		GROUP BY found.post_id
		ORDER BY count(*) DESC, max(searched.number) DESC, found.post_id DESC`, args...)
	if err != nil {
		return nil, fmt.Errorf("read related posts: %w", err)
	}
	ids, err := database.Column(rows)
	if err != nil {
		return nil, fmt.Errorf("read related posts: %w", err)
	}
	return ids, nil
}

// namedListed are those of the posts that are listed, in the order of these keys. It
// asks as Named does.
func (s *Store) namedListed(ctx context.Context, ids []string) ([]*Named, error) {
	of := make(map[string]*Named, len(ids))
	among, args := database.Among(ids)
	rows, err := s.db.Short(ctx, "SELECT "+namedColumns+", status = 'published' AND listed FROM posts WHERE id IN ("+among+")", args...)
	if err != nil {
		return nil, fmt.Errorf("read related posts: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var isListed bool
		named, err := scanNamed(rows, &isListed)
		if err != nil {
			return nil, fmt.Errorf("read related posts: %w", err)
		}
		if isListed {
			of[named.ID] = named
		}
	}
	var listed []*Named
	for _, id := range ids {
		if of[id] != nil {
			listed = append(listed, of[id])
		}
	}
	return listed, rows.Err()
}
