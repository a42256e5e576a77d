package mentions

import (
	"context"
	"fmt"
	"io"
	"net"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"hark/internal/queue"
)

// dripping starts hosts, each at an address of its own, that send a page's
// beginning and then one byte a second. It counts how often they were visited.
func dripping(t testing.TB, hosts int, beginning string) (sources []string, visits *atomic.Int32) {
	t.Helper()
	visits = new(atomic.Int32)
	for n := range hosts {
		listener, err := net.Listen("tcp", fmt.Sprintf("127.0.1.%d:0", n+1))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { listener.Close() })
		go func() {
			for {
				conn, err := listener.Accept()
				if err != nil {
					return
				}
				visits.Add(1)
				go drip(conn, beginning)
			}
		}()
		sources = append(sources, "http://"+listener.Addr().String()+"/")
	}
	return sources, visits
}

func drip(conn net.Conn, beginning string) {
	defer conn.Close()
	conn.Read(make([]byte, 4096))
	_, err := io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"+beginning)
	for ; err == nil; time.Sleep(time.Second) {
		_, err = io.WriteString(conn, "x")
	}
}

func heap() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC() // pools need two
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc + m.StackInuse)
}

func TestT9SourcesThatDripDoNotKeepAGoodOne(t *testing.T) {
	w, quick := newWorld(t), newBlog(t)
	p := w.post("Words.")
	sources, visits := dripping(t, 200, "<p>")
	good := quick.html("/a", reply(ours(p), "Quick."))
	var senders sync.WaitGroup
	for _, source := range sources {
		senders.Go(func() {
			for n := range 2 {
				if _, err := w.inbox.Receive(t.Context(), Webmention, fmt.Sprint(source, n), ours(p), stranger); err != nil {
					t.Error(err)
				}
			}
		})
	}
	senders.Wait()
	before := heap()
	r := w.receive(good, ours(p))
	begin := time.Now()
	w.run()
	m, err := w.inbox.Verdict(t.Context(), r.ID, 15*time.Second)
	w.must(err)
	if m.State != Shown {
		t.Errorf("the good one is %s (%s) after %s", m.State, m.Reason, time.Since(begin))
	}
	if more := heap() - before; more > 24<<20 {
		t.Errorf("%d KB more are held while others drip", more>>10)
	}
	if n := w.number("SELECT count(*) FROM mentions WHERE state = 'waiting'"); n != 2*len(sources) {
		t.Errorf("%d of those that drip wait for another try, want all %d", n, 2*len(sources))
	}
	if visits.Load() == 0 {
		t.Error("nobody dripped")
	}
}

// timely is a context whose time is up when over is closed.
type timely struct {
	context.Context
	over chan struct{}
}

func (c timely) Done() <-chan struct{} { return c.over }

func (c timely) Err() error {
	select {
	case <-c.over:
		return context.DeadlineExceeded
	default:
		return nil
	}
}

func TestT9AnAuthorsPageThatDripsDoesNotCostTheMention(t *testing.T) {
	w, b := newWorld(t), newBlog(t)
	p := w.post("Words.")
	slow, visits := dripping(t, 1, "<p>")
	r := w.receive(b.html("/a", fmt.Sprintf(`<div class="h-entry"><a class="u-author" href="%s"></a>
		<a class="u-in-reply-to" href="%s">to you</a> <p class="e-content">Well said.</p></div>`, slow[0], ours(p))), ours(p))
	ctx := timely{t.Context(), make(chan struct{})}
	done := make(chan error, 1)
	go func() { done <- w.inbox.verify(ctx, queue.Job{Payload: fmt.Appendf(nil, "%q", r.ID)}) }()
	waitFor(t, "the page of its author to be asked for", func() bool { return visits.Load() > 0 })
	close(ctx.over)
	w.must(<-done)
	if m := w.expect(r.ID, Shown); !strings.HasPrefix(m.AuthorURL, slow[0]) {
		t.Errorf("its author is at %q", m.AuthorURL)
	}
}
