package page

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
)

// counting counts the writes that reach the network.
type counting struct {
	net.Listener
	writes atomic.Int32
}

type countedConn struct {
	net.Conn
	writes *atomic.Int32
}

func (l *counting) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	return &countedConn{conn, &l.writes}, err
}

func (c *countedConn) Write(b []byte) (int, error) {
	c.writes.Add(1)
	return c.Conn.Write(b)
}

// whole serves h behind Whole and tells how many writes there were.
func whole(t testing.TB, h http.Handler) (*httptest.Server, *atomic.Int32) {
	t.Helper()
	server := httptest.NewUnstartedServer(h)
	counted := &counting{Listener: server.Listener}
	server.Listener = Whole(counted)
	server.Config.ConnContext = ConnContext
	server.Start()
	t.Cleanup(server.Close)
	return server, &counted.writes
}

func TestAPageLeavesInOneWrite(t *testing.T) {
	cache := NewCache(&changes{}, 8<<20)
	server, writes := whole(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		size := map[string]int{"/1": 100, "/2": 3000, "/3": 3900, "/4": 5000, "/5": 60 << 10}[r.URL.Path]
		cache.Serve(w, r, r.URL.Path, page(strings.Repeat("x", size), "post:1"))
	}))
	b := &blog{Server: server}
	for path, size := range map[string]int{"/1": 100, "/2": 3000, "/3": 3900, "/4": 5000, "/5": 60 << 10} {
		for range 3 { // on a kept connection
			before := writes.Load()
			if _, body := b.get(t, path); len(body) != size {
				t.Fatalf("%d bytes, want %d", len(body), size)
			}
			if n := writes.Load() - before; n != 1 {
				t.Errorf("%d bytes left in %d writes, want one", size, n)
			}
		}
	}
}

func TestWhatIsNotAPageIsSentAsItComes(t *testing.T) {
	next := make(chan struct{})
	server, _ := whole(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, "first")
		http.NewResponseController(w).Flush()
		<-next
		io.Copy(w, strings.NewReader(strings.Repeat("y", 100<<10)))
	}))
	res, err := server.Client().Get(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	first := make([]byte, 5)
	if _, err := io.ReadFull(res.Body, first); err != nil || string(first) != "first" {
		t.Fatalf("read %q, %v while the answer is unfinished", first, err)
	}
	close(next)
	if rest, err := io.ReadAll(res.Body); err != nil || len(rest) != 100<<10 {
		t.Errorf("read %d bytes more, %v", len(rest), err)
	}
}

func TestAnAnswerThatComesOutShorterThanAnnouncedIsNotStuck(t *testing.T) {
	server, _ := whole(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		announce(r.Context(), 50<<10)
		io.WriteString(w, strings.Repeat("z", 9000))
	}))
	b := &blog{Server: server}
	for _, headers := range [][]string{nil, nil, {"Connection: close"}} {
		if _, body := b.get(t, "/", headers...); len(body) != 9000 {
			t.Errorf("%d bytes, want 9000", len(body))
		}
	}
}

func TestAnAnnouncementForAnotherKindOfConnectionIsNotHeard(t *testing.T) {
	client, server := net.Pipe()
	defer client.Close()
	defer server.Close()
	if ctx := ConnContext(context.Background(), server); ctx != context.Background() {
		t.Error("a plain connection changed the context")
	}
	announce(context.Background(), 10)
}
