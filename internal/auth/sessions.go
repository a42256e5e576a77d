package auth

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"time"

	"hark/internal/database"
)

const (
	sessionLife = 90 * 24 * time.Hour // in all
	sessionIdle = 14 * 24 * time.Hour // since it was last seen
	seenEvery   = time.Hour           // how exactly that is known
)

// Session is a person's stay at the gate. Token proves it; Device is what the
// browser shows at its next login.
type Session struct {
	Token   string
	Device  string
	User    User
	Expires time.Time // at the latest; earlier when it is not used
}

// Session finds who holds the token of a session, and keeps the session alive.
// One that ended or never was is ErrNoSession.
func (g *Gate) Session(ctx context.Context, token string) (*User, error) {
	if token == "" {
		return nil, ErrNoSession
	}
	now := g.now()
	var seen int64
	u, err := scanUser(g.db.QueryRow(ctx, `
		SELECT `+userColumns+`, sessions.seen_at
		FROM sessions
		JOIN users ON users.id = sessions.user_id
		WHERE sessions.token_hash = $1 AND sessions.expires_at > $2 AND sessions.seen_at > $3 AND users.off_at = 0`,
		digest(token), now.Unix(), now.Add(-sessionIdle).Unix()), &seen)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, ErrNoSession
	}
	if err != nil {
		return nil, fmt.Errorf("find a session: %w", err)
	}
	if now.Sub(time.Unix(seen, 0)) >= seenEvery {
		g.sessionSeen(ctx, token, now)
	}
	return u, nil
}

// sessionSeen may fail, on a full disk for example, without ending the session.
func (g *Gate) sessionSeen(ctx context.Context, token string, now time.Time) {
	err := g.db.InTx(ctx, func(tx *database.Tx) error {
		_, err := tx.Exec("UPDATE sessions SET seen_at = $1 WHERE token_hash = $2", now.Unix(), digest(token))
		return err
	})
	if err != nil {
		slog.Warn("the use of a session is not remembered", "error", err)
	}
}

// Logout ends a session. One that is ended already needs nothing.
func (g *Gate) Logout(ctx context.Context, token string, from netip.Addr) error {
	var name string
	err := g.db.InTx(ctx, func(tx *database.Tx) error {
		err := tx.QueryRow(`
			SELECT users.name
			FROM sessions
			JOIN users ON users.id = sessions.user_id
			WHERE sessions.token_hash = $1`, digest(token)).Scan(&name)
		if err != nil {
			return err
		}
		ended, err := tx.Exec("DELETE FROM sessions WHERE token_hash = $1", digest(token))
		if err == nil && ended == 0 {
			return sql.ErrNoRows
		}
		return err
	})
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("log out: %w", err)
	}
	g.log.LoggedOut(name, from)
	return nil
}

// forgetEnded clears away sessions of everybody that nobody can use any more, and
// what else ended unused.
func forgetEnded(tx *database.Tx, now time.Time) error {
	for _, table := range []string{"pending_logins", "ceremonies"} {
		if _, err := tx.Exec("DELETE FROM "+table+" WHERE expires_at <= $1", now.Unix()); err != nil {
			return err
		}
	}
	_, err := tx.Exec("DELETE FROM sessions WHERE expires_at <= $1 OR seen_at <= $2",
		now.Unix(), now.Add(-sessionIdle).Unix())
	return err
}
