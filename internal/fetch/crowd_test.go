package fetch

import (
	"context"
	"errors"
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// guest is one who has entered, or is about to.
type guest struct {
	name    string
	ctx     context.Context
	stay    *stay
	err     error
	waited  time.Duration
	entered chan struct{}
}

// come has somebody enter, who leaves when told to.
func come(c *crowd, name string) *guest {
	g := &guest{name: name, entered: make(chan struct{})}
	go func() {
		begin := time.Now()
		g.ctx, g.stay, g.err = c.enter(context.Background())
		g.waited = time.Since(begin)
		close(g.entered)
		if g.err == nil {
			<-g.ctx.Done()
			g.stay.leave()
		}
	}()
	synctest.Wait()
	return g
}

func (g *guest) leave() { g.stay.end(nil) }

func (g *guest) in() bool {
	select {
	case <-g.entered:
		return g.err == nil && g.ctx.Err() == nil
	default:
		return false
	}
}

func (g *guest) wantWaited(t *testing.T, want time.Duration) {
	t.Helper()
	<-g.entered
	if g.err != nil || g.waited != want {
		t.Errorf("%s waited %s (%v), want %s", g.name, g.waited, g.err, want)
	}
}

func wantNobody(t *testing.T, c *crowd) {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	if l := usual(); len(c.stays) != 0 || c.memory.free != l.memory || len(c.places.line)+len(c.memory.line) != 0 {
		t.Errorf("left behind: %d stays, %d bytes free, %+v and %+v", len(c.stays), c.memory.free, c.places, c.memory)
	}
}

func few(places int) limits {
	l := usual()
	l.places = places
	return l
}

func TestWhoIsAloneMayStay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCrowd(few(2))
		a, b := come(c, "a"), come(c, "b")
		time.Sleep(time.Hour)
		if !a.in() || !b.in() {
			t.Error("somebody gave way to nobody")
		}
		a.leave()
		b.leave()
	})
}

func TestTheOldestGivesWayOnceItsGraceIsOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCrowd(few(2))
		a := come(c, "a")
		time.Sleep(time.Second)
		b := come(c, "b")
		time.Sleep(time.Second)
		d := come(c, "d")
		d.wantWaited(t, c.grace-2*time.Second)
		if a.in() || context.Cause(a.ctx) != ErrGaveWay || !b.in() {
			t.Errorf("a is in: %t (%v), b is in: %t; want b alone", a.in(), context.Cause(a.ctx), b.in())
		}
		time.Sleep(time.Hour)
		if !b.in() || !d.in() {
			t.Error("somebody gave way though nobody waits any more")
		}
		e := come(c, "e")
		e.wantWaited(t, 0) // b has been there for an hour
		d.leave()
		e.leave()
		synctest.Wait()
		if len(c.stays) != 0 || c.places.free != 2 {
			t.Errorf("%d stay, %d places are free", len(c.stays), c.places.free)
		}
	})
}

func TestPlacesAreGivenInTheOrderOfComing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCrowd(few(2))
		var guests []*guest
		for _, name := range strings.Fields("a b c d e f g h") {
			guests = append(guests, come(c, name))
		}
		for i, g := range guests {
			g.wantWaited(t, time.Duration(i/2)*c.grace)
		}
		for _, g := range guests {
			g.leave()
		}
	})
}

func TestNoPlaceInTimeIsBusy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := few(1)
		l.line = time.Second
		c := newCrowd(l)
		a, b := come(c, "a"), come(c, "b")
		<-b.entered
		if !errors.Is(b.err, ErrBusy) || b.waited != l.line || !a.in() {
			t.Errorf("b got %v after %s, a is in: %t", b.err, b.waited, a.in())
		}
		a.leave()
		synctest.Wait()
		if d := come(c, "d"); !d.in() {
			t.Error("the place of one who left is lost")
		} else {
			d.leave()
		}
	})
}

func TestWhoHoldsMuchGivesWayToWhoNeedsMemory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := few(3)
		l.memory = 100
		c := newCrowd(l)
		small, large, other := come(c, "small"), come(c, "large"), come(c, "other")
		if err := large.stay.hold(large.ctx, 80); err != nil {
			t.Fatal(err)
		}
		begin := time.Now()
		if err := other.stay.hold(other.ctx, 50); err != nil || time.Since(begin) != l.grace {
			t.Errorf("other waited %s (%v), want %s", time.Since(begin), err, l.grace)
		}
		if !small.in() || large.in() || !other.in() {
			t.Error("want only the one that held much to give way")
		}
		if err := other.stay.hold(other.ctx, 60); !errors.Is(err, ErrGaveWay) {
			t.Errorf("one who holds what it waits for got %v, want ErrGaveWay", err)
		}
		small.leave()
		synctest.Wait()
		if c.memory.free != l.memory {
			t.Errorf("%d of %d bytes came back", c.memory.free, l.memory)
		}
	})
}

func TestAPlaceThatDoesNotComeCostsNoTurn(t *testing.T) {
	server := serve(t, "127.0.0.1", func(w http.ResponseWriter, r *http.Request) {})
	l := few(1)
	l.burst, l.gap, l.line, l.grace = 1, time.Hour, time.Millisecond, time.Hour
	client := newClient(Options{Allow: loopback}, l)
	_, other, err := client.crowd.enter(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.Get(t.Context(), server.URL, nil); !errors.Is(err, ErrBusy) {
		t.Fatalf("without a place: %v, want ErrBusy", err)
	}
	other.leave()
	if _, err := client.Get(t.Context(), server.URL, nil); err != nil {
		t.Errorf("with a place: %v", err)
	}
	if _, err := client.Get(t.Context(), server.URL, nil); !errors.Is(err, ErrBusy) {
		t.Errorf("a second visit within the gap: %v, want ErrBusy", err)
	}
}

// T9: with every place taken by hosts that drip, others come in.
func TestT9HostsThatDripGiveWay(t *testing.T) {
	l := few(4)
	l.grace = 50 * time.Millisecond
	client := newClient(Options{Allow: loopback}, l)
	failed := make(chan error)
	for range l.places {
		address, arrived := slowServer(t, "127.0.0.1")
		go func() {
			_, err := client.Get(t.Context(), address, nil)
			failed <- err
		}()
		<-arrived
	}
	quick := serve(t, "127.0.0.2", func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "x") })
	if _, err := client.Get(t.Context(), quick.URL, nil); err != nil {
		t.Errorf("the quick host: %v", err)
	}
	err := <-failed
	var e *Error
	if !errors.Is(err, ErrGaveWay) || !errors.Is(err, ErrTooSlow) || !errors.As(err, &e) || !strings.Contains(e.Reason, "others") {
		t.Errorf("the first that dripped got %v, want ErrGaveWay", err)
	}
	select {
	case err := <-failed:
		t.Errorf("a second one gave way to one who came: %v", err)
	default:
	}
}

func TestAHostThatGaveWayStandsBackWhileOthersWait(t *testing.T) {
	l := few(1)
	l.grace = 20 * time.Millisecond
	client := newClient(Options{Allow: loopback}, l)
	address, arrived := slowServer(t, "127.0.0.1")
	gaveWay := make(chan error)
	go func() {
		_, err := client.Get(t.Context(), address, nil)
		gaveWay <- err
	}()
	<-arrived
	_, other, err := client.crowd.enter(t.Context())
	if err != nil || !errors.Is(<-gaveWay, ErrGaveWay) {
		t.Fatalf("the slow host did not give way: %v", err)
	}
	client.crowd.grace = time.Hour
	ctx, cancel := context.WithCancel(t.Context())
	waiting := make(chan error)
	go func() {
		_, _, err := client.crowd.enter(ctx)
		waiting <- err
	}()
	for !client.crowd.waited() {
		runtime.Gosched()
	}
	if _, err := client.Get(t.Context(), address, nil); !errors.Is(err, ErrResting) || !errors.Is(err, ErrBusy) {
		t.Errorf("while another waits: %v, want ErrResting", err)
	}
	cancel()
	<-waiting
	other.leave()
	calm, leave := context.WithTimeoutCause(t.Context(), 20*time.Millisecond, io.ErrClosedPipe)
	defer leave()
	if _, err := client.Get(calm, address, nil); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("when nobody waits: %v, want that it is asked", err)
	}
}

func TestHostsThatSendMuchAndStallHoldLittleTogether(t *testing.T) {
	const stalling = 10
	l := usual()
	l.memory, l.grace = 3*MaxBody, 50*time.Millisecond
	client := newClient(Options{Allow: loopback}, l)
	failed := make(chan error)
	for range stalling {
		server := serve(t, "127.0.0.1", func(w http.ResponseWriter, r *http.Request) {
			io.WriteString(w, strings.Repeat("x", 900<<10))
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		})
		go func() {
			_, err := client.Get(t.Context(), server.URL, nil)
			failed <- err
		}()
	}
	for range stalling - 3 { // three fit
		if err := <-failed; !errors.Is(err, ErrGaveWay) {
			t.Errorf("got %v, want ErrGaveWay", err)
		}
	}
	long := serve(t, "127.0.0.2", func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, strings.Repeat("y", 2*MaxBody))
	})
	page, err := client.Get(t.Context(), long.URL, nil)
	if err != nil || len(page.Body) != MaxBody || !page.Cut {
		t.Errorf("a long page: %v", err)
	}
}

// A wait that is over already takes what is there.
func TestAPlaceThatIsFreeIsTakenHoweverLateItIs(t *testing.T) {
	over, cancel := context.WithCancelCause(t.Context())
	cancel(ErrBusy)
	for range 100 {
		c := newCrowd(few(1))
		if err := c.wait(over, &c.places, 1); err != nil {
			t.Fatalf("a free place: %v", err)
		}
		if err := c.wait(over, &c.places, 1); !errors.Is(err, ErrBusy) {
			t.Fatalf("no place: %v, want ErrBusy", err)
		}
	}
}
