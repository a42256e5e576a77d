package media

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"hark/internal/database"
	"hark/internal/picture"
	"hark/internal/queue"
)

// Store owns the tables files, uploads, and those of usedBy, and the directory that
// files lie in. New is its only door.
type Store struct {
	db       *database.DB
	root     *os.Root
	pictures *picture.Maker
	now      func() time.Time
	queue    *queue.Queue // nil where nobody works
	besides  Besides      // nil for nowhere

	placing sync.Mutex // held while a file comes to its place, or goes from it
}

// New opens the directory for files, and makes it where it is missing. Nothing that
// is read or written through it can lie elsewhere. Files are used by what the rooms
// above Use them for, and besides.
func New(db *database.DB, dir string, pictures *picture.Maker, besides Besides, now func() time.Time) (*Store, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the directory for files: %w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("open the directory for files: %w", err)
	}
	return &Store{db: db, root: root, pictures: pictures, besides: besides, now: now}, nil
}

// Close lets go of the directory.
func (s *Store) Close() error { return s.root.Close() }

// Save keeps a file. Pictures are made anew, so that nothing is left in them but what
// they show; all others stay as they are. What is not taken is an *Invalid. The same
// file again is the one that is there; who brings it has uploaded it, too.
func (s *Store) Save(ctx context.Context, body io.Reader, name, authorID string) (*File, error) {
	t, err := s.Take(ctx, body, name, authorID)
	if err != nil {
		return nil, err
	}
	defer t.Drop()
	return t.Keep(ctx)
}

// take writes what comes to the disk, and finds out what it is.
func (s *Store) take(ctx context.Context, body io.Reader, temporary string, f *File) error {
	file, err := s.root.OpenFile(temporary, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("keep a file: %w", err)
	}
	defer func() { file.Close() }() // whichever it is by then
	if f.Bytes, err = io.Copy(file, io.LimitReader(body, MaxBytes+1)); err != nil {
		return fmt.Errorf("keep a file: %w", err)
	}
	if f.Bytes > MaxBytes {
		return &Invalid{Text: TooLarge(), Large: true}
	}
	head := make([]byte, headBytes)
	n, err := file.ReadAt(head, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("keep a file: %w", err)
	}
	switch f.Type = kindOf(head[:n]); f.Type {
	case "":
		return &Invalid{Text: whyNot(head[:n])}
	case "image":
		anew, err := s.redraw(ctx, file, temporary, f)
		if err != nil {
			return err
		}
		file.Close()
		file = anew
	}
	return s.seal(file, f)
}

// redraw puts the picture made anew in place of what came, and returns it open.
func (s *Store) redraw(ctx context.Context, came *os.File, temporary string, f *File) (*os.File, error) {
	anew := temporary + "-anew"
	defer s.root.Remove(anew) // it has another name by then, unless something went wrong
	file, err := s.root.OpenFile(anew, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, fmt.Errorf("keep a picture: %w", err)
	}
	if err := s.draw(ctx, came, file, f); err != nil {
		file.Close()
		return nil, err
	}
	if err := s.root.Rename(anew, temporary); err != nil {
		file.Close()
		return nil, fmt.Errorf("keep a picture: %w", err)
	}
	return file, nil
}

// draw makes a picture anew.
func (s *Store) draw(ctx context.Context, came, file *os.File, f *File) error {
	made, err := s.pictures.Whole(ctx, came, f.Bytes, file)
	switch {
	case errors.Is(err, picture.ErrTooCostly):
		return &Invalid{Text: "To read this picture would take too much memory. Save it with fewer pixels, or as a plain (not progressive) JPEG."}
	case errors.Is(err, picture.ErrTooLarge):
		return &Invalid{Text: "This picture is too large to be shown: 50 megapixels are the most. Make it smaller."}
	case errors.Is(err, picture.ErrNotPicture):
		return &Invalid{Text: "This picture cannot be read. It may be broken; save it anew, as JPEG or PNG."}
	case err != nil:
		return err
	}
	f.Type, f.Width, f.Height = made.Type, made.Width, made.Height
	f.Bytes, err = file.Seek(0, io.SeekEnd)
	if err != nil {
		return fmt.Errorf("keep a picture: %w", err)
	}
	return nil
}

// seal names a file by its bytes, and sees it on the disk.
func (s *Store) seal(file *os.File, f *File) error {
	sum := sha256.New()
	if _, err := io.Copy(sum, io.NewSectionReader(file, 0, f.Bytes)); err != nil {
		return fmt.Errorf("read a file: %w", err)
	}
	f.Key = hex.EncodeToString(sum.Sum(nil)[:16])
	if err := file.Sync(); err != nil {
		return fmt.Errorf("keep a file: %w", err)
	}
	return nil
}

// settle moves a finished file into its place. One with the same bytes may lie there.
func (s *Store) settle(temporary string, f *File) error {
	if err := s.root.Rename(temporary, f.Stored()); err != nil {
		return fmt.Errorf("keep a file: %w", err)
	}
	dir, err := s.root.Open(".")
	if err != nil {
		return fmt.Errorf("keep a file: %w", err)
	}
	defer dir.Close()
	if err := dir.Sync(); err != nil {
		return fmt.Errorf("keep a file: %w", err)
	}
	return nil
}

const columns = "key, name, type, bytes, width, height, author_id, created_at"

func scan(row interface{ Scan(...any) error }) (*File, error) {
	f := &File{}
	var created int64
	if err := row.Scan(&f.Key, &f.Name, &f.Type, &f.Bytes, &f.Width, &f.Height, &f.AuthorID, &created); err != nil {
		return nil, err
	}
	f.Created = database.Time(created)
	return f, nil
}

// File finds a file by its key.
func (s *Store) File(ctx context.Context, key string) (*File, error) {
	f, err := scan(s.db.QueryRow(ctx, "SELECT "+columns+" FROM files WHERE key = $1", key))
	if errors.Is(err, sql.ErrNoRows) {
		return nil, ErrNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("find a file: %w", err)
	}
	return f, nil
}

// Open finds a file by the name it is stored under, or one of its smaller sizes, and
// opens it for reading. lasting is false where a size is not made yet and the file
// itself stands in for it.
func (s *Store) Open(ctx context.Context, stored string) (f *File, file *os.File, lasting bool, err error) {
	key, width, ok := parseStored(stored)
	if !ok {
		return nil, nil, false, ErrNotFound
	}
	f, err = s.File(ctx, key)
	switch {
	case err != nil:
		return nil, nil, false, err
	case width == 0 && f.Stored() != stored, width != 0 && (f.sized(width) != stored || !slices.Contains(f.sizes(), width)):
		return nil, nil, false, ErrNotFound
	}
	file, err = s.root.Open(stored)
	lasting = true
	if width != 0 && errors.Is(err, fs.ErrNotExist) {
		file, err = s.root.Open(f.Stored())
		lasting = false
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, false, ErrNotFound
	}
	if err != nil {
		return nil, nil, false, fmt.Errorf("open a file: %w", err)
	}
	return f, file, lasting, nil
}

// unfinished begins the names of files that are still coming.
const unfinished = "new-"

// old is when a file that belongs to nothing is no upload any more that is under way.
const old = 24 * time.Hour

// Sweep removes what was cut off: what never came to its end, and files that were
// never remembered. A file in the table stays, always; sizes of it that are missing
// are made by jobs.
func (s *Store) Sweep(ctx context.Context) error {
	dir, err := s.root.Open(".")
	if err != nil {
		return fmt.Errorf("sweep the files: %w", err)
	}
	defer dir.Close()
	names, err := dir.Readdirnames(-1)
	if err != nil {
		return fmt.Errorf("sweep the files: %w", err)
	}
	lying := make(map[string]bool, len(names))
	for _, name := range names {
		lying[name] = true
	}
	if err := s.orderSizes(ctx, lying); err != nil {
		return err
	}
	for _, name := range names {
		if !isOurs(name) {
			continue
		}
		info, err := s.root.Stat(name)
		if err != nil || info.IsDir() || s.now().Sub(info.ModTime()) < old {
			continue
		}
		key, width, _ := parseStored(name)
		switch f, err := s.File(ctx, key); {
		case err == nil && (f.Stored() == name || slices.Contains(f.sizes(), width) && f.sized(width) == name):
		case err == nil, errors.Is(err, ErrNotFound):
			if err := s.root.Remove(name); err != nil {
				return fmt.Errorf("sweep the files: %w", err)
			}
		default:
			return err
		}
	}
	return nil
}

// isOurs tells whether a name is one that files get here.
func isOurs(name string) bool {
	_, _, ok := parseStored(name)
	return ok || strings.HasPrefix(name, unfinished)
}

// full names the want of room as all of hark does.
func full(err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return fmt.Errorf("%w (%w)", database.ErrFull, err)
	}
	return err
}

// longestName is of a file's name, in runes.
const longestName = 100

// cleanName is a name for people: its last part, on one line, not too long.
func cleanName(name string) string {
	name = filepath.Base(strings.ReplaceAll(strings.ToValidUTF8(name, "\ufffd"), "\\", "/"))
	name = strings.Map(printable, name)
	if runes := []rune(name); len(runes) > longestName {
		name = string(runes[:longestName-1]) + "…"
	}
	if name == "." || name == "/" {
		return ""
	}
	return name
}

// printable drops control characters, and those that turn the direction of writing.
func printable(r rune) rune {
	switch {
	case r == '\t' || r == '\n' || r == '\r':
		return ' '
	case r < ' ', r >= 0x7f && r < 0xa0, r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069:
		return -1
	}
	return r
}
