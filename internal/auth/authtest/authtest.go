// Package authtest makes users for tests that are not about passwords.
package authtest

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/argon2"

	"hark/internal/auth"
	"hark/internal/database"
)

// Add makes a user as the gate's Add does, at the time given, but with a hash that
// costs next to nothing. To compare a password with it costs as little, because the
// gate reads the cost of a hash from the hash. A gate makes none like it, so what a
// test says of the cost, or does while a password is looked at, needs the real Add.
func Add(t testing.TB, db *database.DB, name, display, password, role string, at time.Time) *auth.User {
	t.Helper()
	if display == "" {
		display = name
	}
	u := &auth.User{ID: database.NewID(), Name: strings.ToLower(name), DisplayName: display, Role: role, Created: time.Unix(at.Unix(), 0)}
	err := db.InTx(context.Background(), func(tx *database.Tx) error {
		if role == auth.Owner {
			if _, err := tx.Exec("DELETE FROM setup"); err != nil {
				return err
			}
		}
		tx.Touch(auth.People)
		_, err := tx.Exec("INSERT INTO users (id, name, display_name, role, password, created_at) VALUES ($1, $2, $3, $4, $5, $6)",
			u.ID, u.Name, u.DisplayName, u.Role, cheap(password), u.Created.Unix())
		return err
	})
	if err != nil {
		t.Fatalf("make the user %s: %v", name, err)
	}
	if err := auth.NameAuthors(context.Background(), db); err != nil {
		t.Fatal(err)
	}
	return u
}

// cheap is the PHC string of a password with the least cost there is.
func cheap(password string) string {
	const passes, memory, lanes = 1, 8, 1
	salt := make([]byte, 16)
	rand.Read(salt)
	key := argon2.IDKey([]byte(password), salt, passes, memory, lanes, 32)
	encode := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, memory, passes, lanes, encode(salt), encode(key))
}
