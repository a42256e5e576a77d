package fuzztest

import (
	"syscall"
	"testing"
	"time"
)

// Worked is the time processors have worked for this test program so far, which other
// programs on the machine do not lengthen as they do the clock's.
func Worked(t testing.TB) time.Duration {
	t.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
