// Package indieauth speaks IndieAuth (living standard of 11 July 2024). The server's
// side reads what apps ask for and what they say of themselves, and answers in the
// words of OAuth 2.0; the client's finds the server of a user, asks it who they are,
// and reads what it says. It knows nothing of the blog: who signs in, codes, tokens
// and sessions are the business of whoever uses it.
package indieauth

import (
	"context"
	"time"
)

// Redemption is what a code is shown with (section 5.3.1).
type Redemption struct {
	Code     string
	Client   string // canonical
	Redirect string // as it stood in the request
	Verifier string
}

// Renewal is what a refresh token is shown with (section 5.5.1).
type Renewal struct {
	Refresh string
	Client  string   // canonical
	Scopes  []string // fewer than before; none for the same
}

// Grant is what an app was given.
type Grant struct {
	Me      string
	Client  string
	Scopes  []string
	Token   string    // told once
	Refresh string    // told once; empty for none
	Issued  time.Time // zero where nobody knows
	Expires time.Time // of the token; zero for never
	Profile *Profile  // nil for none
}

// Profile is what a user tells of themselves (section 5.3.4).
type Profile struct {
	Name  string `json:"name,omitempty"`
	URL   string `json:"url,omitempty"`
	Photo string `json:"photo,omitempty"`
	Email string `json:"email,omitempty"`
}

// Service is the site behind the doors. What it returns as *Error is answered as
// such; any other error is answered 500 without its text, and told to Failed.
type Service struct {
	// Knock asks, before anything of a request is read, whether one more from this
	// caller is taken. It stands before all doors but UserInfo, which only reads.
	Knock func(ctx context.Context) error
	// Redeem gives a token for a code.
	Redeem func(ctx context.Context, r Redemption) (*Grant, error)
	// Identify says for a code who the user is, and gives no token.
	Identify func(ctx context.Context, r Redemption) (*Grant, error)
	// Renew gives a token for a refresh token.
	Renew func(ctx context.Context, r Renewal) (*Grant, error)
	// Revoke has a token, of either kind, open nothing any more. One that opened
	// nothing is no error.
	Revoke func(ctx context.Context, token string) error
	// Inspect says what a token is good for, to who shows a good one; nil for
	// nothing.
	Inspect func(ctx context.Context, bearer, token string) (*Grant, error)
	// UserInfo is the profile of whose token it is.
	UserInfo func(ctx context.Context, bearer string) (*Profile, error)
	// Failed is told of errors that are the site's own.
	Failed func(ctx context.Context, err error)
}
