package webmention

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode"

	"golang.org/x/net/html"
	library "willnorris.com/go/webmention"
)

const (
	maxAnswer   = 64 << 10
	maxText     = 300 // runes
	longestWait = 24 * time.Hour
)

// Receipt is the answer to a webmention that was taken.
type Receipt struct {
	Status   int
	Location string // the status page, empty if none is named
	Text     string // what the answer says, in one line
}

// Send tells endpoint that source mentions target (Webmention §3.1.3). The
// endpoint's query string is kept. An answer that is no 2xx is an [*Error];
// any other error is one of the way there.
func Send(ctx context.Context, client *http.Client, endpoint, source, target string) (Receipt, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	res, err := library.New(bind(ctx, client)).SendWebmention(endpoint, source, target)
	var lost *url.Error
	if res == nil || errors.As(err, &lost) {
		return Receipt{}, fmt.Errorf("send webmention: %w", err)
	}
	defer res.Body.Close()
	// The status is the answer. A body that breaks off only says less.
	body, _ := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	text := oneLine(res.Header, body)
	if err != nil {
		return Receipt{}, &Error{res.StatusCode, text, retryAfter(res.Header, time.Now())}
	}
	return Receipt{res.StatusCode, statusPage(res), text}, nil
}

// bind makes a client whose requests end with ctx: the library has no room
// for a context.
func bind(ctx context.Context, client *http.Client) *http.Client {
	bound := *client
	if bound.Transport == nil {
		bound.Transport = http.DefaultTransport
	}
	bound.Transport = &inContext{ctx, bound.Transport}
	return &bound
}

type inContext struct {
	ctx  context.Context
	next http.RoundTripper
}

// RoundTrip lets the request end with either context. It is Send that ends
// ours, once the answer is read.
func (t *inContext) RoundTrip(r *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithCancelCause(r.Context())
	context.AfterFunc(t.ctx, func() { cancel(context.Cause(t.ctx)) })
	return t.next.RoundTrip(r.WithContext(ctx))
}

// statusPage is the address that an answer names for its mention.
func statusPage(res *http.Response) string {
	location, err := res.Location()
	if err != nil || location.Scheme != "http" && location.Scheme != "https" {
		return ""
	}
	if s := location.String(); len(s) <= maxAddress {
		return s
	}
	return ""
}

// retryAfter reads seconds or a date (RFC 9110 §10.2.3), at most a day.
func retryAfter(header http.Header, now time.Time) time.Duration {
	value := strings.TrimSpace(header.Get("Retry-After"))
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

// oneLine is what an answer says, for a line in the outbox: no markup, no
// control or direction characters, and not long.
func oneLine(header http.Header, body []byte) string {
	text := string(body)
	if isHTML(header, body) {
		text = textOf(decode(header, body))
	}
	text = strings.ToValidUTF8(text, "\uFFFD")
	text = strings.Join(strings.Fields(text), " ")
	text = strings.Map(func(r rune) rune {
		if unicode.In(r, unicode.Cc, unicode.Cf) {
			return -1
		}
		return r
	}, text)
	if runes := []rune(text); len(runes) > maxText {
		text = string(runes[:maxText-1]) + "…"
	}
	return text
}

// textOf is the text of a document, each element's apart from the next.
func textOf(document io.Reader) string {
	var text strings.Builder
	tokens := html.NewTokenizer(document)
	for skip := false; ; {
		switch tokens.Next() {
		case html.ErrorToken:
			return text.String()
		case html.StartTagToken:
			name, _ := tokens.TagName()
			skip = string(name) == "script" || string(name) == "style"
			text.WriteByte(' ')
		case html.EndTagToken:
			skip = false
			text.WriteByte(' ')
		case html.TextToken:
			if !skip {
				text.Write(tokens.Text())
			}
		}
	}
}
