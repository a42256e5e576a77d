package page

import (
	"context"
	"net/http"
	"strconv"
	"testing"
	"time"
)

var modified = time.Date(2026, 11, 19, 18, 40, 0, 500, time.UTC)

// article is a page with all the headers a post has.
func article(context.Context) (*Answer, error) {
	return &Answer{
		Header: http.Header{
			"Content-Type": {"text/html; charset=utf-8"},
			"Link":         {`<https://a.example/webmention>; rel="webmention"`, `<https://a.example/pingback>; rel="pingback"`},
			"X-Pingback":   {"https://a.example/pingback"},
		},
		Body:      []byte(long),
		Modified:  modified,
		DependsOn: []string{"post:1"},
	}, nil
}

func TestEachEncodingIsTheSamePageUnderItsOwnTag(t *testing.T) {
	b := newBlog(t, 1<<20, article)
	eventually(t, "brotli is made", func() bool {
		res, _ := b.get(t, "/", "Accept-Encoding: br")
		return res.Header.Get("Content-Encoding") == "br"
	})
	tags := map[string]bool{}
	for encoding, asked := range map[string]string{"": "identity", "gzip": "gzip", "br": "br"} {
		res, body := b.get(t, "/", "Accept-Encoding: "+asked)
		if got := res.Header.Get("Content-Encoding"); got != encoding {
			t.Errorf("asked for %s, got %q", asked, got)
		}
		if unpacked(t, encoding, body) != long {
			t.Errorf("%s is another page", asked)
		}
		if got := res.Header.Get("Content-Length"); got != strconv.Itoa(len(body)) {
			t.Errorf("%s: Content-Length %s of %d bytes", asked, got, len(body))
		}
		if got := res.Header.Get("Vary"); got != "Accept-Encoding" {
			t.Errorf("%s: Vary %q", asked, got)
		}
		tags[res.Header.Get("Etag")] = true
	}
	if len(tags) != 3 {
		t.Errorf("tags %v, want three different ones", tags)
	}
	if b.count() != 1 {
		t.Errorf("made %d times, want once", b.count())
	}
}

func TestTheFirstReaderGetsGzipAndBrotliIsMadeForThoseWhoComeBack(t *testing.T) {
	b := newBlog(t, 1<<20, article)
	if res, _ := b.get(t, "/", "Accept-Encoding: gzip, br"); res.Header.Get("Content-Encoding") != "gzip" {
		t.Errorf("first: %q, want gzip", res.Header.Get("Content-Encoding"))
	}
	before := b.cache.Stats().Bytes
	eventually(t, "a later reader gets brotli", func() bool {
		res, _ := b.get(t, "/", "Accept-Encoding: gzip, br")
		return res.Header.Get("Content-Encoding") == "br"
	})
	eventually(t, "its bytes are counted", func() bool { return b.cache.Stats().Bytes > before })
}

func TestSmallAndPackedAnswersAreNotCompressed(t *testing.T) {
	b := newBlog(t, 1<<20, page("short", "lists"))
	if res, _ := b.get(t, "/", "Accept-Encoding: gzip"); res.Header.Get("Content-Encoding") != "" {
		t.Error("a body of five bytes was compressed")
	}
	if worthwhile("image/png", 1<<20) || !worthwhile("application/atom+xml; charset=utf-8", 1<<20) {
		t.Error("the types are told apart wrongly")
	}
}

func TestHeadHasTheHeadersOfGet(t *testing.T) {
	b := newBlog(t, 1<<20, article)
	get, _ := b.get(t, "/", "Accept-Encoding: gzip")
	head, body := b.ask(t, http.MethodHead, "/", "Accept-Encoding: gzip")
	get.Header.Del("Date")
	head.Header.Del("Date")
	if body != "" || len(get.Header) != len(head.Header) {
		t.Errorf("HEAD %v\nGET %v", head.Header, get.Header)
	}
	for name := range get.Header {
		if got, want := head.Header.Get(name), get.Header.Get(name); got != want {
			t.Errorf("HEAD has %s: %q, GET %q", name, got, want)
		}
	}
	if head.ContentLength != get.ContentLength || head.ContentLength <= 0 {
		t.Errorf("HEAD says %d bytes, GET %d", head.ContentLength, get.ContentLength)
	}
}

func TestWhoHasThePageAlreadyIsToldSo(t *testing.T) {
	b := newBlog(t, 1<<20, article)
	res, _ := b.get(t, "/")
	plain := res.Header.Get("Etag")
	res, _ = b.get(t, "/", "Accept-Encoding: gzip")
	zipped := res.Header.Get("Etag")
	date := res.Header.Get("Last-Modified")
	if date != "Thu, 19 Nov 2026 18:40:00 GMT" {
		t.Errorf("Last-Modified %q", date)
	}
	later := modified.Add(time.Hour).Format(http.TimeFormat)
	before := modified.Add(-time.Hour).Format(http.TimeFormat)

	for _, c := range []struct {
		name, encoding, header string
		want                   int
		tag                    string
	}{
		{"its tag", "gzip", "If-None-Match: " + zipped, 304, zipped},
		{"its tag, made weak by a proxy", "gzip", "If-None-Match: W/" + zipped, 304, zipped},
		{"its tag among others", "gzip", `If-None-Match: "x", ` + zipped + `, "y"`, 304, zipped},
		{"the tag of another form it may have", "gzip, br", "If-None-Match: " + plain, 304, plain},
		{"the tag of a form it cannot read", "identity", "If-None-Match: " + zipped, 200, plain},
		{"any", "gzip", "If-None-Match: *", 304, zipped},
		{"another tag", "gzip", `If-None-Match: "x"`, 200, zipped},
		{"a part of the tag", "gzip", "If-None-Match: " + zipped[:len(zipped)-2], 200, zipped},
		{"its date", "gzip", "If-Modified-Since: " + date, 304, zipped},
		{"a later date", "gzip", "If-Modified-Since: " + later, 304, zipped},
		{"an earlier date", "gzip", "If-Modified-Since: " + before, 200, zipped},
		{"no date at all", "gzip", "If-Modified-Since: yesterday", 200, zipped},
	} {
		t.Run(c.name, func(t *testing.T) {
			res, body := b.get(t, "/", "Accept-Encoding: "+c.encoding, c.header)
			if res.StatusCode != c.want || (res.StatusCode == 304) != (body == "") {
				t.Fatalf("status %d with %d bytes, want %d", res.StatusCode, len(body), c.want)
			}
			if got := res.Header.Get("Etag"); got != c.tag {
				t.Errorf("Etag %s, want %s", got, c.tag)
			}
			if len(res.Header["Link"]) != 2 || res.Header.Get("Vary") == "" || res.Header.Get("Cache-Control") != "no-cache" || res.Header.Get("X-Pingback") == "" {
				t.Errorf("headers are missing: %v", res.Header)
			}
			if res.StatusCode == 304 && (res.Header.Get("Content-Type") != "" || res.Header.Get("Content-Encoding") != "" || res.Header.Get("Content-Security-Policy") != "") {
				t.Errorf("headers of a body that is not there: %v", res.Header)
			}
		})
	}
}

func TestATagWinsOverADate(t *testing.T) {
	b := newBlog(t, 1<<20, article)
	res, _ := b.get(t, "/", `If-None-Match: "old"`, "If-Modified-Since: "+time.Now().UTC().Format(http.TimeFormat))
	if res.StatusCode != 200 {
		t.Errorf("status %d, want 200", res.StatusCode)
	}
}

func TestOtherAnswersHaveNoTagAndAreNeverUnmodified(t *testing.T) {
	b := newBlog(t, 1<<20, func(context.Context) (*Answer, error) {
		return &Answer{Status: 301, Header: http.Header{"Location": {"/2026/new"}}, DependsOn: []string{"post:1"}, Modified: modified}, nil
	})
	b.Client().CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	for range 2 {
		res, _ := b.get(t, "/", "If-None-Match: *")
		if res.StatusCode != 301 || res.Header.Get("Location") != "/2026/new" || res.Header.Get("Etag") != "" {
			t.Errorf("%d %v", res.StatusCode, res.Header)
		}
	}
	if b.count() != 1 {
		t.Errorf("made %d times, want once", b.count())
	}
}

func TestAMakerMayChooseItsOwnCachingAndVary(t *testing.T) {
	b := newBlog(t, 1<<20, func(context.Context) (*Answer, error) {
		return &Answer{Header: http.Header{"Cache-Control": {"public, max-age=60"}, "Vary": {"Accept"}}, DependsOn: []string{"lists"}}, nil
	})
	res, _ := b.get(t, "/")
	if got := res.Header["Cache-Control"]; len(got) != 1 || got[0] != "public, max-age=60" {
		t.Errorf("Cache-Control %q", got)
	}
	if got := res.Header["Vary"]; len(got) != 2 {
		t.Errorf("Vary %q, want both", got)
	}
}
