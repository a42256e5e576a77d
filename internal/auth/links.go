package auth

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"time"

	"hark/internal/authlog"
	"hark/internal/database"
)

// inviteLife is how long an invitation is good.
const inviteLife = 7 * 24 * time.Hour

// mostInvites is how many may be open at a time.
const mostInvites = 50

// ErrNoLink says that a link opens nothing: it was used, has expired, was taken
// back, or never was.
var ErrNoLink = errors.New("this link opens nothing")

const inviteLink = "invite"

// Invitation is a link by which somebody may make an account. ID is the hash of
// its token, which names it and opens nothing.
type Invitation struct {
	ID, Role string
	By       string // the name to sign in with of who has made it
	Expires  time.Time
}

// Invite makes an invitation, whose token is told this once.
func (g *Gate) Invite(ctx context.Context, by *User, role string) (token string, err error) {
	if err := validRole(role); err != nil {
		return "", err
	}
	token = newSecret()
	err = g.db.InTx(ctx, func(tx *database.Tx) error {
		if err := stillMay(tx, by.ID, Invite); err != nil {
			return err
		}
		if err := forgetLinks(tx, g.now()); err != nil {
			return err
		}
		var open int
		if err := tx.QueryRow("SELECT COUNT(*) FROM links WHERE kind = $1", inviteLink).Scan(&open); err != nil {
			return err
		}
		if open >= mostInvites {
			return &Invalid{"role", fmt.Sprintf("There are %d open invitations already. Take back some of them.", open)}
		}
		return makeLink(tx, token, inviteLink, "", role, by.ID, g.now(), inviteLife)
	})
	if err != nil {
		return "", fmt.Errorf("make an invitation: %w", err)
	}
	return token, nil
}

// Invitations lists those that are open, the newest first.
func (g *Gate) Invitations(ctx context.Context) ([]Invitation, error) {
	rows, err := g.db.Query(ctx, `
		SELECT links.token_hash, links.role, users.name, links.expires_at
		FROM links
		JOIN users ON users.id = links.made_by
		WHERE links.kind = $1 AND links.expires_at > $2
		ORDER BY links.expires_at DESC, links.token_hash`, inviteLink, g.now().Unix())
	if err != nil {
		return nil, fmt.Errorf("list invitations: %w", err)
	}
	defer rows.Close()
	var list []Invitation
	for rows.Next() {
		var one Invitation
		var expires int64
		if err := rows.Scan(&one.ID, &one.Role, &one.By, &expires); err != nil {
			return nil, fmt.Errorf("list invitations: %w", err)
		}
		one.Expires = database.Time(expires)
		list = append(list, one)
	}
	return list, rows.Err()
}

// TakeBack has an invitation open nothing.
func (g *Gate) TakeBack(ctx context.Context, id string) error {
	err := g.db.InTx(ctx, func(tx *database.Tx) error {
		gone, err := tx.Exec("DELETE FROM links WHERE kind = $1 AND token_hash = $2", inviteLink, id)
		if err == nil && gone == 0 {
			return ErrNoLink
		}
		return err
	})
	if errors.Is(err, ErrNoLink) {
		return ErrNoLink
	}
	if err != nil {
		return fmt.Errorf("take an invitation back: %w", err)
	}
	return nil
}

// Invited is the role that an invitation is for, and ErrNoLink if it is none.
func (g *Gate) Invited(ctx context.Context, token string) (role string, err error) {
	err = g.db.QueryRow(ctx, "SELECT role FROM links WHERE token_hash = $1 AND kind = $2 AND expires_at > $3",
		digest(token), inviteLink, g.now().Unix()).Scan(&role)
	if errors.Is(err, sql.ErrNoRows) {
		return "", ErrNoLink
	}
	if err != nil {
		return "", fmt.Errorf("look for an invitation: %w", err)
	}
	return role, nil
}

// Accept makes an account for who holds an invitation, once. What is wrong with
// the name or the password is told by an *Invalid, and the invitation stays good.
// A link that opens nothing is refused like a wrong password.
func (g *Gate) Accept(ctx context.Context, token, name, display, password string, from netip.Addr) (*User, error) {
	role, err := g.Invited(ctx, token)
	if errors.Is(err, ErrNoLink) {
		return nil, g.refuseUnknown(authlog.Password, from, ErrNoLink)
	}
	if err != nil {
		return nil, err
	}
	u, hash, err := g.prepare(ctx, name, display, password, role)
	if err != nil {
		return nil, err
	}
	err = g.db.InTx(ctx, func(tx *database.Tx) error {
		// Of several at once, one finds the row.
		if err := useLink(tx, token, inviteLink); err != nil {
			return err
		}
		tx.Touch(People)
		return insert(tx, u, hash)
	})
	if errors.Is(err, ErrNoLink) {
		return nil, g.refuseUnknown(authlog.Password, from, ErrNoLink)
	}
	if err != nil {
		return nil, fmt.Errorf("accept an invitation: %w", err)
	}
	return u, nil
}

func makeLink(tx *database.Tx, token, kind, userID, role, by string, now time.Time, life time.Duration) error {
	_, err := tx.Exec(`
		INSERT INTO links (token_hash, kind, user_id, role, made_by, created_at, expires_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7)`, digest(token), kind, userID, role, by, now.Unix(), now.Add(life).Unix())
	return err
}

func useLink(tx *database.Tx, token, kind string) error {
	used, err := tx.Exec("DELETE FROM links WHERE token_hash = $1 AND kind = $2", digest(token), kind)
	if err == nil && used != 1 {
		return ErrNoLink
	}
	return err
}

func forgetLinks(tx *database.Tx, now time.Time) error {
	_, err := tx.Exec("DELETE FROM links WHERE expires_at <= $1", now.Unix())
	return err
}

func validRole(role string) error {
	if !slices.Contains(Roles(), role) {
		return &Invalid{"role", "A role is owner, editor or author."}
	}
	return nil
}
