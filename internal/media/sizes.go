package media

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strconv"
	"strings"

	"hark/internal/database"
	"hark/internal/picture"
	"hark/internal/queue"
)

// widths are the sizes that are made of photographs beside their own, in pixels: for
// a telephone, for a column of text, and for a screen with fine pixels.
var widths = []int{480, 960, 1600}

// toSize is the job that makes them, with the key of a file as its payload.
const toSize queue.Kind = "sizes"

// Work has small sizes of photographs made by jobs of this queue. Without it there are
// none, and the photographs themselves are served in their place.
func (s *Store) Work(q *queue.Queue) {
	s.queue = q
	q.Handle(toSize, 1, s.makeSizes)
}

// sizes are the widths in which a file is there beside its own: those that are smaller.
// Drawings have none, because they would seldom be less to load.
func (f *File) sizes() (all []int) {
	if f.Type != "image/jpeg" {
		return nil
	}
	for _, width := range widths {
		if width < f.Width {
			all = append(all, width)
		}
	}
	return all
}

// sized is the name of a file in a width, among the files.
func (f *File) sized(width int) string {
	return f.Key + "-" + strconv.Itoa(width) + "." + endings[f.Type]
}

// makeSizes makes what is missing of the sizes of a file.
func (s *Store) makeSizes(ctx context.Context, job queue.Job) error {
	var key string
	if err := json.Unmarshal(job.Payload, &key); err != nil {
		return queue.Permanent(err)
	}
	f, err := s.File(ctx, key)
	if errors.Is(err, ErrNotFound) {
		return nil // it was deleted
	}
	if err != nil {
		return err
	}
	var missing []int
	for _, width := range f.sizes() {
		if _, err := s.root.Stat(f.sized(width)); err != nil {
			missing = append(missing, width)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	switch err := full(s.scale(ctx, f, missing)); {
	case errors.Is(err, picture.ErrNotPicture), errors.Is(err, picture.ErrTooLarge), errors.Is(err, fs.ErrNotExist):
		return queue.Permanent(fmt.Errorf("make sizes of %s: %w", f.Stored(), err))
	case err != nil:
		return fmt.Errorf("make sizes of %s: %w", f.Stored(), err)
	}
	return nil
}

func (s *Store) scale(ctx context.Context, f *File, widths []int) error {
	file, err := s.root.Open(f.Stored())
	if err != nil {
		return err
	}
	defer file.Close()
	return s.pictures.Sizes(ctx, file, f.Bytes, widths, func(width int, write func(io.Writer) error) error {
		return s.keepSize(ctx, f, width, write)
	})
}

// keepSize writes a size and moves it to its place, if the file is still there.
func (s *Store) keepSize(ctx context.Context, f *File, width int, write func(io.Writer) error) error {
	temporary := unfinished + database.NewID()
	defer s.root.Remove(temporary) // it is gone by then, unless something went wrong
	file, err := s.root.OpenFile(temporary, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer file.Close()
	out := bufio.NewWriterSize(file, 64<<10)
	if err := errors.Join(write(out), out.Flush(), file.Sync()); err != nil {
		return err
	}
	s.placing.Lock()
	defer s.placing.Unlock()
	if _, err := s.File(ctx, f.Key); errors.Is(err, ErrNotFound) {
		return nil
	} else if err != nil {
		return err
	}
	return s.root.Rename(temporary, f.sized(width))
}

// parseStored takes apart the name of a file: its key, and the width if it is not its
// own.
func parseStored(name string) (key string, width int, ok bool) {
	base, ending, _ := strings.Cut(name, ".")
	key, size, small := strings.Cut(base, "-")
	if len(key) != keyLength || !startsWithKey(key) || !isEnding(ending) {
		return "", 0, false
	}
	if small {
		var err error
		if width, err = strconv.Atoi(size); err != nil || strconv.Itoa(width) != size {
			return "", 0, false
		}
	}
	return key, width, true
}

func isEnding(ending string) bool {
	for _, known := range endings {
		if ending == known {
			return true
		}
	}
	return false
}

// orderSizes leaves jobs for the photographs of which a size is not among the names
// that lie there.
func (s *Store) orderSizes(ctx context.Context, lying map[string]bool) error {
	if s.queue == nil {
		return nil
	}
	rows, err := s.db.Query(ctx, "SELECT "+columns+" FROM files WHERE type = 'image/jpeg' AND width > $1", widths[0])
	if err != nil {
		return fmt.Errorf("look for sizes: %w", err)
	}
	defer rows.Close()
	var wanting []string
	for rows.Next() {
		f, err := scan(rows)
		if err != nil {
			return fmt.Errorf("look for sizes: %w", err)
		}
		for _, width := range f.sizes() {
			if !lying[f.sized(width)] && lying[f.Stored()] {
				wanting = append(wanting, f.Key)
				break
			}
		}
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil || len(wanting) == 0 {
		return err
	}
	return s.db.InTx(ctx, func(tx *database.Tx) error {
		for _, key := range wanting {
			if err := s.queue.Enqueue(tx, toSize, key); err != nil {
				return err
			}
		}
		return nil
	})
}
