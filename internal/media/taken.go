package media

import (
	"context"
	"io"
	"time"

	"hark/internal/database"
)

// Taken is a file that has come, made anew if it is a picture, and is not yet kept:
// what it belongs to may be refused. One of Keep and Drop ends it; Drop after Keep
// does nothing.
type Taken struct {
	File      *File // as it would be kept
	store     *Store
	temporary string
}

// Take reads a file to its end. What is not taken is an *Invalid.
func (s *Store) Take(ctx context.Context, body io.Reader, name, authorID string) (*Taken, error) {
	t := &Taken{
		File:      &File{Name: cleanName(name), AuthorID: authorID, Created: s.now().UTC().Truncate(time.Second)},
		store:     s,
		temporary: unfinished + database.NewID(),
	}
	if err := s.take(ctx, body, t.temporary, t.File); err != nil {
		t.Drop()
		return nil, full(err)
	}
	return t, nil
}

// Keep keeps the file. The same file again is the one that is there; who brings it
// has uploaded it, too.
func (t *Taken) Keep(ctx context.Context) (*File, error) {
	t.store.placing.Lock()
	defer t.store.placing.Unlock()
	if err := t.store.settle(t.temporary, t.File); err != nil {
		return nil, full(err)
	}
	return t.store.remember(ctx, t.File)
}

// Drop lets go of a file that is not kept. Sweep does it for one that nobody drops.
func (t *Taken) Drop() { t.store.root.Remove(t.temporary) }
