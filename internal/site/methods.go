package site

import (
	"net/http"
	"strings"

	"github.com/go-chi/chi/v5"

	"hark/internal/page"
)

// methods are all that anything here is asked by.
var methods = [...]string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodOptions}

// notTaken says which methods an address takes (RFC 9110 §15.5.6). chi would name
// those it knows, but not HEAD where GET is answered, and say nothing else. The
// answer is text: no browser asks so, and those who try many cost little.
func (s *Site) notTaken(routes chi.Routes) page.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		path := r.URL.RawPath
		if path == "" {
			path = r.URL.Path
		}
		var taken []string
		for _, method := range methods {
			asked := method
			if method == http.MethodHead {
				asked = http.MethodGet
			}
			// A door that takes every method refuses OPTIONS by itself.
			if method == http.MethodOptions && routes.Match(chi.NewRouteContext(), http.MethodPatch, path) {
				continue
			}
			if routes.Match(chi.NewRouteContext(), asked, path) {
				taken = append(taken, method)
			}
		}
		if len(taken) == 0 {
			return s.missing(w, r)
		}
		w.Header().Set("Allow", strings.Join(taken, ", "))
		return &page.Error{Status: http.StatusMethodNotAllowed}
	}
}
