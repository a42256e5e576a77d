// Package webmention speaks W3C Webmention: it takes mentions in, finds where
// others take theirs, and sends to them. It knows nothing of the blog.
package webmention

import (
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

const (
	maxForm    = 64 << 10
	maxAddress = 2048
)

// Why a request was refused before anybody was asked to accept it.
var (
	// ErrMethod: the request is no POST.
	ErrMethod = errors.New("method not allowed")
	// ErrTooLarge: the request is larger than 64 KiB.
	ErrTooLarge = errors.New("request too large")
	// ErrMalformed: the request is no webmention: its form, the count of its
	// values, or an address cannot be used.
	ErrMalformed = errors.New("malformed request")
	// ErrBadSource is the kind of ErrMalformed where the source names a
	// resource that no web server gives to everybody: another scheme than http
	// and https, or a user name in the address.
	ErrBadSource = fmt.Errorf("%w: bad source", ErrMalformed)
)

// Error is an answer that is no success: one to give, when Accept returns it,
// or one that was got, when Send does.
type Error struct {
	Status     int
	Text       string        // a sentence for people, in one line
	RetryAfter time.Duration // when to come again, zero if nothing is said of it
}

func (e *Error) Error() string {
	if e.Text == "" {
		return fmt.Sprintf("webmention answered with status %d", e.Status)
	}
	return fmt.Sprintf("webmention answered with status %d: %s", e.Status, e.Text)
}

// refusal is our answer to a request that is no webmention.
type refusal struct {
	status   int
	sentence string
	err      error
}

func malformed(sentence string) *refusal {
	return &refusal{400, sentence, ErrMalformed}
}

// addresses says what is wrong with the form of a mention's two addresses
// (Webmention §3.2.1), nil if nothing is.
func addresses(source, target string) *refusal {
	s, no := address("source", source)
	if no != nil {
		return no
	}
	t, no := address("target", target)
	if no != nil {
		return no
	}
	if resource(s) == resource(t) {
		return malformed("The source and the target are the same page.")
	}
	return nil
}

func address(name, value string) (*url.URL, *refusal) {
	if len(value) > maxAddress {
		return nil, malformed("The " + name + " is longer than 2048 bytes.")
	}
	u, err := url.Parse(value)
	if err != nil || !utf8.ValidString(value) {
		return nil, malformed("The " + name + " is not an address.")
	}
	no := malformed("The " + name + " is not a whole http or https address.")
	if name == "source" && u.Scheme != "" {
		no.err = ErrBadSource
	}
	if u.Scheme != "http" && u.Scheme != "https" {
		return nil, no
	}
	if u.User != nil {
		no.sentence = "The " + name + " must not hold a user name."
		return nil, no
	}
	if u.Hostname() == "" {
		no.err = ErrMalformed
		return nil, no
	}
	if port := u.Port(); port != "" {
		if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
			return nil, malformed("The " + name + " has a port that does not exist.")
		}
	}
	return u, nil
}

// resource is what two spellings of one address share as far as the generic
// syntax tells (RFC 3986 §6.2); what else is one page, the blog knows.
func resource(u *url.URL) string {
	port := u.Port()
	if u.Scheme == "http" && port == "80" || u.Scheme == "https" && port == "443" {
		port = ""
	}
	path := u.EscapedPath()
	if path == "" {
		path = "/"
	}
	return u.Scheme + "://" + strings.ToLower(u.Hostname()) + ":" + port + path + "?" + u.RawQuery
}
