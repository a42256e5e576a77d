package site

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"

	"github.com/go-chi/chi/v5"

	"hark/internal/auth"
	"hark/internal/indieauth"
)

const metadataPath = "/.well-known/oauth-authorization-server"

// indieauth are the doors at which apps fetch what the desk has allowed them.
func (s *Site) indieauth(r chi.Router) {
	doors := indieauth.New(indieauth.Service{
		Knock: func(ctx context.Context) error { return notGranted(s.Gate.Knock(caller(ctx))) },
		Redeem: func(ctx context.Context, r indieauth.Redemption) (*indieauth.Grant, error) {
			return s.granted(ctx)(s.Gate.Redeem(ctx, r, caller(ctx)))
		},
		Identify: func(ctx context.Context, r indieauth.Redemption) (*indieauth.Grant, error) {
			return s.granted(ctx)(s.Gate.Identify(ctx, r, caller(ctx)))
		},
		Renew: func(ctx context.Context, r indieauth.Renewal) (*indieauth.Grant, error) {
			return s.granted(ctx)(s.Gate.Renew(ctx, r, caller(ctx)))
		},
		Revoke:   func(ctx context.Context, token string) error { return s.Gate.Withdraw(ctx, token, caller(ctx)) },
		Inspect:  s.inspect,
		UserInfo: s.userInfo,
		Failed:   s.failed("indieauth"),
	})
	for path, door := range map[string]http.HandlerFunc{"/auth": doors.Profile, "/token": doors.Token, "/revoke": doors.Revoke, "/introspect": doors.Introspect} {
		r.Post(path, door)
		r.Options(path, doors.Preflight)
	}
	get(r, "/userinfo", doors.UserInfo)
	r.Options("/userinfo", doors.Preflight)
	get(r, metadataPath, s.metadata)
}

// metadata says where those doors are.
func (s *Site) metadata(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Access-Control-Allow-Origin", "*")
	w.Header().Set("Cache-Control", "public, max-age=3600")
	json.NewEncoder(w).Encode(indieauth.Metadata{
		Issuer: s.URL + "/", Authorization: s.URL + "/auth", Token: s.URL + "/token", Introspection: s.URL + "/introspect",
		Revocation: s.URL + "/revoke", UserInfo: s.URL + "/userinfo", Documentation: "https://indieauth.spec.indieweb.org/",
		Scopes: append([]string{auth.ProfileScope, auth.EmailScope}, auth.Scopes()...),
	})
}

// granted puts what the gate has given, or why it has not, into the words of the
// standard.
func (s *Site) granted(ctx context.Context) func(*auth.Pass, error) (*indieauth.Grant, error) {
	return func(pass *auth.Pass, err error) (*indieauth.Grant, error) {
		if err != nil {
			return nil, notGranted(err)
		}
		grant := grantOf(pass)
		grant.Profile, err = s.profile(ctx, pass)
		return grant, err
	}
}

func grantOf(pass *auth.Pass) *indieauth.Grant {
	return &indieauth.Grant{
		Me: pass.Me, Client: pass.Client, Scopes: pass.Scopes, Token: pass.Token, Refresh: pass.Refresh,
		Issued: pass.Issued, Expires: pass.Expires,
	}
}

func notGranted(err error) error {
	var throttled *auth.Throttled
	var invalid *auth.Invalid
	switch {
	case errors.As(err, &throttled):
		return indieauth.SlowDown(throttled.RetryAfter)
	case errors.Is(err, auth.ErrNoCode):
		return indieauth.InvalidGrant("The code or refresh token is wrong, was used, has expired, or was made for another request.")
	case errors.Is(err, auth.ErrNoGrant):
		return indieauth.InvalidGrant("This code was allowed no scope, so it gives no token. The authorization endpoint says for it who the user is.")
	case errors.Is(err, auth.ErrScope):
		return indieauth.InvalidScope("The refresh token was not made for all of these scopes.")
	case errors.Is(err, auth.ErrNoToken):
		return indieauth.InvalidToken()
	case errors.As(err, &invalid):
		return indieauth.InvalidGrant("The user has too many tokens already.")
	}
	return err
}

// profile is what the user tells of themselves by what they allowed; nil for
// nothing.
func (s *Site) profile(ctx context.Context, pass *auth.Pass) (*indieauth.Profile, error) {
	if !slices.Contains(pass.Scopes, auth.ProfileScope) {
		return nil, nil
	}
	p := &indieauth.Profile{Name: pass.User.DisplayName, URL: pass.Me}
	own, err := s.Gate.Profile(ctx, pass.User.ID)
	if err != nil {
		return nil, err
	}
	if own.Photo != "" {
		p.Photo = s.URL + own.Photo
	}
	if slices.Contains(pass.Scopes, auth.EmailScope) {
		letters, err := s.Settings.Letters(ctx)
		if err != nil {
			return nil, err
		}
		p.Email = letters.To
	}
	return p, nil
}

// inspect tells who shows a good token what another of the same user is good for.
func (s *Site) inspect(ctx context.Context, bearer, token string) (*indieauth.Grant, error) {
	by, err := s.Gate.Token(ctx, bearer, "", caller(ctx))
	if err != nil {
		return nil, notGranted(err)
	}
	pass, err := s.Gate.Inspect(ctx, token)
	if err != nil || pass == nil || pass.User.ID != by.ID {
		return nil, err
	}
	grant := grantOf(pass)
	if grant.Me != "" {
		return grant, nil
	}
	// It was made by hand, and nobody was told whose it is.
	path, err := s.Gate.Me(ctx, by.ID, s.Posts.HasListed)
	if err == nil && path != "" {
		grant.Me = s.URL + path
	}
	return grant, err
}

func (s *Site) userInfo(ctx context.Context, bearer string) (*indieauth.Profile, error) {
	pass, err := s.Gate.Holder(ctx, bearer, auth.ProfileScope, caller(ctx))
	if errors.Is(err, auth.ErrScope) {
		return nil, indieauth.Insufficient(auth.ProfileScope)
	}
	if err != nil {
		return nil, notGranted(err)
	}
	return s.profile(ctx, pass)
}
