package authlog

import (
	"net/netip"
	"sync"
	"time"
)

// recentLines is how many lines are remembered for the owner.
const recentLines = 200

// Line is a line as it was written, without what the destination adds to it.
type Line struct {
	At   time.Time
	Text string
}

// recent is the newest lines, in a ring.
type recent struct {
	mu    sync.Mutex
	lines [recentLines]Line
	next  int
}

func (r *recent) add(l Line) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lines[r.next] = l
	r.next = (r.next + 1) % recentLines
}

// Recent lists the last lines of this process, the newest first. They hold names
// and addresses, so they are for the owner alone.
func (l *Log) Recent() []Line {
	l.recent.mu.Lock()
	defer l.recent.mu.Unlock()
	list := make([]Line, 0, recentLines)
	for i := range recentLines {
		line := l.recent.lines[(l.recent.next-1-i+2*recentLines)%recentLines]
		if line.Text == "" {
			break
		}
		list = append(list, line)
	}
	return list
}

// Result is how an attempt to log in ended.
type Result string

// The results.
const (
	LoggedIn  Result = "accepted"
	Failed    Result = "failed"
	Throttled Result = "throttled" // refused unread
)

// Attempt is one attempt to log in, for whoever counts them.
type Attempt struct {
	Result Result
	Method Method
	From   netip.Addr
}

// Observe has f called for every attempt to log in that makes a line, in place of
// whom Observe named before. It must be quick.
func (l *Log) Observe(f func(Attempt)) { l.observer.Store(&f) }

func (l *Log) observe(r Result, how Method, from netip.Addr) {
	if f := l.observer.Load(); f != nil {
		(*f)(Attempt{r, how, from})
	}
}
