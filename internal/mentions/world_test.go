package mentions

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"hark/internal/auth"
	"hark/internal/authlog"
	"hark/internal/database"
	"hark/internal/fetch"
	"hark/internal/guard"
	"hark/internal/posts"
	"hark/internal/queue"
	"hark/internal/settings"
)

const ourSite = "https://ours.example"

// stranger is who sends mentions in these tests.
var stranger = netip.MustParseAddr("203.0.113.7")

// world is our blog, with a clock that the test moves.
type world struct {
	t        testing.TB
	db       *database.DB
	queue    *queue.Queue
	posts    *posts.Store
	settings *settings.Store
	guard    *guard.Guard
	authlog  *authlog.Log
	logfile  string
	inbox    *Inbox
	outbox   *Outbox
	author   string
	rooms    Rooms

	mu    sync.Mutex
	clock time.Time
	since time.Time // the clock goes by itself since then, if ever
}

func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{t: t, db: database.Test(t), author: database.NewID(), clock: time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)}
	w.logfile = filepath.Join(t.TempDir(), "auth.log")
	var err error
	if w.authlog, err = authlog.Open("file:"+w.logfile, "hark"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.authlog.Close() })
	log := slog.New(slog.DiscardHandler)
	w.queue = queue.New(w.db, log, w.now)
	w.posts = posts.New(w.db, w.queue, ourSite, w.now)
	w.settings = settings.New(w.db)
	w.guard = guard.New(w.authlog, guard.DefaultBudgets(), w.now)
	w.rooms = Rooms{
		DB: w.db, Queue: w.queue, Posts: w.posts, Settings: w.settings, Writers: auth.New(w.db, w.authlog, w.now).Writers, Guard: w.guard, Log: log, Now: w.now, URL: ourSite,
		Fetch: fetch.New(fetch.Options{Agent: "hark test", Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}}),
	}
	w.inbox = NewInbox(w.rooms)
	w.outbox = NewOutbox(w.rooms, w.inbox)
	w.exec("INSERT INTO users (id, name, display_name, role, password, created_at) VALUES ($1, 'writer', 'Writer', 'owner', '', 0)", w.author)
	return w
}

func (w *world) now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.since.IsZero() {
		return w.clock
	}
	return w.clock.Add(time.Since(w.since))
}

// run does the jobs as they come, on a clock that goes, until the test ends.
func (w *world) run() {
	w.mu.Lock()
	w.since = time.Now()
	w.mu.Unlock()
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { w.queue.Run(ctx); close(done) }()
	w.t.Cleanup(func() { stop(); <-done })
}

func (w *world) pass(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.clock = w.clock.Add(d)
}

func (w *world) exec(query string, args ...any) {
	w.t.Helper()
	err := w.db.InTx(context.Background(), func(tx *database.Tx) error {
		_, err := tx.Exec(query, args...)
		return err
	})
	w.must(err)
}

func (w *world) number(query string, args ...any) (n int) {
	w.t.Helper()
	w.must(w.db.QueryRow(context.Background(), query, args...).Scan(&n))
	return n
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// post publishes a note, and does what follows from it.
func (w *world) post(content string) *posts.Post {
	w.t.Helper()
	p := &posts.Post{AuthorID: w.author, Status: posts.Published, Content: content}
	w.save(p)
	return p
}

func (w *world) save(p *posts.Post) {
	w.t.Helper()
	w.must(w.posts.Save(context.Background(), p))
	w.drain()
}

func (w *world) drain() {
	w.t.Helper()
	w.must(w.queue.Drain(context.Background()))
}

// after lets time pass and does what is due then.
func (w *world) after(d time.Duration) {
	w.t.Helper()
	w.pass(d)
	w.drain()
}

func (w *world) receive(source, target string) Receipt {
	w.t.Helper()
	return w.receiveVia(Webmention, source, target)
}

func (w *world) receiveVia(via Via, source, target string) Receipt {
	w.t.Helper()
	r, err := w.inbox.Receive(context.Background(), via, source, target, stranger)
	w.must(err)
	return r
}

// arrive receives a mention and reads its source.
func (w *world) arrive(source, target string) *Mention {
	w.t.Helper()
	r := w.receive(source, target)
	w.drain()
	return w.mention(r.ID)
}

func (w *world) mention(id string) *Mention {
	w.t.Helper()
	m, err := w.inbox.ByID(context.Background(), id)
	w.must(err)
	return m
}

// expect says which state a mention should be in.
func (w *world) expect(id string, want State) *Mention {
	w.t.Helper()
	m := w.mention(id)
	if m.State != want {
		w.t.Fatalf("the mention of %s is %s (%q), want %s", m.Source, m.State, m.Reason, want)
	}
	return m
}

func (w *world) decide(id string, d Decision) {
	w.t.Helper()
	_, err := w.inbox.Decide(context.Background(), d, "Writer", id)
	w.must(err)
}

func (w *world) answers(post string) *Answers {
	w.t.Helper()
	a, err := w.inbox.Answers(context.Background(), post, 1)
	w.must(err)
	return a
}

func (w *world) ledger(id string) string {
	w.t.Helper()
	events, err := w.inbox.Ledger(context.Background(), id)
	w.must(err)
	var text strings.Builder
	for _, e := range events {
		fmt.Fprintf(&text, "%s %s", e.What, e.Detail)
		if e.Sum != nil {
			for _, s := range e.Sum.Signs {
				fmt.Fprintf(&text, "%s %+d, ", s.Name+s.Words, s.Weight)
			}
			fmt.Fprintf(&text, "together %d, of %d", e.Sum.Score, e.Sum.Needed)
		}
		text.WriteByte('\n')
	}
	return text.String()
}

func (w *world) mode(m settings.Mode) {
	w.t.Helper()
	answers, err := w.settings.Answers(context.Background())
	w.must(err)
	answers.Mode = m
	w.must(w.settings.SaveAnswers(context.Background(), answers))
}

// generation is the number that moves when the post's page does.
func (w *world) generation(post string) uint64 {
	w.t.Helper()
	numbers, err := w.db.Generations(context.Background(), posts.Generation(post))
	w.must(err)
	return numbers[0]
}

// logged closes the auth log and returns what stands in it.
func (w *world) logged() string {
	w.t.Helper()
	w.must(w.authlog.Close())
	b, err := os.ReadFile(w.logfile)
	w.must(err)
	return string(b)
}

func (w *world) deliveries(post string) []*Delivery {
	w.t.Helper()
	list, err := w.outbox.Of(context.Background(), post)
	w.must(err)
	return list
}

// delivery is the only one of a post.
func (w *world) delivery(post string) *Delivery {
	w.t.Helper()
	list := w.deliveries(post)
	if len(list) != 1 {
		w.t.Fatalf("the post has %d deliveries, want 1", len(list))
	}
	return list[0]
}

// deliveryTo is that of a post's to one target.
func (w *world) deliveryTo(post, target string) *Delivery {
	w.t.Helper()
	for _, d := range w.deliveries(post) {
		if d.Target == target {
			return d
		}
	}
	w.t.Fatalf("the post has no delivery to %s", target)
	return nil
}

// ours is the address of a post.
func ours(p *posts.Post) string { return ourSite + p.Path }

// blog is another site: its pages, and who has asked for them.
type blog struct {
	*httptest.Server
	mu     sync.Mutex
	pages  map[string]http.HandlerFunc
	visits map[string]int
	calls  []string // what its endpoints were sent
}

func newBlog(t testing.TB) *blog {
	t.Helper()
	b := &blog{pages: map[string]http.HandlerFunc{}, visits: map[string]int{}}
	b.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b.mu.Lock()
		page := b.pages[r.URL.Path]
		b.visits[r.URL.Path]++
		b.mu.Unlock()
		if page == nil {
			http.NotFound(w, r)
			return
		}
		page(w, r)
	}))
	t.Cleanup(b.Close)
	return b
}

// serve puts a page at a path and returns its address.
func (b *blog) serve(path string, page http.HandlerFunc) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.pages[path] = page
	return b.URL + path
}

func (b *blog) html(path, body string) string {
	return b.serve(path, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprint(w, body)
	})
}

// status has a path answer with a status and headers, given as name, value, ….
func (b *blog) status(path string, status int, headers ...string) string {
	return b.serve(path, func(w http.ResponseWriter, _ *http.Request) {
		for n := 0; n < len(headers); n += 2 {
			w.Header().Set(headers[n], headers[n+1])
		}
		w.WriteHeader(status)
	})
}

func (b *blog) visited(path string) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.visits[path]
}

// heard is what the blog's endpoints were sent since it was asked last.
func (b *blog) heard() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	calls := b.calls
	b.calls = nil
	return calls
}

func (b *blog) hear(call string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.calls = append(b.calls, call)
}

// reply is a page with microformats that answers an address.
func reply(to, words string) string {
	return fmt.Sprintf(`<!doctype html><title>A reply</title><article class="h-entry">
<a class="p-author h-card" href="/">Anna Blume</a> <a class="u-in-reply-to" href="%s">to you</a> <p class="e-content">%s</p></article>`, to, words)
}

// linking is an ordinary page that links from its text.
func linking(to string) string {
	return fmt.Sprintf(`<!doctype html><title>On blogs</title><p>I have read <a href="%s">something good</a> today.</p>`, to)
}
