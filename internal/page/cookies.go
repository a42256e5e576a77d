package page

import (
	"net/http"
	"time"
)

// Cookies sets the cookies of a site, which none of its scripts reads and no form of
// another site brings along. With https their names have the prefix that browsers
// take from this host alone, and for all of it (RFC 6265bis §4.1.3).
type Cookies struct{ HTTPS bool }

// Name is what a cookie is called.
func (c Cookies) Name(plain string) string {
	if c.HTTPS {
		return "__Host-" + plain
	}
	return plain
}

// Set has the browser keep a value for so long.
func (c Cookies) Set(w http.ResponseWriter, name, value string, life time.Duration) {
	http.SetCookie(w, &http.Cookie{
		Name: name, Value: value, Path: "/", MaxAge: int(life.Seconds()),
		Secure: c.HTTPS, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
}

// Forget has the browser keep it no more.
func (c Cookies) Forget(w http.ResponseWriter, name string) { c.Set(w, name, "", -time.Second) }

// Cookie is what the browser has kept, empty for nothing.
func Cookie(r *http.Request, name string) string {
	c, err := r.Cookie(name)
	if err != nil {
		return ""
	}
	return c.Value
}
