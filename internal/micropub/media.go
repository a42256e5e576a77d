package micropub

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"
)

// MediaItem is a file as the query for the last uploads tells of it.
type MediaItem struct {
	URL       string    `json:"url"`
	Published time.Time `json:"published"`
	MediaType string    `json:"mime_type"`
}

// MediaService keeps files for apps. All but Failed and Unhurried are needed. Errors are treated
// as those of a Service.
type MediaService struct {
	// Authorize is asked once a request, before a byte of a file is read; the scope
	// is "media".
	Authorize func(ctx context.Context, token, scope string) (context.Context, error)
	// Keep keeps a file and returns its absolute address. name is what the app calls
	// it. It reads the body to its end, which may be an error: then nothing is to be
	// kept.
	Keep func(ctx context.Context, name string, body io.Reader) (location string, err error)
	// Last lists what the token's user has uploaded, the newest first.
	Last func(ctx context.Context, skip, limit int) ([]MediaItem, error)
	// MaxBytes is the largest file, in bytes.
	MaxBytes int64
	// Unhurried gives the upload of a file its time once its token is known, where the
	// deadlines of the server are for small requests; nil leaves those.
	Unhurried func(w http.ResponseWriter) error
	// Failed is told of errors that are the site's own.
	Failed func(ctx context.Context, err error)
}

// Media is the media endpoint of a site (Micropub, section 3.6).
func Media(s MediaService) http.Handler {
	if s.Authorize == nil || s.Keep == nil || s.Last == nil || s.MaxBytes < 1 {
		panic("micropub: Media needs all of its MediaService but Failed and Unhurried")
	}
	if s.Failed == nil {
		s.Failed = func(context.Context, error) {}
	}
	return &media{s, handler{service: Service{Authorize: s.Authorize, Failed: s.Failed}}}
}

type media struct {
	service MediaService
	door    handler // speaks of tokens and errors as the other endpoint does
}

func (m *media) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	open(w.Header())
	var err error
	switch r.Method {
	case http.MethodGet, http.MethodHead:
		err = m.query(w, r)
	case http.MethodPost:
		err = m.post(w, r)
	case http.MethodOptions:
		preflight(w)
	default:
		w.Header().Set("Allow", "GET, HEAD, OPTIONS, POST")
		err = &Error{Status: http.StatusMethodNotAllowed, Code: codeInvalid, Text: "The media endpoint takes GET, to ask, and POST, with a file."}
	}
	if err != nil {
		m.door.answerError(w, r, err)
	}
}

// post takes one file. The token has to come before it, in the header or in the form:
// for whom nobody knows no byte is kept.
func (m *media) post(w http.ResponseWriter, r *http.Request) error {
	location, err := m.take(w, r)
	if large := (*http.MaxBytesError)(nil); errors.As(err, &large) {
		err = m.tooLarge()
	}
	if err != nil {
		w.Header().Set("Connection", "close") // what is left of it is not read
		return err
	}
	w.Header().Set("Location", location)
	w.WriteHeader(http.StatusCreated)
	return nil
}

func (m *media) take(w http.ResponseWriter, r *http.Request) (location string, err error) {
	token, err := headerToken(r)
	if err != nil {
		return "", err
	}
	boundary := boundaryOf(r.Header.Get("Content-Type"))
	if token == "" && boundary == "" {
		return "", missingToken()
	}
	ctx := r.Context()
	form := arrive(http.MaxBytesReader(w, r.Body, m.service.MaxBytes+formBytes), boundary, nil)
	form.known = func(token string) (err error) {
		if ctx, err = m.door.authorize(ctx, token, "media"); err != nil {
			return err
		}
		form.body.open = true
		return linger(w, m.service.Unhurried)
	}
	if token != "" {
		if err := form.shown(token); err != nil {
			return "", err
		}
	}
	switch {
	case r.ContentLength > m.service.MaxBytes+formBytes:
		return "", m.tooLarge()
	case boundary == "":
		return "", Invalid("A file is sent as %s, in the part named file.", multipartType)
	}
	return m.file(form, func(name string, body io.Reader) (string, error) { return m.service.Keep(ctx, name, body) })
}

func (m *media) tooLarge() *Error {
	return &Error{Status: http.StatusRequestEntityTooLarge, Code: codeInvalid, Text: fmt.Sprintf("The part file is too large: it can have %d MiB at most.", m.service.MaxBytes>>20)}
}

// file looks for the part named file, and hands it on while it comes.
func (m *media) file(form *arriving, keep func(name string, body io.Reader) (string, error)) (location string, err error) {
	for {
		part, err := form.next()
		switch {
		case err == io.EOF && form.token == "":
			return "", missingToken()
		case err == io.EOF:
			return "", Invalid("The part named file is missing.")
		case err != nil:
			return "", broken(err)
		case part.FormName() != "file":
			continue
		case form.token == "":
			return "", missingToken()
		}
		upload := &upload{part: part, after: func() error { return m.rest(form) }}
		location, err := keep(part.FileName(), upload)
		if upload.err != nil {
			return "", broken(upload.err)
		}
		return location, err
	}
}

// rest reads what comes after the file, where there can be no other, and no token.
func (m *media) rest(form *arriving) error {
	for {
		part, err := form.next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return broken(err)
		}
		if part.FormName() == "file" {
			return Invalid("There are several parts named file. Send one file at a time.")
		}
	}
}

// query tells of the last uploads (micropub-extensions: query for uploaded files).
func (m *media) query(w http.ResponseWriter, r *http.Request) error {
	token, err := headerToken(r)
	if err != nil {
		return err
	}
	ctx, err := m.door.authorize(r.Context(), token, "media")
	if err != nil {
		return err
	}
	asked := r.URL.Query()
	switch q := asked.Get("q"); q {
	case "last":
		items, err := m.service.Last(ctx, 0, 1)
		if err != nil {
			return err
		}
		if len(items) == 0 {
			answer(w, http.StatusOK, map[string]any{})
			return nil
		}
		answer(w, http.StatusOK, items[0])
	case "source":
		skip, err := number(asked.Get("offset"), "offset", 0, 0, 1<<30)
		if err != nil {
			return err
		}
		limit, err := number(asked.Get("limit"), "limit", 10, 1, mostItems)
		if err != nil {
			return err
		}
		items, err := m.service.Last(ctx, skip, limit)
		if err != nil {
			return err
		}
		answer(w, http.StatusOK, map[string]any{"items": append([]MediaItem{}, items...)})
	case "":
		return Invalid("The parameter q is missing. It can be source or last.")
	default:
		return Invalid("The query q=%s is not supported here. It can be source or last.", shorten(q))
	}
	return nil
}

// number reads a parameter that may be left out.
func number(text, name string, without, least, most int) (int, error) {
	if text == "" {
		return without, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < least || n > most {
		return 0, Invalid("%s must be a number from %d to %d.", name, least, most)
	}
	return n, nil
}
