package page

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
)

// serve asks a cache directly, so that the test knows when a caller waits.
func serve(ctx context.Context, c *Cache, key string, maker Maker) (string, error) {
	w := httptest.NewRecorder()
	err := c.Serve(w, httptest.NewRequest("GET", "/", nil).WithContext(ctx), key, maker)
	return w.Body.String(), err
}

// held is a maker that stops halfway until it is let go.
type held struct {
	begun, letGo chan struct{}
	made         atomic.Int32
}

func newHeld() *held {
	return &held{begun: make(chan struct{}, 100), letGo: make(chan struct{})}
}

func (h *held) maker(result Maker) Maker {
	return func(ctx context.Context) (*Answer, error) {
		h.made.Add(1)
		h.begun <- struct{}{}
		<-h.letGo
		return result(ctx)
	}
}

// signalled is a context that tells when somebody begins to wait for its end.
type signalled struct {
	context.Context
	waiting func()
}

func (s *signalled) Done() <-chan struct{} {
	s.waiting()
	return s.Context.Done()
}

func TestManyWhoAskAtOnceShareOneMaking(t *testing.T) {
	cache, h := NewCache(&changes{}, 1<<20), newHeld()
	var wg, waiting sync.WaitGroup
	waiting.Add(20)
	ask := func(ctx context.Context) {
		if got, err := serve(ctx, cache, "/", h.maker(page("rain", "post:1"))); got != "rain" || err != nil {
			t.Errorf("got %q, %v", got, err)
		}
	}
	wg.Go(func() { ask(t.Context()) })
	<-h.begun
	for range 20 {
		wg.Go(func() { ask(&signalled{t.Context(), sync.OnceFunc(waiting.Done)}) })
	}
	waiting.Wait()
	close(h.letGo)
	wg.Wait()
	if n := h.made.Load(); n != 1 {
		t.Errorf("made %d times, want once", n)
	}
}

func TestWhoWaitsForAPageMayGiveUp(t *testing.T) {
	cache, h := NewCache(&changes{}, 1<<20), newHeld()
	var wg sync.WaitGroup
	wg.Go(func() { serve(t.Context(), cache, "/", h.maker(page("rain", "post:1"))) })
	<-h.begun
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := serve(ctx, cache, "/", h.maker(page("x"))); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want context.Canceled", err)
	}
	close(h.letGo)
	wg.Wait()
}

func TestAPageIsFinishedThoughWhoAskedForItHasGone(t *testing.T) {
	cache, h := NewCache(&changes{}, 1<<20), newHeld()
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() {
		serve(ctx, cache, "/", h.maker(func(ctx context.Context) (*Answer, error) {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			return page("rain", "post:1")(ctx)
		}))
	})
	<-h.begun
	cancel()
	close(h.letGo)
	wg.Wait()
	if n := cache.Stats().Pages; n != 1 {
		t.Errorf("%d pages kept, want one", n)
	}
}

func TestWhoComesAfterAChangeDoesNotGetThePageThatWasBegunBefore(t *testing.T) {
	numbers := &changes{}
	cache, h := NewCache(numbers, 1<<20), newHeld()
	var wg sync.WaitGroup
	wg.Go(func() { serve(t.Context(), cache, "/", h.maker(page("old", "post:1"))) })
	<-h.begun
	numbers.touch("post:1")

	waiting := make(chan struct{})
	ctx := &signalled{t.Context(), sync.OnceFunc(func() { close(waiting) })}
	wg.Go(func() {
		if got, err := serve(ctx, cache, "/", page("new", "post:1")); got != "new" || err != nil {
			t.Errorf("got %q, %v; want the new page", got, err)
		}
	})
	<-waiting
	close(h.letGo)
	wg.Wait()
}

func TestAPageThatPanicsLetsTheOthersGo(t *testing.T) {
	cache, h := NewCache(&changes{}, 1<<20), newHeld()
	var wg sync.WaitGroup
	wg.Go(func() {
		defer func() { recover() }()
		serve(t.Context(), cache, "/", h.maker(func(context.Context) (*Answer, error) { panic("a mistake") }))
	})
	<-h.begun
	waiting := make(chan struct{})
	ctx := &signalled{t.Context(), sync.OnceFunc(func() { close(waiting) })}
	wg.Go(func() {
		if got, err := serve(ctx, cache, "/", page("rain", "post:1")); got != "rain" || err != nil {
			t.Errorf("got %q, %v; want the page", got, err)
		}
	})
	<-waiting
	close(h.letGo)
	wg.Wait()
}

// Writers change three things and touch their numbers as the database does: after
// the change. A reader who begins after a change was finished must see it, always.
func TestNoOldPageIsEverServed(t *testing.T) {
	numbers := &changes{}
	cache := NewCache(numbers, 16<<10) // small, so that pages are driven out as well
	var things [3]atomic.Int64         // what the pages show
	var finished [3]atomic.Int64       // what a reader may rely on
	maker := func(i int) Maker {
		return func(ctx context.Context) (*Answer, error) {
			return page(strconv.FormatInt(things[i].Load(), 10), "thing:"+strconv.Itoa(i))(ctx)
		}
	}
	var writers, readers sync.WaitGroup
	for i := range things {
		writers.Go(func() {
			for n := int64(1); n <= 2000; n++ {
				things[i].Store(n)
				numbers.touch("thing:" + strconv.Itoa(i))
				finished[i].Store(n)
			}
		})
	}
	done := make(chan struct{})
	for r := range 8 {
		readers.Go(func() {
			for round := r; ; round++ {
				i := round % 3
				least := finished[i].Load()
				got, err := serve(t.Context(), cache, fmt.Sprint("/", i, "/", round%5), maker(i))
				if shown, _ := strconv.ParseInt(got, 10, 64); shown < least || err != nil {
					t.Errorf("thing %d: page shows %q after %d was finished (%v)", i, got, least, err)
					return
				}
				select {
				case <-done:
					return
				default:
				}
			}
		})
	}
	writers.Wait()
	close(done)
	readers.Wait()
	for i := range things {
		if got, _ := serve(t.Context(), cache, fmt.Sprint("/", i, "/0"), maker(i)); got != "2000" {
			t.Errorf("thing %d: in the end the page shows %s, want 2000", i, got)
		}
	}
}

func TestAWaiterHearsOfTheFailureOfTheMakingThatBeganAfterIt(t *testing.T) {
	cache, h := NewCache(&changes{}, 1<<20), newHeld()
	missing := &Error{Status: http.StatusNotFound}
	var wg, waiting sync.WaitGroup
	ask := func(ctx context.Context) {
		_, err := serve(ctx, cache, "/", h.maker(func(context.Context) (*Answer, error) { return nil, missing }))
		if !errors.Is(err, error(missing)) {
			t.Errorf("error %v, want the maker's", err)
		}
	}
	wg.Go(func() { ask(t.Context()) })
	<-h.begun
	waiting.Add(10)
	for range 10 {
		wg.Go(func() { ask(&signalled{t.Context(), sync.OnceFunc(waiting.Done)}) })
	}
	waiting.Wait()
	close(h.letGo)
	wg.Wait()
	if n := h.made.Load(); n < 2 || n > 11 {
		t.Errorf("made %d times", n)
	}
}
