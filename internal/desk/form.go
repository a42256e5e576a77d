package desk

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"hark/internal/page"
)

// How large the body of a form may be, in bytes: one with a few fields, and one
// with a text, each letter of which may take three times its bytes on the way.
const (
	formLimit  = 64 << 10
	writeLimit = 1 << 20
)

// form reads a posted form of limited size, and says what to do where it is larger.
func form(w http.ResponseWriter, r *http.Request, limit int64) (url.Values, error) {
	fields, err := page.Form(w, r, limit)
	if large := (*http.MaxBytesError)(nil); errors.As(err, &large) {
		return nil, tooMuch(limit, err)
	}
	return fields, err
}

// tooMuch refuses a form with more words than it may have, in bytes.
func tooMuch(limit int64, err error) error {
	return &page.Error{Status: http.StatusRequestEntityTooLarge, Err: err,
		Text: fmt.Sprintf("That is more than this form takes: %d KB at most, all in all. Go back: what you typed still stands there. Shorten it, or make two of it.", limit>>10)}
}

// wrong says beside which field stands what sentence.
type wrong map[string]string

// Of is the sentence that stands beside a field, nil where there is none.
func (w wrong) Of(field string) *mistake {
	if w[field] == "" {
		return nil
	}
	return &mistake{Field: field, Text: w[field]}
}

// add says one more thing beside a field.
func (w wrong) add(field, text string) {
	if w[field] != "" {
		text = w[field] + " " + text
	}
	w[field] = text
}

// mistake is one field and its sentence.
type mistake struct{ Field, Text string }
