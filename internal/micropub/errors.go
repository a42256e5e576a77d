package micropub

import (
	"fmt"
	"net/http"
	"strings"
	"time"
)

// The error codes of Micropub, section 3.8, beside one for our own failures.
const (
	codeUnauthorized = "unauthorized"
	codeForbidden    = "forbidden"
	codeScope        = "insufficient_scope"
	codeInvalid      = "invalid_request"
	codeServer       = "server_error"
)

// Error is a refusal as Micropub words it.
type Error struct {
	Status int           // the HTTP status
	Code   string        // the word for programs
	Text   string        // the sentence for people: what is wrong, what would be right
	Scope  string        // the scope that was missing, if that is the reason
	Retry  time.Duration // asks to wait so long, if it is not zero

	missing bool // no token was sent at all
	double  bool // several were
}

// Error says the refusal in one line.
func (e *Error) Error() string {
	return fmt.Sprintf("micropub: %s: %s", e.Code, e.Text)
}

// Unauthorized refuses a token that is unknown, expired or revoked.
func Unauthorized(text string) *Error {
	return &Error{Status: http.StatusUnauthorized, Code: codeUnauthorized, Text: text}
}

// Forbidden refuses what this user may not do.
func Forbidden(text string) *Error {
	return &Error{Status: http.StatusForbidden, Code: codeForbidden, Text: text}
}

// InsufficientScope refuses a token that was not made for this. Of several scopes,
// with spaces between, any would do. The status is the 403 of RFC 6750, section 3.1.
func InsufficientScope(scope string) *Error {
	text := fmt.Sprintf("This token lacks the scope %q. Let the app in again, and allow it that.", scope)
	if any := strings.Fields(scope); len(any) > 1 {
		text = fmt.Sprintf("This token has none of the scopes of which one is needed: %s. Let the app in again, and allow it one.", strings.Join(any, ", "))
	}
	return &Error{Status: http.StatusForbidden, Code: codeScope, Text: text, Scope: scope}
}

// Invalid refuses a request that cannot be understood or fulfilled.
func Invalid(format string, args ...any) *Error {
	return &Error{Status: http.StatusBadRequest, Code: codeInvalid, Text: fmt.Sprintf(format, args...)}
}
