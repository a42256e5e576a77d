package pingback

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/kolo/xmlrpc"

	"hark/internal/answer"
)

// ErrBadAnswer is returned by Send for an answer with status 200 that is not
// XML-RPC, or longer than 64 KiB.
var ErrBadAnswer = errors.New("the answer is not XML-RPC")

// Receipt is the answer to a pingback that was taken.
type Receipt struct {
	// Text is what the other site says, in one line. It may be empty.
	Text string
}

// StatusError is an answer with an HTTP status that is not 200.
type StatusError struct {
	Status     int
	Text       string        // the start of the answer, in one line without markup
	RetryAfter time.Duration // what the answer asks to wait, or zero
}

// Error says the status, and the text if there is one.
func (e *StatusError) Error() string {
	if e.Text == "" {
		return fmt.Sprintf("pingback answered with status %d", e.Status)
	}
	return fmt.Sprintf("pingback answered with status %d: %s", e.Status, e.Text)
}

// Send tells an endpoint that source links to target (Pingback 1.0, section 3).
// The error is a *Fault when the other site says so, a *StatusError for a
// status that is not 200, ErrBadAnswer for an answer that cannot be understood,
// and anything else when there was no answer.
//
// The library's own client knows neither a context nor a limit, and keeps
// cookies; so the library writes the call and reads the answer, and the request
// is ours.
func Send(ctx context.Context, client *http.Client, endpoint, source, target string) (Receipt, error) {
	receipt, err := send(ctx, client, endpoint, source, target)
	if err != nil {
		return Receipt{}, fmt.Errorf("send pingback to %s: %w", endpoint, err)
	}
	return receipt, nil
}

func send(ctx context.Context, client *http.Client, endpoint, source, target string) (Receipt, error) {
	body, err := xmlrpc.EncodeMethodCall(pingMethod, source, target)
	if err != nil {
		return Receipt{}, err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, endpoint, bytes.NewReader(body))
	if err != nil {
		return Receipt{}, err
	}
	r.Header.Set("Content-Type", "text/xml; charset=utf-8")
	r.Header.Set("Accept", "text/xml, application/xml;q=0.9, */*;q=0.1")
	res, err := client.Do(r)
	if err != nil {
		return Receipt{}, err
	}
	defer res.Body.Close()
	page, err := io.ReadAll(io.LimitReader(res.Body, maxBody+1))
	if res.StatusCode != http.StatusOK {
		// The status says enough, even where the text broke off.
		return Receipt{}, &StatusError{Status: res.StatusCode, Text: answer.Text(res.Header, page), RetryAfter: answer.RetryAfter(res.Header, time.Now())}
	}
	if err != nil {
		return Receipt{}, err
	}
	if len(page) > maxBody {
		return Receipt{}, fmt.Errorf("%w: it is longer than %d bytes", ErrBadAnswer, maxBody)
	}
	return readAnswer(page, res.Header)
}
