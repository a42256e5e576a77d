package budget

import (
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

var noon = time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)

func TestBucketGivesItsBurstThenRefills(t *testing.T) {
	b := New[string](PerMinute(60, 30))
	for i := range 60 {
		if _, ok := b.Take("a", noon); !ok {
			t.Fatalf("refused at %d", i)
		}
	}
	retry, ok := b.Take("a", noon)
	if ok || retry != 2*time.Second {
		t.Errorf("the 61st: ok %v, retry %v, want a wait of 2 s", ok, retry)
	}
	if _, ok := b.Take("b", noon); !ok {
		t.Error("another key was refused")
	}
	if _, ok := b.Take("a", noon.Add(2*time.Second)); !ok {
		t.Error("refused after the wait")
	}
	if _, ok := b.Take("a", noon.Add(2*time.Second)); ok {
		t.Error("one wait gave two tokens")
	}
}

func TestRefusalsDoNotLengthenTheWait(t *testing.T) {
	b := New[string](Limit{Burst: 1, Refill: time.Minute})
	b.Take("a", noon)
	for range 1000 {
		b.Take("a", noon)
	}
	if retry, _ := b.Take("a", noon); retry != time.Minute {
		t.Errorf("wait %v, want a minute", retry)
	}
}

func TestReturnedTokenCanBeTakenAgain(t *testing.T) {
	b := New[string](Limit{Burst: 2, Refill: time.Minute})
	b.Take("a", noon)
	b.Take("a", noon)
	b.Return("a", noon)
	if _, ok := b.Take("a", noon); !ok {
		t.Error("the returned token is gone")
	}
	for range 5 {
		b.Return("a", noon)
	}
	taken := 0
	for range 10 {
		if _, ok := b.Take("a", noon); ok {
			taken++
		}
	}
	if taken != 2 {
		t.Errorf("took %d after many returns, want the burst of 2", taken)
	}
}

func TestMemoryIsBounded(t *testing.T) {
	b := New[int](PerMinute(60, 30))
	for i := range 5 * generation {
		b.Take(i, noon)
	}
	if got := len(b.young) + len(b.old); got > 2*generation {
		t.Errorf("%d keys remembered, want at most %d", got, 2*generation)
	}
}

func TestBusyKeySurvivesAFloodOfOthers(t *testing.T) {
	b := New[int](Limit{Burst: 1, Refill: time.Minute})
	b.Take(-1, noon)
	for i := range 3 * generation {
		b.Take(i, noon)
		if i%1000 == 0 {
			if _, ok := b.Take(-1, noon); ok {
				t.Fatalf("forgotten after %d others", i)
			}
		}
	}
}

func TestIdleKeysAreForgotten(t *testing.T) {
	b := New[int](Limit{Burst: 2, Refill: time.Minute})
	for i := range 100 {
		b.Take(i, noon)
	}
	b.Take(-1, noon.Add(2*time.Minute))
	b.Take(-1, noon.Add(4*time.Minute))
	if got := len(b.young) + len(b.old); got != 1 {
		t.Errorf("%d keys remembered, want 1", got)
	}
}

func TestManyAtOnceTakeNoMoreThanTheBurst(t *testing.T) {
	b := New[string](PerMinute(60, 30))
	var taken atomic.Int64
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 50 {
				if _, ok := b.Take("a", noon); ok {
					taken.Add(1)
				}
			}
		})
	}
	all.Wait()
	if taken.Load() != 60 {
		t.Errorf("took %d, want 60", taken.Load())
	}
}

func TestKeysOfAddresses(t *testing.T) {
	for _, c := range []struct{ addr, address, network string }{
		{"203.0.113.5", "203.0.113.5/32", "203.0.113.0/24"},
		{"::ffff:203.0.113.5", "203.0.113.5/32", "203.0.113.0/24"},
		{"2001:db8:1:2:3::4", "2001:db8:1:2::/64", "2001:db8:1::/48"},
		{"fe80::1%eth0", "fe80::/64", "fe80::/48"},
	} {
		addr := netip.MustParseAddr(c.addr)
		if got := Address(addr).String(); got != c.address {
			t.Errorf("address of %s: %s, want %s", c.addr, got, c.address)
		}
		if got := Network(addr).String(); got != c.network {
			t.Errorf("network of %s: %s, want %s", c.addr, got, c.network)
		}
	}
	if got := Address(netip.Addr{}); got != (netip.Prefix{}) {
		t.Errorf("address of nobody: %v", got)
	}
}

func TestUseNamesWhoHasUsedMost(t *testing.T) {
	b := New[string](PerMinute(60, 30))
	if got := b.Use(noon); got != (Use[string]{}) {
		t.Errorf("at first: %+v", got)
	}
	for range 100 {
		b.Take("a", noon)
	}
	b.Take("b", noon)
	if got, want := b.Use(noon), (Use[string]{"a", 60, 1}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if got, want := b.Use(noon.Add(time.Minute)), (Use[string]{"a", 30, 0}); got != want {
		t.Errorf("a minute later %+v, want %+v", got, want)
	}
}
