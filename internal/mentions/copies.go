package mentions

import (
	"errors"
	"fmt"
	"slices"

	"hark/internal/database"
	"hark/internal/posts"
)

// copyMade is what is said of a delivery whose receiver has made a copy of the post,
// which has the address in Location.
const copyMade = "It has made a copy."

// noteCopy has the post link to a copy that was made of it.
func (o *Outbox) noteCopy(tx *database.Tx, d *Delivery) error {
	if err := o.posts.Copied(tx, d.PostID, d.Location); err != nil && !errors.Is(err, posts.ErrNotFound) {
		return err
	}
	if _, err := tx.Exec("UPDATE deliveries SET said = $1 WHERE id = $2", copyMade, d.ID); err != nil {
		return fmt.Errorf("note copy: %w", err)
	}
	return nil
}

// hasCopy tells whether a place has made a copy of the post: it is not asked for a
// second one.
func (c *change) hasCopy(target string, row *Delivery) bool {
	return row.State == Sent && row.Said == copyMade && slices.Contains(c.post.CopiesTo(), target)
}
