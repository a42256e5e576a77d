package page

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"golang.org/x/net/html"

	"hark/internal/words"
	"hark/web"
)

var errFull = errors.New("database or disk is full")

// house is the error room with the real error page, and its log.
func house(t *testing.T) (*Errors, *bytes.Buffer) {
	t.Helper()
	static, err := NewStatic(web.Static)
	if err != nil {
		t.Fatal(err)
	}
	log := new(bytes.Buffer)
	templates := NewTemplates(files("error.html", errorSource(t)), map[string]any{"asset": static.Asset}, nil)
	site := func(context.Context) Site { return Site{Name: "Tidewrack & Co"} }
	logger := slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	return NewErrors(templates, logger, site, Known{Err: errFull, Status: http.StatusInsufficientStorage}), log
}

func errorSource(t *testing.T) string {
	t.Helper()
	f, err := web.Templates.Open("error.html")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	source, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	return string(source)
}

func answerOf(h http.Handler, r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestAFailureBecomesAPageWithAPlainSentence(t *testing.T) {
	for _, c := range []struct {
		err    error
		status int
		says   string
		level  string
	}{
		{&Error{Status: 404}, 404, "There is no page at this address", "DEBUG"},
		{&Error{Status: 410}, 410, "It was taken down", "DEBUG"},
		{&Error{Status: 403, Text: "Only the owner may open this drawer."}, 403, "Only the owner may open this drawer.", "DEBUG"},
		{fmt.Errorf("open: %w", &Error{Status: 429, Err: errors.New("bucket empty")}), 429, "Wait a minute", "DEBUG"},
		{fmt.Errorf("read form: %w", &http.MaxBytesError{Limit: 1}), 413, "Make it smaller", "DEBUG"},
		{fmt.Errorf("save post: %w", errFull), 507, "Nothing you typed is lost", "ERROR"},
		{errors.New("secret detail"), 500, "The fault is on this side", "ERROR"},
		{fmt.Errorf("query: %w", context.Canceled), 503, "Try again in a minute", "DEBUG"},
		{fmt.Errorf("query: %w", context.DeadlineExceeded), 503, "Try again in a minute", "ERROR"},
		{&Error{Status: 418}, 418, "Go back, look over", "DEBUG"},
	} {
		t.Run(fmt.Sprint(c.status, " ", c.err), func(t *testing.T) {
			errs, log := house(t)
			w := answerOf(errs.Handle(func(w http.ResponseWriter, _ *http.Request) error {
				w.Header().Set("Etag", `"x"`)
				w.Header().Set("Content-Encoding", "gzip")
				w.Header().Set("Retry-After", "60")
				return c.err
			}), httptest.NewRequest("GET", "/setup?token=hidden", nil))

			if w.Code != c.status || !strings.Contains(w.Body.String(), c.says) {
				t.Errorf("status %d, want %d and %q in\n%s", w.Code, c.status, c.says, w.Body)
			}
			if strings.Contains(w.Body.String(), c.err.Error()) {
				t.Error("the reader sees the chain")
			}
			if !strings.Contains(log.String(), "level="+c.level) || !strings.Contains(log.String(), strings.Split(c.err.Error(), ":")[0]) {
				t.Errorf("log says %q, want level %s and the chain", log, c.level)
			}
			if strings.Contains(log.String(), "hidden") {
				t.Error("the log shows the query")
			}
			h := w.Header()
			if h.Get("Etag") != "" || h.Get("Content-Encoding") != "" || h.Get("Retry-After") != "60" || h.Get("Cache-Control") != "private, no-store" {
				t.Errorf("headers %v", h)
			}
		})
	}
}

func TestTheErrorPageIsAWholePage(t *testing.T) {
	errs, _ := house(t)
	for _, status := range []int{400, 401, 403, 404, 405, 409, 410, 413, 415, 422, 429, 500, 503, 507} {
		w := answerOf(errs.Handle(func(http.ResponseWriter, *http.Request) error { return &Error{Status: status} }),
			httptest.NewRequest("GET", "/x", nil))
		root, err := html.Parse(w.Body)
		if err != nil {
			t.Fatal(err)
		}
		count := map[string]int{}
		for n := range root.Descendants() {
			count[n.Data]++
			if n.Type == html.TextNode && strings.Contains(n.Data, "Tidewrack & Co") {
				count["name"]++
			}
		}
		for element, want := range map[string]int{"h1": 1, "title": 1, "header": 1, "main": 1, "footer": 1, "form": 0, "name": 3} {
			if count[element] != want {
				t.Errorf("%d has %d %s, want %d", status, count[element], element, want)
			}
		}
	}
}

func TestTheErrorPageIsReadFromTheSideOfItsLanguage(t *testing.T) {
	library, err := words.Open(fstest.MapFS{"ar.json": {Data: []byte(`{"name": "ar", "plural": ["other"], "months": ["","","","","","","","","","","",""], "weekdays": ["","","","","","",""]}`)}})
	if err != nil {
		t.Fatal(err)
	}
	templates := NewTemplates(files("error.html", errorSource(t)), map[string]any{"asset": func(string) string { return "" }}, library)
	for lang, want := range map[string]string{"ar": `<html lang="ar" dir="rtl">`, "en": `<html lang="en">`} {
		site := func(context.Context) Site { return Site{Name: "Tidewrack", Book: library.Book(lang)} }
		errs := NewErrors(templates, slog.New(slog.DiscardHandler), site)
		w := answerOf(errs.Handle(func(http.ResponseWriter, *http.Request) error { return errFull }), httptest.NewRequest("GET", "/x", nil))
		if !strings.Contains(w.Body.String(), want) {
			t.Errorf("in %s it has no %s: %s", lang, want, w.Body)
		}
	}
}

func TestProgramsGetTheSentenceAlone(t *testing.T) {
	errs, _ := house(t)
	w := answerOf(errs.Door(func(http.ResponseWriter, *http.Request) error {
		return &Error{Status: 413, Text: "A picture may have 50 MiB at most."}
	}), httptest.NewRequest("POST", "/media", nil))
	if w.Code != 413 || w.Body.String() != "A picture may have 50 MiB at most.\n" || w.Header().Get("Content-Type") != "text/plain; charset=utf-8" {
		t.Errorf("%d %q %v", w.Code, w.Body, w.Header())
	}
}

func TestAPanicIsAnErrorPageAndALogLine(t *testing.T) {
	errs, log := house(t)
	w := answerOf(errs.Handle(func(http.ResponseWriter, *http.Request) error { panic("index out of range") }), httptest.NewRequest("GET", "/", nil))
	if w.Code != 500 || !strings.Contains(log.String(), "index out of range") || !strings.Contains(log.String(), "errors_test.go") {
		t.Errorf("%d, log %q", w.Code, log)
	}
}

func TestAnAnswerThatBreaksHalfwayIsBrokenOff(t *testing.T) {
	errs, log := house(t)
	server := httptest.NewServer(errs.Handle(func(w http.ResponseWriter, _ *http.Request) error {
		w.Header().Set("Content-Type", "text/plain")
		io.Copy(w, strings.NewReader(strings.Repeat("x", 10000)))
		http.NewResponseController(w).Flush()
		return errors.New("the rest is missing")
	}))
	defer server.Close()
	res, err := server.Client().Get(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if body, err := io.ReadAll(res.Body); err == nil || len(body) != 10000 {
		t.Errorf("read %d bytes, %v; want what was sent and an error", len(body), err)
	}
	server.Close() // waits for the handler, and so for its line
	if !strings.Contains(log.String(), "the rest is missing") {
		t.Errorf("log %q", log)
	}
}

func TestABrokenErrorPageIsStillAnAnswer(t *testing.T) {
	log := new(bytes.Buffer)
	templates := NewTemplates(files("error.html", `{{.Site.Name.Missing}}`), nil, nil)
	errs := NewErrors(templates, slog.New(slog.NewTextHandler(log, nil)), func(context.Context) Site { return Site{} })
	w := answerOf(errs.Handle(func(http.ResponseWriter, *http.Request) error { return &Error{Status: 404} }), httptest.NewRequest("GET", "/", nil))
	if w.Code != 404 || !strings.HasPrefix(w.Body.String(), "There is no page") || !strings.Contains(log.String(), "error page failed") {
		t.Errorf("%d %q, log %q", w.Code, w.Body, log)
	}
}

func TestEveryAnswerCarriesTheSecurityHeaders(t *testing.T) {
	for _, https := range []bool{false, true} {
		h := SecurityHeaders(https)(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Add("Referrer-Policy", "no-referrer") // must not reach the next answer
		}))
		answerOf(h, httptest.NewRequest("GET", "/", nil))
		got := answerOf(h, httptest.NewRequest("GET", "/", nil)).Header()
		for name, want := range map[string]string{
			"Content-Security-Policy":    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
			"X-Content-Type-Options":     "nosniff",
			"Referrer-Policy":            "strict-origin-when-cross-origin",
			"Permissions-Policy":         "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
			"Cross-Origin-Opener-Policy": "same-origin",
			"Strict-Transport-Security":  map[bool]string{true: "max-age=31536000"}[https],
		} {
			if got.Get(name) != want {
				t.Errorf("https %v: %s is %q, want %q", https, name, got.Get(name), want)
			}
		}
		if n := len(got["Referrer-Policy"]); n != 2 {
			t.Errorf("%d values of a header that was added to, want 2", n)
		}
	}
}
