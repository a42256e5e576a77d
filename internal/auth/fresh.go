package auth

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"hark/internal/database"
)

// freshLife is how long somebody is taken for the one who signed in, where that
// matters most.
const freshLife = 10 * time.Minute

// Fresh reports whether who holds the session has signed in, or shown by Prove
// who it is, within ten minutes.
func (g *Gate) Fresh(ctx context.Context, token string) (bool, error) {
	var created, proved int64
	err := g.db.QueryRow(ctx, "SELECT created_at, proved_at FROM sessions WHERE token_hash = $1", digest(token)).Scan(&created, &proved)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("look how old a session is: %w", err)
	}
	age := g.now().Sub(time.Unix(max(created, proved), 0))
	return age < freshLife && age >= -clockSlack, nil
}

// Prove makes a session fresh for a user who knows the password or a one-time
// code. A wrong one is ErrRefused, and counts like one at the door.
func (g *Gate) Prove(ctx context.Context, u *User, token, proof, device string, from netip.Addr) error {
	return g.prove(ctx, u, proof, device, from, func(tx *database.Tx) error {
		_, err := tx.Exec("UPDATE sessions SET proved_at = $1 WHERE token_hash = $2 AND user_id = $3", g.now().Unix(), digest(token), u.ID)
		return err
	})
}
