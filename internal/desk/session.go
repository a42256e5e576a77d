package desk

import (
	"context"
	"errors"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"github.com/go-chi/chi/v5/middleware"

	"hark/internal/auth"
	"hark/internal/page"
)

// deviceLife is how long a browser is known as one that signed in before.
const deviceLife = 365 * 24 * time.Hour

// cookies are the names of our cookies.
type cookies struct {
	page.Cookies
	session, device   string
	pending, ceremony string
	saved             string // of the last posts that were saved (see landed)
}

func newCookies(https bool) cookies {
	c := page.Cookies{HTTPS: https}
	return cookies{c, c.Name("hark"), c.Name("hark-device"), c.Name("hark-pending"), c.Name("hark-ceremony"), c.Name("hark-saved")}
}

// visit is what is known of who asks, once somebody wanted to know.
type visit struct {
	once sync.Once
	user *auth.User
	err  error
}

type visitKey struct{}

// Remember lets a request know its user: however often Who is asked, the
// database is asked once, and not at all without a cookie.
func (d *Desk) Remember(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, known := r.Context().Value(visitKey{}).(*visit); !known && page.Cookie(r, d.cookies.session) != "" {
			r = r.WithContext(context.WithValue(r.Context(), visitKey{}, &visit{}))
		}
		next.ServeHTTP(w, r)
	})
}

// Who is the signed-in user, nil for a visitor. An answer that depends on it must
// not be kept by any cache.
func (d *Desk) Who(r *http.Request) *auth.User {
	user, _ := d.who(r) // One whose session cannot be read is a visitor for now.
	return user
}

func (d *Desk) who(r *http.Request) (*auth.User, error) {
	v, ok := r.Context().Value(visitKey{}).(*visit)
	if !ok {
		v = &visit{}
	}
	v.once.Do(func() { v.user, v.err = d.lookUp(r) })
	return v.user, v.err
}

func (d *Desk) lookUp(r *http.Request) (*auth.User, error) {
	token := page.Cookie(r, d.cookies.session)
	if token == "" {
		return nil, nil
	}
	user, err := d.gate.Session(r.Context(), token)
	if errors.Is(err, auth.ErrNoSession) {
		return nil, nil
	}
	return user, err
}

// signIn tries a name and a password. Where a code is asked for as well, the
// answer is an *auth.Pending, which the browser keeps.
func (d *Desk) signIn(w http.ResponseWriter, r *http.Request, name, password string) (*http.Request, error) {
	s, err := d.gate.Login(r.Context(), name, password, page.Cookie(r, d.cookies.device), from(r), r.UserAgent())
	if waits := (*auth.Pending)(nil); errors.As(err, &waits) {
		d.cookies.Set(w, d.cookies.pending, waits.Token, waits.Expires.Sub(d.now()))
	}
	if err != nil {
		return nil, err
	}
	return d.letIn(w, r, s), nil
}

// signInSecond tries the code that is asked for after the password.
func (d *Desk) signInSecond(w http.ResponseWriter, r *http.Request, code string) (*http.Request, error) {
	s, err := d.gate.Second(r.Context(), page.Cookie(r, d.cookies.pending), code, page.Cookie(r, d.cookies.device), from(r), r.UserAgent())
	if err == nil || errors.Is(err, auth.ErrNoPending) {
		d.cookies.Forget(w, d.cookies.pending)
	}
	if err != nil {
		return nil, err
	}
	return d.letIn(w, r, s), nil
}

// signInByPasskey tries what a browser says that holds a passkey.
func (d *Desk) signInByPasskey(w http.ResponseWriter, r *http.Request, answer string) (*http.Request, error) {
	s, err := d.passkeys.Login(r.Context(), page.Cookie(r, d.cookies.ceremony), []byte(answer), page.Cookie(r, d.cookies.device), from(r), r.UserAgent())
	d.cookies.Forget(w, d.cookies.ceremony)
	if err != nil {
		return nil, err
	}
	return d.letIn(w, r, s), nil
}

// letIn gives the browser the cookies of a session. The request it returns knows
// its user.
func (d *Desk) letIn(w http.ResponseWriter, r *http.Request, s auth.Session) *http.Request {
	d.cookies.Set(w, d.cookies.session, s.Token, s.Expires.Sub(d.now()))
	d.cookies.Set(w, d.cookies.device, s.Device, deviceLife)
	v := &visit{user: &s.User}
	v.once.Do(func() {})
	return r.WithContext(context.WithValue(r.Context(), visitKey{}, v))
}

// from is the address of the client, as far as it is known.
// here is the gate as who sends the request meets it.
func (d *Desk) here(r *http.Request) *auth.Gate { return d.gate.From(from(r), r.UserAgent()) }

func from(r *http.Request) netip.Addr { return middleware.GetClientIPAddr(r.Context()) }
