package test

import (
	"fmt"
	"maps"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// listener takes webmentions, and may leave the first without an answer.
type listener struct {
	url  string
	hold bool

	mu       sync.Mutex
	held     bool           // the first has come, and is not answered
	accepted map[string]int // by target
}

func newListener(t *testing.T, host string, hold bool) *listener {
	l := &listener{hold: hold, accepted: map[string]int{}}
	l.url = listenOn(t, host, l.answer)
	return l
}

func (l *listener) answer(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		w.Header().Set("Link", `</webmention>; rel="webmention"`)
		return
	}
	target := r.PostFormValue("target")
	l.mu.Lock()
	first := l.hold && !l.held
	l.held = true
	if !first {
		l.accepted[target]++
	}
	l.mu.Unlock()
	if first {
		<-r.Context().Done() // hark is gone
	}
}

// heard is what was accepted so far, and whether a message has come at all.
func (l *listener) heard() (accepted map[string]int, any bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return maps.Clone(l.accepted), l.held
}

func TestAKillWhileOthersAreToldLosesAndDoublesNothing(t *testing.T) {
	t.Parallel()
	s := start(t)
	var text string
	want := map[*listener]map[string]int{}
	targets := 0
	for n := range 6 {
		l := newListener(t, fmt.Sprintf("127.0.21.%d", n+1), n < 4)
		want[l] = map[string]int{l.url + "/one": 1}
		if !l.hold {
			want[l][l.url+"/two"] = 1 // it waits for its turn at that host when hark is killed
		}
		for target := range want[l] {
			text += linkTo(target)
			targets++
		}
	}
	s.publish(s.owner(), "For six", text)
	eventually(t, 20*time.Second, "four are being told, and two were", func() error {
		for l := range want {
			if _, any := l.heard(); !any {
				return fmt.Errorf("%s has not heard yet", l.url)
			}
		}
		if n := s.told(); n < 2 {
			return fmt.Errorf("what came of %d is written", n)
		}
		return nil
	})
	if code := s.process.end(syscall.SIGKILL, 5*time.Second); code != -1 {
		t.Fatalf("hark ended with status %d, want it killed", code)
	}
	rest := targets - s.told()
	s.start()
	eventually(t, 20*time.Second, "the rest is told", func() error {
		if n := s.told(); n < rest {
			return fmt.Errorf("%d of %d are", n, rest)
		}
		return nil
	})
	time.Sleep(2500 * time.Millisecond) // longer than two messages to one host are apart
	for l, want := range want {
		if got, _ := l.heard(); !maps.Equal(got, want) {
			t.Errorf("accepted: %v, want %v", got, want)
		}
	}
}

// told is how many tries a hark has written down since its start.
func (s *site) told() int { return strings.Count(s.process.output.String(), "link tried") }
