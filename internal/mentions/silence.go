package mentions

import (
	"errors"
	"sync"
	"time"

	"hark/internal/fetch"
)

// silenceKept is how long a host that gave no answer is taken for silent: less
// than the first rest of the queue's schedule, so that each round asks once.
const silenceKept = 50 * time.Second

// silenceLead is how much earlier than those who met a silence those come again
// who have only heard of it. So each round another one asks, and a page that
// breaks off cannot speak for the rest of its host for ever.
const silenceLead = time.Minute - silenceKept

// silences remembers which hosts gave no answer lately, and why. Many links to
// one that is down cost one visit a round and not as many as there are links.
type silences struct {
	mu    sync.Mutex
	hosts map[string]silence
}

type silence struct {
	err   error
	until time.Time
}

// heardOf is the error of whoever was told of a silence and has not asked.
type heardOf struct{ silence }

func (h heardOf) Error() string { return h.err.Error() }
func (h heardOf) Unwrap() error { return h.err }

// rest is how long one waits for the next round who has only heard of a silence,
// where those who met it rest for so long from then on.
func (h heardOf) rest(long time.Duration, now time.Time) time.Duration {
	return max(h.until.Sub(now)-silenceKept+long-silenceLead, time.Second)
}

func newSilences() *silences { return &silences{hosts: map[string]silence{}} }

// about is why a host gave no answer lately, nil if it did or was not asked.
func (s *silences) about(host string, now time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if known, ok := s.hosts[host]; ok && known.until.After(now) {
		return heardOf{known}
	}
	return nil
}

// note remembers what a visit ended with, if that was silence: that of the host it
// ended at, to which others may have redirected.
func (s *silences) note(err error, now time.Time) {
	var e *fetch.Error
	if !errors.Is(err, fetch.ErrUnreachable) || errors.Is(err, fetch.ErrGaveWay) || errors.As(err, new(heardOf)) || !errors.As(err, &e) {
		return
	}
	host := targetHost(e.URL)
	s.mu.Lock()
	defer s.mu.Unlock()
	if known, ok := s.hosts[host]; ok && known.until.After(now) {
		return // two met the same silence
	}
	for name, known := range s.hosts {
		if !known.until.After(now) {
			delete(s.hosts, name)
		}
	}
	s.hosts[host] = silence{err, now.Add(silenceKept)}
}
