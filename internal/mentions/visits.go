package mentions

import (
	"sync"
	"time"
)

// visits are how many visits to each host are under way.
type visits struct {
	each    int // to one host
	many    int // from so many on in all, only
	crowded int // so many to one host

	mu   sync.Mutex
	to   map[string]int
	all  int
	line map[string]time.Time // by host: when the last who was sent away comes again
}

func newVisits(each, many, crowded int) *visits {
	return &visits{each: each, many: many, crowded: crowded, to: map[string]int{}, line: map[string]time.Time{}}
}

// enter begins a visit, unless enough others wait for that host. Then leave has
// to be called.
func (v *visits) enter(host string) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	most := v.each
	if v.all >= v.many {
		most = v.crowded
	}
	if v.to[host] >= most {
		return false
	}
	v.to[host]++
	v.all++
	return true
}

func (v *visits) leave(host string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.all--
	if v.to[host]--; v.to[host] == 0 {
		delete(v.to, host)
	}
}

// lineGap is how far apart those come again who were sent away from one host.
const lineGap = 2 * time.Second

// later is how long whoever could not enter waits before the next attempt: one
// after another, so that many for one host do not all come at once.
func (v *visits) later(host string, now time.Time) time.Duration {
	v.mu.Lock()
	defer v.mu.Unlock()
	at := now.Add(busyRest)
	if last := v.line[host].Add(lineGap); last.After(at) {
		at = last
	}
	for name, last := range v.line {
		if last.Before(now) {
			delete(v.line, name)
		}
	}
	v.line[host] = at
	return at.Sub(now)
}
