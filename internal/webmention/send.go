package webmention

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	library "willnorris.com/go/webmention"

	"hark/internal/answer"
)

const maxAnswer = 64 << 10

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
	text := answer.Text(res.Header, body)
	if err != nil {
		return Receipt{}, &Error{res.StatusCode, text, answer.RetryAfter(res.Header, time.Now())}
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
