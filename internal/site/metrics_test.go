package site

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/go-chi/chi/v5"

	"hark/internal/authlog"
	"hark/internal/guard"
	"hark/internal/metrics"
	"hark/internal/posts"
)

const measureToken = "a-token-that-nobody-guesses"

// behind is the blog's handler, with proxies that are trusted.
func (b *blog) behind(trusted ...string) http.Handler {
	var proxies []netip.Prefix
	for _, p := range trusted {
		proxies = append(proxies, netip.MustParsePrefix(p))
	}
	router := chi.NewRouter()
	router.Use(guard.ClientIP(proxies), b.Count)
	b.Routes(router)
	return b.Front(router)
}

func TestWhoMayReadTheFigures(t *testing.T) {
	b := newBlog(t)
	b.Measured = Measured{Allow: []netip.Prefix{netip.MustParsePrefix("10.1.0.0/16"), netip.MustParsePrefix("2001:db8:1::/48")}, Token: measureToken, Version: "0"}
	trusting := map[bool]http.Handler{false: b.behind(), true: b.behind("127.0.0.0/8", "10.9.0.0/16")}
	for _, c := range []struct {
		name, peer string
		proxies    bool // whether some are trusted
		headers    string
		want       int
	}{
		{"this machine", "127.0.0.1:1", false, "", 200},
		{"this machine by IPv6", "[::1]:1", false, "", 200},
		{"this machine, mapped", "[::ffff:127.0.0.1]:1", false, "", 200},
		{"this machine, where it is a proxy too", "127.0.0.1:1", true, "", 200},
		{"a stranger", "203.0.113.5:1", false, "", 404},
		{"a stranger who says he is this machine", "203.0.113.5:1", false, "X-Forwarded-For: 127.0.0.1", 404},
		{"a stranger who says he is allowed", "203.0.113.5:1", true, "X-Forwarded-For: 10.1.2.3", 404},
		{"a stranger behind the proxy", "127.0.0.1:1", true, "X-Forwarded-For: 203.0.113.5", 404},
		{"a stranger behind the proxy who says he is this machine", "127.0.0.1:1", true, "X-Forwarded-For: 127.0.0.1, 203.0.113.5", 404},
		{"a proxy that is trusted by nobody", "127.0.0.1:1", false, "X-Forwarded-For: 203.0.113.5", 404},
		{"one that sends Forwarded", "127.0.0.1:1", false, "Forwarded: for=203.0.113.5", 404},
		{"one that sends X-Real-IP", "127.0.0.1:1", false, "X-Real-Ip: 203.0.113.5", 404},
		{"one that sends Via", "127.0.0.1:1", false, "Via: 1.1 proxy", 404},
		{"proxies alone", "127.0.0.1:1", true, "X-Forwarded-For: 10.9.0.1", 404},
		{"an allowed address", "10.1.2.3:1", false, "", 200},
		{"an allowed address by IPv6", "[2001:db8:1::5]:1", false, "", 200},
		{"its neighbour", "10.2.0.1:1", false, "", 404},
		{"an allowed address behind the proxy", "10.9.0.1:1", true, "X-Forwarded-For: 10.1.2.3", 200},
		{"a socket", "@", false, "", 404},
		{"a socket with a trusted proxy", "@", true, "X-Forwarded-For: 203.0.113.5", 404},
		{"an allowed address behind a socket", "@", true, "X-Forwarded-For: 10.1.2.3", 200},
		{"the token", "203.0.113.5:1", false, "Authorization: Bearer " + measureToken, 200},
		{"the token, spelled otherwise", "@", false, "Authorization: bearer  " + measureToken, 200},
		{"a wrong token", "203.0.113.5:1", false, "Authorization: Bearer wrong", 404},
		{"no token", "203.0.113.5:1", false, "Authorization: Bearer ", 404},
		{"the token as a password", "203.0.113.5:1", false, "Authorization: Basic " + measureToken, 404},
		{"a beginning of the token", "203.0.113.5:1", false, "Authorization: Bearer " + measureToken[:20], 404},
	} {
		r := httptest.NewRequest(http.MethodGet, "/metrics", nil)
		r.RemoteAddr = c.peer
		if name, value, ok := strings.Cut(c.headers, ": "); ok {
			r.Header.Set(name, value)
		}
		w := httptest.NewRecorder()
		trusting[c.proxies].ServeHTTP(w, r)
		if w.Code != c.want || strings.Contains(w.Body.String(), "hark_requests_total") != (c.want == 200) {
			t.Errorf("%s: answered %d, want %d", c.name, w.Code, c.want)
		}
	}
	b.Measured.Token = ""
	r := httptest.NewRequest(http.MethodGet, "/metrics", nil)
	r.RemoteAddr = "203.0.113.5:1"
	r.Header.Set("Authorization", "Bearer ")
	w := httptest.NewRecorder()
	trusting[false].ServeHTTP(w, r)
	if w.Code != http.StatusNotFound {
		t.Errorf("without a token in the settings an empty one is answered %d", w.Code)
	}
}

// figures are the lines of a reading of /metrics.
func (b *blog) figures(h http.Handler) map[string]bool {
	b.t.Helper()
	r := httptest.NewRequest(http.MethodGet, "/metrics", nil)
	r.RemoteAddr = "127.0.0.1:1"
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if w.Code != http.StatusOK || w.Header().Get("Content-Type") != metrics.ContentType || w.Header().Get("Cache-Control") != "no-store" {
		b.t.Fatalf("answered %d %v", w.Code, w.Header())
	}
	lines := map[string]bool{}
	for _, line := range strings.Split(w.Body.String(), "\n") {
		lines[line] = true
	}
	return lines
}

func TestTheFiguresTellWhatHappened(t *testing.T) {
	b := newBlog(t)
	log, err := authlog.Open("file:"+t.TempDir()+"/auth.log", "hark")
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	bans := guard.NewBans(guard.BanOptions{DB: b.db, Now: func() time.Time { return b.at }})
	if err := bans.Look(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := bans.Add(t.Context(), guard.Ban{Network: netip.MustParsePrefix("203.0.113.9/32")}); err != nil {
		t.Fatal(err)
	}
	b.Measured = Measured{Version: `1.0"`, Bans: bans, AuthLog: log, Jobs: b.queue.Standing}
	post := b.publish(time.Hour, posts.Post{Content: "Eleven curlews."})
	h := b.behind()
	ask := func(path string, headers ...string) {
		r := httptest.NewRequest(http.MethodGet, path, nil)
		for _, header := range headers {
			name, value, _ := strings.Cut(header, ": ")
			r.Header.Set(name, value)
		}
		h.ServeHTTP(httptest.NewRecorder(), r)
	}
	for range 3 {
		ask(post.Path)
	}
	ask(post.Path, "If-None-Match: *")
	ask("/nowhere/at/all")
	ask("/nowhere/else/too")
	ask("/static/hark.css")
	b.Guard.Refused(authlog.Pingback, authlog.Malformed, netip.MustParseAddr("203.0.113.5"))
	b.mention("https://spam.example/", public+"/nowhere")
	b.mention(theirs(t, http.StatusOK, linking(post)), public+post.Path)
	b.Gate.Login(t.Context(), "root", "not the right words", "", netip.MustParseAddr("203.0.113.5"), "")

	got := b.figures(h)
	for _, want := range []string{
		`hark_requests_total{route="/{year:[0-9]{4}}/{slug}",code="2xx"} 1`,
		`hark_requests_total{route="(cache)",code="2xx"} 2`,
		`hark_requests_total{route="(cache)",code="3xx"} 1`,
		`hark_requests_total{route="(none)",code="4xx"} 2`,
		`hark_requests_total{route="/static/*",code="2xx"} 1`,
		`hark_page_cache_misses_total 2`,
		`hark_pings_total{protocol="pingback",outcome="refused"} 1`,
		`hark_pings_total{protocol="webmention",outcome="taken"} 1`,
		`hark_pings_total{protocol="webmention",outcome="spam"} 0`,
		`hark_refusals_total{protocol="webmention",reason="no-target"} 1`,
		`hark_refusals_total{protocol="pingback",reason="gone"} 0`,
		`hark_logins_total{result="failed",method="password"} 1`,
		`hark_storm 0`, `hark_bans 1`, `hark_banned_requests_total 0`, `hark_auth_log_lost_lines_total 0`,
		`hark_database_up 1`, `hark_deliveries{state="failed"} 0`,
		`hark_jobs_waiting{kind="verify"} 1`, `hark_jobs_given_up{kind="verify"} 0`,
		`# TYPE process_resident_memory_bytes gauge`, `# TYPE go_gc_cycles_total counter`, `# TYPE go_goroutines gauge`,
	} {
		if !got[want] {
			t.Errorf("there is no line %q", want)
		}
	}
	for line := range got {
		if strings.Contains(line, "203.0.113") || strings.Contains(line, "spam.example") || strings.Contains(line, "root") {
			t.Errorf("the figures name somebody: %s", line)
		}
		if strings.HasPrefix(line, "hark_build_info") && !strings.Contains(line, `version="1.0\""`) {
			t.Errorf("got %s", line)
		}
	}

	b.db.Close()
	if got := b.figures(h); !got["hark_database_up 0"] || !got["hark_storm 0"] {
		t.Error("without the database the other figures are missing")
	}
}

// BenchmarkFrontKept is a page that the cache answers, counted.
func BenchmarkFrontKept(b *testing.B) {
	blog := newBlog(b)
	post := blog.publish(time.Hour, posts.Post{Content: "Eleven curlews."})
	h := blog.behind()
	r := httptest.NewRequest(http.MethodGet, post.Path, nil)
	h.ServeHTTP(httptest.NewRecorder(), r)
	w := httptest.NewRecorder()
	for name, h := range map[string]http.Handler{
		"counted": h,
		"not":     http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { blog.Cache.Kept(w, r, r.URL.Path) }),
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				w.Body.Reset()
				h.ServeHTTP(w, r)
			}
		})
	}
}
