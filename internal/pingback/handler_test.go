package pingback

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// site stands for the blog behind the door and remembers what it was told.
type site struct {
	pings   [][2]string
	text    string
	err     error
	refused []error
	failed  []error
}

func (s *site) methods() Methods {
	return Methods{
		Ping: func(_ context.Context, source, target string) (string, error) {
			s.pings = append(s.pings, [2]string{source, target})
			return s.text, s.err
		},
		Pingbacks: func(context.Context, string) ([]string, error) {
			return []string{"https://a.example/1", "https://b.example/?x=1&y=2"}, s.err
		},
		Refused: func(_ context.Context, err error) { s.refused = append(s.refused, err) },
		Failed:  func(_ context.Context, err error) { s.failed = append(s.failed, err) },
	}
}

// post sends a body to the door of the site.
func (s *site) post(body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, "/pingback", strings.NewReader(body))
	r.Header.Set("Content-Type", "text/xml")
	w := httptest.NewRecorder()
	Handler(s.methods()).ServeHTTP(w, r)
	return w
}

const (
	source = "https://other.example/post"
	target = "https://hark.example/2026/one"
)

// callOf writes a call whose values stand as they are.
func callOf(method string, values ...string) string {
	var b strings.Builder
	b.WriteString("<methodCall><methodName>" + method + "</methodName><params>")
	for _, v := range values {
		b.WriteString("<param>" + v + "</param>")
	}
	b.WriteString("</params></methodCall>")
	return b.String()
}

func typed(text string) string { return "<value><string>" + text + "</string></value>" }

func TestWordPressIsUnderstood(t *testing.T) {
	const slug = "http://wordpress.example/2026/11/22/%d0%bf%d1%80%d0%b8%d0%b2%d0%b5%d1%82-%d0%bc%d0%b8%d1%80/"
	for file, want := range map[string][2]string{
		"call.http":           {"http://wordpress.example/2026/11/22/linking/", "http://hark.example/p/header"},
		"call-ampersand.http": {slug, "http://hark.example/p/enc?a=1&b=2#frag"},
		"call-raw-utf8.http":  {slug, "http://hark.example/p/straße"},
	} {
		t.Run(file, func(t *testing.T) {
			raw, err := os.ReadFile(filepath.Join("testdata", "wordpress", file))
			if err != nil {
				t.Fatal(err)
			}
			r, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(raw)))
			if err != nil {
				t.Fatal(err)
			}
			s := &site{text: "ok"}
			w := httptest.NewRecorder()
			Handler(s.methods()).ServeHTTP(w, r)
			if w.Code != 200 || len(s.pings) != 1 || s.pings[0] != want {
				t.Errorf("status %d, pings %q, want %q", w.Code, s.pings, want)
			}
		})
	}
}

func TestGETIsAnsweredWithAllow(t *testing.T) {
	server := httptest.NewServer(Handler((&site{}).methods()))
	defer server.Close()
	for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPut, http.MethodOptions} {
		r, _ := http.NewRequest(method, server.URL, nil)
		res, err := server.Client().Do(r)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != http.StatusMethodNotAllowed || res.Header.Get("Allow") != "POST" {
			t.Errorf("%s: status %d, Allow %q", method, res.StatusCode, res.Header.Get("Allow"))
		}
	}
}

func TestEveryRefusalIsToldOnce(t *testing.T) {
	long := strings.Repeat("x", maxBody+1)
	cases := []struct {
		name, method, body string
		status             int
		want               error
	}{
		{"GET", http.MethodGet, "", 405, ErrMethod},
		{"no XML", http.MethodPost, "hello", 400, ErrMalformed},
		{"no call", http.MethodPost, "<html/>", 200, ErrMalformed},
		{"unknown method", http.MethodPost, callOf("wp.getUsersBlogs"), 200, ErrMalformed},
		{"too large", http.MethodPost, long, 413, ErrTooLarge},
		{"source", http.MethodPost, callOf(pingMethod, typed("ftp://x.example/"), typed(target)), 200, ErrBadSource},
		{"target", http.MethodPost, callOf(pingMethod, typed(source), typed("/2026/one")), 200, ErrBadTarget},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			s := &site{}
			w := httptest.NewRecorder()
			Handler(s.methods()).ServeHTTP(w, httptest.NewRequest(c.method, "/pingback", strings.NewReader(c.body)))
			if w.Code != c.status {
				t.Errorf("status %d, want %d", w.Code, c.status)
			}
			if len(s.refused) != 1 || !errors.Is(s.refused[0], c.want) {
				t.Errorf("told %v, want once %v", s.refused, c.want)
			}
			if len(s.pings) != 0 {
				t.Errorf("the site was asked: %q", s.pings)
			}
		})
	}
}

func TestFaultOfTheSiteIsAnsweredButNotTold(t *testing.T) {
	s := &site{err: &Fault{Code: TargetMissing, Text: "There is no such post."}}
	w := s.post(callOf(pingMethod, typed(source), typed(target)))
	wantFault(t, w, 200, TargetMissing, "There is no such post.")
	if len(s.refused)+len(s.failed) != 0 {
		t.Errorf("told %v %v, want nothing", s.refused, s.failed)
	}
}

func TestFaultThatAsksToWaitSaysHowLong(t *testing.T) {
	s := &site{err: &Fault{Code: AccessDenied, Text: "Too many pings.", Status: 429, RetryAfter: 1500 * time.Millisecond}}
	w := s.post(callOf(pingMethod, typed(source), typed(target)))
	wantFault(t, w, 429, AccessDenied, "Too many pings.")
	if got := w.Header().Get("Retry-After"); got != "2" {
		t.Errorf("Retry-After %q, want 2", got)
	}
}

func TestInternalErrorIsHiddenButTold(t *testing.T) {
	s := &site{err: errors.New("disk on fire")}
	w := s.post(callOf(pingMethod, typed(source), typed(target)))
	wantFault(t, w, 200, Generic, "Something went wrong here. Please send it again later.")
	if len(s.failed) != 1 || s.failed[0] != s.err {
		t.Errorf("told %v, want %v", s.failed, s.err)
	}
}

func TestOtherMethodsRefuseAsPingDoes(t *testing.T) {
	s := &site{}
	wantFault(t, s.post(callOf(pingbacksMethod, typed("/2026/one"))), 200, TargetRefused, "")
	wantFault(t, s.post(callOf(helpMethod, typed("demo.sayHello"))), 200, unknownMethod, "")
	if len(s.refused) != 2 || !errors.Is(s.refused[0], ErrBadTarget) || !errors.Is(s.refused[1], ErrMalformed) {
		t.Errorf("told %v", s.refused)
	}
	s = &site{err: &Fault{Code: TargetMissing, Text: "There is no such post."}}
	wantFault(t, s.post(callOf(pingbacksMethod, typed(target))), 200, TargetMissing, "There is no such post.")
}

func TestEveryListedMethodHasHelp(t *testing.T) {
	for _, name := range Handler((&site{}).methods()).(*handler).names() {
		w := (&site{}).post(callOf(helpMethod, typed(name)))
		if w.Code != 200 || !strings.Contains(w.Body.String(), "<string>"+name+"(") {
			t.Errorf("%s: status %d, %s", name, w.Code, w.Body)
		}
	}
}

func TestDeclaredLengthBeyondTheLimitIsNotRead(t *testing.T) {
	s := &site{}
	body := &countingReader{}
	r := httptest.NewRequest(http.MethodPost, "/pingback", body)
	r.ContentLength = maxBody + 1
	w := httptest.NewRecorder()
	Handler(s.methods()).ServeHTTP(w, r)
	if w.Code != http.StatusRequestEntityTooLarge || body.reads != 0 {
		t.Errorf("status %d after %d reads, want 413 after none", w.Code, body.reads)
	}
}

type countingReader struct{ reads int }

func (c *countingReader) Read([]byte) (int, error) {
	c.reads++
	return 0, io.EOF
}

func TestLimitHoldsWhateverTheTransferCoding(t *testing.T) {
	s := &site{}
	server := httptest.NewServer(Handler(s.methods()))
	defer server.Close()
	fill := func(total int) string {
		call := callOf(pingMethod, typed(source), typed(target))
		return call + strings.Repeat(" ", total-len(call))
	}
	for size, want := range map[int]int{maxBody: 200, maxBody + 1: 413} {
		chunked := struct{ io.Reader }{strings.NewReader(fill(size))}
		res, err := server.Client().Post(server.URL, "text/xml", chunked)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != want {
			t.Errorf("%d bytes in chunks: status %d, want %d", size, res.StatusCode, want)
		}
	}
}
