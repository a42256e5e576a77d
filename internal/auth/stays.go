package auth

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"hark/internal/authlog"
	"hark/internal/database"
)

// ErrNoDevice says that there is no such device.
var ErrNoDevice = errors.New("there is no such device")

// Stay is a session as a list shows it. ID is the hash of its token: it names the
// session, and opens nothing.
type Stay struct {
	ID             string
	Address, Agent string // at the login
	Begun          time.Time
	Seen           time.Time // to the hour
	Current        bool
}

// Sessions lists a user's sessions, the one with this token first, then the one
// that was seen last.
func (g *Gate) Sessions(ctx context.Context, userID, token string) ([]Stay, error) {
	now := g.now()
	rows, err := g.db.Query(ctx, `
		SELECT token_hash, address, agent, created_at, seen_at, token_hash = $2 AS current
		FROM sessions
		WHERE user_id = $1 AND expires_at > $3 AND seen_at > $4
		ORDER BY current DESC, seen_at DESC, token_hash`, userID, digest(token), now.Unix(), now.Add(-sessionIdle).Unix())
	if err != nil {
		return nil, fmt.Errorf("list sessions: %w", err)
	}
	defer rows.Close()
	var list []Stay
	for rows.Next() {
		var one Stay
		var begun, seen int64
		if err := rows.Scan(&one.ID, &one.Address, &one.Agent, &begun, &seen, &one.Current); err != nil {
			return nil, fmt.Errorf("list sessions: %w", err)
		}
		one.Begun, one.Seen = database.Time(begun), database.Time(seen)
		list = append(list, one)
	}
	return list, rows.Err()
}

// EndSession ends a session of the user, by its ID. One that is not there, or is
// somebody else's, is ErrNoSession.
func (g *Gate) EndSession(ctx context.Context, userID, id string, from netip.Addr, agent string) error {
	ended, err := g.endSessions(ctx, userID, "token_hash = $2", id, from, agent)
	if err == nil && ended == 0 {
		return ErrNoSession
	}
	return err
}

// EndOthers ends all sessions of the user but the one with this token, and tells
// how many those were.
func (g *Gate) EndOthers(ctx context.Context, userID, token string, from netip.Addr, agent string) (int, error) {
	return g.endSessions(ctx, userID, "token_hash <> $2", digest(token), from, agent)
}

func (g *Gate) endSessions(ctx context.Context, userID, which, hash string, from netip.Addr, agent string) (int, error) {
	g = g.seenBy(agent)
	var ended int64
	err := g.db.InTx(ctx, func(tx *database.Tx) (err error) {
		if err := forgetEnded(tx, g.now()); err != nil { // they do not count
			return err
		}
		ended, err = tx.Exec("DELETE FROM sessions WHERE user_id = $1 AND "+which, userID, hash)
		if err != nil || ended == 0 {
			return err
		}
		return g.log.note(tx, userID, event{what: Ended, from: from})
	})
	if err != nil {
		return 0, fmt.Errorf("end sessions: %w", err)
	}
	return int(ended), nil
}

// Device is a browser that is remembered as one that signed in before: it has its
// own budget of wrong passwords. ID is the hash of what the browser holds.
type Device struct {
	ID             string
	Address, Agent string // at its last login; empty where that was long ago
	Since, Seen    time.Time
	Current        bool
}

// Devices lists the devices of a user that are remembered, this one first, then
// the one that was seen last.
func (g *Gate) Devices(ctx context.Context, userID, device string) ([]Device, error) {
	rows, err := g.db.Query(ctx, `
		SELECT token_hash, address, agent, created_at, seen_at, token_hash = $2 AS current
		FROM devices
		WHERE user_id = $1
		ORDER BY current DESC, seen_at DESC, token_hash`, userID, digest(device))
	if err != nil {
		return nil, fmt.Errorf("list devices: %w", err)
	}
	defer rows.Close()
	var list []Device
	for rows.Next() {
		var one Device
		var since, seen int64
		if err := rows.Scan(&one.ID, &one.Address, &one.Agent, &since, &seen, &one.Current); err != nil {
			return nil, fmt.Errorf("list devices: %w", err)
		}
		one.Since, one.Seen = database.Time(since), database.Time(seen)
		list = append(list, one)
	}
	return list, rows.Err()
}

// ForgetDevice has a device of the user be one that was never seen. Its sessions
// go on.
func (g *Gate) ForgetDevice(ctx context.Context, userID, id string) error {
	err := g.db.InTx(ctx, func(tx *database.Tx) error {
		forgotten, err := tx.Exec("DELETE FROM devices WHERE user_id = $1 AND token_hash = $2", userID, id)
		if err == nil && forgotten == 0 {
			return ErrNoDevice
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("forget a device: %w", err)
	}
	return nil
}

// ChangePassword gives a user who proves by the present one, or by a one-time
// code, who it is, another password. All sessions end but the one with this token.
func (g *Gate) ChangePassword(ctx context.Context, u *User, token, present, password, device string, also Also, from netip.Addr, agent string) error {
	if err := checkPassword(password, u.Name, u.DisplayName); err != nil {
		return err
	}
	hash, err := g.hasher.hash(ctx, password)
	if err != nil {
		return err
	}
	g = g.seenBy(agent)
	return g.prove(ctx, u, present, device, from, func(tx *database.Tx) error {
		if err := replacePassword(tx, u.ID, hash, token); err != nil {
			return err
		}
		if err := g.endToo(tx, u.ID, also, from); err != nil {
			return err
		}
		return g.log.note(tx, u.ID, event{what: PasswordChanged, from: from})
	})
}

// Also says what else ends with an old password, beside the other sessions.
type Also struct{ Apps, Passkeys bool }

func (g *Gate) endToo(tx *database.Tx, userID string, also Also, from netip.Addr) error {
	if also.Apps {
		revoked, err := revokeTokens(tx, userID, g.now())
		if err == nil && revoked > 0 {
			err = g.seenBy("all apps").log.note(tx, userID, event{what: TokenRevoked, how: authlog.Token, from: from})
		}
		if err != nil {
			return err
		}
	}
	if also.Passkeys {
		removed, err := tx.Exec("DELETE FROM passkeys WHERE user_id = $1", userID)
		if err == nil && removed > 0 {
			err = g.log.note(tx, userID, event{what: PasskeyRemoved, from: from})
		}
		return err
	}
	return nil
}

// Rename gives a user another name to show. Their page moves along, and is found
// under its address of before, too.
func (g *Gate) Rename(ctx context.Context, userID, display string) error {
	display = strings.TrimSpace(display)
	if display == "" {
		return &Invalid{"display", "Which name is to be shown?"}
	}
	if !validDisplay(display) {
		return tooLongDisplay()
	}
	err := g.db.InTx(ctx, func(tx *database.Tx) error {
		tx.Touch(People)
		if _, err := tx.Exec("UPDATE users SET display_name = $1 WHERE id = $2", display, userID); err != nil {
			return err
		}
		return nameAuthor(tx, userID, display)
	})
	if err != nil {
		return fmt.Errorf("rename a user: %w", err)
	}
	return nil
}

func tooLongDisplay() error {
	return &Invalid{"display", fmt.Sprintf("A name to show is at most %d characters on one line.", longestDisplay)}
}
