package indieauth

import (
	"fmt"
	"net/http"
	"time"
)

// The error codes of RFC 6749, sections 4.1.2.1 and 5.2, and of RFC 6750.
const (
	codeInvalid      = "invalid_request"
	codeGrant        = "invalid_grant"
	codeGrantType    = "unsupported_grant_type"
	codeResponseType = "unsupported_response_type"
	codeScope        = "invalid_scope"
	codeToken        = "invalid_token"
	codeInsufficient = "insufficient_scope"
	codeSlow         = "slow_down"
	codeServer       = "server_error"
)

// AccessDenied is what an app is told when its user has said no.
const AccessDenied = "access_denied"

// Error is a refusal as OAuth words it.
type Error struct {
	Status int           // of HTTP
	Code   string        // the word for programs
	Text   string        // the sentence for people, in plain ASCII: what is wrong, what would be right
	Retry  time.Duration // asks to wait so long, if it is not zero

	scope   string // that is lacking
	missing bool   // no token was sent at all
}

func (e *Error) Error() string { return fmt.Sprintf("indieauth: %s: %s", e.Code, e.Text) }

func invalid(format string, args ...any) *Error {
	return &Error{Status: http.StatusBadRequest, Code: codeInvalid, Text: fmt.Sprintf(format, args...)}
}

// InvalidGrant refuses a code or a refresh token. Which of the reasons it is, is
// not told to who may have stolen it.
func InvalidGrant(text string) *Error {
	return &Error{Status: http.StatusBadRequest, Code: codeGrant, Text: text}
}

// InvalidScope refuses scopes that were not granted.
func InvalidScope(text string) *Error {
	return &Error{Status: http.StatusBadRequest, Code: codeScope, Text: text}
}

// InvalidToken refuses a bearer token that opens nothing.
func InvalidToken() *Error {
	return &Error{Status: http.StatusUnauthorized, Code: codeToken, Text: "The access token is not known here, has expired or was revoked."}
}

// Insufficient refuses a token that was not made for this.
func Insufficient(scope string) *Error {
	return &Error{Status: http.StatusForbidden, Code: codeInsufficient, scope: scope,
		Text: fmt.Sprintf("The access token lacks the scope %s.", scope)}
}

// SlowDown refuses unread, after too many failures.
func SlowDown(wait time.Duration) *Error {
	return &Error{Status: http.StatusTooManyRequests, Code: codeSlow, Retry: wait,
		Text: "Too much was asked from this address, or too many of its codes and tokens were wrong. Please try again later."}
}

// missingToken says nothing about errors (section 8.1).
func missingToken() *Error {
	return &Error{Status: http.StatusUnauthorized, Code: codeToken, missing: true,
		Text: "An access token is missing. Send it as Authorization: Bearer TOKEN."}
}

// challenge is WWW-Authenticate (RFC 6750, section 3), empty where none is due.
func (e *Error) challenge() string {
	switch {
	case e.missing:
		return "Bearer"
	case e.Code == codeToken:
		return `Bearer error="invalid_token"`
	case e.Code == codeInsufficient:
		return fmt.Sprintf(`Bearer error="insufficient_scope", scope="%s"`, e.scope)
	}
	return ""
}
