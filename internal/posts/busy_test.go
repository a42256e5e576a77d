//go:build !race

package posts

import (
	"syscall"
	"testing"
	"time"
)

// worked is the time processors have worked for this test program so far, which other
// programs on the machine do not lengthen as they do the clock's.
func worked(t *testing.T) time.Duration {
	t.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// Without the limits this test does not end. The race detector makes it ten times as
// long, and sees nothing here that it does not see in shorter texts: the run on
// PostgreSQL, which is without it, has this test.
func TestNoTextKeepsTheRendererBusy(t *testing.T) {
	r := NewRenderer("https://blog.example")
	for name, markdown := range pathological() {
		t.Run(name, func(t *testing.T) {
			before := worked(t)
			p := &Post{HTML: r.HTML(markdown, asTheOwner)}
			gist(p.HTML)
			wordsOf(PlainText(string(p.Page("en"))))
			if took := worked(t) - before; took > 2*time.Second {
				t.Errorf("it took %v of work", took)
			}
			got := p.HTML
			if mustBeHarmless(t, got); len(got) > 6*MaxContent {
				t.Errorf("%d bytes became %d", len(markdown), len(got))
			}
		})
	}
}
