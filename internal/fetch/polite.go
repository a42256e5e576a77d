package fetch

import (
	"io"
	"net/http"
	"strings"
)

// Polite returns a client for requests to strangers that are no page visits, such
// as the POSTs of webmention and pingback. It stands behind the same guard and
// the same bounds as Get, and takes the same turns: each request, and each to
// which a redirect leads, waits until nobody visits its host, counts there, and
// ends with [ErrBusy] or [ErrSpent] as Get does. Its turn is over when its answer's
// body is closed. What was posted is posted again where its host says that the
// door has moved. It takes no place among all visits, for it holds little. A body
// that goes on past MaxBody ends in an [*http.MaxBytesError].
func (c *Client) Polite() *http.Client {
	return &http.Client{
		Transport:     &polite{door: c.door, hosts: c.hosts},
		CheckRedirect: boundRedirects,
	}
}

// polite is the RoundTripper that has each request wait for its host's turn.
// http.Client closes the answer that redirects before it asks further, so nobody
// holds two turns.
type polite struct {
	door  *door
	hosts *hosts
}

// RoundTrip sends one request in its host's turn.
func (p *polite) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := form(r.URL); err != nil {
		closeBody(r)
		return nil, forbidden(r.URL.Redacted(), err)
	}
	turn, err := p.hosts.wait(r.Context(), r.URL)
	if err != nil {
		closeBody(r)
		return nil, explain(r.URL, err)
	}
	res, err := p.door.RoundTrip(r)
	if err != nil {
		turn.done()
		return nil, err
	}
	if movedDoor(r, res) {
		res.StatusCode, res.Status = http.StatusPermanentRedirect, "308 Permanent Redirect"
	}
	res.Body = &lastWord{res.Body, turn}
	return res, nil
}

// movedDoor tells whether an answer says that what was posted belongs elsewhere:
// to another scheme or host, mostly. http.Client would ask there with GET, and
// take the page that it gets for the answer to what it never posted. A 302 or 303
// that leads to another page is such an answer.
func movedDoor(r *http.Request, res *http.Response) bool {
	if r.Method != http.MethodPost {
		return false
	}
	switch res.StatusCode {
	case http.StatusMovedPermanently:
		return true
	case http.StatusFound:
		to, err := res.Location()
		return err == nil && to.RawQuery == r.URL.RawQuery && strings.Trim(to.Path, "/") == strings.Trim(r.URL.Path, "/")
	}
	return false
}

// lastWord is the body of an answer with which a turn ends.
type lastWord struct {
	io.ReadCloser
	turn *turn
}

// Close gives the turn to the next.
func (b *lastWord) Close() error {
	defer b.turn.done()
	return b.ReadCloser.Close()
}
