package media

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"hark/internal/database"
)

// ErrInUse says that a file stays because something names it: Uses tells what.
var ErrInUse = errors.New("the file is in use")

// Despite says which uses of a file do not keep it.
type Despite int

// From none on, each goes beyond the one before.
const (
	NoUse      Despite = iota
	EarlierUse         // in earlier versions of posts
	AnyUse
)

// usedBy are the tables of what names files.
var usedBy = [...]string{"post_files", "copy_files", "template_files", "revision_files"}

// Delete takes a file away that an account has uploaded; with an empty account, from
// all who have. As long as another has uploaded it too, it stays for them. The last
// one takes the file itself: while anything else names it than what it goes despite of,
// that is ErrInUse. What is not there is ErrNotFound.
func (s *Store) Delete(ctx context.Context, key, account string, despite Despite) error {
	f, err := s.File(ctx, key)
	if err != nil {
		return err
	}
	places, err := s.places(ctx)
	if err != nil {
		return fmt.Errorf("delete a file: %w", err)
	}
	named := len(places[key]) > 0 && despite != AnyUse
	s.placing.Lock()
	defer s.placing.Unlock()
	gone := false
	err = s.db.InTx(ctx, func(tx *database.Tx) (err error) {
		gone, err = forget(tx, key, account, named, despite)
		return err
	})
	if err != nil || !gone {
		return err
	}
	return s.remove(f)
}

// forget takes back that an account has uploaded a file, and the file itself if it
// was the last to have it. That one may not go if it is named besides.
func forget(tx *database.Tx, key, account string, named bool, despite Despite) (gone bool, err error) {
	if err := hold(tx, key); err != nil {
		return false, err
	}
	n, err := tx.Exec("DELETE FROM uploads WHERE file_key = $1 AND (author_id = $2 OR $2 = '')", key, account)
	if err != nil {
		return false, fmt.Errorf("delete a file: %w", err)
	}
	if n == 0 {
		return false, ErrNotFound
	}
	var others bool
	if err := tx.QueryRow("SELECT EXISTS (SELECT 1 FROM uploads WHERE file_key = $1)", key).Scan(&others); err != nil {
		return false, fmt.Errorf("delete a file: %w", err)
	}
	if others {
		return false, nil
	}
	used, err := isUsed(tx, key, despite)
	if err != nil {
		return false, err
	}
	if used || named {
		return false, ErrInUse // and so nothing is forgotten
	}
	if _, err := tx.Exec("DELETE FROM files WHERE key = $1", key); err != nil {
		return false, fmt.Errorf("delete a file: %w", err)
	}
	return true, nil
}

// isUsed tells whether a file is used otherwise than it may be.
func isUsed(tx *database.Tx, key string, despite Despite) (used bool, err error) {
	keeping := usedBy[:]
	switch despite {
	case EarlierUse:
		keeping = keeping[:len(keeping)-1]
	case AnyUse:
		return false, nil
	}
	for _, table := range keeping {
		if err := tx.QueryRow("SELECT EXISTS (SELECT 1 FROM "+table+" WHERE file_key = $1)", key).Scan(&used); err != nil || used {
			return used, err
		}
	}
	return false, nil
}

// remove takes a file and its sizes from the disk. Should hark end before it is done, Sweep does it.
func (s *Store) remove(f *File) error {
	names := []string{f.Stored()}
	for _, width := range f.sizes() {
		names = append(names, f.sized(width))
	}
	for _, name := range names {
		if err := s.root.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("remove a file: %w", err)
		}
	}
	return nil
}
