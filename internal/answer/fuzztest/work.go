// Package fuzztest says how much work a stranger's bytes are, for tests that look for
// those that are too much. It is counted in memory asked for, which a busy machine
// makes no more of.
package fuzztest

import (
	"runtime/metrics"
	"testing"
)

// Work is how many bytes of memory the program had asked for when it began.
type Work uint64

// Begin begins to count.
func Begin() Work { return Work(allocated()) }

func allocated() uint64 {
	sample := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}

// perByte is what a byte of an input may ask for.
const perByte = 400

// Holds reports an input of so many bytes that asked for more than its length is worth
// and so much beside, in bytes.
func (w Work) Holds(t testing.TB, size, beside int) {
	t.Helper()
	if asked, most := allocated()-uint64(w), uint64(beside+perByte*size); asked > most {
		t.Errorf("%d bytes ask for %d bytes of memory, want %d at most", size, asked, most)
	}
}
