package test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func BenchmarkBinary(b *testing.B) {
	info, err := os.Stat(os.Getenv("HARK_BINARY"))
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() { // a size has no duration
	}
	b.ReportMetric(float64(info.Size())/(1<<20), "MB")
}

// BenchmarkStart measures from exec to the first answer of a site that has been there before.
func BenchmarkStart(b *testing.B) {
	for _, posts := range []int{1, 1000} {
		b.Run(fmt.Sprint(posts), func(b *testing.B) {
			s := newFilled(b, posts)
			s.start()
			s.starts(b)
		})
	}
}

func BenchmarkIdleMemory(b *testing.B) {
	s := start(b)
	s.publish(s.owner(), "A post", "<p>Of one line.</p>")
	s.stop()
	s.start()
	for b.Loop() { // memory has no duration
	}
	b.ReportMetric(s.process.memory(b), "MB")
	b.ReportMetric(s.process.own(b), "own-MB")
}

// BenchmarkMention measures one mention from its POST until its status page calls it shown; the
// source answers at once. Each comes from another address, and no post gets more than its budget.
func BenchmarkMention(b *testing.B) {
	s := start(b)
	token := s.owner()
	var post string
	for n := 0; b.Loop(); n++ {
		b.StopTimer()
		if n%400 == 0 {
			post = s.publish(token, fmt.Sprintf("Target %d", n/400), "<p>Answered.</p>")
		}
		host := fmt.Sprintf("127.1.%d.%d", n/250, n%250+1)
		source := newBlog(b, host, fmt.Sprintf("Writer %d", n), post) + "/reply"
		sender := from(b, host)
		b.StartTimer()
		a := sender.post(s.url+"/webmention", url.Values{"source": {source}, "target": {post}})
		if a.status != http.StatusCreated {
			b.Fatalf("a webmention is answered %d: %s", a.status, a.body)
		}
		for sender.state(a.header.Get("Location")) != "shown" {
			time.Sleep(200 * time.Microsecond)
		}
	}
}

// state asks a mention's status page, as a program does, what became of it.
func (v *visitor) state(address string) string {
	req, err := http.NewRequest(http.MethodGet, address, nil)
	if err == nil {
		req.Header.Set("Accept", "application/json")
	}
	var fate struct {
		Status string `json:"status"`
	}
	if err := json.Unmarshal([]byte(v.must(req, err).body), &fate); err != nil {
		v.t.Fatal(err)
	}
	return fate.Status
}

// BenchmarkMalformedPingbacks measures what a malformed pingback costs the server over
// connections that are kept, and what the same answer costs a handler that does nothing else.
func BenchmarkMalformedPingbacks(b *testing.B) {
	s := start(b)
	s.owner()
	body := `<?xml version="1.0"?><methodCall><methodName>pingback.ping</methodName>`
	request := fmt.Sprintf("POST /pingback HTTP/1.1\r\nHost: %s\r\nUser-Agent: PHP/5.2.10\r\nContent-Type: text/xml\r\nContent-Length: %d\r\n\r\n%s", s.host(), len(body), body)
	b.Run("bare", func(b *testing.B) {
		bare, host := newBare(b, s.host(), request)
		bare.load(b, host, request, func(status int) bool { return status == 200 })
	})
	b.Run("hark", func(b *testing.B) {
		s.process.load(b, s.host(), request, func(status int) bool { return status >= 400 })
	})
}

// BenchmarkPages compares pages of hark with the same bytes from a handler that does nothing else.
func BenchmarkPages(b *testing.B) {
	s := start(b)
	token := s.owner()
	var post string
	for n := range 20 {
		post = s.publish(token, fmt.Sprintf("Post %d", n), "<p>"+strings.Repeat("The jar was never meant to last. ", 30)+"</p>")
	}
	for _, page := range []struct{ name, address string }{{"home", s.url + "/"}, {"post", post}} {
		path := strings.TrimPrefix(page.address, s.url)
		for _, encoding := range []string{"gzip", "identity"} {
			request := func(host string) string {
				return fmt.Sprintf("GET %s HTTP/1.1\r\nHost: %s\r\nAccept-Encoding: %s\r\nUser-Agent: a reader\r\n\r\n", path, host, encoding)
			}
			b.Run(page.name+"/"+encoding+"/hark", func(b *testing.B) {
				s.process.load(b, s.host(), request(s.host()), func(status int) bool { return status == 200 })
			})
			b.Run(page.name+"/"+encoding+"/bare", func(b *testing.B) {
				bare, host := newBare(b, s.host(), request(s.host()))
				bare.load(b, host, request(host), func(status int) bool { return status == 200 })
			})
		}
	}
}

// load sends b.N times one request over 32 kept connections and reports the processor time that
// each took the server.
func (p *process) load(b *testing.B, host, request string, fine func(status int) bool) {
	const connections = 32
	var conns []net.Conn
	for n := range connections {
		dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, byte(30+n), 1)}}
		conn, err := dialer.Dial("tcp", host)
		if err != nil {
			b.Fatal(err)
		}
		defer conn.Close()
		conns = append(conns, conn)
	}
	var left atomic.Int64
	left.Store(int64(b.N))
	before := p.processor(b)
	b.ResetTimer()
	var wait sync.WaitGroup
	for _, conn := range conns {
		wait.Go(func() {
			read := bufio.NewReader(conn)
			for left.Add(-1) >= 0 {
				if _, err := io.WriteString(conn, request); err != nil {
					b.Error(err)
					return
				}
				res, err := http.ReadResponse(read, nil)
				if err != nil {
					b.Error(err)
					return
				}
				_, err = io.Copy(io.Discard, res.Body)
				if res.Body.Close(); err != nil || !fine(res.StatusCode) {
					b.Errorf("answered %s, %v", res.Status, err)
					return
				}
				if res.Close {
					return // the others go on
				}
			}
		})
	}
	wait.Wait()
	b.StopTimer()
	if n := left.Load(); n >= 0 {
		b.Fatalf("every connection was closed with %d requests to go", n)
	}
	b.ReportMetric(float64((p.processor(b)-before).Microseconds())/float64(b.N), "server-µs/op")
}

// processor is the processor time that a process has used so far.
func (p *process) processor(b *testing.B) time.Duration {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.cmd.Process.Pid))
	if err != nil {
		b.Skip("processor times are read from /proc")
	}
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
	user, err1 := strconv.ParseInt(fields[11], 10, 64)
	system, err2 := strconv.ParseInt(fields[12], 10, 64)
	if err1 != nil || err2 != nil {
		b.Fatalf("/proc says %q", stat)
	}
	return time.Duration(user+system) * 10 * time.Millisecond
}

// memory is how many megabytes of a process are in memory.
func (p *process) memory(b *testing.B) float64 { return p.status(b, "VmRSS:") }

// own is how many of those are not pages of the program's file, which the system maps around what
// is used of it, and takes back when it wants to.
func (p *process) own(b *testing.B) float64 { return p.status(b, "RssAnon:") }

// status is a line of the system about a process, in megabytes.
func (p *process) status(b *testing.B, line string) float64 {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		b.Skip("memory is read from /proc")
	}
	_, rest, _ := strings.Cut(string(status), line)
	kilobytes, err := strconv.ParseFloat(strings.Fields(rest)[0], 64)
	if err != nil {
		b.Fatal(err)
	}
	return kilobytes / 1024
}

// bareAnswer names the file that a copy of this test program serves, and nothing else.
const bareAnswer = "HARK_TEST_BARE_ANSWER"

// newBare starts a bare server in a process of its own that gives the answer hark gives to a request.
func newBare(b *testing.B, host, request string) (*process, string) {
	b.Helper()
	conn, err := net.Dial("tcp", host)
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, request); err != nil {
		b.Fatal(err)
	}
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		b.Fatal(err)
	}
	defer res.Body.Close()
	file := b.TempDir() + "/answer"
	var answer bytes.Buffer
	if err := res.Header.WriteSubset(&answer, map[string]bool{"Date": true, "Content-Length": true}); err != nil {
		b.Fatal(err)
	}
	answer.WriteString("\r\n")
	if _, err := io.Copy(&answer, res.Body); err != nil {
		b.Fatal(err)
	}
	write(b, file, answer.String())
	address := freeAddress(b, "127.0.0.6")
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), bareAnswer+"="+address+" "+file)
	p := launch(b, cmd)
	eventually(b, 10*time.Second, "the bare server answers", func() error {
		probe, err := net.Dial("tcp", address)
		if err == nil {
			probe.Close()
		}
		return err
	})
	return p, address
}

// serveBare answers every request with one file's headers and body.
func serveBare(address, file string) error {
	answer, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	res, err := http.ReadResponse(bufio.NewReader(io.MultiReader(strings.NewReader("HTTP/1.1 200 OK\r\n"), bytes.NewReader(answer))), nil)
	if err != nil {
		return err
	}
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return err
	}
	length := []string{strconv.Itoa(len(body))}
	return http.ListenAndServe(address, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		header := w.Header()
		for name, values := range res.Header {
			header[name] = values
		}
		header["Content-Length"] = length
		_, _ = w.Write(body) // a reader that went away is no concern here
	}))
}
