package auth

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"database/sql"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"time"
	"unicode"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/totp"

	"hark/internal/authlog"
	"hark/internal/database"
)

const (
	stepLength = 30 // seconds (RFC 6238 §5.2)
	stepSkew   = 1  // how many steps a clock may be off, either way
	codeDigits = 6
	keyBytes   = 20 // as long as the hash (RFC 4226 §4, R6)

	// keyLife is how long a key may wait for its first code.
	keyLife = time.Hour
)

// Codes is how one-time codes stand with a user.
type Codes struct {
	On       bool
	Since    time.Time
	Recovery int // recovery codes that are left
}

// Codes tells how one-time codes stand with a user.
func (g *Gate) Codes(ctx context.Context, userID string) (Codes, error) {
	var c Codes
	var since int64
	err := g.db.QueryRow(ctx, `
		SELECT confirmed_at, (SELECT COUNT(*) FROM recovery_codes WHERE user_id = $1)
		FROM codes
		WHERE user_id = $1 AND confirmed_at > 0`, userID).Scan(&since, &c.Recovery)
	if errors.Is(err, sql.ErrNoRows) {
		return Codes{}, nil
	}
	if err != nil {
		return Codes{}, fmt.Errorf("read how one-time codes stand: %w", err)
	}
	c.On, c.Since = true, database.Time(since)
	return c, nil
}

// NewKey makes the key from which an app makes one-time codes, in place of one
// that was not confirmed. Nothing is asked of anybody before ConfirmCodes; with
// codes on already it does nothing.
func (g *Gate) NewKey(ctx context.Context, userID string) error {
	var secret [keyBytes]byte
	rand.Read(secret[:])
	err := g.db.InTx(ctx, func(tx *database.Tx) error {
		_, err := tx.Exec(`
			INSERT INTO codes (user_id, secret, created_at, confirmed_at, step)
			VALUES ($1, $2, $3, 0, 0)
			ON CONFLICT (user_id) DO UPDATE SET secret = excluded.secret, created_at = excluded.created_at
			WHERE codes.confirmed_at = 0`, userID, base32Secret.EncodeToString(secret[:]), g.now().Unix())
		return err
	})
	if err != nil {
		return fmt.Errorf("keep a key for one-time codes: %w", err)
	}
	return nil
}

// Key is the key that waits for its first code, nil where none does. issuer is
// what the app shall call the site. Once it is confirmed nobody sees it again.
func (g *Gate) Key(ctx context.Context, u *User, issuer string) (*otp.Key, error) {
	var secret string
	err := g.db.QueryRow(ctx, `
		SELECT secret
		FROM codes
		WHERE user_id = $1 AND confirmed_at = 0 AND created_at > $2`, u.ID, g.now().Add(-keyLife).Unix()).Scan(&secret)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read a key for one-time codes: %w", err)
	}
	raw, err := base32Secret.DecodeString(secret)
	if err != nil {
		return nil, fmt.Errorf("read a key for one-time codes: %w", err)
	}
	return totp.Generate(totp.GenerateOpts{Issuer: issuer, AccountName: u.Name, Secret: raw})
}

// ConfirmCodes switches one-time codes on for who can tell one of the key that
// waits. It gives the recovery codes, this once.
func (g *Gate) ConfirmCodes(ctx context.Context, userID, code string) (recovery []string, err error) {
	now := g.now()
	err = g.db.InTx(ctx, func(tx *database.Tx) error {
		var secret string
		err := tx.QueryRow(`
			SELECT secret
			FROM codes
			WHERE user_id = $1 AND confirmed_at = 0 AND created_at > $2`, userID, now.Add(-keyLife).Unix()).Scan(&secret)
		if errors.Is(err, sql.ErrNoRows) {
			return &Invalid{"code", "The key is gone, or was confirmed already. Begin again."}
		}
		if err != nil {
			return err
		}
		step, ok := stepOf(secret, code, now)
		if !ok {
			return &Invalid{"code", "That is not the current code. If the next one is not right either, see whether the phone and this site agree on the time."}
		}
		on, err := tx.Exec(`
			UPDATE codes
			SET confirmed_at = $1, step = $2
			WHERE user_id = $3 AND secret = $4 AND confirmed_at = 0`, now.Unix(), step, userID, secret)
		if err == nil && on == 0 {
			return &Invalid{"code", "The key is gone, or was confirmed already. Begin again."}
		}
		if err != nil {
			return err
		}
		if recovery, err = renewRecovery(tx, userID); err != nil {
			return err
		}
		return g.log.changed(tx, userID, CodesOn, "")
	})
	if err != nil {
		return nil, fmt.Errorf("switch one-time codes on: %w", err)
	}
	return recovery, nil
}

// CodesOff switches one-time codes off for a user who proves who it is, by the
// password or a code. The recovery codes go with them.
func (g *Gate) CodesOff(ctx context.Context, u *User, proof, device string, from netip.Addr) error {
	return g.prove(ctx, u, proof, device, from, func(tx *database.Tx) error { return g.dropCodes(tx, u.ID, "") })
}

// DropCodes switches one-time codes off without asking, for who holds the
// machine.
func (g *Gate) DropCodes(ctx context.Context, name string) error {
	u, _, err := g.account(ctx, signIn(name))
	if err != nil {
		return err
	}
	if err := g.db.InTx(ctx, func(tx *database.Tx) error { return g.dropCodes(tx, u.ID, byCommand) }); err != nil {
		return fmt.Errorf("switch off the one-time codes of %s: %w", u.Name, err)
	}
	return nil
}

func (g *Gate) dropCodes(tx *database.Tx, userID string, how authlog.Method) error {
	on, err := haveCodes(tx, userID)
	if err != nil {
		return err
	}
	for _, table := range []string{"codes", "recovery_codes", "pending_logins"} {
		if _, err := tx.Exec("DELETE FROM "+table+" WHERE user_id = $1", userID); err != nil {
			return err
		}
	}
	if !on {
		return nil
	}
	return g.log.changed(tx, userID, CodesOff, how)
}

// haveCodes reports whether one-time codes are on.
func haveCodes(tx *database.Tx, userID string) (bool, error) {
	var since int64
	err := tx.QueryRow("SELECT confirmed_at FROM codes WHERE user_id = $1 AND confirmed_at > 0", userID).Scan(&since)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

// spend uses up a one-time code or a recovery code; ErrRefused is one that is
// wrong or was used.
func spend(tx *database.Tx, userID, code string, now time.Time) error {
	if codeMethod(code) == authlog.RecoveryCode {
		return spendRecovery(tx, userID, code)
	}
	var secret string
	err := tx.QueryRow("SELECT secret FROM codes WHERE user_id = $1 AND confirmed_at > 0", userID).Scan(&secret)
	if errors.Is(err, sql.ErrNoRows) {
		return ErrRefused
	}
	if err != nil {
		return err
	}
	step, ok := stepOf(secret, code, now)
	if !ok {
		return ErrRefused
	}
	// Of several with one code, one finds the step unused.
	used, err := tx.Exec("UPDATE codes SET step = $1 WHERE user_id = $2 AND secret = $3 AND step < $1", step, userID, secret)
	if err == nil && used == 0 {
		return ErrRefused
	}
	return err
}

// stepOf is the time step whose code this is, of those that it may be by a clock
// like ours.
func stepOf(secret, code string, now time.Time) (step int64, ok bool) {
	typed := []byte(squeeze(code))
	current := now.Unix() / stepLength
	for s := current - stepSkew; s <= current+stepSkew; s++ {
		right, err := totp.GenerateCode(secret, time.Unix(s*stepLength, 0))
		if err == nil && subtle.ConstantTimeCompare([]byte(right), typed) == 1 {
			step, ok = s, true
		}
	}
	return step, ok
}

// codeMethod is what somebody takes a code for: digits are a one-time code.
func codeMethod(code string) authlog.Method {
	if isOneTime(code) || squeeze(code) == "" {
		return authlog.SecondFactor
	}
	return authlog.RecoveryCode
}

func isOneTime(code string) bool {
	digits := squeeze(code)
	return len(digits) == codeDigits && strings.Trim(digits, "0123456789") == ""
}

// squeeze takes out what people and apps put between the parts of a code.
func squeeze(code string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || r == '-' {
			return -1
		}
		return r
	}, code)
}
