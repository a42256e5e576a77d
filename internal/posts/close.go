package posts

import (
	"context"
	"fmt"
	"math"
	"path"
	"slices"
	"strings"
	"time"

	"hark/internal/database"
)

const (
	mostClose  = 5
	mostSlugs  = 1000 // that are looked at, the newest
	firstYear  = 1970 // of posts, as far as other addresses of a slug are looked for
	leastLong  = 4    // letters of an address that can be guessed at
	longestToo = 100  // … and the most
)

// Close are posts that everybody may find at addresses like one at which there is
// nothing: of another year or of none, mistyped, cut short; else those that have its
// words.
func (s *Store) Close(ctx context.Context, address string) ([]*Named, error) {
	slug := strings.TrimSuffix(path.Base(strings.TrimRight(address, "/.,;:)]>")), ".html")
	if len(slug) < leastLong || len(slug) > longestToo || strings.Trim(slug, "0123456789") == "" {
		return nil, nil
	}
	ids, err := s.sameSlug(ctx, slug)
	if err != nil {
		return nil, err
	}
	more, err := s.closeSlugs(ctx, path.Dir(strings.TrimRight(address, "/")), slug)
	if err != nil {
		return nil, err
	}
	if ids = append(ids, more...); len(ids) == 0 {
		if ids, err = s.withWords(ctx, slug); err != nil {
			return nil, err
		}
	}
	names, err := s.Named(ctx, ids...)
	if err != nil {
		return nil, err
	}
	var found []*Named
	for _, id := range ids {
		if n := names[id]; n != nil && len(found) < mostClose && !slices.Contains(found, n) {
			found = append(found, n)
		}
	}
	return found, nil
}

// sameSlug are the keys of posts that everybody may find and that are or were under
// a slug in some year, the newest first.
func (s *Store) sameSlug(ctx context.Context, slug string) (ids []string, err error) {
	var addresses []string
	for year := s.now().Year() + 1; year >= firstYear; year-- {
		addresses = append(addresses, fmt.Sprintf("/%d/%s", year, slug))
	}
	list, args := database.Among(addresses)
	rows, err := s.db.Query(ctx, "SELECT post_id FROM paths WHERE path IN ("+list+") AND NOT hidden AND "+Findable("post_id")+" ORDER BY path DESC", args...)
	if err != nil {
		return nil, fmt.Errorf("read addresses: %w", err)
	}
	return database.Column(rows)
}

// closeSlugs are the keys of posts of the year that the folder names, and of all if
// it is the root, which are or were under a slug that goes on, or that differs in a
// letter or two.
func (s *Store) closeSlugs(ctx context.Context, folder, slug string) (ids []string, err error) {
	from, to, some := yearsOf(folder)
	if !some {
		return nil, nil
	}
	rows, err := s.db.Query(ctx, `
		SELECT paths.path, posts.id
		FROM posts JOIN paths ON paths.post_id = posts.id
		WHERE posts.status = 'published' AND posts.listed AND posts.published_at >= $1 AND posts.published_at < $2
		ORDER BY posts.published_at DESC, posts.id DESC
		LIMIT $3`, from, to, mostSlugs)
	if err != nil {
		return nil, fmt.Errorf("read addresses: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var at, id string
		if err := rows.Scan(&at, &id); err != nil {
			return nil, err
		}
		if other := path.Base(at); strings.HasPrefix(other, slug) || alike(other, slug) {
			ids = append(ids, id)
		}
	}
	return ids[:min(len(ids), 4*mostClose)], rows.Err()
}

// yearsOf are the seconds between which posts were published that a folder may have.
func yearsOf(folder string) (from, to int64, some bool) {
	if folder == "/" {
		return math.MinInt64, math.MaxInt64, true
	}
	year, err := time.Parse("/2006", folder)
	return year.Unix(), year.AddDate(1, 0, 0).Unix(), err == nil
}

// withWords are the keys of posts that have all words of a slug.
func (s *Store) withWords(ctx context.Context, slug string) ([]string, error) {
	q, err := ParseQuery(strings.NewReplacer("-", " ", "_", " ", ":", " ", `"`, " ").Replace(slug), nil)
	if err != nil || len(q.Terms) == 0 {
		return nil, nil // there is no word in it
	}
	found, _, err := s.Search(ctx, q, 0, mostClose)
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(found))
	for i, p := range found {
		ids[i] = p.ID
	}
	return ids, nil
}

// alike tells whether two slugs differ by a letter in five at most, and by no more
// than two: letters that are others, too many or missing.
func alike(a, b string) bool {
	allowed := min(2, len(b)/5)
	if max(len(a), len(b))-min(len(a), len(b)) > allowed {
		return false
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, diagonal+1)
		}
	}
	return row[len(b)] <= allowed
}
