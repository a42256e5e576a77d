package micropub

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// fileProperties are the properties of which a form can bring the files themselves
// (Micropub, section 3.3).
var fileProperties = []string{"photo", "video", "audio"}

// maxUploads bounds the files of one request.
const maxUploads = 100

// album is a form in parts on its way to become a post, with the files that came so
// far.
type album struct {
	*handler
	w       http.ResponseWriter
	form    *arriving
	ctx     context.Context // of the request, and once files came the one of its token
	allowed bool            // to create
	refused error           // what is answered whatever else is wrong
	uploads []Upload
}

// postParts does what a form in parts asks for. Before the first file is read its
// token has to be one that may create.
func (h *handler) postParts(w http.ResponseWriter, r *http.Request, token, boundary string) error {
	a := &album{handler: h, w: w, ctx: r.Context()}
	a.form = arrive(http.MaxBytesReader(w, r.Body, maxBody+h.service.MaxFiles), boundary, func(string) error {
		a.form.body.left += maxBody
		a.form.body.end = tooLarge()
		return nil
	})
	a.form.shown(token)
	a.form.again = token != "" && h.service.Twice != nil
	defer a.drop()
	req, wrong := a.read()
	if a.form.twice {
		req.tokens = []string{token}
	}
	if wrong != nil {
		w.Header().Set("Connection", "close") // the rest may not have been read
	}
	switch {
	case a.refused != nil:
		return a.refused
	case !a.allowed:
		return h.judge(a.ctx, w, a.form.token, req, wrong)
	case a.form.twice && wrong == nil:
		wrong = h.once(a.ctx, true)
	}
	switch {
	case wrong != nil:
		return wrong
	case req.action != actionCreate:
		return Invalid("Files come with a new post alone, and this is to %s one. Leave out the files, or the action.", req.action)
	}
	req.create.Uploads = a.uploads
	return h.do(a.ctx, w, req)
}

// drop lets go of the files that nobody has kept.
func (a *album) drop() {
	for _, upload := range a.uploads {
		upload.Drop()
	}
}

// read reads the form to its end.
func (a *album) read() (request, error) {
	values := url.Values{}
	for left := maxBody; ; {
		part, err := a.form.next()
		if err == io.EOF {
			return decodeForm(values)
		}
		if err != nil {
			return request{}, a.lost(err, Invalid("The form is not encoded as %s: each part begins behind the boundary that the Content-Type names, and the last one ends with it.", multipartType))
		}
		name := part.FormName()
		value, err := a.value(strings.TrimSuffix(name, "[]"), part, left)
		if err != nil {
			return request{}, err
		}
		if left -= len(value); left < 0 {
			return request{}, tooLarge()
		}
		values.Add(name, value)
	}
}

// lost says why a form could not be read. That its token is missing, or there twice,
// is said to everybody.
func (a *album) lost(err, words error) error {
	err = inWords(err, words)
	if large := (*http.MaxBytesError)(nil); errors.As(err, &large) {
		return &Error{Status: http.StatusRequestEntityTooLarge, Code: codeInvalid, Text: fmt.Sprintf(
			"The files of this request are too large: they can have %d MiB at most together. Send them one by one to the media endpoint, which q=config names.", a.service.MaxFiles>>20)}
	}
	if refusal := (*Error)(nil); errors.As(err, &refusal) && (refusal.missing || refusal.double) {
		a.refused = err
	}
	return err
}

// value is what a part says: its text, or the address of its file.
func (a *album) value(property string, part *multipart.Part, most int) (string, error) {
	if isFile(part) {
		return a.file(property, part)
	}
	text, err := io.ReadAll(io.LimitReader(part, int64(most)+1))
	if err != nil {
		return "", a.lost(err, Invalid("The form broke off in the property %s. Send it again, whole.", shorten(property)))
	}
	return string(text), nil
}

// isFile tells whether a part is a file. A browser sends a field for files in which
// none was chosen, too: it has no name and is empty.
func isFile(part *multipart.Part) bool {
	kind, _, _ := strings.Cut(mediaType(part.Header.Get("Content-Type")), "/")
	return part.FileName() != "" || kind == "image" || kind == "audio" || kind == "video"
}

// file takes one file.
func (a *album) file(property string, part *multipart.Part) (string, error) {
	switch {
	case a.service.Take == nil:
		return "", Invalid("Files are not taken here. The property %s can be the address of a file on the web.", shorten(property))
	case !slices.Contains(fileProperties, property):
		return "", Invalid("The property %s cannot be a file. What can is %s.", shorten(property), strings.Join(fileProperties, ", "))
	case len(a.uploads) == maxUploads:
		return "", Invalid("The property %s has too many files: one request can bring %d.", property, maxUploads)
	}
	if err := a.allow(); err != nil {
		return "", err
	}
	body := &upload{part: part}
	taken, err := a.service.Take(a.ctx, property, part.FileName(), body)
	if err == nil {
		a.uploads = append(a.uploads, taken)
	}
	if body.err != nil {
		return "", a.lost(body.err, Invalid("The form broke off in the property %s. Send it again, whole.", property))
	}
	return taken.Location, err
}

// allow asks, once, whether the token may create, and gives its holder the time that
// files need.
func (a *album) allow() (err error) {
	if a.allowed {
		return nil
	}
	if a.ctx, a.refused = a.authorize(a.ctx, a.form.token, string(actionCreate)); a.refused != nil {
		return a.refused
	}
	a.allowed, a.form.body.open = true, true
	return linger(a.w, a.service.Unhurried)
}
