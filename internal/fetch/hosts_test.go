package fetch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func TestOneHostIsVisitedOneAtATime(t *testing.T) {
	var now, most atomic.Int32
	server := serve(t, "127.0.0.1", func(w http.ResponseWriter, r *http.Request) {
		most.Store(max(most.Load(), now.Add(1)))
		defer now.Add(-1)
		io.WriteString(w, "x")
	})
	client := New(Options{Allow: loopback})
	var all sync.WaitGroup
	for range 10 {
		all.Go(func() {
			if _, err := client.Get(t.Context(), server.URL, nil); err != nil {
				t.Error(err)
			}
		})
		all.Go(func() {
			if err := post(t.Context(), client, server.URL); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if most.Load() != 1 {
		t.Errorf("%d visits at a time, want 1", most.Load())
	}
}

func TestAfterItsBurstAHostIsBusy(t *testing.T) {
	server := serve(t, "127.0.0.1", func(w http.ResponseWriter, r *http.Request) {})
	other := serve(t, "127.0.0.2", func(w http.ResponseWriter, r *http.Request) {})
	l := usual()
	l.gap = time.Hour
	client := newClient(Options{Allow: loopback}, l)
	for i := range 20 {
		if _, err := client.Get(t.Context(), server.URL, nil); err != nil {
			t.Fatalf("visit %d: %v", i, err)
		}
	}
	for range 3 {
		_, err := client.Get(t.Context(), server.URL, nil)
		var e *Error
		if !errors.Is(err, ErrBusy) || errors.Is(err, ErrUnreachable) || !errors.As(err, &e) {
			t.Fatalf("visit 21 gave %v, want ErrBusy", err)
		}
		if errors.Is(err, ErrSpent) || e.Wait > l.gap || e.Wait < l.gap-time.Minute {
			t.Errorf("visit 21 gave %v, to wait %s; want about %s", err, e.Wait, l.gap)
		}
	}
	if err := post(t.Context(), client, server.URL); !errors.Is(err, ErrBusy) {
		t.Errorf("a POST gave %v, want ErrBusy", err)
	}
	if _, err := client.Get(t.Context(), other.URL, nil); err != nil {
		t.Errorf("another host: %v", err)
	}
	if res, err := client.HTTP().Get(server.URL); err != nil {
		t.Errorf("HTTP waits for a turn: %v", err)
	} else {
		res.Body.Close()
	}
}

func TestAfterItsBurstAHostIsVisitedOnceEachGap(t *testing.T) {
	server := serve(t, "127.0.0.1", func(w http.ResponseWriter, r *http.Request) {})
	l := usual()
	l.burst, l.gap = 1, 20*time.Millisecond
	client := newClient(Options{Allow: loopback}, l)
	start := time.Now()
	for range 5 {
		if _, err := client.Get(t.Context(), server.URL, nil); err != nil {
			t.Fatal(err)
		}
	}
	if took := time.Since(start); took < 4*l.gap {
		t.Errorf("five visits took %s, want at least four gaps of %s", took, l.gap)
	}
}

// T9: a slow source stops nobody but itself.
func TestT9ASlowHostDoesNotStopOthers(t *testing.T) {
	slow, arrived := slowServer(t, "127.0.0.2")
	quick := serve(t, "127.0.0.3", func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "x") })
	l := usual()
	l.patience = 50 * time.Millisecond
	client := newClient(Options{Allow: loopback}, l)

	ctx, cancel := context.WithCancel(t.Context())
	first := make(chan error, 1)
	go func() {
		_, err := client.Get(ctx, slow, nil)
		first <- err
	}()
	<-arrived

	var waiting sync.WaitGroup
	for range 50 {
		waiting.Go(func() {
			if _, err := client.Get(t.Context(), slow, nil); !errors.Is(err, ErrBusy) {
				t.Errorf("a second visit of the slow host gave %v, want ErrBusy", err)
			}
		})
	}
	for range 10 {
		if _, err := client.Get(t.Context(), quick.URL, nil); err != nil {
			t.Errorf("the quick host: %v", err)
		}
	}
	waiting.Wait()
	select {
	case err := <-first:
		t.Errorf("the slow visit ended before the others: %v", err)
	default:
	}
	cancel()
	if err := <-first; !errors.Is(err, context.Canceled) {
		t.Errorf("the slow visit gave %v", err)
	}
}

func TestWaitingEndsWithItsContext(t *testing.T) {
	slow, arrived := slowServer(t, "127.0.0.2")
	l := usual()
	l.patience = time.Hour
	client := newClient(Options{Allow: loopback}, l)
	ctx, cancel := context.WithCancel(t.Context())
	var visits sync.WaitGroup
	for range 2 { // one visits, one waits
		visits.Go(func() {
			if _, err := client.Get(ctx, slow, nil); !errors.Is(err, context.Canceled) {
				t.Errorf("got %v, want context.Canceled", err)
			}
		})
	}
	<-arrived
	cancel()
	visits.Wait()
}

func TestARedirectWaitsForTheTurnOfTheOtherHost(t *testing.T) {
	slow, arrived := slowServer(t, "127.0.0.2")
	first := serve(t, "127.0.0.1", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, slow, http.StatusFound)
	})
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
	if _, err := client.Get(t.Context(), first.URL, nil); !errors.Is(err, ErrBusy) {
		t.Errorf("got %v, want ErrBusy", err)
	}
	cancel()
	<-ended
	wantNobody(t, client.crowd)
}

func TestHostsAreForgotten(t *testing.T) {
	l := usual()
	l.hosts = 8
	hosts := newHosts(l)
	held, err := hosts.wait(t.Context(), address(0))
	if err != nil {
		t.Fatal(err)
	}
	for i := 1; i < 100; i++ {
		turn, err := hosts.wait(t.Context(), address(i))
		if err != nil {
			t.Fatal(err)
		}
		turn.done()
	}
	if len(hosts.known) > l.hosts {
		t.Errorf("%d hosts are remembered, want at most %d", len(hosts.known), l.hosts)
	}
	if hosts.known[Host(address(0))] != held.host {
		t.Error("a host was forgotten while it was visited")
	}
}

func TestWhoWasVisitedLatelyIsForgottenLast(t *testing.T) {
	l := usual()
	l.hosts, l.gap = 8, time.Hour
	hosts := newHosts(l)
	lately, err := hosts.wait(t.Context(), address(0))
	if err != nil {
		t.Fatal(err)
	}
	lately.done()
	for i := 1; i < 100; i++ {
		hosts.leave(hosts.enter(Host(address(i))))
	}
	if hosts.known[Host(address(0))] != lately.host {
		t.Error("the gap to a host visited lately was forgotten before hosts that had rested")
	}
}

func TestWhoUsedMostOfItsHourIsForgottenLast(t *testing.T) {
	l := usual()
	l.hosts = 8
	hosts := newHosts(l)
	spend := func(i, n int) *host {
		host := hosts.enter(Host(address(i)))
		defer hosts.leave(host)
		host.hour.AllowN(time.Now(), n)
		return host
	}
	most := spend(0, l.budget)
	for i := 1; i < 100; i++ {
		spend(i, l.budget/2+i)
	}
	if len(hosts.known) > l.hosts {
		t.Errorf("%d hosts are remembered, want at most %d", len(hosts.known), l.hosts)
	}
	if hosts.known[Host(address(0))] != most {
		t.Error("the host whose hour is used up was forgotten before others")
	}
}

func TestOneHostHasOneTurnHoweverItIsSpelt(t *testing.T) {
	for _, spelling := range []string{
		"http://bücher.example/", "https://bücher.example:443/x", "http://BÜCHER.example.:80",
		"http://xn--bcher-kva.example/?y", "http://bücher.example:0080/", "https://bücher.example:000443/",
		"http://bücher.example。/", "http://bücher。example．:80/", "http://xn--bcher-kva.example｡/",
	} {
		u, err := url.Parse(spelling)
		if err != nil {
			t.Fatal(err)
		}
		if got := Host(u); got != "xn--bcher-kva.example" {
			t.Errorf("Host(%q) = %q", spelling, got)
		}
	}
}

func address(i int) *url.URL {
	return &url.URL{Scheme: "http", Host: fmt.Sprintf("%d.example", i)}
}

// slowServer answers one byte, then nothing until its visitor leaves. It says
// when the first visitor has arrived.
func slowServer(t *testing.T, on string) (string, <-chan struct{}) {
	arrived := make(chan struct{})
	var once sync.Once
	server := serve(t, on, func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, "x")
		w.(http.Flusher).Flush()
		once.Do(func() { close(arrived) })
		<-r.Context().Done()
	})
	return server.URL, arrived
}
