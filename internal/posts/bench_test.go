package posts

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"hark/internal/database"
	"hark/internal/queue"
)

// bench is a store with a clock that the test moves.
type bench struct {
	*Store
	db    *database.DB
	clock atomic.Int64
}

func newBench(t testing.TB) *bench {
	t.Helper()
	b := &bench{db: database.Test(t)}
	b.clock.Store(time.Date(2026, 11, 23, 14, 5, 0, 0, time.UTC).Unix())
	now := func() time.Time { return time.Unix(b.clock.Load(), 0) }
	b.Store = New(b.db, queue.New(b.db, slog.New(slog.DiscardHandler), now), "https://blog.example", now)
	err := b.db.InTx(context.Background(), func(tx *database.Tx) error {
		_, err := tx.Exec("INSERT INTO users (id, name, display_name, role, password, created_at) VALUES ('wren', 'wren', 'Wren', 'owner', '', 0)")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func (b *bench) now() time.Time       { return time.Unix(b.clock.Load(), 0).UTC() }
func (b *bench) pass(d time.Duration) { b.clock.Add(int64(d / time.Second)) }

// save saves a post that must be good.
func (b *bench) save(t testing.TB, p *Post) *Post {
	t.Helper()
	p.AuthorID = "wren"
	if err := b.Save(t.Context(), p); err != nil {
		t.Fatalf("saving %q: %v", p.Name(), err)
	}
	return p
}

// publish publishes a text, with a title or without.
func (b *bench) publish(t testing.TB, title, content string) *Post {
	t.Helper()
	return b.save(t, &Post{Status: Published, Title: title, Content: content})
}

func (b *bench) draft(t testing.TB, content string) *Post {
	t.Helper()
	return b.save(t, &Post{Status: Draft, Content: content})
}

// preview fills what follows from a post's words.
func (b *bench) preview(t testing.TB, p *Post) {
	t.Helper()
	if err := b.Preview(t.Context(), p); err != nil {
		t.Fatal(err)
	}
}

// read reads a post that must be there.
func (b *bench) read(t testing.TB, id string) *Post {
	t.Helper()
	p, err := b.ByID(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// list reads a list's titles or texts.
func (b *bench) list(t testing.TB, l List) (names []string) {
	t.Helper()
	posts, err := b.List(t.Context(), l)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range posts {
		names = append(names, p.Name())
	}
	return names
}

// jobs is how many jobs wait for those who tell others; they are then taken for done.
func (b *bench) jobs(t testing.TB) (n int64) {
	t.Helper()
	err := b.db.InTx(t.Context(), func(tx *database.Tx) (err error) {
		n, err = tx.Exec("DELETE FROM jobs WHERE kind = $1", string(Changed))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// touched is by how much the numbers of the post and of the lists moved while f ran.
func (b *bench) touched(t testing.TB, id string, f func()) (post, lists uint64) {
	t.Helper()
	read := func() []uint64 {
		numbers, err := b.db.Generations(t.Context(), Generation(id), Lists)
		if err != nil {
			t.Fatal(err)
		}
		return numbers
	}
	before := read()
	f()
	after := read()
	return after[0] - before[0], after[1] - before[1]
}

// refused expects an *Invalid for the field, and that nothing was kept of it.
func (b *bench) refused(t testing.TB, p *Post, field string) {
	t.Helper()
	before := b.everything(t)
	p.AuthorID = "wren"
	id, version, path := p.ID, p.Version, p.Path
	err := b.Save(t.Context(), p)
	var invalid *Invalid
	if !errors.As(err, &invalid) || invalid.Field != field || invalid.Text == "" {
		t.Errorf("saving %.40q gave %v, want the field %s refused", p.Title+p.Content, err, field)
	}
	if p.ID != id || p.Version != version || p.Path != path {
		t.Errorf("the refused post was changed: %s version %d at %s", p.ID, p.Version, p.Path)
	}
	if after := b.everything(t); after != before {
		t.Errorf("refusing %s left something: %s, then %s", field, before, after)
	}
}

// everything counts the rows that the store and its jobs have.
func (b *bench) everything(t testing.TB) (counts string) {
	t.Helper()
	for _, query := range []string{
		"SELECT count(*) FROM posts", "SELECT coalesce(sum(version), 0) FROM posts",
		"SELECT count(*) FROM paths", "SELECT count(*) FROM tags", "SELECT count(*) FROM jobs",
	} {
		var n int
		if err := b.db.QueryRow(t.Context(), query).Scan(&n); err != nil {
			t.Fatal(err)
		}
		counts += fmt.Sprint(n, " ")
	}
	return counts
}
