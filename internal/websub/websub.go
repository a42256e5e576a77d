// Package websub tells a hub that a page of ours has changed, for the hub to
// tell who follows the page.
//
// W3C WebSub (https://www.w3.org/TR/websub/#publishing) leaves the words between
// a publisher and its hub to the two. Hubs take those of PubSubHubbub 0.3 §7.1:
// a form with hub.mode=publish and the page as hub.url. Some, such as
// Switchboard, look for the page in hub.topic, as in the rest of WebSub.
package websub

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"hark/internal/answer"
)

const (
	maxAnswer    = 64 << 10
	maxRedirects = 5
)

// Error is an answer of a hub that is no success.
type Error struct {
	Status     int
	Text       string        // what the hub says, or where it redirects to, in one line of at most 300 runes; may be empty
	RetryAfter time.Duration // when to come again, at most a day; zero if nothing is said of it
}

func (e *Error) Error() string {
	if e.Text == "" {
		return fmt.Sprintf("hub answered with status %d", e.Status)
	}
	return fmt.Sprintf("hub answered with status %d: %s", e.Status, e.Text)
}

// Publish tells the hub that topic, the address of a page or feed, has changed.
// An answer that is no 2xx is an [*Error]; any other error is one of the way
// there. The form goes along with a redirect only where HTTP promises that it
// arrives, with 307 and 308; a hub that redirects otherwise was not told.
func Publish(ctx context.Context, client *http.Client, hub, topic string) error {
	form := url.Values{"hub.mode": {"publish"}, "hub.url": {topic}, "hub.topic": {topic}}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, hub, strings.NewReader(form.Encode()))
	if err != nil {
		return fmt.Errorf("tell hub: %w", err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := posting(client).Do(r)
	if err != nil {
		return fmt.Errorf("tell hub: %w", err)
	}
	defer res.Body.Close()
	if res.StatusCode >= 200 && res.StatusCode <= 299 {
		return nil
	}
	return refusal(res)
}

// posting is a client that follows no redirect which makes a GET of a POST: the
// page that it leads to would be taken for the hub's answer.
func posting(client *http.Client) *http.Client {
	bound := *client
	bound.CheckRedirect = func(r *http.Request, via []*http.Request) error {
		switch {
		case r.Method != http.MethodPost:
			return http.ErrUseLastResponse
		case client.CheckRedirect != nil:
			return client.CheckRedirect(r, via)
		case len(via) > maxRedirects:
			return errors.New("too many redirects")
		}
		return nil
	}
	return &bound
}

// refusal is the answer as an error.
func refusal(res *http.Response) *Error {
	e := &Error{Status: res.StatusCode, RetryAfter: answer.RetryAfter(res.Header, time.Now())}
	if location, err := res.Location(); err == nil && res.StatusCode < 400 {
		e.Text = answer.Line("The hub redirects, and was not told. Its new address may be " + location.String())
		return e
	}
	// The status is the answer. A body that breaks off only says less.
	body, _ := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	e.Text = answer.Text(res.Header, body)
	return e
}
