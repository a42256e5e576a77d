package webmention

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

const (
	source = "https://blog.example/2026/post?a=b&c=d"
	target = "https://a.example/x#y"
)

func receiver(t *testing.T, handler http.HandlerFunc) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server
}

func TestSendPostsAFormAndKeepsTheQuery(t *testing.T) {
	server := receiver(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if r.Method != http.MethodPost || r.Header.Get("Content-Type") != formType {
			t.Errorf("got %s, %q", r.Method, r.Header.Get("Content-Type"))
		}
		if got := string(body); got != form(source, target) {
			t.Errorf("got body %q", got)
		}
		if r.URL.RawQuery != "x=1,2&y=%2C" {
			t.Errorf("got query %q", r.URL.RawQuery)
		}
		w.Header().Set("Location", "/status/1")
		w.WriteHeader(http.StatusCreated)
		io.WriteString(w, "Thank\n you.")
	})
	receipt, err := Send(t.Context(), server.Client(), server.URL+"/w?x=1,2&y=%2C", source, target)
	want := Receipt{Status: 201, Location: server.URL + "/status/1", Text: "Thank you."}
	if err != nil || receipt != want {
		t.Errorf("got %+v, %v; want %+v", receipt, err, want)
	}
}

func TestSendTakesAny2xx(t *testing.T) {
	for _, status := range []int{200, 201, 202, 204, 299} {
		server := receiver(t, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Location", "javascript:alert(1)")
			w.WriteHeader(status)
		})
		receipt, err := Send(t.Context(), server.Client(), server.URL, source, target)
		if err != nil || receipt.Status != status || receipt.Location != "" {
			t.Errorf("%d gave %+v, %v", status, receipt, err)
		}
	}
}

func TestSendTellsWhatTheOtherSideAnswered(t *testing.T) {
	long := strings.Repeat("ä ", 1<<20)
	for name, test := range map[string]struct {
		status     int
		kind, body string
		want       string
	}{
		"text":       {400, "text/plain", "No link\r\n\tfound.\n", "No link found."},
		"HTML":       {404, "text/html; charset=iso-8859-1", "<title>404</title><style>p{}</style><script>x</script><p>Nicht da, f\xfcr <b>immer</b> &lt;3", "404 Nicht da, für immer <3"},
		"JSON":       {400, "application/json", `{"error":"no_link"}`, `{"error":"no_link"}`},
		"control":    {500, "text/plain", "a\x1b[31mb\u202ec\u200bd\x00e\u0085f", "a[31mbcde f"},
		"no UTF-8":   {500, "text/plain", "a\xffb", "a\uFFFDb"},
		"long":       {503, "text/plain", long, strings.Repeat("ä ", 149) + "ä…"},
		"nothing":    {410, "text/plain", "", ""},
		"no content": {300, "", "", ""},
	} {
		server := receiver(t, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", test.kind)
			w.Header().Set("Retry-After", "120")
			w.WriteHeader(test.status)
			io.WriteString(w, test.body)
		})
		_, err := Send(t.Context(), server.Client(), server.URL, source, target)
		var answer *Error
		if !errors.As(err, &answer) {
			t.Errorf("%s: got %v, want an *Error", name, err)
			continue
		}
		if answer.Status != test.status || answer.Text != test.want || answer.RetryAfter != 2*time.Minute {
			t.Errorf("%s: got %+v, want status %d, text %q", name, answer, test.status, test.want)
		}
	}
}

func TestABodyThatBreaksOffDoesNotChangeTheAnswer(t *testing.T) {
	server := receiver(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "99")
		w.Header().Set("Content-Type", "text/plain")
		w.WriteHeader(http.StatusOK)
		io.WriteString(w, "Taken.")
	})
	receipt, err := Send(t.Context(), server.Client(), server.URL, source, target)
	if err != nil || receipt.Status != 200 || receipt.Text != "Taken." {
		t.Errorf("got %+v, %v", receipt, err)
	}
}

func TestSendEndsWithItsContext(t *testing.T) {
	arrived := make(chan struct{})
	server := receiver(t, func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		close(arrived)
		<-r.Context().Done()
	})
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-arrived
		cancel()
	}()
	_, err := Send(ctx, server.Client(), server.URL, source, target)
	var answer *Error
	if !errors.Is(err, context.Canceled) || errors.As(err, &answer) {
		t.Errorf("got %v, want context.Canceled", err)
	}
}

func TestWhatNeverArrivedIsNoAnswer(t *testing.T) {
	refused := errors.New("refused by the guard")
	guarded := &http.Client{Transport: roundTrip(func(*http.Request) (*http.Response, error) { return nil, refused })}
	loop := receiver(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/", http.StatusTemporaryRedirect)
	})
	var answer *Error
	if _, err := Send(t.Context(), guarded, "https://a.example/w", source, target); !errors.Is(err, refused) || errors.As(err, &answer) {
		t.Errorf("got %v, want the guard's error", err)
	}
	for _, endpoint := range []string{loop.URL, "", "http://[", "ftp://a.example/"} {
		if _, err := Send(t.Context(), loop.Client(), endpoint, source, target); err == nil || errors.As(err, &answer) {
			t.Errorf("%q gave %v, want an error that is no answer", endpoint, err)
		}
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
