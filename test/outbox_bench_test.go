package test

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

const (
	targetHosts = 100 // the even ones take webmentions, the odd ones pingbacks
	linksToEach = 5
)

// target is a host that we link to, and what it has seen of us.
type target struct {
	url      string
	pingback bool

	mu       sync.Mutex
	atOnce   int
	most     int         // requests at the same time
	requests int         // of every kind
	told     []time.Time // when each message came
}

func newTargets(b *testing.B) []*target {
	var targets []*target
	for n := range targetHosts {
		h := &target{pingback: n%2 == 1}
		h.url = listenOn(b, fmt.Sprintf("127.5.%d.1", n), h.answer)
		targets = append(targets, h)
	}
	return targets
}

func (h *target) answer(w http.ResponseWriter, r *http.Request) {
	h.mu.Lock()
	h.requests++
	h.atOnce++
	h.most = max(h.most, h.atOnce)
	if r.Method == http.MethodPost {
		h.told = append(h.told, time.Now())
	}
	h.mu.Unlock()
	time.Sleep(20 * time.Millisecond) // else nobody would meet another
	switch {
	case r.Method == http.MethodPost && h.pingback:
		w.Header().Set("Content-Type", "text/xml")
		io.WriteString(w, `<?xml version="1.0"?><methodResponse><params><param><value><string>Thank you.</string></value></param></params></methodResponse>`)
	case h.pingback:
		w.Header().Set("X-Pingback", h.url+"/xmlrpc")
	default:
		w.Header().Set("Link", `</webmention>; rel="webmention"`)
	}
	h.mu.Lock()
	h.atOnce--
	h.mu.Unlock()
}

// messages is how many came to those of one protocol.
func messages(targets []*target, pingback bool) (n int) {
	for _, h := range targets {
		if h.pingback == pingback {
			h.mu.Lock()
			n += len(h.told)
			h.mu.Unlock()
		}
	}
	return n
}

// narrowest is the shortest time between two messages to one host of a protocol.
func narrowest(targets []*target, pingback bool) time.Duration {
	gap := time.Hour
	for _, h := range targets {
		h.mu.Lock()
		for n := 1; h.pingback == pingback && n < len(h.told); n++ {
			gap = min(gap, h.told[n].Sub(h.told[n-1]))
		}
		h.mu.Unlock()
	}
	return gap
}

// most is the largest of a number of each host.
func most(targets []*target, of func(*target) int) (n int) {
	for _, h := range targets {
		h.mu.Lock()
		n = max(n, of(h))
		h.mu.Unlock()
	}
	return n
}

// BenchmarkOutbox publishes posts with 500 links to 100 hosts. What it reports: how long publishing
// takes while nothing else happens, and while the links of posts before are being told; how long
// until all of the first post are; how many requests one host had at the same time, and how many
// in all for its five links; and how far apart two messages to one host were at least.
func BenchmarkOutbox(b *testing.B) {
	for b.Loop() {
		b.StopTimer()
		targets := newTargets(b)
		var quiet []time.Duration
		for range 5 {
			s := start(b)
			quiet = append(quiet, publishLinks(b, s, s.owner(), targets))
			s.process.end(syscall.SIGKILL, 5*time.Second)
		}
		b.ReportMetric(median(quiet), "publish-ms")

		targets = newTargets(b)
		s := start(b)
		token := s.owner()
		b.StartTimer()
		began := time.Now()
		publishLinks(b, s, token, targets)
		awaitMessages(b, targets, false)
		b.ReportMetric(time.Since(began).Seconds(), "s-webmentions")
		awaitMessages(b, targets, true)
		b.ReportMetric(time.Since(began).Seconds(), "s-pingbacks")
		b.StopTimer()
		b.ReportMetric(float64(most(targets, func(h *target) int { return h.requests })), "requests/host")

		var busy []time.Duration
		for range 9 {
			busy = append(busy, publishLinks(b, s, token, targets))
			time.Sleep(300 * time.Millisecond)
		}
		b.ReportMetric(median(busy[1:]), "publish-busy-ms")
		b.ReportMetric(milliseconds(slices.Max(busy[1:])), "publish-busy-max-ms")
		b.ReportMetric(float64(most(targets, func(h *target) int { return h.most })), "at-once/host")
		b.ReportMetric(narrowest(targets, false).Seconds(), "s-apart-webmentions")
		b.ReportMetric(narrowest(targets, true).Seconds(), "s-apart-pingbacks")
		s.stop()
		b.StartTimer()
	}
}

// publishLinks publishes a post that links to each host a few times, and says how long that took.
func publishLinks(b *testing.B, s *site, token string, targets []*target) time.Duration {
	var text strings.Builder
	for _, h := range targets {
		for n := range linksToEach { // one after another, so that they are told at the same time if they can be
			fmt.Fprintf(&text, `<p>I read <a href="%s/post-%d">something</a> there.</p>`+"\n", h.url, n)
		}
	}
	req, err := micropubRequest(s, token, "Many links", text.String())
	began := time.Now()
	s.published(req, err)
	return time.Since(began)
}

func awaitMessages(b *testing.B, targets []*target, pingback bool) {
	const want = targetHosts / 2 * linksToEach
	for deadline := time.Now().Add(3 * time.Minute); messages(targets, pingback) < want; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			b.Fatalf("%d of %d messages came", messages(targets, pingback), want)
		}
	}
}

func median(times []time.Duration) float64 {
	times = slices.Sorted(slices.Values(times))
	return milliseconds(times[len(times)/2])
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
