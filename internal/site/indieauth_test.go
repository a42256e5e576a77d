package site

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"hark/internal/auth"
	"hark/internal/indieauth"
	"hark/internal/posts"
	"hark/internal/settings"
)

const (
	someApp     = "https://app.example/"
	appDone     = "https://app.example/done"
	appVerifier = "a-verifier-that-is-long-enough-for-the-standard"
)

// said is the answer of a door as JSON.
func (b *blog) said(r reading) map[string]any {
	b.t.Helper()
	var said map[string]any
	if err := json.Unmarshal([]byte(r.body), &said); err != nil {
		b.t.Fatalf("%d %s: %v", r.StatusCode, r.body, err)
	}
	return said
}

// code is what Wren has allowed an app.
func (b *blog) code(scopes ...string) url.Values {
	b.t.Helper()
	code, err := b.Gate.Allow(b.t.Context(), b.wren, auth.Consent{Client: someApp, Name: "App", Redirect: appDone, Challenge: indieauth.Challenge(appVerifier), Me: public + "/", Scopes: scopes})
	if err != nil {
		b.t.Fatal(err)
	}
	return url.Values{"grant_type": {"authorization_code"}, "code": {code}, "client_id": {someApp}, "redirect_uri": {appDone}, "code_verifier": {appVerifier}}
}

func TestAnAppFetchesWhatItWasAllowed(t *testing.T) {
	b := newBlog(t)
	letters := settings.DefaultLetters
	letters.To = "wren@tidewrack.example"
	if err := b.Settings.SaveLetters(t.Context(), letters); err != nil {
		t.Fatal(err)
	}
	got := b.said(b.send("/token", formType, b.code("profile", "email", "create").Encode()))
	profile, _ := got["profile"].(map[string]any)
	if got["me"] != public+"/" || got["token_type"] != "Bearer" || got["scope"] != "profile email create" || profile["name"] != "Wren Adair" || profile["email"] != letters.To || got["refresh_token"] == "" {
		t.Fatalf("got %v", got)
	}
	bearer := "Authorization: Bearer " + got["access_token"].(string)
	if r := b.send("/micropub", formType, "h=entry&content=From+an+app", bearer); r.StatusCode != http.StatusCreated {
		t.Errorf("a post is answered %d %s", r.StatusCode, r.body)
	}
	if r := b.ask("GET", "/userinfo", bearer); r.StatusCode != 200 || b.said(r)["url"] != public+"/" || r.Header.Get("Access-Control-Allow-Origin") != "*" {
		t.Errorf("userinfo is %d %s", r.StatusCode, r.body)
	}
	token := url.Values{"token": {got["access_token"].(string)}}.Encode()
	if said := b.said(b.send("/introspect", formType, token, bearer)); said["active"] != true || said["me"] != public+"/" || said["client_id"] != someApp {
		t.Errorf("introspection says %v", said)
	}
	if r := b.send("/introspect", formType, token); r.StatusCode != 401 {
		t.Errorf("without a token introspection is answered %d", r.StatusCode)
	}
	next := b.said(b.send("/token", formType, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {got["refresh_token"].(string)}, "client_id": {"https://app.example"}, "scope": {"profile"}}.Encode()))
	if next["scope"] != "profile" || next["access_token"] == got["access_token"] {
		t.Fatalf("renewed it is %v", next)
	}
	bearer = "Authorization: Bearer " + next["access_token"].(string)
	if r := b.send("/micropub", formType, "h=entry&content=x", bearer); r.StatusCode != http.StatusForbidden {
		t.Errorf("a post without the scope is answered %d", r.StatusCode)
	}
	if said := b.said(b.ask("GET", "/userinfo", bearer)); said["name"] != "Wren Adair" || said["email"] != nil {
		t.Errorf("userinfo without the scope email is %v", said)
	}
	if r := b.send("/revoke", formType, url.Values{"token": {next["access_token"].(string)}}.Encode()); r.StatusCode != 200 {
		t.Errorf("revoking is answered %d", r.StatusCode)
	}
	if r := b.ask("GET", "/userinfo", bearer); r.StatusCode != 401 || r.Header.Get("WWW-Authenticate") != `Bearer error="invalid_token"` {
		t.Errorf("a revoked token is answered %d %v", r.StatusCode, r.Header)
	}
}

func TestAnAppLearnsWhoSomebodyIs(t *testing.T) {
	b := newBlog(t)
	fields := b.code()
	if r := b.send("/token", formType, fields.Encode()); r.StatusCode != 400 || b.said(r)["error"] != "invalid_grant" || !strings.Contains(r.body, "no scope") {
		t.Errorf("without scope the token door answers %d %s", r.StatusCode, r.body)
	}
	if said := b.said(b.send("/auth", formType, fields.Encode())); len(said) != 1 || said["me"] != public+"/" {
		t.Errorf("without scope the app learns %v", said)
	}
	if said := b.said(b.send("/auth", formType, b.code("profile", "create").Encode())); said["access_token"] != nil || said["profile"] == nil {
		t.Errorf("the app learns %v", said)
	}
	wrong := b.code("create")
	wrong.Set("code_verifier", strings.Repeat("x", 43))
	if r := b.send("/token", formType, wrong.Encode()); r.StatusCode != 400 || b.said(r)["error"] != "invalid_grant" {
		t.Errorf("a wrong verifier is answered %d %s", r.StatusCode, r.body)
	}
}

func TestOverItsBudgetNothingIsAskedOrUsedUp(t *testing.T) {
	b := newBlog(t)
	good := b.code("create")
	first := b.said(b.send("/token", formType, b.code("create").Encode()))
	revoke := url.Values{"token": {first["access_token"].(string)}}.Encode()
	for range 60 {
		b.send("/revoke", formType, "token=nobody")
	}
	before := len(b.failures())
	for _, door := range []struct{ path, body string }{
		{"/token", good.Encode()}, {"/auth", good.Encode()}, {"/revoke", revoke}, {"/introspect", revoke},
		{"/token", url.Values{"grant_type": {"refresh_token"}, "refresh_token": {first["refresh_token"].(string)}, "client_id": {someApp}}.Encode()},
	} {
		r := b.send(door.path, formType, door.body, "Authorization: Bearer "+first["access_token"].(string))
		if r.StatusCode != http.StatusTooManyRequests || r.Header.Get("Retry-After") == "" || b.said(r)["error_description"] == nil || r.Header.Get("Access-Control-Allow-Origin") != "*" {
			t.Errorf("%s over the budget is answered %d %s", door.path, r.StatusCode, r.body)
		}
	}
	if lines := b.failures(); len(lines)-before != 5 || !strings.Contains(lines[len(lines)-1], "Too many authentication failures for - from ") {
		t.Errorf("five refusals make %d lines: %q", len(lines)-before, lines[before:])
	}
	b.at = b.at.Add(time.Minute)
	if r := b.send("/token", formType, good.Encode()); r.StatusCode != http.StatusOK {
		t.Errorf("a minute later the good code is answered %d %s", r.StatusCode, r.body)
	}
	if r := b.send("/introspect", formType, revoke, "Authorization: Bearer "+first["access_token"].(string)); b.said(r)["active"] != true {
		t.Errorf("the token was revoked: %s", r.body)
	}
}

func TestTokensOfOthersSayNothing(t *testing.T) {
	b := newBlog(t)
	if _, err := b.Gate.Add(t.Context(), "reed", "Reed", "four plain words suffice", auth.Author); err != nil {
		t.Fatal(err)
	}
	theirs, err := b.Gate.NewToken(t.Context(), "reed", "create", "x")
	if err != nil {
		t.Fatal(err)
	}
	ask := url.Values{"token": {theirs}}.Encode()
	if said := b.said(b.send("/introspect", formType, ask, b.token("create"))); said["active"] != false || len(said) != 1 {
		t.Errorf("Wren learns %v", said)
	}
	if said := b.said(b.send("/introspect", formType, ask, "Authorization: Bearer "+theirs)); said["active"] != true || said["me"] != nil {
		t.Errorf("Reed, who is not the site, learns %v", said)
	}
}

func TestATokenForDraftsPublishesNothing(t *testing.T) {
	b := newBlog(t)
	r := b.send("/micropub", formType, "h=entry&content=Half&post-status=published", b.token("draft"))
	if r.StatusCode != http.StatusCreated || !strings.HasPrefix(r.Header.Get("Location"), public+"/desk/write/") {
		t.Fatalf("it is answered %d %v", r.StatusCode, r.Header)
	}
	p, err := b.Posts.ByID(t.Context(), strings.TrimPrefix(r.Header.Get("Location"), public+"/desk/write/"))
	if err != nil || p.Status != posts.Draft {
		t.Errorf("the post is %+v (%v)", p, err)
	}
	if r := b.send("/micropub", formType, "action=delete&url="+url.QueryEscape(public+"/2026/x"), b.token("draft")); r.StatusCode != http.StatusForbidden {
		t.Errorf("deleting is answered %d", r.StatusCode)
	}
}

func TestAppsFindTheDoors(t *testing.T) {
	b := newBlog(t)
	r := b.get("/.well-known/oauth-authorization-server")
	said := b.said(r)
	if said["issuer"] != public+"/" || said["authorization_endpoint"] != public+"/auth" || said["token_endpoint"] != public+"/token" || r.Header.Get("Access-Control-Allow-Origin") != "*" {
		t.Errorf("the metadata are %v", said)
	}
	for _, path := range []string{"/", "/about", "/archive"} {
		r := b.get(path)
		for rel, want := range map[string]string{"indieauth-metadata": "/.well-known/oauth-authorization-server", "authorization_endpoint": "/auth", "token_endpoint": "/token"} {
			if !strings.Contains(r.Header.Get("Link"), "<"+public+want+`>; rel="`+rel+`"`) || !strings.Contains(r.body, `<link rel="`+rel+`" href="`+public+want+`">`) {
				t.Errorf("%s does not announce %s", path, rel)
			}
		}
	}
}

func TestAppsInABrowserMayKnockAndFindTheDoors(t *testing.T) {
	b := newBlog(t)
	for _, door := range []string{"/auth", "/token", "/revoke", "/introspect", "/userinfo"} {
		r := b.ask(http.MethodOptions, door)
		if r.StatusCode != http.StatusNoContent || r.Header.Get("Access-Control-Allow-Origin") != "*" || r.Header.Get("Access-Control-Allow-Headers") != "Authorization, Content-Type" {
			t.Errorf("%s: %d with %v", door, r.StatusCode, r.Header)
		}
	}
	at := b.publish(time.Hour, posts.Post{Content: "Rain"}).Path
	for path, want := range map[string]string{"/": "*", at: ""} {
		if r := b.ask(http.MethodGet, path); r.Header.Get("Access-Control-Allow-Origin") != want || want != "" && r.Header.Get("Access-Control-Expose-Headers") != "Link" {
			t.Errorf("%s: scripts of other sites get %v", path, r.Header)
		}
	}
}
