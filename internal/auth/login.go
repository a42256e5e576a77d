package auth

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"time"
	"unicode"

	"hark/internal/authlog"
	"hark/internal/budget"
	"hark/internal/database"
)

// crowdedPause is when to come back if too many logins wait.
const crowdedPause = 5 * time.Second

// mostDevices is how many devices of a user are remembered.
const mostDevices = 50

// attempt is one try to log in.
type attempt struct {
	name   string // as it is kept
	typed  string
	device string
	seen   bool // the device logged in to this account before
	from   netip.Addr
	agent  string
}

// Login begins a session for who knows the password. device is what the browser
// got at its last login, or empty. With a wrong name or password the answer is
// ErrRefused, after the same time, and before too many of them *Throttled. Where
// one-time codes are on, a right password makes no session yet: it is *Pending.
//
// A device that logged in before has a budget of its own, so a stranger who
// tries an account's password cannot lock its owner out.
func (g *Gate) Login(ctx context.Context, name, password, device string, from netip.Addr, agent string) (Session, error) {
	g = g.seenBy(agent)
	a := attempt{name: signIn(name), typed: name, device: device, from: from, agent: agent}
	u, stored, err := g.account(ctx, a.name)
	unknown := errors.Is(err, ErrNoUser)
	if unknown {
		u, stored = &User{}, nobody
	} else if err != nil {
		return Session{}, err
	}
	if a.seen, err = g.knows(ctx, device, u.ID); err != nil {
		return Session{}, err
	}
	if retry, ok := g.admit(ctx, a); !ok {
		return Session{}, g.throttled(a, retry)
	}
	right, err := g.compare(ctx, a, password, stored)
	switch {
	case err != nil:
		return Session{}, err
	case unknown:
		g.log.Invalid(a.typed, authlog.Password, from)
		return Session{}, ErrRefused
	case !right:
		g.log.Failure(u.Name, authlog.Password, from)
		return Session{}, ErrRefused
	}
	g.forgive(a)
	return g.enter(ctx, *u, stored, a)
}

// compare looks whether a password is right; with too many others waiting for the
// same it is *Throttled.
func (g *Gate) compare(ctx context.Context, a attempt, password, stored string) (bool, error) {
	right, err := g.hasher.matches(ctx, password, stored, a.seen)
	if errors.Is(err, errCrowded) {
		return false, g.throttled(a, crowdedPause)
	}
	if err != nil {
		return false, fmt.Errorf("look at a password: %w", err)
	}
	return right, nil
}

// admit takes the attempt from the budget of its address, and from that of the
// account or of the known device.
func (g *Gate) admit(ctx context.Context, a attempt) (retry time.Duration, ok bool) {
	now := g.now()
	if a.limitedByAddress() {
		if retry, ok = g.addresses.Take(budget.Address(a.from), now); !ok {
			return retry, false
		}
	}
	if retry, ok = g.accounts.Take(a.account(), now); !ok && g.unlocked(ctx, a) {
		return g.accounts.Take(a.account(), now)
	}
	return retry, ok
}

// forgive gives a successful attempt back: only failures count.
func (g *Gate) forgive(a attempt) {
	now := g.now()
	if a.limitedByAddress() {
		g.addresses.Return(budget.Address(a.from), now)
	}
	g.accounts.Return(a.account(), now)
}

// limitedByAddress excepts known devices where no address is known: there all
// strangers share one budget, and would lock the owner out together.
func (a attempt) limitedByAddress() bool { return a.from.IsValid() || !a.seen }

func (a attempt) account() string {
	if a.seen {
		return "device " + digest(a.device)
	}
	return "account " + digest(a.name)
}

func (g *Gate) throttled(a attempt, retry time.Duration) error {
	g.log.Throttled(a.typed, a.from)
	return &Throttled{RetryAfter: retry}
}

// knows reports whether this user logged in from this device before.
func (g *Gate) knows(ctx context.Context, device, userID string) (bool, error) {
	if device == "" {
		return false, nil
	}
	var found string
	err := g.db.QueryRow(ctx, `
		SELECT token_hash
		FROM devices
		WHERE token_hash = $1 AND user_id = $2`, digest(device), userID).Scan(&found)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("look for a device: %w", err)
	}
	return true, nil
}

// enter lets in who knows the password, or has the login wait for a code. If the
// password was changed while it was looked at, it is a wrong one now.
func (g *Gate) enter(ctx context.Context, u User, stored string, a attempt) (s Session, err error) {
	var waits *Pending
	err = g.db.InTx(ctx, func(tx *database.Tx) error {
		if err := stillStored(tx, u.ID, stored); err != nil {
			return err
		}
		codes, err := haveCodes(tx, u.ID)
		if err != nil {
			return err
		}
		if codes {
			waits, err = g.pend(tx, u.ID)
			return err
		}
		s, err = g.begin(tx, u, a)
		return err
	})
	switch {
	case errors.Is(err, ErrRefused):
		g.log.Failure(u.Name, authlog.Password, a.from)
		return Session{}, ErrRefused
	case err != nil:
		return Session{}, fmt.Errorf("log %s in: %w", u.Name, err)
	case waits != nil:
		return Session{}, waits
	}
	g.log.Accepted(u.Name, authlog.Password, a.from)
	return s, nil
}

// begin makes a session, and remembers the device.
func (g *Gate) begin(tx *database.Tx, u User, a attempt) (Session, error) {
	now := g.now()
	s := Session{Token: newSecret(), Device: a.device, User: u, Expires: now.Add(sessionLife)}
	if !a.seen {
		s.Device = newSecret()
	}
	if err := stillOn(tx, u.ID); err != nil {
		return Session{}, err
	}
	if err := forgetEnded(tx, now); err != nil {
		return Session{}, err
	}
	if err := g.arrive(tx, &u, s.Device, a); err != nil {
		return Session{}, err
	}
	if err := rememberDevice(tx, s.Device, u.ID, a, now); err != nil {
		return Session{}, err
	}
	_, err := tx.Exec(`
		INSERT INTO sessions (token_hash, user_id, created_at, seen_at, expires_at, address, agent)
		VALUES ($1, $2, $3, $3, $4, $5, $6)`,
		digest(s.Token), u.ID, now.Unix(), s.Expires.Unix(), addressText(a.from), agentText(a.agent))
	return s, err
}

// stillStored holds on to the user's row, so that no other change of the password
// comes between.
func stillStored(tx *database.Tx, userID, hash string) error {
	rows, err := tx.Exec("UPDATE users SET password = password WHERE id = $1 AND password = $2", userID, hash)
	if err == nil && rows == 0 {
		return ErrRefused
	}
	return err
}

func rememberDevice(tx *database.Tx, device, userID string, a attempt, now time.Time) error {
	_, err := tx.Exec(`
		INSERT INTO devices (token_hash, user_id, created_at, seen_at, address, agent, told)
		VALUES ($1, $2, $3, $3, $4, $5, '')
		ON CONFLICT (token_hash) DO UPDATE SET seen_at = excluded.seen_at, address = excluded.address, agent = excluded.agent`,
		digest(device), userID, now.Unix(), addressText(a.from), agentText(a.agent))
	if err != nil {
		return err
	}
	_, err = tx.Exec(`
		DELETE FROM devices
		WHERE user_id = $1 AND token_hash NOT IN (
			SELECT token_hash
			FROM devices
			WHERE user_id = $1
			ORDER BY seen_at DESC, token_hash
			LIMIT $2)`, userID, mostDevices)
	return err
}

func addressText(from netip.Addr) string {
	if !from.IsValid() {
		return ""
	}
	return from.Unmap().WithZone("").String()
}

// agentText is the beginning of a User-Agent that every database takes.
func agentText(agent string) string {
	valid := strings.ToValidUTF8(agent[:min(len(agent), 300)], "")
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return -1
		}
		return r
	}, valid)
}
