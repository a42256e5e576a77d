package mentions

import "sync"

// visits are how many reads of sources are under way for each host.
type visits struct {
	mu  sync.Mutex
	to  map[string]int
	all int
}

func newVisits() *visits { return &visits{to: map[string]int{}} }

// enter begins a visit, unless enough others wait for that host. Then leave has
// to be called.
func (v *visits) enter(host string) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	most := visitsToHost
	if v.all >= visitsAtOnce/2 {
		most = visitsWhenCrowded
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
