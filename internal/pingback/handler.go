package pingback

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
)

// keptBuffer is the size up to which the buffer of a body is used again, so
// that a few large ones do not stay in memory.
const keptBuffer = 8 << 10

// handler is the door for incoming calls.
type handler struct {
	methods   Methods
	buffers   sync.Pool
	malformed prepared
	tooLarge  prepared
	notPost   prepared
}

// Handler is the XML-RPC door of a site (Pingback 1.0, section 2.3). What is
// no call is turned away at the least cost; refusals are told to m.Refused.
func Handler(m Methods) http.Handler {
	if m.Ping == nil {
		panic("pingback: Handler needs Methods.Ping")
	}
	if m.Refused == nil {
		m.Refused = func(context.Context, error) {}
	}
	if m.Failed == nil {
		m.Failed = func(context.Context, error) {}
	}
	return &handler{
		methods:   m,
		buffers:   sync.Pool{New: func() any { return new(bytes.Buffer) }},
		malformed: prepare(http.StatusBadRequest, "This is not an XML-RPC call."),
		tooLarge:  prepare(http.StatusRequestEntityTooLarge, "A pingback has at most 65536 bytes.", "Connection", "close"),
		notPost:   prepare(http.StatusMethodNotAllowed, "Pingbacks come by POST.", "Allow", "POST"),
	}
}

// ServeHTTP takes one call.
func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.Method != http.MethodPost:
		h.refuse(w, r, h.notPost, ErrMethod)
		return
	case r.ContentLength > maxBody:
		h.refuse(w, r, h.tooLarge, ErrTooLarge)
		return
	}
	c, err := h.read(w, r)
	switch {
	case errors.Is(err, ErrTooLarge):
		h.refuse(w, r, h.tooLarge, err)
	case errors.Is(err, errNotCall):
		h.refuseCall(w, r, ErrMalformed, notACall, "This is XML, but not an XML-RPC methodCall.")
	case err != nil:
		h.refuse(w, r, h.malformed, ErrMalformed)
	default:
		h.dispatch(w, r, c)
	}
}

// read takes in the body, up to the limit whatever the transfer coding.
func (h *handler) read(w http.ResponseWriter, r *http.Request) (call, error) {
	body := h.buffers.Get().(*bytes.Buffer)
	defer func() {
		if body.Cap() <= keptBuffer {
			body.Reset()
			h.buffers.Put(body)
		}
	}()
	_, err := body.ReadFrom(http.MaxBytesReader(w, r.Body, maxBody))
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return call{}, ErrTooLarge
	}
	if err != nil {
		return call{}, ErrMalformed
	}
	return decodeCall(body.Bytes(), r.Header.Get("Content-Type"))
}

// refuse turns a request away with an answer made before.
func (h *handler) refuse(w http.ResponseWriter, r *http.Request, answer prepared, err error) {
	h.methods.Refused(r.Context(), err)
	answer.write(w)
}

// refuseCall turns a call away with a fault.
func (h *handler) refuseCall(w http.ResponseWriter, r *http.Request, err error, code int, text string) {
	h.methods.Refused(r.Context(), fmt.Errorf("%w: %s", err, text))
	writeXML(w, http.StatusOK, fault(code, text))
}

// answerError answers what one of the site's methods returned.
func (h *handler) answerError(w http.ResponseWriter, r *http.Request, err error) {
	var f *Fault
	if errors.As(err, &f) {
		writeFault(w, f)
		return
	}
	h.methods.Failed(r.Context(), err)
	writeXML(w, http.StatusOK, fault(Generic, "Something went wrong here. Please send it again later."))
}
