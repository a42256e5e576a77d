package micropub

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// maxBody bounds a request, in bytes.
const maxBody = 1 << 20

// handler is the door for apps.
type handler struct {
	service Service
}

// Handler is the Micropub endpoint of a site.
func Handler(s Service) http.Handler {
	if s.Authorize == nil || s.Create == nil || s.Update == nil || s.Delete == nil || s.Undelete == nil || s.Source == nil || s.List == nil || s.Categories == nil {
		panic("micropub: Handler needs all of its Service but Failed, Config, Targets, Take, Twice and Unhurried")
	}
	if s.Failed == nil {
		s.Failed = func(context.Context, error) {}
	}
	return &handler{service: s}
}

// ServeHTTP answers one request.
func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	open(w.Header())
	var err error
	switch r.Method {
	case http.MethodGet, http.MethodHead:
		err = h.query(w, r)
	case http.MethodPost:
		err = h.post(w, r)
	case http.MethodOptions:
		preflight(w)
	default:
		w.Header().Set("Allow", "GET, HEAD, OPTIONS, POST")
		err = &Error{Status: http.StatusMethodNotAllowed, Code: codeInvalid, Text: "Micropub takes GET and POST."}
	}
	if err != nil {
		h.answerError(w, r, err)
	}
}

// post does what a POST asks for. What is wrong with a request is told to none
// but the holders of a token, unless the token may stand in what is wrong.
func (h *handler) post(w http.ResponseWriter, r *http.Request) error {
	token, err := headerToken(r)
	if err != nil {
		return err
	}
	if token == "" && !carriesFormToken(r.Header.Get("Content-Type")) {
		return missingToken()
	}
	if boundary := boundaryOf(r.Header.Get("Content-Type")); boundary != "" {
		return h.postParts(w, r, token, boundary)
	}
	req, wrong := read(w, r)
	return h.judge(r.Context(), w, token, req, wrong)
}

// judge asks whether the token allows what is asked for, and does it.
func (h *handler) judge(ctx context.Context, w http.ResponseWriter, token string, req request, wrong error) error {
	token, twice, err := h.oneToken(token, req.tokens)
	if err != nil {
		return err
	}
	if token == "" && wrong != nil && !req.parsed {
		return wrong
	}
	if ctx, err = h.authorize(ctx, token, string(req.action)); err != nil {
		return err
	}
	if err = h.once(ctx, twice); err != nil {
		return err
	}
	if wrong != nil {
		return wrong
	}
	return h.do(ctx, w, req)
}

// do hands the request to the service.
func (h *handler) do(ctx context.Context, w http.ResponseWriter, req request) error {
	switch req.action {
	case actionCreate:
		location, err := h.service.Create(ctx, req.create)
		if err != nil {
			return fmt.Errorf("create: %w", err)
		}
		w.Header().Set("Location", location)
		w.WriteHeader(http.StatusCreated)
		return nil
	case actionUpdate:
		return h.update(ctx, w, req.update)
	case actionDelete:
		if err := h.service.Delete(ctx, req.url); err != nil {
			return fmt.Errorf("delete %s: %w", shorten(req.url), err)
		}
	case actionUndelete:
		if err := h.service.Undelete(ctx, req.url); err != nil {
			return fmt.Errorf("undelete %s: %w", shorten(req.url), err)
		}
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// update answers 201 where the post has another address now (Micropub, section
// 3.4.1).
func (h *handler) update(ctx context.Context, w http.ResponseWriter, u Update) error {
	location, err := h.service.Update(ctx, u)
	if err != nil {
		return fmt.Errorf("update %s: %w", shorten(u.URL), err)
	}
	if location == u.URL {
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	w.Header().Set("Location", location)
	w.WriteHeader(http.StatusCreated)
	return nil
}

// read takes in the body and what it says. Whatever is wrong with it, the
// tokens that were found are in the request.
func read(w http.ResponseWriter, r *http.Request) (request, error) {
	if r.ContentLength > maxBody {
		w.Header().Set("Connection", "close")
		return request{}, tooLarge()
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	var limit *http.MaxBytesError
	if errors.As(err, &limit) {
		return request{}, tooLarge()
	}
	if err != nil {
		return request{}, Invalid("The request broke off. Send it again, whole.")
	}
	return decode(r.Header.Get("Content-Type"), body)
}

func tooLarge() *Error {
	return &Error{Status: http.StatusRequestEntityTooLarge, Code: codeInvalid, Text: "This request is too large: it can have 1 MiB at most. Files go to the media endpoint, which q=config names."}
}

// open lets programs in a browser read the answer, of any site: they show a token, and
// no cookie opens anything here. The address of a new post stands in a header.
func open(header http.Header) {
	header.Set("Access-Control-Allow-Origin", "*")
	header.Set("Access-Control-Expose-Headers", "Location")
}

// preflight lets them send a token, and JSON, at all.
func preflight(w http.ResponseWriter) {
	w.Header().Set("Access-Control-Allow-Methods", "GET, POST")
	w.Header().Set("Access-Control-Allow-Headers", "Authorization, Content-Type")
	w.Header().Set("Access-Control-Max-Age", "86400")
	w.WriteHeader(http.StatusNoContent)
}

// answerError answers a refusal or a failure.
func (h *handler) answerError(w http.ResponseWriter, r *http.Request, err error) {
	var refusal *Error
	if !errors.As(err, &refusal) {
		h.service.Failed(r.Context(), err)
		refusal = &Error{Status: http.StatusInternalServerError, Code: codeServer, Text: "Something went wrong here. Please try again later."}
	}
	if refusal.Retry > 0 {
		seconds := int64((refusal.Retry + time.Second - 1) / time.Second)
		w.Header().Set("Retry-After", strconv.FormatInt(seconds, 10))
	}
	challenge(w.Header(), refusal)
	body := map[string]any{"error": refusal.Code, "error_description": refusal.Text}
	if refusal.Scope != "" {
		body["scope"] = refusal.Scope
	}
	answer(w, refusal.Status, body)
}

// answer sends JSON that no cache may keep.
func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(body) // the app may be gone; nothing is left to do then
}

// shorten makes a name or value of the caller fit for a sentence.
func shorten(text string) string {
	text = strings.ToValidUTF8(text, "\ufffd")
	if runes := []rune(text); len(runes) > 80 {
		text = string(runes[:79]) + "…"
	}
	return strconv.Quote(text)
}
