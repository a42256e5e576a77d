package fetch

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// BenchmarkMemoryWhile200Drip tells what is held while so many hosts send the
// beginning of a page and then stall, their half of the connections included.
func BenchmarkMemoryWhile200Drip(b *testing.B) {
	for name, beginning := range map[string]string{"a byte": "x", "900 KB": strings.Repeat("x", 900<<10)} {
		b.Run(name, func(b *testing.B) {
			var most int64
			for b.Loop() {
				most = max(most, heldWhileDripping(b, 200, beginning))
			}
			b.ReportMetric(float64(most>>10), "KB-held")
			b.ReportMetric(0, "ns/op") // it waits
		})
	}
}

func heldWhileDripping(b *testing.B, hosts int, beginning string) int64 {
	var begun atomic.Int32
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		begun.Add(1)
		io.WriteString(w, beginning)
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	})
	l := usual()
	l.line = time.Hour
	client := newClient(Options{Allow: loopback}, l)
	ctx, cancel := context.WithCancel(b.Context())
	before := inUse()
	var visits sync.WaitGroup
	for range hosts {
		server := httptest.NewServer(handler)
		defer server.Close()
		visits.Go(func() { client.Get(ctx, server.URL, nil) })
	}
	for int(begun.Load()) < l.places {
		runtime.Gosched()
	}
	settled := time.Now().Add(2 * time.Second) // within the grace
	most := int64(0)
	for time.Now().Before(settled) {
		most = max(most, inUse()-before)
	}
	cancel()
	visits.Wait()
	return most
}

func inUse() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc + m.StackInuse)
}
