package desk

import (
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"

	"hark/internal/page"
)

// How large the words of a form may be, in bytes: one with a few fields, and one
// with a text. Those with texts come in parts (RFC 7578), where a letter takes no more
// than its bytes; otherwise it may take three times as much on the way.
const (
	formLimit  = 64 << 10
	writeLimit = 1 << 20
)

// form reads a posted form of limited size, and says what to do where it is larger.
// Files that come with it are left out.
func form(w http.ResponseWriter, r *http.Request, limit int64) (url.Values, error) {
	if boundary := partedBy(r); boundary != "" && r.PostForm == nil {
		leave := func(_, _ string, _ io.Reader) error { return nil }
		fields, err := parted(http.MaxBytesReader(w, r.Body, 2*limit), boundary, limit, leave)
		r.PostForm = fields
		return fields, err
	}
	fields, err := page.Form(w, r, limit)
	if large := (*http.MaxBytesError)(nil); errors.As(err, &large) {
		return nil, tooMuch(limit, err)
	}
	return fields, err
}

// partedBy is what stands between the parts of a form, empty for one without parts.
func partedBy(r *http.Request) string {
	kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/form-data" {
		return ""
	}
	return params["boundary"]
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
