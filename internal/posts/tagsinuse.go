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

func (s *Store) count(ctx context.Context, limit int) (tags []Tag, err error) {
	rows, err := s.db.Query(ctx, `
		SELECT tag, max(name), count(*)
		FROM tags JOIN posts ON posts.id = tags.post_id
		WHERE posts.status = 'published' AND posts.listed
		GROUP BY tag
		ORDER BY count(*) DESC, tag
		LIMIT $1`, limit)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var t Tag
		if err := rows.Scan(&t.Key, &t.Name, &t.Posts); err != nil {
			return nil, err
		}
		tags = append(tags, t)
	}
	return tags, rows.Err()
}
