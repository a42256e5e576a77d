package fetch

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Page is what a host answered.
type Page struct {
	URL    *url.URL // after redirects, without fragment
	Asked  string   // as asked
	Status int
	Header http.Header
	Body   []byte // decompressed, at most MaxBody
	Cut    bool   // the body went on past MaxBody
}

const longestWait = 24 * time.Hour

// RetryAfter is how long the host asks to be left alone, as it says in seconds
// or as a date (RFC 9110 §10.2.3): at most a day, zero if it does not say.
func (p *Page) RetryAfter(now time.Time) time.Duration {
	value := strings.TrimSpace(p.Header.Get("Retry-After"))
	var wait time.Duration
	if seconds, err := strconv.ParseUint(value, 10, 63); err == nil {
		wait = time.Duration(min(seconds, uint64(longestWait/time.Second))) * time.Second
	} else if errors.Is(err, strconv.ErrRange) {
		wait = longestWait
	} else if date, err := http.ParseTime(value); err == nil {
		wait = date.Sub(now)
	}
	return min(max(wait, 0), longestWait)
}

// read takes the answer's body, up to its bound.
func (v *visit) read(res *http.Response) (*Page, error) {
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	var cut *http.MaxBytesError
	if err != nil && !errors.As(err, &cut) {
		return nil, err
	}
	return &Page{
		URL:    v.url,
		Asked:  v.asked,
		Status: res.StatusCode,
		Header: res.Header,
		Body:   body,
		Cut:    cut != nil,
	}, nil
}
