package auth

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"hark/internal/database"
)

const (
	longestName    = 64
	longestDisplay = 100
)

// Add makes a user. What is wrong with the name, the password or the role is
// told by an *Invalid.
func (g *Gate) Add(ctx context.Context, name, display, password, role string) (*User, error) {
	u, hash, err := g.prepare(ctx, name, display, password, role)
	if err != nil {
		return nil, err
	}
	err = g.db.InTx(ctx, func(tx *database.Tx) error {
		if role == Owner {
			if _, err := tx.Exec("DELETE FROM setup"); err != nil {
				return err
			}
		}
		tx.Touch(People)
		return insert(tx, u, hash)
	})
	if err != nil {
		return nil, fmt.Errorf("add the user %s: %w", u.Name, err)
	}
	return u, nil
}

// SetPassword gives a user another password and ends all sessions made with the
// old one, and the logins begun with it. One-time codes stay on.
func (g *Gate) SetPassword(ctx context.Context, name, password string) error {
	u, _, err := g.account(ctx, signIn(name))
	if err != nil {
		return err
	}
	if err := checkPassword(password, u.Name, u.DisplayName); err != nil {
		return err
	}
	hash, err := g.hasher.hash(ctx, password)
	if err != nil {
		return err
	}
	err = g.db.InTx(ctx, func(tx *database.Tx) error {
		if err := replacePassword(tx, u.ID, hash, ""); err != nil {
			return err
		}
		return g.log.note(tx, u.ID, event{what: PasswordChanged, how: byCommand})
	})
	if err != nil {
		return fmt.Errorf("change the password of %s: %w", u.Name, err)
	}
	return nil
}

// replacePassword ends all that was begun with the old one, but for the session
// whose token is kept.
func replacePassword(tx *database.Tx, userID, hash, kept string) error {
	if _, err := tx.Exec("UPDATE users SET password = $1 WHERE id = $2", hash, userID); err != nil {
		return err
	}
	for _, table := range []string{"pending_logins", "links", "authorizations"} {
		if _, err := tx.Exec("DELETE FROM "+table+" WHERE user_id = $1", userID); err != nil {
			return err
		}
	}
	_, err := tx.Exec("DELETE FROM sessions WHERE user_id = $1 AND token_hash <> $2", userID, digest(kept))
	return err
}

// HasOwner reports whether the owner's account is made.
func (g *Gate) HasOwner(ctx context.Context) (bool, error) {
	var owners int
	err := g.db.QueryRow(ctx, "SELECT COUNT(*) FROM users WHERE role = $1", Owner).Scan(&owners)
	if err != nil {
		return false, fmt.Errorf("look for the owner: %w", err)
	}
	return owners > 0, nil
}

// prepare checks what a person chose and makes the user of it.
func (g *Gate) prepare(ctx context.Context, name, display, password, role string) (*User, string, error) {
	display = strings.TrimSpace(display)
	if display == "" {
		display = strings.TrimSpace(name)
	}
	name = signIn(name)
	switch {
	case !validName(name):
		return nil, "", &Invalid{"name", fmt.Sprintf("A name for signing in has letters a to z, digits and . _ @ + -, "+
			"begins with a letter or a digit, and is at most %d long.", longestName)}
	case !validDisplay(display):
		return nil, "", tooLongDisplay()
	}
	if err := validRole(role); err != nil {
		return nil, "", err
	}
	if err := checkPassword(password, name, display); err != nil {
		return nil, "", err
	}
	hash, err := g.hasher.hash(ctx, password)
	if err != nil {
		return nil, "", err
	}
	return &User{
		ID:          database.NewID(),
		Name:        name,
		DisplayName: display,
		Role:        role,
		Created:     time.Unix(g.now().Unix(), 0),
	}, hash, nil
}

// IsOwner tells whether a user is an owner. Who is not there is none.
func IsOwner(ctx context.Context, db *database.DB, userID string) (owner bool, err error) {
	err = db.QueryRow(ctx, "SELECT EXISTS (SELECT 1 FROM users WHERE id = $1 AND role = $2)", userID, Owner).Scan(&owner)
	if err != nil {
		return false, fmt.Errorf("read role: %w", err)
	}
	return owner, nil
}

func insert(tx *database.Tx, u *User, hash string) error {
	rows, err := tx.Exec(`
		INSERT INTO users (id, name, display_name, role, password, created_at)
		VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (name) DO NOTHING`,
		u.ID, u.Name, u.DisplayName, u.Role, hash, u.Created.Unix())
	if err != nil {
		return err
	}
	if rows == 0 {
		return &Invalid{"name", "That name is taken."}
	}
	return nameAuthor(tx, u.ID, u.DisplayName)
}

// signIn is the name as it is kept, from the name as it is typed.
func signIn(name string) string { return strings.ToLower(strings.TrimSpace(name)) }

func validName(name string) bool {
	if name == "" || len(name) > longestName || strings.Trim(name[:1], "._@+-") == "" {
		return false
	}
	for _, c := range name {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && !strings.ContainsRune("._@+-", c) {
			return false
		}
	}
	return true
}

func validDisplay(display string) bool {
	return utf8.ValidString(display) && utf8.RuneCountInString(display) <= longestDisplay &&
		!strings.ContainsFunc(display, unicode.IsControl)
}
