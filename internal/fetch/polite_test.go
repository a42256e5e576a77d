package fetch

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestTheHourOfAHostIsOneForEveryKindOfRequest(t *testing.T) {
	var asked atomic.Int32
	server := serve(t, "127.0.0.1", func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		if r.URL.Path == "/moved" {
			http.Redirect(w, r, "/", http.StatusTemporaryRedirect)
		}
	})
	other := serve(t, "127.0.0.2", func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/" {
			http.Redirect(w, r, server.URL+r.URL.Path, http.StatusTemporaryRedirect)
		}
	})
	l := usual()
	l.budget, l.patience = 8, time.Hour
	client := newClient(Options{Allow: loopback}, l)
	get := func(address string) error {
		_, err := client.Get(t.Context(), address, nil)
		return err
	}
	polite := func(address string) error { return post(t.Context(), client, address) }

	for i, err := range []error{
		get(server.URL), polite(server.URL),
		get(server.URL + "/moved"), polite(server.URL + "/moved"), // each asks it twice
		get(other.URL + "/x"), polite(other.URL + "/x"),
	} {
		if err != nil {
			t.Fatalf("request %d: %v", i, err)
		}
	}
	for name, err := range map[string]error{
		"Get": get(server.URL), "GET redirected": get(other.URL + "/x"),
		"Polite": polite(server.URL), "POST redirected": polite(other.URL + "/x"),
	} {
		var e *Error
		if !errors.Is(err, ErrSpent) || !errors.Is(err, ErrBusy) || !errors.As(err, &e) {
			t.Errorf("%s gave %v, want ErrSpent", name, err)
			continue
		}
		if each := l.hour / time.Duration(l.budget); e.Wait > each || e.Wait < each-time.Minute || !strings.HasPrefix(e.URL, server.URL) {
			t.Errorf("%s: wait %s for %s, want about %s for %s", name, e.Wait, e.URL, each, server.URL)
		}
	}
	if got := asked.Load(); got != int32(l.budget) {
		t.Errorf("the host was asked %d times, want %d", got, l.budget)
	}
	if err := get(other.URL); err != nil {
		t.Errorf("another host: %v", err)
	}
	if err := polite(other.URL); err != nil {
		t.Errorf("another host: %v", err)
	}
	if res, err := client.HTTP().Get(server.URL); err != nil {
		t.Errorf("HTTP counts towards a budget: %v", err)
	} else {
		res.Body.Close()
	}
	wantTurnsBack(t, client)
}

func TestARedirectMayEndAtTheBudgetOfItsOwnHost(t *testing.T) {
	server := serve(t, "127.0.0.1", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/", http.StatusFound)
	})
	l := usual()
	l.budget = 3
	client := newClient(Options{Allow: loopback}, l)
	if _, err := client.Get(t.Context(), server.URL, nil); !errors.Is(err, ErrSpent) {
		t.Errorf("got %v, want ErrSpent", err)
	}
	wantTurnsBack(t, client)
}

func TestAnHourComesBackEvenly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := usual()
		l.budget = 4
		hosts := newHosts(l)
		visit := func() error {
			turn, err := hosts.wait(t.Context(), address(0))
			turn.done()
			return err
		}
		for range l.budget {
			if err := visit(); err != nil {
				t.Fatal(err)
			}
		}
		for range 6 {
			if err := visit(); !errors.Is(err, ErrSpent) {
				t.Errorf("got %v, want ErrSpent", err)
			}
			time.Sleep(15 * time.Minute)
			if err := visit(); err != nil {
				t.Errorf("after a quarter of an hour: %v", err)
			}
		}
	})
}

func TestWhoWaitsInVainSpendsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := usual()
		l.budget = 2
		hosts := newHosts(l)
		first, err := hosts.wait(t.Context(), address(0))
		if err != nil {
			t.Fatal(err)
		}
		for range 5 {
			if _, err := hosts.wait(t.Context(), address(0)); !errors.Is(err, ErrBusy) || errors.Is(err, ErrSpent) {
				t.Fatalf("got %v, want ErrBusy alone", err)
			}
		}
		first.done()
		second, err := hosts.wait(t.Context(), address(0))
		if err != nil {
			t.Fatal(err)
		}
		second.unused()
		if third, err := hosts.wait(t.Context(), address(0)); err != nil {
			t.Errorf("after a turn that was not used: %v", err)
		} else {
			third.done()
		}
	})
}

func TestAGetAndAPostHaveOneTurn(t *testing.T) {
	slow, arrived := slowServer(t, "127.0.0.1")
	quick := serve(t, "127.0.0.2", func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "x") })
	l := usual()
	l.patience = 20 * time.Millisecond
	client := newClient(Options{Allow: loopback}, l)

	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		client.Get(ctx, slow, nil)
		close(ended)
	}()
	<-arrived
	if err := post(t.Context(), client, slow); !errors.Is(err, ErrBusy) {
		t.Errorf("a POST during a GET gave %v, want ErrBusy", err)
	}
	cancel()
	<-ended

	open, err := client.Polite().Get(quick.URL)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.Get(t.Context(), quick.URL, nil); !errors.Is(err, ErrBusy) {
		t.Errorf("a GET while an answer is read gave %v, want ErrBusy", err)
	}
	open.Body.Close()
	open.Body.Close()
	if _, err := client.Get(t.Context(), quick.URL, nil); err != nil {
		t.Errorf("after the answer was closed: %v", err)
	}
	wantTurnsBack(t, client)
}

func TestAPoliteRedirectHoldsOneTurnAtATime(t *testing.T) {
	slow, arrived := slowServer(t, "127.0.0.2")
	var posted atomic.Value
	first := serve(t, "127.0.0.1", func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/here": // stays, with a body that nobody reads
			w.Header().Set("Location", "/there")
			w.WriteHeader(http.StatusPermanentRedirect)
			io.WriteString(w, strings.Repeat("x", 100<<10))
		case "/there":
			body, _ := io.ReadAll(r.Body)
			posted.Store(r.Method + " " + string(body))
		case "/away":
			http.Redirect(w, r, slow, http.StatusTemporaryRedirect)
		}
	})
	l := usual()
	l.patience = time.Hour
	client := newClient(Options{Allow: loopback}, l)
	if err := post(t.Context(), client, first.URL+"/here"); err != nil || posted.Load() != "POST x" {
		t.Errorf("a redirect to the same host gave %v, %v", posted.Load(), err)
	}

	ctx, cancel := context.WithCancel(t.Context())
	var both sync.WaitGroup
	both.Go(func() { client.Get(ctx, slow, nil) })
	<-arrived
	both.Go(func() {
		if err := post(ctx, client, first.URL+"/away"); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want context.Canceled", err)
		}
	})
	for callers(client, slow) < 2 {
		runtime.Gosched()
	}
	if _, err := client.Get(t.Context(), first.URL, nil); err != nil {
		t.Errorf("the first host, while the redirect waits for the other: %v", err)
	}
	cancel()
	both.Wait()
	wantTurnsBack(t, client)
}

func TestAPoliteRequestFollowsFiveRedirectsAndNoMore(t *testing.T) {
	var asked atomic.Int32
	server := serve(t, "127.0.0.1", func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		http.Redirect(w, r, "/", http.StatusTemporaryRedirect)
	})
	client := New(Options{Allow: loopback})
	if err := post(t.Context(), client, server.URL); !errors.Is(err, ErrRedirects) || asked.Load() != 6 {
		t.Errorf("got %v after %d requests, want ErrRedirects after 6", err, asked.Load())
	}
	wantTurnsBack(t, client)
}

func TestNoTurnIsLost(t *testing.T) {
	refused := serve(t, "127.0.0.1", nil)
	refused.Close()
	nowhere := serve(t, "127.0.0.1", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Location", "http://[")
		w.WriteHeader(http.StatusTemporaryRedirect)
	})
	private := serve(t, "127.0.0.1", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "http://10.0.0.1/", http.StatusTemporaryRedirect)
	})
	client := New(Options{Allow: loopback})
	for _, address := range []string{
		refused.URL, nowhere.URL, private.URL, "http://10.0.0.1/",
		raw(t, ""), raw(t, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx"), raw(t, "HTTP/1.1 200 OK\r\nContent-Encoding: br\r\n\r\nx"),
	} {
		for range 3 {
			if err := post(t.Context(), client, address); err == nil || errors.Is(err, ErrBusy) {
				t.Errorf("%s gave %v, want another error", address, err)
			}
		}
	}
	wantTurnsBack(t, client)
}

func TestNoTurnIsLostByWhoLeaves(t *testing.T) {
	server := serve(t, "127.0.0.1", func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body) // or the server does not see who leaves
		io.WriteString(w, "x")
		w.(http.Flusher).Flush()
		if r.URL.Path == "/slow" {
			<-r.Context().Done()
		}
	})
	other := serve(t, "127.0.0.2", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, server.URL+r.URL.Path, http.StatusTemporaryRedirect)
	})
	l := usual()
	l.gap = time.Microsecond
	client := newClient(Options{Allow: loopback}, l)
	var all sync.WaitGroup
	for i := range 100 {
		address := []string{server.URL, server.URL + "/slow", other.URL, other.URL + "/slow"}[i%4]
		ctx, cancel := context.WithTimeout(t.Context(), time.Duration(i)*time.Millisecond/2)
		all.Go(func() {
			defer cancel()
			if i%3 == 0 {
				client.Get(ctx, address, nil)
			} else {
				post(ctx, client, address)
			}
		})
	}
	all.Wait()
	wantTurnsBack(t, client)
	if err := post(t.Context(), client, other.URL); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}

// post sends a polite POST with the body x, and reads the answer.
func post(ctx context.Context, client *Client, address string) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader("x"))
	if err != nil {
		return err
	}
	res, err := client.Polite().Do(r)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	_, err = io.Copy(io.Discard, res.Body)
	return err
}

// callers is how many visit the host of an address or wait for it.
func callers(client *Client, address string) int {
	u, _ := url.Parse(address)
	client.hosts.mu.Lock()
	defer client.hosts.mu.Unlock()
	if host := client.hosts.known[Host(u)]; host != nil {
		return host.callers
	}
	return 0
}

func wantTurnsBack(t *testing.T, client *Client) {
	t.Helper()
	client.hosts.mu.Lock()
	defer client.hosts.mu.Unlock()
	for name, host := range client.hosts.known {
		if host.callers != 0 || len(host.free) != 1 {
			t.Errorf("%s: %d callers, %d turns to have; want 0 and 1", name, host.callers, len(host.free))
		}
	}
	wantNobody(t, client.crowd)
}

// A door that moved gets what was posted, and not a GET.
func TestAPostFollowsADoorThatMoved(t *testing.T) {
	for name, c := range map[string]struct {
		status   int
		location string
		want     string
	}{
		"301 to another path":           {301, "/new", "POST /new x=1"},
		"302 to the same with a slash":  {302, "/door/?key=1", "POST /door/?key=1 x=1"},
		"302 to a page of thanks":       {302, "/thanks", "GET /thanks "},
		"303 to a page of thanks":       {303, "/thanks", "GET /thanks "},
		"307 to another path":           {307, "/new", "POST /new x=1"},
		"308 to another path and query": {308, "/new?y=2", "POST /new?y=2 x=1"},
	} {
		var last string
		server := serve(t, "127.0.0.1", func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			last = r.Method + " " + r.URL.RequestURI() + " " + string(body)
			if r.URL.RequestURI() == "/door?key=1" {
				w.Header().Set("Location", c.location)
				w.WriteHeader(c.status)
			}
		})
		res, err := New(Options{Allow: loopback}).Polite().Post(server.URL+"/door?key=1", "text/plain", strings.NewReader("x=1"))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		res.Body.Close()
		if last != c.want {
			t.Errorf("%s: got %q, want %q", name, last, c.want)
		}
	}
}
