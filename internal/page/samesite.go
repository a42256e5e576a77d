package page

import (
	"net/http"
	"net/url"
)

// SameSite refuses forms that another site sent, for what cookies let people do at
// the site with this address. Browsers that do not say where a form comes from name
// its origin, which may be ours behind a proxy that changes Host.
func (e *Errors) SameSite(address string) func(http.Handler) http.Handler {
	protection := http.NewCrossOriginProtection()
	if u, err := url.Parse(address); err == nil && u.Host != "" {
		if err := protection.AddTrustedOrigin(u.Scheme + "://" + u.Host); err != nil {
			panic("page: the address of the site is no origin: " + err.Error())
		}
	}
	protection.SetDenyHandler(e.Handle(func(http.ResponseWriter, *http.Request) error {
		return &Error{Status: http.StatusForbidden,
			Text: "This came from a page of another site, so nothing was done. Open the page here and try again."}
	}))
	return protection.Handler
}

// Unstored keeps what is made for one person out of every cache.
func Unstored(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", privateCaching)
		next.ServeHTTP(w, r)
	})
}
