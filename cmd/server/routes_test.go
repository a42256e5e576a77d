package main

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-chi/chi/v5"

	"hark/internal/auth"
	"hark/internal/auth/authtest"
	"hark/internal/authlog"
	"hark/internal/database"
	"hark/internal/guard"
	"hark/internal/media"
)

// route is what the house promises of an address.
type route struct {
	path   string // an example that is there
	allow  string // the methods that are taken
	status int    // of a reader's GET; 200 when zero
	limit  int    // of what is posted, in bytes; where it is zero a body is not read
	door   bool   // for programs elsewhere: no cookie opens it, no origin is asked for
	apart  bool   // the answer is the same whoever is signed in, so nobody asks
}

const (
	reads  = "GET, HEAD"
	writes = "POST"
	either = "GET, HEAD, POST"
	small  = 64 << 10
	large  = 1 << 20
	toDesk = http.StatusSeeOther // to the login page, for those who are not signed in
)

// routes are all addresses of hark. One that is not here fails the test: whoever
// adds it says here what it promises. POST, MENTION and FACE stand for what the
// test has made.
var routes = map[string]route{
	"/":                          {path: "/", allow: reads},
	"/kind/{kind}":               {path: "/kind/article", allow: reads},
	"/tag/{tag}":                 {path: "/tag/rain", allow: reads},
	"/archive":                   {path: "/archive", allow: reads},
	"/about":                     {path: "/about", allow: reads},
	"/search":                    {path: "/search", allow: reads},
	"/on-this-day":               {path: "/on-this-day", allow: reads},
	"/opensearch.xml":            {path: "/opensearch.xml", allow: reads, apart: true},
	"/metrics":                   {path: "/metrics", allow: reads, status: 404},
	"/healthz":                   {path: "/healthz", allow: reads, apart: true},
	"/robots.txt":                {path: "/robots.txt", allow: reads, apart: true},
	"/sitemap.xml":               {path: "/sitemap.xml", allow: reads, apart: true},
	"/sitemap-{part:[0-9]+}.xml": {path: "/sitemap-1.xml", allow: reads, apart: true},
	"/theme.css":                 {path: "/theme.css", allow: reads, apart: true},
	"/custom.css":                {path: "/custom.css", allow: reads, apart: true, status: 404},
	"/preview/{name}":            {path: "/preview/none.png", allow: reads, apart: true, status: 404},
	"/favicon.ico":               {path: "/favicon.ico", allow: reads, apart: true},
	"/static/*":                  {path: "/static/mark.svg", allow: reads, apart: true},
	"/faces/{name}":              {path: "/faces/none", allow: reads, apart: true, status: 404},
	"/feed.atom":                 {path: "/feed.atom", allow: reads, apart: true},
	"/feed.rss":                  {path: "/feed.rss", allow: reads, apart: true},
	"/feed.json":                 {path: "/feed.json", allow: reads, apart: true},
	"/mentions.jf2":              {path: "/mentions.jf2", allow: reads, apart: true},
	"/api/count":                 {path: "/api/count?target=https%3A%2F%2Fblog.example%2F", allow: reads, apart: true},
	"/{year:[0-9]{4}}":           {path: "/YEAR", allow: reads},

	"/api/mentions.jf2":                                {path: "/api/mentions.jf2", allow: reads, apart: true},
	"/mentions/feed.atom":                              {path: "/mentions/feed.atom", allow: reads, apart: true},
	"/mentions/feed.rss":                               {path: "/mentions/feed.rss", allow: reads, apart: true},
	"/mentions/feed.json":                              {path: "/mentions/feed.json", allow: reads, apart: true},
	"/kind/{kind}/feed.atom":                           {path: "/kind/article/feed.atom", allow: reads, apart: true},
	"/kind/{kind}/feed.rss":                            {path: "/kind/article/feed.rss", allow: reads, apart: true},
	"/kind/{kind}/feed.json":                           {path: "/kind/article/feed.json", allow: reads, apart: true},
	"/tag/{tag}/feed.atom":                             {path: "/tag/rain/feed.atom", allow: reads, apart: true},
	"/tag/{tag}/feed.rss":                              {path: "/tag/rain/feed.rss", allow: reads, apart: true},
	"/tag/{tag}/feed.json":                             {path: "/tag/rain/feed.json", allow: reads, apart: true},
	"/author/{name}":                                   {path: "/author/wren", allow: reads},
	"/author/{name}/feed.atom":                         {path: "/author/wren/feed.atom", allow: reads, apart: true},
	"/author/{name}/feed.rss":                          {path: "/author/wren/feed.rss", allow: reads, apart: true},
	"/author/{name}/feed.json":                         {path: "/author/wren/feed.json", allow: reads, apart: true},
	"/about/answers/{page}":                            {path: "/about/answers/2", allow: reads, status: 404},
	"/{year:[0-9]{4}}/{month:[0-9]{2}}":                {path: "/YEAR/MONTH", allow: reads},
	"/{year:[0-9]{4}}/{slug}":                          {path: "/YEAR/rain", allow: reads},
	"/{year:[0-9]{4}}/{slug}/answers/{page}":           {path: "/YEAR/rain/answers/2", allow: reads, status: 404},
	"/{year:[0-9]{4}}/{slug}/feed.atom":                {path: "/YEAR/rain/feed.atom", allow: reads, apart: true},
	"/{year:[0-9]{4}}/{slug}/feed.rss":                 {path: "/YEAR/rain/feed.rss", allow: reads, apart: true},
	"/{year:[0-9]{4}}/{slug}/feed.json":                {path: "/YEAR/rain/feed.json", allow: reads, apart: true},
	"/series/{series}":                                 {path: "/series/rain", allow: reads, status: 404},
	"/{year:[0-9]{4}}/{month:[0-9]{2}}/{day:[0-9]{2}}": {path: "/YEAR/MONTH/00", allow: reads, status: 404},

	"/webmention":                {path: "/webmention", allow: either, limit: small, door: true, apart: true},
	"/webmention/{id:[0-9a-z]+}": {path: "/webmention/MENTION", allow: reads, apart: true},
	"/pingback":                  {path: "/pingback", allow: writes, limit: small, door: true},
	"/media":                     {path: "/media", allow: "GET, HEAD, POST, OPTIONS", limit: media.MaxBytes + small, door: true, apart: true, status: 401},
	"/media/{name}":              {path: "/media/0123456789abcdef0123456789abcdef.jpg", allow: reads, apart: true, status: 404},
	"/micropub":                  {path: "/micropub", allow: "GET, HEAD, POST, OPTIONS", limit: large, door: true, apart: true, status: 401},

	"/auth":             {path: "/auth", allow: "GET, HEAD, POST, OPTIONS", limit: small, door: true, status: toDesk},
	"/auth/decide":      {path: "/auth/decide", allow: writes, limit: small},
	"/auth/logo/{name}": {path: "/auth/logo/none", allow: reads, status: toDesk},
	"/token":            {path: "/token", allow: "POST, OPTIONS", limit: small, door: true},
	"/revoke":           {path: "/revoke", allow: "POST, OPTIONS", limit: small, door: true},
	"/introspect":       {path: "/introspect", allow: "POST, OPTIONS", limit: small, door: true},
	"/userinfo":         {path: "/userinfo", allow: "GET, HEAD, OPTIONS", status: 401, apart: true},
	"/.well-known/oauth-authorization-server": {path: "/.well-known/oauth-authorization-server", allow: reads, apart: true},

	"/for-you":        {path: "/for-you", allow: either, limit: small, status: 404}, // until its door is opened
	"/for-you/back":   {path: "/for-you/back", allow: reads, status: 404},
	"/for-you/out":    {path: "/for-you/out", allow: writes},
	"/for-you/client": {path: "/for-you/client", allow: reads, status: 404, apart: true},

	"/desk/settings/look":            {path: "/desk/settings/look", allow: either, limit: large, status: toDesk},
	"/desk/settings/look/sample.css": {path: "/desk/settings/look/sample.css", allow: reads, status: toDesk},

	"/login":                        {path: "/login", allow: either, limit: small},
	"/login/passkey":                {path: "/login/passkey", allow: writes},
	"/login/code":                   {path: "/login/code", allow: either, limit: small, status: toDesk},
	"/logout":                       {path: "/logout", allow: writes},
	"/setup":                        {path: "/setup", allow: either, limit: small, status: 403},
	"/reset":                        {path: "/reset", allow: either, limit: small, status: 403},
	"/invite":                       {path: "/invite", allow: either, limit: small, status: 403},
	"/desk":                         {path: "/desk", allow: reads, status: toDesk},
	"/desk/write":                   {path: "/desk/write", allow: either, limit: large, status: toDesk},
	"/desk/write/{id}":              {path: "/desk/write/POST", allow: either, limit: large, status: toDesk},
	"/desk/preview":                 {path: "/desk/preview", allow: writes, limit: large},
	"/desk/copy":                    {path: "/desk/copy", allow: writes, limit: large},
	"/desk/media":                   {path: "/desk/media", allow: either, limit: small, status: toDesk},
	"/desk/media/words":             {path: "/desk/media/words", allow: writes, limit: large},
	"/desk/media/{id}":              {path: "/desk/media/none", allow: writes, limit: small},
	"/desk/find":                    {path: "/desk/find", allow: reads, status: toDesk},
	"/desk/share":                   {path: "/desk/share", allow: reads, status: toDesk},
	"/site.webmanifest":             {path: "/site.webmanifest", allow: reads},
	"/desk/posts":                   {path: "/desk/posts", allow: reads, status: toDesk},
	"/desk/posts/{id}":              {path: "/desk/posts/POST", allow: writes, limit: small},
	"/desk/posts/{id}/revisions":    {path: "/desk/posts/POST/revisions", allow: either, limit: small, status: toDesk},
	"/desk/templates":               {path: "/desk/templates", allow: reads, status: toDesk},
	"/desk/templates/{id}":          {path: "/desk/templates/none", allow: either, limit: large, status: toDesk},
	"/desk/inbox":                   {path: "/desk/inbox", allow: either, limit: small, status: toDesk},
	"/desk/inbox/undo":              {path: "/desk/inbox/undo", allow: either, limit: small, status: toDesk},
	"/desk/inbox/rules":             {path: "/desk/inbox/rules", allow: either, limit: small, status: toDesk},
	"/desk/inbox/rules/{id}":        {path: "/desk/inbox/rules/none", allow: writes, limit: small},
	"/desk/inbox/{id}":              {path: "/desk/inbox/MENTION", allow: either, limit: small, status: toDesk},
	"/desk/outbox":                  {path: "/desk/outbox", allow: reads, status: toDesk},
	"/desk/outbox/{id}":             {path: "/desk/outbox/none", allow: writes, limit: small},
	"/desk/settings":                {path: "/desk/settings", allow: either, limit: large, status: toDesk},
	"/desk/settings/answers":        {path: "/desk/settings/answers", allow: either, limit: large, status: toDesk},
	"/desk/settings/telling":        {path: "/desk/settings/telling", allow: either, limit: large, status: toDesk},
	"/desk/settings/letters":        {path: "/desk/settings/letters", allow: either, limit: small, status: toDesk},
	"/desk/settings/readers":        {path: "/desk/settings/readers", allow: either, limit: small, status: toDesk},
	"/desk/defence":                 {path: "/desk/defence", allow: reads, status: toDesk},
	"/desk/defence/bans":            {path: "/desk/defence/bans", allow: writes, limit: small},
	"/desk/defence/budgets":         {path: "/desk/defence/budgets", allow: writes, limit: small},
	"/desk/people":                  {path: "/desk/people", allow: reads, status: toDesk},
	"/desk/people/{id}":             {path: "/desk/people/none", allow: writes, limit: small},
	"/desk/people/invitations":      {path: "/desk/people/invitations", allow: writes, limit: small},
	"/desk/people/invitations/{id}": {path: "/desk/people/invitations/none", allow: writes, limit: small},
	"/desk/account":                 {path: "/desk/account", allow: reads, status: toDesk},
	"/desk/account/sessions":        {path: "/desk/account/sessions", allow: writes, limit: small},
	"/desk/account/devices":         {path: "/desk/account/devices", allow: writes, limit: small},
	"/desk/account/name":            {path: "/desk/account/name", allow: writes, limit: small},
	"/desk/account/password":        {path: "/desk/account/password", allow: writes, limit: small},
	"/desk/account/news":            {path: "/desk/account/news", allow: writes, limit: small},
	"/desk/account/page":            {path: "/desk/account/page", allow: either, limit: small, status: toDesk},
	"/desk/account/activity":        {path: "/desk/account/activity", allow: reads, status: toDesk},
	"/desk/account/apps":            {path: "/desk/account/apps", allow: either, limit: small, status: toDesk},
	"/desk/account/apps/new":        {path: "/desk/account/apps/new", allow: either, limit: small, status: toDesk},
	"/desk/account/apps/old":        {path: "/desk/account/apps/old", allow: writes, limit: small},
	"/desk/account/apps/{id}":       {path: "/desk/account/apps/none", allow: writes, limit: small},
	"/desk/account/prove":           {path: "/desk/account/prove", allow: either, limit: small, status: toDesk},
	"/desk/account/passkeys":        {path: "/desk/account/passkeys", allow: either, limit: small, status: toDesk},
	"/desk/account/passkeys/new":    {path: "/desk/account/passkeys/new", allow: either, limit: small, status: toDesk},
	"/desk/account/passkeys/begin":  {path: "/desk/account/passkeys/begin", allow: writes},
	"/desk/account/passkeys/{id}":   {path: "/desk/account/passkeys/none", allow: writes, limit: small},
	"/desk/account/codes":           {path: "/desk/account/codes", allow: either, limit: small, status: toDesk},
	"/desk/account/codes/key.png":   {path: "/desk/account/codes/key.png", allow: reads, status: toDesk},
}

// promised are the headers of security.md §5, on every answer.
var promised = map[string]string{
	"Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self'; " +
		"connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
	"X-Content-Type-Options":     "nosniff",
	"Referrer-Policy":            "strict-origin-when-cross-origin",
	"Permissions-Policy":         "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
	"Cross-Origin-Opener-Policy": "same-origin",
	"Strict-Transport-Security":  "max-age=31536000",
}

// editors are the headers of the editor, where a check-in may ask for the place of
// its writer; and of the pages by which a browser installs the site as an app.
func editors(path, name, want string) string {
	editor := path == "/desk/write" || strings.HasPrefix(path, "/desk/write/")
	switch {
	case name == "Permissions-Policy" && editor:
		return strings.Replace(want, "geolocation=()", "geolocation=(self)", 1)
	case name == "Content-Security-Policy" && (editor || path == "/desk/share"):
		return want + "; manifest-src 'self'"
	}
	return want
}

const stranger = "evil.example" // what no answer may name, though requests do

// visit is a house with an owner, a post and a mention, and what asks it.
type visit struct {
	t        *testing.T
	house    *house
	https    bool
	cookie   string
	token    string
	examples *strings.Replacer
}

const plainWords = "four plain words suffice"

func visitHouse(t *testing.T, address string) *visit {
	t.Helper()
	alog, err := authlog.Open("file:"+filepath.Join(t.TempDir(), "auth.log"), "hark")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { alog.Close() })
	s := settings{url: address, https: strings.HasPrefix(address, "https:"), media: t.TempDir()}
	db := database.Test(t)
	h, err := build(s, db, alog)
	if err != nil {
		t.Fatal(err)
	}
	v := &visit{t: t, house: h, https: s.https, examples: strings.NewReplacer()}
	authtest.Add(t, db, "wren", "Wren", plainWords, auth.Owner, time.Now())
	if v.token, err = h.gate.NewToken(t.Context(), "wren", "create update delete undelete media", "test"); err != nil {
		t.Fatal(err)
	}
	v.cookie = v.signIn()
	v.makeExamples()
	return v
}

func (v *visit) signIn() (cookies string) {
	v.t.Helper()
	res := v.ask(v.request("POST", "/login", "username=wren&password="+url.QueryEscape(plainWords)))
	if res.Code != http.StatusSeeOther {
		v.t.Fatalf("login is answered %d:\n%s", res.Code, res.Body)
	}
	for _, c := range res.Result().Cookies() {
		cookies += c.Name + "=" + c.Value + "; "
	}
	return strings.TrimSuffix(cookies, "; ")
}

func (v *visit) makeExamples() {
	v.t.Helper()
	r := v.request("POST", "/micropub", "h=entry&name=Rain&content=Eleven+millimetres&category=rain&mp-slug=rain")
	r.Header.Set("Authorization", "Bearer "+v.token)
	res := v.ask(r)
	post := res.Header().Get("Location")
	if res.Code != http.StatusCreated {
		v.t.Fatalf("micropub is answered %d:\n%s", res.Code, res.Body)
	}
	res = v.ask(v.request("POST", "/webmention", url.Values{"source": {"https://other.example/reply"}, "target": {post}}.Encode()))
	_, mention, _ := strings.Cut(res.Header().Get("Location"), "/webmention/")
	if res.Code != http.StatusCreated {
		v.t.Fatalf("webmention is answered %d:\n%s", res.Code, res.Body)
	}
	list := v.ask(v.owner(v.request("GET", "/desk/posts", "")))
	id := regexp.MustCompile(`/desk/write/([0-9a-z]+)`).FindStringSubmatch(list.Body.String())
	if id == nil {
		v.t.Fatalf("the list of posts has none:\n%s", list.Body)
	}
	month := regexp.MustCompile(`datetime="\d{4}-(\d\d)`).FindStringSubmatch(v.ask(v.request("GET", "/", "")).Body.String())
	address, err := url.Parse(post)
	if err != nil || month == nil {
		v.t.Fatal(post, err, month)
	}
	v.examples = strings.NewReplacer("YEAR", address.Path[1:5], "MONTH", month[1], "POST", id[1], "MENTION", mention)
}

// request is one that claims to be for another host, and comes from a page of ours.
func (v *visit) request(method, path, body string) *http.Request {
	r := httptest.NewRequestWithContext(v.t.Context(), method, "http://"+stranger+v.examples.Replace(path), strings.NewReader(body))
	r.Header.Set("X-Forwarded-Host", stranger)
	r.Header.Set("Forwarded", "host="+stranger)
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	if body != "" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	return r
}

func (v *visit) owner(r *http.Request) *http.Request {
	r.Header.Set("Cookie", v.cookie)
	return r
}

// ask asks, and holds the answer against what is promised of all.
func (v *visit) ask(r *http.Request) *httptest.ResponseRecorder {
	v.t.Helper()
	what := r.Method + " " + r.URL.RequestURI()
	res := httptest.NewRecorder()
	v.house.handler.ServeHTTP(res, r)
	for name, want := range promised {
		if name == "Strict-Transport-Security" && !v.https {
			want = ""
		}
		if res.Code == http.StatusOK {
			want = editors(r.URL.Path, name, want)
		}
		if got := strings.Join(res.Header().Values(name), ", "); got != want {
			v.t.Errorf("%s is answered %d with %s %q, want %q", what, res.Code, name, got, want)
		}
	}
	if all := fmt.Sprint(res.Header()) + res.Body.String(); strings.Contains(all, stranger) {
		v.t.Errorf("%s is answered %d with the host that the request named", what, res.Code)
	}
	if res.Code >= 400 && r.Method != http.MethodHead && res.Body.Len() == 0 {
		v.t.Errorf("%s is answered %d without a word", what, res.Code)
	}
	if len(res.Result().Cookies()) > 0 && !strings.Contains(res.Header().Get("Cache-Control"), "no-store") {
		v.t.Errorf("%s sets a cookie, and Cache-Control is %q", what, res.Header().Get("Cache-Control"))
	}
	return res
}

// all are the routes of the house, and what is promised of each.
func (v *visit) all() map[string]route {
	v.t.Helper()
	found := map[string]route{}
	err := chi.Walk(v.house.routes, func(_, pattern string, _ http.Handler, _ ...func(http.Handler) http.Handler) error {
		promise, known := routes[pattern]
		if bare := strings.TrimSuffix(pattern, "/"); !known && bare != pattern {
			promise, known = routes[bare]
			promise.path += "/"
			promise.status, promise.apart = http.StatusMovedPermanently, true
		}
		if !known {
			v.t.Errorf("the route %s is not in the table: say there what it promises", pattern)
			return nil
		}
		found[pattern] = promise
		return nil
	})
	if err != nil {
		v.t.Fatal(err)
	}
	for pattern := range routes {
		if _, there := found[pattern]; !there {
			v.t.Errorf("the route %s is in the table only", pattern)
		}
	}
	return found
}

func (r route) takes(method string) bool {
	return slices.Contains(strings.Split(r.allow, ", "), method)
}

func TestEveryRouteKeepsItsPromises(t *testing.T) {
	for _, address := range []string{"http://blog.example", "https://blog.example"} {
		v := visitHouse(t, address)
		all := v.all()
		for _, pattern := range slices.Sorted(maps.Keys(all)) {
			promise := all[pattern]
			t.Run(address+pattern, func(t *testing.T) {
				v := &visit{t, v.house, v.https, v.cookie, v.token, v.examples}
				v.methods(promise)
				v.readers(promise)
				v.caches(promise)
				v.origins(promise)
				v.bodies(promise)
			})
		}
	}
}

func TestTheOpenDoorOfReadersKeepsItsPromises(t *testing.T) {
	v := visitHouse(t, "https://blog.example")
	if res := v.ask(v.owner(v.request("POST", "/desk/settings/readers", "do=save&readers=yes"))); res.Code != http.StatusSeeOther {
		t.Fatalf("opening it is answered %d", res.Code)
	}
	for pattern, status := range map[string]int{"/for-you": 200, "/for-you/back": 401, "/for-you/out": 0, "/for-you/client": 200} {
		promise := routes[pattern]
		promise.status = status
		t.Run(pattern, func(t *testing.T) {
			v := &visit{t, v.house, v.https, v.cookie, v.token, v.examples}
			v.methods(promise)
			v.readers(promise)
			v.caches(promise)
			v.origins(promise)
			v.bodies(promise)
		})
	}
}

// methods: what is not taken is answered 405, with what is.
func (v *visit) methods(promise route) {
	v.t.Helper()
	for _, method := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND"} {
		if promise.takes(method) {
			continue
		}
		res := v.ask(v.request(method, promise.path, ""))
		want := promise.allow
		if method == "PROPFIND" && promise.path == "/pingback" {
			want = either // the router does not hand on what it has never heard of, and knows of no method that this door refuses
		}
		if got := strings.Join(res.Header().Values("Allow"), ", "); res.Code != http.StatusMethodNotAllowed || got != want {
			v.t.Errorf("%s is answered %d with Allow %q, want 405 and %q", method, res.Code, got, want)
		}
	}
}

// readers: GET and HEAD are answered alike.
func (v *visit) readers(promise route) {
	v.t.Helper()
	if !promise.takes("GET") {
		return
	}
	want := promise.status
	if want == 0 {
		want = http.StatusOK
	}
	for _, method := range []string{"GET", "HEAD"} {
		if res := v.ask(v.request(method, promise.path, "")); res.Code != want {
			v.t.Errorf("%s is answered %d, want %d", method, res.Code, want)
		}
	}
}

// caches: what was made for somebody is kept by nobody.
func (v *visit) caches(promise route) {
	v.t.Helper()
	if !promise.takes("GET") {
		return
	}
	res := v.ask(v.owner(v.request("GET", promise.path, "")))
	if got := res.Header().Get("Cache-Control"); !promise.apart && got != "private, no-store" {
		v.t.Errorf("the owner is answered %d with Cache-Control %q", res.Code, got)
	}
	plain := v.ask(v.request("GET", promise.path, ""))
	if promise.apart && (res.Code != plain.Code || res.Body.String() != plain.Body.String()) {
		v.t.Error("the owner gets another answer than readers do")
	}
}

// origins: a form of another site can do nothing by the owner's cookie, and the
// doors take what comes from anywhere.
func (v *visit) origins(promise route) {
	v.t.Helper()
	if !promise.takes("POST") {
		return
	}
	for _, headers := range []map[string]string{
		{"Sec-Fetch-Site": "cross-site", "Origin": "https://elsewhere.example"},
		{"Sec-Fetch-Site": "same-site", "Origin": "https://other.blog.example"},
		{"Sec-Fetch-Site": "", "Origin": "https://elsewhere.example"},
		{"Sec-Fetch-Site": "", "Origin": "null"},
	} {
		r := v.owner(v.request("POST", promise.path, "do=nothing"))
		for name, value := range headers {
			r.Header.Set(name, value)
			if value == "" {
				r.Header.Del(name)
			}
		}
		res := v.ask(r)
		if promise.door == (res.Code == http.StatusForbidden) || res.Code < 400 && !promise.door {
			v.t.Errorf("from elsewhere (%v) it is answered %d", headers, res.Code)
		}
		if promise.door && len(res.Result().Cookies()) > 0 {
			v.t.Errorf("the door sets the cookies %v", res.Result().Cookies())
		}
	}
}

// unknown is a body whose length is not told beforehand.
type unknown struct{ io.Reader }

// bodies: one byte too many is too many, whether it was announced or not.
func (v *visit) bodies(promise route) {
	v.t.Helper()
	if promise.limit == 0 {
		v.unread(promise)
		return
	}
	for _, announced := range []bool{true, false} {
		r := v.owner(v.request("POST", promise.path, "text="+strings.Repeat("a", promise.limit)))
		if promise.door {
			r.Header.Del("Cookie")
			r.Header.Set("Authorization", "Bearer "+v.token)
		}
		switch promise.path {
		case "/pingback":
			r.Header.Set("Content-Type", "text/xml")
		case "/media": // nothing is read of a form that holds no file
			head := "--x\r\nContent-Disposition: form-data; name=file; filename=a.pdf\r\n\r\n%PDF-"
			r.Header.Set("Content-Type", "multipart/form-data; boundary=x")
			r.Body = io.NopCloser(io.MultiReader(strings.NewReader(head), r.Body))
			r.ContentLength += int64(len(head))
		}
		if !announced {
			r.ContentLength, r.Body = -1, io.NopCloser(unknown{r.Body})
		}
		if res := v.ask(r); res.Code != http.StatusRequestEntityTooLarge {
			v.t.Errorf("a body of more than %d bytes (announced: %v) is answered %d, want 413", promise.limit, announced, res.Code)
		}
	}
	if promise.door || promise.path == "/login" { // those have budgets
		return
	}
	r := v.owner(v.request("POST", promise.path, "none="+strings.Repeat("a", promise.limit-5)))
	if res := v.ask(r); res.Code == http.StatusRequestEntityTooLarge {
		v.t.Errorf("a body of %d bytes is answered 413", promise.limit)
	}
}

// unread: of a body that means nothing here no byte is read.
func (v *visit) unread(promise route) {
	v.t.Helper()
	if !promise.takes("POST") {
		return
	}
	if promise.path == "/logout" {
		kept := v.cookie
		defer func() { v.cookie = kept }()
		v.cookie = v.signIn()
	}
	r := v.owner(v.request("POST", promise.path, "x"))
	untouched := &counted{strings.NewReader("x"), 0}
	r.ContentLength, r.Body = -1, io.NopCloser(untouched)
	if res := v.ask(r); untouched.bytes > 0 {
		v.t.Errorf("it is answered %d, and %d bytes of the body are read", res.Code, untouched.bytes)
	}
}

// counted counts what is read of it.
type counted struct {
	io.Reader
	bytes int
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.bytes += n
	return n, err
}

func TestWhoeverIsBannedIsToldSoWithTheSameHeaders(t *testing.T) {
	v := visitHouse(t, "https://blog.example")
	r := v.request("GET", "/", "")
	from, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		t.Fatal(err)
	}
	if err := v.house.bans.Add(t.Context(), guard.Ban{Network: netip.PrefixFrom(from.Addr(), 32), By: "test"}); err != nil {
		t.Fatal(err)
	}
	if err := v.house.bans.Look(t.Context()); err != nil {
		t.Fatal(err)
	}
	if res := v.ask(r); res.Code != http.StatusForbidden {
		t.Errorf("somebody banned is answered %d, want 403", res.Code)
	}
}

func TestAfterTheLoginNobodyIsLedAway(t *testing.T) {
	v := visitHouse(t, "https://blog.example")
	for next, want := range map[string]string{
		"":                             "/desk/write",
		"/desk/inbox?state=held":       "/desk/inbox?state=held",
		"//" + stranger:                "/desk/write",
		"https://" + stranger + "/":    "/desk/write",
		`/\` + stranger:                "/desk/write",
		"/\t/" + stranger:              "/desk/write",
		"javascript:alert(1)":          "/desk/write",
		"/%09/" + stranger:             "",
		"/" + strings.Repeat("/", 3):   "/desk/write",
		"\\\\" + stranger:              "/desk/write",
		"https:" + stranger:            "/desk/write",
		"/.//" + stranger + "/../desk": "",
	} {
		for _, r := range []*http.Request{
			v.owner(v.request("GET", "/login?next="+url.QueryEscape(next), "")),
			v.request("POST", "/login", url.Values{"username": {"wren"}, "password": {plainWords}, "next": {next}}.Encode()),
		} {
			res := httptest.NewRecorder() // ask would take the path of ours that next is for the host it names
			v.house.handler.ServeHTTP(res, r)
			got := res.Header().Get("Location")
			if want != "" && got != want || res.Code != http.StatusSeeOther || !strings.HasPrefix(got, "/") || strings.HasPrefix(got, "//") {
				t.Errorf("%s with next=%q is answered %d and leads to %q, want %q", r.Method, next, res.Code, got, want)
			}
		}
	}
}
