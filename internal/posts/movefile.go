package posts

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"hark/internal/database"
	"hark/internal/media"
)

// MoveFile has a post name a file by another address, wherever it names it, and tells
// its readers. It is no new version: nobody has written anything, and who is writing
// meanwhile is not held up. A save that brings the old address back has the file
// brought again.
func (s *Store) MoveFile(tx *database.Tx, id, from, to string) error {
	if err := s.amend(tx, id, func(p Properties) bool { return p.moveFile(from, to) }); err != nil {
		return err
	}
	gone, err := media.Missing(tx, s.render.home, nil, to)
	if gone != "" {
		err = fmt.Errorf("amend post %s: the file %s is not there any more", id, gone)
	}
	return err
}

// amend changes properties of a post without making it a new version, and tells its
// readers. change says whether it has changed anything.
func (s *Store) amend(tx *database.Tx, id string, change func(Properties) bool) error {
	p := Post{Properties: Properties{}}
	var properties string
	err := tx.QueryRow("UPDATE posts SET status = status WHERE id = $1 RETURNING path, content, properties", id).Scan(&p.Path, &p.Content, &properties)
	if errors.Is(err, sql.ErrNoRows) {
		return ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("amend post %s: %w", id, err)
	}
	if err := json.Unmarshal([]byte(properties), &p.Properties); err != nil {
		return fmt.Errorf("properties of post %s: %w", id, err)
	}
	if p.Properties == nil || !change(p.Properties) {
		return nil
	}
	amended, err := json.Marshal(p.Properties)
	if err != nil {
		return fmt.Errorf("amend post %s: %w", id, err)
	}
	if _, err := tx.Exec("UPDATE posts SET properties = $1 WHERE id = $2", string(amended), id); err != nil {
		return fmt.Errorf("amend post %s: %w", id, err)
	}
	if err := media.Use(tx, id, p.Content, string(amended)); err != nil {
		return err
	}
	if p.Path != "" {
		tx.Touch(Generation(id), Lists)
	}
	return nil
}
