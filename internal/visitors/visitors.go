// Package visitors knows the readers who have shown that an address is theirs.
package visitors

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"time"

	"hark/internal/database"
	"hark/internal/fetch"
)

const (
	// StayLife is how long a reader stays signed in. It does not grow by visits.
	StayLife = 30 * 24 * time.Hour
	// AskLife is how long a reader has to say at their own site who they are.
	AskLife = 10 * time.Minute

	askTime   = 15 * time.Second // to find somebody's server, and again to hear what it says
	mostAsked = 1000             // readers who are being asked at the same time
	mostAtOne = 10               // stays of one address; the oldest give way
	mostDoors = 8                // sites of readers that are visited at the same time
	seenEvery = time.Hour
)

// Options are what the book stands on.
type Options struct {
	DB    *database.DB
	Fetch *fetch.Client // for the sites of readers

	Client   string // the address at which hark says what it is
	Redirect string // the address to which browsers come back
	Now      func() time.Time
}

// Book owns the tables greetings and visitors. New is its only door.
type Book struct {
	Options
	doors chan struct{} // holds a token for each site that is being visited
}

// New opens the book.
func New(o Options) *Book { return &Book{Options: o, doors: make(chan struct{}, mostDoors)} }

// Trouble says why somebody has not shown whose address it is, in a sentence that
// helps them. Err is for the log alone.
type Trouble struct {
	Text string
	Err  error
}

func (e *Trouble) Error() string {
	if e.Err == nil {
		return e.Text
	}
	return e.Err.Error()
}

// Unwrap gives the cause.
func (e *Trouble) Unwrap() error { return e.Err }

var (
	// ErrNobody says that a browser holds nothing of a reader's, or nothing that
	// counts any more.
	ErrNobody = errors.New("no reader is known by this")
	// ErrBusy says that too many readers are being asked at the moment.
	ErrBusy = errors.New("too many readers are being asked who they are")
)

func digest(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}
