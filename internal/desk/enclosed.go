package desk

import (
	"context"
	"fmt"
	"io"
	"net/http"

	"hark/internal/media"
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
	if b, ok := r.Context().Value(enclosedKey{}).(*enclosed); ok {
		return b
	}
	return &enclosed{}
}

// withPicture lets a form of at most so many bytes of words bring a picture along. That
// of who is not signed in is not read, only its name, which becomes the field "unsent".
func (d *Desk) withPicture(words int64, h page.Handler) page.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		boundary := partedBy(r)
		if boundary == "" {
			return h(w, r)
		}
		user, err := d.who(r)
		if err != nil {
			return err
		}
		b, unsent := &enclosed{}, ""
		take := func(_, name string, body io.Reader) (err error) {
			if user == nil {
				unsent = name
				return nil
			}
			b.name = name
			if b.body, err = io.ReadAll(io.LimitReader(body, pictureBytes+1)); len(b.body) > pictureBytes {
				b.body, b.large = nil, true
			}
			return err
		}
		if user != nil {
			if err := page.Unhurried(w, media.UploadTime); err != nil {
				return err
			}
		}
		fields, err := parted(http.MaxBytesReader(w, r.Body, 2*pictureBytes+words), boundary, words, take)
		if err != nil {
			return err
		}
		if unsent != "" {
			fields.Set(unsentField, unsent)
		}
		r = r.WithContext(context.WithValue(r.Context(), enclosedKey{}, b))
		r.PostForm = fields // so that nobody reads the body again
		return h(w, r)
	}
}

// unsentPicture is said of one that came while nobody was signed in.
const unsentPicture = "You were signed out when it came, so it is not here. Choose it again."

// tooLarge is the sentence for a picture that is.
func (b *enclosed) tooLarge() string {
	return fmt.Sprintf("That is too large for this: %d MiB at most.", pictureBytes>>20)
}

// again says beside a field that its picture has to be chosen once more, where one came:
// no page can put a file into a form.
func (b *enclosed) again(wrong wrong, field string) {
	if b.name != "" && wrong[field] == "" {
		wrong[field] = "Choose the picture once more: it is not kept yet."
	}
}
