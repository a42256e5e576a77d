package auth

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strconv"
	"strings"

	"github.com/gosimple/slug"

	"hark/internal/database"
)

// NameAuthors gives a page's address to everybody who has none: who was there
// before pages were.
func NameAuthors(ctx context.Context, db *database.DB) error {
	err := db.InTx(ctx, func(tx *database.Tx) error {
		rows, err := tx.Query("SELECT " + profileColumns + " FROM users WHERE address = '' ORDER BY created_at, id")
		if err != nil {
			return err
		}
		var nameless []*Profile
		defer rows.Close()
		for rows.Next() {
			p, err := scanProfile(rows)
			if err != nil {
				return err
			}
			nameless = append(nameless, p)
		}
		if err := errors.Join(rows.Err(), rows.Close()); err != nil {
			return err
		}
		for _, p := range nameless {
			if err := nameAuthor(tx, p.UserID, p.DisplayName); err != nil {
				return err
			}
			tx.Touch(People)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("give pages to those who write: %w", err)
	}
	return nil
}

// nameAuthor gives somebody's page the first address made from their name that is
// free, or theirs already. Those it had stay theirs, and lead to it.
func nameAuthor(tx *database.Tx, userID, display string) error {
	for name := range pageNames(display, userID) {
		n, err := tx.Exec(`
			INSERT INTO author_names (name, user_id) VALUES ($1, $2)
			ON CONFLICT (name) DO UPDATE SET user_id = excluded.user_id WHERE author_names.user_id = excluded.user_id`, name, userID)
		if err != nil {
			return err
		}
		if n == 1 {
			return settleName(tx, userID, name)
		}
	}
	return fmt.Errorf("no address is free for the page of %s", display)
}

// mostNames bounds the addresses of one page: nobody needs so many, and nobody else
// gets them any more.
const mostNames = 50

func settleName(tx *database.Tx, userID, name string) error {
	var n int
	if err := tx.QueryRow("SELECT COUNT(*) FROM author_names WHERE user_id = $1", userID).Scan(&n); err != nil {
		return err
	}
	if n > mostNames {
		return &Invalid{"display", fmt.Sprintf("You have had %d names already, each of which leads to your page. Choose one of them.", mostNames)}
	}
	_, err := tx.Exec("UPDATE users SET address = $1 WHERE id = $2", name, userID)
	return err
}

// pageNames yields the addresses to try, best first. They are made from the name
// that is shown, and not from the one to sign in with, which is nobody's business.
func pageNames(display, userID string) iter.Seq[string] {
	base := slug.Make(display)
	base = strings.Trim(base[:min(len(base), 60)], "-_")
	if !pageForm.MatchString(base) {
		base = "writer"
	}
	return func(yield func(string) bool) {
		if !yield(base) {
			return
		}
		for n := 2; n <= 20; n++ {
			if !yield(base + "-" + strconv.Itoa(n)) {
				return
			}
		}
		yield(base + "-" + strings.ToLower(userID[max(0, len(userID)-8):]))
	}
}
