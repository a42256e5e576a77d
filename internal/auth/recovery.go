package auth

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"net/netip"
	"strings"

	"hark/internal/database"
)

const (
	recoveryCount = 10
	recoveryBytes = 10 // 80 bits: 16 letters and digits
)

// base32Secret is how keys for one-time codes are written.
var base32Secret = base32.StdEncoding.WithPadding(base32.NoPadding)

// recoveryAlphabet has no letter that is taken for a digit (i, l, o) when it is
// copied by hand.
var recoveryAlphabet = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

// RenewRecovery gives a user who proves who it is, by the password or a code, ten
// new recovery codes, this once. Those before them count no more.
func (g *Gate) RenewRecovery(ctx context.Context, u *User, proof, device string, from netip.Addr) (recovery []string, err error) {
	err = g.prove(ctx, u, proof, device, from, func(tx *database.Tx) (err error) {
		if recovery, err = renewRecovery(tx, u.ID); err != nil || recovery == nil {
			return err
		}
		return g.log.changed(tx, u.ID, RecoveryRenewed, "")
	})
	return recovery, err
}

// renewRecovery makes recovery codes in place of those that there were. The
// database keeps their hashes; they are random enough for a fast one.
func renewRecovery(tx *database.Tx, userID string) ([]string, error) {
	if on, err := haveCodes(tx, userID); err != nil || !on {
		return nil, err
	}
	if _, err := tx.Exec("DELETE FROM recovery_codes WHERE user_id = $1", userID); err != nil {
		return nil, err
	}
	codes := make([]string, recoveryCount)
	for i := range codes {
		codes[i] = newRecovery()
		_, err := tx.Exec("INSERT INTO recovery_codes (code_hash, user_id) VALUES ($1, $2)", recoveryHash(codes[i]), userID)
		if err != nil {
			return nil, err
		}
	}
	return codes, nil
}

// newRecovery is a recovery code, in four groups.
func newRecovery() string {
	var bits [recoveryBytes]byte
	rand.Read(bits[:])
	code := recoveryAlphabet.EncodeToString(bits[:])
	return code[:4] + "-" + code[4:8] + "-" + code[8:12] + "-" + code[12:]
}

// spendRecovery uses up a recovery code. Of several at once, one finds it.
func spendRecovery(tx *database.Tx, userID, code string) error {
	used, err := tx.Exec("DELETE FROM recovery_codes WHERE user_id = $1 AND code_hash = $2", userID, recoveryHash(code))
	if err == nil && used == 0 {
		return ErrRefused
	}
	return err
}

// recoveryHash is what is kept of a recovery code, however it was copied.
func recoveryHash(code string) string {
	return digest(strings.NewReplacer("o", "0", "i", "1", "l", "1").Replace(strings.ToLower(squeeze(code))))
}
