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
	"hark/internal/budget"
	"hark/internal/database"
	"hark/internal/indieauth"
)

const (
	shortLife   = time.Hour            // of a token whose app can renew it
	refreshLife = 180 * 24 * time.Hour // of a refresh token that nobody uses
	refreshBack = 90 * 24 * time.Hour  // so long one that was used gives itself away
)

// Why an app is given nothing. Which of the reasons it is, is not told to it.
var (
	ErrNoCode  = errors.New("the code or the refresh token is not valid")
	ErrNoGrant = errors.New("the code gives no token")
)

// Pass is what an app was given.
type Pass struct {
	User    *User
	Me      string
	Client  string // empty for a token that was made by hand
	Scopes  []string
	Token   string // told once
	Refresh string // told once
	Issued  time.Time
	Expires time.Time // of the token; zero for never
}

// authorization is a row of the table.
type authorization struct {
	hash         string // of the code
	user         string // the name to sign in with
	userID       string
	client, name string
	redirect     string
	challenge    string
	me, scope    string
	life         int64
	renews       bool
	expires      int64
	tokenID      string
}

// Knock asks, before anything is looked up or written, whether one more request
// for a token, or about one, fits the budgets of its address and of all; else it is
// *Throttled. Redeem and its kin write even where they refuse, because a code counts
// once.
func (g *Gate) Knock(from netip.Addr) error {
	now := g.now()
	retry, ok := g.apps.Take(budget.Address(from), now)
	if ok {
		retry, ok = g.allApps.Take(struct{}{}, now)
	}
	if !ok {
		g.log.Throttled("", from)
		return &Throttled{RetryAfter: retry}
	}
	return nil
}

// Redeem gives an app a token for a code that was made for it. A code of which
// anything is wrong, or that was used, is ErrNoCode, after too many of them
// *Throttled; a code that is used twice takes back what it gave. One without a
// scope gives no token and is ErrNoGrant.
func (g *Gate) Redeem(ctx context.Context, r indieauth.Redemption, from netip.Addr) (*Pass, error) {
	return g.redeem(ctx, r, from, func(tx *database.Tx, a *authorization, pass *Pass) error {
		if a.scope == "" {
			return ErrNoGrant
		}
		return g.give(tx, a, pass, from)
	})
}

// Identify says for a code who the user is, as Redeem does, and gives no token.
func (g *Gate) Identify(ctx context.Context, r indieauth.Redemption, from netip.Addr) (*Pass, error) {
	return g.redeem(ctx, r, from, func(*database.Tx, *authorization, *Pass) error { return nil })
}

func (g *Gate) redeem(ctx context.Context, r indieauth.Redemption, from netip.Addr, give func(*database.Tx, *authorization, *Pass) error) (*Pass, error) {
	var a authorization
	var pass *Pass
	err := g.db.InTx(ctx, func(tx *database.Tx) (err error) {
		a, pass = authorization{}, nil
		fresh, err := g.claim(tx, r.Code, &a)
		if err != nil {
			return err
		}
		if !fresh {
			return g.takeBack(tx, a.tokenID, from)
		}
		if !a.answers(r, g.now()) {
			return nil // the code is used up all the same
		}
		u, err := scanUser(tx.QueryRow("SELECT "+userColumns+" FROM users WHERE id = $1 AND off_at = 0", a.userID))
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		pass = &Pass{User: u, Me: a.me, Client: a.client, Scopes: strings.Fields(a.scope), Issued: g.now()}
		return give(tx, &a, pass)
	})
	g = g.seenBy(a.name)
	switch {
	case errors.Is(err, ErrNoGrant):
		return nil, ErrNoGrant // the app went to the wrong door, and may go to the other
	case errors.Is(err, sql.ErrNoRows), err == nil && pass == nil:
		return nil, g.refuseApp(a.user, a.me, from)
	case err != nil:
		return nil, fmt.Errorf("redeem a code: %w", err)
	}
	g.log.Accepted(a.user, authlog.IndieAuth, from)
	return pass, nil
}

// claim takes a code for the one who shows it first. Of a code that was used
// before it says what that gave; one that nobody has is sql.ErrNoRows.
func (g *Gate) claim(tx *database.Tx, code string, a *authorization) (fresh bool, err error) {
	a.hash = digest(code)
	claimed, err := tx.Exec("UPDATE authorizations SET used_at = $1 WHERE code_hash = $2 AND used_at = 0", g.now().Unix(), a.hash)
	if err != nil {
		return false, err
	}
	err = tx.QueryRow(`
		SELECT users.name, user_id, client, authorizations.name, redirect, challenge, me, scope, life, renews, expires_at, token_id
		FROM authorizations
		JOIN users ON users.id = user_id
		WHERE code_hash = $1`, a.hash).Scan(&a.user, &a.userID, &a.client, &a.name, &a.redirect, &a.challenge, &a.me, &a.scope, &a.life, &a.renews, &a.expires, &a.tokenID)
	return claimed == 1, err
}

// answers tells whether a code is shown as it was made to be.
func (a *authorization) answers(r indieauth.Redemption, now time.Time) bool {
	return a.expires > now.Unix() && a.client == r.Client && a.redirect == r.Redirect && indieauth.Proves(r.Verifier, a.challenge)
}

// give makes the token and the first of its refresh tokens.
func (g *Gate) give(tx *database.Tx, a *authorization, pass *Pass, from netip.Addr) error {
	now, id := g.now(), database.NewID()
	var ends int64
	if a.life > 0 {
		ends = now.Unix() + a.life
	}
	expires := accessEnd(now, ends, a.renews)
	pass.Token, pass.Expires = newSecret(), database.Time(expires)
	_, err := tx.Exec(`
		INSERT INTO tokens (id, user_id, token_hash, name, scope, created_at, used_at, revoked_at, expires_at, client, me, granted, ends_at, renews, renewed_at)
		VALUES ($1, $2, $3, $4, $5, $6, 0, 0, $7, $8, $9, $5, $10, $11, 0)`,
		id, a.userID, digest(pass.Token), a.name, a.scope, now.Unix(), expires, a.client, a.me, ends, a.renews)
	if err != nil {
		return err
	}
	if _, err := tx.Exec("UPDATE authorizations SET token_id = $1 WHERE code_hash = $2", id, a.hash); err != nil {
		return err
	}
	if pass.Refresh, err = newRefresh(tx, id, now, ends); err != nil {
		return err
	}
	return g.seenBy(a.name).log.note(tx, a.userID, event{what: TokenMade, how: authlog.IndieAuth, from: from})
}

// accessEnd is when a token ends: with what was allowed, or soon where its app
// can renew it. 0 is never.
func accessEnd(now time.Time, ends int64, renews bool) int64 {
	soon := now.Add(shortLife).Unix()
	if renews && (ends == 0 || soon < ends) {
		return soon
	}
	return ends
}

func newRefresh(tx *database.Tx, tokenID string, now time.Time, ends int64) (string, error) {
	secret, expires := newSecret(), now.Add(refreshLife).Unix()
	if ends > 0 {
		expires = min(expires, ends)
	}
	_, err := tx.Exec(`
		INSERT INTO refresh_tokens (token_hash, token_id, created_at, expires_at, used_at)
		VALUES ($1, $2, $3, $4, 0)`, digest(secret), tokenID, now.Unix(), expires)
	return secret, err
}

// takeBack revokes a token whose code or refresh token came once too often. Either
// of the two who had it may be a thief.
func (g *Gate) takeBack(tx *database.Tx, tokenID string, from netip.Addr) error {
	return g.revoke(tx, "id = $2", tokenID, authlog.IndieAuth, from)
}

// revoke has a good token open nothing any more, if there is one.
func (g *Gate) revoke(tx *database.Tx, which, value string, how authlog.Method, from netip.Addr) error {
	var userID, name string
	err := tx.QueryRow("UPDATE tokens SET revoked_at = $1 WHERE revoked_at = 0 AND ("+which+") RETURNING user_id, name",
		g.now().Unix(), value).Scan(&userID, &name)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	return g.seenBy(name).log.note(tx, userID, event{what: TokenRevoked, how: how, from: from})
}

// refuseApp writes the line of a refused code or refresh token. Of one that nobody
// has neither the user nor the address is known.
func (g *Gate) refuseApp(user, me string, from netip.Addr) error {
	if retry, ok := g.programs.Take(budget.Address(from), g.now()); !ok {
		g.log.ThrottledAs(user, me, from)
		return &Throttled{RetryAfter: retry}
	}
	g.log.FailureAs(user, me, authlog.IndieAuth, from)
	return ErrNoCode
}
