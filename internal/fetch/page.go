package fetch

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"hark/internal/answer"
)

// Page is what a host answered.
type Page struct {
	URL    *url.URL // after redirects, without fragment
	Asked  string   // as asked
	Plain  bool     // some of the way went by plain http, where anybody on it can answer
	Status int
	Header http.Header
	Body   []byte // decompressed, at most MaxBody
	Cut    bool   // the body went on past MaxBody, or was not read
}

// RetryAfter is how long the host asks to be left alone: at most a day, zero if
// it does not say.
func (p *Page) RetryAfter(now time.Time) time.Duration {
	return answer.RetryAfter(p.Header, now)
}

// read takes the answer's body, up to its bound.
func (v *visit) read(ctx context.Context, res *http.Response, wanted func(http.Header) bool) (*Page, error) {
	defer res.Body.Close()
	page := &Page{URL: v.url, Asked: v.asked, Plain: v.plain, Status: res.StatusCode, Header: res.Header}
	if !wanted(res.Header) {
		page.Cut = true
		return page, nil
	}
	body, err := v.readAll(ctx, res.Body)
	var cut *http.MaxBytesError
	if err != nil && !errors.As(err, &cut) {
		return nil, explain(v.url, err)
	}
	page.Body, page.Cut = body, cut != nil
	return page, nil
}

func anything(http.Header) bool { return true }

// maybeText tells whether a body may be HTML, XML, JSON or other text, as far as
// its media type says. One that says nothing may be.
func maybeText(header http.Header) bool {
	kind, _, _ := strings.Cut(header.Get("Content-Type"), ";")
	kind = strings.ToLower(strings.TrimSpace(kind))
	return !strings.Contains(kind, "/") || strings.HasPrefix(kind, "text/") ||
		strings.HasSuffix(kind, "xml") || strings.HasSuffix(kind, "json")
}

// modest is how much of a body every visit may hold without waiting.
const modest = 32 << 10

// readAll is io.ReadAll, but what goes beyond a modest page has to be there in
// the crowd's memory.
func (v *visit) readAll(ctx context.Context, from io.Reader) ([]byte, error) {
	body := make([]byte, 0, 4<<10)
	for {
		n, err := from.Read(body[len(body):cap(body)])
		body = body[:len(body)+n]
		switch {
		case errors.Is(err, io.EOF):
			return body, nil
		case err != nil:
			return body, err
		case len(body) < cap(body):
			continue
		}
		if body, err = v.grow(ctx, body); err != nil {
			return nil, err
		}
	}
}

func (v *visit) grow(ctx context.Context, body []byte) ([]byte, error) {
	size := 2 * cap(body)
	if size >= MaxBody {
		size = MaxBody + 1 // to see that it goes on
	}
	if size > modest {
		if err := v.stay.hold(ctx, size-max(cap(body), modest)); err != nil {
			return nil, err
		}
	}
	return append(make([]byte, 0, size), body...), nil
}
