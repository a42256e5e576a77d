//go:build !race

package posts

import "testing"

// Without the limits this test does not end. The race detector makes it ten times as
// long, and sees nothing here that it does not see in shorter texts: the run on
// PostgreSQL, which is without it, has this test.
func TestNoTextKeepsTheRendererBusy(t *testing.T) {
	r := NewRenderer("https://blog.example")
	for name, markdown := range pathological() {
		t.Run(name, func(t *testing.T) {
			got := r.HTML(markdown, asTheOwner)
			gist(got)
			if mustBeHarmless(t, got); len(got) > 16*MaxContent {
				t.Errorf("%d bytes became %d", len(markdown), len(got))
			}
		})
	}
}
