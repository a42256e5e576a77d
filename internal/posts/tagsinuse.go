package posts

import (
	"context"
	"fmt"
	"slices"
	"sync"
)

// Tag is a tag in use.
type Tag struct {
	Key, Name string
	Posts     int
}

// counted remembers the tags in use, since each post is looked at to count them, and
// the editor shows them whenever it is opened.
type counted struct {
	mu     sync.Mutex
	number uint64        // of Lists, when they were counted
	tags   map[int][]Tag // by the limit
}

// Tags are the tags of published posts, the most used first, at most limit.
func (s *Store) Tags(ctx context.Context, limit int) ([]Tag, error) {
	numbers, err := s.db.Generations(ctx, Lists) // before they are counted, so that no change is missed
	if err != nil {
		return nil, fmt.Errorf("read tags: %w", err)
	}
	if tags, ok := s.counted.find(numbers[0], limit); ok {
		return tags, nil
	}
	tags, err := s.count(ctx, limit)
	if err != nil {
		return nil, fmt.Errorf("read tags: %w", err)
	}
	s.counted.keep(numbers[0], limit, tags)
	return tags, nil
}

func (c *counted) find(number uint64, limit int) (tags []Tag, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if number != c.number {
		return nil, false
	}
	tags, ok = c.tags[limit]
	return slices.Clone(tags), ok
}

// keep keeps what was counted, unless something newer is there.
func (c *counted) keep(number uint64, limit int, tags []Tag) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if number < c.number {
		return
	}
	if number > c.number || c.tags == nil {
		c.number, c.tags = number, map[int][]Tag{}
	}
	c.tags[limit] = slices.Clone(tags)
}

// count counts all tags, and takes off those of the few posts that are in no list: an
// index says which these are, while those that are would have to be looked up one by
// one. Of several spellings the last of the alphabet is the name.
func (s *Store) count(ctx context.Context, limit int) (tags []Tag, err error) {
	rows, err := s.db.Query(ctx, `
		SELECT used.tag, used.n, (
			SELECT tags.name
			FROM tags JOIN posts ON posts.id = tags.post_id
			WHERE tags.tag = used.tag AND posts.status = 'published' AND posts.listed
			ORDER BY tags.name DESC
			LIMIT 1)
		FROM (
			SELECT found.tag, found.n - coalesce(away.n, 0) AS n
			FROM (SELECT tag, count(*) AS n FROM tags GROUP BY tag) AS found
			LEFT JOIN (
				SELECT tags.tag, count(*) AS n
				FROM posts CROSS JOIN tags
				WHERE `+inNoList+` AND tags.post_id = posts.id
				GROUP BY tags.tag) AS away ON away.tag = found.tag
			WHERE found.n > coalesce(away.n, 0)
			ORDER BY 2 DESC, found.tag
			LIMIT $1) AS used
		ORDER BY used.n DESC, used.tag`, limit)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var t Tag
		if err := rows.Scan(&t.Key, &t.Posts, &t.Name); err != nil {
			return nil, err
		}
		tags = append(tags, t)
	}
	return tags, rows.Err()
}

// inNoList is the condition of posts that nobody finds, as the index posts_away has it.
const inNoList = "(posts.status <> 'published' OR NOT posts.listed)"
