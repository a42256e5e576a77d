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
)

// deviceLife is how long a browser is known as one that signed in before.
const deviceLife = 365 * 24 * time.Hour

// cookies are the names of our cookies. With https they have the prefix that
// browsers take from this host alone, and for all of it (RFC 6265bis §4.1.3).
type cookies struct {
	session, device   string
	pending, ceremony string
	secure            bool
}

func newCookies(https bool) cookies {
	if https {
		return cookies{"__Host-hark", "__Host-hark-device", "__Host-hark-pending", "__Host-hark-ceremony", true}
	}
	return cookies{"hark", "hark-device", "hark-pending", "hark-ceremony", false}
}

func (c cookies) set(w http.ResponseWriter, name, value string, life time.Duration) {
	http.SetCookie(w, &http.Cookie{
		Name: name, Value: value, Path: "/", MaxAge: int(life.Seconds()),
		Secure: c.secure, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
}

func (c cookies) forget(w http.ResponseWriter, name string) { c.set(w, name, "", -time.Second) }

// value is a cookie of the request, empty where there is none.
func value(r *http.Request, name string) string {
	c, err := r.Cookie(name)
	if err != nil {
		return ""
	}
	return c.Value
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
		if _, known := r.Context().Value(visitKey{}).(*visit); !known && value(r, d.cookies.session) != "" {
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
	token := value(r, d.cookies.session)
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
	s, err := d.gate.Login(r.Context(), name, password, value(r, d.cookies.device), from(r), r.UserAgent())
	if waits := (*auth.Pending)(nil); errors.As(err, &waits) {
		d.cookies.set(w, d.cookies.pending, waits.Token, waits.Expires.Sub(d.now()))
	}
	if err != nil {
		return nil, err
	}
	return d.letIn(w, r, s), nil
}

// signInSecond tries the code that is asked for after the password.
func (d *Desk) signInSecond(w http.ResponseWriter, r *http.Request, code string) (*http.Request, error) {
	s, err := d.gate.Second(r.Context(), value(r, d.cookies.pending), code, value(r, d.cookies.device), from(r), r.UserAgent())
	if err == nil || errors.Is(err, auth.ErrNoPending) {
		d.cookies.forget(w, d.cookies.pending)
	}
	if err != nil {
		return nil, err
	}
	return d.letIn(w, r, s), nil
}

// signInByPasskey tries what a browser says that holds a passkey.
func (d *Desk) signInByPasskey(w http.ResponseWriter, r *http.Request, answer string) (*http.Request, error) {
	s, err := d.passkeys.Login(r.Context(), value(r, d.cookies.ceremony), []byte(answer), value(r, d.cookies.device), from(r), r.UserAgent())
	d.cookies.forget(w, d.cookies.ceremony)
	if err != nil {
		return nil, err
	}
	return d.letIn(w, r, s), nil
}

// letIn gives the browser the cookies of a session. The request it returns knows
// its user.
func (d *Desk) letIn(w http.ResponseWriter, r *http.Request, s auth.Session) *http.Request {
	d.cookies.set(w, d.cookies.session, s.Token, s.Expires.Sub(d.now()))
	d.cookies.set(w, d.cookies.device, s.Device, deviceLife)
	v := &visit{user: &s.User}
	v.once.Do(func() {})
	return r.WithContext(context.WithValue(r.Context(), visitKey{}, v))
}

// from is the address of the client, as far as it is known.
// here is the gate as who sends the request meets it.
func (d *Desk) here(r *http.Request) *auth.Gate { return d.gate.From(from(r), r.UserAgent()) }

func from(r *http.Request) netip.Addr { return middleware.GetClientIPAddr(r.Context()) }
