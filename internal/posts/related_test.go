package posts

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"hark/internal/database"
)

func (b *bench) related(t *testing.T, p *Post) []string {
	t.Helper()
	found, err := b.Related(t.Context(), p, 3)
	if err != nil {
		t.Fatal(err)
	}
	names := []string{}
	for _, one := range found {
		names = append(names, one.Called(nil))
	}
	return names
}

func TestRelatedPostsShareTheMostTagsThenAreTheNewest(t *testing.T) {
	b := newBench(t)
	save := func(title string, age int, visibility Visibility, tags ...string) *Post {
		return b.save(t, &Post{Status: Published, Title: title, Content: "x", Tags: tags, Visibility: visibility, Published: b.now().Add(-time.Duration(age) * time.Hour)})
	}
	p := save("This", 5, "", "Rain", "jars", "gauges")
	save("Two, old", 9, "", "rain", "jars")
	save("One, new", 1, "", "jars")
	save("One, old", 8, "", "gauges", "snow")
	save("One, oldest", 10, "", "gauges")
	save("None", 2, "", "snow")
	save("Secret", 1, Private, "rain", "jars", "gauges")
	save("Unlisted", 1, Unlisted, "rain", "jars", "gauges")
	gone := save("Gone", 1, "", "rain", "jars", "gauges")
	if err := b.Delete(t.Context(), gone.ID); err != nil {
		t.Fatal(err)
	}
	b.save(t, &Post{Status: Draft, Title: "Draft", Content: "x", Tags: []string{"rain", "jars"}})
	if got := fmt.Sprintf("%q", b.related(t, p)); got != `["Two, old" "One, new" "One, old"]` {
		t.Errorf("related are %s", got)
	}
	if got := b.related(t, save("Bare", 3, "")); len(got) != 0 {
		t.Errorf("to a post without tags are related %q", got)
	}
	for range 10 {
		save("Hidden", 1, Private, "rain", "jars", "gauges")
	}
	if got := fmt.Sprintf("%q", b.related(t, p)); got != `["Two, old" "One, new" "One, old"]` {
		t.Errorf("among many that are hidden, related are %s", got)
	}
	many := save("Many", 3, "", "rain", "a", "b", "c", "d", "e", "f", "g", "h", "i")
	if got := b.related(t, many); len(got) != 2 {
		t.Errorf("to a post with many tags are related %q", got)
	}
}

// BenchmarkRelated looks for the posts that share two tags with one, among 10,000
// long ones that all have both.
func BenchmarkRelated(b *testing.B) {
	s := newBench(b)
	long := strings.Repeat(words400, 4)
	var p *Post
	err := s.db.InTx(b.Context(), func(tx *database.Tx) error {
		for i := range 10_000 {
			p = &Post{ID: fmt.Sprintf("p%05d", i), AuthorID: "wren", Status: Published, Kind: Note, Published: s.now().Add(-time.Duration(i) * time.Hour), Tags: []string{"rain", "jars"}}
			if _, err := tx.Exec(`
				INSERT INTO posts (id, author_id, status, kind, path, slug, title, content, properties, html, summary, words, version, created_at, published_at, updated_at, deleted_at)
				VALUES ($1, 'wren', 'published', 'note', $2, '', '', $3, 'null', $3, 'Words.', 1, 1, $4, $4, $4, 0)`,
				p.ID, "/2026/"+p.ID, long, p.Published.Unix()); err != nil {
				return err
			}
			for n, tag := range p.Tags {
				if _, err := tx.Exec("INSERT INTO tags (post_id, tag, name, position) VALUES ($1, $2, $2, $3)", p.ID, tag, n); err != nil {
					return err
				}
			}
			if err := s.index(tx, p); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if found, err := s.Related(b.Context(), p, 3); err != nil || len(found) != 3 {
			b.Fatal(found, err)
		}
	}
}
