package desk

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"hark/internal/database"
	"hark/internal/mentions"
	"hark/internal/posts"
	"hark/internal/settings"
)

// otherBlog is another blog. Its pages take webmentions, but for /ping, which
// takes pingbacks, and /deaf, which takes nothing.
type otherBlog struct {
	*httptest.Server
	mu      sync.Mutex
	visited []string // paths of pages that were looked at
	told    []string // paths of pages that were told
	refuses bool
}

func newOtherBlog(t testing.TB) *otherBlog {
	t.Helper()
	b := &otherBlog{}
	b.Server = httptest.NewServer(http.HandlerFunc(b.serve))
	t.Cleanup(b.Close)
	return b
}

func (b *otherBlog) serve(w http.ResponseWriter, r *http.Request) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case r.Method == http.MethodPost && r.URL.Path == "/pingback":
		b.told = append(b.told, "/ping")
		w.Header().Set("Content-Type", "text/xml")
		io.WriteString(w, `<?xml version="1.0"?><methodResponse><params><param><value><string>Thanks.</string></value></param></params></methodResponse>`)
	case r.Method == http.MethodPost && b.refuses:
		http.Error(w, "No link was found.", http.StatusBadRequest)
	case r.Method == http.MethodPost:
		target, _ := url.Parse(r.FormValue("target"))
		b.told = append(b.told, target.Path)
		w.WriteHeader(http.StatusAccepted)
	default:
		b.visited = append(b.visited, r.URL.Path)
		switch r.URL.Path {
		case "/ping":
			w.Header().Set("X-Pingback", b.URL+"/pingback")
		case "/deaf":
		default:
			w.Header().Set("Link", `</webmention>; rel="webmention"`)
		}
		io.WriteString(w, "<!doctype html><title>A page</title>")
	}
}

// heard are the paths of pages that were told since the last time, in order.
func (b *otherBlog) heard() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	told := b.told
	b.told = nil
	slices.Sort(told)
	return told
}

// seen are the paths of pages that were looked at since the last time, in order.
func (b *otherBlog) seen() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	visited := b.visited
	b.visited = nil
	slices.Sort(visited)
	return visited
}

// links is a text that links to pages of the blog.
func (b *otherBlog) links(paths ...string) string {
	var text strings.Builder
	for _, path := range paths {
		fmt.Fprintf(&text, "See [a page](%s%s).\n\n", b.URL, path)
	}
	return text.String()
}

// told works the queue and expects which pages are told by it.
func (h *house) told(b *otherBlog, want ...string) {
	h.t.Helper()
	h.clock.pass(time.Minute) // whose turn has not come waits
	h.work()
	h.clock.pass(time.Minute)
	h.work()
	if got := b.heard(); !slices.Equal(got, want) {
		h.t.Errorf("told were %v, want %v", got, want)
	}
}

// outgone stores deliveries in every state, so that no other site is needed.
func (h *house) outgone(p *posts.Post, states ...mentions.Outcome) {
	h.t.Helper()
	err := h.db.InTx(context.Background(), func(tx *database.Tx) error {
		for n, state := range states {
			post, by := p.ID, "webmention"
			if state == hubTab {
				post, by, state = "", "websub", mentions.Sent
			}
			host := fmt.Sprintf("blog%d.example", n)
			_, err := tx.Exec(`
				INSERT INTO deliveries (id, post_id, target, target_key, host, property, linked, version, protocol, endpoint, state, tries, answer, location, created_at, updated_at, next_at)
				VALUES ($1, $2, $3, '', $4, '', TRUE, '', $5, '', $6, 1, 'So it was answered.', '', $7, $7, 0)`,
				database.NewID(), post, fmt.Sprintf("https://%s/page-%d", host, n), host, by, string(state), h.clock.now().Unix()+int64(n))
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		h.t.Fatal(err)
	}
}

func TestTheOutboxSaysWhoWasToldAndSendsAgain(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	v.get("/desk/outbox").is(http.StatusOK).says("main", "Nothing was sent yet")
	other := newOtherBlog(t)
	p, editor := h.published(v, "Six years", other.links("/wind"))
	h.told(other, "/wind")
	a := v.get("/desk/outbox").is(http.StatusOK).says(".shelf > li", other.URL+"/wind").says(".shelf .on b", "Told").says(".shelf .on", "by webmention")
	v.get(editor).is(http.StatusOK).says(".told", "Told by webmention")

	h.clock.pass(time.Hour)
	again := attr(a.one(".shelf form"), "action")
	v.post(again, url.Values{"do": {"dance"}}).is(http.StatusBadRequest)
	v.follow(v.post(again, url.Values{"do": {"again"}})).says(".banner", "is told again in a moment").says(".shelf .on b", "To be told")
	h.told(other, "/wind")
	v.post("/desk/outbox/nothing", url.Values{"do": {"again"}}).is(http.StatusNotFound)

	v.post(again, url.Values{"do": {"again"}, "back": {p.Path}}).leadsTo(p.Path)
	for _, foreign := range []string{"//evil.example/", "https://evil.example/", `/\evil.example`, "evil"} {
		got := v.post(again, url.Values{"do": {"again"}, "back": {foreign}}).is(http.StatusSeeOther).header.Get("Location")
		if !strings.HasPrefix(got, "/desk/outbox?") {
			t.Errorf("back to %q leads to %q", foreign, got)
		}
	}
}

func TestTheOutboxIsNarrowedByStateProtocolWordsAndPost(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	p, _ := h.published(v, "First", "words")
	other, _ := h.published(v, "Second", "words")
	h.outgone(p, mentions.Queued, mentions.Sent, mentions.Sent, mentions.Failed, mentions.Deaf, mentions.Quiet)
	h.outgone(other, mentions.Sent)
	for address, want := range map[string]int{
		"": 7, "?state=queued": 1, "?state=sent": 3, "?state=failed": 1, "?state=none": 1, "?state=quiet": 1, "?state=dance": 7,
		"?by=webmention": 7, "?by=pingback": 0, "?q=PAGE-3": 1, "?q=page+blog3": 1, "?post=" + p.ID: 6, "?post=" + p.ID + "&state=sent&q=page-1": 1,
	} {
		a := v.get("/desk/outbox" + address).is(http.StatusOK)
		if got := len(a.all(".shelf > li")); got != want {
			t.Errorf("%s lists %d, want %d", address, got, want)
		}
	}
	a := v.get("/desk/outbox?post="+p.ID+"&state=sent&q=page").is(http.StatusOK).says("h1", "First").says("main .tabs [aria-current]", "Told 2")
	if hub := strings.Contains(text(a.one("main .tabs")), "Hub"); hub {
		t.Error("there is a tab for a hub, and no hub")
	}
	if got := attr(a.one(".crumb a"), "href"); got != "/desk/outbox?q=page&state=sent" {
		t.Errorf("the way back leads to %q", got)
	}
	for _, tab := range a.all("main .tabs a") {
		if href := attr(tab, "href"); !strings.Contains(href, "q=page") || !strings.Contains(href, "post="+p.ID) {
			t.Errorf("a tab leads to %q, which forgets the search", href)
		}
	}
	if got := a.fields(".seek"); got.Get("state") != "sent" || got.Get("post") != p.ID || got.Get("q") != "page" {
		t.Errorf("the search sends %v", got)
	}
	row := a.fields(".shelf > li:first-child form")
	row.Set("do", "again")
	action := attr(a.one(".shelf > li:first-child form"), "action")
	back := v.follow(v.post(action, row)).says(".banner", "is told again")
	back.says("h1", "First").says("main .tabs [aria-current]", "Told 1")
	v.get("/desk/outbox?post=nothing").is(http.StatusNotFound)
}

func TestTheFiltersOfTheOutboxSurviveItsPages(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	p, _ := h.published(v, "First", "words")
	h.outgone(p, slices.Repeat([]mentions.Outcome{mentions.Sent}, perPage+2)...)
	first := v.get("/desk/outbox?state=sent&q=page&by=webmention").is(http.StatusOK)
	second := v.get(attr(first.one(".acts > .button"), "href")).is(http.StatusOK).says("main .tabs [aria-current]", "Told 32")
	if got := len(second.all(".shelf > li")); got != 2 {
		t.Errorf("the second page holds %d, want 2", got)
	}
	if got := attr(second.one(".acts > .button"), "href"); got != "/desk/outbox?by=webmention&q=page&state=sent" {
		t.Errorf("the newest are at %q", got)
	}
}

func TestEveryEmptyTabOfTheOutboxTeaches(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	p, _ := h.published(v, "First", "words")
	h.outgone(p, mentions.Sent)
	for state, words := range map[string]string{
		"queued": "tried again by themselves", "failed": "what you can do", "none": "do not listen", "quiet": "switch off in the editor", "hub": "feed readers",
	} {
		v.get("/desk/outbox?state="+state).is(http.StatusOK).says("main .text", words)
	}
	v.get("/desk/outbox?q=nobody").is(http.StatusOK).says("main .text", "Nothing here fits that").says(".found", "0 pages found")
	quiet, _ := h.published(v, "Second", "no link")
	v.get("/desk/outbox?post="+quiet.ID).is(http.StatusOK).says("main .text", "told nobody")
}

func TestWhatTheHubWasToldHasATab(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	p, _ := h.published(v, "First", "words")
	h.outgone(p, mentions.Sent)
	if err := h.settings.SaveTelling(context.Background(), settings.Telling{Hub: "https://hub.example/"}); err != nil {
		t.Fatal(err)
	}
	v.get("/desk/outbox?state=hub").is(http.StatusOK).says("main .tabs [aria-current]", "Hub 0").says("main .text", "https://hub.example/ has not been told")
	h.outgone(p, hubTab)
	a := v.get("/desk/outbox?state=hub").is(http.StatusOK).says("main .tabs [aria-current]", "Hub 1").says(".shelf .on", "Told to blog0.example")
	if got := text(a.one(".shelf form")); strings.Contains(got, "Never") {
		t.Errorf("the hub has the buttons %q", got)
	}
	if got := len(v.get("/desk/outbox").all(".shelf > li")); got != 1 {
		t.Errorf("among the links stand %d, want 1", got)
	}
}

func TestAHostIsSilencedFromTheOutboxAndThatIsUndone(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	other := newOtherBlog(t)
	_, editor := h.published(v, "Six years", other.links("/wind"))
	h.told(other, "/wind")
	a := v.get("/desk/outbox?state=sent").is(http.StatusOK)
	form := a.one(".shelf form")
	fields := a.fields(".shelf form")
	fields.Set("do", "never")
	after := v.follow(v.post(attr(form, "action"), fields)).says(".banner", "is never told from now on").says(".shelf form", "Tell this host again")
	if len(after.all("button[value=again]")) > 0 {
		t.Error("one that is never told can be told again")
	}
	edit := v.editor(editor)
	edit.Set("text", other.links("/wind")+"More.")
	edit.Set("do", "publish")
	v.post("/desk/write", edit).is(http.StatusSeeOther)
	h.told(other)
	v.get("/desk/outbox?state=quiet").is(http.StatusOK).says(".shelf > li", "You chose never to tell this site.")

	undo := after.fields(".banner form")
	undo.Set("do", attr(after.one(".banner button"), "value"))
	v.follow(v.post(attr(after.one(".banner form"), "action"), undo)).says(".banner", "is told again of what you publish")
	if got := h.keptTelling().Never.All(); len(got) > 0 {
		t.Errorf("never told are %v", got)
	}
}

func TestWhatWasRefusedIsSaidInWordsWithWhatToDo(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	other := newOtherBlog(t)
	other.refuses = true
	h.published(v, "Six years", other.links("/wind", "/deaf"))
	h.told(other)
	v.get("/desk/outbox?state=failed").is(http.StatusOK).says(".shelf > li", "No link was found").says(".shelf > li", "Their site refused it")
	v.get("/desk/outbox?state=none").is(http.StatusOK).says(".shelf > li", "nothing to do")
}

func TestNoRefusalPassesForAPrivateAddress(t *testing.T) {
	const words = "hark does not visit this address"
	for refused, want := range map[bool]string{false: "HARK_FETCH_ALLOW", true: "Their site refused it"} {
		got := advice(&mentions.Delivery{PostID: "p", State: mentions.Failed, Answer: words, Refused: refused})
		if !strings.Contains(got, want) {
			t.Errorf("refused %t: %q", refused, got)
		}
	}
}
