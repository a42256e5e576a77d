package web

import (
	"fmt"
	"io/fs"
	"strings"
	"testing"
)

// mostScript is how much script there may be, in bytes, before it is compressed: all
// that the desk has, though no page asks for the whole of it.
const mostScript = 40_000

func TestTheScriptsOfTheDeskAreSmall(t *testing.T) {
	var sum int64
	var each strings.Builder
	files, err := fs.Glob(Static, "*.js")
	if err != nil || len(files) == 0 {
		t.Fatalf("there are no scripts (%v)", err)
	}
	for _, name := range files {
		info, err := fs.Stat(Static, name)
		if err != nil {
			t.Fatal(err)
		}
		sum += info.Size()
		fmt.Fprintf(&each, "\n%6d %s", info.Size(), name)
	}
	if sum >= mostScript {
		t.Errorf("they are %d bytes, want less than %d:%s", sum, mostScript, each.String())
	}
}

// mostSheet is how much style a page of readers may load, in bytes, before it is compressed
// and without a theme.
const mostSheet = 12 << 10

func TestTheSheetOfReadersIsSmall(t *testing.T) {
	info, err := fs.Stat(Static, "hark.css")
	if err != nil {
		t.Fatal(err)
	}
	if info.Size() > mostSheet {
		t.Errorf("hark.css is %d bytes, want %d at most", info.Size(), mostSheet)
	}
}
