//go:build !race

package mentions

import (
	"fmt"
	"html/template"
	"strings"
	"testing"

	"hark/internal/answer/fuzztest"
	"hark/internal/posts"
)

// The race detector asks for memory of its own.
func TestOfManyLinksOnlyThoseAreReadThatMayBeTold(t *testing.T) {
	var different strings.Builder
	for n := range 50_000 {
		fmt.Fprintf(&different, `<a href="https://%d.invalid/">a</a> `, n)
	}
	for name, c := range map[string]struct {
		html string
		want int
	}{
		"different": {different.String(), maxLinks},
		"the same":  {strings.Repeat(`<a href="https://a.invalid/">a</a> `, 50_000), 1},
		"nobody's":  {strings.Repeat(`<a href="/tag/a" rel="tag">a</a> <a href="mailto:a@a.invalid">a</a> `, 25_000), 1},
	} {
		work := fuzztest.Begin()
		links := postLinks(&posts.Post{HTML: template.HTML(c.html)}, "https://blog.example/")
		work.Holds(t, 0, 3*len(c.html))
		if len(links) != c.want {
			t.Errorf("%s: there are %d links, want %d", name, len(links), c.want)
		}
	}
}
