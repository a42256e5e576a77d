package indieauth

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// Person is the one spelling of the address of a user's own page, as people type it:
// without a scheme it is meant with https, and has a dot, so that a name is none. It is
// wider than User by one thing: a host of an intranet may have a port. Whether such a
// host is visited, who visits decides.
func Person(typed string) (string, error) {
	typed = strings.TrimSpace(typed)
	if strings.Contains(typed, "://") {
		return Client(typed)
	}
	if host, _, _ := strings.Cut(typed, "/"); !strings.Contains(host, ".") {
		return "", errHost
	}
	return Client("https://" + typed)
}

// Ask is what a client asks of the server of a user: who they are, and no more.
type Ask struct {
	Client   string // the client's address
	Redirect string // where the answer goes
	State    string // told back by the server, and known to nobody else
	Verifier string // kept until the code is redeemed
	Me       string // what the user has typed
}

// NewAsk is an ask with a state and a verifier of its own.
func NewAsk(client, redirect, me string) Ask {
	return Ask{Client: client, Redirect: redirect, Me: me, State: rand.Text(), Verifier: rand.Text() + rand.Text()}
}

// Address is where the user's browser goes with an ask (section 5.2). What the
// endpoint's own query holds stays, but for what the ask says itself.
func (s Server) Address(a Ask) string {
	to, err := url.Parse(s.Authorization)
	if err != nil {
		return s.Authorization // it was read by Client, which has parsed it
	}
	query := to.Query()
	for name, value := range map[string]string{
		"response_type": "code", "client_id": a.Client, "redirect_uri": a.Redirect, "state": a.State,
		"code_challenge": Challenge(a.Verifier), "code_challenge_method": "S256", "me": a.Me,
	} {
		query.Set(name, value)
	}
	to.RawQuery = query.Encode()
	return to.String()
}

// What an answer can be that brings no code.
var (
	errStranger = errors.New("indieauth: the answer is to no question of ours")
	ErrMixedUp  = errors.New("indieauth: the answer is from another server than was asked")
	ErrDenied   = errors.New("indieauth: the server did not say who it is")
)

// Code reads the answer with which the browser comes back (section 5.2.1). An answer
// has to bear the state, and the name of the server that was asked (RFC 9207): else a
// bad server could have another's code brought to itself. A server that has told no
// name beforehand need not bear one, but must not bear that of another host.
func (s Server) Code(query url.Values, state string) (string, error) {
	said := map[string]string{}
	for _, name := range []string{"state", "iss", "code", "error"} {
		value, err := one(query, name)
		if err != nil {
			return "", errStranger
		}
		said[name] = value
	}
	switch {
	case state == "" || subtle.ConstantTimeCompare([]byte(said["state"]), []byte(state)) != 1:
		return "", errStranger
	case !s.signs(said["iss"]):
		return "", ErrMixedUp
	case said["error"] != "" || said["code"] == "" || len(said["code"]) > maxCode:
		return "", ErrDenied
	}
	return said["code"], nil
}

// maxCode bounds a code, in bytes.
const maxCode = 4096

// signs tells whether an answer can be of this server that bears a name.
func (s Server) signs(name string) bool {
	if s.Issuer != "" {
		return name == s.Issuer
	}
	if name == "" {
		return true
	}
	canonical, err := Client(name)
	if err != nil {
		return false
	}
	signed, err := url.Parse(canonical)
	if err != nil {
		return false
	}
	asked, err := url.Parse(s.Authorization)
	return err == nil && origin(signed) == origin(asked)
}

// maxIdentity bounds what a server says for a code, in bytes.
const maxIdentity = 64 << 10

// Identify shows a code to the authorization endpoint, which gives no token for it,
// but says whose it is (section 5.3): the address is in its one spelling, and proven
// by nothing but that the server says so. What is redeemed follows no redirect, for
// it is a secret. A refusal is ErrDenied.
func (s Server) Identify(ctx context.Context, client *http.Client, a Ask, code string) (me string, err error) {
	form := url.Values{
		"grant_type": {"authorization_code"}, "code": {code}, "client_id": {a.Client}, "redirect_uri": {a.Redirect}, "code_verifier": {a.Verifier},
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.Authorization, strings.NewReader(form.Encode()))
	if err != nil {
		return "", fmt.Errorf("redeem a code: %w", err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Accept", "application/json")
	straight := *client
	straight.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	res, err := straight.Do(r)
	if err != nil {
		return "", fmt.Errorf("redeem a code: %w", err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, maxIdentity+1))
	if err != nil {
		return "", fmt.Errorf("redeem a code: %w", err)
	}
	if res.StatusCode != http.StatusOK {
		return "", fmt.Errorf("%w: it answered %d", ErrDenied, res.StatusCode)
	}
	return readIdentity(body)
}

func readIdentity(body []byte) (string, error) {
	var said struct {
		Me string `json:"me"`
	}
	if len(body) > maxIdentity || json.Unmarshal(body, &said) != nil {
		return "", fmt.Errorf("%w: what it said is not the JSON that names somebody", ErrDenied)
	}
	me, err := Client(said.Me)
	if err != nil {
		return "", fmt.Errorf("%w: the address that it names %w", ErrDenied, err)
	}
	return me, nil
}
