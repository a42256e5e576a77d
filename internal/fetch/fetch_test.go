package fetch

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
)

func TestGetReadsAPageAsItself(t *testing.T) {
	var asked *http.Request
	server := serve(t, "127.0.0.1", func(w http.ResponseWriter, r *http.Request) {
		asked = r
		http.SetCookie(w, &http.Cookie{Name: "id", Value: "1"})
		w.WriteHeader(http.StatusTeapot)
		io.WriteString(w, "<p>hello")
	})
	client := New(Options{Agent: "hark/test (+https://blog.example)", Allow: loopback})

	page, err := client.Get(t.Context(), server.URL+"/a?b=c#d", http.Header{
		"x-pingback-forwarded-for": {"192.0.2.1"},
		"Accept-Encoding":          {"br"},
		"Cookie":                   {"a=b"},
		"Referer":                  {"https://secret.example/"},
		"User-Agent":               {"somebody else"},
	})
	if err != nil {
		t.Fatal(err)
	}
	if page.Status != http.StatusTeapot || string(page.Body) != "<p>hello" || page.Cut {
		t.Errorf("got status %d, body %q, cut %t", page.Status, page.Body, page.Cut)
	}
	if page.Asked != server.URL+"/a?b=c#d" || page.URL.String() != server.URL+"/a?b=c" {
		t.Errorf("got asked %q, url %q", page.Asked, page.URL)
	}
	for name, want := range map[string]string{
		"User-Agent":               "hark/test (+https://blog.example)",
		"Accept":                   accept,
		"Accept-Encoding":          "gzip",
		"X-Pingback-Forwarded-For": "192.0.2.1",
		"Cookie":                   "",
		"Referer":                  "",
	} {
		if got := asked.Header.Get(name); got != want {
			t.Errorf("sent %s: %q, want %q", name, got, want)
		}
	}
	if asked.Method != http.MethodGet || !asked.Close {
		t.Errorf("sent %s, connection closed: %t; want GET, true", asked.Method, asked.Close)
	}
}

func TestGetFollowsFiveRedirectsAndNoMore(t *testing.T) {
	server := serve(t, "127.0.0.1", func(w http.ResponseWriter, r *http.Request) {
		var left int
		fmt.Sscanf(r.URL.Path, "/%d", &left)
		if left > 0 {
			w.Header().Set("Location", fmt.Sprintf("%d", left-1))
			w.WriteHeader([]int{301, 302, 303, 307, 308}[left%5])
		}
		io.WriteString(w, r.Header.Get("Referer")+r.Header.Get("Cookie"))
	})
	client := New(Options{Agent: "hark/test", Allow: loopback})

	page, err := client.Get(t.Context(), server.URL+"/5", nil)
	if err != nil || page.URL.String() != server.URL+"/0" || len(page.Body) > 0 {
		t.Errorf("five redirects gave %+v, %v", page, err)
	}
	if _, err = client.Get(t.Context(), server.URL+"/6", nil); !errors.Is(err, ErrRedirects) {
		t.Errorf("six redirects gave %v, want ErrRedirects", err)
	}
	if res, err := client.HTTP().Get(server.URL + "/5"); err != nil {
		t.Errorf("HTTP: five redirects gave %v", err)
	} else if body, _ := io.ReadAll(res.Body); len(body) > 0 {
		t.Errorf("HTTP: a redirect carried %q", body)
	}
	if _, err = client.HTTP().Get(server.URL + "/6"); !errors.Is(err, ErrRedirects) {
		t.Errorf("HTTP: six redirects gave %v, want ErrRedirects", err)
	}
}

func TestARedirectLoopEnds(t *testing.T) {
	server := serve(t, "127.0.0.1", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/", http.StatusFound)
	})
	client := New(Options{Agent: "hark/test", Allow: loopback})
	if _, err := client.Get(t.Context(), server.URL, nil); !errors.Is(err, ErrRedirects) {
		t.Errorf("got %v, want ErrRedirects", err)
	}
}

func TestARedirectWithoutLocationIsAPage(t *testing.T) {
	server := serve(t, "127.0.0.1", func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusFound)
	})
	page, err := New(Options{Allow: loopback}).Get(t.Context(), server.URL, nil)
	if err != nil || page.Status != http.StatusFound {
		t.Errorf("got %+v, %v", page, err)
	}
}

func TestAnotherHostIsNotToldTheSecretOfTheFirst(t *testing.T) {
	told := make(chan string, 1)
	other := serve(t, "127.0.0.2", func(w http.ResponseWriter, r *http.Request) {
		told <- r.Header.Get("Authorization")
	})
	first := serve(t, "127.0.0.1", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, other.URL, http.StatusFound)
	})
	header := http.Header{"Authorization": {"Bearer x"}}
	if _, err := New(Options{Allow: loopback}).Get(t.Context(), first.URL, header); err != nil {
		t.Fatal(err)
	}
	if got := <-told; got != "" {
		t.Errorf("the other host was told %q", got)
	}
	if header.Get("Authorization") == "" {
		t.Error("the caller's header was changed")
	}
}

func TestALongBodyIsCut(t *testing.T) {
	for size, cut := range map[int]bool{MaxBody - 1: false, MaxBody: false, MaxBody + 1: true, 3 * MaxBody: true} {
		server := serve(t, "127.0.0.1", func(w http.ResponseWriter, r *http.Request) {
			io.WriteString(w, strings.Repeat("x", size))
		})
		page, err := New(Options{Allow: loopback}).Get(t.Context(), server.URL, nil)
		if err != nil {
			t.Fatal(err)
		}
		if len(page.Body) != min(size, MaxBody) || page.Cut != cut {
			t.Errorf("of %d bytes came %d, cut %t", size, len(page.Body), page.Cut)
		}
	}
}

func TestGetTextReadsNothingElse(t *testing.T) {
	for kind, want := range map[string]bool{
		"": true, "text/html; charset=utf-8": true, "TEXT/Plain": true, "text/markdown": true, "html": true,
		"application/xhtml+xml": true, " application/xml ;x": true, "application/atom+xml": true, "image/svg+xml": true,
		"application/json": true, "application/activity+json; profile=x": true,
		"image/jpeg": false, "audio/mpeg": false, "Video/MP4": false, "font/woff2": false, "application/zip": false,
		"application/octet-stream": false, "application/pdf": false,
	} {
		server := serve(t, "127.0.0.1", func(w http.ResponseWriter, r *http.Request) {
			w.Header()["Content-Type"] = nil
			if kind != "" {
				w.Header().Set("Content-Type", kind)
			}
			w.Header().Set("Link", "</w>; rel=webmention")
			io.WriteString(w, "x")
		})
		client := New(Options{Allow: loopback})
		page, err := client.GetText(t.Context(), server.URL, nil)
		if err != nil || page.Status != http.StatusOK || page.Header.Get("Link") == "" {
			t.Fatalf("%q gave %+v, %v", kind, page, err)
		}
		if got := string(page.Body) == "x"; got != want || page.Cut == want || !got && len(page.Body) > 0 {
			t.Errorf("%q: body %q, cut %t; want it read: %t", kind, page.Body, page.Cut, want)
		}
		if page, err := client.Get(t.Context(), server.URL, nil); err != nil || string(page.Body) != "x" || page.Cut {
			t.Errorf("Get of %q gave %+v, %v", kind, page, err)
		}
	}
}

func TestAFileComesWholeUpToItsBound(t *testing.T) {
	server := serve(t, "127.0.0.1", func(w http.ResponseWriter, r *http.Request) {
		size := MaxFile
		fmt.Sscanf(r.URL.Path, "/%d", &size)
		if r.URL.Path == "/moved" {
			http.Redirect(w, r, fmt.Sprintf("/%d", 3*MaxBody), http.StatusFound)
			return
		}
		w.Write(make([]byte, size))
	})
	client := New(Options{Agent: "hark/test", Allow: loopback})
	for path, size := range map[string]int64{fmt.Sprintf("/%d", MaxFile): MaxFile, "/moved": 3 * MaxBody, "/0": 0} {
		err := client.Download(t.Context(), server.URL+path, nil, func(p *Page, body io.Reader) error {
			got, err := io.Copy(io.Discard, body)
			if got != size || p.Status != http.StatusOK || p.URL.Path == "/moved" {
				t.Errorf("%s has %d bytes, status %d, at %s", path, got, p.Status, p.URL)
			}
			return err
		})
		if err != nil {
			t.Errorf("%s: %v", path, err)
		}
	}
	var large *http.MaxBytesError
	err := client.Download(t.Context(), fmt.Sprintf("%s/%d", server.URL, MaxFile+1), nil, func(_ *Page, body io.Reader) error {
		_, err := io.Copy(io.Discard, body)
		return err
	})
	if !errors.As(err, &large) {
		t.Errorf("one byte more: %v", err)
	}
	for _, address := range []string{"http://169.254.169.254/a", "file:///etc/passwd", "http://10.0.0.1/a"} {
		err := client.Download(t.Context(), address, nil, func(*Page, io.Reader) error { t.Error("it was read"); return nil })
		if !errors.Is(err, ErrForbidden) {
			t.Errorf("%s: %v", address, err)
		}
	}
}

func TestGetTextLeavesAFilmAtOnce(t *testing.T) {
	left := make(chan struct{})
	server := serve(t, "127.0.0.1", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "video/mp4")
		w.(http.Flusher).Flush()
		<-r.Context().Done()
		close(left)
	})
	client := New(Options{Allow: loopback})
	if page, err := client.GetText(t.Context(), server.URL, nil); err != nil || len(page.Body) > 0 || !page.Cut {
		t.Errorf("got %+v, %v", page, err)
	}
	<-left
}

func TestABombIsCut(t *testing.T) {
	server := serve(t, "127.0.0.1", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		bomb := gzip.NewWriter(w)
		zeros := make([]byte, 1<<20)
		for range 64 {
			if _, err := bomb.Write(zeros); err != nil {
				return
			}
		}
		bomb.Close()
	})
	client := New(Options{Allow: loopback})
	page, err := client.Get(t.Context(), server.URL, nil)
	if err != nil || len(page.Body) != MaxBody || !page.Cut {
		t.Fatalf("got %d bytes, %v", len(page.Body), err)
	}
	res, err := client.HTTP().Get(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	n, err := io.Copy(io.Discard, res.Body)
	var tooLong *http.MaxBytesError
	if n != MaxBody || !errors.As(err, &tooLong) {
		t.Errorf("HTTP: got %d bytes, %v", n, err)
	}
}

func TestWhatPreventsAWholeAnswerIsUnreachable(t *testing.T) {
	for name, answer := range map[string]string{
		"big header":       "HTTP/1.1 200 OK\r\nX: " + strings.Repeat("x", maxHeader) + "\r\n\r\n",
		"many headers":     "HTTP/1.1 200 OK\r\n" + strings.Repeat("X: x\r\n", maxHeader/6) + "\r\n",
		"early hints":      strings.Repeat("HTTP/1.1 103 Early Hints\r\nX: x\r\n\r\n", maxHeader/8),
		"no HTTP":          "220 mail.example ESMTP\r\n",
		"nothing":          "",
		"short body":       "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx",
		"broken chunk":     "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc",
		"bad chunk":        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc",
		"no gzip":          "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc",
		"unasked encoding": "HTTP/1.1 200 OK\r\nContent-Encoding: br\r\nContent-Length: 3\r\n\r\nabc",
	} {
		address := raw(t, answer)
		page, err := New(Options{Allow: loopback}).Get(t.Context(), address, nil)
		wantUnreachable(t, name, page, err)
		if errors.Is(err, ErrTooSlow) {
			t.Errorf("%s: got %v, want no ErrTooSlow", name, err)
		}
	}
}

func TestNoConnectionIsUnreachable(t *testing.T) {
	closed := httptest.NewServer(nil)
	closed.Close()
	secure := httptest.NewUnstartedServer(nil)
	secure.Config.ErrorLog = log.New(io.Discard, "", 0)
	secure.StartTLS()
	defer secure.Close()
	for name, address := range map[string]string{
		"refused":     closed.URL,
		"certificate": secure.URL,
		"no TLS":      strings.Replace(raw(t, "HTTP/1.1 400 Bad Request\r\n\r\n"), "http:", "https:", 1),
	} {
		page, err := New(Options{Allow: loopback}).Get(t.Context(), address, nil)
		wantUnreachable(t, name, page, err)
	}
}

func TestANameThatIsNotFoundIsUnreachable(t *testing.T) {
	u := &url.URL{Scheme: "http", Host: "gone.example"}
	err := explain(u, &net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host", Name: u.Host, IsNotFound: true}})
	wantUnreachable(t, "not found", nil, err)
	err = explain(u, &net.OpError{Op: "dial", Err: &net.DNSError{Err: "no answer", Name: u.Host, IsTimeout: true}})
	wantTooSlow(t, nil, err)
}

func TestSlowHeadersEndAVisit(t *testing.T) {
	address := raw(t, "HTTP/1.1 200 OK\r\nX: ", hang)
	l := usual()
	l.headers = 30 * time.Millisecond
	client := newClient(Options{Allow: loopback}, l)
	start := time.Now()
	page, err := client.Get(t.Context(), address, nil)
	wantTooSlow(t, page, err)

	_, err = client.HTTP().Post(address, "text/plain", strings.NewReader("x"))
	wantTooSlow(t, nil, err)
	if took := time.Since(start); took > l.total/2 {
		t.Errorf("it took %s, want to stop at the headers", took)
	}
}

func TestASlowBodyEndsAVisit(t *testing.T) {
	address := raw(t, "HTTP/1.1 200 OK\r\n\r\nx", hang)
	l := usual()
	l.total = 30 * time.Millisecond
	client := newClient(Options{Allow: loopback}, l)
	page, err := client.Get(t.Context(), address, nil)
	wantTooSlow(t, page, err)

	res, err := client.HTTP().Get(address)
	if err == nil {
		_, err = io.ReadAll(res.Body)
		res.Body.Close()
	}
	wantTooSlow(t, nil, err)
}

func TestRedirectsShareTheTimeOfOneVisit(t *testing.T) {
	hanging := raw(t, "HTTP/1.1 200 OK\r\n\r\nx", hang)
	l := usual()
	l.total = 30 * time.Millisecond
	client := newClient(Options{Allow: loopback}, l)
	first, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, hanging, nil)
	spent, cancel := context.WithDeadlineCause(t.Context(), time.Now().Add(-time.Second), ErrTooSlow)
	defer cancel()
	first.Response = &http.Response{Request: first.WithContext(spent)}
	_, err := client.door.RoundTrip(first)
	wantTooSlow(t, nil, err)
}

func TestACallerWhoLeavesEndsTheVisit(t *testing.T) {
	arrived := make(chan struct{})
	server := serve(t, "127.0.0.1", func(w http.ResponseWriter, r *http.Request) {
		close(arrived)
		<-r.Context().Done()
	})
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-arrived
		cancel()
	}()
	_, err := New(Options{Allow: loopback}).Get(ctx, server.URL, nil)
	if !errors.Is(err, context.Canceled) || errors.Is(err, ErrUnreachable) {
		t.Errorf("got %v, want context.Canceled alone", err)
	}
}

// hang, as part of a raw answer, holds the connection open until the other
// side closes it.
const hang = "\x00hang"

// raw starts a server that answers every connection with the same bytes.
func raw(t *testing.T, answer ...string) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go say(conn, answer)
		}
	}()
	return "http://" + listener.Addr().String()
}

func say(conn net.Conn, answer []string) {
	defer conn.Close()
	conn.Read(make([]byte, 4096))
	for _, part := range answer {
		if part == hang {
			io.Copy(io.Discard, conn)
			return
		}
		io.WriteString(conn, part)
	}
}

func wantUnreachable(t *testing.T, name string, page *Page, err error) {
	t.Helper()
	var e *Error
	if page != nil || !errors.Is(err, ErrUnreachable) || !errors.As(err, &e) || e.Reason == "" {
		t.Errorf("%s: got %+v, %v; want an *Error with ErrUnreachable and a reason", name, page, err)
	}
}

func wantTooSlow(t *testing.T, page *Page, err error) {
	t.Helper()
	wantUnreachable(t, "slow", page, err)
	if !errors.Is(err, ErrTooSlow) {
		t.Errorf("got %v, want ErrTooSlow", err)
	}
}
