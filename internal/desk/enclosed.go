package desk

import (
	"context"
	"fmt"
	"io"
	"net/http"

	"hark/internal/auth"
	"hark/internal/page"
)

// pictureBytes is how large a picture may be that comes with a form of choices, in
// bytes.
const pictureBytes = 20 << 20

// enclosed is the picture that came with a form.
type enclosed struct {
	name  string // empty: none came
	body  []byte
	large bool // more than pictureBytes; the body is not there
}

type enclosedKey struct{}

// enclosedIn is the picture that came with the form of a request.
func enclosedIn(r *http.Request) *enclosed {
	if e, ok := r.Context().Value(enclosedKey{}).(*enclosed); ok {
		return e
	}
	return &enclosed{}
}

// withPicture lets a form of at most so many bytes of words bring a picture along, from
// who is signed in.
func (d *Desk) withPicture(words int64, h page.Handler) page.Handler {
	return d.withParts(words, h, func(r *http.Request, user *auth.User) (*http.Request, int64, taker) {
		e := &enclosed{}
		r = r.WithContext(context.WithValue(r.Context(), enclosedKey{}, e))
		if user == nil {
			return r, 2 * pictureBytes, nil
		}
		return r, 2 * pictureBytes, e.take
	})
}

func (e *enclosed) take(_, name string, body io.Reader) (err error) {
	e.name = name
	if e.body, err = io.ReadAll(io.LimitReader(body, pictureBytes+1)); len(e.body) > pictureBytes {
		e.body, e.large = nil, true
	}
	return err
}

// unsentPicture is said of one that came while nobody was signed in.
const unsentPicture = "You were signed out when it came, so it is not here. Choose it again."

// tooLarge is the sentence for a picture that is.
func (e *enclosed) tooLarge() string {
	return fmt.Sprintf("That is too large for this: %d MiB at most.", pictureBytes>>20)
}

// again says beside a field that its picture has to be chosen once more, where one came:
// no page can put a file into a form.
func (e *enclosed) again(wrong wrong, field string) {
	if e.name != "" && wrong[field] == "" {
		wrong[field] = "Choose the picture once more: it is not kept yet."
	}
}
