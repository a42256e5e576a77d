package site

import (
	"io"
	"net/http"
	"strconv"
)

const stormAnswer = "Too many false pingbacks are coming in just now. Please send this one again in some minutes.\n"

// The headers of that answer, made once: in a storm it is given very often.
var (
	stormType   = []string{"text/plain; charset=utf-8"}
	stormLength = []string{strconv.Itoa(len(stormAnswer))}
	stormRetry  = []string{"300"}
)

// sheltered turns pingbacks away while a storm of junk goes on, before anything
// of them is read.
func (s *Site) sheltered(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		from := caller(r.Context())
		if _, on := s.Guard.Storm(); !on || !s.Guard.Shut(from, s.Inbox.Trusts(r.Context(), from)) {
			next.ServeHTTP(w, r)
			return
		}
		h := w.Header()
		h["Content-Type"], h["Content-Length"], h["Retry-After"] = stormType, stormLength, stormRetry
		w.WriteHeader(http.StatusServiceUnavailable)
		io.WriteString(w, stormAnswer)
	})
}
