package mentions

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"hark/internal/budget"
	"hark/internal/guard"
)

// open gives the world budgets that a benchmark does not use up.
func (w *world) open() {
	wide := budget.Limit{Burst: 1 << 30, Refill: time.Second}
	w.rooms.Guard = guard.New(w.authlog, guard.Budgets{Address: wide, Network: wide, Source: wide, Target: wide, Total: wide}, w.now)
	w.inbox = NewInbox(w.rooms)
}

// BenchmarkReceive accepts mentions, each safe on disk before its sender is
// answered.
func BenchmarkReceive(b *testing.B) {
	w := newWorld(b)
	w.rooms.Now = time.Now
	w.open()
	p := w.post("Words.")
	var n atomic.Int64
	b.SetParallelism(32)
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			// Few enough rows that the inbox is never full.
			source := fmt.Sprintf("https://%d.example/", n.Add(1)%10_000)
			if _, err := w.inbox.Receive(context.Background(), Webmention, source, ours(p), stranger); err != nil {
				b.Error(err)
			}
		}
	})
}

// BenchmarkVerify takes one mention from the door to the page: accepted, read,
// judged, shown.
func BenchmarkVerify(b *testing.B) {
	w := newWorld(b)
	w.open()
	p := w.post("Words.")
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { w.queue.Run(ctx); close(done) }()
	defer func() { stop(); <-done }()
	var blogs []*blog
	for n := 0; b.Loop(); n++ {
		b.StopTimer()
		if n%15 == 0 { // politeness lets only so many visits to one host pass at once
			blogs = append(blogs, newBlog(b))
		}
		source := blogs[len(blogs)-1].html(fmt.Sprintf("/%d", n), reply(ours(p), "Well said."))
		b.StartTimer()
		r := w.receive(source, ours(p))
		m, err := w.inbox.Verdict(ctx, r.ID, 10*time.Second)
		if err != nil || m.State != Shown {
			b.Fatalf("got %+v (%v)", m, err)
		}
	}
}
