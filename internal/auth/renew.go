package auth

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"hark/internal/authlog"
	"hark/internal/database"
	"hark/internal/indieauth"
)

// renewable is what is known of a token by one of its refresh tokens.
type renewable struct {
	tokenID, userID, user string
	name, client, me      string
	granted               string
	renews                bool
	revoked, ends, off    int64
	expires               int64 // the refresh token
}

// Renew gives an app another token, and another refresh token, for a refresh
// token. The ones before open nothing any more. One that is used twice takes
// everything back. Fewer scopes may be asked for, others are ErrScope, and then
// the refresh token stays good. Else it refuses as Redeem does.
func (g *Gate) Renew(ctx context.Context, r indieauth.Renewal, from netip.Addr) (*Pass, error) {
	var was renewable
	var pass *Pass
	err := g.db.InTx(ctx, func(tx *database.Tx) error {
		was, pass = renewable{}, nil
		used, err := tx.Exec("UPDATE refresh_tokens SET used_at = $1 WHERE token_hash = $2 AND used_at = 0", g.now().Unix(), digest(r.Refresh))
		if err != nil {
			return err
		}
		if err := was.read(tx, digest(r.Refresh)); err != nil {
			return err
		}
		if used == 0 {
			return g.takeBack(tx, was.tokenID, from)
		}
		if !was.good(r.Client, g.now()) {
			return ErrNoCode // nothing is used up by that
		}
		scopes := strings.Fields(was.granted)
		for _, one := range r.Scopes {
			if !slices.Contains(scopes, one) {
				return ErrScope
			}
		}
		if len(r.Scopes) > 0 {
			scopes = r.Scopes
		}
		pass, err = g.renew(tx, was, scopes)
		return err
	})
	g = g.seenBy(was.name)
	switch {
	case errors.Is(err, ErrScope):
		return nil, ErrScope
	case errors.Is(err, ErrNoCode), errors.Is(err, sql.ErrNoRows), err == nil && pass == nil:
		return nil, g.refuseApp(was.user, was.me, from)
	case err != nil:
		return nil, fmt.Errorf("renew a token: %w", err)
	}
	return pass, nil
}

func (r *renewable) read(tx *database.Tx, hash string) error {
	return tx.QueryRow(`
		SELECT tokens.id, users.id, users.name, tokens.name, tokens.client, tokens.me, tokens.granted, tokens.renews,
			tokens.revoked_at, tokens.ends_at, users.off_at, refresh_tokens.expires_at
		FROM refresh_tokens
		JOIN tokens ON tokens.id = refresh_tokens.token_id
		JOIN users ON users.id = tokens.user_id
		WHERE refresh_tokens.token_hash = $1`, hash).Scan(
		&r.tokenID, &r.userID, &r.user, &r.name, &r.client, &r.me, &r.granted, &r.renews, &r.revoked, &r.ends, &r.off, &r.expires)
}

func (r *renewable) good(client string, now time.Time) bool {
	return r.revoked == 0 && r.off == 0 && (r.ends == 0 || r.ends > now.Unix()) && r.expires > now.Unix() && r.client == client
}

// renew puts a new token in the place of the old one, so that the app stays one
// in the list of apps.
func (g *Gate) renew(tx *database.Tx, was renewable, scopes []string) (*Pass, error) {
	u, err := scanUser(tx.QueryRow("SELECT "+userColumns+" FROM users WHERE id = $1", was.userID))
	if err != nil {
		return nil, err
	}
	now := g.now()
	expires := accessEnd(now, was.ends, was.renews)
	pass := &Pass{User: u, Me: was.me, Client: was.client, Scopes: scopes, Token: newSecret(), Issued: now, Expires: database.Time(expires)}
	changed, err := tx.Exec(`
		UPDATE tokens
		SET token_hash = $1, scope = $2, expires_at = $3, renewed_at = $4
		WHERE id = $5 AND revoked_at = 0`, digest(pass.Token), strings.Join(scopes, " "), expires, now.Unix(), was.tokenID)
	if err != nil {
		return nil, err
	}
	if changed == 0 { // revoked just now
		return nil, ErrNoCode
	}
	if _, err := tx.Exec("DELETE FROM refresh_tokens WHERE token_id = $1 AND used_at > 0 AND used_at < $2",
		was.tokenID, now.Add(-refreshBack).Unix()); err != nil {
		return nil, err
	}
	pass.Refresh, err = newRefresh(tx, was.tokenID, now, was.ends)
	return pass, err
}

// Withdraw has a token that its app gives back open nothing any more, whether it
// is one to use or one to renew with. One that opens nothing needs nothing.
func (g *Gate) Withdraw(ctx context.Context, token string, from netip.Addr) error {
	err := g.db.InTx(ctx, func(tx *database.Tx) error {
		return g.revoke(tx, "token_hash = $2 OR id = (SELECT token_id FROM refresh_tokens WHERE token_hash = $2)", digest(token), authlog.IndieAuth, from)
	})
	if err != nil {
		return fmt.Errorf("withdraw a token: %w", err)
	}
	return nil
}

// Inspect says what a token is good for, nil for nothing. It counts as no use.
func (g *Gate) Inspect(ctx context.Context, token string) (*Pass, error) {
	t, u, err := g.stored(ctx, token)
	if errors.Is(err, sql.ErrNoRows) || err == nil && !t.good(g.now()) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("look at a token: %w", err)
	}
	return t.pass(u), nil
}
