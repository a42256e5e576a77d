//go:build !race

package difference

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"hark/internal/answer/fuzztest"
)

func TestLongTextsAreComparedInAMoment(t *testing.T) {
	const size = 512 << 10
	for name, texts := range map[string][2]string{
		"one word":     {"x " + strings.Repeat("a ", size/2-1), strings.Repeat("a ", size/4) + "b"},
		"empty lines":  {strings.Repeat("\n", size), "x" + strings.Repeat("\n", size/2) + "y"},
		"short lines":  {strings.Repeat("a\nb\n", size/4), strings.Repeat("b\na\nc\n", size/6)},
		"signs":        {strings.Repeat("*_", size/2), strings.Repeat("_*#", size/3)},
		"one sentence": {strings.Repeat("The rain fell. ", size/15), strings.Repeat("The snow fell. ", size/15)},
	} {
		t.Run(name, func(t *testing.T) {
			work, before := fuzztest.Begin(), fuzztest.Worked(t)
			whole(t, texts[0], texts[1])
			work.Holds(t, len(texts[0])+len(texts[1]), 0)
			if took := fuzztest.Worked(t) - before; took > 10*time.Second {
				t.Errorf("it took %v of work", took)
			}
		})
	}
}

func TestManyRewrittenLinesAreNoMoreWorkThanOne(t *testing.T) {
	var before, after strings.Builder
	for n := range 500 {
		for range 250 {
			fmt.Fprintf(&before, "%c ", 'a'+rand.IntN(20))
			fmt.Fprintf(&after, "%c ", 'a'+rand.IntN(20))
		}
		fmt.Fprintf(&before, "\nline %d\n", n)
		fmt.Fprintf(&after, "\nline %d\n", n)
	}
	work := fuzztest.Begin()
	whole(t, before.String(), after.String())
	work.Holds(t, before.Len()+after.Len(), 100<<20)
}
