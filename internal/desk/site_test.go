package desk

import (
	"context"
	"html/template"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/andybalholm/cascadia"
	"github.com/go-chi/chi/v5"
	"golang.org/x/net/html"

	"hark/internal/auth"
	"hark/internal/auth/authtest"
	"hark/internal/authlog"
	"hark/internal/courier"
	"hark/internal/database"
	"hark/internal/fetch"
	"hark/internal/guard"
	"hark/internal/media"
	"hark/internal/mentions"
	"hark/internal/page"
	"hark/internal/picture"
	"hark/internal/posts"
	"hark/internal/queue"
	"hark/internal/settings"
	"hark/internal/visitors"
	"hark/internal/words"
	"hark/web"
)

const (
	ownerName     = "wren"
	ownerPassword = "four plain words suffice"
)

// clock is a time that tests move.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// house is a desk with all rooms below it, behind a real server.
type house struct {
	*httptest.Server
	t        testing.TB
	clock    *clock
	db       *database.DB
	queue    *queue.Queue
	gate     *auth.Gate
	posts    *posts.Store
	guard    *guard.Guard
	bans     *guard.Bans
	authlog  *authlog.Log
	inbox    *mentions.Inbox
	outbox   *mentions.Outbox
	media    *media.Store
	visitors *visitors.Book
	settings *settings.Store
	router   chi.Router
	alog     *authlog.Log
	authLog  string // its file
}

// newHouse opens a house whose public address is the server's own, or with
// https as well, another.
func newHouse(t testing.TB, public ...string) *house {
	t.Helper()
	h := &house{t: t, clock: &clock{at: time.Now()}, db: database.Test(t), router: chi.NewRouter()}
	h.Server = httptest.NewServer(h.router)
	t.Cleanup(h.Server.Close)
	address := h.URL
	if len(public) > 0 {
		address = public[0]
	}
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	h.authLog = filepath.Join(t.TempDir(), "auth.log")
	alog, err := authlog.Open("file:"+h.authLog, "hark")
	if err != nil {
		t.Fatal(err)
	}
	h.alog = alog
	t.Cleanup(func() { alog.Close() })
	h.queue = queue.New(h.db, log, h.clock.now)
	h.gate = auth.New(h.db, alog, h.clock.now)
	h.posts = posts.New(h.db, h.queue, address, h.clock.now)
	h.settings = settings.New(h.db)
	h.authlog = alog
	h.guard = guard.New(alog, guard.DefaultBudgets(), h.clock.now)
	h.guard.Books().Keep(h.db)
	h.guard.Follow(h.db, settings.Generation, func(ctx context.Context) (guard.Budgets, error) {
		chosen, err := h.settings.Defence(ctx)
		budgets := guard.DefaultBudgets()
		budgets.Address, budgets.Junk = chosen.Address.Limit(), chosen.Junk.Limit()
		return budgets, err
	})
	h.bans = guard.NewBans(guard.BanOptions{DB: h.db, Now: h.clock.now, SparedBy: settings.Generation, Spared: func(ctx context.Context) ([]netip.Prefix, error) {
		chosen, err := h.settings.Defence(ctx)
		return chosen.Spared.All(), err
	}})
	if err := h.bans.Look(context.Background()); err != nil {
		t.Fatal(err)
	}
	visitor := fetch.New(fetch.Options{Agent: "hark", Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})
	rooms := mentions.Rooms{
		DB: h.db, Queue: h.queue, Posts: h.posts, Settings: h.settings, Log: log, Now: h.clock.now, URL: address, Akismet: newAkismet(t),
		Writers: h.gate.Writers, Guard: h.guard,
		Fetch: visitor,
	}
	pictures := picture.New()
	if h.media, err = media.New(h.db, filepath.Join(t.TempDir(), "media"), pictures, Besides(h.gate, h.settings), h.clock.now); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.media.Close() })
	carrier := courier.New(courier.Rooms{DB: h.db, Queue: h.queue, Posts: h.posts, Media: h.media, Fetch: visitor, Log: log, Now: h.clock.now, URL: address})
	rooms.Came = carrier.Came
	h.inbox = mentions.NewInbox(rooms)
	h.outbox = mentions.NewOutbox(rooms, h.inbox)
	h.visitors = visitors.New(visitors.Options{DB: h.db, Fetch: visitor, Now: h.clock.now})
	passkeys, err := auth.NewPasskeys(h.gate, address)
	if err != nil {
		t.Fatal(err)
	}
	pages, err := deskPages()
	if err != nil {
		t.Fatal(err)
	}
	failures := page.NewErrors(pages, log, func(context.Context) page.Site { return page.Site{Name: "hark"} })
	h.router.Use(guard.ClientIP(nil))
	New(Options{
		URL: address, Gate: h.gate, Passkeys: passkeys, Posts: h.posts, Inbox: h.inbox, Outbox: h.outbox, Courier: carrier, Settings: h.settings,
		Guard: h.guard, Bans: h.bans, AuthLog: alog, Queue: h.queue, Fetch: visitor, Pictures: pictures, Media: h.media, Visitors: h.visitors,
		Pages: pages, Errors: failures, Log: log, Now: h.clock.now,
	}).Routes(h.router)
	return h
}

// newAkismet stands in for the service, and knows every key but one.
func newAkismet(t testing.TB) string {
	t.Helper()
	service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/1.1/verify-key" && r.PostFormValue("api_key") != "strange" {
			io.WriteString(w, "valid")
			return
		}
		io.WriteString(w, "invalid")
	}))
	t.Cleanup(service.Close)
	return service.URL
}

// deskPages are one for all tests, so that each page is parsed once.
var deskPages = sync.OnceValues(func() (*page.Templates, error) {
	static, err := page.NewStatic(web.Static)
	if err != nil {
		return nil, err
	}
	german, err := fs.ReadFile(web.Words, "de.json")
	if err != nil {
		return nil, err
	}
	languages, err := words.Open(fstest.MapFS{"de.json": {Data: german}, "he.json": {Data: []byte(hebrew)}})
	if err != nil {
		return nil, err
	}
	return page.NewTemplates(web.Templates, template.FuncMap{"asset": static.Asset}, languages), nil
})

// work has the queue do what is due.
func (h *house) work() {
	h.t.Helper()
	if err := h.queue.Drain(context.Background()); err != nil {
		h.t.Fatal(err)
	}
}

// visitor keeps cookies and does not follow redirects.
type visitor struct {
	h *house
	*http.Client
}

func (h *house) visitor() *visitor {
	jar, err := cookiejar.New(nil)
	if err != nil {
		h.t.Fatal(err)
	}
	return &visitor{h, &http.Client{
		Jar:           jar,
		Timeout:       30 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// owner makes the owner's account, if there is none, and signs in.
func (h *house) owner() *visitor {
	h.t.Helper()
	if has, err := h.gate.HasOwner(context.Background()); err != nil {
		h.t.Fatal(err)
	} else if !has {
		authtest.Add(h.t, h.db, ownerName, "Wren Adair", ownerPassword, auth.Owner, h.clock.now())
	}
	v := h.visitor()
	v.post("/login", url.Values{"username": {ownerName}, "password": {ownerPassword}}).leadsTo("/desk/write")
	return v
}

// answer is what a visitor was told.
type answer struct {
	t      testing.TB
	status int
	header http.Header
	body   string
}

func (v *visitor) do(r *http.Request) *answer {
	v.h.t.Helper()
	res, err := v.Do(r)
	if err != nil {
		v.h.t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		v.h.t.Fatal(err)
	}
	return &answer{v.h.t, res.StatusCode, res.Header, string(body)}
}

func (v *visitor) get(path string) *answer {
	v.h.t.Helper()
	return v.do(v.h.request(http.MethodGet, path, nil))
}

// post sends a form as a page of the same site would.
func (v *visitor) post(path string, fields url.Values) *answer {
	v.h.t.Helper()
	r := v.h.request(http.MethodPost, path, fields)
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return v.do(r)
}

func (h *house) request(method, path string, fields url.Values) *http.Request {
	h.t.Helper()
	var body io.Reader
	if fields != nil {
		body = strings.NewReader(fields.Encode())
	}
	r, err := http.NewRequest(method, h.URL+path, body)
	if err != nil {
		h.t.Fatal(err)
	}
	if fields != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	return r
}

// is expects a status.
func (a *answer) is(status int) *answer {
	a.t.Helper()
	if a.status != status {
		a.t.Fatalf("got status %d, want %d:\n%s", a.status, status, a.body)
	}
	return a
}

// leadsTo expects a redirect after a form.
func (a *answer) leadsTo(path string) *answer {
	a.t.Helper()
	a.is(http.StatusSeeOther)
	if got := a.header.Get("Location"); got != path {
		a.t.Fatalf("it leads to %q, want %q", got, path)
	}
	return a
}

func (a *answer) doc() *html.Node {
	a.t.Helper()
	doc, err := html.Parse(strings.NewReader(a.body))
	if err != nil {
		a.t.Fatal(err)
	}
	return doc
}

// all finds elements by a CSS selector.
func (a *answer) all(selector string) []*html.Node {
	a.t.Helper()
	return cascadia.QueryAll(a.doc(), cascadia.MustCompile(selector))
}

// one finds an element that must be there once.
func (a *answer) one(selector string) *html.Node {
	a.t.Helper()
	found := a.all(selector)
	if len(found) != 1 {
		a.t.Fatalf("%d elements fit %s, want 1, in:\n%s", len(found), selector, a.body)
	}
	return found[0]
}

// says expects words in an element.
func (a *answer) says(selector, words string) *answer {
	a.t.Helper()
	if got := text(a.one(selector)); !strings.Contains(got, words) {
		a.t.Errorf("%s says %q, want %q", selector, got, words)
	}
	return a
}

// value is what stands in a form's field.
func (a *answer) value(name string) string {
	a.t.Helper()
	n := a.one(`[name="` + name + `"]`)
	if n.Data == "textarea" {
		if n.FirstChild == nil {
			return ""
		}
		return n.FirstChild.Data
	}
	if n.Data == "select" {
		return selected(n)
	}
	return attr(n, "value")
}

// fields are what a browser would send of the page's form.
func (a *answer) fields(form string) url.Values {
	a.t.Helper()
	fields := url.Values{}
	for _, n := range a.all(form + " input[name], " + form + " textarea[name], " + form + " select[name]") {
		switch {
		case inTemplate(n):
		case n.Data == "select":
			fields.Add(attr(n, "name"), selected(n))
		case n.Data == "textarea" && n.FirstChild != nil:
			fields.Add(attr(n, "name"), n.FirstChild.Data)
		case (attr(n, "type") == "radio" || attr(n, "type") == "checkbox") && !has(n, "checked"):
		default:
			fields.Add(attr(n, "name"), attr(n, "value"))
		}
	}
	return fields
}

// inTemplate tells whether something is there for scripts alone.
func inTemplate(n *html.Node) bool {
	for a := range n.Ancestors() {
		if a.Data == "template" {
			return true
		}
	}
	return false
}

// selected is the value of the option that is chosen, else of the first.
func selected(n *html.Node) string {
	options := cascadia.QueryAll(n, cascadia.MustCompile("option"))
	for _, option := range options {
		if has(option, "selected") {
			return attr(option, "value")
		}
	}
	return attr(options[0], "value")
}

func text(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func has(n *html.Node, name string) bool {
	for _, a := range n.Attr {
		if a.Key == name {
			return true
		}
	}
	return false
}

// user is the owner as the gate knows him.
func (h *house) user() *auth.User {
	h.t.Helper()
	s, err := h.gate.Login(context.Background(), ownerName, ownerPassword, "", netip.MustParseAddr("192.0.2.1"), "")
	if err != nil {
		h.t.Fatal(err)
	}
	return &s.User
}

// fill leaves the database no room for another page.
func (h *house) fill() {
	h.t.Helper()
	err := h.db.InTx(context.Background(), func(tx *database.Tx) error {
		var pages int
		return tx.QueryRow("PRAGMA max_page_count = 1").Scan(&pages) // it stays as large as it is
	})
	if err != nil {
		h.t.Fatal(err)
	}
}
