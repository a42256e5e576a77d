// Package fetch is the only door to other hosts: every outgoing request passes
// its guard against private addresses and its bounds on size, time, redirects.
package fetch

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"time"
)

const (
	// MaxBody is how much of a page is read, MaxFile how much of a file, counted
	// after decompression; in bytes.
	MaxBody = 1 << 20
	MaxFile = 20 << 20

	maxRedirects = 5
	maxHeader    = 16 << 10
	accept       = "text/html, application/xhtml+xml;q=0.9, application/json;q=0.5, text/plain;q=0.5, */*;q=0.1"
)

// Options are what the owner decides about outgoing requests.
type Options struct {
	// Agent is the User-Agent: it names hark, the site, and what it does.
	Agent string
	// Allow are private or loopback addresses that may be reached all the
	// same, on any port.
	Allow []netip.Prefix
}

// Client visits other hosts. It is safe for many goroutines.
type Client struct {
	door  *door
	files *door // for files, which are larger than pages
	hosts *hosts
	crowd *crowd
	total time.Duration
	long  time.Duration
}

// limits are the bounds of one client. Tests shorten them.
type limits struct {
	headers  time.Duration // from the start of a request to its answer's headers
	total    time.Duration // a whole visit, redirects and body included
	long     time.Duration // the same of a visit for a file
	patience time.Duration // how long a visit waits for its host's turn
	burst    int           // visits to one host without a gap
	gap      time.Duration // then one visit each gap
	places   int           // visits at a time, all hosts together
	memory   int           // bytes of bodies that these may hold together
	line     time.Duration // how long a visit waits for a place
	grace    time.Duration // how long a visit has its place for sure
	rest     time.Duration // how long others go before a host that gave way
	budget   int           // requests to one host that an hour makes good
	hour     time.Duration // in which a budget that is used up comes back
	hosts    int           // hosts remembered
}

func usual() limits {
	return limits{
		headers:  10 * time.Second,
		total:    20 * time.Second,
		long:     40 * time.Second,
		patience: 5 * time.Second,
		burst:    20,
		gap:      2 * time.Second,
		places:   64,
		memory:   16 << 20,
		line:     15 * time.Second,
		grace:    3 * time.Second,
		rest:     30 * time.Second,
		budget:   500,
		hour:     time.Hour,
		hosts:    4096,
	}
}

// New returns a client with the usual limits.
func New(o Options) *Client {
	return newClient(o, usual())
}

func newClient(o Options, l limits) *Client {
	door := newDoor(o, l)
	return &Client{
		door:  door,
		files: door.wide(l),
		hosts: newHosts(l),
		crowd: newCrowd(l),
		total: l.total,
		long:  l.long,
	}
}

// Get reads the page at address. It waits for its host's turn: one visit at a
// time to one host, twenty at once, then one each two seconds. Then it waits for
// a place among all visits. One that does not get so far within seconds ends
// with [ErrBusy], so that a slow host keeps nobody who has other hosts to visit.
// One to a host whose budget is used up ends with [ErrSpent] at once: five hundred
// requests, redirects included, that come back evenly over an hour, so that no hour
// sees more than a thousand.
// One that takes seconds while others wait ends with [ErrGaveWay]. Any status
// that is not a redirect gives a Page; whatever prevents an answer is an
// [*Error]. The header is sent along; it may replace Accept, but neither the
// User-Agent nor Accept-Encoding.
func (c *Client) Get(ctx context.Context, address string, header http.Header) (*Page, error) {
	return c.get(ctx, address, header, anything)
}

// GetText is Get for who can read text alone. The body of what is plainly
// something else, such as a picture or a film, is not read: it is empty, and Cut.
func (c *Client) GetText(ctx context.Context, address string, header http.Header) (*Page, error) {
	return c.get(ctx, address, header, maybeText)
}

// get reads the page at address, and its body if its header is one to read.
func (c *Client) get(ctx context.Context, address string, header http.Header, wanted func(http.Header) bool) (page *Page, err error) {
	v := &visit{client: c, door: c.door, asked: address, header: header}
	err = v.make(ctx, c.total, func(ctx context.Context, res *http.Response) (err error) {
		page, err = v.read(ctx, res, wanted)
		return err
	})
	return page, err
}

// Download reads the file at address as Get reads a page, but gives its body to take
// while it comes: at most MaxFile bytes, after which reading ends in an
// [*http.MaxBytesError], and for 40 seconds in all. What take returns is returned.
func (c *Client) Download(ctx context.Context, address string, header http.Header, take func(p *Page, body io.Reader) error) error {
	v := &visit{client: c, door: c.files, asked: address, header: header}
	return v.make(ctx, c.long, func(_ context.Context, res *http.Response) error {
		defer res.Body.Close()
		return take(&Page{URL: v.url, Asked: v.asked, Plain: v.plain, Status: res.StatusCode, Header: res.Header}, res.Body)
	})
}

// make makes the visit, in its host's turn and with a place among all visits, for so
// long at most.
func (v *visit) make(ctx context.Context, long time.Duration, take func(context.Context, *http.Response) error) error {
	u, err := admit(v.asked)
	if err != nil {
		return err
	}
	v.url = u
	if v.turn, err = v.client.turn(ctx, u); err != nil {
		return explain(u, err)
	}
	defer func() { v.turn.done() }()
	if ctx, v.stay, err = v.client.crowd.enter(ctx); err != nil {
		v.turn.unused()
		return explain(u, err)
	}
	defer v.stay.leave()

	ctx, cancel := context.WithTimeoutCause(ctx, long, ErrTooSlow)
	defer cancel()
	res, err := v.follow(ctx)
	if err == nil {
		err = take(ctx, res)
	}
	if errors.Is(err, ErrGaveWay) {
		v.turn.gaveWay()
	}
	return err
}

// turn waits until it is u's host's turn. A host that gave way lately stands
// back while others wait, or a few slow hosts with many pages would always be
// first in line.
func (c *Client) turn(ctx context.Context, u *url.URL) (*turn, error) {
	t, err := c.hosts.wait(ctx, u)
	if err != nil {
		return nil, err
	}
	if rest := t.rest(); rest > 0 && c.crowd.waited() {
		t.unused()
		return nil, &early{ErrResting, rest}
	}
	return t, nil
}

// HTTP returns a client for a service that the owner has chosen and that is asked
// about every mention, which is Akismet: it is no stranger, so it waits for no turn
// and counts towards no budget. It stands behind the same guard and the same bounds
// as Get.
// A body that goes on past MaxBody ends in an [*http.MaxBytesError].
func (c *Client) HTTP() *http.Client {
	return &http.Client{
		Transport:     c.door,
		CheckRedirect: boundRedirects,
	}
}

func boundRedirects(r *http.Request, via []*http.Request) error {
	if len(via) > maxRedirects {
		return tooManyRedirects(r.URL)
	}
	return nil
}

// A visit is one Get or Download on its way through redirects.
type visit struct {
	client *Client
	door   *door
	asked  string
	url    *url.URL
	header http.Header
	turn   *turn
	stay   *stay
	plain  bool // a request of it went by plain http
}

func (v *visit) follow(ctx context.Context) (*http.Response, error) {
	for hops := 0; ; hops++ {
		res, err := v.ask(ctx)
		if err != nil {
			return nil, err
		}
		location := redirect(res)
		if location == "" {
			return res, nil
		}
		res.Body.Close()
		if hops == maxRedirects {
			return nil, tooManyRedirects(v.url)
		}
		if err := v.move(ctx, location); err != nil {
			return nil, err
		}
	}
}

func (v *visit) ask(ctx context.Context) (*http.Response, error) {
	v.plain = v.plain || v.url.Scheme == "http"
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, v.url.String(), nil)
	if err != nil {
		return nil, forbidden(v.url.Redacted(), err)
	}
	r.Header.Set("Accept", accept)
	for name, values := range v.header {
		r.Header[http.CanonicalHeaderKey(name)] = values
	}
	return v.door.RoundTrip(r)
}

// redirect returns where an answer points to, empty if it is no redirect.
func redirect(res *http.Response) string {
	switch res.StatusCode {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther,
		http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return res.Header.Get("Location")
	}
	return ""
}

// move goes to location. The same host spends one more of its hour. Another has
// its own turn, and learns nothing that was meant for the first.
func (v *visit) move(ctx context.Context, location string) error {
	to, err := v.url.Parse(location)
	if err != nil {
		return forbidden(v.url.Redacted(), err)
	}
	if to, err = admit(to.String()); err != nil {
		return err
	}
	if Host(to) == Host(v.url) {
		err = v.turn.host.spend()
	} else {
		v.header = v.header.Clone()
		v.header.Del("Authorization")
		v.turn.done()
		v.turn, err = v.client.turn(ctx, to)
	}
	if err != nil {
		return explain(to, err)
	}
	v.url = to
	return nil
}
