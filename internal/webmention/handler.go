package webmention

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Accept is asked once a request is well-formed. It returns the address of the
// status page, empty if there is none. An [*Error] is answered as it stands;
// another error is our own fault: it is logged and answered with status 500.
type Accept func(ctx context.Context, source, target string) (location string, err error)

// Reply draws the body of an answer. It writes the status; Location, Allow and
// Retry-After are set already.
type Reply func(w http.ResponseWriter, r *http.Request, status int, location, sentence string)

// Handler takes webmentions in (Webmention §3.2): a POST, form-encoded, of at
// most 64 KiB, with one source and one target. Each request that is refused
// before accept is asked is told to refused, with an error that is ErrMethod,
// ErrTooLarge or ErrMalformed. Without a reply, answers are plain text.
func Handler(accept Accept, refused func(ctx context.Context, err error), reply Reply) http.Handler {
	if reply == nil {
		reply = plain
	}
	return &handler{accept: accept, refused: refused, reply: reply}
}

type handler struct {
	accept  Accept
	refused func(ctx context.Context, err error)
	reply   Reply
}

func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	source, target, no := read(w, r)
	if no != nil {
		h.refused(r.Context(), no.err)
		if no.status == http.StatusMethodNotAllowed {
			w.Header().Set("Allow", http.MethodPost)
		}
		h.reply(w, r, no.status, "", no.sentence)
		return
	}
	location, err := h.accept(r.Context(), source, target)
	if err != nil {
		h.fail(w, r, err)
		return
	}
	if location == "" {
		h.reply(w, r, http.StatusAccepted, "", "Thank you. The source will be read soon.")
		return
	}
	w.Header().Set("Location", location)
	h.reply(w, r, http.StatusCreated, location, "Thank you. The source will be read soon; the status page tells what came of it.")
}

func (h *handler) fail(w http.ResponseWriter, r *http.Request, err error) {
	var answer *Error
	if !errors.As(err, &answer) || answer.Status < 400 || answer.Status > 599 {
		slog.ErrorContext(r.Context(), "webmention not accepted", "error", err)
		answer = &Error{Status: http.StatusInternalServerError, Text: "Something went wrong on this side. Please send it again later."}
	}
	if answer.RetryAfter > 0 {
		seconds := (answer.RetryAfter + time.Second - 1) / time.Second
		w.Header().Set("Retry-After", strconv.FormatInt(int64(seconds), 10))
	}
	h.reply(w, r, answer.Status, "", answer.Text)
}

// read takes source and target from a request.
func read(w http.ResponseWriter, r *http.Request) (source, target string, no *refusal) {
	if r.Method != http.MethodPost {
		return "", "", &refusal{http.StatusMethodNotAllowed, "A webmention is sent by POST.", ErrMethod}
	}
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if kind != "application/x-www-form-urlencoded" {
		return "", "", &refusal{http.StatusUnsupportedMediaType,
			"A webmention is sent as a form (application/x-www-form-urlencoded).", ErrMalformed}
	}
	body, no := readBody(w, r)
	if no != nil {
		return "", "", no
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return "", "", malformed("The form cannot be read.")
	}
	if len(form["source"]) != 1 || len(form["target"]) != 1 {
		return "", "", malformed("A webmention has one source and one target.")
	}
	// People paste addresses with white space around.
	source, target = strings.TrimSpace(form.Get("source")), strings.TrimSpace(form.Get("target"))
	return source, target, addresses(source, target)
}

// readBody reads the whole body before anything is made of it, so that its
// bound holds whatever the transfer coding.
func readBody(w http.ResponseWriter, r *http.Request) ([]byte, *refusal) {
	large := &refusal{http.StatusRequestEntityTooLarge, "The request is larger than 64 KiB.", ErrTooLarge}
	if r.ContentLength > maxForm {
		return nil, large
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxForm))
	var over *http.MaxBytesError
	if errors.As(err, &over) {
		return nil, large
	}
	if err != nil {
		return nil, malformed("The request broke off before its end.")
	}
	return body, nil
}

func plain(w http.ResponseWriter, _ *http.Request, status int, location, sentence string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	fmt.Fprintln(w, sentence)
	if location != "" {
		fmt.Fprintln(w, location)
	}
}
