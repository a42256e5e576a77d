package test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"
)

// visits are the requests that a page has seen, by path.
type visits struct {
	mu   sync.Mutex
	seen map[string]http.Header
}

// of is the header of the request for a path, nil before it came.
func (v *visits) of(path string) http.Header {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.seen[path]
}

// newWatchedBlog is a blog whose every page links to the target, and notes who asks for it.
func newWatchedBlog(t *testing.T, target string) (*visits, string) {
	t.Helper()
	v := &visits{seen: map[string]http.Header{}}
	blog := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v.mu.Lock()
		v.seen[r.URL.Path] = r.Header.Clone()
		v.mu.Unlock()
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprintf(w, `<!doctype html><title>A page</title><p>I have read <a href="%s">what she wrote</a>.</p>`, target)
	}))
	t.Cleanup(blog.Close)
	return v, blog.URL
}

func TestASourceLearnsWhoReadsItAndForWhom(t *testing.T) {
	t.Parallel()
	s := start(t)
	target := s.publish(s.owner(), "Rain", "<p>Eleven millimetres.</p>")
	asked, blog := newWatchedBlog(t, target)

	sender := from(t, "127.0.0.61")
	req, err := formRequest(s.url+"/webmention", url.Values{"source": {blog + "/mention"}, "target": {target}})
	if err == nil { // a form on a page of another site
		req.Header.Set("Origin", "https://other.example")
		req.Header.Set("Sec-Fetch-Site", "cross-site")
		req.Header.Set("Sec-Fetch-Mode", "navigate")
	}
	if a := sender.must(req, err); a.status != http.StatusCreated {
		t.Errorf("a webmention is answered %d, want 201:\n%s", a.status, a.body)
	}
	call := `<?xml version="1.0"?><methodCall><methodName>pingback.ping</methodName><params><param><value><string>` + blog +
		`/ping</string></value></param><param><value><string>` + target + `</string></value></param></params></methodCall>`
	req, err = http.NewRequest(http.MethodPost, s.url+"/pingback", strings.NewReader(call))
	if err == nil {
		req.Header.Set("Content-Type", "text/xml")
	}
	if a := from(t, "127.0.0.62").must(req, err); strings.Contains(a.body, "fault") {
		t.Errorf("a pingback is answered %d:\n%s", a.status, a.body)
	}

	for path, forwarded := range map[string][]string{"/mention": nil, "/ping": {"127.0.0.62"}} {
		eventually(t, 20*time.Second, "the source "+path+" is read", func() error {
			if asked.of(path) == nil {
				return fmt.Errorf("nobody has asked for it")
			}
			return nil
		})
		header := asked.of(path)
		name, version, _ := strings.Cut(s.command("", "version"), " ")
		want := fmt.Sprintf("%s/%s (%s; reads pages that link here or are linked from here)", name, version, s.url)
		if got := header.Get("User-Agent"); name != "hark" || version == "" || got != want {
			t.Errorf("%s was read by %q, want %q", path, got, want)
		}
		if got := header.Values("X-Pingback-Forwarded-For"); fmt.Sprint(got) != fmt.Sprint(forwarded) {
			t.Errorf("%s was told that it is read for %q, want %q", path, got, forwarded)
		}
	}
}
