package websub

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

const topic = "https://blog.example/feed.atom?a=b&c=ä"

func hub(t *testing.T, handler http.HandlerFunc) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server
}

func TestAHubIsToldInTheWordsOfAllHubs(t *testing.T) {
	told := make(chan string, 1)
	server := hub(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		told <- r.Method + " " + r.Header.Get("Content-Type") + " " + r.URL.RequestURI() + " " + string(body)
	})
	if err := Publish(t.Context(), server.Client(), server.URL+"/hub?key=1", topic); err != nil {
		t.Fatal(err)
	}
	address := url.QueryEscape(topic)
	want := "POST application/x-www-form-urlencoded /hub?key=1 hub.mode=publish&hub.topic=" + address + "&hub.url=" + address
	if got := <-told; got != want {
		t.Errorf("told %s, want %s", got, want)
	}
}

func TestAny2xxIsSuccess(t *testing.T) {
	for _, status := range []int{200, 201, 202, 204, 299} {
		server := hub(t, func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(status) })
		if err := Publish(t.Context(), server.Client(), server.URL, topic); err != nil {
			t.Errorf("%d gave %v", status, err)
		}
	}
}

func TestARefusalSaysWhatTheHubSaid(t *testing.T) {
	for name, test := range map[string]struct {
		status     int
		kind, body string
		want       string
	}{
		"text":        {400, "text/plain", "Bad\r\n\ttopic.\n", "Bad topic."},
		"HTML":        {404, "text/html", "<title>404</title><script>x</script><p>Not <b>here</b>", "404 Not here"},
		"control":     {500, "text/plain", "a\x1b[31mb\u202ec\x00d", "a[31mbcd"},
		"long":        {503, "text/plain", strings.Repeat("ä", 100<<10), strings.Repeat("ä", 299) + "…"},
		"nothing":     {410, "", "", ""},
		"no redirect": {304, "", "", ""},
		"no location": {302, "text/plain", "Elsewhere.", "Elsewhere."},
	} {
		server := hub(t, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", test.kind)
			w.Header().Set("Retry-After", "120")
			w.WriteHeader(test.status)
			io.WriteString(w, test.body)
		})
		err := Publish(t.Context(), server.Client(), server.URL, topic)
		var refused *Error
		if !errors.As(err, &refused) {
			t.Errorf("%s: got %v, want an *Error", name, err)
			continue
		}
		if want := (Error{test.status, test.want, 2 * time.Minute}); *refused != want {
			t.Errorf("%s: got %+v, want %+v", name, *refused, want)
		}
	}
}

func TestNoRedirectMakesAGetOfIt(t *testing.T) {
	for _, status := range []int{301, 302, 303} {
		var followed atomic.Bool
		server := hub(t, func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/new" {
				followed.Store(true)
			}
			http.Redirect(w, r, "/new", status)
		})
		err := Publish(t.Context(), server.Client(), server.URL, topic)
		var refused *Error
		if !errors.As(err, &refused) || refused.Status != status ||
			!strings.Contains(refused.Text, "redirects") || !strings.HasSuffix(refused.Text, server.URL+"/new") {
			t.Errorf("%d gave %v, want an *Error that names the new address", status, err)
		}
		if followed.Load() {
			t.Errorf("%d was followed", status)
		}
	}
}

func TestARedirectThatKeepsTheFormIsFollowed(t *testing.T) {
	for _, status := range []int{307, 308} {
		var told atomic.Value
		server := hub(t, func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/" {
				http.Redirect(w, r, "/new", status)
				return
			}
			told.Store(r.Method + " " + r.PostFormValue("hub.url"))
		})
		if err := Publish(t.Context(), server.Client(), server.URL, topic); err != nil || told.Load() != "POST "+topic {
			t.Errorf("%d gave %v, told %v", status, err, told.Load())
		}
	}
}

func TestWhatNeverArrivedIsNoAnswer(t *testing.T) {
	refused := errors.New("refused by the guard")
	guarded := &http.Client{Transport: roundTrip(func(*http.Request) (*http.Response, error) { return nil, refused })}
	var asked atomic.Int32
	loop := hub(t, func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		http.Redirect(w, r, "/", http.StatusTemporaryRedirect)
	})
	strict := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return refused }}
	var answered *Error
	for _, client := range []*http.Client{guarded, strict} {
		if err := Publish(t.Context(), client, loop.URL, topic); !errors.Is(err, refused) || errors.As(err, &answered) {
			t.Errorf("got %v, want the client's own error", err)
		}
	}
	asked.Store(0)
	if err := Publish(t.Context(), loop.Client(), loop.URL, topic); err == nil || errors.As(err, &answered) || asked.Load() != maxRedirects+1 {
		t.Errorf("a loop gave %v after %d requests", err, asked.Load())
	}
	for _, address := range []string{"", "http://[", "ftp://hub.example/"} {
		if err := Publish(t.Context(), http.DefaultClient, address, topic); err == nil || errors.As(err, &answered) {
			t.Errorf("%q gave %v, want an error that is no answer", address, err)
		}
	}
}

func TestPublishEndsWithItsContext(t *testing.T) {
	arrived := make(chan struct{})
	server := hub(t, func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		close(arrived)
		<-r.Context().Done()
	})
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-arrived
		cancel()
	}()
	err := Publish(ctx, server.Client(), server.URL, topic)
	var answered *Error
	if !errors.Is(err, context.Canceled) || errors.As(err, &answered) {
		t.Errorf("got %v, want context.Canceled", err)
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
