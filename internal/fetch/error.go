package fetch

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"syscall"
	"time"
)

// What a visit can end with. Each is found in an [*Error] by errors.Is.
var (
	// ErrForbidden: the address, its scheme, port or user information is refused.
	ErrForbidden = errors.New("forbidden address")
	// ErrUnreachable: no whole answer came, by DNS, connection, TLS or time.
	ErrUnreachable = errors.New("unreachable")
	// ErrTooSlow is the kind of ErrUnreachable where time ran out.
	ErrTooSlow = fmt.Errorf("%w: too slow", ErrUnreachable)
	// ErrGaveWay is the kind of ErrTooSlow where others waited meanwhile.
	ErrGaveWay = fmt.Errorf("%w while others waited", ErrTooSlow)
	// ErrRedirects: the page redirects again and again.
	ErrRedirects = errors.New("too many redirects")
	// ErrBusy: the host's turn, or a place among all visits, did not come;
	// nothing more was asked. Try later.
	ErrBusy = errors.New("too busy")
	// ErrResting is the kind of ErrBusy where the host gave way lately, and others
	// wait still.
	ErrResting = fmt.Errorf("%w: slow lately", ErrBusy)
	// ErrSpent is the kind of ErrBusy where the host was asked as often as an hour
	// allows.
	ErrSpent = fmt.Errorf("%w: its hour is used up", ErrBusy)
)

// Error says why there is no page.
type Error struct {
	URL    string // the address that failed, which redirects may have led to
	Reason string // for people: a clause without a full stop
	Err    error  // the chain, one of the sentinels in it

	// Wait is, with ErrBusy, how long it takes until there is room again; zero
	// where nobody knows.
	Wait time.Duration
}

func (e *Error) Error() string {
	return fmt.Sprintf("fetch %s: %s: %v", e.URL, e.Reason, e.Err)
}

// Unwrap gives the chain to errors.Is and errors.As.
func (e *Error) Unwrap() error { return e.Err }

func forbidden(address string, err error) *Error {
	return &Error{URL: address, Reason: "hark does not visit this address", Err: fmt.Errorf("%w: %w", ErrForbidden, err)}
}

func tooManyRedirects(u *url.URL) *Error {
	return &Error{URL: u.Redacted(), Reason: "it redirects too often", Err: ErrRedirects}
}

// early is a kind of ErrBusy that knows how long it takes until there is room.
type early struct {
	error
	wait time.Duration
}

func (e *early) Unwrap() error { return e.error }

// explain makes an Error of what went wrong on the way to u.
func explain(u *url.URL, err error) *Error {
	var known *Error
	if errors.As(err, &known) {
		return known
	}
	e := &Error{URL: u.Redacted(), Err: err}
	var soon *early
	if errors.As(err, &soon) {
		e.Wait = soon.wait
	}
	switch {
	case errors.Is(err, ErrForbidden):
		e.Reason = "hark does not visit this address"
	case errors.Is(err, ErrSpent):
		e.Reason = "its host has been asked as often as an hour allows"
	case errors.Is(err, ErrBusy):
		e.Reason = "its turn has not come"
	case errors.Is(err, context.Canceled):
		e.Reason = "the visit was given up"
	case errors.Is(err, ErrGaveWay):
		e.Reason = "it took too long to answer while others waited"
	case late(err):
		e.Reason = "it took too long to answer"
		if !errors.Is(err, ErrTooSlow) {
			e.Err = fmt.Errorf("%w: %w", ErrTooSlow, err)
		}
	default:
		e.Reason = unreachable(err)
		e.Err = fmt.Errorf("%w: %w", ErrUnreachable, err)
	}
	return e
}

func late(err error) bool {
	var n net.Error
	return errors.Is(err, ErrTooSlow) ||
		errors.Is(err, context.DeadlineExceeded) ||
		errors.As(err, &n) && n.Timeout()
}

func unreachable(err error) string {
	var dns *net.DNSError
	var certificate *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	var alert tls.AlertError
	switch {
	case errors.As(err, &dns):
		return "its host name could not be found"
	case errors.As(err, &certificate):
		return "its certificate is not valid"
	case errors.As(err, &record), errors.As(err, &alert):
		return "no secure connection could be made"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "its host refused the connection"
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF), errors.Is(err, syscall.ECONNRESET):
		return "its answer broke off"
	}
	return "its host gave no answer that can be read"
}
