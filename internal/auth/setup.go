package auth

import (
	"context"
	"crypto/subtle"
	"database/sql"
	"errors"
	"fmt"

	"hark/internal/database"
)

// SetupToken makes the one-time token with which the owner's account is made. An
// earlier one stops working. Once there is an owner the answer is ErrHasOwner.
func (g *Gate) SetupToken(ctx context.Context) (string, error) {
	token := newSecret()
	err := g.db.InTx(ctx, func(tx *database.Tx) error {
		if err := noOwner(tx); err != nil {
			return err
		}
		if _, err := tx.Exec("DELETE FROM setup"); err != nil {
			return err
		}
		_, err := tx.Exec("INSERT INTO setup (token_hash, created_at) VALUES ($1, $2)", digest(token), g.now().Unix())
		return err
	})
	if err != nil {
		return "", fmt.Errorf("make a setup link: %w", err)
	}
	return token, nil
}

// ValidSetup reports whether token is the one that Setup takes now.
func (g *Gate) ValidSetup(ctx context.Context, token string) bool {
	var stored string
	err := g.db.QueryRow(ctx, "SELECT token_hash FROM setup").Scan(&stored)
	return err == nil && subtle.ConstantTimeCompare([]byte(stored), []byte(digest(token))) == 1
}

// Setup makes the owner's account for who holds the setup token, once. With a
// wrong or used token the answer is ErrNoSetup; what is wrong with the name or
// the password is told by an *Invalid, and the token stays good.
func (g *Gate) Setup(ctx context.Context, token, name, display, password string) (*User, error) {
	if !g.ValidSetup(ctx, token) {
		return nil, ErrNoSetup
	}
	u, hash, err := g.prepare(ctx, name, display, password, Owner)
	if err != nil {
		return nil, err
	}
	err = g.db.InTx(ctx, func(tx *database.Tx) error {
		// Of several at once, one finds the row.
		used, err := tx.Exec("DELETE FROM setup WHERE token_hash = $1", digest(token))
		if err != nil {
			return err
		}
		if used != 1 {
			return ErrNoSetup
		}
		if err := noOwner(tx); err != nil {
			return err
		}
		return insert(tx, u, hash)
	})
	if err != nil {
		return nil, fmt.Errorf("make the owner's account: %w", err)
	}
	return u, nil
}

func noOwner(tx *database.Tx) error {
	var id string
	err := tx.QueryRow("SELECT id FROM users WHERE role = $1 LIMIT 1", Owner).Scan(&id)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil
	case err != nil:
		return err
	}
	return ErrHasOwner
}
