// Package authlog writes who logged in, who failed to, and whose ping was
// refused, in the words that administrators' fail2ban filters read.
//
// The wording is an interface: contrib/fail2ban holds the filters and the tests
// of this package hold every line against them. The writer never delays its
// caller. Lines go through a queue to one goroutine, and a line that the system
// log does not take goes to standard error instead.
package authlog

import (
	"fmt"
	"io"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// queueLength is how many lines may wait for a slow system log.
const queueLength = 1024

// Log is the auth log. Open is its only door. Its methods may be called from any
// goroutine, also after Close: such lines go to standard error.
type Log struct {
	out    sink
	stderr sink
	where  string
	failed atomic.Uint64
	warned sync.Once

	recent   recent
	observer atomic.Pointer[func(Attempt)]

	mu     sync.RWMutex // guards closed, and queue against a send after its close
	closed bool
	queue  chan line
	done   chan struct{}
}

// line is one event, or with reopen set, the request to open the sink again.
type line struct {
	at       time.Time
	priority int
	message  string
	reopen   chan<- error
}

// sink is a place where lines go. All but the console are used by one goroutine.
type sink interface {
	write(line) error
	reopen() error
	io.Closer
}

// Open begins to write to destination, the value of HARK_AUTH_LOG. ident is the
// program's name on each line, "hark" unless an older filter expects another.
func Open(destination, ident string) (*Log, error) {
	return open(destination, ident, os.Stderr)
}

func open(destination, ident string, stderr *os.File) (*Log, error) {
	tag := newTag(ident)
	fallback := newConsole(stderr, tag)
	out, err := newSink(destination, tag, fallback)
	if err != nil {
		return nil, err
	}
	return start(out, fallback, destination), nil
}

// start begins to write to out, and to stderr what that does not take.
func start(out, stderr sink, where string) *Log {
	l := &Log{
		out:    out,
		stderr: stderr,
		where:  where,
		queue:  make(chan line, queueLength),
		done:   make(chan struct{}),
	}
	go l.run()
	return l
}

// Close writes the lines that wait, then closes the destination.
func (l *Log) Close() error {
	l.mu.Lock()
	if l.closed {
		l.mu.Unlock()
		return nil
	}
	l.closed = true
	close(l.queue)
	l.mu.Unlock()
	<-l.done
	return l.out.Close()
}

// Reopen opens the destination again, after the lines that came before. It is
// what SIGHUP asks for when a log file was rotated.
func (l *Log) Reopen() error {
	answer := make(chan error, 1)
	l.mu.RLock()
	if l.closed {
		l.mu.RUnlock()
		return fmt.Errorf("reopen the auth log: %w", os.ErrClosed)
	}
	l.queue <- line{reopen: answer}
	l.mu.RUnlock()
	return <-answer
}

// Destination is where the lines go, as it was given to Open.
func (l *Log) Destination() string { return l.where }

// Failed is the number of lines that had to go to standard error.
func (l *Log) Failed() uint64 {
	return l.failed.Load()
}

func (l *Log) run() {
	defer close(l.done)
	for next := range l.queue {
		if next.reopen != nil {
			next.reopen <- l.out.reopen()
			continue
		}
		if err := l.out.write(next); err != nil {
			l.fallBack(next)
		}
	}
}

// put hands a message to the goroutine and never waits: with the queue full the
// line goes to standard error at once.
func (l *Log) put(priority int, message string) {
	next := line{at: time.Now(), priority: priority, message: message}
	l.recent.add(Line{next.at, message})
	l.mu.RLock()
	defer l.mu.RUnlock()
	if l.closed {
		l.fallBack(next)
		return
	}
	select {
	case l.queue <- next:
	default:
		l.fallBack(next)
	}
}

func (l *Log) fallBack(next line) {
	l.failed.Add(1)
	// Nothing is left to tell if standard error fails too; the counter told.
	_ = l.stderr.write(next)
}
