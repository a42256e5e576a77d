package desk

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"image"
	"image/png"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"hark/internal/auth"
	"hark/internal/fetch"
	"hark/internal/indieauth"
	"hark/internal/picture"
	"hark/internal/settings"
)

const appVerifier = "a-verifier-that-is-long-enough-for-the-standard"

// someApp is an app on another origin, that counts who reads about it.
type someApp struct {
	*httptest.Server
	id    string
	asked atomic.Int32
}

// newApp serves what an app says of itself at its address, and a logo.
func newApp(t *testing.T, describe func(a *someApp, w http.ResponseWriter, r *http.Request)) *someApp {
	t.Helper()
	a := &someApp{}
	var logo bytes.Buffer
	if err := png.Encode(&logo, image.NewGray(image.Rect(0, 0, 100, 100))); err != nil {
		t.Fatal(err)
	}
	a.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/logo.png" {
			w.Write(logo.Bytes())
			return
		}
		a.asked.Add(1)
		describe(a, w, r)
	}))
	t.Cleanup(a.Close)
	a.id = a.URL + "/"
	return a
}

// document describes an app as the standard has it now.
func document(more map[string]any) func(*someApp, http.ResponseWriter, *http.Request) {
	return func(a *someApp, w http.ResponseWriter, _ *http.Request) {
		d := map[string]any{"client_id": a.id, "client_name": "Quill", "client_uri": a.id, "logo_uri": "/logo.png",
			"redirect_uris": []string{"quill:/done", "https://other.example/done"}}
		for name, value := range more {
			d[name] = value
		}
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(d)
	}
}

// asks is the address to which an app sends its user, but for what is changed.
func (a *someApp) asks(changes ...string) string {
	v := url.Values{"response_type": {"code"}, "client_id": {a.id}, "redirect_uri": {a.URL + "/done"}, "state": {"xyz"}, "scope": {"profile create"},
		"code_challenge": {indieauth.Challenge(appVerifier)}, "code_challenge_method": {"S256"}}
	for i := 0; i < len(changes); i += 2 {
		if v.Set(changes[i], changes[i+1]); changes[i+1] == "" {
			v.Del(changes[i])
		}
	}
	return "/auth?" + v.Encode()
}

// answered reads where the user is sent in the end.
func (a *answer) answered() url.Values {
	a.t.Helper()
	to, err := url.Parse(a.is(http.StatusSeeOther).header.Get("Location"))
	if err != nil {
		a.t.Fatal(err)
	}
	return to.Query()
}

// decide sends the form of a page of consent.
func (v *visitor) decide(page *answer, do string, changes ...string) *answer {
	fields := page.fields("main form")
	for i := 0; i < len(changes); i += 2 {
		fields.Set(changes[i], changes[i+1])
	}
	fields.Set("do", do)
	return v.post("/auth/decide", fields)
}

func (h *house) redeem(a *someApp, code, redirect string) (*auth.Pass, error) {
	return h.gate.Redeem(context.Background(), indieauth.Redemption{Code: code, Client: a.id, Redirect: redirect, Verifier: appVerifier}, addr())
}

func TestAnAppIsLetInByItsUser(t *testing.T) {
	h := newHouse(t)
	v, app := h.owner(), newApp(t, document(nil))
	ask := app.asks("scope", "profile email create read")

	h.visitor().get(ask).leadsTo("/login?next=" + url.QueryEscape(ask))
	if app.asked.Load() != 0 {
		t.Fatal("an app was visited for a stranger")
	}
	a := v.get(ask).is(http.StatusOK).says(".app", "Quill").says(".app .host", strings.TrimPrefix(app.URL, "http://")).says("main", h.URL+"/").says("main", "read")
	if got := a.header.Get("Content-Security-Policy"); !strings.Contains(got, "form-action 'self' "+app.URL+";") || !strings.Contains(got, "frame-ancestors 'none'") {
		t.Errorf("the policy is %q", got)
	}
	if len(a.all(".deskbar")) != 0 || strings.Contains(a.body, app.URL+"/logo.png") {
		t.Error("the page shows the bar, or the app's own picture")
	}
	if len(a.all("[name=allow]")) != 2 || strings.Contains(a.body, "address for letters") {
		t.Errorf("it offers what is not there: %s", a.body)
	}
	logo := attr(a.one(".app img"), "src")
	if got := v.get(logo).is(http.StatusOK); !strings.HasPrefix(got.header.Get("Content-Type"), "image/") {
		t.Errorf("the logo is %v", got.header)
	}
	h.visitor().get(logo).is(http.StatusSeeOther)

	got := v.decide(a, "allow", "life", "day").answered()
	if got.Get("state") != "xyz" || got.Get("iss") != h.URL+"/" || got.Get("code") == "" {
		t.Fatalf("the app is told %v", got)
	}
	pass, err := h.redeem(app, got.Get("code"), app.URL+"/done")
	if err != nil || pass.Me != h.URL+"/" || strings.Join(pass.Scopes, " ") != "profile create" || pass.Expires.Sub(h.clock.now()) > 24*time.Hour {
		t.Fatalf("it gets %+v, %v", pass, err)
	}
	v.get(appsPath).is(http.StatusOK).says(".shelf .app", "Quill").says(".shelf .host", strings.TrimPrefix(app.URL, "http://")).says(".shelf .on", "know the name you show")
	if n := app.asked.Load(); n != 1 {
		t.Errorf("it was visited %d times", n)
	}

	a = v.get(app.asks()).is(http.StatusOK)
	if got := v.decide(a, "deny").answered(); got.Get("error") != "access_denied" || got.Get("state") != "xyz" || got.Get("iss") != h.URL+"/" || got.Has("code") {
		t.Errorf("after a no the app is told %v", got)
	}
	v.decide(a, "allow", "life", "century").is(http.StatusBadRequest)
	v.decide(a, "").is(http.StatusBadRequest)
}

func TestAnAppIsNotLetInForEverByAFormThatDoesNotSayForHowLong(t *testing.T) {
	h := newHouse(t)
	v, app := h.owner(), newApp(t, document(nil))
	fields := v.get(app.asks()).is(http.StatusOK).fields("main form")
	fields.Set("do", "allow")
	for _, life := range []string{"", "missing"} {
		if fields.Set("life", life); life == "missing" {
			fields.Del("life")
		}
		again := v.post("/auth/decide", fields).is(http.StatusUnprocessableEntity).says("#wrong-life", "for how long")
		if got := again.fields("main form"); got.Get("life") != "day" || len(got["allow"]) != 2 || got.Get("state") != "xyz" {
			t.Errorf("the form comes back as %v", got)
		}
	}
	if got := v.get(appsPath).is(http.StatusOK).all(".shelf .app"); len(got) != 0 {
		t.Errorf("%d apps are let in", len(got))
	}
	nothing := v.get(app.asks("scope", "read")).is(http.StatusOK).fields("main form") // it gets no token, so there is nothing to end
	nothing.Set("do", "allow")
	nothing.Del("life")
	if got := v.post("/auth/decide", nothing).answered(); got.Get("code") == "" {
		t.Errorf("who only signs in is answered %v", got)
	}
}

func TestAnAppGetsNoMoreThanWasTicked(t *testing.T) {
	h := newHouse(t)
	v, app := h.owner(), newApp(t, document(map[string]any{"grant_types": []string{"authorization_code", "refresh_token"}}))
	if err := h.settings.SaveLetters(t.Context(), settings.Letters{Every: settings.Never, To: "wren@blog.example", Port: "587", Security: "starttls"}); err != nil {
		t.Fatal(err)
	}
	a := v.get(app.asks("scope", "profile email update")).is(http.StatusOK).says("main", "Know your address for letters, wren@blog.example")
	v.decide(a, "allow", "allow", "email").is(http.StatusUnprocessableEntity).says("#wrong-scope", "or not at all")
	code := v.decide(a, "allow", "allow", "profile", "scope", "profile").answered().Get("code")
	pass, err := h.redeem(app, code, app.URL+"/done")
	if err != nil || strings.Join(pass.Scopes, " ") != "profile" || pass.Expires.Sub(h.clock.now()) > time.Hour {
		t.Errorf("got %+v, %v", pass, err)
	}
	fields := a.fields("main form")
	fields["allow"], fields["do"] = []string{"profile", "delete", "media", "admin"}, []string{"allow"}
	pass, err = h.redeem(app, v.post("/auth/decide", fields).answered().Get("code"), app.URL+"/done")
	if err != nil || strings.Join(pass.Scopes, " ") != "profile" {
		t.Errorf("what was not asked for is given: %+v, %v", pass, err)
	}
	a = v.get(app.asks("scope", "", "me", "https://somebody.example/")).is(http.StatusOK).says("h1", "Sign in there?").says("main", "There you said").says("main", "learns that address")
	code = v.decide(a, "allow").answered().Get("code")
	if _, err := h.redeem(app, code, app.URL+"/done"); err != auth.ErrNoGrant {
		t.Errorf("without scope: %v", err)
	}
}

func TestAnAnswerGoesOnlyWhereTheAppLives(t *testing.T) {
	h := newHouse(t)
	v, app := h.owner(), newApp(t, document(nil))
	for _, redirect := range []string{"https://evil.example/", "https://other.example/", "https://other.example/done/../x", "evil:/done", app.URL + ".evil.example/", "http://127.0.0.1:1/", "quill:/done?x"} {
		a := v.get(app.asks("redirect_uri", redirect)).is(http.StatusBadRequest)
		if link := attr(a.one("main .go"), "href"); link != "/desk" || strings.Contains(a.header.Get("Content-Security-Policy"), "evil") {
			t.Errorf("%s: the page leads to %s", redirect, link)
		}
	}
	for redirect, origin := range map[string]string{"https://other.example/done": "https://other.example", "quill:/done": "quill:"} {
		a := v.get(app.asks("redirect_uri", redirect)).is(http.StatusOK)
		if got := a.header.Get("Content-Security-Policy"); !strings.Contains(got, "form-action 'self' "+origin+";") {
			t.Errorf("the policy is %q", got)
		}
		a.says("main", "The answer goes to "+strings.TrimPrefix(origin, "https://"))
		if to := v.decide(a, "allow").is(http.StatusSeeOther).header.Get("Location"); !strings.HasPrefix(to, redirect+"?code=") {
			t.Errorf("it leads to %s", to)
		}
		v.decide(a, "allow", "redirect_uri", "https://evil.example/").is(http.StatusBadRequest) // another than was shown
	}
}

func TestARequestThatCannotBeAnsweredIsExplained(t *testing.T) {
	h := newHouse(t)
	v, app := h.owner(), newApp(t, document(nil))
	for _, changes := range [][]string{{"client_id", ""}, {"client_id", "javascript:alert(1)"}, {"redirect_uri", ""}, {"redirect_uri", "javascript:alert(1)"}, {"redirect_uri", app.URL + "/#x"}} {
		a := v.get(app.asks(changes...)).is(http.StatusBadRequest).says("main", "For whoever makes it")
		if attr(a.one("main .go"), "href") != "/desk" {
			t.Errorf("%v: it leads away", changes)
		}
	}
	for code, changes := range map[string][]string{
		"unsupported_response_type": {"response_type", "token"}, "invalid_request": {"code_challenge_method", "plain"}, "invalid_scope": {"scope", `"`},
	} {
		a := v.get(app.asks(changes...)).is(http.StatusBadRequest)
		back, err := url.Parse(attr(a.one("main .go"), "href"))
		if q := back.Query(); err != nil || !strings.HasPrefix(back.String(), app.URL+"/done?") || q.Get("error") != code || q.Get("state") != "xyz" || q.Get("iss") != h.URL+"/" {
			t.Errorf("%v: back to the app is %v", changes, back)
		}
	}
	v.get("/auth").is(http.StatusBadRequest)
	v.get("/auth?%zz").is(http.StatusBadRequest)

	reed := h.person("reed", auth.Author)
	reed.get(app.asks()).is(http.StatusForbidden).says("main", "no page here yet").says("main", "by hand")
	back := attr(reed.get(app.asks("redirect_uri", "quill:/done")).is(http.StatusForbidden).one("main .go"), "href")
	if !strings.HasPrefix(back, "quill:/done?error=access_denied") {
		t.Errorf("back to the app is %s", back)
	}
	reed.post("/auth/decide", v.get(app.asks()).fields("main form")).is(http.StatusForbidden)
}

func TestAnOldAppIsLetInByASwitch(t *testing.T) {
	h := newHouse(t)
	v, app := h.owner(), newApp(t, document(nil))
	old := app.asks("code_challenge", "", "code_challenge_method", "", "response_type", "")
	a := v.get(old).is(http.StatusBadRequest).says("main", "PKCE")
	if got := attr(a.one("main .go"), "href"); !strings.Contains(got, "error=invalid_request") {
		t.Errorf("back to the app is %s", got)
	}
	a = v.get(attr(a.one("main .button:not(.go)"), "href")).is(http.StatusOK)
	if got := a.value("client"); got != app.id {
		t.Errorf("the address is %q", got)
	}
	v.post(appsPath+"/old", url.Values{"do": {"let"}, "client": {"quill"}}).is(http.StatusUnprocessableEntity).one("#wrong-client")
	v.post(appsPath+"/old", url.Values{"client": {app.id}}).is(http.StatusBadRequest)
	v.post(appsPath+"/old", url.Values{"do": {"let"}, "client": {app.id}}).leadsTo(appsPath + "?let")
	a = v.get(old).is(http.StatusOK).says(".banner", "no proof")
	if got := v.decide(a, "allow").answered(); got.Get("code") == "" {
		t.Errorf("the app is told %v", got)
	}
	v.post(appsPath+"/old", url.Values{"do": {"bar"}, "client": {app.id}}).leadsTo(appsPath + "?barred")
	v.get(old).is(http.StatusBadRequest)
	v.decide(a, "allow").is(http.StatusBadRequest)

	h.clock.pass(11 * time.Minute)
	v.post(appsPath+"/old", url.Values{"do": {"let"}, "client": {app.id}}).leadsTo("/desk/account/prove?next=" + url.QueryEscape(appsPath+"?"+url.Values{"old": {app.id}}.Encode()))
}

func TestWhoFindsABrowserOpenLetsNoAppWrite(t *testing.T) {
	h := newHouse(t)
	v, app := h.owner(), newApp(t, document(nil))
	page := v.get(app.asks()).is(http.StatusOK)
	h.clock.pass(11 * time.Minute)
	to := v.get(app.asks()).is(http.StatusSeeOther).header.Get("Location")
	if !strings.HasPrefix(to, "/desk/account/prove?next=%2Fauth%3F") {
		t.Fatalf("it leads to %s", to)
	}
	if again := v.decide(page, "allow").is(http.StatusSeeOther).header.Get("Location"); again != to {
		t.Errorf("the form leads to %s", again)
	}
	proof := v.get(to).is(http.StatusOK).fields("main form")
	proof.Set("proof", ownerPassword)
	v.get(v.post("/desk/account/prove", proof).is(http.StatusSeeOther).header.Get("Location")).is(http.StatusOK).says("h1", "Let this app in?")
	h.clock.pass(11 * time.Minute)
	v.get(app.asks("scope", "profile")).is(http.StatusOK) // says who one is, and no more
	v.decide(page, "deny").is(http.StatusSeeOther)

	v.post("/logout", url.Values{})
	to = v.decide(page, "allow").is(http.StatusSeeOther).header.Get("Location")
	if !strings.HasPrefix(to, "/login?next=%2Fauth%3F") || strings.Contains(to, "allow") {
		t.Errorf("without a session the form leads to %s", to)
	}
}

func TestAFormOfTheAppItselfAllowsNothing(t *testing.T) {
	h := newHouse(t)
	v, app := h.owner(), newApp(t, document(nil))
	fields := v.get(app.asks()).is(http.StatusOK).fields("main form")
	fields.Set("do", "allow")
	for _, header := range []map[string]string{{"Sec-Fetch-Site": "cross-site", "Origin": app.URL}, {"Sec-Fetch-Site": "same-site", "Origin": app.URL}, {"Origin": app.URL}, {"Origin": "null"}} {
		r := h.request(http.MethodPost, "/auth/decide", fields)
		for name, value := range header {
			r.Header.Set(name, value)
		}
		v.do(r).is(http.StatusForbidden)
	}
	v.get("/auth/decide?" + fields.Encode()).is(http.StatusMethodNotAllowed)
}

// Whatever an app answers, its user can still sign in there, and its answer cannot
// go anywhere else.
func TestAnAppThatIsNotReadHasNothingButItsAddress(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		io.WriteString(w, `<link rel=redirect_uri href="https://other.example/done"><b class=h-app>Bank</b>`)
	}))
	t.Cleanup(other.Close)
	for name, describe := range map[string]func(*someApp, http.ResponseWriter, *http.Request){
		"answers 404": func(_ *someApp, w http.ResponseWriter, r *http.Request) { http.NotFound(w, r) },
		"too long": func(_ *someApp, w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			io.WriteString(w, `<link rel=redirect_uri href="https://other.example/done"><b class=h-app>Bank</b>`+strings.Repeat(" ", 2<<20))
		},
		"leads to another host": func(_ *someApp, w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, other.URL, http.StatusFound)
		},
		"that of another app": document(map[string]any{"client_id": "https://bank.example/"}),
		"not the JSON":        document(map[string]any{"redirect_uris": 7}),
	} {
		app := newApp(t, describe)
		a := v.get(app.asks()).is(http.StatusOK).says("main", "could not be read").says("main", name)
		a.says(".app b", strings.TrimPrefix(app.URL, "http://"))
		v.get(app.asks("redirect_uri", "https://other.example/done")).is(http.StatusBadRequest)
		if app.asked.Load() != 1 {
			t.Errorf("%s: it was visited %d times", name, app.asked.Load())
		}
	}
	gone := newApp(t, document(nil))
	gone.Close()
	v.get(gone.asks()).is(http.StatusOK).says("main", "refused the connection")

	private := newApp(t, document(nil))
	private.id = strings.Replace(private.id, "127.0.0.1", "[::1]", 1) // which this house may not visit
	v.get(private.asks()).is(http.StatusBadRequest).says("main", "hark does not visit this address")
	if private.asked.Load() != 0 {
		t.Error("it was visited")
	}
}

func TestManyWhoAskAtOnceVisitAnAppOnce(t *testing.T) {
	h := newHouse(t)
	h.owner()
	app := newApp(t, document(nil))
	known := newClients(fetch.New(fetch.Options{Agent: "hark", Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}), picture.New(), h.clock.now)
	var all sync.WaitGroup
	for range 10 {
		all.Go(func() {
			if found, err := known.look(t.Context(), app.id); err != nil || found.Name != "Quill" {
				t.Errorf("found %+v, %v", found, err)
			}
		})
	}
	all.Wait()
	if n := app.asked.Load(); n != 1 {
		t.Errorf("it was visited %d times", n)
	}
	h.clock.pass(clientLife)
	if _, err := known.look(t.Context(), app.id); err != nil || app.asked.Load() != 2 {
		t.Errorf("after a while it was visited %d times (%v)", app.asked.Load(), err)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	h.clock.pass(clientLife)
	known.look(gone, app.id) // goes away at once
	if found, err := known.look(t.Context(), app.id); err != nil || found.Name != "Quill" {
		t.Errorf("who waits for the same finds %+v, %v", found, err)
	}
}

func TestAnAppThatAnswersSlowlyKeepsNobodyWaiting(t *testing.T) {
	h := newHouse(t)
	h.owner()
	release := make(chan struct{})
	app := newApp(t, func(*someApp, http.ResponseWriter, *http.Request) { <-release })
	defer close(release)
	known := newClients(fetch.New(fetch.Options{Agent: "hark", Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}), picture.New(), h.clock.now)
	known.wait = 50 * time.Millisecond
	for range 2 {
		if found, err := known.look(t.Context(), app.id); err != nil || !strings.Contains(found.Problem, "too long to answer") {
			t.Errorf("found %+v, %v", found, err)
		}
	}
	if n := app.asked.Load(); n != 1 {
		t.Errorf("it was visited %d times", n)
	}
}

func TestAPageOfAnAppThatCannotBeReadEndsItsVisitAlone(t *testing.T) {
	known := newClients(nil, nil, time.Now) // whoever visits with nothing panics
	for range 2 {
		if found, err := known.look(t.Context(), "https://app.example/"); err != nil || found.Problem != unreadable {
			t.Errorf("found %+v, %v", found, err)
		}
	}
}

func TestAppsThatAreRememberedAreBounded(t *testing.T) {
	known := newClients(nil, nil, time.Now)
	for i := range 3 * mostClients {
		l, mine := known.find(fmt.Sprintf("https://app%d.example/", i))
		if !mine {
			t.Fatal("an app is taken for another")
		}
		l.until = time.Now().Add(clientLife)
	}
	if n := len(known.known); n > mostClients {
		t.Errorf("%d are remembered", n)
	}
}
