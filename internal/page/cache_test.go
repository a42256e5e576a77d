package page

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"
)

func TestAPageIsMadeOnce(t *testing.T) {
	b := newBlog(t, 1<<20, page("rain", "post:1"))
	for _, path := range []string{"/2026/rain", "/2026/rain?utm_source=x", "/2026/rain?anything&else=1"} {
		if _, body := b.get(t, path); body != "rain" {
			t.Errorf("GET %s = %q", path, body)
		}
	}
	if b.count() != 1 {
		t.Errorf("made %d times, want once", b.count())
	}
}

func TestNobodyOutsideCanPassTheCacheBy(t *testing.T) {
	b := newBlog(t, 1<<20, page("rain", "post:1"))
	b.get(t, "/")
	for _, header := range []string{"Cache-Control: no-cache", "Cache-Control: max-age=0", "Pragma: no-cache", "Cookie: a=b", "Range: bytes=0-1"} {
		if res, body := b.get(t, "/", header); res.StatusCode != 200 || body != "rain" {
			t.Errorf("with %s: %d %q", header, res.StatusCode, body)
		}
	}
	if b.count() != 1 {
		t.Errorf("made %d times, want once", b.count())
	}
}

func TestAChangeOutdatesWhatDependsOnItAndNothingElse(t *testing.T) {
	b := newBlog(t, 1<<20, nil)
	b.become(page("old one", "post:1", "settings"))
	b.get(t, "/one")
	b.become(page("old two", "post:2", "settings"))
	b.get(t, "/two")

	b.become(page("new", "settings"))
	b.changes.touch("post:1")
	if _, body := b.get(t, "/one"); body != "new" {
		t.Errorf("the changed page says %q", body)
	}
	if _, body := b.get(t, "/two"); body != "old two" {
		t.Errorf("the other page says %q", body)
	}
	b.changes.touch("settings")
	if _, body := b.get(t, "/two"); body != "new" {
		t.Errorf("after the settings changed, the other page says %q", body)
	}
}

func TestAPageChangedWhileItIsMadeIsNotKept(t *testing.T) {
	b := newBlog(t, 1<<20, nil)
	b.become(func(ctx context.Context) (*Answer, error) {
		b.changes.touch("post:1")
		return page("old", "post:1")(ctx)
	})
	b.get(t, "/")
	b.become(page("new", "post:1"))
	if _, body := b.get(t, "/"); body != "new" {
		t.Errorf("second reader got %q, want the new page", body)
	}
}

func TestAChangeElsewhereDoesNotKeepAKnownPageOut(t *testing.T) {
	b := newBlog(t, 1<<20, nil)
	b.become(func(ctx context.Context) (*Answer, error) {
		b.changes.touch("post:2") // somebody writes all the time
		return page("rain", "post:1")(ctx)
	})
	for range 5 {
		b.get(t, "/")
	}
	// The first reader taught the cache the names; the second page is kept.
	if b.count() != 2 {
		t.Errorf("made %d times, want 2", b.count())
	}
}

func TestAPageIsOutdatedByTheClockWhenItSaysSo(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	cache := NewCache(&changes{}, 1<<20)
	cache.now = func() time.Time { return now }
	made := 0
	ask := func() {
		err := cache.Serve(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil), "/", func(context.Context) (*Answer, error) {
			made++
			return &Answer{DependsOn: []string{"post:1"}, Until: now.Add(time.Hour)}, nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	ask()
	now = now.Add(time.Hour - 1)
	ask()
	if made != 1 {
		t.Fatalf("made %d times within the hour, want once", made)
	}
	now = now.Add(1)
	ask()
	if made != 2 {
		t.Errorf("made %d times after the hour, want twice", made)
	}
}

func TestWhatMustNotBeSharedIsNotKept(t *testing.T) {
	for name, maker := range map[string]Maker{
		"depends on nothing": page("x"),
		"sets a cookie": func(context.Context) (*Answer, error) {
			return &Answer{Header: http.Header{"Set-Cookie": {"a=b"}}, DependsOn: []string{"post:1"}}, nil
		},
		"fails": func(context.Context) (*Answer, error) { return nil, errors.New("no") },
	} {
		t.Run(name, func(t *testing.T) {
			b := newBlog(t, 1<<20, maker)
			b.get(t, "/")
			b.get(t, "/")
			if b.count() != 2 || b.cache.Stats().Pages != 0 {
				t.Errorf("made %d times, %d kept; want 2 and 0", b.count(), b.cache.Stats().Pages)
			}
		})
	}
}

func TestAPageThatCannotBeMadeAnyMoreLeavesTheShelf(t *testing.T) {
	b := newBlog(t, 1<<20, page("rain", "post:1"))
	b.get(t, "/")
	b.changes.touch("post:1")
	b.become(func(context.Context) (*Answer, error) { return nil, &Error{Status: http.StatusGone} })
	if res, _ := b.get(t, "/"); res.StatusCode != http.StatusGone {
		t.Errorf("status %d, want 410", res.StatusCode)
	}
	if n := b.cache.Stats().Pages; n != 0 {
		t.Errorf("%d pages kept, want none", n)
	}
}

func TestWhenTheNumbersCannotBeReadNothingOldIsServed(t *testing.T) {
	b := newBlog(t, 1<<20, page("rain", "post:1"))
	b.get(t, "/")
	b.changes.mu.Lock()
	b.changes.fail = errors.New("the database is away")
	b.changes.mu.Unlock()
	if res, _ := b.get(t, "/"); res.StatusCode != 500 {
		t.Errorf("status %d, want 500", res.StatusCode)
	}
}

func TestTheCacheStaysWithinItsBytes(t *testing.T) {
	const max = 64 << 10
	b := newBlog(t, max, page(long, "lists"))
	b.get(t, "/home")
	for i := range 200 {
		b.get(t, "/"+strconv.Itoa(i))
		b.get(t, "/home")
		if held := b.cache.Stats().Bytes; held > max {
			t.Fatalf("%d bytes held, want at most %d", held, max)
		}
	}
	if b.count() != 201 {
		t.Errorf("made %d pages, want 201: the one that is read all the time must stay", b.count())
	}
	if n := b.cache.Stats().Pages; n < 4 || n > 20 {
		t.Errorf("%d pages kept, want as many as fit", n)
	}
}

func TestAHugePageIsServedButDrivesNobodyOut(t *testing.T) {
	b := newBlog(t, 64<<10, page("small", "lists"))
	b.get(t, "/small")
	b.become(page(strings.Repeat("x", 60<<10), "lists"))
	if _, body := b.get(t, "/huge"); len(body) != 60<<10 {
		t.Errorf("huge page has %d bytes", len(body))
	}
	if stats := b.cache.Stats(); stats.Pages != 1 {
		t.Errorf("%d pages kept, want the small one", stats.Pages)
	}
}

func TestPlainBytesAreKeptWhereSomebodyTakesThem(t *testing.T) {
	b := newBlog(t, 1<<20, page(long, "post:1"))
	kept := func(when string, plain bool) {
		t.Helper()
		if n := b.cache.Stats().Bytes; (n > int64(len(long))) != plain {
			t.Errorf("%s %d bytes are kept of a page of %d, plain ones among them: want %t", when, n, len(long), plain)
		}
	}
	b.get(t, "/", "Accept-Encoding: gzip")
	kept("for who takes gzip", false)
	res, _ := b.ask(t, http.MethodHead, "/")
	if n := res.ContentLength; n != int64(len(long)) {
		t.Errorf("its head says %d bytes, want %d", n, len(long))
	}
	kept("for a head", false)
	for range 2 {
		if _, body := b.get(t, "/"); body != long {
			t.Errorf("the plain page is %q", body)
		}
		kept("for who takes it plain", true)
	}
	if b.count() != 1 {
		t.Errorf("made %d times, want once", b.count())
	}
}

func TestTheWeightOfTheShelfIsTheSumOfItsPages(t *testing.T) {
	b := newBlog(t, 100<<10, page(long, "lists"))
	for round := range 3 {
		for i := range 30 {
			b.get(t, "/"+strconv.Itoa(i), "Accept-Encoding: br, gzip")
			b.get(t, "/"+strconv.Itoa(i), "Accept-Encoding: br, gzip")
		}
		if round == 1 {
			b.changes.touch("lists")
		}
	}
	w := <-b.cache.brotli // nothing is being pressed now
	defer func() { b.cache.brotli <- w }()
	eventually(t, "the sum is right", func() bool {
		s := b.cache.shelf
		s.mu.Lock()
		defer s.mu.Unlock()
		sum := int64(0)
		for i, p := range s.ring {
			forms := 0
			for _, f := range p.forms.Load()[:identity] {
				if f != nil {
					forms += len(f.body)
				}
			}
			if want := b.cache.weight(p) + int64(forms); p.size != want || p.slot != i || s.pages[p.key] != p {
				return false
			}
			sum += p.size
		}
		return sum == s.bytes && len(s.pages) == len(s.ring)
	})
}

func TestStatsCountHitsAndMisses(t *testing.T) {
	b := newBlog(t, 1<<20, page("x", "lists"))
	for i := range 5 {
		b.get(t, fmt.Sprint("/", i%2))
	}
	if s := b.cache.Stats(); s.Misses != 2 || s.Hits != 3 || s.Pages != 2 {
		t.Errorf("stats %+v, want 2 misses, 3 hits, 2 pages", s)
	}
}

func TestAnAnswerForOneVisitorIsMarkedPrivate(t *testing.T) {
	cache := NewCache(&changes{}, 1<<20)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer, _ := page(long, "post:1")(r.Context())
		cache.Write(w, r, answer)
	}))
	defer server.Close()
	b := &blog{Server: server, cache: cache}

	res, body := b.get(t, "/", "Accept-Encoding: gzip")
	if res.Header.Get("Cache-Control") != "private, no-store" || res.Header.Get("Content-Encoding") != "gzip" || unpacked(t, "gzip", body) != long {
		t.Errorf("headers %v", res.Header)
	}
	if res, body := b.get(t, "/", "Accept-Encoding: gzip", "If-None-Match: "+res.Header.Get("Etag")); res.StatusCode != 304 || body != "" {
		t.Errorf("asked again: %d, %d bytes; want 304", res.StatusCode, len(body))
	}
	if cache.Stats().Pages != 0 {
		t.Error("it was kept")
	}
}
