package auth

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"time"

	"hark/internal/authlog"
	"hark/internal/budget"
	"hark/internal/database"
)

// What is something that happened to an account.
type What string

// What happens to accounts.
const (
	SignedIn        What = "login" // or a token was used for the first time in an hour
	Refused         What = "refused"
	TurnedAway      What = "throttled" // unread, after too many tries
	SignedOut       What = "logout"
	Ended           What = "ended" // a session, from another
	NewBrowser      What = "device"
	PasswordChanged What = "password"
	Unlocked        What = "unlocked"
	TokenMade       What = "token"
	TokenRevoked    What = "revoked"
	PasskeyAdded    What = "passkey"
	PasskeyRemoved  What = "passkey-removed"
	CodesOn         What = "codes"
	CodesOff        What = "codes-off"
	RecoveryRenewed What = "recovery"
	RoleChanged     What = "role" // how is the role, the agent who gave it
	SwitchedOff     What = "off"  // the agent is who did it
	SwitchedOn      What = "on"
)

// byCommand is how something was done by who has the machine.
const byCommand authlog.Method = "command"

const (
	activityLife = 90 * 24 * time.Hour
	mostActivity = 1000 // of an account, and as many again that were refused
	strangersDay = 24 * 60 * 60
)

// journal writes each event to the auth log, and then beside the account that it
// is about. None of its methods may be called within a transaction but note.
type journal struct {
	*authlog.Log
	db    *database.DB
	now   func() time.Time
	agent string // the browser that is met, or the name of a token
	from  netip.Addr

	// Whoever is turned away has cost nothing so far, so not each one is worth a
	// row: one a minute for each name, and so many in all.
	names *budget.Buckets[string]
	all   *budget.Buckets[struct{}]
}

func newJournal(db *database.DB, log *authlog.Log, now func() time.Time) *journal {
	return &journal{
		Log: log, db: db, now: now,
		names: budget.New[string](budget.Limit{Burst: 1, Refill: time.Minute}),
		all:   budget.New[struct{}](budget.Limit{Burst: 60, Refill: time.Minute}),
	}
}

// seenBy is the gate as this browser meets it: what it does is kept with its name.
func (g *Gate) seenBy(agent string) *Gate {
	met, log := *g, *g.log
	log.agent = agentText(agent)
	met.log = &log
	return &met
}

// From is the gate as a client meets it: what happens to an account by it is kept
// with this address and this User-Agent.
func (g *Gate) From(address netip.Addr, agent string) *Gate {
	met := g.seenBy(agent)
	met.log.from = address
	return met
}

// by is the journal where it matters who did it more than with which browser.
func (j *journal) by(u *User) *journal {
	named := *j
	named.agent = u.Name
	return &named
}

// event is what is to be kept.
type event struct {
	what   What
	how    authlog.Method
	from   netip.Addr
	device string // the hash of one that was not seen before
}

func (e event) bad() bool { return e.what == Refused || e.what == TurnedAway }

// Accepted says that user logged in.
func (j *journal) Accepted(user string, how authlog.Method, from netip.Addr) {
	j.Log.Accepted(user, how, from)
	j.keep(user, event{what: SignedIn, how: how, from: from})
}

// Failure says that a known user gave a wrong proof.
func (j *journal) Failure(user string, how authlog.Method, from netip.Addr) {
	j.FailureAs(user, user, how, from)
}

// FailureAs is Failure of somebody whom the auth log calls otherwise.
func (j *journal) FailureAs(user, called string, how authlog.Method, from netip.Addr) {
	j.Log.Failure(called, how, from)
	j.keep(user, event{what: Refused, how: how, from: from})
}

// Invalid says that there is no such user.
func (j *journal) Invalid(user string, how authlog.Method, from netip.Addr) {
	j.Log.Invalid(user, how, from)
	j.keep("", event{what: Refused, how: how, from: from})
}

// UnknownToken says that an API token came that nobody has.
func (j *journal) UnknownToken(from netip.Addr) {
	j.Log.UnknownToken(from)
	j.keep("", event{what: Refused, how: authlog.Token, from: from})
}

// Throttled says that an attempt was refused unread.
func (j *journal) Throttled(user string, from netip.Addr) { j.ThrottledAs(user, user, from) }

// ThrottledAs is Throttled of somebody whom the auth log calls otherwise.
func (j *journal) ThrottledAs(user, called string, from netip.Addr) {
	j.Log.Throttled(called, from)
	now := j.now()
	if _, ok := j.names.Take(digest(signIn(user)), now); !ok {
		return
	}
	if _, ok := j.all.Take(struct{}{}, now); ok {
		j.keep(user, event{what: TurnedAway, from: from})
	}
}

// LoggedOut says that user logged out.
func (j *journal) LoggedOut(user string, from netip.Addr) {
	j.Log.LoggedOut(user, from)
	j.keep(user, event{what: SignedOut, from: from})
}

// keep remembers an event of the account of that name, whether or not its client
// still waits for an answer. It may fail, on a full disk for example: the auth log
// has the line all the same.
func (j *journal) keep(user string, e event) {
	err := j.db.InTx(context.Background(), func(tx *database.Tx) error {
		id, err := userNamed(tx, signIn(user))
		if errors.Is(err, ErrNoUser) {
			return j.count(tx)
		}
		if err != nil {
			return err
		}
		return j.note(tx, id, e)
	})
	if err != nil {
		slog.Warn("what happened to an account is not remembered", "error", err)
	}
}

func userNamed(tx *database.Tx, name string) (id string, err error) {
	if !validName(name) {
		return "", ErrNoUser
	}
	err = tx.QueryRow("SELECT id FROM users WHERE name = $1", name).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return "", ErrNoUser
	}
	return id, err
}

// count remembers that there was one whom nobody here knows.
func (j *journal) count(tx *database.Tx) error {
	today := j.now().Unix() / strangersDay
	_, err := tx.Exec(`
		INSERT INTO strangers (day, times)
		VALUES ($1, 1)
		ON CONFLICT (day) DO UPDATE SET times = strangers.times + 1`, today)
	if err != nil {
		return err
	}
	_, err = tx.Exec("DELETE FROM strangers WHERE day < $1", today-int64(activityLife/time.Second)/strangersDay)
	return err
}

// changed remembers what the client that is met has done with an account.
func (j *journal) changed(tx *database.Tx, userID string, what What, how authlog.Method) error {
	return j.note(tx, userID, event{what: what, how: how, from: j.from})
}

// note remembers what happened to an account, in the caller's transaction, and
// forgets what is old or too much. Refusals of one kind from one address within
// an hour are one row.
func (j *journal) note(tx *database.Tx, userID string, e event) error {
	now, id := j.now().Unix(), database.NewID()
	fold, address := id, addressText(e.from)
	if e.bad() {
		fold = fmt.Sprintf("%s %s %s %d", e.what, e.how, address, now/3600)
	}
	_, err := tx.Exec(`
		INSERT INTO activity (id, user_id, at, what, how, address, agent, times, bad, fold, device, mailed_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, 1, $8, $9, $10, 0)
		ON CONFLICT (user_id, fold) DO UPDATE SET at = excluded.at, agent = excluded.agent, times = activity.times + 1`,
		id, userID, now, string(e.what), string(e.how), address, j.agent, e.bad(), fold, e.device)
	if err != nil {
		return err
	}
	if _, err := tx.Exec("DELETE FROM activity WHERE at < $1", now-int64(activityLife/time.Second)); err != nil {
		return err
	}
	_, err = tx.Exec(`
		DELETE FROM activity
		WHERE user_id = $1 AND bad = $2 AND (at, id) <= (
			SELECT at, id
			FROM activity
			WHERE user_id = $1 AND bad = $2
			ORDER BY at DESC, id DESC
			LIMIT 1 OFFSET $3)`, userID, e.bad(), mostActivity)
	return err
}
