package site

import (
	"cmp"
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"log/slog"
	"maps"
	"net/http"
	"net/netip"
	"os"
	"runtime"
	rt "runtime/metrics"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"hark/internal/authlog"
	"hark/internal/guard"
	"hark/internal/mentions"
	"hark/internal/metrics"
)

// Measured is who may read the figures of the site, and what they are about
// beside the site's own.
type Measured struct {
	Allow   []netip.Prefix // who may, beside this machine
	Token   string         // whoever brings it may, too; empty: nobody does
	Version string
	Bans    *guard.Bans
	AuthLog *authlog.Log
	Jobs    func(context.Context) (waiting, dead map[string]int, err error)
}

// measures answers Prometheus. To everybody who may not ask there is no such page.
func (s *Site) measures(w http.ResponseWriter, r *http.Request) error {
	if !s.mayMeasure(r) {
		return s.missing(w, r)
	}
	var p metrics.Page
	s.countTraffic(&p)
	s.countDoors(&p)
	s.countWork(r.Context(), &p)
	countProgram(&p, s.Measured.Version, s.begun)
	w.Header().Set("Content-Type", metrics.ContentType)
	w.Header().Set("Cache-Control", "no-store")
	w.Write(p.Bytes())
	return nil
}

// mayMeasure tells who may: this machine itself, those whose address is allowed,
// and whoever has the token.
func (s *Site) mayMeasure(r *http.Request) bool {
	if s.Measured.Token != "" {
		scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
		got, want := sha256.Sum256([]byte(strings.TrimSpace(token))), sha256.Sum256([]byte(s.Measured.Token))
		if strings.EqualFold(scheme, "Bearer") && subtle.ConstantTimeCompare(got[:], want[:]) == 1 {
			return true
		}
	}
	from := caller(r.Context())
	for _, allowed := range s.Measured.Allow {
		if allowed.Contains(from) {
			return true
		}
	}
	return ownMachine(r)
}

// ownMachine tells whether a request was made on this machine. What a proxy on it
// passes on has come from elsewhere, whether the proxy is trusted or not.
func ownMachine(r *http.Request) bool {
	for _, header := range []string{"X-Forwarded-For", "Forwarded", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-Ip", "Via"} {
		if len(r.Header[header]) > 0 {
			return false
		}
	}
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	return err == nil && peer.Addr().Unmap().IsLoopback()
}

// countTraffic is about requests and the cache.
func (s *Site) countTraffic(p *metrics.Page) {
	f := p.Counter("hark_requests_total", "Requests by route and class of status. The route (cache) is for pages answered by the cache.", "route", "code")
	s.requests.each(func(route string, class int, n uint64) { f.Is(float64(n), route, strconv.Itoa(class)+"xx") })
	stats := s.Cache.Stats()
	p.Counter("hark_page_cache_hits_total", "Pages answered by the cache.").Is(float64(stats.Hits))
	p.Counter("hark_page_cache_misses_total", "Pages that had to be made.").Is(float64(stats.Misses))
	p.Gauge("hark_page_cache_pages", "Pages in the cache.").Is(float64(stats.Pages))
	p.Gauge("hark_page_cache_bytes", "Bytes in the cache.").Is(float64(stats.Bytes))
}

// countDoors is about pings, logins and who is turned away. Figures that are known
// beforehand are there from the start, so that their rates are.
func (s *Site) countDoors(p *metrics.Page) {
	totals := s.Guard.Books().Totals()
	doors := []string{"pingback", "webmention"}
	pings := p.Counter("hark_pings_total", "Pings by protocol and outcome: taken by the door, then shown, held or spam; or refused.", "protocol", "outcome")
	for _, door := range doors {
		for _, outcome := range []string{guard.Taken, guard.Shown, guard.Held, guard.Spam} {
			pings.Is(float64(totals[guard.Event{Door: door, Outcome: outcome}]), door, outcome)
		}
		pings.Is(float64(refused(totals, door)), door, guard.Refused)
	}
	refusals := p.Counter("hark_refusals_total", "Refused pings by protocol and reason.", "protocol", "reason")
	for _, door := range doors {
		for _, reason := range authlog.Reasons() {
			refusals.Is(float64(totals[guard.Event{Door: door, Outcome: guard.Refused, Reason: string(reason)}]), door, string(reason))
		}
	}
	logins := p.Counter("hark_logins_total", "Attempts to log in by result and method.", "result", "method")
	for _, e := range inOrder(totals) {
		if e.Door == guard.Logins {
			logins.Is(float64(totals[e]), e.Outcome, e.Reason)
		}
	}
	_, storm := s.Guard.Storm()
	p.Gauge("hark_storm", "1 while pingbacks are turned away because of a storm of false ones.").Is(number(storm))
	if s.Measured.Bans != nil {
		p.Gauge("hark_bans", "Bans that hold.").Is(float64(s.Measured.Bans.Holding()))
		p.Counter("hark_banned_requests_total", "Requests of banned addresses, which were refused.").Is(float64(s.Measured.Bans.TurnedAway()))
	}
	if s.Measured.AuthLog != nil {
		p.Counter("hark_auth_log_lost_lines_total", "Lines that did not reach the auth log.").Is(float64(s.Measured.AuthLog.Failed()))
	}
}

func refused(totals map[guard.Event]uint64, door string) (n uint64) {
	for e, of := range totals {
		if e.Door == door && e.Outcome == guard.Refused {
			n += of
		}
	}
	return n
}

func inOrder(totals map[guard.Event]uint64) []guard.Event {
	return slices.SortedFunc(maps.Keys(totals), func(a, b guard.Event) int {
		return cmp.Or(cmp.Compare(a.Outcome, b.Outcome), cmp.Compare(a.Reason, b.Reason))
	})
}

func number(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// countWork is about what is in the database. When that does not answer, the other
// figures do.
func (s *Site) countWork(ctx context.Context, p *metrics.Page) {
	ctx, cancel := context.WithTimeout(ctx, healthPatience)
	defer cancel()
	deliveries, err := s.Outbox.Count(ctx, mentions.Outgoing{})
	var waiting, dead map[string]int
	if err == nil && s.Measured.Jobs != nil {
		waiting, dead, err = s.Measured.Jobs(ctx)
	}
	p.Gauge("hark_database_up", "1 when the database answers.").Is(number(err == nil))
	if err != nil {
		slog.Error("figures are missing", "error", err)
		return
	}
	f := p.Gauge("hark_deliveries", "Pages that were told of a link, by state.", "state")
	for _, state := range []mentions.Outcome{mentions.Queued, mentions.Sent, mentions.Deaf, mentions.Failed} {
		f.Is(float64(deliveries[state]), string(state))
	}
	f = p.Gauge("hark_jobs_waiting", "Jobs that are not done, by kind.", "kind")
	for _, kind := range slices.Sorted(maps.Keys(waiting)) {
		f.Is(float64(waiting[kind]), kind)
	}
	f = p.Gauge("hark_jobs_given_up", "Jobs that failed too often, by kind.", "kind")
	for _, kind := range slices.Sorted(maps.Keys(dead)) {
		f.Is(float64(dead[kind]), kind)
	}
}

// countProgram is about the program, under the names that others use for it.
func countProgram(p *metrics.Page, version string, begun time.Time) {
	p.Gauge("hark_build_info", "1, with the versions of hark and Go.", "version", "go").Is(1, version, runtime.Version())
	p.Gauge("process_start_time_seconds", "When the program was started, in seconds since 1970.").Is(float64(begun.UnixMilli()) / 1000)
	var used syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &used) == nil {
		spent := time.Duration(used.Utime.Nano() + used.Stime.Nano())
		p.Counter("process_cpu_seconds_total", "Processor time.").Is(spent.Seconds())
	}
	if resident, ok := residentBytes(); ok {
		p.Gauge("process_resident_memory_bytes", "Memory that the system has given to the program.").Is(resident)
	}
	for _, m := range runtimeFigures {
		sample := []rt.Sample{{Name: m.of}}
		rt.Read(sample)
		family := p.Gauge
		if strings.HasSuffix(m.name, "_total") {
			family = p.Counter
		}
		switch v := sample[0].Value; v.Kind() {
		case rt.KindUint64:
			family(m.name, m.help).Is(float64(v.Uint64()))
		case rt.KindFloat64:
			family(m.name, m.help).Is(v.Float64())
		}
	}
}

// runtimeFigures are the basics of memory and garbage collection. They are read
// without stopping anything.
var runtimeFigures = []struct{ name, help, of string }{
	{"go_goroutines", "Goroutines.", "/sched/goroutines:goroutines"},
	{"go_memstats_heap_alloc_bytes", "Bytes of objects on the heap, those that are garbage included.", "/memory/classes/heap/objects:bytes"},
	{"go_memstats_sys_bytes", "Bytes that Go has from the system.", "/memory/classes/total:bytes"},
	{"go_memstats_next_gc_bytes", "Size of the heap at which the next garbage collection begins.", "/gc/heap/goal:bytes"},
	{"go_gc_cycles_total", "Garbage collections.", "/gc/cycles/total:gc-cycles"},
	{"go_gc_cpu_seconds_total", "Processor time of garbage collection, as Go estimates it.", "/cpu/classes/gc/total:cpu-seconds"},
	{"go_alloc_bytes_total", "Bytes that were allocated.", "/gc/heap/allocs:bytes"},
}

// residentBytes is on Linux the second number of /proc/self/statm, in pages.
func residentBytes() (float64, bool) {
	statm, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0, false
	}
	fields := strings.Fields(string(statm))
	if len(fields) < 2 {
		return 0, false
	}
	pages, err := strconv.ParseFloat(fields[1], 64)
	return pages * float64(os.Getpagesize()), err == nil
}
