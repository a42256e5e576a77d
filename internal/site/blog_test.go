package site

import (
	"bytes"
	"context"
	"fmt"
	"html/template"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/andybalholm/cascadia"
	"github.com/go-chi/chi/v5"
	"golang.org/x/net/html"
	"willnorris.com/go/microformats"

	"hark/internal/auth"
	"hark/internal/auth/authtest"
	"hark/internal/authlog"
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

// public is the address of the blog in tests. It is not where its server listens:
// no address on a page may come from the request.
const public = "https://tidewrack.example"

// blog is a site with all rooms below it, behind a real server.
type blog struct {
	*httptest.Server
	*Site
	t     testing.TB
	db    *database.DB
	queue *queue.Queue
	wren  *auth.User
	at    time.Time
	seen  *auth.User // who is signed in
	hub   string     // of WebSub

	alog    *authlog.Log
	authLog string // its file
	folder  string // of its media
}

// newBlog opens a blog that Wren owns.
func newBlog(t testing.TB) *blog {
	t.Helper()
	b := newEmptyBlog(t)
	b.wren = authtest.Add(t, b.db, "wren", "Wren Adair", "four plain words suffice", auth.Owner, b.at)
	b.choose(func(s *settings.Site) { s.Title, s.Author, s.Description = "Tidewrack", "Wren Adair", "Rain, mostly." })
	return b
}

// assets and templates are made once for all tests, so that each page is parsed once.
var (
	assets    = sync.OnceValues(func() (*page.Static, error) { return page.NewStatic(web.Static) })
	languages = sync.OnceValues(func() (*words.Library, error) { return words.Open(web.Words) })
	templates = sync.OnceValues(func() (*page.Templates, error) {
		static, err := assets()
		if err != nil {
			return nil, err
		}
		languages, err := languages()
		if err != nil {
			return nil, err
		}
		return page.NewTemplates(web.Templates, template.FuncMap{"asset": static.Asset}, languages), nil
	})
)

// newEmptyBlog opens a blog as it is at the first start.
func newEmptyBlog(t testing.TB) *blog {
	t.Helper()
	b := &blog{t: t, db: database.Test(t), at: time.Now().UTC().Truncate(time.Second), folder: filepath.Join(t.TempDir(), "media")}
	b.authLog = filepath.Join(t.TempDir(), "auth.log")
	alog, err := authlog.Open("file:"+b.authLog, "hark")
	if err != nil {
		t.Fatal(err)
	}
	b.alog = alog
	t.Cleanup(func() { alog.Close() })
	b.open()
	return b
}

// restarted is the blog as another process would serve it from the same database: one
// that has kept nothing.
func (b *blog) restarted() *blog {
	b.t.Helper()
	r := &blog{t: b.t, db: b.db, at: b.at, folder: b.folder, wren: b.wren, hub: b.hub, alog: b.alog}
	r.open()
	return r
}

// open makes the rooms above the database, and serves them.
func (b *blog) open() {
	t, alog := b.t, b.alog
	t.Helper()
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	now := func() time.Time { return b.at }
	b.queue = queue.New(b.db, log, now)
	store, choices := posts.New(b.db, b.queue, public, now), settings.New(b.db)
	warden := guard.New(alog, guard.DefaultBudgets(), now)
	static, err := assets()
	if err != nil {
		t.Fatal(err)
	}
	pages, err := templates()
	if err != nil {
		t.Fatal(err)
	}
	library, err := languages()
	if err != nil {
		t.Fatal(err)
	}
	gate := auth.New(b.db, alog, now)
	rooms := mentions.Rooms{
		DB: b.db, Queue: b.queue, Posts: store, Settings: choices, Writers: gate.Writers, Guard: warden, Log: log, Now: now, URL: public, Languages: library,
		Fetch: fetch.New(fetch.Options{Agent: "hark", Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}),
	}
	files, err := media.New(b.db, b.folder, picture.New(), nil, now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { files.Close() })
	inbox := mentions.NewInbox(rooms)
	b.Site = New(Options{
		Visitors: NewVisitors(public, visitors.Options{DB: b.db, Fetch: rooms.Fetch, Now: now}),
		URL:      public, Posts: store, Settings: choices, Gate: gate, Guard: warden, Media: files, Inbox: inbox, Outbox: mentions.NewOutbox(rooms, inbox),
		Pages:  pages,
		Errors: page.NewErrors(pages, log, func(context.Context) page.Site { return page.Site{Name: "Tidewrack"} }),
		Cache:  page.NewCache(b.db, 8<<20), Static: static,
		Who: func(*http.Request) *auth.User { return b.seen }, HasOwner: gate.HasOwner, Ping: b.db.Ping, Now: now,
		Hub: func(context.Context) (string, error) { return b.hub, nil },
	})
	router := chi.NewRouter()
	router.Use(guard.ClientIP(nil))
	b.Site.Routes(router)
	b.Server = httptest.NewServer(b.Site.Front(router))
	t.Cleanup(b.Server.Close)
}

// choose changes settings.
func (b *blog) choose(change func(*settings.Site)) {
	b.t.Helper()
	site, err := b.Settings.Site(b.t.Context())
	if err != nil {
		b.t.Fatal(err)
	}
	change(&site)
	if err := b.Settings.Save(b.t.Context(), site); err != nil {
		b.t.Fatal(err)
	}
}

// publish saves a post of Wren's that was written some time ago.
func (b *blog) publish(ago time.Duration, p posts.Post) *posts.Post {
	b.t.Helper()
	p.Status, p.Published = posts.Published, b.at.Add(-ago)
	return b.save(p)
}

func (b *blog) save(p posts.Post) *posts.Post {
	b.t.Helper()
	p.AuthorID = b.wren.ID
	if err := b.Posts.Save(b.t.Context(), &p); err != nil {
		b.t.Fatal(err)
	}
	return &p
}

// answered has others mention a post by pages of theirs: each is the inside of an
// article, on a host of its own, with the post's address for %s. It returns the
// pages' addresses.
func (b *blog) answered(p *posts.Post, pages ...string) []string {
	b.t.Helper()
	listener, err := net.Listen("tcp", "0.0.0.0:0")
	if err != nil {
		b.t.Fatal(err)
	}
	others := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var n int
		if _, err := fmt.Sscanf(r.URL.Path, "/%d", &n); err != nil || n >= len(pages) {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprintf(w, `<!doctype html><title>Page %d</title><article class="h-entry">%s</article>`,
			n, strings.ReplaceAll(pages[n], "%s", public+p.Path))
	}))
	others.Listener.Close()
	others.Listener = listener
	others.Start()
	b.t.Cleanup(others.Close)

	var sources []string
	for n := range pages {
		source := fmt.Sprintf("http://127.0.%d.%d:%d/%d", 10+n/200, n%200+1, listener.Addr().(*net.TCPAddr).Port, n)
		if _, err := b.Inbox.Receive(b.t.Context(), mentions.Webmention, source, public+p.Path, netip.MustParseAddr("203.0.113.5")); err != nil {
			b.t.Fatal(err)
		}
		sources = append(sources, source)
	}
	if err := b.queue.Drain(b.t.Context()); err != nil {
		b.t.Fatal(err)
	}
	return sources
}

// reading is what a visitor was told.
type reading struct {
	*http.Response
	body string
	doc  *html.Node
}

// ask sends a request with headers as "Name: value", and follows nothing.
func (b *blog) ask(method, path string, headers ...string) reading {
	b.t.Helper()
	req, err := http.NewRequest(method, b.Server.URL+path, nil)
	if err != nil {
		b.t.Fatal(err)
	}
	req.Header.Set("Accept-Encoding", "identity")
	if b.seen != nil {
		req.Header.Set("Cookie", "hark=session")
	}
	return b.carry(req, headers)
}

// carry sends a request with further headers as "Name: value", and follows nothing.
func (b *blog) carry(req *http.Request, headers []string) reading {
	b.t.Helper()
	for _, header := range headers {
		name, value, _ := strings.Cut(header, ": ")
		req.Header.Set(name, value)
	}
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		b.t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return read(b.t, res, body)
}

func read(t testing.TB, res *http.Response, body []byte) reading {
	t.Helper()
	doc, err := html.Parse(bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	return reading{res, string(body), doc}
}

// get reads a page that must be there.
func (b *blog) get(path string) reading {
	b.t.Helper()
	r := b.ask(http.MethodGet, path)
	if r.StatusCode != http.StatusOK {
		b.t.Fatalf("GET %s answers %d, want 200", path, r.StatusCode)
	}
	return r
}

// all finds elements by a CSS selector.
func (r reading) all(selector string) []*html.Node {
	return cascadia.QueryAll(r.doc, cascadia.MustCompile(selector))
}

// texts are the words of the elements that a selector finds.
func (r reading) texts(selector string) []string {
	var all []string
	for _, n := range r.all(selector) {
		all = append(all, wordsIn(n))
	}
	return all
}

// one is the only element that a selector finds.
func (r reading) one(t testing.TB, selector string) *html.Node {
	t.Helper()
	found := r.all(selector)
	if len(found) != 1 {
		t.Fatalf("%d elements %s on the page, want 1:\n%s", len(found), selector, r.body)
	}
	return found[0]
}

// item is the page's first microformats item.
func (r reading) item(t testing.TB, path string) *microformats.Microformat {
	t.Helper()
	base, err := url.Parse(public + path)
	if err != nil {
		t.Fatal(err)
	}
	for _, item := range microformats.ParseNode(r.doc, base).Items {
		if item.Type[0] == "h-entry" || item.Type[0] == "h-feed" {
			return item
		}
	}
	t.Fatalf("no h-entry and no h-feed on %s", path)
	return nil
}

func wordsIn(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data + " ")
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}
