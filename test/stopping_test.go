package test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"sync"
	"syscall"
	"testing"
	"time"
)

func TestStoppingFinishesWhatRunsAndEndsWell(t *testing.T) {
	t.Parallel()
	s := start(t)
	token := s.owner()
	post := s.publish(token, "A post", "<p>Read while hark stops.</p>")

	// A Micropub call of which hark has read the head, and waits for the body, when the signal comes.
	read, write := io.Pipe()
	begun := make(chan struct{})
	written := make(chan answer, 1)
	go func() {
		trace := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{Got100Continue: func() { close(begun) }})
		req, err := http.NewRequestWithContext(trace, http.MethodPost, s.url+"/micropub", read)
		if err != nil {
			t.Error(err)
		}
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set("Authorization", "Bearer "+token)
		req.Header.Set("Expect", "100-continue")
		a, err := from(t, "127.0.0.1").do(req)
		if err != nil {
			t.Errorf("a call that ran while hark stopped: %v", err)
		}
		written <- a
	}()
	<-begun

	// Readers who keep asking. Once hark no longer listens they are turned away, but none is cut off.
	var readers sync.WaitGroup
	for n := range 8 {
		readers.Go(func() { readUntilClosed(t, from(t, fmt.Sprintf("127.0.0.%d", 20+n)), post) })
	}
	signalled := time.Now()
	if err := s.process.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	readers.Wait() // hark no longer takes connections; the call is still half sent
	if _, err := io.WriteString(write, "h=entry&content=A+whole+thought"); err != nil {
		t.Error(err)
	}
	write.Close()
	if a := <-written; a.status != http.StatusCreated {
		t.Errorf("a call that ran while hark stopped is answered %d, want 201:\n%s", a.status, a.body)
	}
	s.stop()
	if took := time.Since(signalled); took > 10*time.Second {
		t.Errorf("stopping took %s, want 10 s at most", took)
	}
}

// readUntilClosed reads a page again and again until nobody listens any more. An answer that has
// begun must come whole.
func readUntilClosed(t *testing.T, reader *visitor, page string) {
	for limit := time.Now().Add(15 * time.Second); ; {
		if time.Now().After(limit) {
			t.Error("hark still takes connections 15 s after SIGTERM")
			return
		}
		req, err := http.NewRequest(http.MethodGet, page, nil)
		if err != nil {
			t.Error(err)
			return
		}
		a, err := reader.do(req)
		switch {
		case errors.Is(err, syscall.ECONNREFUSED):
			return
		case err == nil && a.status != http.StatusOK:
			t.Errorf("a page read while hark stops is answered %d, want 200", a.status)
			return
		case err != nil && a.status != 0:
			t.Errorf("an answer was cut off while hark stopped: %v", err)
			return
		}
	}
}

func TestNothingAcknowledgedIsLostToAPulledPlug(t *testing.T) {
	t.Parallel()
	s := start(t)
	token := s.owner()
	post := s.publish(token, "The target", "<p>Answered by many at once.</p>")
	blogs := newBlogs(t, 60, post)

	var mu sync.Mutex
	var mentions, posts []string
	enough := make(chan struct{})
	acknowledged := func(list *[]string, address string) {
		mu.Lock()
		defer mu.Unlock()
		*list = append(*list, address)
		if len(mentions)+len(posts) == 40 {
			close(enough)
		}
	}

	var burst sync.WaitGroup
	next := make(chan string)
	for n := range 12 {
		sender := from(t, fmt.Sprintf("127.0.2.%d", n+1))
		burst.Go(func() {
			for source := range next {
				req, err := formRequest(s.url+"/webmention", url.Values{"source": {source}, "target": {post}})
				if err != nil {
					t.Error(err)
					return
				}
				if a, err := sender.do(req); err == nil && a.status == http.StatusCreated {
					acknowledged(&mentions, source)
				}
			}
		})
	}
	for n := range 4 {
		writer := from(t, fmt.Sprintf("127.0.3.%d", n+1))
		burst.Go(func() {
			for i := range 20 {
				req, err := micropubRequest(s, token, fmt.Sprintf("Post %d of writer %d", i, n), "<p>Written in a hurry.</p>")
				if err != nil {
					t.Error(err)
					return
				}
				if a, err := writer.do(req); err == nil && a.status == http.StatusCreated {
					acknowledged(&posts, a.header.Get("Location"))
				}
			}
		})
	}
	burst.Go(func() {
		defer close(next)
		for _, source := range blogs {
			next <- source
		}
	})
	done := make(chan struct{})
	go func() {
		burst.Wait()
		close(done)
	}()
	select {
	case <-enough:
	case <-done:
		t.Fatalf("the whole burst is over: %d mentions and %d posts were acknowledged", len(mentions), len(posts))
	}
	if code := s.process.end(syscall.SIGKILL, 5*time.Second); code != -1 {
		t.Fatalf("hark ended with status %d, want it killed", code)
	}
	<-done
	t.Logf("killed after %d mentions and %d posts were acknowledged", len(mentions), len(posts))
	if len(mentions) == 0 || len(posts) == 0 {
		t.Fatal("the burst did not hold both mentions and posts")
	}

	s.start()
	reader := from(t, "127.0.0.1")
	for _, address := range posts {
		if a := reader.get(address); a.status != http.StatusOK {
			t.Errorf("%s was acknowledged and answers %d now", address, a.status)
		}
	}
	eventually(t, 90*time.Second, "every acknowledged mention is shown", func() error {
		page := reader.page(post)
		for _, source := range mentions {
			if len(citing(page, source)) == 0 {
				return fmt.Errorf("%s is not", source)
			}
		}
		return nil
	})
}
