package indieauth

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

const (
	maxState  = 4096
	maxScopes = 50
)

// Request is what an app asks of a user (section 5.2).
type Request struct {
	Client    string // canonical
	Redirect  string // as it came
	State     string
	Challenge string // empty where the app asks for no proof
	Scopes    []string
	Me        string // what the user has typed there, canonical; empty if it cannot be one
	Old       bool   // it asks in a way that was dropped: without a challenge, or for an id

	to *url.URL // the redirect address
}

// ReadRequest reads what an app asks for. What is wrong is an *Error: with no
// request beside it, it must not be told to the app, since nobody knows where.
func ReadRequest(query url.Values) (*Request, error) {
	r := &Request{}
	if err := r.readApp(query); err != nil {
		return nil, err
	}
	return r, r.readRest(query)
}

// readApp reads who asks, and where the answer goes.
func (r *Request) readApp(query url.Values) error {
	client, err := one(query, "client_id")
	if err != nil {
		return err
	}
	redirect, err := one(query, "redirect_uri")
	if err != nil {
		return err
	}
	if client == "" {
		return invalid("client_id is missing: the address of the app.")
	}
	if r.Client, err = Client(client); err != nil {
		return invalid("client_id %v.", err)
	}
	if redirect == "" {
		return invalid("redirect_uri is missing: where the answer goes.")
	}
	r.Redirect = redirect
	if r.to, err = readRedirect(redirect); err != nil {
		return invalid("redirect_uri %v.", err)
	}
	return nil
}

// ours are what the answer adds to the redirect address.
var ours = []string{"code", "state", "iss", "error", "error_description"}

var errOurs = errors.New("must not hold what the answer adds to it: " + strings.Join(ours, ", "))

func readRedirect(address string) (*url.URL, error) {
	u, err := parse(address)
	if err != nil {
		return nil, err
	}
	if native(u.Scheme) && u.Scheme != "https" && u.Scheme != "http" {
		return u, nil
	}
	if err := web(u); err != nil {
		return nil, err
	}
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return nil, errForm
	}
	if slices.ContainsFunc(ours, query.Has) {
		return nil, errOurs
	}
	return u, nil
}

func (r *Request) readRest(query url.Values) (err error) {
	if r.State, err = one(query, "state"); err != nil {
		return err
	}
	if len(r.State) > maxState {
		r.State = ""
		return invalid("state is too long: %d bytes at most.", maxState)
	}
	me, err := one(query, "me")
	if err != nil {
		return err
	}
	r.Me, _ = User(me) // a hint, and no more
	if err := r.readScopes(query); err != nil {
		return err
	}
	if err := r.readKind(query); err != nil {
		return err
	}
	return r.readChallenge(query)
}

// readKind reads response_type, which old apps left out, or call id.
func (r *Request) readKind(query url.Values) error {
	kind, err := one(query, "response_type")
	switch {
	case err != nil:
		return err
	case kind == "id", kind == "":
		r.Old = true
	case kind != "code":
		return &Error{Status: http.StatusBadRequest, Code: codeResponseType, Text: "response_type has to be code."}
	}
	return nil
}

func (r *Request) readChallenge(query url.Values) error {
	challenge, err := one(query, "code_challenge")
	if err != nil {
		return err
	}
	method, err := one(query, "code_challenge_method")
	switch {
	case err != nil:
		return err
	case challenge == "" && method == "":
		r.Old = true
		return nil
	case method != "S256":
		return invalid("code_challenge_method has to be S256.")
	case !isChallenge(challenge):
		return invalid("code_challenge has to be the SHA-256 of the verifier, 43 letters in base64url.")
	}
	r.Challenge = challenge
	return nil
}

func (r *Request) readScopes(query url.Values) error {
	scope, err := one(query, "scope")
	if err != nil {
		return err
	}
	r.Scopes, err = readScopes(scope)
	return err
}

// readScopes reads a list of scopes (RFC 6749, section 3.3), each once.
func readScopes(scope string) (scopes []string, err error) {
	for _, word := range strings.Fields(scope) {
		strange := func(r rune) bool { return r <= ' ' || r > '~' || r == '"' || r == '\\' }
		if strings.ContainsFunc(word, strange) || len(scopes) == maxScopes {
			return nil, InvalidScope("scope has to be a few words in plain letters.")
		}
		if !slices.Contains(scopes, word) {
			scopes = append(scopes, word)
		}
	}
	return scopes, nil
}

// one is a parameter's value. None may come twice (RFC 6749, section 3.1): two
// programs would take different ones.
func one(values url.Values, name string) (string, error) {
	switch all := values[name]; len(all) {
	case 0:
		return "", nil
	case 1:
		return all[0], nil
	}
	return "", invalid("%s came more than once.", name)
}

// AtHome tells whether the answer goes to where the app lives: same scheme, host
// and port. Any other place has to be one that the app names.
func (r *Request) AtHome() bool {
	client, err := url.Parse(r.Client)
	return err == nil && origin(client) == origin(r.to)
}

// Origin is where the answer goes, as a Content-Security-Policy writes it.
func (r *Request) Origin() string { return origin(r.to) }

// To is the host that the answer goes to, for people.
func (r *Request) To() string {
	if r.to.Host != "" && (r.to.Scheme == "https" || r.to.Scheme == "http") {
		return r.to.Host
	}
	return r.to.Scheme + ":"
}

// Accept is the address that hands a code to the app (section 5.2.1).
func (r *Request) Accept(code, issuer string) string {
	return r.answer(issuer, [2]string{"code", code})
}

// Refuse is the address that tells the app why not (RFC 6749, section 4.1.2.1).
func (r *Request) Refuse(code, text, issuer string) string {
	return r.answer(issuer, [2]string{"error", code}, [2]string{"error_description", text})
}

// answer adds to the redirect address, and leaves what it holds as it is.
func (r *Request) answer(issuer string, parameters ...[2]string) string {
	if r.State != "" {
		parameters = append(parameters, [2]string{"state", r.State})
	}
	parameters = append(parameters, [2]string{"iss", issuer})
	to := strings.TrimRight(r.Redirect, "&")
	sign := "?"
	if strings.Contains(to, "?") {
		sign = "&"
	}
	if strings.HasSuffix(to, "?") {
		sign = ""
	}
	for _, p := range parameters {
		to += sign + p[0] + "=" + url.QueryEscape(p[1])
		sign = "&"
	}
	return to
}

// Values are the request as parameters again, for a form that carries it.
func (r *Request) Values() url.Values {
	v := url.Values{"client_id": {r.Client}, "redirect_uri": {r.Redirect}, "scope": {strings.Join(r.Scopes, " ")}}
	set := func(name, value string) {
		if value != "" {
			v.Set(name, value)
		}
	}
	set("state", r.State)
	set("me", r.Me)
	if set("code_challenge", r.Challenge); r.Challenge != "" {
		set("code_challenge_method", "S256")
	}
	if !r.Old || r.Challenge == "" {
		set("response_type", "code")
	}
	return v
}
