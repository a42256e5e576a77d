package test

import (
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"hark/internal/database"
	"hark/internal/posts"
	"hark/internal/queue"
)

// newFilled prepares a blog of many posts, an hour apart, that is not started. The
// posts are saved as the program saves them; nobody is told. Later settings win.
func newFilled(b *testing.B, n int, settings ...string) *site {
	b.Helper()
	s := newSite(b, settings...)
	s.data = s.setting("HARK_DATA")
	if _, err := os.Stat(filepath.Join(s.data, "hark.db")); err == nil {
		return s // filled before
	}
	s.owner()
	db, err := database.Open(b.Context(), database.Options{Dir: s.data})
	if err != nil {
		b.Fatal(err)
	}
	var author string
	if err := db.QueryRow(b.Context(), "SELECT id FROM users").Scan(&author); err != nil {
		b.Fatal(err)
	}
	store := posts.New(db, queue.New(db, slog.New(slog.DiscardHandler), time.Now), s.url, time.Now)
	var next atomic.Int64
	var filling sync.WaitGroup
	begun := time.Now()
	for range 16 { // they share commits
		filling.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				p := posts.Post{
					AuthorID: author, Status: posts.Published, Title: fmt.Sprintf("Post %d", i), Content: prose(i),
					Tags: []string{fmt.Sprintf("tag%d", i%50)}, Published: begun.Add(-time.Duration(n-i) * time.Hour),
				}
				if err := store.Save(b.Context(), &p); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	filling.Wait()
	err = db.InTx(b.Context(), func(tx *database.Tx) error {
		_, err := tx.Exec("DELETE FROM jobs")
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
	if err := db.Close(); err != nil {
		b.Fatal(err)
	}
	return s
}

// prose is the text of a post: "the" in each, "and" in every second, a rare word in
// few, and 60 words that are as often as those of a language.
func prose(i int) string {
	random := rand.New(rand.NewPCG(uint64(i), 2))
	often := rand.NewZipf(random, 1.1, 4, 20_000)
	words := []string{"the"}
	for range 60 {
		words = append(words, fmt.Sprintf("%xth", often.Uint64()))
	}
	if i%2 == 0 {
		words = append(words, "and")
	}
	if i%10_000 == 7 {
		words = append(words, "quicksilver", "weather")
	}
	return strings.Join(words, " ") + "."
}
