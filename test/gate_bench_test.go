package test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// BenchmarkBanned measures what a request from a banned address costs the server, which
// learns the address from a proxy.
func BenchmarkBanned(b *testing.B) {
	s := start(b, "HARK_TRUSTED_PROXIES=127.0.0.0/8")
	s.owner()
	s.command("", "ban", "add", "203.0.113.9")
	request := fmt.Sprintf("GET / HTTP/1.1\r\nHost: %s\r\nX-Forwarded-For: 203.0.113.9\r\n\r\n", s.host())
	eventually(b, 5*time.Second, "the ban is known", func() error {
		req, err := http.NewRequest(http.MethodGet, s.url+"/", nil)
		if err != nil {
			return err
		}
		req.Header.Set("X-Forwarded-For", "203.0.113.9")
		if a := from(b, "127.0.0.1").must(req, nil); a.status != http.StatusForbidden {
			return fmt.Errorf("one who is banned is answered %d", a.status)
		}
		return nil
	})
	s.process.knock(b, s.host(), request, "HTTP/1.1 403 ")
}

// BenchmarkMalformedOnNewConnections measures what a malformed pingback costs the server that
// comes over a connection of its own, and what the same answer costs a handler that does
// nothing else. Before long most are turned away by a storm.
func BenchmarkMalformedOnNewConnections(b *testing.B) {
	s := start(b)
	s.owner()
	body := `<?xml version="1.0"?><methodCall><methodName>pingback.ping</methodName>`
	request := fmt.Sprintf("POST /pingback HTTP/1.1\r\nHost: %s\r\nConnection: close\r\nContent-Type: text/xml\r\nContent-Length: %d\r\n\r\n%s", s.host(), len(body), body)
	b.Run("bare", func(b *testing.B) {
		bare, host := newBare(b, s.host(), request)
		bare.knock(b, host, request, "HTTP/1.1 200 ")
	})
	b.Run("hark", func(b *testing.B) {
		s.process.knock(b, s.host(), request, "HTTP/1.1 4", "HTTP/1.1 503 ")
	})
}

// knock sends b.N times one request, 32 at a time, each over a connection that the answer
// closes.
func (p *process) knock(b *testing.B, host, request string, answers ...string) {
	before := p.processor(b)
	b.ResetTimer()
	var sent atomic.Int64
	var wait sync.WaitGroup
	for range 32 {
		wait.Go(func() {
			for n := sent.Add(1); n <= int64(b.N); n = sent.Add(1) {
				dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 7, byte(n/250%250), byte(n%250+1))}}
				conn, err := dialer.Dial("tcp", host)
				if err != nil {
					b.Error(err)
					return
				}
				fmt.Fprint(conn, request)
				answer, err := io.ReadAll(conn)
				conn.Close()
				if err != nil || !slices.ContainsFunc(answers, func(want string) bool { return strings.HasPrefix(string(answer), want) }) {
					b.Errorf("answered %q, %v", answer, err)
					return
				}
			}
		})
	}
	wait.Wait()
	b.StopTimer()
	b.ReportMetric(float64((p.processor(b)-before).Microseconds())/float64(b.N), "server-µs/op")
}

// spamRun is how long the flood lasts.
const spamRun = 5 * time.Minute

// BenchmarkFlood has 500 addresses send 200 malformed pingbacks a second, each over a
// connection of its own, while somebody reads; and tells what that does to the reader,
// to memory and to the database.
func BenchmarkFlood(b *testing.B) {
	for b.Loop() {
		b.StopTimer()
		s := start(b)
		token := s.owner()
		post := s.publish(token, "A post", "<p>Of one line.</p>")
		pages := []string{s.url + "/", post}
		reading(b, pages, 2*time.Second)
		s.stop() // what the first start left behind is written down
		s.start()
		reading(b, pages, 2*time.Second)
		idle := reading(b, pages, 20*time.Second)
		memory, disk, used := s.process.memory(b), s.disk(b), s.process.processor(b)
		b.StartTimer()
		end := make(chan struct{})
		var sent, refused atomic.Int64
		var flood sync.WaitGroup
		flood.Go(func() {
			tick := time.NewTicker(5 * time.Millisecond)
			defer tick.Stop()
			for n := 0; ; n++ {
				select {
				case <-end:
					return
				case <-tick.C:
				}
				flood.Go(func() {
					sent.Add(1)
					if status := malformed(b, s, fmt.Sprintf("127.5.%d.%d", n%500/250, n%250+1)); status >= 400 && status < 500 {
						refused.Add(1)
					}
				})
			}
		})
		during := reading(b, pages, spamRun)
		close(end)
		flood.Wait()
		b.StopTimer()
		b.ReportMetric(float64(sent.Load())/spamRun.Seconds(), "sent/s")
		b.ReportMetric(float64(sent.Load()-refused.Load()), "not-refused")
		b.ReportMetric(idle.Seconds()*1000, "idle-p99-ms")
		b.ReportMetric(during.Seconds()*1000, "flood-p99-ms")
		b.ReportMetric(float64(during)/float64(idle), "ratio")
		b.ReportMetric(s.process.memory(b)-memory, "MB-more")
		b.ReportMetric(float64((s.process.processor(b)-used).Milliseconds())/spamRun.Seconds()/10, "%cpu")
		s.stop()
		b.ReportMetric(float64(s.disk(b)-disk)/1024, "KB-database-more")
		b.StartTimer()
	}
}

// BenchmarkLogins has 200 people try to sign in at the same time, from 200 addresses, while
// somebody reads.
func BenchmarkLogins(b *testing.B) {
	for b.Loop() {
		b.StopTimer()
		s := start(b)
		post := s.publish(s.owner(), "A post", "<p>Of one line.</p>")
		pages := []string{s.url + "/", post}
		reading(b, pages, 2*time.Second)
		idle := reading(b, pages, 10*time.Second)
		b.StartTimer()
		var people sync.WaitGroup
		var right, wrong, later, others atomic.Int64
		began := time.Now()
		for n := range 200 {
			people.Go(func() {
				fields := url.Values{"username": {fmt.Sprintf("stranger%d", n)}, "password": {"not the right words"}}
				if n%20 == 0 {
					fields = url.Values{"username": {ownerName}, "password": {ownerPassword}}
				}
				switch from(b, fmt.Sprintf("127.6.0.%d", n+1)).post(s.url+"/login", fields).status {
				case http.StatusSeeOther:
					right.Add(1)
				case http.StatusUnauthorized:
					wrong.Add(1)
				case http.StatusTooManyRequests, http.StatusServiceUnavailable:
					later.Add(1)
				default:
					others.Add(1)
				}
			})
		}
		done := make(chan struct{})
		go func() { people.Wait(); close(done) }()
		var times []time.Duration
		most := 0.0
		for running := true; running; {
			times = append(times, read(b, pages[len(times)%2]))
			most = max(most, s.process.memory(b))
			select {
			case <-done:
				running = false
			case <-time.After(5 * time.Millisecond):
			}
		}
		b.ReportMetric(time.Since(began).Seconds(), "s-all")
		b.StopTimer()
		b.ReportMetric(float64(right.Load()), "let-in")
		b.ReportMetric(float64(wrong.Load()), "refused")
		b.ReportMetric(float64(later.Load()), "told-later")
		b.ReportMetric(float64(others.Load()), "otherwise")
		b.ReportMetric(most, "MB-at-most")
		b.ReportMetric(idle.Seconds()*1000, "idle-p99-ms")
		b.ReportMetric(p99(times).Seconds()*1000, "p99-ms")
		s.stop()
		b.StartTimer()
	}
}

// reading has somebody read pages in turn, a hundred a second, and gives the time that
// one of a hundred takes longer than.
func reading(b *testing.B, pages []string, span time.Duration) time.Duration {
	b.Helper()
	var times []time.Duration
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(span); time.Now().Before(end); <-tick.C {
		times = append(times, read(b, pages[len(times)%len(pages)]))
	}
	return p99(times)
}

func read(b *testing.B, page string) time.Duration {
	began := time.Now()
	res, err := http.Get(page)
	if err != nil {
		b.Error(err)
		return 0
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		b.Errorf("a reader is answered %s", res.Status)
	}
	return time.Since(began)
}

func p99(times []time.Duration) time.Duration {
	slices.Sort(times)
	return times[len(times)*99/100]
}

// malformed sends a call that breaks off, over a connection of its own.
func malformed(b *testing.B, s *site, address string) int {
	req, err := http.NewRequest(http.MethodPost, s.url+"/pingback", strings.NewReader("<?xml version=\"1.0\"?><methodCall><methodName>pingback.ping</methodName>"))
	if err != nil {
		b.Error(err)
		return 0
	}
	req.Header.Set("Content-Type", "text/xml")
	req.Close = true
	a, err := from(b, address).do(req)
	if err != nil {
		b.Error(err)
	}
	return a.status
}

// disk is how many bytes the database takes.
func (s *site) disk(b *testing.B) (bytes int64) {
	files, err := filepath.Glob(filepath.Join(s.setting("HARK_DATA"), "hark.db*"))
	if err != nil || len(files) == 0 {
		b.Fatalf("the database is %q, %v", files, err)
	}
	for _, file := range files {
		if info, err := os.Stat(file); err == nil {
			bytes += info.Size()
		}
	}
	return bytes
}
