package site

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
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"hark/internal/authlog"
	"hark/internal/database"
	"hark/internal/guard"
	"hark/internal/mentions"
	"hark/internal/posts"
	"hark/internal/settings"
)

// send posts a body of a type to a door.
func (b *blog) send(path, contentType, body string, headers ...string) reading {
	b.t.Helper()
	req, err := http.NewRequest(http.MethodPost, b.Server.URL+path, strings.NewReader(body))
	if err != nil {
		b.t.Fatal(err)
	}
	req.Header.Set("Content-Type", contentType)
	return b.carry(req, headers)
}

const formType = "application/x-www-form-urlencoded"

// mention sends a webmention.
func (b *blog) mention(source, target string, headers ...string) reading {
	return b.send("/webmention", formType, url.Values{"source": {source}, "target": {target}}.Encode(), headers...)
}

// ping calls pingback.ping and returns what it answers.
func (b *blog) ping(source, target string) string {
	b.t.Helper()
	r := b.send("/pingback", "text/xml", pingOf(source, target))
	if r.StatusCode != http.StatusOK {
		b.t.Errorf("a ping of %s is answered %d: %s", target, r.StatusCode, r.body)
	}
	return r.body
}

// pingOf is the call of pingback.ping.
func pingOf(source, target string) string {
	return `<?xml version="1.0"?><methodCall><methodName>pingback.ping</methodName><params>` +
		`<param><value><string>` + source + `</string></value></param><param><value><string>` + target + `</string></value></param></params></methodCall>`
}

// pingbacks calls pingback.extensions.getPingbacks and returns what it answers.
func (b *blog) pingbacks(target string) string {
	b.t.Helper()
	return b.send("/pingback", "text/xml", `<methodCall><methodName>pingback.extensions.getPingbacks</methodName><params><param><value>`+target+`</value></param></params></methodCall>`).body
}

// working runs the queue until the test ends.
func (b *blog) working() {
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); b.queue.Run(ctx) }()
	b.t.Cleanup(func() { stop(); <-done })
}

// theirs is another blog with one page.
func theirs(t *testing.T, status int, body string) string {
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.WriteHeader(status)
		io.WriteString(w, body)
	}))
	t.Cleanup(other.Close)
	return other.URL + "/answer"
}

func linking(p *posts.Post) string {
	return `<!doctype html><title>A page</title><p>I have read <a href="` + public + p.Path + `">what she wrote</a> with pleasure.</p>`
}

func TestAWebmentionIsTakenAndItsSenderCanFollowIt(t *testing.T) {
	b := newBlog(t)
	post := b.publish(time.Hour, posts.Post{Content: "Eleven curlews."})
	source := theirs(t, http.StatusOK, linking(post))
	r := b.mention(source, public+post.Path)
	status, ours := strings.CutPrefix(r.Header.Get("Location"), public)
	if r.StatusCode != http.StatusCreated || !ours {
		t.Fatalf("answered %d with Location %q: %s", r.StatusCode, r.Header.Get("Location"), r.body)
	}
	if r := b.get(status); !strings.Contains(r.body, "not been read yet") {
		t.Errorf("before the source was read its status page says %s", r.body)
	}
	if err := b.queue.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	var fate struct{ Status, Source, Target, Summary string }
	asJSON := b.ask(http.MethodGet, status, "Accept: application/json")
	if err := json.Unmarshal([]byte(asJSON.body), &fate); err != nil || fate.Status != "shown" || fate.Source != source || fate.Target != public+post.Path {
		t.Errorf("as JSON it says %s, %v", asJSON.body, err)
	}
	if found := b.get(post.Path).all(".p-comment.h-cite"); len(found) != 1 {
		t.Errorf("%d comments beneath the post, want 1", len(found))
	}
}

func TestT19ACommentIsNowhereBeforeItIsApproved(t *testing.T) {
	b := newBlog(t)
	post := b.publish(time.Hour, posts.Post{Content: "Eleven curlews.", Tags: []string{"birds"}})
	busy := b.publish(2*time.Hour, posts.Post{Content: "Twelve curlews."})
	for n := range pageLength {
		b.publish(time.Duration(n+3)*time.Hour, posts.Post{Content: "Rain."})
	}
	b.show(busy.ID, likes(230)...)
	b.show("", likes(230)...)
	b.holdAll()
	source := b.gauges(post, busy)
	status := b.held(source, public+post.Path)
	b.held(source, public+busy.Path)
	b.held(source, public+"/")
	face := b.only("SELECT DISTINCT face FROM mentions WHERE state = 'held'")
	if len(face) != 32 {
		t.Fatalf("the face of its author is %q", face)
	}

	signs := []string{"Cheap gauges", "Buy one", "Gale Vendor", source, face}
	where := b.everywhere(post, busy)
	for name, body := range where {
		for _, sign := range signs {
			if strings.Contains(body, sign) {
				t.Errorf("%s tells %q", name, sign)
			}
		}
	}
	for _, sign := range signs {
		if r := b.get(status); sign != source && strings.Contains(r.body, sign) {
			t.Errorf("its own status page tells %q", sign)
		}
	}
	if got := where["/api/count?"+target(post)]; !strings.Contains(got, `"count":0`) {
		t.Errorf("counted %s", got)
	}

	// These are the places: each that lists the answers to the post has it once it is approved.
	waiting, err := b.Inbox.Find(t.Context(), mentions.Wanted{State: mentions.Held, Limit: 10})
	if err != nil || len(waiting) != 3 {
		t.Fatalf("%d mentions are held, %v", len(waiting), err)
	}
	for _, m := range waiting {
		if _, err := b.Inbox.Decide(t.Context(), mentions.Show, "wren", m.ID); err != nil {
			t.Fatal(err)
		}
	}
	where = b.everywhere(post, busy)
	for _, name := range []string{
		post.Path, busy.Path, "/about", "/mentions/feed.atom", "/mentions/feed.rss", "/mentions/feed.json", post.Path + "/feed.atom", post.Path + "/feed.rss",
		post.Path + "/feed.json", "/mentions.jf2", "/mentions.jf2?" + target(post), "the pingbacks of " + post.Path,
	} {
		if !strings.Contains(where[name], source) {
			t.Errorf("%s lacks it when it is approved", name)
		}
	}
	if got := where["/api/count?"+target(post)]; !strings.Contains(got, `"count":1`) {
		t.Errorf("after the approval counted %s", got)
	}
}

// holdAll has every answer wait for the owner.
func (b *blog) holdAll() {
	b.t.Helper()
	if err := b.Settings.SaveAnswers(b.t.Context(), settings.Answers{Mode: settings.HoldAll}); err != nil {
		b.t.Fatal(err)
	}
}

// gauges is a page of Gale Vendor, who has a face, about some posts and the site.
func (b *blog) gauges(about ...*posts.Post) string {
	b.t.Helper()
	var photo bytes.Buffer
	if err := png.Encode(&photo, image.NewGray(image.Rect(0, 0, 100, 100))); err != nil {
		b.t.Fatal(err)
	}
	links := `<a class="u-in-reply-to" href="` + public + `/">the site</a>`
	for _, p := range about {
		links += ` <a class="u-in-reply-to" href="` + public + p.Path + `">a post</a>`
	}
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/me.png" {
			w.Header().Set("Content-Type", "image/png")
			w.Write(photo.Bytes())
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		io.WriteString(w, `<!doctype html><title>Cheap gauges</title><article class="h-entry"><h1 class="p-name">Cheap gauges</h1>
			<a class="p-author h-card" href="/"><img class="u-photo" src="/me.png" alt=""> <span class="p-name">Gale Vendor</span></a>
			<p class="e-content">Buy one.</p>`+links+`</article>`)
	}))
	b.t.Cleanup(other.Close)
	return other.URL + "/answer"
}

// held sends a mention that has to wait, and returns the path of its status page.
func (b *blog) held(source, target string) string {
	b.t.Helper()
	status := strings.TrimPrefix(b.mention(source, target).Header.Get("Location"), public)
	if err := b.queue.Drain(b.t.Context()); err != nil {
		b.t.Fatal(err)
	}
	if r := b.ask(http.MethodGet, status, "Accept: application/json"); !strings.Contains(r.body, `"held"`) {
		b.t.Fatalf("%s is not held: %s", target, r.body)
	}
	return status
}

// only is the one text that a query finds.
func (b *blog) only(query string) (text string) {
	b.t.Helper()
	rows, err := b.db.Query(b.t.Context(), query)
	if err != nil {
		b.t.Fatal(err)
	}
	defer rows.Close()
	n := 0
	for ; rows.Next(); n++ {
		if err := rows.Scan(&text); err != nil {
			b.t.Fatal(err)
		}
	}
	if err := rows.Err(); err != nil || n != 1 {
		b.t.Fatalf("%d rows, %v", n, err)
	}
	return text
}

// everywhere is what anybody is told, by where: on pages and in feeds, by lists, counts and calls.
// The answers to busy fill three pages.
func (b *blog) everywhere(post, busy *posts.Post) map[string]string {
	b.t.Helper()
	paths := []string{
		"/", attribute(b.get("/").one(b.t, ".pager a[rel=next]"), "href"), "/archive", "/archive?q=gauges", "/about", "/about/answers/2", "/about/answers/3",
		"/tag/birds", post.Published.Format("/2006"), post.Published.Format("/2006/01"), post.Path, busy.Path, busy.Path + "/answers/2", busy.Path + "/answers/3",
		"/sitemap.xml", "/mentions.jf2", "/mentions.jf2?per-page=1000", "/api/mentions.jf2?" + target(post), "/mentions.jf2?" + target(post),
		"/mentions.jf2?wm-property=in-reply-to", "/mentions.jf2?" + target(busy) + "&wm-property=in-reply-to", "/api/count?" + target(post),
		"/api/count?" + target(busy),
	}
	for _, form := range forms {
		paths = append(paths, "/feed."+form.name, "/tag/birds/feed."+form.name, "/mentions/feed."+form.name, post.Path+"/feed."+form.name, busy.Path+"/feed."+form.name)
	}
	told := map[string]string{}
	for _, path := range paths {
		told[path] = b.get(path).body
	}
	for _, p := range []string{post.Path, busy.Path, "/"} {
		told["the pingbacks of "+p] = b.pingbacks(public + p)
	}
	return told
}

func TestWhatIsRemovedLooksToItsSenderLikeWhatIsHeld(t *testing.T) {
	b := newBlog(t)
	post := b.publish(time.Hour, posts.Post{Content: "Eleven curlews."})
	status := strings.TrimPrefix(b.mention(theirs(t, http.StatusOK, linking(post)), public+post.Path).Header.Get("Location"), public)
	if err := b.queue.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	id := strings.TrimPrefix(status, "/webmention/")
	if _, err := b.Inbox.Decide(t.Context(), mentions.Delete, "Wren", id); err != nil {
		t.Fatal(err)
	}
	if r := b.ask(http.MethodGet, status, "Accept: application/json"); !strings.Contains(r.body, `"held"`) || strings.Contains(r.body, "removed") {
		t.Errorf("the status says %s", r.body)
	}
}

func TestTheStatusOfAMentionHelpsItsSenderAndGivesNothingAway(t *testing.T) {
	b := newBlog(t)
	post := b.publish(time.Hour, posts.Post{Content: "Eleven curlews."})
	for state, want := range map[mentions.State]struct{ status, says string }{
		mentions.Waiting:   {"waiting", "has not been read yet"},
		mentions.Shown:     {"shown", "it is shown there"},
		mentions.Held:      {"held", "The owner of this site decides"},
		mentions.Spam:      {"held", "The owner of this site decides"},
		mentions.Removed:   {"held", "The owner of this site decides"},
		mentions.Withdrawn: {"withdrawn", "Why."},
		mentions.Refused:   {"refused", "Why."},
	} {
		id := database.NewID()
		b.show(post.ID, mentions.Mention{ID: id, Source: "https://other.example/" + string(state), Target: public + post.Path, State: state, Reason: "Why.", Score: -777})
		page := b.get("/webmention/" + id)
		asJSON := b.ask(http.MethodGet, "/webmention/"+id, "Accept: application/json")
		var fate struct{ Status, Summary, Source string }
		if err := json.Unmarshal([]byte(asJSON.body), &fate); err != nil || fate.Status != want.status || !strings.Contains(fate.Summary, want.says) {
			t.Errorf("%s: as JSON it says %s", state, asJSON.body)
		}
		if !strings.Contains(page.body, want.says) || len(page.all(`a[href="https://other.example/`+string(state)+`"][rel~=nofollow]`)) != 1 {
			t.Errorf("%s: the page says %q", state, page.texts("main p"))
		}
		for _, body := range []string{page.body, asJSON.body} {
			if want.status == "held" && (strings.Contains(body, "Why.") || strings.Contains(body, "777")) {
				t.Errorf("%s: it is told why:\n%s", state, body)
			}
		}
		page.one(t, `meta[name=robots][content=noindex]`)
		if mend := strings.Contains(page.body, "send the mention again"); mend != (want.says == "Why.") {
			t.Errorf("%s: whether it can be mended is told wrongly", state)
		}
	}
}

func TestTheStatusOfAMentionThatIsLookedAtSaysToComeBack(t *testing.T) {
	b := newBlog(t)
	post := b.publish(time.Hour, posts.Post{Content: "Eleven curlews."})
	const sentence = "It is being looked at. Come back to this page later."
	again := func(r reading) bool { return slices.Contains(r.texts("main p"), sentence) }
	source := theirs(t, http.StatusOK, linking(post))
	status := strings.TrimPrefix(b.mention(source, public+post.Path).Header.Get("Location"), public)
	if r := b.get(status); !again(r) {
		t.Errorf("before its source was read the page says %q", r.texts("main p"))
	}
	if err := b.queue.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	if r := b.get(status); again(r) {
		t.Errorf("after its source was read the page says %q", r.texts("main p"))
	}
	b.mention(source, public+post.Path)
	if r := b.get(status); !again(r) || !strings.Contains(r.body, "it is shown there") {
		t.Errorf("when it was sent again the page says %q", r.texts("main p"))
	}
}

func TestWhatARuleTurnsAwayLooksToItsSenderLikeAnyOther(t *testing.T) {
	b := newBlog(t)
	post := b.publish(time.Hour, posts.Post{Content: "Eleven curlews."})
	source := theirs(t, http.StatusOK, linking(post))
	host := strings.TrimPrefix(strings.TrimSuffix(source, "/answer"), "http://")
	if _, err := b.Inbox.AddRule(t.Context(), mentions.Block, mentions.ByHost, host, "wren"); err != nil {
		t.Fatal(err)
	}
	status := strings.TrimPrefix(b.mention(source, public+post.Path).Header.Get("Location"), public)
	if r := b.get(status); !strings.Contains(r.body, "has not been read yet") || !strings.Contains(r.body, source) {
		t.Errorf("at first it says %q", r.texts("main p"))
	}
	b.at = b.at.Add(time.Minute)
	if r := b.get(status); !strings.Contains(r.body, "The owner of this site decides") {
		t.Errorf("later it says %q", r.texts("main p"))
	}
}

func TestAWebmentionThatIsNotTakenSaysWhy(t *testing.T) {
	b := newBlog(t)
	post := b.publish(time.Hour, posts.Post{Content: "Eleven curlews."})
	for _, test := range []struct{ source, target, want string }{
		{"https://other.example/a", public + "/2020/none", "no post"},
		{"https://other.example/a", "https://elsewhere.example/", "not a page of this site"},
		{public + "/2020/a", public + post.Path, "page of this site"},
		{"ftp://other.example/a", public + post.Path, "http"},
		{"https://user@other.example/a", public + post.Path, "user name"},
		{"", public + post.Path, "source"},
		{"https://other.example:99999/a", public + post.Path, "port"},
	} {
		r := b.mention(test.source, test.target)
		if r.StatusCode != http.StatusBadRequest || !strings.Contains(r.body, test.want) {
			t.Errorf("%s → %s: %d %q, want 400 and %q", test.source, test.target, r.StatusCode, r.body, test.want)
		}
	}
}

func TestAPersonWhoSendsAMentionGetsAPage(t *testing.T) {
	b := newBlog(t)
	post := b.publish(time.Hour, posts.Post{Content: "Eleven curlews."})
	form := b.get("/webmention?target=" + url.QueryEscape(public+post.Path))
	if len(form.all(`form[action="/webmention"] input[name=source]`)) != 1 || !strings.Contains(form.body, `value="`+public+post.Path+`"`) {
		t.Errorf("the form is missing: %s", form.body)
	}
	r := b.mention(theirs(t, http.StatusOK, linking(post)), public+post.Path, "Accept: text/html")
	if r.StatusCode != http.StatusCreated || len(r.all(`a[href^="`+public+`/webmention/"]`)) != 1 {
		t.Errorf("the answer %d leads nowhere: %s", r.StatusCode, r.body)
	}
	wrong := b.mention("nonsense", public+post.Path, "Accept: text/html")
	if wrong.StatusCode != http.StatusBadRequest || len(wrong.all(`[role=alert]`)) != 1 || len(wrong.all("form")) != 1 {
		t.Errorf("a mistake is answered %d: %s", wrong.StatusCode, wrong.body)
	}
}

func TestAFormOfAnotherSiteMaySendAMention(t *testing.T) {
	b := newBlog(t)
	post := b.publish(time.Hour, posts.Post{Content: "Eleven curlews."})
	r := b.mention("https://other.example/a", public+post.Path, "Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate", "Origin: https://other.example")
	if r.StatusCode != http.StatusCreated || !strings.HasPrefix(r.Header.Get("Location"), public+"/webmention/") {
		t.Errorf("answered %d with Location %q: %s", r.StatusCode, r.Header.Get("Location"), r.body)
	}
}

func TestAPingbackIsToldWhatCanBeToldOnlyNow(t *testing.T) {
	b := newBlog(t)
	b.working()
	post := b.publish(time.Hour, posts.Post{Content: "Eleven curlews."})
	gone := b.publish(time.Hour, posts.Post{Content: "Twelve."})
	if err := b.Posts.Delete(t.Context(), gone.ID); err != nil {
		t.Fatal(err)
	}
	good := theirs(t, http.StatusOK, linking(post))
	for _, test := range []struct{ name, source, target, want string }{
		{"a page that links", good, public + post.Path, "received"},
		{"the same again", good, public + post.Path, "<int>48</int>"},
		{"a page without the link", theirs(t, http.StatusOK, "<p>Nothing</p>"), public + post.Path, "<int>17</int>"},
		{"no page", theirs(t, http.StatusNotFound, "none"), public + post.Path, "<int>16</int>"},
		{"no post", good, public + "/2020/none", "<int>32</int>"},
		{"a port that does not exist", "http://other.example:0/a", public + post.Path, "<int>16</int>"},
		{"a place that is not ours to visit", "http://10.0.0.1/a", public + post.Path, "<int>16</int>"},
		{"a post that is gone", good, public + gone.Path, "<int>33</int>"},
	} {
		if got := b.ping(test.source, test.target); !strings.Contains(got, test.want) {
			t.Errorf("%s: answered %s, want %s", test.name, got, test.want)
		}
	}
	if list := b.pingbacks(public + post.Path); !strings.Contains(list, good) {
		t.Errorf("the list of pingbacks is %s", list)
	}
}

// A source that does not answer is waited for longer than WordPress waits for us.
func TestAnUndecidedPingbackIsAnsweredInTime(t *testing.T) {
	b := newBlog(t)
	b.working()
	post := b.publish(time.Hour, posts.Post{Content: "Eleven curlews."})
	release := make(chan struct{})
	var left atomic.Bool
	slow := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-release:
		case <-r.Context().Done():
			left.Store(true)
		}
	}))
	defer slow.Close()
	defer close(release)
	if got := b.ping(slow.URL+"/a", public+post.Path); !strings.Contains(got, "received") {
		t.Errorf("answered %s", got)
	}
	if left.Load() {
		t.Error("answered when the source was given up")
	}
	if patience+time.Second > wordPressWaits {
		t.Errorf("answered after %s at the earliest, when WordPress may have gone: it waits %s", patience, wordPressWaits)
	}
}

// wordPressWaits is how long it waits for the answer to a pingback.
const wordPressWaits = 3 * time.Second

func TestAPingbackFromAPlaceThatNeverAnsweredIsToldSo(t *testing.T) {
	b := newBlog(t)
	post := b.publish(time.Hour, posts.Post{Content: "Eleven curlews."})
	down := httptest.NewServer(http.NotFoundHandler())
	down.Close()
	source := down.URL + "/answer"
	taken, err := b.Inbox.Receive(t.Context(), mentions.Pingback, source, public+post.Path, netip.MustParseAddr("203.0.113.5"))
	if err != nil {
		t.Fatal(err)
	}
	for range 10 { // more than it is tried
		if err := b.queue.Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
		b.at = b.at.Add(3 * day24)
	}
	m, err := b.Inbox.ByID(t.Context(), taken.ID)
	if err != nil || m.State != mentions.Refused || m.Checking {
		t.Fatalf("after its last try it is %+v, %v", m, err)
	}
	b.working()
	if got := b.ping(source, public+post.Path); !strings.Contains(got, "<int>50</int>") || !strings.Contains(got, "could not be read") {
		t.Errorf("answered %s", got)
	}
}

func TestWhoKnocksTooOftenIsAskedToComeAgain(t *testing.T) {
	b := newBlog(t)
	post := b.publish(time.Hour, posts.Post{Content: "Eleven curlews."})
	for range 60 {
		b.mention("nonsense", public+post.Path)
	}
	r := b.mention("nonsense", public+post.Path)
	if r.StatusCode != http.StatusTooManyRequests || r.Header.Get("Retry-After") == "" {
		t.Errorf("the 61st is answered %d, Retry-After %q", r.StatusCode, r.Header.Get("Retry-After"))
	}
}

// from lets a request come from a network address.
func (b *blog) from(address, path, contentType, body string) reading {
	b.t.Helper()
	req := httptest.NewRequest(http.MethodPost, path, strings.NewReader(body))
	req.RemoteAddr = address + ":4711"
	req.Header.Set("Content-Type", contentType)
	w := httptest.NewRecorder()
	b.Server.Config.Handler.ServeHTTP(w, req)
	return read(b.t, w.Result(), w.Body.Bytes())
}

func TestWhomTheOwnerTrustsMayKnockMoreOften(t *testing.T) {
	b := newBlog(t)
	const friend, stranger = "198.51.100.7", "198.51.100.8"
	if _, err := b.Inbox.AddRule(t.Context(), mentions.Trust, mentions.BySender, friend, "wren"); err != nil {
		t.Fatal(err)
	}
	doors := []struct{ path, contentType, body string }{
		{"/webmention", formType, "source=nonsense"}, {"/pingback", "text/xml", "nonsense"},
	}
	for address, want := range map[string]int{friend: http.StatusBadRequest, stranger: http.StatusTooManyRequests} {
		for n := range 60 {
			door := doors[n%len(doors)]
			if r := b.from(address, door.path, door.contentType, door.body); r.StatusCode != http.StatusBadRequest {
				t.Fatalf("knock %d of %s is answered %d", n+1, address, r.StatusCode)
			}
		}
		for _, door := range doors {
			if r := b.from(address, door.path, door.contentType, door.body); r.StatusCode != want {
				t.Errorf("after sixty knocks %s is answered %d at %s, want %d", address, r.StatusCode, door.path, want)
			}
		}
	}
}

func TestASiteThatMentionsTooMuchIsAskedToComeAgainWhoeverBringsIt(t *testing.T) {
	b := newBlog(t)
	post := b.publish(time.Hour, posts.Post{Content: "Eleven curlews."})
	mention := func(from, source string) reading {
		return b.from(from, "/webmention", formType, url.Values{"source": {source}, "target": {public + post.Path}}.Encode())
	}
	sender := func(n int) string { return fmt.Sprintf("198.51.100.%d", n%10+1) }
	for n := range 100 {
		if r := mention(sender(n), fmt.Sprintf("https://flood.example/%d", n)); r.StatusCode != http.StatusCreated {
			t.Fatalf("mention %d is answered %d: %s", n+1, r.StatusCode, r.body)
		}
	}
	over := mention(sender(101), "https://flood.example/101")
	ping := b.from(sender(102), "/pingback", "text/xml", pingOf("https://flood.example/102", public+post.Path))
	for door, r := range map[string]reading{"webmention": over, "pingback": ping} {
		if wait, err := strconv.Atoi(r.Header.Get("Retry-After")); r.StatusCode != http.StatusTooManyRequests || err != nil || wait < 1 || wait > 60 {
			t.Errorf("the %s door answers %d with Retry-After %q, want 429 and some seconds", door, r.StatusCode, r.Header.Get("Retry-After"))
		}
		if !strings.Contains(r.body, "Too many mentions came from that site") {
			t.Errorf("the %s door says %s", door, r.body)
		}
	}
	if !strings.Contains(ping.body, "<int>49</int>") {
		t.Errorf("the ping is answered %s, want fault 49", ping.body)
	}
	if r := mention(sender(103), "https://other.example/"); r.StatusCode != http.StatusCreated {
		t.Errorf("a mention by another site is answered %d: %s", r.StatusCode, r.body)
	}
}

// storm has so much junk come by pingback that it is worth reading no more.
func (b *blog) storm() {
	for n := range guard.DefaultBudgets().Junk.Burst + 1 {
		b.Guard.Refused(authlog.Pingback, authlog.Malformed, netip.AddrFrom4([4]byte{203, 0, 113, byte(n)}))
	}
}

func TestInAStormPingbacksAreTurnedAwayUnreadAndWebmentionsAreNot(t *testing.T) {
	b := newBlog(t)
	post := b.publish(time.Hour, posts.Post{Content: "Eleven curlews."})
	b.storm()
	unread := strings.NewReader("<methodCall/>")
	w := httptest.NewRecorder()
	b.Server.Config.Handler.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/pingback", unread))
	if w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") != "300" || !strings.Contains(w.Body.String(), "again") {
		t.Errorf("answered %d, %v: %s", w.Code, w.Header(), w.Body)
	}
	if unread.Len() != len("<methodCall/>") {
		t.Error("the body was read")
	}
	if r := b.mention(theirs(t, http.StatusOK, linking(post)), public+post.Path); r.StatusCode != http.StatusCreated {
		t.Errorf("a webmention is answered %d: %s", r.StatusCode, r.body)
	}
	b.at = b.at.Add(time.Minute)
	if got := b.ping("https://other.example/a", public+"/2020/none"); !strings.Contains(got, "<int>32</int>") {
		t.Errorf("after the storm a ping is answered %s", got)
	}
}

// token makes one with scopes.
func (b *blog) token(scope string) string {
	b.t.Helper()
	token, err := b.Gate.NewToken(b.t.Context(), "wren", scope, "test")
	if err != nil {
		b.t.Fatal(err)
	}
	return "Authorization: Bearer " + token
}

func TestAnAppWritesAndThePageIsThereAtTheAnswer(t *testing.T) {
	b := newBlog(t)
	token := b.token("create delete undelete")
	for name, test := range map[string]struct {
		contentType, body string
		want              []string
	}{
		"a form": {formType, "h=entry&name=Rain&content=*Wet*&category[]=a&category[]=b&published=2026-11-01T10:00:00Z&mp-slug=wet-day",
			[]string{"<em>Wet</em>", "Rain", "/tag/a", "/tag/b", "2026-11-01T10:00:00Z"}},
		"JSON": {"application/json", `{"type":["h-entry"],"properties":{"content":[{"html":"<p><b>Dry</b></p>"}],"in-reply-to":["https://other.example/x"]}}`,
			[]string{"<b>Dry</b>", "u-in-reply-to", `href="https://other.example/x"`}},
	} {
		t.Run(name, func(t *testing.T) {
			r := b.send("/micropub", test.contentType, test.body, token)
			path, ours := strings.CutPrefix(r.Header.Get("Location"), public)
			if r.StatusCode != http.StatusCreated || !ours {
				t.Fatalf("answered %d, Location %q: %s", r.StatusCode, r.Header.Get("Location"), r.body)
			}
			page := b.get(path)
			for _, want := range test.want {
				if !strings.Contains(page.body, want) {
					t.Errorf("%s lacks %q:\n%s", path, want, page.body)
				}
			}
			for _, step := range []struct {
				action string
				want   int
			}{{"delete", http.StatusGone}, {"undelete", http.StatusOK}} {
				done := b.send("/micropub", formType, "action="+step.action+"&url="+url.QueryEscape(public+path), token)
				if got := b.ask(http.MethodGet, path); done.StatusCode != http.StatusNoContent || got.StatusCode != step.want {
					t.Errorf("%s is answered %d, then the page %d, want %d", step.action, done.StatusCode, got.StatusCode, step.want)
				}
			}
		})
	}
}

func TestAnAppsDraftIsNotPublished(t *testing.T) {
	b := newBlog(t)
	r := b.send("/micropub", formType, "h=entry&content=Half&post-status=draft", b.token("create"))
	if !strings.HasPrefix(r.Header.Get("Location"), public+"/desk/write/") || len(b.get("/").all(".h-entry")) != 0 {
		t.Errorf("a draft is answered %d, %q", r.StatusCode, r.Header.Get("Location"))
	}
}

func TestAnAppIsToldWhatIsWrong(t *testing.T) {
	b := newBlog(t)
	all := b.token("create delete undelete")
	for _, test := range []struct {
		name, token, body string
		status            int
		want              string
	}{
		{"no words", all, "h=entry&name=Only+a+title", 400, "content"},
		{"a visibility nobody knows", all, "h=entry&content=x&visibility=friends", 400, "visibility"},
		{"a status nobody knows", all, "h=entry&content=x&post-status=maybe", 400, "post-status"},
		{"a time that is none", all, "h=entry&content=x&published=yesterday", 400, "published"},
		{"a future time", all, "h=entry&content=x&published=2999-01-01T00:00:00Z", 400, "published"},
		{"two names", all, "h=entry&content=x&name[]=a&name[]=b", 400, "name"},
		{"a reply to nothing", all, "h=entry&content=x&in-reply-to=you", 400, "in-reply-to"},
		{"an address elsewhere", all, "action=delete&url=https://other.example/x", 400, "url"},
		{"a post that is not there", all, "action=delete&url=" + public + "/2020/none", 400, "url"},
		{"a scope that is missing", b.token("create"), "action=delete&url=" + public + "/2020/none", 403, "insufficient_scope"},
		{"a token nobody has", "Authorization: Bearer nonsense", "h=entry&content=x", 401, "unauthorized"},
		{"no token", "Accept: */*", "h=entry&content=x", 401, "unauthorized"},
	} {
		r := b.send("/micropub", formType, test.body, test.token)
		if r.StatusCode != test.status || !strings.Contains(r.body, test.want) {
			t.Errorf("%s: %d %s, want %d and %q", test.name, r.StatusCode, r.body, test.status, test.want)
		}
	}
	if n := len(b.get("/").all(".h-entry")); n != 0 {
		t.Errorf("%d posts were made", n)
	}
}

func TestAnUnknownStatusPageIsNotFound(t *testing.T) {
	b := newBlog(t)
	for _, id := range []string{"none", strings.Repeat("0", 26), "%00"} {
		if r := b.ask(http.MethodGet, fmt.Sprintf("/webmention/%s", id)); r.StatusCode != http.StatusNotFound {
			t.Errorf("%s answers %d", id, r.StatusCode)
		}
	}
}
