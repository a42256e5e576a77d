package indieauth

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

func at(t testing.TB, address string) *url.URL {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func TestAPagePointsToItsServer(t *testing.T) {
	const page = "https://jane.example/about/"
	for name, c := range map[string]struct {
		links []string
		kind  string
		body  string
		want  Pointers
	}{
		"by a header":                   {links: []string{`</meta>; rel="indieauth-metadata"`}, want: Pointers{Metadata: "https://jane.example/meta"}},
		"by a list of relations":        {links: []string{`<https://id.example/auth>; rel="x Authorization_Endpoint"`}, want: Pointers{Authorization: "https://id.example/auth"}},
		"by an element":                 {body: `<link rel="indieauth-metadata" href="../meta">`, want: Pointers{Metadata: "https://jane.example/meta"}},
		"the header goes first":         {links: []string{`</a>; rel=indieauth-metadata`}, body: `<link rel=indieauth-metadata href=/b>`, want: Pointers{Metadata: "https://jane.example/a"}},
		"the first of two":              {body: `<link rel=authorization_endpoint href=/a><link rel=authorization_endpoint href=/b>`, want: Pointers{Authorization: "https://jane.example/a"}},
		"of both kinds":                 {body: `<link rel=authorization_endpoint href=/a><link rel=indieauth-metadata href=/m>`, want: Pointers{Metadata: "https://jane.example/m", Authorization: "https://jane.example/a"}},
		"relative to its base":          {body: `<base href="https://id.example/x/"><link rel=authorization_endpoint href=auth>`, want: Pointers{Authorization: "https://id.example/x/auth"}},
		"with a query":                  {body: `<link rel=authorization_endpoint href="/?auth=1&amp;x">`, want: Pointers{Authorization: "https://jane.example/?auth=1&x"}},
		"not by an anchor":              {body: `<a rel=authorization_endpoint href=/a>x</a>`},
		"not in a comment":              {body: `<!-- <link rel=authorization_endpoint href=/a> -->`},
		"not in a script":               {body: `<script>"<link rel=authorization_endpoint href=/a>"</script>`},
		"not in a template":             {body: `<template><template></template><link rel=authorization_endpoint href=/a></template>`},
		"not in a noscript":             {body: `<noscript><link rel=authorization_endpoint href=/a></noscript>`},
		"not in a text area":            {body: `<textarea><link rel=authorization_endpoint href=/a></textarea>`},
		"not in what is no HTML":        {kind: "text/plain", body: `<link rel=authorization_endpoint href=/a>`},
		"not as an attribute's value":   {body: `<p title="<link rel=authorization_endpoint href=/a>">`},
		"not without an address":        {body: `<link rel=authorization_endpoint><link rel=indieauth-metadata href="">`},
		"not to what is not the web":    {body: `<link rel=authorization_endpoint href="javascript:alert(1)">`},
		"not to an address of a user":   {body: `<link rel=authorization_endpoint href="https://a:b@id.example/">`},
		"not to a number":               {body: `<link rel=authorization_endpoint href="http://2130706433/">`},
		"what cannot be is passed over": {body: `<link rel=authorization_endpoint href="ftp://x/"><link rel=authorization_endpoint href=/b>`, want: Pointers{Authorization: "https://jane.example/b"}},
	} {
		kind := c.kind
		if kind == "" {
			kind = "text/html; charset=utf-8"
		}
		header := http.Header{"Content-Type": {kind}, "Link": c.links}
		if got := Point(at(t, page), header, []byte("<!doctype html><html><head><title>Jane</title></head><body>"+c.body)); got != c.want {
			t.Errorf("%s: got %+v, want %+v", name, got, c.want)
		}
	}
}

func TestAServerIsWhatItsMetadataSay(t *testing.T) {
	const address = "https://id.example/jane/meta"
	for body, want := range map[string]any{
		`{"issuer": "https://id.example/", "authorization_endpoint": "https://id.example/auth", "code_challenge_methods_supported": ["plain", "S256"]}`: Server{"https://id.example/", "https://id.example/auth"},
		`{"issuer": "https://id.example", "authorization_endpoint": "https://id.example"}`:                                                              Server{"https://id.example", "https://id.example/"},
		`{"issuer": "https://id.example/jane", "authorization_endpoint": "https://other.example/auth"}`:                                                 Server{"https://id.example/jane", "https://other.example/auth"},
		`{"issuer": "https://id.example/", "authorization_endpoint": "https://id.example/auth", "code_challenge_methods_supported": ["plain"]}`:         errNoProof,
		`{"issuer": "https://id.example/", "authorization_endpoint": "https://id.example/auth", "code_challenge_methods_supported": []}`:                errNoProof,
		`{"authorization_endpoint": "https://id.example/auth"}`:                                                                                         errIssuer,
		`{"issuer": "https://id.example/otis", "authorization_endpoint": "https://id.example/auth"}`:                                                    errIssuer,
		`{"issuer": "https://id.exam", "authorization_endpoint": "https://id.example/auth"}`:                                                            errIssuer,
		`{"issuer": "https://other.example/", "authorization_endpoint": "https://id.example/auth"}`:                                                     errIssuer,
		`{"issuer": "http://id.example/", "authorization_endpoint": "https://id.example/auth"}`:                                                         errIssuer,
		`{"issuer": "https://id.example/?", "authorization_endpoint": "https://id.example/auth"}`:                                                       errIssuer,
		`{"issuer": "https://id.example/"}`:                                                  errNoMetadata,
		`{"issuer": "https://id.example/", "authorization_endpoint": "javascript:alert(1)"}`: errNoMetadata,
		`{"issuer": 1}`: errNoMetadata,
		`<p>No JSON`:    errNoMetadata,
		`{"issuer": "https://id.example/", "authorization_endpoint": "https://id.example/auth", "x": "` + strings.Repeat("x", maxMetadata) + `"}`: errNoMetadata,
	} {
		got, err := ReadMetadata(address, []byte(body))
		if server, good := want.(Server); good && (got != server || err != nil) {
			t.Errorf("%.100s is %+v (%v), want %+v", body, got, err, server)
		}
		if wrong, bad := want.(error); bad && !errors.Is(err, wrong) {
			t.Errorf("%.100s is %+v (%v), want the error %v", body, got, err, wrong)
		}
	}
}

func TestAnAskGoesToTheEndpoint(t *testing.T) {
	a := NewAsk("https://blog.example/app", "https://blog.example/back", "https://jane.example/")
	if b := NewAsk(a.Client, a.Redirect, a.Me); b.State == a.State || b.Verifier == a.Verifier || !isVerifier(a.Verifier) {
		t.Errorf("two asks are %+v and %+v", a, b)
	}
	to := at(t, Server{Authorization: "https://id.example/?auth=1&state=theirs"}.Address(a))
	got := to.Query()
	want := url.Values{
		"auth": {"1"}, "response_type": {"code"}, "client_id": {a.Client}, "redirect_uri": {a.Redirect}, "me": {a.Me},
		"state": {a.State}, "code_challenge": {Challenge(a.Verifier)}, "code_challenge_method": {"S256"},
	}
	if fmt.Sprint(got) != fmt.Sprint(want) || to.Host != "id.example" || strings.Contains(to.String(), a.Verifier) {
		t.Errorf("it goes to %s", to)
	}
	if r, err := ReadRequest(got); err != nil || r.Client != a.Client || r.Old || len(r.Scopes) != 0 {
		t.Errorf("our own server reads %+v (%v)", r, err)
	}
}

func TestACodeIsTakenFromTheServerThatWasAsked(t *testing.T) {
	known, old := Server{"https://id.example/", "https://auth.id.example/x"}, Server{"", "https://id.example/auth"}
	for _, c := range []struct {
		server Server
		query  string
		want   error
	}{
		{known, "code=c&state=s&iss=https://id.example/", nil},
		{known, "code=c&state=s", ErrMixedUp},
		{known, "code=c&state=s&iss=https://id.example", ErrMixedUp},
		{known, "code=c&state=s&iss=https://evil.example/", ErrMixedUp},
		{known, "error=access_denied&state=s&iss=https://id.example/", ErrDenied},
		{known, "error=access_denied&code=c&state=s&iss=https://id.example/", ErrDenied},
		{known, "state=s&iss=https://id.example/", ErrDenied},
		{known, "code=" + strings.Repeat("c", maxCode+1) + "&state=s&iss=https://id.example/", ErrDenied},
		{known, "code=c&state=t&iss=https://id.example/", errStranger},
		{known, "code=c&iss=https://id.example/", errStranger},
		{known, "code=c&state=s&state=s&iss=https://id.example/", errStranger},
		{known, "code=c&code=d&state=s&iss=https://id.example/", errStranger},
		{known, "", errStranger},
		{old, "code=c&state=s", nil},
		{old, "code=c&state=s&iss=https://id.example/", nil},
		{old, "code=c&state=s&iss=https://honest.example/", ErrMixedUp},
		{old, "code=c&state=s&iss=http://id.example/", ErrMixedUp},
		{old, "code=c&state=s&iss=id", ErrMixedUp},
	} {
		query, err := url.ParseQuery(c.query)
		if err != nil {
			t.Fatal(err)
		}
		code, err := c.server.Code(query, "s")
		if !errors.Is(err, c.want) || (err == nil) != (code == "c") {
			t.Errorf("%.80s from %+v is %q (%v), want %v", c.query, c.server, code, err, c.want)
		}
	}
	if _, err := old.Code(url.Values{"code": {"c"}, "state": {""}}, ""); !errors.Is(err, errStranger) {
		t.Errorf("without a state it is taken: %v", err)
	}
}

func TestTheServerSaysWhoseACodeIs(t *testing.T) {
	var answer func(http.ResponseWriter, *http.Request)
	visits := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		visits++
		answer(w, r)
	}))
	defer server.Close()
	a := NewAsk("https://blog.example/app", "https://blog.example/back", "https://jane.example/")
	says := func(status int, body string) func(http.ResponseWriter, *http.Request) {
		return func(w http.ResponseWriter, r *http.Request) {
			for name, want := range map[string]string{
				"grant_type": "authorization_code", "code": "a code", "client_id": a.Client, "redirect_uri": a.Redirect, "code_verifier": a.Verifier,
			} {
				if got := r.PostFormValue(name); got != want {
					t.Errorf("%s is %q, want %q", name, got, want)
				}
			}
			if r.Header.Get("Accept") != "application/json" {
				t.Errorf("it accepts %q", r.Header.Get("Accept"))
			}
			w.WriteHeader(status)
			io.WriteString(w, body)
		}
	}
	for _, c := range []struct {
		answer func(http.ResponseWriter, *http.Request)
		want   string
	}{
		{says(200, `{"me": "https://Jane.Example"}`), "https://jane.example/"},
		{says(200, `{"me": "https://jane.example/", "access_token": "x", "scope": "create"}`), "https://jane.example/"},
		{says(201, `{"me": "https://jane.example/"}`), ""},
		{says(400, `{"error": "invalid_grant", "me": "https://jane.example/"}`), ""},
		{says(200, `{}`), ""},
		{says(200, `me=https%3A%2F%2Fjane.example%2F`), ""},
		{says(200, `{"me": "jane"}`), ""},
		{says(200, `{"me": ["https://jane.example/"]}`), ""},
		{says(200, `{"me": "https://jane.example/", "x": "`+strings.Repeat("x", maxIdentity)+`"}`), ""},
		{func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, server.URL+"/elsewhere", http.StatusTemporaryRedirect)
		}, ""},
	} {
		answer = c.answer
		before := visits
		me, err := Server{Authorization: server.URL + "/"}.Identify(t.Context(), server.Client(), a, "a code")
		if me != c.want || (c.want == "") != errors.Is(err, ErrDenied) || visits != before+1 {
			t.Errorf("got %q (%v) after %d visits, want %q", me, err, visits-before, c.want)
		}
	}
}

func TestAPersonIsTypedAsPeopleType(t *testing.T) {
	for typed, want := range map[string]string{
		"jane.example": "https://jane.example/", " Jane.Example/Me ": "https://jane.example/Me", "http://jane.example": "http://jane.example/",
		"https://jane.example:443/": "https://jane.example/", "jane.example:8443": "https://jane.example:8443/", "http://127.0.0.1:8080": "http://127.0.0.1:8080/",
		"": "", "jane@jane.example": "", "ftp://jane.example/": "", "https://jane.example/#me": "", "javascript:alert(1)": "", "10.0.0.1": "", "jane doe": "", "jane": "", "jane/a.b": "", "http://wiki/jane": "http://wiki/jane",
	} {
		if got, err := Person(typed); got != want || (err == nil) != (want != "") {
			t.Errorf("%q is %q (%v), want %q", typed, got, err, want)
		}
	}
}

// FuzzServer: what a stranger's page and document say leads to addresses of the web
// alone, each in its one spelling.
func FuzzServer(f *testing.F) {
	f.Add(`</meta>; rel="indieauth-metadata"`, `<base href=//x><link rel=authorization_endpoint href="?">`)
	f.Add(``, `{"issuer": "https://jane.example/", "authorization_endpoint": "https://jane.example/auth"}`)
	f.Fuzz(func(t *testing.T, link, body string) {
		p := Point(at(t, "https://jane.example/a"), http.Header{"Link": {link}}, []byte(body))
		for _, address := range []string{p.Metadata, p.Authorization} {
			if again, err := Client(address); address != "" && (err != nil || again != address) {
				t.Errorf("%q becomes %q (%v)", address, again, err)
			}
		}
		s, err := ReadMetadata("https://jane.example/a", []byte(body))
		if again, wrong := Client(s.Authorization); err == nil && (wrong != nil || again != s.Authorization || !strings.HasPrefix(s.Issuer, "https://jane.example")) {
			t.Errorf("a server is %+v", s)
		}
		if me, err := readIdentity([]byte(body)); err == nil {
			if again, err := Client(me); err != nil || again != me {
				t.Errorf("%q becomes %q (%v)", me, again, err)
			}
		}
	})
}
