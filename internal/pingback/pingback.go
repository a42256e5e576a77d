// Package pingback speaks Pingback 1.0, the protocol in which one blog tells
// another over XML-RPC that it links there. It receives pings, finds the door
// of another site, and sends to it. It knows the wire and nothing of the blog.
package pingback

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// The fault codes of Pingback 1.0, section 3.
const (
	Generic        = 0
	SourceMissing  = 16 // the source does not exist, or cannot be fetched
	SourceNoLink   = 17 // the source does not link to the target
	TargetMissing  = 32 // the target does not exist
	TargetRefused  = 33 // the target cannot be used
	AlreadyKnown   = 48 // the pingback has been registered before
	AccessDenied   = 49
	UpstreamFailed = 50
)

// The fault codes for calls that are no good as calls, from the range that
// XML-RPC servers agreed upon.
const (
	notACall      = -32700
	wrongCount    = -32600
	unknownMethod = -32601
	wrongType     = -32602
)

// The reasons for which a request is refused before Methods is asked. They are
// told to Methods.Refused, possibly wrapped.
var (
	ErrMalformed = errors.New("malformed pingback")
	ErrTooLarge  = errors.New("pingback too large")
	ErrMethod    = errors.New("method not allowed")
	ErrBadSource = errors.New("bad source address")
	ErrBadTarget = errors.New("bad target address")
)

// Methods is what a site can do when it is called. Ping is needed, the others
// may be nil.
type Methods struct {
	// Ping takes a pingback whose addresses are well formed and returns the
	// text of success. A *Fault is answered as it is. Any other error is
	// answered as fault 0 without its text, and told to Failed.
	Ping func(ctx context.Context, source, target string) (string, error)
	// Pingbacks lists the pages known to link to the target. When it is nil,
	// pingback.extensions.getPingbacks is an unknown method.
	Pingbacks func(ctx context.Context, target string) ([]string, error)
	// Refused is told once of each request that is refused here. Faults that
	// Ping or Pingbacks return are not told.
	Refused func(ctx context.Context, err error)
	// Failed is told of errors that are the site's own.
	Failed func(ctx context.Context, err error)
}

// Fault is a refusal as XML-RPC words it.
type Fault struct {
	Code int
	Text string
	// Status is the HTTP status to answer with, 200 when it is zero. Senders
	// expect 200; 429 and 503 are for those who should come back later.
	Status int
	// RetryAfter asks to wait so long. Zero says nothing about it.
	RetryAfter time.Duration
}

// Error says the fault in one line.
func (f *Fault) Error() string {
	if f.Text == "" {
		return fmt.Sprintf("pingback fault %d", f.Code)
	}
	return fmt.Sprintf("pingback fault %d: %s", f.Code, f.Text)
}
