package test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// helper calls the methods of micropub-helper, which apps are made with: it reads a
// line of JSON for each call, its name and arguments, and writes one with what became of
// it. Files stand in the arguments as {base64, name, type}. Its verifyToken is left
// alone: it sends a GET without q, which Micropub does not know.
const helper = `const [modules, settings] = process.argv.slice(1)
const rels = require(modules + '/rel-parser')
rels.relParser = rels // as its version 2 calls it, which differs from 1.1 in that and its types
const { Micropub } = require(modules + '/micropub-helper')
const app = new Micropub(JSON.parse(settings))
const file = (_, v) => v && v.base64 ? new File([Buffer.from(v.base64, 'base64')], v.name, { type: v.type }) : v
const own = { options: () => app.options, set: options => { app.options = options } }
require('readline').createInterface({ input: process.stdin }).on('line', async line => {
	const [name, ...args] = JSON.parse(line, file)
	let said
	try {
		said = { value: await (own[name] || app[name].bind(app))(...args) }
	} catch (e) {
		said = { error: e.message, status: e.status, text: typeof e.error == 'string' ? e.error : '' }
	}
	console.log(JSON.stringify(said))
})`

// helperApp is an app made with micropub-helper.
type helperApp struct {
	t        *testing.T
	calls    *json.Encoder
	said     *bufio.Scanner
	redirect string
}

func newHelperApp(t *testing.T, me, scope string) *helperApp {
	t.Helper()
	modules := filepath.Join(npmPeers(t), "node_modules")
	id := "http://localhost" + strings.TrimPrefix(listenOn(t, "127.0.0.1", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `<!doctype html><title>Saltmarsh</title><div class="h-app"><a class="u-url p-name" href="/">Saltmarsh</a></div>`)
	}), "http://127.0.0.1") + "/"
	a := &helperApp{t: t, redirect: id + "done"}
	settings, err := json.Marshal(map[string]string{"me": me, "clientId": id, "redirectUri": a.redirect, "state": "a state & more", "scope": scope})
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(peer(t, "node", "nodejs"), "-e", helper, modules, string(settings))
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	r, w := io.Pipe()
	cmd.Stdout, cmd.Stderr = w, &output{}
	dieWithParent(cmd)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		w.CloseWithError(cmd.Wait())
		close(done)
	}()
	t.Cleanup(func() {
		in.Close()
		<-done
		if t.Failed() {
			t.Logf("the app printed:\n%s", cmd.Stderr)
		}
	})
	a.calls, a.said = json.NewEncoder(in), bufio.NewScanner(r)
	a.said.Buffer(nil, 1<<20)
	return a
}

// outcome is what became of a call.
type outcome struct {
	Value       json.RawMessage
	Error, Text string
	Status      int
}

func (a *helperApp) try(name string, args ...any) (o outcome) {
	a.t.Helper()
	if err := a.calls.Encode(append([]any{name}, args...)); err != nil {
		a.t.Fatal(err)
	}
	if !a.said.Scan() {
		a.t.Fatalf("%s: the app ended: %v", name, a.said.Err())
	}
	if err := json.Unmarshal(a.said.Bytes(), &o); err != nil {
		a.t.Fatalf("%s: %v in %s", name, err, a.said.Bytes())
	}
	return o
}

// call is a call that has to succeed, and what it gives.
func call[V any](a *helperApp, name string, args ...any) (v V) {
	a.t.Helper()
	o := a.try(name, args...)
	if o.Error != "" {
		a.t.Fatalf("%s: %s (%d) %s", name, o.Error, o.Status, o.Text)
	}
	if o.Value == nil {
		return v
	}
	if err := json.Unmarshal(o.Value, &v); err != nil {
		a.t.Fatalf("%s: %v in %s", name, err, o.Value)
	}
	return v
}

// allow presses the button of the page of consent as it stands there.
func (v *visitor) allow(s *site, address string) *url.URL {
	v.t.Helper()
	asked := v.get(address)
	if asked.status != http.StatusOK {
		v.t.Fatalf("the page of consent answers %d:\n%s", asked.status, asked.body)
	}
	form := url.Values{"do": {"allow"}}
	for _, field := range all(parse(v.t, asked.body), "form[action='/auth/decide'] input[type=hidden], form[action='/auth/decide'] input[checked], select[name=life] option[selected]") {
		name := attr(field, "name")
		if field.Data == "option" {
			name = "life"
		}
		form.Add(name, attr(field, "value"))
	}
	decided := v.post(s.url+"/auth/decide", form)
	to, err := url.Parse(decided.header.Get("Location"))
	if decided.status != http.StatusSeeOther || err != nil {
		v.t.Fatalf("consent answers %d to %q (%v)", decided.status, decided.header.Get("Location"), err)
	}
	return to
}

type properties = map[string][]any

func TestAnAppMadeWithAPublicClientWritesHere(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.owner()
	owner := from(t, "127.0.0.1")
	owner.login(s)
	app := newHelperApp(t, s.url+"/", "create update delete undelete media")

	asked := call[string](app, "getAuthUrl")
	found := call[map[string]string](app, "options")
	for name, want := range map[string]string{"micropubEndpoint": "/micropub", "authEndpoint": "/auth", "tokenEndpoint": "/token"} {
		if found[name] != s.url+want {
			t.Errorf("the app finds %q for %s", found[name], name)
		}
	}
	back := owner.allow(s, asked)
	if got := back.Query(); !strings.HasPrefix(back.String(), app.redirect+"?") || got.Get("state") != "a state & more" || got.Get("iss") != s.url+"/" {
		t.Fatalf("the app is answered at %s", back)
	}
	if token := call[string](app, "getToken", back.Query().Get("code")); token == "" {
		t.Fatal("the app has no token")
	}
	config := call[struct {
		Media string `json:"media-endpoint"`
		Q     []string
	}](app, "query", "config")
	if config.Media != s.url+"/media" || !slices.Contains(config.Q, "source") {
		t.Fatalf("config is %+v", config)
	}
	call[any](app, "set", map[string]string{"mediaEndpoint": config.Media})

	t.Run("a note", func(t *testing.T) {
		app.t = t
		note := call[string](app, "create", map[string]any{"type": []string{"h-entry"}, "properties": properties{"content": {"Eleven millimetres since breakfast."}, "category": {"rain"}}})
		entry(t, note, ".e-content", "Eleven millimetres since breakfast.")

		moved := call[string](app, "update", note, map[string]any{"replace": properties{"content": {"Twelve by noon."}}, "add": properties{"category": {"noon"}, "name": {"Rain"}}, "delete": []string{"photo"}})
		if moved != "" && moved != note {
			note = moved
		}
		entry(t, note, ".e-content", "Twelve by noon.")
		call[any](app, "update", note, map[string]any{"delete": properties{"category": {"rain"}}})
		source := call[struct{ Properties properties }](app, "querySource", note, []string{"category", "content", "name"})
		if got := fmt.Sprint(source.Properties); got != "map[category:[noon] content:[Twelve by noon.] name:[Rain]]" {
			t.Errorf("its source is %s", got)
		}

		call[any](app, "delete", note)
		if got := owner.get(note).status; got != http.StatusGone {
			t.Errorf("deleted, it answers %d", got)
		}
		call[any](app, "undelete", note)
		entry(t, note, ".e-content", "Twelve by noon.")
	})
	t.Run("an article", func(t *testing.T) {
		app.t = t
		article := call[string](app, "create", map[string]any{"h": "entry", "name": "A jam jar & six years", "content": "It was *never* meant to last.", "category": []string{"rain", "glass"}, "mp-slug": "jam-jar"}, "form")
		if !strings.HasSuffix(article, "/jam-jar") {
			t.Errorf("it is at %s", article)
		}
		entry(t, article, ".p-name", "A jam jar & six years")
		entry(t, article, ".e-content em", "never")
		entry(t, article, ".p-category", "rain")
	})
	t.Run("photos", func(t *testing.T) {
		app.t = t
		at := call[string](app, "postMedia", map[string]any{"base64": []byte(view(t, 9)), "name": "morning.png", "type": "image/png"})
		photo := call[string](app, "create", map[string]any{"type": []string{"h-entry"}, "properties": properties{"content": {"Low water."}, "photo": {map[string]string{"value": at, "alt": "The marsh at low water"}}}})
		if img := entry(t, photo, "img.u-photo", ""); attr(img, "alt") != "The marsh at low water" {
			t.Errorf("the photo says %q", attr(img, "alt"))
		}
		evening := map[string]any{"base64": []byte(view(t, 20)), "name": "evening.png", "type": "image/png"}
		photo = call[string](app, "create", map[string]any{"h": "entry", "content": "High water.", "photo": evening, "mp-photo-alt": "The marsh at high water"}, "multipart")
		if img := entry(t, photo, "img.u-photo", ""); attr(img, "alt") != "The marsh at high water" {
			t.Errorf("the photo that came with its post says %q", attr(img, "alt"))
		}
	})
	t.Run("a list", func(t *testing.T) {
		app.t = t
		type page struct {
			Items  []struct{ Properties properties }
			Paging struct{ After string }
		}
		var seen []any
		for asked := map[string]any{"limit": 3}; ; {
			p := call[page](app, "querySource", asked)
			for _, item := range p.Items {
				seen = append(seen, item.Properties["content"]...)
			}
			if p.Paging.After == "" {
				break
			}
			asked["after"] = p.Paging.After
		}
		if got := fmt.Sprint(seen); got != "[High water. Low water. It was *never* meant to last. Twelve by noon.]" {
			t.Errorf("the posts are %s", got)
		}
	})
	t.Run("what is wrong", func(t *testing.T) {
		app.t = t
		if o := app.try("querySource", s.url+"/2026/nowhere"); o.Status != http.StatusBadRequest || !strings.Contains(o.Text, "there is no post at this address") {
			t.Errorf("an address of nothing: %d %s", o.Status, o.Text)
		}
		call[any](app, "set", map[string]string{"token": "made up"})
		if o := app.try("query", "config"); o.Status != http.StatusUnauthorized {
			t.Errorf("a token that nobody has: %d %s", o.Status, o.Text)
		}
	})
}

// entry is the first part of a post's page that matches, which has to say these words.
func entry(t *testing.T, address, selector, words string) *html.Node {
	t.Helper()
	found := all(from(t, "127.0.0.1").page(address), ".h-entry "+selector)
	if len(found) == 0 || strings.TrimSpace(text(found[0])) != words {
		t.Fatalf("%s has %d of %s, of which the first does not say %q", address, len(found), selector, words)
	}
	return found[0]
}
