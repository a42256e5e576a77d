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

// Delete takes a file away that an account has uploaded; with an empty account, from
// all who have. As long as another has uploaded it too, it stays for them. The last
// one takes the file itself: while anything names it that is ErrInUse, unless it is
// forced. What is not there is ErrNotFound.
func (s *Store) Delete(ctx context.Context, key, account string, forced bool) error {
	f, err := s.File(ctx, key)
	if err != nil {
		return err
	}
	s.placing.Lock()
	defer s.placing.Unlock()
	gone := false
	err = s.db.InTx(ctx, func(tx *database.Tx) (err error) {
		gone, err = forget(tx, key, account, forced)
		return err
	})
	if err != nil || !gone {
		return err
	}
	return s.remove(f)
}

// forget takes back that an account has uploaded a file, and the file itself if it
// was the last to have it.
func forget(tx *database.Tx, key, account string, forced bool) (gone bool, err error) {
	n, err := tx.Exec("DELETE FROM uploads WHERE file_key = $1 AND (author_id = $2 OR $2 = '')", key, account)
	if err != nil {
		return false, fmt.Errorf("delete a file: %w", err)
	}
	if n == 0 {
		return false, ErrNotFound
	}
	var others, used bool
	err = tx.QueryRow(`
		SELECT EXISTS (SELECT 1 FROM uploads WHERE file_key = $1),
			EXISTS (SELECT 1 FROM post_files WHERE file_key = $1) OR EXISTS (SELECT 1 FROM copy_files WHERE file_key = $1)`, key).Scan(&others, &used)
	switch {
	case err != nil:
		return false, fmt.Errorf("delete a file: %w", err)
	case others:
		return false, nil
	case used && !forced:
		return false, ErrInUse // and so nothing is forgotten
	}
	if _, err := tx.Exec("DELETE FROM files WHERE key = $1", key); err != nil {
		return false, fmt.Errorf("delete a file: %w", err)
	}
	return true, nil
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
