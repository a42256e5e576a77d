package micropub

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
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

// MediaService keeps files for apps. All but Failed are needed. Errors are treated
// as those of a Service.
type MediaService struct {
	// Authorize is asked once a request, before a byte of a file is read; the scope
	// is "media".
	Authorize func(ctx context.Context, token, scope string) (context.Context, error)
	// Keep keeps a file and returns its absolute address. name is what the app calls
	// it. The file may break off: then body gives an error, and nothing is to be kept.
	Keep func(ctx context.Context, name string, body io.Reader) (location string, err error)
	// Last lists what the token's user has uploaded, the newest first.
	Last func(ctx context.Context, skip, limit int) ([]MediaItem, error)
	// MaxBytes is the largest file, in bytes.
	MaxBytes int64
	// Failed is told of errors that are the site's own.
	Failed func(ctx context.Context, err error)
}

// Media is the media endpoint of a site (Micropub, section 3.6).
func Media(s MediaService) http.Handler {
	if s.Authorize == nil || s.Keep == nil || s.Last == nil || s.MaxBytes < 1 {
		panic("micropub: Media needs all of its MediaService but Failed")
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

// formBytes is what may stand in a form around a file.
const formBytes = 64 << 10

func (m *media) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	// An app in a browser may be of any site: it shows a token, and no cookie.
	w.Header().Set("Access-Control-Allow-Origin", "*")
	w.Header().Set("Access-Control-Expose-Headers", "Location")
	var err error
	switch r.Method {
	case http.MethodGet, http.MethodHead:
		err = m.query(w, r)
	case http.MethodPost:
		err = m.post(w, r)
	case http.MethodOptions:
		w.Header().Set("Access-Control-Allow-Methods", "GET, POST")
		w.Header().Set("Access-Control-Allow-Headers", "Authorization, Content-Type")
		w.WriteHeader(http.StatusNoContent)
	default:
		w.Header().Set("Allow", "GET, HEAD, OPTIONS, POST")
		err = &Error{Status: http.StatusMethodNotAllowed, Code: codeInvalid, Text: "The media endpoint takes GET and POST."}
	}
	if err != nil {
		m.door.answerError(w, r, err)
	}
}

// post takes one file. The token has to come before it, in the header or in the form:
// for whom nobody knows no byte is kept.
func (m *media) post(w http.ResponseWriter, r *http.Request) error {
	token, err := headerToken(r)
	if err != nil {
		return err
	}
	ctx := r.Context()
	if token != "" {
		if ctx, err = m.door.authorize(ctx, token, "media"); err != nil {
			w.Header().Set("Connection", "close")
			return err
		}
	}
	if r.ContentLength > m.service.MaxBytes+formBytes {
		w.Header().Set("Connection", "close")
		return m.tooLarge()
	}
	kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if kind != multipartType || err != nil || params["boundary"] == "" {
		if token == "" {
			return missingToken()
		}
		return Invalid("A file is sent as %s, in the part named file.", multipartType)
	}
	body := http.MaxBytesReader(w, r.Body, m.service.MaxBytes+formBytes)
	location, err := m.file(ctx, multipart.NewReader(body, params["boundary"]), token)
	if large := (*http.MaxBytesError)(nil); errors.As(err, &large) {
		return m.tooLarge()
	}
	if err != nil {
		w.Header().Set("Connection", "close") // what is left of it is not read
		return err
	}
	w.Header().Set("Location", location)
	w.WriteHeader(http.StatusCreated)
	return nil
}

func (m *media) tooLarge() *Error {
	return &Error{Status: http.StatusRequestEntityTooLarge, Code: codeInvalid, Text: fmt.Sprintf("A file has at most %d MiB.", m.service.MaxBytes>>20)}
}

// file looks for the part named file, and hands it on while it comes.
func (m *media) file(ctx context.Context, parts *multipart.Reader, token string) (string, error) {
	for {
		part, err := parts.NextPart()
		if err == io.EOF {
			if token == "" {
				return "", missingToken()
			}
			return "", Invalid("The part named file is missing.")
		}
		if err != nil {
			return "", broken(err)
		}
		switch part.FormName() {
		case "access_token":
			shown, err := io.ReadAll(io.LimitReader(part, formBytes))
			if err != nil {
				return "", broken(err)
			}
			if token != "" {
				return "", twoTokens()
			}
			token = string(shown)
			if ctx, err = m.door.authorize(ctx, token, "media"); err != nil {
				return "", err
			}
		case "file":
			if token == "" {
				return "", missingToken()
			}
			upload := &upload{part: part}
			location, err := m.service.Keep(ctx, part.FileName(), upload)
			if upload.err != nil {
				return "", broken(upload.err)
			}
			return location, err
		}
	}
}

// broken says that a form could not be read to its end; one that is too large says so
// for itself.
func broken(err error) error {
	if large := (*http.MaxBytesError)(nil); errors.As(err, &large) {
		return err
	}
	return Invalid("The upload broke off. Nothing of it is kept.")
}

// upload is a file that remembers whether it broke off.
type upload struct {
	part io.Reader
	err  error
}

func (u *upload) Read(p []byte) (int, error) {
	n, err := u.part.Read(p)
	if err != nil && err != io.EOF {
		u.err = err
	}
	return n, err
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
