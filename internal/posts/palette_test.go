package posts

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/chroma/v2/lexers"
)

func TestCodeIsColouredOnce(t *testing.T) {
	t.Parallel()
	var c colours
	c.known = new(palette)
	lexer := lexers.Get("go")
	first, ok := c.colour("go", lexer, "var x = 1\n", time.Now().Add(time.Hour))
	if !ok || !strings.Contains(first, `<span class="kd">var</span>`) {
		t.Fatalf("coloured is %s, %t", first, ok)
	}
	over := time.Now().Add(-time.Hour)
	if again, ok := c.colour("go", lexer, "var x = 1\n", over); !ok || again != first {
		t.Errorf("without time it is %s, %t; want it as it was", again, ok)
	}
	if got, ok := c.colour("go", lexer, "var x = 2\n", over); ok {
		t.Errorf("other code is %s without any time to colour it", got)
	}
	if got, ok := c.colour("c", lexers.Get("c"), "var x = 1\n", over); ok {
		t.Errorf("in another language it is %s without any time to colour it", got)
	}
}

func TestAPaletteIsBounded(t *testing.T) {
	t.Parallel()
	var p palette
	p.keep("go", "kept", "<b>kept</b>")
	p.keep("go", "left", "<b>left</b>")
	long := strings.Repeat("x", 10<<10)
	for n := range 200 {
		p.keep("go", fmt.Sprint(n), long)
		if html, ok := p.find("go", "kept"); !ok || html != "<b>kept</b>" {
			t.Fatalf("what is asked for all the time is %q, %t after %d others", html, ok, n)
		}
		size := 0
		for _, half := range []map[block]string{p.young, p.old} {
			for b, html := range half {
				size += len(b.code) + len(html)
			}
		}
		if size > 2*paletteBytes {
			t.Fatalf("it holds %d bytes", size)
		}
	}
	if _, ok := p.find("go", "left"); ok {
		t.Error("what nobody asked for is still there")
	}
	p.keep("go", "huge", strings.Repeat("x", paletteBytes+1))
	if _, ok := p.find("go", "huge"); ok {
		t.Error("something larger than the palette is kept")
	}
}
