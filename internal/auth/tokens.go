package auth

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"slices"
	"strings"
	"time"

	"hark/internal/authlog"
	"hark/internal/budget"
	"hark/internal/database"
)

// tokenSpell is how often a token that is in use is logged as accepted.
const tokenSpell = time.Hour

// Scopes lists what a token may allow (Micropub, with draft, delete, undelete and
// media of its extensions).
func Scopes() []string {
	return []string{"create", DraftScope, "update", "delete", "undelete", "media"}
}

// DraftScope lets a program write what its user publishes.
const DraftScope = "draft"

// NewToken makes a token for a program of the user with this sign-in name. scope
// is one or more of Scopes, separated by blanks; name is for the user to
// recognise it. The token is told this once.
func (g *Gate) NewToken(ctx context.Context, user, scope, name string) (string, error) {
	u, _, err := g.account(ctx, signIn(user))
	if err != nil {
		return "", err
	}
	return g.newToken(ctx, u, scope, name, event{what: TokenMade, how: byCommand})
}

// newToken makes a token, and keeps with the account how that came.
func (g *Gate) newToken(ctx context.Context, u *User, scope, name string, e event) (string, error) {
	scopes := strings.Fields(scope)
	for _, one := range scopes {
		if !slices.Contains(Scopes(), one) {
			return "", &Invalid{"scope", fmt.Sprintf("There is no scope %q; there are %s.", one, strings.Join(Scopes(), ", "))}
		}
	}
	if len(scopes) == 0 {
		return "", &Invalid{"scope", "A token needs a scope: some of " + strings.Join(Scopes(), ", ") + "."}
	}
	if !validDisplay(name) {
		return "", &Invalid{"name", fmt.Sprintf("A token's name is at most %d characters on one line.", longestDisplay)}
	}
	token := newSecret()
	g = g.seenBy(name)
	err := g.db.InTx(ctx, func(tx *database.Tx) error {
		if err := stillOn(tx, u.ID); err != nil {
			return err
		}
		if err := roomForToken(tx, u.ID, g.now()); err != nil {
			return err
		}
		_, err := tx.Exec(`
			INSERT INTO tokens (id, user_id, token_hash, name, scope, created_at, used_at, revoked_at, expires_at)
			VALUES ($1, $2, $3, $4, $5, $6, 0, 0, 0)`,
			database.NewID(), u.ID, digest(token), name, strings.Join(scopes, " "), g.now().Unix())
		if err != nil {
			return err
		}
		return g.log.note(tx, u.ID, e)
	})
	if err != nil {
		return "", fmt.Errorf("make a token for %s: %w", u.Name, err)
	}
	return token, nil
}

// storedToken is what the database knows of a token.
type storedToken struct {
	id, name, scope        string
	client, me             string
	made, renewed          int64
	used, revoked, expires int64
	off                    int64
}

// stored reads a token and whose it is; sql.ErrNoRows if it is nobody's.
func (g *Gate) stored(ctx context.Context, token string) (t storedToken, u *User, err error) {
	u, err = scanUser(g.db.QueryRow(ctx, `
		SELECT `+userColumns+`, tokens.id, tokens.name, tokens.scope, tokens.client, tokens.me, tokens.created_at, tokens.renewed_at,
			tokens.used_at, tokens.revoked_at, tokens.expires_at, users.off_at
		FROM tokens
		JOIN users ON users.id = tokens.user_id
		WHERE tokens.token_hash = $1`, digest(token)),
		&t.id, &t.name, &t.scope, &t.client, &t.me, &t.made, &t.renewed, &t.used, &t.revoked, &t.expires, &t.off)
	return t, u, err
}

// Token finds whose program holds this token, if it allows one of the scopes
// named; with no scope named any good token will do. A token that nobody has,
// that expired or was revoked is ErrNoToken, and one for other things ErrScope.
// After many failures from one address both become *Throttled. A good token is
// never throttled: nobody guesses one, so nothing is won by that.
func (g *Gate) Token(ctx context.Context, token, scope string, from netip.Addr) (*User, error) {
	pass, err := g.Holder(ctx, token, scope, from)
	if err != nil {
		return nil, err
	}
	return pass.User, nil
}

// Holder is Token, and tells besides what else the token is good for.
func (g *Gate) Holder(ctx context.Context, token, scope string, from netip.Addr) (*Pass, error) {
	t, u, err := g.stored(ctx, token)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, g.refuseToken(nil, ErrNoToken, from)
	}
	if err != nil {
		return nil, fmt.Errorf("find a token: %w", err)
	}
	now := g.now()
	g = g.seenBy(t.name)
	if !t.good(now) {
		return nil, g.refuseToken(u, ErrNoToken, from)
	}
	if !t.allows(scope) {
		return nil, g.refuseToken(u, ErrScope, from)
	}
	if now.Sub(time.Unix(t.used, 0)) >= tokenSpell {
		g.tokenUsed(ctx, t.id, u.Name, now, from)
	}
	return t.pass(u), nil
}

func (t storedToken) good(now time.Time) bool {
	return t.off == 0 && t.revoked == 0 && (t.expires == 0 || t.expires > now.Unix())
}

func (t storedToken) pass(u *User) *Pass {
	return &Pass{User: u, Me: t.me, Client: t.client, Scopes: strings.Fields(t.scope),
		Issued: database.Time(max(t.made, t.renewed)), Expires: database.Time(t.expires)}
}

// allows reports whether the token has one of the scopes.
func (t storedToken) allows(scopes string) bool {
	wanted := strings.Fields(scopes)
	has := strings.Fields(t.scope)
	return len(wanted) == 0 || slices.ContainsFunc(wanted, func(one string) bool { return slices.Contains(has, one) })
}

// refuseToken writes the line of a refused token and gives the caller's error.
// u is nil when nobody has the token.
func (g *Gate) refuseToken(u *User, why error, from netip.Addr) error {
	name := ""
	if u != nil {
		name = u.Name
	}
	if retry, ok := g.programs.Take(budget.Address(from), g.now()); !ok {
		g.log.Throttled(name, from)
		return &Throttled{RetryAfter: retry}
	}
	if u == nil {
		g.log.UnknownToken(from)
	} else {
		g.log.Failure(name, authlog.Token, from)
	}
	return why
}

// tokenUsed remembers the use and logs it. Of many uses at once one is logged.
// It may fail, on a full disk for example, without refusing the token.
func (g *Gate) tokenUsed(ctx context.Context, id, name string, now time.Time, from netip.Addr) {
	var first int64
	err := g.db.InTx(ctx, func(tx *database.Tx) (err error) {
		first, err = tx.Exec("UPDATE tokens SET used_at = $1 WHERE id = $2 AND used_at <= $3",
			now.Unix(), id, now.Add(-tokenSpell).Unix())
		return err
	})
	if err != nil {
		slog.Warn("the use of a token is not remembered", "error", err)
		return
	}
	if first > 0 {
		g.log.Accepted(name, authlog.Token, from)
	}
}
