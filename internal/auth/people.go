package auth

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"hark/internal/authlog"
	"hark/internal/database"
)

// People is the name that moves when there are others who write, or one of them
// has another name.
const People = "people"

// Person is a user as the owner's list shows them.
type Person struct {
	User
	Off  time.Time // since when they are switched off; zero for not
	Seen time.Time // when a session of theirs was last seen, to the hour; zero for none
}

// People lists all users, the first one first.
func (g *Gate) People(ctx context.Context) ([]Person, error) {
	rows, err := g.db.Query(ctx, `
		SELECT `+userColumns+`, users.off_at, COALESCE((SELECT MAX(seen_at) FROM sessions WHERE user_id = users.id), 0)
		FROM users
		ORDER BY users.created_at, users.id`)
	if err != nil {
		return nil, fmt.Errorf("list people: %w", err)
	}
	defer rows.Close()
	var list []Person
	for rows.Next() {
		var off, seen int64
		u, err := scanUser(rows, &off, &seen)
		if err != nil {
			return nil, fmt.Errorf("list people: %w", err)
		}
		list = append(list, Person{*u, database.Time(off), database.Time(seen)})
	}
	return list, rows.Err()
}

// Names are the names to show of all who write here, by their keys.
func (g *Gate) Names(ctx context.Context) (map[string]string, error) {
	rows, err := g.db.Query(ctx, "SELECT id, display_name FROM users")
	if err != nil {
		return nil, fmt.Errorf("read names: %w", err)
	}
	defer rows.Close()
	names := map[string]string{}
	for rows.Next() {
		var id, name string
		if err := rows.Scan(&id, &name); err != nil {
			return nil, fmt.Errorf("read names: %w", err)
		}
		names[id] = name
	}
	return names, rows.Err()
}

// SetRole changes what somebody may do. The last owner stays one.
func (g *Gate) SetRole(ctx context.Context, by *User, userID, role string) error {
	if err := validRole(role); err != nil {
		return err
	}
	return g.changePerson(ctx, by, func(tx *database.Tx) (int64, error) {
		n, err := tx.Exec("UPDATE users SET role = $1 WHERE id = $2", role, userID)
		if err != nil || n == 0 {
			return n, err
		}
		if err := g.log.by(by).changed(tx, userID, RoleChanged, authlog.Method(role)); err != nil || May(role, Invite) {
			return n, err
		}
		return n, dropInvitations(tx, userID)
	})
}

// SwitchOff lets somebody in no more: sessions end, tokens are revoked. What they
// wrote stays. The last owner stays on.
func (g *Gate) SwitchOff(ctx context.Context, by *User, userID string) error {
	return g.changePerson(ctx, by, func(tx *database.Tx) (int64, error) {
		now := g.now().Unix()
		n, err := tx.Exec("UPDATE users SET off_at = $1 WHERE id = $2 AND off_at = 0", now, userID)
		if err != nil || n == 0 {
			return n, err
		}
		for _, table := range []string{"sessions", "devices", "pending_logins", "links", "authorizations"} {
			if _, err := tx.Exec("DELETE FROM "+table+" WHERE user_id = $1", userID); err != nil {
				return n, err
			}
		}
		if _, err := revokeTokens(tx, userID, g.now()); err != nil {
			return n, err
		}
		if err := g.log.by(by).changed(tx, userID, SwitchedOff, ""); err != nil {
			return n, err
		}
		return n, dropInvitations(tx, userID)
	})
}

// SwitchOn lets somebody in again, by the password of before. The tokens of
// before stay revoked.
func (g *Gate) SwitchOn(ctx context.Context, by *User, userID string) error {
	return g.changePerson(ctx, by, func(tx *database.Tx) (int64, error) {
		n, err := tx.Exec("UPDATE users SET off_at = 0 WHERE id = $1 AND off_at > 0", userID)
		if err != nil || n == 0 {
			return n, err
		}
		return n, g.log.by(by).changed(tx, userID, SwitchedOn, "")
	})
}

// changePerson does what somebody who may still asks for, unless no owner would be
// left by it. Of two that come at once, the second sees what the first has done.
func (g *Gate) changePerson(ctx context.Context, by *User, change func(*database.Tx) (int64, error)) error {
	err := g.db.InTx(ctx, func(tx *database.Tx) error {
		// Holds on to all owners, so that each change of them waits for the one before.
		if _, err := tx.Exec("UPDATE users SET role = role WHERE role = $1", Owner); err != nil {
			return err
		}
		if err := stillMay(tx, by.ID, Invite); err != nil {
			return err
		}
		changed, err := change(tx)
		if err != nil {
			return err
		}
		if changed == 0 {
			return ErrNoUser
		}
		var owners int
		if err := tx.QueryRow("SELECT COUNT(*) FROM users WHERE role = $1 AND off_at = 0", Owner).Scan(&owners); err != nil {
			return err
		}
		if owners == 0 {
			return &Invalid{"role", "Somebody has to be the owner. Make another person one first."}
		}
		tx.Touch(People)
		return nil
	})
	for _, known := range []error{ErrNoUser, ErrNoRight} {
		if errors.Is(err, known) {
			return known
		}
	}
	if err != nil {
		return fmt.Errorf("change what a person may do: %w", err)
	}
	return nil
}

// stillMay makes sure, within a change, that who asks for it has the right now.
func stillMay(tx *database.Tx, userID string, right Right) error {
	var role string
	err := tx.QueryRow("SELECT role FROM users WHERE id = $1 AND off_at = 0", userID).Scan(&role)
	if errors.Is(err, sql.ErrNoRows) || err == nil && !May(role, right) {
		return ErrNoRight
	}
	return err
}

// stillOn holds on to a user's row and makes sure that they are not switched off.
func stillOn(tx *database.Tx, userID string) error {
	rows, err := tx.Exec("UPDATE users SET name = name WHERE id = $1 AND off_at = 0", userID)
	if err == nil && rows == 0 {
		return ErrRefused
	}
	return err
}

func dropInvitations(tx *database.Tx, by string) error {
	_, err := tx.Exec("DELETE FROM links WHERE made_by = $1", by)
	return err
}
