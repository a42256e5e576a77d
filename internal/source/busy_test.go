//go:build !race

package source

import (
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"
)

// spent is the time processors have worked for this test program so far, which
// other programs on the machine do not lengthen as they do the clock's.
func spent(t *testing.T) time.Duration {
	t.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// Pages of 1 MiB that once took seconds each. The bound is far above the work they
// are and far below what it was. The race detector makes it ten times the work.
func TestT7NoPageTakesLongToRead(t *testing.T) {
	const size = 1 << 20
	link := `<a href="` + linkTarget + `">x</a>`
	fill := func(s string, n int) string { return strings.Repeat(s, n/len(s)) }
	var relations strings.Builder
	for i := 0; relations.Len() < size; i++ {
		fmt.Fprintf(&relations, "<a rel=me class=h-card href=/%d>x</a>", i)
	}
	for name, body := range map[string]string{
		"dates under long classes": `<div class="comment-list-not ` + fill("x ", size/2) + `"><div class=comments>` + fill("<time datetime=1></time>", size/2),
		"links under long classes": `<div class="` + fill("x ", size/2) + `">` + fill(link, size/2),
		"empty elements, nested":   strings.Repeat("<div>", 500) + link + fill("<i></i>", size),
		"authors without names":    strings.Repeat("<div class=wp-block-post-author-name>", 500) + fill("<i></i>", size),
		"relations":                `<div class=h-entry><a class=u-author href=/x></a><a class=u-like-of href=` + linkTarget + `>x</a></div>` + relations.String(),
		"text cut by stray ends":   fill("a</x>", size),
		"text around a table":      "<table>" + fill("a<tr>", size),
		"accents":                  "<p>" + fill("\u0301", size/2) + link,
	} {
		for what, look := range map[string]func(*Source){
			"of us":     func(s *Source) { s.Entry(t.Context(), sameTarget, nil) },
			"of itself": func(s *Source) { s.About() },
		} {
			t.Run(name+", "+what, func(t *testing.T) {
				start := spent(t)
				if s, err := Read(fetched(linkSource, "text/html", []byte(body))); err == nil {
					look(s)
				}
				if took := spent(t) - start; took > 5*time.Second {
					t.Errorf("took %v", took)
				}
			})
		}
	}
}
