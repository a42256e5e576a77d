package page

import (
	"net/http"
	"testing"
)

func TestAcceptEncoding(t *testing.T) {
	all := &forms{{body: []byte("b")}, {body: []byte("g")}, {body: []byte("i")}}
	young := &forms{nil, all[gzipEncoding], all[identity]}
	for _, c := range []struct {
		lines       []string
		want, early string // with and without brotli
	}{
		{nil, "i", "i"},
		{[]string{""}, "i", "i"},
		{[]string{"gzip, deflate, br, zstd"}, "b", "g"},
		{[]string{"gzip"}, "g", "g"},
		{[]string{"x-gzip"}, "g", "g"},
		{[]string{"GZIP;Q=1"}, "g", "g"},
		{[]string{"br"}, "b", "i"},
		{[]string{"deflate", "br"}, "b", "i"},
		{[]string{"gzip;q=1.0, br;q=0.5"}, "g", "g"},
		{[]string{"gzip; q=0.2 , br ; q=0.9"}, "b", "g"},
		{[]string{"gzip;q=0.001"}, "g", "g"},
		{[]string{"gzip;q=0.1"}, "g", "g"},
		{[]string{"gzip;q=0"}, "i", "i"},
		{[]string{"gzip;q=0.000, br;q=0"}, "i", "i"},
		{[]string{"identity;q=1, gzip;q=0.5, br;q=0.5"}, "i", "i"},
		{[]string{"*"}, "b", "g"},
		{[]string{"*;q=0"}, "i", "i"},
		{[]string{"br;q=0, *"}, "g", "g"},
		{[]string{"identity;q=0, *;q=0"}, "i", "i"}, // nothing is left: plain
		{[]string{"gzip;q=2"}, "i", "i"},
		{[]string{"gzip;q=1.9"}, "i", "i"},
		{[]string{"gzip;q="}, "i", "i"},
		{[]string{"gzip;v=1"}, "i", "i"},
		{[]string{"gzip;q=0.1234"}, "i", "i"},
		{[]string{",,;;q=1,gzip"}, "g", "g"},
	} {
		wanted := accepted(http.Header{"Accept-Encoding": c.lines})
		if got := string(all.choose(wanted).body); got != c.want {
			t.Errorf("%q chose %s of all, want %s", c.lines, got, c.want)
		}
		if got := string(young.choose(wanted).body); got != c.early {
			t.Errorf("%q chose %s without brotli, want %s", c.lines, got, c.early)
		}
	}
}

func TestReadingAcceptEncodingAllocatesNothing(t *testing.T) {
	h := http.Header{"Accept-Encoding": {"gzip, deflate;q=0.5, br;q=0.9, *;q=0.1"}}
	if n := testing.AllocsPerRun(100, func() { accepted(h) }); n != 0 {
		t.Errorf("%v allocations, want 0", n)
	}
}

func FuzzAcceptEncoding(f *testing.F) {
	for _, seed := range []string{"", "gzip, br", "gzip;q=0.5,*;q=0", "br;q=1.000", ";q=", "q=;;,", "gzip;q"} {
		f.Add(seed)
	}
	plain := &forms{identity: {}}
	f.Fuzz(func(t *testing.T, line string) {
		wanted := accepted(http.Header{"Accept-Encoding": {line}})
		for e, weight := range wanted {
			if weight < 0 || weight > 1000 {
				t.Errorf("%q: weight %d of encoding %d", line, weight, e)
			}
		}
		if plain.choose(wanted) == nil {
			t.Errorf("%q: no form chosen", line)
		}
	})
}
