package auth

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"hark/internal/authlog"
	"hark/internal/budget"
	"hark/internal/database"
)

// pendingLife is how long a login waits for its code.
const pendingLife = 5 * time.Minute

// clockSlack is how far a clock may be set back under way. What expires later
// than it can by more than that was begun by another clock, and counts no more.
const clockSlack = time.Minute

// Pending says that the password was right, and that a code is asked for, too.
// Token is for Second, which takes it once.
type Pending struct {
	Token   string
	Expires time.Time
}

func (p *Pending) Error() string { return "a code is asked for after the password" }

// Pending finds whose login waits for a code; one that ended or never was is
// ErrNoPending.
func (g *Gate) Pending(ctx context.Context, token string) (*User, error) {
	u, _, err := g.pending(ctx, token)
	return u, err
}

// pending also gives the hash of the password that the login was begun with.
func (g *Gate) pending(ctx context.Context, token string) (u *User, password string, err error) {
	if token == "" {
		return nil, "", ErrNoPending
	}
	now := g.now()
	u, err = scanUser(g.db.QueryRow(ctx, `
		SELECT `+userColumns+`, users.password
		FROM pending_logins
		JOIN users ON users.id = pending_logins.user_id
		WHERE pending_logins.token_hash = $1 AND pending_logins.expires_at > $2 AND pending_logins.expires_at <= $3`,
		digest(token), now.Unix(), now.Add(pendingLife+clockSlack).Unix()), &password)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, "", ErrNoPending
	}
	if err != nil {
		return nil, "", fmt.Errorf("find a login that waits for its code: %w", err)
	}
	return u, password, nil
}

// pend remembers that the password was right.
func (g *Gate) pend(tx *database.Tx, userID string) (*Pending, error) {
	now := g.now()
	if err := forgetEnded(tx, now); err != nil {
		return nil, err
	}
	p := &Pending{Token: newSecret(), Expires: now.Add(pendingLife)}
	_, err := tx.Exec("INSERT INTO pending_logins (token_hash, user_id, expires_at) VALUES ($1, $2, $3)",
		digest(p.Token), userID, p.Expires.Unix())
	return p, err
}

// Second ends a login that waits, for who knows a one-time code or a recovery
// code. A wrong or used code is ErrRefused, and the login waits on; one that
// waited too long or was used is ErrNoPending. The budgets are those of Login.
func (g *Gate) Second(ctx context.Context, pending, code, device string, from netip.Addr, agent string) (Session, error) {
	how := codeMethod(code)
	u, stored, err := g.pending(ctx, pending)
	if errors.Is(err, ErrNoPending) {
		return Session{}, g.refuseUnknown(how, from, ErrNoPending)
	}
	if err != nil {
		return Session{}, err
	}
	g = g.seenBy(agent)
	a := attempt{name: u.Name, typed: u.Name, device: device, from: from, agent: agent}
	if a.seen, err = g.knows(ctx, device, u.ID); err != nil {
		return Session{}, err
	}
	if retry, ok := g.admit(ctx, a); !ok {
		return Session{}, g.throttled(a, retry)
	}
	var s Session
	err = g.db.InTx(ctx, func(tx *database.Tx) error {
		if err := stillStored(tx, u.ID, stored); err != nil {
			return err
		}
		ended, err := tx.Exec("DELETE FROM pending_logins WHERE token_hash = $1", digest(pending))
		if err == nil && ended == 0 {
			return ErrNoPending
		}
		if err != nil {
			return err
		}
		if err := spend(tx, u.ID, code, g.now()); err != nil {
			return err
		}
		s, err = g.begin(tx, *u, a)
		return err
	})
	switch {
	case errors.Is(err, ErrRefused):
		g.log.Failure(u.Name, how, from)
		return Session{}, ErrRefused
	case errors.Is(err, ErrNoPending): // another took it meanwhile
		g.log.Failure(u.Name, how, from)
		return Session{}, ErrNoPending
	case err != nil:
		return Session{}, fmt.Errorf("end the login of %s: %w", u.Name, err)
	}
	g.forgive(a)
	if how == authlog.SecondFactor {
		how = authlog.Password // the usual way, with all that belongs to it
	}
	g.log.Accepted(u.Name, how, from)
	return s, nil
}

// refuseUnknown writes the line of an attempt by something that nobody has, and
// gives the caller's error.
func (g *Gate) refuseUnknown(how authlog.Method, from netip.Addr, why error) error {
	if retry, ok := g.addresses.Take(budget.Address(from), g.now()); !ok {
		g.log.Throttled("", from)
		return &Throttled{RetryAfter: retry}
	}
	g.log.Failure("", how, from)
	return why
}

// prove has somebody who is signed in show by the password or a one-time code
// that it is still the same person, and then does what was asked for. It is
// counted and logged like a login that is refused; only a success is no login.
func (g *Gate) prove(ctx context.Context, u *User, proof, device string, from netip.Addr, do func(*database.Tx) error) error {
	_, stored, err := g.account(ctx, u.Name)
	if err != nil {
		return err
	}
	a := attempt{name: u.Name, typed: u.Name, device: device, from: from}
	if a.seen, err = g.knows(ctx, device, u.ID); err != nil {
		return err
	}
	if retry, ok := g.admit(ctx, a); !ok {
		return g.throttled(a, retry)
	}
	how := authlog.Password
	if isOneTime(proof) { // no password is as short
		how = authlog.SecondFactor
	}
	err = g.proven(ctx, a, u.ID, stored, proof, do)
	if errors.Is(err, ErrRefused) {
		g.log.Failure(u.Name, how, from)
		return ErrRefused
	}
	if err != nil {
		return fmt.Errorf("do what %s asked for: %w", u.Name, err)
	}
	g.forgive(a)
	return nil
}

func (g *Gate) proven(ctx context.Context, a attempt, userID, stored, proof string, do func(*database.Tx) error) error {
	if !isOneTime(proof) {
		right, err := g.compare(ctx, a, proof, stored)
		if err != nil {
			return err
		}
		if !right {
			return ErrRefused
		}
	}
	return g.db.InTx(ctx, func(tx *database.Tx) error {
		if err := stillStored(tx, userID, stored); err != nil {
			return err
		}
		if isOneTime(proof) {
			if err := spend(tx, userID, proof, g.now()); err != nil {
				return err
			}
		}
		return do(tx)
	})
}
