package desk

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"

	"hark/internal/auth"
	"hark/internal/database"
	"hark/internal/media"
	"hark/internal/page"
)

const (
	fileField   = "file"   // in which files come that go into the text
	showField   = "show"   // and those that the post shows before it
	unsentField = "unsent" // the names of files that came while nobody was signed in

	mostBytes = 4 * media.MaxBytes // of the files of one form
	mostFiles = 50                 // in one form
	mostParts = 5000               // of one form, its fields counted too
)

// baggage is what came with a form beside its words.
type baggage struct {
	Files []came
	Left  []left // those that are not kept
}

// came is a file that is kept, and in which field it came.
type came struct {
	*media.File
	Field string
}

// left is a file that is not kept, and why in a sentence.
type left struct {
	Field, Name, Text string
	Status            int
}

type baggageKey struct{}

// baggageOf is what came with the form of a request.
func baggageOf(r *http.Request) *baggage {
	if b, ok := r.Context().Value(baggageKey{}).(*baggage); ok {
		return b
	}
	return &baggage{}
}

// withFiles lets a form of at most so many bytes of words bring files along. Those of
// who may write are kept while they come. Nobody else's are: but the words around
// them are read all the same, so that a session that has ended costs no word, and the
// names of the files become the field "unsent".
func (d *Desk) withFiles(words int64, h page.Handler) page.Handler {
	return d.withParts(words, h, func(r *http.Request, user *auth.User) (*http.Request, int64, taker) {
		b := &baggage{}
		r = r.WithContext(context.WithValue(r.Context(), baggageKey{}, b))
		if !user.May(auth.Write) {
			return r, media.MaxBytes, nil
		}
		return r, mostBytes, func(field, name string, body io.Reader) error {
			return d.take(r.Context(), b, user.ID, field, name, body)
		}
	})
}

// taker reads a file of a form while it comes.
type taker func(field, name string, body io.Reader) error

// withParts has a form in parts read before h: its words, of at most so many bytes, and
// its files, by what begin answers for who is signed in, with the request that knows them
// and how many bytes they may have. Without a taker their names become the field "unsent".
func (d *Desk) withParts(words int64, h page.Handler, begin func(*http.Request, *auth.User) (*http.Request, int64, taker)) page.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		boundary := partedBy(r)
		if boundary == "" {
			return h(w, r)
		}
		user, err := d.who(r)
		if err != nil {
			return err
		}
		var unsent []string
		r, most, take := begin(r, user)
		if take == nil {
			take = func(_, name string, _ io.Reader) error {
				unsent = append(unsent, name)
				return nil
			}
		} else if err := page.Unhurried(w, media.UploadTime); err != nil {
			return err
		}
		fields, err := parted(http.MaxBytesReader(w, r.Body, most+words), boundary, words, take)
		if err != nil {
			return err
		}
		if len(unsent) > 0 {
			fields[unsentField] = unsent
		}
		r.PostForm = fields // so that nobody reads the body again
		return h(w, r)
	}
}

// parted reads a form in parts (RFC 7578): its fields, of at most so many bytes in all,
// and its files, each of which take may read while it comes.
func parted(body io.Reader, boundary string, words int64, take taker) (url.Values, error) {
	fields, form, room := url.Values{}, multipart.NewReader(body, boundary), words
	for range mostParts {
		part, err := form.NextPart()
		if errors.Is(err, io.EOF) {
			return fields, nil
		}
		if err != nil {
			return nil, torn(err, words)
		}
		if name := part.FormName(); name != fileField && name != showField {
			typed, err := io.ReadAll(io.LimitReader(part, room+1))
			if err != nil {
				return nil, torn(err, words)
			}
			value := page.Typed(string(typed))
			if room -= int64(len(name) + len(value)); room < 0 {
				return nil, tooMuch(words, nil)
			}
			fields.Add(name, value)
		} else if part.FileName() != "" { // else none was chosen
			if err := take(name, part.FileName(), part); err != nil {
				return nil, torn(err, words)
			}
		}
	}
	return nil, &page.Error{Status: http.StatusBadRequest}
}

// torn is the error of a form that could not be read to its end.
func torn(err error, words int64) error {
	if large := (*http.MaxBytesError)(nil); errors.As(err, &large) {
		return &page.Error{Status: http.StatusRequestEntityTooLarge, Err: err,
			Text: fmt.Sprintf("Those files are too many for one form: %d MiB in all. Go back: what you typed still stands there. Choose fewer at once.", (large.Limit-words)>>20)}
	}
	return &page.Error{Status: http.StatusBadRequest, Err: err, Text: "The form broke off on its way here. Go back: what you typed still stands there. Try again."}
}

// take keeps a file of somebody. Only one that broke off is an error; whatever else
// is wrong with it is said to its owner.
func (d *Desk) take(ctx context.Context, b *baggage, user, field, name string, body io.Reader) error {
	leave := func(status int, text string) { b.Left = append(b.Left, left{field, name, text, status}) }
	if len(b.Files)+len(b.Left) >= mostFiles {
		leave(http.StatusUnprocessableEntity, fmt.Sprintf("One form takes %d files at most.", mostFiles))
		return nil
	}
	coming := &coming{body: body}
	f, err := d.media.Save(ctx, coming, name, user)
	switch invalid := (*media.Invalid)(nil); {
	case coming.err != nil:
		return coming.err
	case errors.As(err, &invalid) && invalid.Large:
		leave(http.StatusRequestEntityTooLarge, invalid.Text)
	case errors.As(err, &invalid):
		leave(http.StatusUnprocessableEntity, invalid.Text)
	case errors.Is(err, database.ErrFull):
		leave(http.StatusInsufficientStorage, "The disk is full. Make room on it, then try again.")
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		d.log.Error("file not kept", "err", err)
		leave(http.StatusInternalServerError, "It could not be kept; the log of the site says why.")
	default:
		b.Files = append(b.Files, came{f, field})
	}
	return nil
}

// coming is a file that remembers whether it broke off.
type coming struct {
	body io.Reader
	err  error
}

func (c *coming) Read(p []byte) (int, error) {
	n, err := c.body.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		c.err = err
	}
	return n, err
}
