package page

import (
	"errors"
	"net/http"
	"net/url"
)

// Form reads a posted form of so many bytes at most. What stands in the query is no
// part of it. A larger one is an *http.MaxBytesError, which is answered 413.
func Form(w http.ResponseWriter, r *http.Request, limit int64) (url.Values, error) {
	r.Body = http.MaxBytesReader(w, r.Body, limit)
	err := r.ParseForm()
	switch large := (*http.MaxBytesError)(nil); {
	case errors.As(err, &large):
		return nil, err
	case err != nil:
		return nil, &Error{Status: http.StatusBadRequest, Err: err}
	}
	return r.PostForm, nil
}
