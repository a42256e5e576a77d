package page

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// postOf gives a page of n bytes that compresses about as well as a real post: to
// a third and a little less.
func postOf(n int) Maker {
	syllables := strings.Fields("ba ke ri lo tu men dar sil por han ve gra ost ing el mo cur lew tide rain jar sea wrack")
	var text strings.Builder
	random := uint32(1)
	for text.Len() < n {
		text.WriteString("<p>")
		for range 60 {
			random = random*1664525 + 1013904223
			text.WriteString(syllables[random>>24%23])
			if random>>16&3 != 0 {
				text.WriteByte(' ')
			}
		}
		text.WriteString("</p>\n")
	}
	return func(ctx context.Context) (*Answer, error) {
		answer, err := article(ctx)
		answer.Body = []byte(text.String())
		return answer, err
	}
}

// sink is a ResponseWriter that costs nothing.
type sink struct{ header http.Header }

func (s *sink) Header() http.Header         { return s.header }
func (s *sink) WriteHeader(int)             {}
func (s *sink) Write(b []byte) (int, error) { return len(b), nil }

// warm gives a cache that has the page in every form, and its gzip tag.
func warm(b *testing.B, maker Maker) (cache *Cache, tag string) {
	b.Helper()
	cache = NewCache(&changes{}, 8<<20)
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); {
		w, r := httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil)
		r.Header.Set("Accept-Encoding", "br")
		if err := cache.Serve(w, r, "/", maker); err != nil {
			b.Fatal(err)
		}
		if w.Header().Get("Content-Encoding") == "br" {
			made := cache.shelf.page("/").forms.Load()
			return cache, made[gzipEncoding].tag
		}
	}
	b.Fatal("brotli was never made")
	return nil, ""
}

func BenchmarkHit(b *testing.B) {
	maker := postOf(16 << 10)
	cache, tag := warm(b, maker)
	for name, header := range map[string]http.Header{
		"plain":  {},
		"gzip":   {"Accept-Encoding": {"gzip"}},
		"brotli": {"Accept-Encoding": {"gzip, deflate, br, zstd"}},
		"304":    {"Accept-Encoding": {"gzip"}, "If-None-Match": {tag}},
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			w := &sink{header: http.Header{}}
			r := httptest.NewRequest("GET", "/", nil)
			r.Header = header
			for b.Loop() {
				if err := cache.Serve(w, r, "/", maker); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkFirstView is everything between the maker and the wire for a page that
// is not kept: tag, gzip, headers. The maker's own time comes on top.
func BenchmarkFirstView(b *testing.B) {
	for _, size := range []int{16 << 10, 64 << 10} {
		b.Run(strconv.Itoa(size>>10)+"KB", func(b *testing.B) {
			b.ReportAllocs()
			numbers := &changes{}
			cache, maker := NewCache(numbers, 8<<20), postOf(size)
			w, r := &sink{header: http.Header{}}, httptest.NewRequest("GET", "/", nil)
			r.Header.Set("Accept-Encoding", "gzip, br")
			for b.Loop() {
				numbers.touch("post:1")
				if err := cache.Serve(w, r, "/", maker); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkBrotli is what is done beside the second view.
func BenchmarkBrotli(b *testing.B) {
	answer, _ := postOf(16 << 10)(b.Context())
	w := newBrotli(brotliPage)
	for b.Loop() {
		brotliBytes(w, answer.Body)
	}
}

// stack is the cache as a site would stand it: headers, errors, cache.
func stack(cache *Cache, maker Maker) http.Handler {
	templates := NewTemplates(files("error.html", "x"), nil, nil)
	errs := NewErrors(templates, slog.New(slog.DiscardHandler), func(context.Context) Site { return Site{} })
	return SecurityHeaders(true)(errs.Handle(func(w http.ResponseWriter, r *http.Request) error {
		return cache.Serve(w, r, r.URL.Path, maker)
	}))
}

// bare writes prepared bytes, as little as net/http lets a handler do.
func bare(status int, contentType string, body []byte) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if status == http.StatusOK {
			w.Header().Set("Content-Type", contentType)
			w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		}
		w.WriteHeader(status)
		w.Write(body)
	})
}

// clients are kept connections that send one prepared request again and again and
// read answers of a known length, so that what is measured is mostly the server.
type clients struct {
	conns   []net.Conn
	request []byte
	length  int
}

func newClients(b *testing.B, server *httptest.Server, header string) *clients {
	b.Helper()
	b.Cleanup(server.Close)
	address := server.Listener.Addr().String()
	c := &clients{request: []byte("GET / HTTP/1.1\r\nHost: a.example\r\n" + header + "\r\n")}
	for range 16 {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { conn.Close() })
		c.conns = append(c.conns, conn)
	}
	c.length = lengthOfAnswer(b, address, header)
	return c
}

func lengthOfAnswer(b *testing.B, address, header string) int {
	b.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "GET / HTTP/1.1\r\nHost: a.example\r\n%sConnection: close\r\n\r\n", header)
	answer, err := io.ReadAll(conn)
	if err != nil {
		b.Fatal(err)
	}
	return len(answer) - len("Connection: close\r\n")
}

// round lets every client ask n times and gives the time it took.
func (c *clients) round(b *testing.B, n int) time.Duration {
	b.Helper()
	begun := time.Now()
	var wg sync.WaitGroup
	for _, conn := range c.conns {
		wg.Go(func() {
			answer := make([]byte, c.length)
			for range n {
				conn.Write(c.request)
				if _, err := io.ReadFull(conn, answer); err != nil || !bytes.HasPrefix(answer, []byte("HTTP/1.1 ")) {
					b.Errorf("answer of %d bytes: %v", len(answer), err)
					return
				}
			}
		})
	}
	wg.Wait()
	return time.Since(begun)
}

// BenchmarkHitHTTP compares whole answers over a connection with a handler that
// writes the same bytes from memory. The two take turns, since the machine may be
// shared. "of-bare" is the share of its speed that is left.
func BenchmarkHitHTTP(b *testing.B) {
	for _, c := range []struct {
		name, header string
		size         int
	}{
		{"plain", "", 16 << 10},
		{"gzip", "Accept-Encoding: gzip\r\n", 16 << 10},
		{"brotli", "Accept-Encoding: gzip, deflate, br, zstd\r\n", 16 << 10},
		{"gzip-large", "Accept-Encoding: gzip\r\n", 64 << 10},
		{"304", "Accept-Encoding: gzip\r\nIf-None-Match: TAG\r\n", 16 << 10},
	} {
		b.Run(c.name, func(b *testing.B) {
			maker := postOf(c.size)
			cache, tag := warm(b, maker)
			header := strings.Replace(c.header, "TAG", tag, 1)
			status, body := recorded(b, stack(cache, maker), header)
			server, _ := whole(b, stack(cache, maker))
			hit := newClients(b, server, header)
			base := newClients(b, httptest.NewServer(bare(status, "text/html; charset=utf-8", body)), header)
			const each = 20
			var hits, bares time.Duration
			for b.Loop() {
				bares += base.round(b, each)
				hits += hit.round(b, each)
			}
			requests := float64(b.N * each * len(hit.conns))
			b.ReportMetric(float64(hits.Nanoseconds())/requests, "ns/hit")
			b.ReportMetric(float64(bares.Nanoseconds())/requests, "ns/bare")
			b.ReportMetric(bares.Seconds()/hits.Seconds(), "of-bare")
			b.ReportMetric(float64(len(body)), "bytes")
		})
	}
}

// recorded asks h once, to know what the bare handler has to write.
func recorded(b *testing.B, h http.Handler, header string) (int, []byte) {
	b.Helper()
	r := httptest.NewRequest("GET", "/", nil)
	for line := range strings.SplitSeq(header, "\r\n") {
		if name, value, ok := strings.Cut(line, ": "); ok {
			r.Header.Set(name, value)
		}
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Code, w.Body.Bytes()
}
