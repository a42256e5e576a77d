package page

import (
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/andybalholm/brotli"
)

// changes stands for the database: numbers that move when something is touched.
type changes struct {
	mu      sync.RWMutex
	numbers map[string]uint64
	touches uint64
	fail    error
}

func (c *changes) touch(names ...string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.numbers == nil {
		c.numbers = make(map[string]uint64)
	}
	for _, name := range names {
		c.numbers[name]++
	}
	c.touches++
}

func (c *changes) Generations(_ context.Context, names ...string) ([]uint64, error) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	numbers := make([]uint64, len(names))
	for i, name := range names {
		numbers[i] = c.numbers[name]
	}
	return numbers, c.fail
}

func (c *changes) Touches(context.Context) (uint64, error) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.touches, c.fail
}

// blog is a cache behind a real server, and one maker for all its addresses.
type blog struct {
	*httptest.Server
	changes changes
	cache   *Cache
	log     bytes.Buffer

	mu    sync.Mutex
	made  int
	maker Maker
}

// newBlog serves what maker makes, in a cache of max bytes, keyed by the path.
func newBlog(t *testing.T, max int64, maker Maker) *blog {
	t.Helper()
	b := &blog{maker: maker}
	b.cache = NewCache(&b.changes, max)
	static := testStatic(t)
	templates := NewTemplates(files("error.html", `<h1>{{.Title}}</h1><p>{{.Text}}`), nil, nil)
	errs := NewErrors(templates, slog.New(slog.NewTextHandler(&b.log, nil)), func(context.Context) Site { return Site{} })
	mux := http.NewServeMux()
	mux.Handle("/static/", errs.Handle(static.Serve))
	mux.Handle("/", errs.Handle(func(w http.ResponseWriter, r *http.Request) error {
		return b.cache.Serve(w, r, r.URL.Path, b.make)
	}))
	b.Server = httptest.NewServer(SecurityHeaders(false)(mux))
	t.Cleanup(b.Close)
	return b
}

func (b *blog) make(ctx context.Context) (*Answer, error) {
	b.mu.Lock()
	b.made++
	maker := b.maker
	b.mu.Unlock()
	return maker(ctx)
}

func (b *blog) count() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.made
}

// become changes what the maker makes from now on.
func (b *blog) become(maker Maker) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.maker = maker
}

// ask sends a request with the given headers, "Name: value", and reads the answer
// as it stands on the wire.
func (b *blog) ask(t *testing.T, method, path string, headers ...string) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequest(method, b.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept-Encoding", "identity")
	for _, header := range headers {
		name, value, _ := strings.Cut(header, ": ")
		req.Header.Set(name, value)
	}
	res, err := b.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res, string(body)
}

func (b *blog) get(t *testing.T, path string, headers ...string) (*http.Response, string) {
	t.Helper()
	return b.ask(t, http.MethodGet, path, headers...)
}

// page is a maker of an HTML page that depends on the given generations.
func page(text string, dependsOn ...string) Maker {
	return func(context.Context) (*Answer, error) {
		return &Answer{
			Header:    http.Header{"Content-Type": {"text/html; charset=utf-8"}},
			Body:      []byte(text),
			DependsOn: dependsOn,
		}, nil
	}
}

var long = strings.Repeat("<p>Rain in a jam jar, and a bucket that tips.</p>\n", 60)

func unpacked(t *testing.T, encoding, body string) string {
	t.Helper()
	var r io.Reader = strings.NewReader(body)
	switch encoding {
	case "gzip":
		zipped, err := gzip.NewReader(r)
		if err != nil {
			t.Fatal(err)
		}
		r = zipped
	case "br":
		r = brotli.NewReader(r)
	}
	plain, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(plain)
}

// eventually waits for something that is done beside the request.
func eventually(t *testing.T, what string, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !done(); {
		if time.Now().After(deadline) {
			t.Fatalf("it never came that %s", what)
		}
		runtime.Gosched()
	}
}

func testStatic(t testing.TB) *Static {
	t.Helper()
	static, err := NewStatic(fstest.MapFS{
		"hark.css":       {Data: []byte(strings.Repeat("a { color: red }\n", 100))},
		"mark.svg":       {Data: []byte(`<svg xmlns="http://www.w3.org/2000/svg"/>`)},
		"js/toolbar.js":  {Data: []byte(`"use strict"`)},
		"js/no-ending":   {Data: []byte{0, 1, 2}},
		"js/desk.min.js": {Data: []byte(`"small"`)},
	})
	if err != nil {
		t.Fatal(err)
	}
	return static
}
