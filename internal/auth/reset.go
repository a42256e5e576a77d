package auth

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"hark/internal/authlog"
	"hark/internal/database"
)

const (
	resetLife = time.Hour
	resetLink = "reset"
)

// Reset makes the token by which a user chooses another password, once. An earlier
// one stops working.
func (g *Gate) Reset(ctx context.Context, name string) (token string, err error) {
	u, _, err := g.account(ctx, signIn(name))
	if err != nil {
		return "", err
	}
	token = newSecret()
	err = g.db.InTx(ctx, func(tx *database.Tx) error {
		if err := forgetLinks(tx, g.now()); err != nil {
			return err
		}
		if _, err := tx.Exec("DELETE FROM links WHERE kind = $1 AND user_id = $2", resetLink, u.ID); err != nil {
			return err
		}
		return makeLink(tx, token, resetLink, u.ID, "", "", g.now(), resetLife)
	})
	if err != nil {
		return "", fmt.Errorf("make a link for %s: %w", u.Name, err)
	}
	return token, nil
}

// ResetOf finds who may choose another password by this token. One that opens
// nothing is ErrNoLink.
func (g *Gate) ResetOf(ctx context.Context, token string) (*User, error) {
	u, err := scanUser(g.db.QueryRow(ctx, `
		SELECT `+userColumns+`
		FROM links
		JOIN users ON users.id = links.user_id
		WHERE links.token_hash = $1 AND links.kind = $2 AND links.expires_at > $3 AND users.off_at = 0`,
		digest(token), resetLink, g.now().Unix()))
	if errors.Is(err, sql.ErrNoRows) {
		return nil, ErrNoLink
	}
	if err != nil {
		return nil, fmt.Errorf("look for a link: %w", err)
	}
	return u, nil
}

// ChoosePassword gives the user of a token another password, once, ends all that
// was begun with the old one, and begins a session. No one-time code is asked for.
// What is wrong with the password is told by an *Invalid, and the token stays
// good; a token that opens nothing is refused like a wrong password.
func (g *Gate) ChoosePassword(ctx context.Context, token, password, device string, from netip.Addr, agent string) (s Session, err error) {
	g = g.seenBy(agent)
	u, err := g.ResetOf(ctx, token)
	if errors.Is(err, ErrNoLink) {
		return Session{}, g.refuseUnknown(authlog.Reset, from, ErrNoLink)
	}
	if err != nil {
		return Session{}, err
	}
	if err := checkPassword(password, u.Name, u.DisplayName); err != nil {
		return Session{}, err
	}
	hash, err := g.hasher.hash(ctx, password)
	if err != nil {
		return Session{}, err
	}
	a := attempt{name: u.Name, typed: u.Name, device: device, from: from, agent: agent}
	if a.seen, err = g.knows(ctx, device, u.ID); err != nil {
		return Session{}, err
	}
	err = g.db.InTx(ctx, func(tx *database.Tx) error {
		// Of several at once, one finds the row.
		if err := useLink(tx, token, resetLink); err != nil {
			return err
		}
		if err := replacePassword(tx, u.ID, hash, ""); err != nil {
			return err
		}
		if err := g.log.note(tx, u.ID, event{what: PasswordChanged, how: authlog.Reset, from: from}); err != nil {
			return err
		}
		s, err = g.begin(tx, *u, a)
		return err
	})
	switch {
	case errors.Is(err, ErrNoLink), errors.Is(err, ErrRefused): // used, or switched off, meanwhile
		g.log.Failure(u.Name, authlog.Reset, from)
		return Session{}, ErrNoLink
	case err != nil:
		return Session{}, fmt.Errorf("choose a password for %s: %w", u.Name, err)
	}
	g.log.Accepted(u.Name, authlog.Reset, from)
	return s, nil
}
