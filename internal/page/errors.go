package page

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strconv"

	"hark/internal/words"
)

// A Handler is an http.Handler that may fail. Once it has begun its answer, it
// should return nil: an answer cannot be taken back, only broken off.
type Handler func(w http.ResponseWriter, r *http.Request) error

// Error is a failure with the status and the sentence that the reader gets. With
// no Text the usual sentence of the status stands. Err is for the log alone.
type Error struct {
	Status int
	Text   string
	Err    error
}

func (e *Error) Error() string {
	if e.Err == nil {
		return http.StatusText(e.Status)
	}
	return e.Err.Error()
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// Known says how an error of another room is shown: whatever errors.Is finds to
// be Err gets Status and, if it is not empty, Text.
type Known struct {
	Err    error
	Status int
	Text   string
}

// Site is what the error page says about the blog, and the language it says it in.
type Site struct {
	Name string
	Book *words.Book

	Sheet, Custom string // the addresses of its style sheets; empty: hark.css, and none
}

// Errors turns failures into answers. It is the only place that does.
type Errors struct {
	templates *Templates
	log       *slog.Logger
	site      func(context.Context) Site
	known     []Known
}

// NewErrors makes the room's answers to failures. The page is drawn with the
// template "error"; the first Known that fits wins.
func NewErrors(t *Templates, log *slog.Logger, site func(context.Context) Site, known ...Known) *Errors {
	return &Errors{templates: t, log: log, site: site, known: known}
}

// Handle serves h for people: when it fails, they get a page.
func (e *Errors) Handle(h Handler) http.HandlerFunc { return e.guarded(h, e.asPage) }

// Door serves h for programs (feeds, protocols, uploads): when it fails, they get
// the sentence as plain text.
func (e *Errors) Door(h Handler) http.HandlerFunc { return e.guarded(h, e.asText) }

// An answerer writes a failure in one form or another.
type answerer func(w http.ResponseWriter, r *http.Request, failure *Error)

func (e *Errors) guarded(h Handler, answer answerer) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		watched := &watched{ResponseWriter: w}
		err := caught(h, watched, r)
		if err == nil {
			return
		}
		failure := e.judge(err)
		e.note(r, failure)
		if watched.begun {
			// The client must not take half an answer for a whole one.
			panic(http.ErrAbortHandler)
		}
		forget(w.Header())
		answer(w, r, failure)
	}
}

// caught calls h and makes an error of a panic.
func caught(h Handler, w http.ResponseWriter, r *http.Request) (err error) {
	defer func() {
		switch cause := recover(); cause {
		case nil:
		case http.ErrAbortHandler:
			panic(cause)
		default:
			err = fmt.Errorf("panic: %v\n%s", cause, debug.Stack())
		}
	}()
	return h(w, r)
}

// judge finds the status and the words for an error.
func (e *Errors) judge(err error) *Error {
	if own := (*Error)(nil); errors.As(err, &own) {
		return &Error{own.Status, worded(own.Status, own.Text), err}
	}
	for _, known := range e.known {
		if errors.Is(err, known.Err) {
			return &Error{known.Status, worded(known.Status, known.Text), err}
		}
	}
	status := http.StatusInternalServerError
	switch large := (*http.MaxBytesError)(nil); {
	case errors.As(err, &large):
		status = http.StatusRequestEntityTooLarge
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		status = http.StatusServiceUnavailable
	}
	return &Error{status, sentence(status), err}
}

// note tells the log. What the client did, and a client that has gone away, is
// nothing to wake anybody for. The query is left out: it may hold a token.
func (e *Errors) note(r *http.Request, failure *Error) {
	level := slog.LevelDebug
	if failure.Status >= 500 && !errors.Is(failure.Err, context.Canceled) {
		level = slog.LevelError
	}
	e.log.Log(r.Context(), level, "request failed",
		"method", r.Method, "path", r.URL.Path, "status", failure.Status, "err", failure.Err)
}

func (e *Errors) asPage(w http.ResponseWriter, r *http.Request, failure *Error) {
	body, err := e.templates.Render("error", errorPage{
		Site:   e.site(r.Context()),
		Status: failure.Status,
		Title:  headline(failure.Status),
		Text:   failure.Text,
	})
	if err != nil {
		e.log.Error("error page failed", "err", err)
		e.asText(w, r, failure)
		return
	}
	respond(w, failure.Status, "text/html; charset=utf-8", body)
}

// errorPage is what templates/error.html draws.
type errorPage struct {
	Site   Site
	Status int
	Title  string
	Text   string
}

// Speaks makes it a [Speaker].
func (e errorPage) Speaks() *words.Book { return e.Site.Book }

func (e *Errors) asText(w http.ResponseWriter, _ *http.Request, failure *Error) {
	respond(w, failure.Status, "text/plain; charset=utf-8", []byte(failure.Text+"\n"))
}

func respond(w http.ResponseWriter, status int, contentType string, body []byte) {
	h := w.Header()
	h.Set("Content-Type", contentType)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	h.Set("Cache-Control", "private, no-store")
	w.WriteHeader(status)
	w.Write(body) // A client that does not listen any more gets no second answer.
}

// forget removes what a handler said about the answer that it did not give.
func forget(h http.Header) {
	for _, name := range []string{"Content-Encoding", "Content-Disposition", "Content-Range", "Etag", "Last-Modified", "Location"} {
		h.Del(name)
	}
}
