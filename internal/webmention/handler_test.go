package webmention

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
)

const formType = "application/x-www-form-urlencoded"

// door is a Handler that remembers what it was asked.
type door struct {
	http.Handler
	accepted [][2]string
	refused  []error
}

func newDoor(location string, err error) *door {
	d := &door{}
	d.Handler = Handler(
		func(_ context.Context, source, target string) (string, error) {
			d.accepted = append(d.accepted, [2]string{source, target})
			return location, err
		},
		func(_ context.Context, err error) { d.refused = append(d.refused, err) },
		nil,
	)
	return d
}

func (d *door) post(body string) *http.Response {
	r := httptest.NewRequest(http.MethodPost, "/webmention", strings.NewReader(body))
	r.Header.Set("Content-Type", formType)
	w := httptest.NewRecorder()
	d.ServeHTTP(w, r)
	return w.Result()
}

func form(source, target string) string {
	return url.Values{"source": {source}, "target": {target}}.Encode()
}

func TestAWebmentionIsAnsweredWithItsStatusPage(t *testing.T) {
	d := newDoor("https://blog.example/webmention/1", nil)
	res := d.post(form(" https://a.example/x?a=b&c=d#e\n", "https://blog.example/2026/post") + "&vouch=x")
	if res.StatusCode != http.StatusCreated || res.Header.Get("Location") != "https://blog.example/webmention/1" {
		t.Errorf("got %s, Location %q", res.Status, res.Header.Get("Location"))
	}
	want := [2]string{"https://a.example/x?a=b&c=d#e", "https://blog.example/2026/post"}
	if len(d.accepted) != 1 || d.accepted[0] != want {
		t.Errorf("accept was asked %q, want %q", d.accepted, want)
	}
	if len(d.refused) > 0 {
		t.Errorf("refused was told %v", d.refused)
	}
}

func TestWithoutAStatusPageAWebmentionIsAccepted(t *testing.T) {
	res := newDoor("", nil).post(form("https://a.example/", "https://blog.example/"))
	if _, named := res.Header["Location"]; res.StatusCode != http.StatusAccepted || named {
		t.Errorf("got %s, Location %q", res.Status, res.Header["Location"])
	}
}

func TestWhatIsNoWebmentionIsRefused(t *testing.T) {
	const s, target = "https://a.example/x", "https://blog.example/y"
	long := "https://a.example/" + strings.Repeat("x", maxAddress)
	for name, test := range map[string]struct {
		body   string
		status int
		err    error
	}{
		"empty":             {"", 400, ErrMalformed},
		"no target":         {"source=" + s, 400, ErrMalformed},
		"no source":         {"target=" + target, 400, ErrMalformed},
		"two sources":       {form(s, target) + "&source=" + s, 400, ErrMalformed},
		"two targets":       {form(s, target) + "&target=" + target, 400, ErrMalformed},
		"broken escape":     {"source=%zz&target=" + target, 400, ErrMalformed},
		"semicolon":         {form(s, target) + ";x=y", 400, ErrMalformed},
		"JSON":              {`{"source":"https://a.example/","target":"https://blog.example/"}`, 400, ErrMalformed},
		"empty source":      {form("", target), 400, ErrMalformed},
		"relative source":   {form("/x", target), 400, ErrMalformed},
		"relative target":   {form(s, "/y"), 400, ErrMalformed},
		"no host":           {form("https:///x", target), 400, ErrMalformed},
		"only a port":       {form("https://:443/x", target), 400, ErrMalformed},
		"no slashes":        {form("https:a.example", target), 400, ErrMalformed},
		"newline in source": {form("https://a.example/\nx", target), 400, ErrMalformed},
		"NUL in target":     {form(s, "https://blog.example/\x00"), 400, ErrMalformed},
		"no UTF-8":          {form("https://a.example/\xff", target), 400, ErrMalformed},
		"broken address":    {form("https://a.example/%zz", target), 400, ErrMalformed},
		"long source":       {form(long, target), 400, ErrMalformed},
		"long target":       {form(s, long), 400, ErrMalformed},
		"ftp source":        {form("ftp://a.example/", target), 400, ErrBadSource},
		"javascript source": {form("javascript:alert(1)", target), 400, ErrBadSource},
		"user in source":    {form("https://me@a.example/", target), 400, ErrBadSource},
		"secret in source":  {form("https://me:secret@a.example/", target), 400, ErrBadSource},
		"ftp target":        {form(s, "ftp://blog.example/"), 400, ErrMalformed},
		"user in target":    {form(s, "https://me@blog.example/"), 400, ErrMalformed},
		"the same":          {form(target, target), 400, ErrMalformed},
		"the same, nearly":  {form("HTTPS://Blog.Example:443/y#z", target), 400, ErrMalformed},
		"too large":         {form(s, target) + "&x=" + strings.Repeat("x", maxForm), 413, ErrTooLarge},
	} {
		d := newDoor("https://blog.example/1", nil)
		res := d.post(test.body)
		sentence, _ := io.ReadAll(res.Body)
		if res.StatusCode != test.status || len(sentence) < 10 {
			t.Errorf("%s: got %s, %q; want %d and a sentence", name, res.Status, sentence, test.status)
		}
		if len(d.refused) != 1 || !errors.Is(d.refused[0], test.err) {
			t.Errorf("%s: refused was told %v, want %v once", name, d.refused, test.err)
		}
		if errors.Is(d.refused[0], ErrBadSource) != (test.err == ErrBadSource) {
			t.Errorf("%s: refused was told %v, want %v", name, d.refused, test.err)
		}
		if len(d.accepted) > 0 {
			t.Errorf("%s: accept was asked %q", name, d.accepted)
		}
	}
}

func TestABadSourceIsMalformed(t *testing.T) {
	if !errors.Is(ErrBadSource, ErrMalformed) {
		t.Error("who knows only ErrMalformed would miss ErrBadSource")
	}
}

func TestOnlyPOSTIsTaken(t *testing.T) {
	for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPut, http.MethodDelete, http.MethodOptions} {
		d := newDoor("", nil)
		w := httptest.NewRecorder()
		d.ServeHTTP(w, httptest.NewRequest(method, "/webmention", nil))
		if w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != "POST" {
			t.Errorf("%s: got %d, Allow %q", method, w.Code, w.Header().Get("Allow"))
		}
		if len(d.refused) != 1 || !errors.Is(d.refused[0], ErrMethod) {
			t.Errorf("%s: refused was told %v", method, d.refused)
		}
	}
}

func TestOnlyAFormIsTaken(t *testing.T) {
	body := form("https://a.example/", "https://blog.example/")
	for kind, want := range map[string]int{
		formType: 202,
		"Application/X-WWW-Form-URLencoded; charset=UTF-8": 202,
		"":                                415,
		"multipart/form-data; boundary=x": 415,
		"application/json":                415,
		"text/xml":                        415,
		"/":                               415,
	} {
		d := newDoor("", nil)
		r := httptest.NewRequest(http.MethodPost, "/webmention", strings.NewReader(body))
		r.Header.Set("Content-Type", kind)
		w := httptest.NewRecorder()
		d.ServeHTTP(w, r)
		if w.Code != want {
			t.Errorf("%q: got %d, want %d", kind, w.Code, want)
		}
		if want == 415 && (len(d.refused) != 1 || !errors.Is(d.refused[0], ErrMalformed)) {
			t.Errorf("%q: refused was told %v", kind, d.refused)
		}
	}
}

func TestABodyIsBoundedWhateverItsTransferCoding(t *testing.T) {
	d := newDoor("", nil)
	server := httptest.NewServer(d)
	defer server.Close()
	body := form("https://a.example/", "https://blog.example/")
	long := body + "&x=" + strings.Repeat("x", maxForm)
	chunk := fmt.Sprintf("%x\r\n%s\r\n", len(long), long)
	for name, test := range map[string]struct {
		wire string
		want int
		err  error
	}{
		"chunked":          {fmt.Sprintf("Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n", len(body), body), 202, nil},
		"chunked, large":   {"Transfer-Encoding: chunked\r\n\r\n" + chunk + "0\r\n\r\n", 413, ErrTooLarge},
		"chunked, endless": {"Transfer-Encoding: chunked\r\n\r\n" + strings.Repeat(chunk, 3), 413, ErrTooLarge},
		"chunk breaks off": {"Transfer-Encoding: chunked\r\n\r\nff\r\nsource=", 400, ErrMalformed},
		"chunk is broken":  {"Transfer-Encoding: chunked\r\n\r\nzz\r\nsource=\r\n0\r\n\r\n", 400, ErrMalformed},
		"length is wrong":  {"Content-Length: 999\r\n\r\n" + body, 400, ErrMalformed},
		"length is huge":   {"Content-Length: 99999999\r\n\r\n" + body, 413, ErrTooLarge},
	} {
		d.refused = nil
		if got := speak(t, server, "POST /webmention HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: "+formType+"\r\n"+test.wire); got != test.want {
			t.Errorf("%s: got %d, want %d", name, got, test.want)
		}
		if test.err != nil && (len(d.refused) != 1 || !errors.Is(d.refused[0], test.err)) {
			t.Errorf("%s: refused was told %v, want %v", name, d.refused, test.err)
		}
	}
}

// speak sends bytes, then says that no more come, and returns the status.
func speak(t *testing.T, server *httptest.Server, wire string) int {
	t.Helper()
	conn, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	go func() {
		io.WriteString(conn, wire)
		conn.(*net.TCPConn).CloseWrite()
	}()
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	return res.StatusCode
}

func TestAnErrorIsAnsweredAsItStands(t *testing.T) {
	refusal := &Error{Status: http.StatusTooManyRequests, Text: "Too many at once.", RetryAfter: 1500 * time.Millisecond}
	d := newDoor("", fmt.Errorf("receive: %w", refusal))
	res := d.post(form("https://a.example/", "https://blog.example/"))
	text, _ := io.ReadAll(res.Body)
	if res.StatusCode != 429 || strings.TrimSpace(string(text)) != "Too many at once." || res.Header.Get("Retry-After") != "2" {
		t.Errorf("got %s, %q, Retry-After %q", res.Status, text, res.Header.Get("Retry-After"))
	}
	if len(d.refused) > 0 {
		t.Errorf("refused was told %v, though accept was asked", d.refused)
	}
}

func TestOurOwnFaultIsAnsweredWithoutItsReason(t *testing.T) {
	for _, err := range []error{errors.New("disk on fire"), &Error{Text: "no status"}, &Error{Status: 200, Text: "disk on fire"}} {
		res := newDoor("", err).post(form("https://a.example/", "https://blog.example/"))
		text, _ := io.ReadAll(res.Body)
		if res.StatusCode != 500 || strings.Contains(string(text), "fire") || len(text) < 10 {
			t.Errorf("%v: got %s, %q", err, res.Status, text)
		}
	}
}

func TestAReplyDrawsTheAnswer(t *testing.T) {
	h := Handler(
		func(context.Context, string, string) (string, error) { return "/status/1", nil },
		func(context.Context, error) {},
		func(w http.ResponseWriter, _ *http.Request, status int, location, sentence string) {
			w.WriteHeader(status)
			fmt.Fprintf(w, "%d|%s|%s", status, location, sentence)
		})
	r := httptest.NewRequest(http.MethodPost, "/webmention", strings.NewReader(form("https://a.example/", "https://blog.example/")))
	r.Header.Set("Content-Type", formType)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if !strings.HasPrefix(w.Body.String(), "201|/status/1|Thank you.") || w.Header().Get("Location") != "/status/1" {
		t.Errorf("got %q, Location %q", w.Body, w.Header().Get("Location"))
	}
}

func FuzzHandler(f *testing.F) {
	f.Add(form("https://a.example/", "https://blog.example/"))
	f.Add("source=a&target=b")
	f.Add("source=https://[::1%25lo]/&target=https://blog.example/")
	f.Fuzz(func(t *testing.T, body string) {
		d := newDoor("", nil)
		res := d.post(body)
		switch res.StatusCode {
		case 202:
			if len(d.accepted) != 1 || len(d.refused) != 0 {
				t.Fatalf("accepted %q, refused %v", d.accepted, d.refused)
			}
			for _, address := range d.accepted[0] {
				u, err := url.Parse(address)
				if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil {
					t.Errorf("accept was asked %q", address)
				}
			}
		case 400, 413:
			if len(d.accepted) != 0 || len(d.refused) != 1 {
				t.Fatalf("accepted %q, refused %v", d.accepted, d.refused)
			}
		default:
			t.Errorf("got %s", res.Status)
		}
	})
}

func BenchmarkHandler(b *testing.B) {
	h := Handler(
		func(context.Context, string, string) (string, error) { return "https://blog.example/webmention/1", nil },
		func(context.Context, error) {}, nil)
	body := form("https://a.example/2026/a-post-of-mine", "https://blog.example/2026/a-post-of-yours")
	b.ReportAllocs()
	for b.Loop() {
		r := httptest.NewRequest(http.MethodPost, "/webmention", strings.NewReader(body))
		r.Header.Set("Content-Type", formType)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != http.StatusCreated {
			b.Fatal(w.Code)
		}
	}
}
