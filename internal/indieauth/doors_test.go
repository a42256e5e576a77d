package indieauth

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
)

// site is a service that knows one of each thing.
func site() Service {
	issued := time.Unix(1_800_000_000, 0)
	grant := Grant{Me: "https://blog.example/", Client: "https://app.example/", Scopes: []string{"profile", "create"}, Issued: issued}
	return Service{
		Redeem: func(_ context.Context, r Redemption) (*Grant, error) {
			if r != (Redemption{"c", "https://app.example/", "https://app.example/done", "v"}) {
				return nil, InvalidGrant("No.")
			}
			g := grant
			g.Token, g.Refresh, g.Expires, g.Profile = "t", "r", issued.Add(time.Hour), &Profile{Name: "Wren"}
			return &g, nil
		},
		Identify: func(context.Context, Redemption) (*Grant, error) { return &Grant{Me: grant.Me}, nil },
		Renew: func(_ context.Context, r Renewal) (*Grant, error) {
			if r.Refresh == "broken" {
				return nil, errors.New("secret of the house")
			}
			return nil, SlowDown(90 * time.Second)
		},
		Revoke: func(context.Context, string) error { return nil },
		Inspect: func(_ context.Context, bearer, token string) (*Grant, error) {
			if bearer != "t" {
				return nil, InvalidToken()
			}
			if token != "t" {
				return nil, nil
			}
			g := grant
			g.Expires = issued.Add(time.Hour)
			return &g, nil
		},
		UserInfo: func(_ context.Context, bearer string) (*Profile, error) {
			if bearer != "t" {
				return nil, Insufficient("profile")
			}
			return &Profile{Name: "Wren", URL: grant.Me, Email: "wren@blog.example"}, nil
		},
	}
}

func TestDoorsAnswerAsTheStandardSays(t *testing.T) {
	d := New(site())
	const code = "&code=c&client_id=https://APP.example&redirect_uri=https%3A%2F%2Fapp.example%2Fdone&code_verifier=v"
	for _, c := range []struct {
		name   string
		door   http.HandlerFunc
		bearer string
		form   string
		status int
		want   string // of the JSON
		header string
	}{
		{"a code", d.Token, "", "grant_type=authorization_code" + code, 200,
			`{"access_token":"t","token_type":"Bearer","expires_in":3600,"refresh_token":"r","scope":"profile create","me":"https://blog.example/","profile":{"name":"Wren"}}`, ""},
		{"a code at the other door", d.Profile, "", "grant_type=authorization_code" + code, 200, `{"me":"https://blog.example/"}`, ""},
		{"an old app", d.Profile, "", code, 200, `{"me":"https://blog.example/"}`, ""},
		{"no kind", d.Token, "", code, 400, `{"error":"invalid_request","error_description":"grant_type is missing. It is authorization_code or refresh_token."}`, ""},
		{"another kind", d.Token, "", "grant_type=password&username=a&password=b", 400, `{"error":"unsupported_grant_type","error_description":"grant_type has to be authorization_code or refresh_token."}`, ""},
		{"another kind at the other door", d.Profile, "", "grant_type=refresh_token" + code, 400, `{"error":"unsupported_grant_type","error_description":"grant_type has to be authorization_code."}`, ""},
		{"a wrong code", d.Token, "", "grant_type=authorization_code&code=x&client_id=https://app.example/&redirect_uri=https://app.example/", 400, `{"error":"invalid_grant","error_description":"No."}`, ""},
		{"no code", d.Token, "", "grant_type=authorization_code&client_id=https://app.example/&redirect_uri=https://app.example/", 400, `{"error":"invalid_request","error_description":"code is missing."}`, ""},
		{"no app", d.Token, "", "grant_type=authorization_code&code=c&redirect_uri=https://app.example/", 400, `{"error":"invalid_request","error_description":"client_id is missing."}`, ""},
		{"two codes", d.Token, "", "grant_type=authorization_code&code=d" + code, 400, `{"error":"invalid_request","error_description":"code came more than once."}`, ""},
		{"too fast", d.Token, "", "grant_type=refresh_token&refresh_token=r&client_id=https://app.example", 429, `{"error":"slow_down","error_description":"Too much was asked from this address, or too many of its codes and tokens were wrong. Please try again later."}`, "Retry-After: 90"},
		{"our failure", d.Token, "", "grant_type=refresh_token&refresh_token=broken&client_id=https://app.example", 500, `{"error":"server_error","error_description":"Something went wrong here. Please try again later."}`, ""},
		{"odd scopes", d.Token, "", "grant_type=refresh_token&refresh_token=r&client_id=https://app.example&scope=%22", 400, `{"error":"invalid_scope","error_description":"scope has to be a few words in plain letters."}`, ""},
		{"given back", d.Revoke, "", "token=t", 200, `{}`, ""},
		{"given back the old way", d.Token, "", "action=revoke&token=t", 200, `{}`, ""},
		{"nothing given back", d.Revoke, "", "x=y", 400, `{"error":"invalid_request","error_description":"token is missing."}`, ""},
		{"a good token", d.Introspect, "t", "token=t", 200, `{"active":true,"me":"https://blog.example/","client_id":"https://app.example/","scope":"profile create","exp":1800003600,"iat":1800000000}`, ""},
		{"no good token", d.Introspect, "t", "token=x", 200, `{"active":false}`, ""},
		{"looked at by nobody", d.Introspect, "", "token=t", 401, `{"error_description":"An access token is missing. Send it as Authorization: Bearer TOKEN."}`, "Www-Authenticate: Bearer"},
		{"looked at by a stranger", d.Introspect, "x", "token=t", 401, `{"error":"invalid_token","error_description":"The access token is not known here, has expired or was revoked."}`, `Www-Authenticate: Bearer error="invalid_token"`},
		{"who", d.UserInfo, "t", "", 200, `{"name":"Wren","url":"https://blog.example/","email":"wren@blog.example"}`, ""},
		{"who, not allowed", d.UserInfo, "x", "", 403, `{"error":"insufficient_scope","error_description":"The access token lacks the scope profile."}`, `Www-Authenticate: Bearer error="insufficient_scope", scope="profile"`},
		{"who, without a token", d.UserInfo, "", "", 401, `{"error_description":"An access token is missing. Send it as Authorization: Bearer TOKEN."}`, "Www-Authenticate: Bearer"},
	} {
		r := httptest.NewRequest("POST", "/door", strings.NewReader(c.form))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if c.bearer != "" {
			r.Header.Set("Authorization", "bearer "+c.bearer)
		}
		w := httptest.NewRecorder()
		c.door(w, r)
		if got := strings.TrimSpace(w.Body.String()); w.Code != c.status || got != c.want {
			t.Errorf("%s: %d %s, want %d %s", c.name, w.Code, got, c.status, c.want)
		}
		h := w.Header()
		if h.Get("Content-Type") != "application/json" || h.Get("Cache-Control") != "no-store" || h.Get("Access-Control-Allow-Origin") != "*" {
			t.Errorf("%s: the header is %v", c.name, h)
		}
		if name, value, ok := strings.Cut(c.header, ": "); ok && h.Get(name) != value {
			t.Errorf("%s: %s is %q, want %q", c.name, name, h.Get(name), value)
		}
	}
}

func TestADoorTakesAFormOfLimitedSize(t *testing.T) {
	d := New(site())
	for _, c := range []struct {
		kind, body string
		status     int
	}{
		{"application/json", `{"token":"t"}`, 415},
		{"", "token=t", 415},
		{"multipart/form-data; boundary=x", "--x--", 415},
		{"application/x-www-form-urlencoded", "token=%zz", 400},
		{"application/x-www-form-urlencoded", "token=" + strings.Repeat("a", maxBody), 413},
		{"application/x-www-form-urlencoded; charset=utf-8", "token=t", 200},
	} {
		r := httptest.NewRequest("POST", "/revoke?token=t", strings.NewReader(c.body))
		r.Header.Set("Content-Type", c.kind)
		w := httptest.NewRecorder()
		if d.Revoke(w, r); w.Code != c.status || !json.Valid(w.Body.Bytes()) {
			t.Errorf("%s is answered %d %s, want %d", c.kind, w.Code, w.Body, c.status)
		}
	}
}

func TestMetadataSaysWhatTheStandardAsksFor(t *testing.T) {
	text, err := json.Marshal(Metadata{Issuer: "https://blog.example/", Authorization: "https://blog.example/auth", Scopes: []string{"create"}})
	var got map[string]any
	if err != nil || json.Unmarshal(text, &got) != nil {
		t.Fatal(string(text), err)
	}
	if got["issuer"] != "https://blog.example/" || got["authorization_response_iss_parameter_supported"] != true {
		t.Errorf("got %s", text)
	}
	for name, want := range map[string]string{"code_challenge_methods_supported": "S256", "response_types_supported": "code", "revocation_endpoint_auth_methods_supported": "none"} {
		if list, ok := got[name].([]any); !ok || len(list) != 1 || list[0] != want {
			t.Errorf("%s is %v", name, got[name])
		}
	}
}

func FuzzDoors(f *testing.F) {
	f.Add("grant_type=authorization_code&code=c&client_id=https://app.example&redirect_uri=x&code_verifier=v")
	f.Add("grant_type=refresh_token&refresh_token=r&client_id=https://app.example&scope=a")
	f.Add("action=revoke&token=t")
	d := New(site())
	f.Fuzz(func(t *testing.T, form string) {
		for _, door := range []http.HandlerFunc{d.Token, d.Profile, d.Revoke, d.Introspect} {
			r := httptest.NewRequest("POST", "/door", strings.NewReader(form))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.Header.Set("Authorization", "Bearer t")
			w := httptest.NewRecorder()
			door(w, r)
			var said map[string]any
			if err := json.Unmarshal(w.Body.Bytes(), &said); err != nil {
				t.Fatalf("%q is answered %d %s", form, w.Code, w.Body)
			}
			if text, _ := said["error_description"].(string); w.Code != 200 && !plain(text) {
				t.Errorf("%q is answered %d with the sentence %q", form, w.Code, text)
			}
			if fields, err := url.ParseQuery(form); err == nil && w.Code == 200 && len(fields) == 0 {
				t.Errorf("nothing is answered %s", w.Body)
			}
		}
	})
}
