package indieauth

import (
	"context"
	"encoding/json"
	"errors"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// maxBody bounds a request, in bytes.
const maxBody = 64 << 10

// Doors are the endpoints of a site. Each takes what its route lets through: they
// do not look at the method. Every answer may be read by programs in a browser, of
// any site, since no cookie opens anything here.
type Doors struct{ service Service }

// New makes the doors to a site.
func New(s Service) *Doors {
	if s.Redeem == nil || s.Identify == nil || s.Renew == nil || s.Revoke == nil || s.Inspect == nil || s.UserInfo == nil {
		panic("indieauth: a service lacks a function")
	}
	if s.Knock == nil {
		s.Knock = func(context.Context) error { return nil }
	}
	if s.Failed == nil {
		s.Failed = func(context.Context, error) {}
	}
	return &Doors{s}
}

// Token is the token endpoint (sections 5.3 and 5.5).
func (d *Doors) Token(w http.ResponseWriter, r *http.Request) {
	d.door(w, r, func(fields url.Values) (any, error) {
		action, err := one(fields, "action")
		if err != nil {
			return nil, err
		}
		if action == "revoke" { // as it was until 2021 (section 7)
			return nil, d.revoke(r.Context(), fields)
		}
		kind, err := one(fields, "grant_type")
		if err != nil {
			return nil, err
		}
		switch kind {
		case "authorization_code":
			return d.redeem(r.Context(), fields, d.service.Redeem)
		case "refresh_token":
			return d.renew(r.Context(), fields)
		case "":
			return nil, invalid("grant_type is missing. It is authorization_code or refresh_token.")
		}
		return nil, wrongKind("grant_type has to be authorization_code or refresh_token.")
	})
}

// Profile is the authorization endpoint, as apps know it that only want to know
// who somebody is (section 5.3.2). Old ones leave grant_type out.
func (d *Doors) Profile(w http.ResponseWriter, r *http.Request) {
	d.door(w, r, func(fields url.Values) (any, error) {
		kind, err := one(fields, "grant_type")
		if err != nil {
			return nil, err
		}
		if kind != "authorization_code" && kind != "" {
			return nil, wrongKind("grant_type has to be authorization_code.")
		}
		return d.redeem(r.Context(), fields, d.service.Identify)
	})
}

// Revoke is the revocation endpoint (section 7, RFC 7009).
func (d *Doors) Revoke(w http.ResponseWriter, r *http.Request) {
	d.door(w, r, func(fields url.Values) (any, error) { return nil, d.revoke(r.Context(), fields) })
}

// Introspect is the introspection endpoint (section 6, RFC 7662).
func (d *Doors) Introspect(w http.ResponseWriter, r *http.Request) {
	d.door(w, r, func(fields url.Values) (any, error) {
		bearer, err := bearer(r)
		if err != nil {
			return nil, err
		}
		token, err := one(fields, "token")
		if err != nil {
			return nil, err
		}
		if token == "" {
			return nil, invalid("token is missing: the one to be looked at.")
		}
		g, err := d.service.Inspect(r.Context(), bearer, token)
		if err != nil {
			return nil, err
		}
		return inspected(g), nil
	})
}

// UserInfo is the userinfo endpoint (section 9).
func (d *Doors) UserInfo(w http.ResponseWriter, r *http.Request) {
	open(w)
	bearer, err := bearer(r)
	if err != nil {
		d.refuse(w, r, err)
		return
	}
	p, err := d.service.UserInfo(r.Context(), bearer)
	if err != nil {
		d.refuse(w, r, err)
		return
	}
	send(w, http.StatusOK, p)
}

// Preflight lets programs in a browser send a token in a header.
func (d *Doors) Preflight(w http.ResponseWriter, _ *http.Request) {
	open(w)
	w.Header().Set("Access-Control-Allow-Headers", "Authorization, Content-Type")
	w.Header().Set("Access-Control-Allow-Methods", "GET, POST")
	w.Header().Set("Access-Control-Max-Age", "86400")
	w.WriteHeader(http.StatusNoContent)
}

func open(w http.ResponseWriter) { w.Header().Set("Access-Control-Allow-Origin", "*") }

// door reads a form and answers it.
func (d *Doors) door(w http.ResponseWriter, r *http.Request, do func(url.Values) (any, error)) {
	open(w)
	if err := d.service.Knock(r.Context()); err != nil {
		d.refuse(w, r, err)
		return
	}
	fields, err := form(w, r)
	if err != nil {
		d.refuse(w, r, err)
		return
	}
	body, err := do(fields)
	if err != nil {
		d.refuse(w, r, err)
		return
	}
	if body == nil {
		body = struct{}{}
	}
	send(w, http.StatusOK, body)
}

func form(w http.ResponseWriter, r *http.Request) (url.Values, error) {
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind != "application/x-www-form-urlencoded" {
		return nil, &Error{Status: http.StatusUnsupportedMediaType, Code: codeInvalid, Text: "Send a form: application/x-www-form-urlencoded."}
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	err := r.ParseForm()
	if large := (*http.MaxBytesError)(nil); errors.As(err, &large) {
		return nil, &Error{Status: http.StatusRequestEntityTooLarge, Code: codeInvalid, Text: "A request has at most 64 KiB."}
	}
	if err != nil {
		return nil, invalid("The form cannot be read.")
	}
	return r.PostForm, nil
}

func wrongKind(text string) *Error {
	return &Error{Status: http.StatusBadRequest, Code: codeGrantType, Text: text}
}

func (d *Doors) redeem(ctx context.Context, fields url.Values, by func(context.Context, Redemption) (*Grant, error)) (any, error) {
	read := parameters{fields: fields}
	r := Redemption{Code: read.needed("code"), Client: read.client(), Redirect: read.needed("redirect_uri"), Verifier: read.text("code_verifier")}
	if read.err != nil {
		return nil, read.err
	}
	g, err := by(ctx, r)
	if err != nil {
		return nil, err
	}
	return granted(g), nil
}

func (d *Doors) renew(ctx context.Context, fields url.Values) (any, error) {
	read := parameters{fields: fields}
	r := Renewal{Refresh: read.needed("refresh_token"), Client: read.client()}
	scopes, err := readScopes(read.text("scope"))
	if r.Scopes = scopes; read.err == nil {
		read.err = err
	}
	if read.err != nil {
		return nil, read.err
	}
	g, err := d.service.Renew(ctx, r)
	if err != nil {
		return nil, err
	}
	return granted(g), nil
}

func (d *Doors) revoke(ctx context.Context, fields url.Values) error {
	read := parameters{fields: fields}
	token := read.needed("token")
	if read.err != nil {
		return read.err
	}
	return d.service.Revoke(ctx, token)
}

// parameters reads one after another, and keeps the first thing that is wrong.
type parameters struct {
	fields url.Values
	err    error
}

func (p *parameters) text(name string) string {
	value, err := one(p.fields, name)
	if p.err == nil {
		p.err = err
	}
	return value
}

func (p *parameters) needed(name string) string {
	value := p.text(name)
	if value == "" && p.err == nil {
		p.err = invalid("%s is missing.", name)
	}
	return value
}

func (p *parameters) client() string {
	address := p.needed("client_id")
	if p.err != nil {
		return ""
	}
	client, err := Client(address)
	if err != nil {
		p.err = invalid("client_id %v.", err)
	}
	return client
}

// bearer is the token of the Authorization header (RFC 6750, section 2.1).
func bearer(r *http.Request) (string, error) {
	headers := r.Header.Values("Authorization")
	if len(headers) > 1 {
		return "", invalid("Send one Authorization header.")
	}
	if len(headers) == 0 {
		return "", missingToken()
	}
	scheme, token, _ := strings.Cut(strings.TrimSpace(headers[0]), " ")
	if token = strings.TrimSpace(token); !strings.EqualFold(scheme, "Bearer") || token == "" {
		return "", missingToken()
	}
	return token, nil
}

// response is the answer to a code (sections 5.3.2 and 5.3.3).
type response struct {
	Token   string   `json:"access_token,omitempty"`
	Type    string   `json:"token_type,omitempty"`
	Expires int64    `json:"expires_in,omitempty"`
	Refresh string   `json:"refresh_token,omitempty"`
	Scope   string   `json:"scope,omitempty"`
	Me      string   `json:"me"`
	Profile *Profile `json:"profile,omitempty"`
}

func granted(g *Grant) response {
	r := response{Me: g.Me, Profile: g.Profile}
	if g.Token == "" {
		return r
	}
	r.Token, r.Type, r.Refresh, r.Scope = g.Token, "Bearer", g.Refresh, strings.Join(g.Scopes, " ")
	if !g.Expires.IsZero() {
		r.Expires = g.Expires.Unix() - g.Issued.Unix()
	}
	return r
}

// inspection is what a token is good for (section 6.2). Of one that is good for
// nothing it says that, and no more.
type inspection struct {
	Active  bool   `json:"active"`
	Me      string `json:"me,omitempty"`
	Client  string `json:"client_id,omitempty"`
	Scope   string `json:"scope,omitempty"`
	Expires int64  `json:"exp,omitempty"`
	Issued  int64  `json:"iat,omitempty"`
}

func inspected(g *Grant) inspection {
	if g == nil {
		return inspection{}
	}
	i := inspection{Active: true, Me: g.Me, Client: g.Client, Scope: strings.Join(g.Scopes, " ")}
	if !g.Expires.IsZero() {
		i.Expires = g.Expires.Unix()
	}
	if !g.Issued.IsZero() {
		i.Issued = g.Issued.Unix()
	}
	return i
}

func (d *Doors) refuse(w http.ResponseWriter, r *http.Request, err error) {
	var refusal *Error
	if !errors.As(err, &refusal) {
		d.service.Failed(r.Context(), err)
		refusal = &Error{Status: http.StatusInternalServerError, Code: codeServer, Text: "Something went wrong here. Please try again later."}
	}
	if refusal.Retry > 0 {
		w.Header().Set("Retry-After", strconv.FormatInt(int64((refusal.Retry+time.Second-1)/time.Second), 10))
	}
	if c := refusal.challenge(); c != "" {
		w.Header().Set("WWW-Authenticate", c)
	}
	body := map[string]string{"error": refusal.Code, "error_description": refusal.Text}
	if refusal.missing { // section 8.1
		delete(body, "error")
	}
	send(w, refusal.Status, body)
}

// send sends JSON that no cache may keep.
func send(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(body) // the app may be gone; nothing is left to do then
}
