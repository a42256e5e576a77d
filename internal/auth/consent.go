package auth

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"hark/internal/database"
	"hark/internal/indieauth"
)

const (
	codeLife    = 10 * time.Minute // at most, says IndieAuth, section 5.2.1
	codeMemory  = 24 * time.Hour   // so long a code that comes once more takes back what it gave
	mostCodes   = 50               // of a user, that wait for their apps
	mostOldApps = 50
)

// What an app may ask beside Scopes: who somebody is.
const (
	ProfileScope = "profile"
	EmailScope   = "email"
)

// ErrNoProof says that an app gives no proof (PKCE), and its user has not said
// that it may come in without.
var ErrNoProof = errors.New("the app gives no proof that it is the one that asked")

// Consent is what a user allows an app that asked by IndieAuth.
type Consent struct {
	Client    string // the app's address, canonical
	Name      string
	Redirect  string // where the code goes
	Challenge string // empty for an old app
	Me        string // whom the app is told that the user is
	Scopes    []string
	Life      time.Duration // zero: until it is revoked
	Renews    bool          // the app knows refresh tokens, so its tokens may be short
}

// AppScopes lists what this user can allow an app.
func (u *User) AppScopes() []string {
	scopes := []string{ProfileScope, EmailScope}
	if u.May(Write) {
		scopes = append(scopes, Scopes()...)
	}
	return scopes
}

// Allow makes the code by which an app fetches what a user has allowed it.
func (g *Gate) Allow(ctx context.Context, u *User, c Consent) (code string, err error) {
	if err := c.check(u); err != nil {
		return "", err
	}
	code = newSecret()
	now := g.now()
	err = g.db.InTx(ctx, func(tx *database.Tx) error {
		if err := g.mayAllow(tx, u, c); err != nil {
			return err
		}
		_, err = tx.Exec(`
			INSERT INTO authorizations (code_hash, user_id, client, name, redirect, challenge, me, scope, life, renews, created_at, expires_at, used_at, token_id)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 0, '')`,
			digest(code), u.ID, c.Client, c.Name, c.Redirect, c.Challenge, c.Me, strings.Join(c.Scopes, " "), int64(c.Life/time.Second), c.Renews,
			now.Unix(), now.Add(codeLife).Unix())
		return err
	})
	if errors.Is(err, ErrNoProof) {
		return "", ErrNoProof
	}
	if err != nil {
		return "", fmt.Errorf("allow %s what it asks of %s: %w", c.Client, u.Name, err)
	}
	return code, nil
}

func (c *Consent) check(u *User) error {
	if c.Name = strings.TrimSpace(c.Name); c.Name == "" || !validDisplay(c.Name) {
		c.Name = cutDisplay(indieauth.Host(c.Client))
	}
	for _, one := range c.Scopes {
		if !slices.Contains(u.AppScopes(), one) {
			return &Invalid{"scope", fmt.Sprintf("This account cannot allow %q.", one)}
		}
	}
	if slices.Contains(c.Scopes, EmailScope) && !slices.Contains(c.Scopes, ProfileScope) {
		return &Invalid{"scope", "The address for letters is told beside the name, or not at all."}
	}
	return nil
}

func cutDisplay(name string) string { return name[:min(len(name), longestDisplay)] }

// mayAllow makes sure that user and app are let to, now.
func (g *Gate) mayAllow(tx *database.Tx, u *User, c Consent) error {
	if err := stillOn(tx, u.ID); err != nil {
		return err
	}
	if c.Challenge == "" {
		var one int
		err := tx.QueryRow("SELECT 1 FROM old_apps WHERE user_id = $1 AND client = $2", u.ID, c.Client).Scan(&one)
		if errors.Is(err, sql.ErrNoRows) {
			return ErrNoProof
		}
		if err != nil {
			return err
		}
	}
	if len(c.Scopes) > 0 {
		if err := roomForToken(tx, u.ID, g.now()); err != nil {
			return err
		}
	}
	return roomForCode(tx, u.ID, g.now())
}

// roomForCode forgets codes that are of no use any more, and bounds those that
// wait: the oldest give way.
func roomForCode(tx *database.Tx, userID string, now time.Time) error {
	if _, err := tx.Exec("DELETE FROM authorizations WHERE created_at <= $1", now.Add(-codeMemory).Unix()); err != nil {
		return err
	}
	_, err := tx.Exec(`
		DELETE FROM authorizations
		WHERE user_id = $1 AND used_at = 0 AND code_hash NOT IN (
			SELECT code_hash
			FROM authorizations
			WHERE user_id = $1 AND used_at = 0
			ORDER BY created_at DESC, code_hash
			LIMIT $2)`, userID, mostCodes-1)
	return err
}

// FirstOwner is the owner who was there first and is not switched off: whose the
// site's own address is. ErrNoUser if there is none yet.
func (g *Gate) FirstOwner(ctx context.Context) (*User, error) {
	u, err := scanUser(g.db.ShortRow(ctx, `
		SELECT `+userColumns+`
		FROM users
		WHERE role = $1 AND off_at = 0
		ORDER BY created_at, id
		LIMIT 1`, Owner))
	if errors.Is(err, sql.ErrNoRows) {
		return nil, ErrNoUser
	}
	if err != nil {
		return nil, fmt.Errorf("look for the first owner: %w", err)
	}
	return u, nil
}

// OldApps lists the addresses of apps that a user lets in as they are: without a proof,
// and with a token that comes twice.
func (g *Gate) OldApps(ctx context.Context, userID string) ([]string, error) {
	rows, err := g.db.Query(ctx, "SELECT client FROM old_apps WHERE user_id = $1 ORDER BY client", userID)
	if err != nil {
		return nil, fmt.Errorf("list old apps: %w", err)
	}
	defer rows.Close()
	var list []string
	for rows.Next() {
		var client string
		if err := rows.Scan(&client); err != nil {
			return nil, fmt.Errorf("list old apps: %w", err)
		}
		list = append(list, client)
	}
	return list, rows.Err()
}

// LetOld has an app come in as it is.
func (g *Gate) LetOld(ctx context.Context, userID, address string) error {
	client, err := indieauth.Client(strings.TrimSpace(address))
	if err != nil {
		return &Invalid{"client", "The address of an app is written like https://app.example/, and this one " + err.Error() + "."}
	}
	err = g.db.InTx(ctx, func(tx *database.Tx) error {
		var n int
		if err := tx.QueryRow("SELECT COUNT(*) FROM old_apps WHERE user_id = $1", userID).Scan(&n); err != nil {
			return err
		}
		if n >= mostOldApps {
			return &Invalid{"client", fmt.Sprintf("There are %d such apps already. Take back some of them.", n)}
		}
		_, err := tx.Exec(`
			INSERT INTO old_apps (user_id, client, created_at)
			VALUES ($1, $2, $3)
			ON CONFLICT (user_id, client) DO NOTHING`, userID, client, g.now().Unix())
		return err
	})
	if err != nil {
		return fmt.Errorf("let an old app in: %w", err)
	}
	return nil
}

// BarOld has an app keep to the rules again. What it was given before stays.
func (g *Gate) BarOld(ctx context.Context, userID, client string) error {
	err := g.db.InTx(ctx, func(tx *database.Tx) error {
		_, err := tx.Exec("DELETE FROM old_apps WHERE user_id = $1 AND client = $2", userID, client)
		return err
	})
	if err != nil {
		return fmt.Errorf("let an old app in no more: %w", err)
	}
	return nil
}
