package fetch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// door is the RoundTripper that every request to another host goes through.
type door struct {
	agent     string
	headers   time.Duration
	total     time.Duration
	most      int64 // bytes of a body
	transport *http.Transport
}

func newDoor(o Options, l limits) *door {
	dialer := &net.Dialer{
		Timeout:   l.headers,
		KeepAlive: -1,
		Control:   newGuard(o.Allow).control,
	}
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	return &door{
		agent:   o.Agent,
		headers: l.headers,
		total:   l.total,
		most:    MaxBody,
		transport: &http.Transport{
			Proxy:                  nil, // a proxy would be dialled in place of the host, past the guard
			DialContext:            dialer.DialContext,
			Protocols:              protocols,
			DisableKeepAlives:      true,
			TLSHandshakeTimeout:    l.headers,
			MaxResponseHeaderBytes: maxHeader,
		},
	}
}

// wide is a door for files: through it come more bytes, for longer.
func (d *door) wide(l limits) *door {
	wide := *d
	wide.total, wide.most = l.long, MaxFile
	return &wide
}

// RoundTrip sends one request: its address checked, its headers ours, its
// answer bounded in time to the headers and in size.
func (d *door) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := form(r.URL); err != nil {
		closeBody(r)
		return nil, forbidden(r.URL.Redacted(), err)
	}
	ctx, cancel := d.bound(r)
	slow := time.AfterFunc(d.headers, func() { cancel(ErrTooSlow) })
	res, err := d.transport.RoundTrip(d.dress(ctx, r))
	slow.Stop()
	if err == nil {
		err = readable(res)
	}
	if err != nil {
		err = explain(r.URL, cause(ctx, err))
		cancel(nil)
		return nil, err
	}
	res.Body = http.MaxBytesReader(nil, &body{ctx: ctx, cancel: cancel, url: r.URL, from: res.Body}, d.most)
	return res, nil
}

// bound gives a request its time. A request that a redirect caused has what the
// one before left over. (http.Client's own Timeout would hide our errors.)
func (d *door) bound(r *http.Request) (context.Context, context.CancelCauseFunc) {
	end := time.Now().Add(d.total)
	if r.Response != nil && r.Response.Request != nil {
		if inherited, ok := r.Response.Request.Context().Deadline(); ok {
			end = inherited
		}
	}
	timed, stop := context.WithDeadlineCause(r.Context(), end, ErrTooSlow)
	ctx, cancel := context.WithCancelCause(timed)
	return ctx, func(why error) {
		cancel(why)
		stop()
	}
}

// dress sets our headers and drops those that would tell one site about
// another. Accept-Encoding is left to the transport, which then decodes.
func (d *door) dress(ctx context.Context, r *http.Request) *http.Request {
	r = r.Clone(ctx)
	r.Header.Set("User-Agent", d.agent)
	for _, name := range []string{"Accept-Encoding", "Cookie", "Referer"} {
		r.Header.Del(name)
	}
	return r
}

// readable refuses an encoding that was not asked for: taken for text, it
// would seem a page without a link.
func readable(res *http.Response) error {
	encoding := res.Header.Get("Content-Encoding")
	if encoding == "" || strings.EqualFold(encoding, "identity") {
		return nil
	}
	res.Body.Close()
	return fmt.Errorf("answer encoded as %q", encoding)
}

// cause prefers the reason a request was ended for over what its connection
// said when it was.
func cause(ctx context.Context, err error) error {
	if why := context.Cause(ctx); why != nil {
		return why
	}
	return err
}

func closeBody(r *http.Request) {
	if r.Body != nil {
		r.Body.Close()
	}
}

// body is an answer's body. Closing it ends the request's context.
type body struct {
	ctx    context.Context
	cancel context.CancelCauseFunc
	url    *url.URL
	from   io.ReadCloser
}

func (b *body) Read(p []byte) (int, error) {
	n, err := b.from.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		err = explain(b.url, cause(b.ctx, err))
	}
	return n, err
}

func (b *body) Close() error {
	err := b.from.Close()
	b.cancel(nil)
	return err
}
