package micropub

import (
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
)

// formBytes is what may stand in a form around its files, and what is read for
// someone whose token is not known yet, in bytes.
const formBytes = 64 << 10

// arriving is a multipart form that is read while it comes, so that whose it is can
// be asked before what is large.
type arriving struct {
	parts *multipart.Reader
	body  *narrow
	token string
	known func(token string) error // is told of the token as soon as it is there
	again bool                     // the form may say once more what stood in the header
	twice bool                     // it did
}

// narrow lets few bytes through until it is opened.
type narrow struct {
	from io.Reader
	left int  // bytes
	open bool // all may come
	end  error
}

func (n *narrow) Read(p []byte) (int, error) {
	if n.open {
		return n.from.Read(p)
	}
	if n.left == 0 {
		return 0, n.end
	}
	got, err := n.from.Read(p[:min(len(p), n.left)])
	n.left -= got
	return got, err
}

// arrive begins to read a form.
func arrive(body io.Reader, boundary string, known func(token string) error) *arriving {
	narrow := &narrow{from: body, left: formBytes, end: missingToken()}
	return &arriving{parts: multipart.NewReader(narrow, boundary), body: narrow, known: known}
}

// shown is called with the token of a request, which can be only one. An empty one
// is none.
func (a *arriving) shown(token string) error {
	switch {
	case token == "":
		return nil
	case a.again && token == a.token:
		a.again, a.twice = false, true
		return nil
	case a.token != "":
		return twoTokens()
	}
	a.token = token
	return a.known(token)
}

// linger gives a request more time than others have.
func linger(w http.ResponseWriter, unhurried func(http.ResponseWriter) error) error {
	if unhurried == nil {
		return nil
	}
	if err := unhurried(w); err != nil {
		return fmt.Errorf("give an upload its time: %w", err)
	}
	return nil
}

// next is the next part that is no token, io.EOF at the end of the form.
func (a *arriving) next() (*multipart.Part, error) {
	for {
		part, err := a.parts.NextPart()
		if err != nil || part.FormName() != "access_token" {
			return part, err
		}
		token, err := io.ReadAll(io.LimitReader(part, formBytes))
		if err != nil {
			return nil, err
		}
		if err := a.shown(string(token)); err != nil {
			return nil, err
		}
	}
}

// broken says that a form could not be read to its end.
func broken(err error) error {
	return inWords(err, Invalid("The upload broke off. Nothing of it is kept. Send it again."))
}

// inWords is what went wrong with a form: a refusal that has its own words for it,
// else these.
func inWords(err, words error) error {
	large, refusal := (*http.MaxBytesError)(nil), (*Error)(nil)
	if errors.As(err, &large) || errors.As(err, &refusal) {
		return err
	}
	return words
}

// upload is a file that comes as a part. It remembers why it did not come whole.
// If there is an after, it reads what follows in the form before the file ends, so
// that a form that is wrong at its very end leaves nothing behind.
type upload struct {
	part  io.Reader
	after func() error
	ended bool // after was called
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
	case err == io.EOF && u.after != nil:
		u.ended = true
		if u.err = u.after(); u.err != nil {
			err = u.err
		}
	case err != nil && err != io.EOF:
		u.err = err
	}
	return n, err
}
