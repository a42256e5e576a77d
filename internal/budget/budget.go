// Package budget keeps token buckets by key (an address, a host, an account) in
// a bounded amount of memory.
package budget

import (
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// generation is how many keys one generation of buckets holds. There are two, so
// a Buckets never remembers more than twice as many.
const generation = 8192

// Limit is how much a key may do: Burst at once, and Burst again after Refill.
type Limit struct {
	Burst  int
	Refill time.Duration
}

// PerMinute is a limit of burst at once and then n a minute.
func PerMinute(burst, n int) Limit {
	return Limit{Burst: burst, Refill: time.Minute * time.Duration(burst) / time.Duration(n)}
}

// Times is a limit that many times as wide.
func (l Limit) Times(n int) Limit {
	return Limit{Burst: l.Burst * n, Refill: l.Refill}
}

// Buckets is one token bucket a key. New is its only door.
//
// Old keys are forgotten by generations: when the young generation is full, or
// older than a bucket needs to refill, it becomes the old one, and what was in
// the old one and not used since is gone. A bucket that is forgotten for its age
// was full again, so nothing is lost by it.
type Buckets[K comparable] struct {
	limit Limit

	mu    sync.Mutex
	young map[K]*rate.Limiter
	old   map[K]*rate.Limiter
	born  time.Time
}

// New makes buckets that are all full.
func New[K comparable](limit Limit) *Buckets[K] {
	return &Buckets[K]{limit: limit, young: map[K]*rate.Limiter{}}
}

// Take takes one token from the bucket of key. If there is none it takes
// nothing and says how long to wait for one.
func (b *Buckets[K]) Take(key K, now time.Time) (retry time.Duration, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	reservation := b.bucket(key, now).ReserveN(now, 1)
	if retry = reservation.DelayFrom(now); retry > 0 {
		reservation.CancelAt(now)
		return retry, false
	}
	return 0, true
}

// Return puts back a token that was taken.
func (b *Buckets[K]) Return(key K, now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	// A negative event adds a token; the bucket never holds more than its burst.
	b.bucket(key, now).AllowN(now, -1)
}

// Forget has the bucket of key be full again.
func (b *Buckets[K]) Forget(key K) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.young, key)
	delete(b.old, key)
}

// Use is how much of a limit is used at a moment.
type Use[K comparable] struct {
	Most  K   // the key that has used most of its own
	Used  int // how much that is; 0: nobody has used anything
	Empty int // how many keys have used up theirs
}

// rounding is more than what tokens lose by being counted in fractions.
const rounding = 1e-6

// Use looks through all buckets, which takes a while when there are many.
func (b *Buckets[K]) Use(now time.Time) (u Use[K]) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, generation := range []map[K]*rate.Limiter{b.young, b.old} {
		for key, bucket := range generation {
			left := bucket.TokensAt(now)
			if left < 1-rounding {
				u.Empty++
			}
			if used := b.limit.Burst - int(left+rounding); used > u.Used {
				u.Most, u.Used = key, used
			}
		}
	}
	return u
}

func (b *Buckets[K]) bucket(key K, now time.Time) *rate.Limiter {
	if len(b.young) >= generation || now.Sub(b.born) > b.limit.Refill {
		b.old, b.young, b.born = b.young, map[K]*rate.Limiter{}, now
	}
	if bucket, found := b.young[key]; found {
		return bucket
	}
	bucket, found := b.old[key]
	if found {
		delete(b.old, key)
	} else {
		perSecond := float64(b.limit.Burst) / b.limit.Refill.Seconds()
		bucket = rate.NewLimiter(rate.Limit(perSecond), b.limit.Burst)
	}
	b.young[key] = bucket
	return bucket
}

// Address is the key of a client: the address itself with IPv4, the /64 with
// IPv6, because that is what one customer gets.
func Address(addr netip.Addr) netip.Prefix {
	return prefix(addr, 32, 64)
}

// Network is the key of the network around a client: the /24 with IPv4, the /48
// with IPv6.
func Network(addr netip.Addr) netip.Prefix {
	return prefix(addr, 24, 48)
}

// prefix is the zero Prefix for an address that is not known: all clients
// without an address share one bucket.
func prefix(addr netip.Addr, bits4, bits6 int) netip.Prefix {
	addr = addr.Unmap()
	bits := bits6
	if addr.Is4() {
		bits = bits4
	}
	p, err := addr.Prefix(bits) // drops the zone
	if err != nil {
		return netip.Prefix{}
	}
	return p
}
