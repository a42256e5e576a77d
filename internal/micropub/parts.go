package micropub

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"time"
)

// formBytes is what may stand in a form around its files, and what is read for
// someone whose token is not known yet, in bytes.
const formBytes = 64 << 10

// arriving is a multipart form that is read while it comes, so that whose it is can
// be asked before what is large.
type arriving struct {
	parts   *multipart.Reader
	body    *narrow
	w       http.ResponseWriter
	patient time.Duration
	ask     func(token string) (context.Context, error)

	ctx   context.Context // that ask returned; nil while the token is not known
	token string
}

// narrow lets few bytes through until it is opened.
type narrow struct {
	from io.Reader
	left int // bytes
	open bool
}

func (n *narrow) Read(p []byte) (int, error) {
	if n.open {
		return n.from.Read(p)
	}
	if n.left == 0 {
		return 0, missingToken()
	}
	got, err := n.from.Read(p[:min(len(p), n.left)])
	n.left -= got
	return got, err
}

// arrive begins to read a form. patient is how long a holder of a token may take
// for the rest of it; 0 is as long as everybody.
func arrive(w http.ResponseWriter, body io.Reader, boundary string, patient time.Duration, ask func(string) (context.Context, error)) *arriving {
	narrow := &narrow{from: body, left: formBytes}
	return &arriving{parts: multipart.NewReader(narrow, boundary), body: narrow, w: w, patient: patient, ask: ask}
}

// shown asks about a token. Only for one that is good the rest of the form is read,
// and without haste.
func (a *arriving) shown(token string) (err error) {
	if a.token != "" {
		return twoTokens()
	}
	if token == "" {
		return missingToken()
	}
	ctx, err := a.ask(token)
	if err != nil {
		return err
	}
	a.ctx, a.token, a.body.open = ctx, token, true
	return linger(a.w, a.patient)
}

// linger gives a request more time than others have.
func linger(w http.ResponseWriter, patient time.Duration) error {
	if patient == 0 {
		return nil
	}
	until := time.Now().Add(patient)
	control := http.NewResponseController(w)
	if err := errors.Join(control.SetReadDeadline(until), control.SetWriteDeadline(until)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return fmt.Errorf("give an upload its time: %w", err)
	}
	return nil
}

// next is the next part that is no token, io.EOF at the end of the form.
func (a *arriving) next() (*multipart.Part, error) {
	for {
		part, err := a.parts.NextPart()
		if err == io.EOF {
			return nil, err
		}
		if err != nil {
			return nil, broken(err)
		}
		if part.FormName() != "access_token" {
			return part, nil
		}
		token, err := io.ReadAll(io.LimitReader(part, formBytes))
		if err != nil {
			return nil, broken(err)
		}
		if err := a.shown(string(token)); err != nil {
			return nil, err
		}
	}
}

// broken says that a form could not be read to its end; what has its own words for
// that stays.
func broken(err error) error {
	large, refusal := (*http.MaxBytesError)(nil), (*Error)(nil)
	if errors.As(err, &large) || errors.As(err, &refusal) {
		return err
	}
	return Invalid("The upload broke off. Nothing of it is kept. Send it again.")
}

// upload is a file that comes as a part. It remembers why it did not come whole.
// What follows it in the form is read before it ends, so that a form that is wrong
// at its very end leaves nothing behind.
type upload struct {
	part  io.Reader
	after func() error
	ended bool
	err   error
}

func (u *upload) Read(p []byte) (int, error) {
	if u.err != nil {
		return 0, u.err
	}
	if u.ended {
		return 0, io.EOF
	}
	n, err := u.part.Read(p)
	switch {
	case err == io.EOF:
		u.ended = true
		if u.err = u.after(); u.err != nil {
			err = u.err
		}
	case err != nil:
		u.err = broken(err)
	}
	return n, err
}
