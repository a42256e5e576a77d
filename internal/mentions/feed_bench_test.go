package mentions

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"hark/internal/database"
	"hark/internal/mf2"
)

// audience is a site with 100,000 answers to 10,000 posts of 10 KB and 50,000 to one
// more, which came a minute apart.
func (w *world) audience(b *testing.B) (busy string) {
	const posts, answers, more = 10_000, 100_000, 50_000
	first := database.Number(database.NewID())
	minute := int64(1)
	for database.NumberTime(first+minute).Sub(database.NumberTime(first)) < time.Minute {
		minute *= 2
	}
	ids := make([]string, posts)
	text := strings.Repeat("Words of a post. ", 600)
	err := w.db.InTx(b.Context(), func(tx *database.Tx) error {
		for n := range ids {
			ids[n] = database.NewID()
			if _, err := tx.Exec(`
				INSERT INTO posts (id, author_id, status, kind, path, slug, title, content, properties, html, summary, words, version, created_at, published_at, updated_at, deleted_at)
				VALUES ($1, $2, 'published', 'note', $3, '', '', $4, 'null', $4, '', 0, 1, $5, $5, $5, 0)`,
				ids[n], w.author, fmt.Sprintf("/2020/%d", n), text, 1_600_000_000+n); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	p := w.post("Busy.")
	kinds := []mf2.Kind{mf2.Reply, mf2.Like, mf2.Like, mf2.Repost, mf2.Mention}
	err = w.db.InTx(b.Context(), func(tx *database.Tx) error {
		for n := range answers + more {
			post := p.ID
			if n%3 > 0 {
				post = ids[n*7%posts]
			}
			id := database.AfterNumber(first + int64(n)*minute)
			if _, err := tx.Exec(`
				INSERT INTO mentions (id, post_id, source_key, source, target, via, address, state, reason, refusal, checking, strikes, struck_at,
					kind, author_name, author_url, title, html, rsvp, changed, published_at, received_at, verified_at, decided_at)
				VALUES ($1, $2, $3, $3, '', 'webmention', '', 'shown', '', '', FALSE, 0, 0, $4, 'Reader', '', '', $5, '', '', $6, $6, $6, 0)`,
				id, post, fmt.Sprintf("reader%d.example/", n), string(kinds[n%len(kinds)]),
				"<p>I keep a jar as well, and lose a good two millimetres a week to the sun in July.</p>", database.NumberTime(database.Number(id)).Unix()); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	if w.db.Postgres() {
		w.exec("ANALYZE") // as it does by itself after a while
	}
	return ours(p)
}

// BenchmarkSelect measures what programs may ask for, the first part of an answer and
// the deepest.
func BenchmarkSelect(b *testing.B) {
	w := newWorld(b)
	busy := w.audience(b)
	var deep []*Mention
	for _, targets := range [][]string{nil, {busy}} {
		last, err := w.inbox.Select(b.Context(), Selection{Targets: targets, Offset: 9_999, Limit: 1})
		if err != nil {
			b.Fatal(err)
		}
		deep = append(deep, last...)
	}
	for _, c := range []struct {
		name string
		s    Selection
	}{
		{"first", Selection{}},
		{"deepest", Selection{Offset: 10_000}},
		{"as deep by number", Selection{Before: deep[0].Number()}},
		{"likes", Selection{Kinds: []mf2.Kind{mf2.Like}}},
		{"likes deepest", Selection{Kinds: []mf2.Kind{mf2.Like}, Offset: 3_900}},
		{"by publication", Selection{By: ByPublished}},
		{"one post", Selection{Targets: []string{busy}}},
		{"one post deepest", Selection{Targets: []string{busy}, Offset: 10_000}},
		{"one post, as deep by number", Selection{Targets: []string{busy}, Before: deep[1].Number()}},
		{"one post likes", Selection{Targets: []string{busy}, Kinds: []mf2.Kind{mf2.Like}}},
	} {
		c.s.Limit = 100
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				if found, err := w.inbox.Select(b.Context(), c.s); err != nil || len(found) != c.s.Limit {
					b.Fatalf("%d, %v", len(found), err)
				}
			}
		})
	}
}
