// Package auth decides who may write: people by name and password, with a code
// where they want that asked for, or by passkey, and then by the session of their
// browser; programs by token.
//
// Secrets that we hand out are 256 random bits, and the database keeps only
// their SHA-256. Every refused attempt makes exactly one line in the auth log.
package auth

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"hark/internal/authlog"
	"hark/internal/budget"
	"hark/internal/database"
)

// accountRefill is how long the budget of an account takes to fill by itself.
const accountRefill = 15 * time.Minute

// Errors that a caller must tell apart. None says more than the person who tried
// may know.
var (
	ErrRefused   = errors.New("the name or the password is wrong")
	ErrNoSession = errors.New("not logged in")
	ErrNoPending = errors.New("no login waits for this answer")
	ErrNoPasskey = errors.New("there is no such passkey")
	ErrNoToken   = errors.New("the token is not valid")
	ErrNoApp     = errors.New("there is no such token")
	ErrScope     = errors.New("the token does not allow this")
	ErrNoUser    = errors.New("there is no such user")
	ErrNoRight   = errors.New("the account may not do this")
	ErrNoSetup   = errors.New("the setup link is not valid, or was used")
	ErrHasOwner  = errors.New("the owner's account is made already")
)

// Throttled says that an attempt was refused unread, after too many failures.
type Throttled struct {
	RetryAfter time.Duration
}

func (t *Throttled) Error() string {
	return fmt.Sprintf("too many failed attempts; try again in %d s", int(t.RetryAfter.Seconds())+1)
}

// Invalid says what is wrong with something that a person chose.
type Invalid struct {
	Field string // "name", "display", "password", "role", "scope", "code" or "passkey"
	Text  string // a sentence for that person
}

func (i *Invalid) Error() string { return i.Text }

// User is somebody who may write.
type User struct {
	ID          string
	Name        string // for signing in, lower case
	DisplayName string
	Role        string
	Created     time.Time
}

// Gate knows the users, their sessions and their tokens. New is its only door.
type Gate struct {
	db     *database.DB
	log    *journal
	now    func() time.Time
	hasher *hasher

	addresses *budget.Buckets[netip.Prefix] // logins of an address
	accounts  *budget.Buckets[string]       // logins to an account, or of a device seen before
	programs  *budget.Buckets[netip.Prefix] // bad tokens of an address
	apps      *budget.Buckets[netip.Prefix] // requests of an address for or about tokens, good ones too
	allApps   *budget.Buckets[struct{}]     // and those of all

	unlocks *unlocks // those that were done

	arrived func(tx *database.Tx, at time.Time) error // writes the job of the letter
}

// New makes the gate to what is in db.
func New(db *database.DB, log *authlog.Log, now func() time.Time) *Gate {
	return &Gate{
		db:        db,
		log:       newJournal(db, log, now),
		now:       now,
		hasher:    newHasher(),
		addresses: budget.New[netip.Prefix](budget.Limit{Burst: 5, Refill: time.Minute}),
		accounts:  budget.New[string](budget.Limit{Burst: 10, Refill: accountRefill}),
		programs:  budget.New[netip.Prefix](budget.Limit{Burst: 30, Refill: time.Minute}),
		apps:      budget.New[netip.Prefix](budget.PerMinute(60, 60)),
		allApps:   budget.New[struct{}](budget.PerMinute(600, 600)),
		unlocks:   &unlocks{done: map[string]int64{}},
		arrived:   func(*database.Tx, time.Time) error { return nil },
	}
}

// newSecret is 256 random bits for one who holds them.
func newSecret() string {
	var secret [32]byte
	rand.Read(secret[:]) // never fails; the program would end
	return hex.EncodeToString(secret[:])
}

// digest is what the database keeps of a secret. The secrets are random, so a
// fast hash is enough, and a search by it tells nothing about them by its time.
func digest(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

const userColumns = "users.id, users.name, users.display_name, users.role, users.created_at"

// scanUser reads userColumns and what follows them.
func scanUser(row interface{ Scan(...any) error }, more ...any) (*User, error) {
	var u User
	var created int64
	into := append([]any{&u.ID, &u.Name, &u.DisplayName, &u.Role, &created}, more...)
	if err := row.Scan(into...); err != nil {
		return nil, err
	}
	u.Created = time.Unix(created, 0)
	return &u, nil
}

// account finds a user and the hash of the password by sign-in name. Who is
// switched off is nobody.
func (g *Gate) account(ctx context.Context, name string) (u *User, password string, err error) {
	if !validName(name) { // no need to ask, and PostgreSQL does not take every byte
		return nil, "", ErrNoUser
	}
	u, err = scanUser(g.db.QueryRow(ctx, `
		SELECT `+userColumns+`, users.password
		FROM users
		WHERE name = $1 AND off_at = 0`, name), &password)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, "", ErrNoUser
	}
	if err != nil {
		return nil, "", fmt.Errorf("read the user %s: %w", name, err)
	}
	return u, password, nil
}
