package auth

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"hark/internal/authlog"
	"hark/internal/database"
)

const (
	mostTokens  = 50                  // of a user, that are good
	revokedLife = 90 * 24 * time.Hour // so long it is known whose a revoked token was
)

// App is a program that was given a token.
type App struct {
	ID, Name string
	Scopes   []string
	Made     time.Time
	Used     time.Time // to the hour; zero for never
	Expires  time.Time // zero for never
	Expired  bool
	Client   string // the address of one that asked by IndieAuth, canonical
}

// Apps lists the programs of a user whose tokens are not revoked, the newest
// first.
func (g *Gate) Apps(ctx context.Context, userID string) ([]App, error) {
	rows, err := g.db.Query(ctx, `
		SELECT id, name, CASE WHEN client = '' THEN scope ELSE granted END, created_at, used_at, CASE WHEN client = '' THEN expires_at ELSE ends_at END, client
		FROM tokens
		WHERE user_id = $1 AND revoked_at = 0
		ORDER BY created_at DESC, id DESC`, userID)
	if err != nil {
		return nil, fmt.Errorf("list apps: %w", err)
	}
	defer rows.Close()
	var list []App
	for rows.Next() {
		var one App
		var scope string
		var made, used, expires int64
		if err := rows.Scan(&one.ID, &one.Name, &scope, &made, &used, &expires, &one.Client); err != nil {
			return nil, fmt.Errorf("list apps: %w", err)
		}
		one.Scopes = strings.Fields(scope)
		one.Made, one.Used, one.Expires = database.Time(made), database.Time(used), database.Time(expires)
		one.Expired = expires > 0 && expires <= g.now().Unix()
		list = append(list, one)
	}
	return list, rows.Err()
}

// AddApp gives a program of the user a token, which is told this once. What is
// wrong with the scope or the name is told by an *Invalid.
func (g *Gate) AddApp(ctx context.Context, u *User, scope, name string, from netip.Addr) (string, error) {
	name = strings.TrimSpace(name)
	if name == "" {
		return "", &Invalid{"name", "Which app is it for? The name is for you, to know it again."}
	}
	return g.newToken(ctx, u, scope, name, event{what: TokenMade, how: authlog.Token, from: from})
}

// RevokeApp has a token of the user open nothing any more. One that is not there,
// or is somebody else's, is ErrNoApp.
func (g *Gate) RevokeApp(ctx context.Context, userID, id string, from netip.Addr) error {
	err := g.db.InTx(ctx, func(tx *database.Tx) error {
		var name string
		err := tx.QueryRow(`
			UPDATE tokens
			SET revoked_at = $1
			WHERE id = $2 AND user_id = $3 AND revoked_at = 0
			RETURNING name`, g.now().Unix(), id, userID).Scan(&name)
		if errors.Is(err, sql.ErrNoRows) {
			return ErrNoApp
		}
		if err != nil {
			return err
		}
		return g.seenBy(name).log.note(tx, userID, event{what: TokenRevoked, how: authlog.Token, from: from})
	})
	if errors.Is(err, ErrNoApp) {
		return ErrNoApp
	}
	if err != nil {
		return fmt.Errorf("revoke a token: %w", err)
	}
	return nil
}

// revokeTokens has no token of the user open anything any more, nor a code that an
// app has not shown yet.
func revokeTokens(tx *database.Tx, userID string, now time.Time) (int64, error) {
	if _, err := tx.Exec("DELETE FROM authorizations WHERE user_id = $1 AND used_at = 0", userID); err != nil {
		return 0, err
	}
	return tx.Exec("UPDATE tokens SET revoked_at = $1 WHERE user_id = $2 AND revoked_at = 0", now.Unix(), userID)
}

// roomForToken forgets tokens that were revoked or have ended long ago, and bounds
// the good ones.
func roomForToken(tx *database.Tx, userID string, now time.Time) error {
	if _, err := tx.Exec("DELETE FROM tokens WHERE revoked_at > 0 AND revoked_at < $1 OR ends_at > 0 AND ends_at < $1", now.Add(-revokedLife).Unix()); err != nil {
		return err
	}
	var good int
	if err := tx.QueryRow("SELECT COUNT(*) FROM tokens WHERE user_id = $1 AND revoked_at = 0 AND (ends_at = 0 OR ends_at > $2)", userID, now.Unix()).Scan(&good); err != nil {
		return err
	}
	if good >= mostTokens {
		return &Invalid{"name", fmt.Sprintf("There are %d tokens already. Revoke those that are not used.", good)}
	}
	return nil
}
