package page

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
)

// Form reads a posted form of so many bytes at most. What stands in the query is no
// part of it, and its values are as Typed has them. A larger one is an
// *http.MaxBytesError, which is answered 413.
func Form(w http.ResponseWriter, r *http.Request, limit int64) (url.Values, error) {
	r.Body = http.MaxBytesReader(w, r.Body, limit)
	err := r.ParseForm()
	switch large := (*http.MaxBytesError)(nil); {
	case errors.As(err, &large):
		return nil, err
	case err != nil:
		return nil, &Error{Status: http.StatusBadRequest, Err: err}
	}
	for _, values := range r.PostForm {
		for n, value := range values {
			values[n] = Typed(value)
		}
	}
	return r.PostForm, nil
}

// Typed is what a field of a form brought, as a browser would have sent it: what is no
// UTF-8, which only a form made by hand has, could neither be kept everywhere nor be
// shown on a page.
func Typed(value string) string { return strings.ToValidUTF8(value, "\uFFFD") }
