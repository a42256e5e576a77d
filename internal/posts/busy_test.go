//go:build !race

package posts

import (
	"testing"
	"time"

	"hark/internal/answer/fuzztest"
)

// Without the limits this test does not end. The race detector makes it ten times as
// long, and sees nothing here that it does not see in shorter texts: the run on
// PostgreSQL, which is without it, has this test.
func TestNoTextKeepsTheRendererBusy(t *testing.T) {
	r := NewRenderer("https://blog.example")
	for name, markdown := range pathological() {
		t.Run(name, func(t *testing.T) {
			before := fuzztest.Worked(t)
			p := &Post{HTML: r.HTML(markdown, asTheOwner)}
			gist(p.HTML)
			wordsOf(PlainText(string(p.Page("en"))))
			if took := fuzztest.Worked(t) - before; took > 2*time.Second {
				t.Errorf("it took %v of work", took)
			}
			got := p.HTML
			if mustBeHarmless(t, got); len(got) > 6*MaxContent {
				t.Errorf("%d bytes became %d", len(markdown), len(got))
			}
		})
	}
}
