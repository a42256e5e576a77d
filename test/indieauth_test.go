package test

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// clientApp is a small app of the kind that lives in a page: it finds the doors of
// a site as the standard says, sends its user there, and fetches its token by a
// script, from another origin than that of the site.
type clientApp struct {
	*httptest.Server
	t        *testing.T
	id       string
	verifier string
	issuer   string
	auth     string // endpoints that it found
	token    string
}

func newClientApp(t *testing.T, site string) *clientApp {
	t.Helper()
	a := &clientApp{t: t, verifier: rand.Text() + rand.Text()}
	mux := http.NewServeMux()
	mux.HandleFunc("/{$}", a.describe)
	mux.HandleFunc("/start", a.start)
	mux.HandleFunc("/done", a.done)
	mux.HandleFunc("/post", a.post)
	a.Server = httptest.NewServer(mux)
	t.Cleanup(a.Close)
	a.id = strings.Replace(a.URL, "127.0.0.1", "localhost", 1) + "/"
	a.find(site)
	return a
}

// find reads the home page's header, and what it leads to.
func (a *clientApp) find(site string) {
	a.t.Helper()
	res, err := http.Head(site)
	if err != nil {
		a.t.Fatal(err)
	}
	found := regexp.MustCompile(`<([^>]*)>; rel="indieauth-metadata"`).FindStringSubmatch(res.Header.Get("Link"))
	if found == nil {
		a.t.Fatalf("no metadata are announced in %q", res.Header.Get("Link"))
	}
	if res, err = http.Get(found[1]); err != nil {
		a.t.Fatal(err)
	}
	defer res.Body.Close()
	var said struct {
		Issuer string `json:"issuer"`
		Auth   string `json:"authorization_endpoint"`
		Token  string `json:"token_endpoint"`
	}
	if err := json.NewDecoder(res.Body).Decode(&said); err != nil || !strings.HasPrefix(found[1], said.Issuer) {
		a.t.Fatalf("the metadata are %+v (%v)", said, err)
	}
	a.issuer, a.auth, a.token = said.Issuer, said.Auth, said.Token
}

func (a *clientApp) describe(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(map[string]any{"client_id": a.id, "client_name": "Foreshore", "client_uri": a.id, "redirect_uris": []string{a.id + "done"}})
}

func (a *clientApp) asks(scope string) string {
	sum := sha256.Sum256([]byte(a.verifier))
	return a.auth + "?" + url.Values{
		"response_type": {"code"}, "client_id": {a.id}, "redirect_uri": {a.id + "done"}, "state": {"a state & more"}, "scope": {scope},
		"code_challenge": {base64.RawURLEncoding.EncodeToString(sum[:])}, "code_challenge_method": {"S256"}, "me": {a.issuer},
	}.Encode()
}

func (a *clientApp) start(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	fmt.Fprintf(w, `<!doctype html><title>Foreshore</title><a id="in" href="%s">Sign in</a>`, html.EscapeString(a.asks(r.FormValue("scope"))))
}

func (a *clientApp) done(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	q := r.URL.Query()
	if q.Get("state") != "a state & more" || q.Get("iss") != a.issuer {
		fmt.Fprintf(w, `<!doctype html><p id="said">mixed up: %s</p>`, html.EscapeString(r.URL.RawQuery))
		return
	}
	if q.Get("error") != "" {
		fmt.Fprintf(w, `<!doctype html><p id="said">%s</p>`, html.EscapeString(q.Get("error")))
		return
	}
	form, _ := json.Marshal(url.Values{"grant_type": {"authorization_code"}, "code": {q.Get("code")}, "client_id": {a.id}, "redirect_uri": {a.id + "done"}, "code_verifier": {a.verifier}}.Encode())
	fmt.Fprintf(w, `<!doctype html><p id="said">…</p><script>
fetch(%q, {method: "POST", headers: {"Content-Type": "application/x-www-form-urlencoded", Accept: "application/json"}, body: %s})
	.then(r => r.text(), e => "failed: " + e).then(t => document.getElementById("said").textContent = t.trim())
</script>`, a.token, form)
}

// post finds the door for posts by a script, and writes there.
func (a *clientApp) post(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	fmt.Fprintf(w, `<!doctype html><p id="said">…</p><script>
const said = text => document.getElementById("said").textContent = text
fetch(%q).then(r => /<([^>]*)>; rel="micropub"/.exec(r.headers.get("Link"))[1]).then(door => fetch(door, {
	method: "POST", headers: {"Content-Type": "application/json", Authorization: "Bearer " + %q},
	body: JSON.stringify({type: ["h-entry"], properties: {content: ["From the dunes"]}}),
})).then(r => said(r.status + " " + r.headers.get("Location")), e => said("failed: " + e))
</script>`, a.issuer, r.FormValue("token"))
}

func TestAnAppInABrowserIsLetIn(t *testing.T) {
	t.Parallel()
	s := start(t, "HARK_AUTH_LOG=file:"+t.TempDir()+"/auth.log")
	s.owner()
	a := newClientApp(t, s.url)
	b := newBrowser(t)

	b.visit(a.id + "start?scope=profile+create")
	b.press("#in") // to the login page, and back
	b.fill("input[name=username]", ownerName)
	b.fill("input[name=password]", ownerPassword)
	b.press("form[action='/login'] button")
	if words := b.words(); !strings.Contains(words, "Foreshore") || !strings.Contains(words, "localhost:") || !strings.Contains(words, s.url+"/") {
		t.Fatalf("the page of consent says %q", words)
	}
	for _, scheme := range []string{"light", "dark"} {
		for _, width := range []int64{320, 360, 1280} {
			b.look(width, scheme)
			if wide := b.measure("document.documentElement.scrollWidth - innerWidth"); wide > 0 {
				t.Errorf("at %d px the page of consent is %v px too wide", width, wide)
			}
			b.picture(fmt.Sprintf("indieauth-consent-%d-%s", width, scheme))
		}
	}
	b.press("button[name=do][value=allow]")
	b.becomes("#said", "access_token")
	var got struct {
		Token, Scope, Me string
		Access           string `json:"access_token"`
		Profile          struct{ Name string }
	}
	if err := json.Unmarshal([]byte(b.text("#said")), &got); err != nil || got.Me != s.url+"/" || got.Scope != "profile create" || got.Profile.Name == "" {
		t.Fatalf("the app has %s (%v)", b.text("#said"), err)
	}
	r, err := http.NewRequest("POST", s.url+"/micropub", strings.NewReader("h=entry&content=From+the+foreshore"))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Authorization", "Bearer "+got.Access)
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	io.Copy(io.Discard, res.Body)
	res.Body.Close()
	if res.StatusCode != http.StatusCreated {
		t.Errorf("its post is answered %d", res.StatusCode)
	}

	b.visit(a.id + "post?token=" + got.Access)
	b.becomes("#said", "201 "+s.url+"/")

	b.visit(a.id + "start?scope=")
	b.press("#in")
	b.picture("indieauth-identity")
	b.press("button[name=do][value=deny]")
	b.becomes("#said", "access_denied")

	b.visit(s.url + "/desk/account/apps")
	for _, width := range []int64{360, 1280} {
		b.look(width, "light")
		b.picture(fmt.Sprintf("indieauth-apps-%d", width))
	}
	for name, asks := range map[string]string{
		"indieauth-refused": strings.Replace(a.asks("create"), "S256", "plain", 1),
		"indieauth-old":     strings.NewReplacer("code_challenge=", "x=", "code_challenge_method", "y").Replace(a.asks("create")),
	} {
		if status := b.follow(chromedp.Navigate(asks)); status != http.StatusBadRequest {
			t.Errorf("%s is answered %d", name, status)
		}
		b.picture(name)
	}
	b.press("main .go") // back to the app, with the reason
	b.becomes("#said", "invalid_request")

	thief := from(t, "127.0.0.61")
	for _, door := range []string{"/token", "/auth", "/token"} {
		if got := thief.post(s.url+door, url.Values{"grant_type": {"authorization_code"}, "code": {"made up"}, "client_id": {a.id}, "redirect_uri": {a.id + "done"}}); got.status != http.StatusBadRequest {
			t.Errorf("a code that was made up is answered %d", got.status)
		}
	}
	want := []string{"Accepted login for " + ownerName + " (indieauth) from 127.0.0.1"}
	for range 3 {
		want = append(want, "Authentication failure for - (indieauth) from 127.0.0.61")
	}
	eventually(t, 5*time.Second, "each attempt is one line", func() error {
		got := slices.DeleteFunc(authLines(t, s), func(line string) bool { return !strings.Contains(line, "(indieauth)") })
		if !slices.Equal(got, want) {
			return fmt.Errorf("the auth log holds %q, want %q", got, want)
		}
		return nil
	})
	if found := matches(t, "hark-auth", strings.TrimPrefix(s.setting("HARK_AUTH_LOG"), "file:")); !slices.Equal(found, []string{"127.0.0.61", "127.0.0.61", "127.0.0.61"}) {
		t.Errorf("the filter finds %q", found)
	}
}
