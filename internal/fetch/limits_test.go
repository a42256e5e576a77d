package fetch

import (
	"testing"
	"time"
)

// What hark takes upon itself towards other hosts is promised in its documents,
// so whoever changes a number is stopped here and asked to change it there.
func TestTheLimitsOfEveryVisitAreThePromisedOnes(t *testing.T) {
	l := usual()
	for _, limit := range []struct {
		what      string
		got, want time.Duration
	}{
		{"the time until the headers", l.headers, 10 * time.Second},
		{"the time of a whole visit", l.total, 20 * time.Second},
		{"the wait for a host's turn", l.patience, 5 * time.Second},
		{"the gap between visits to one host", l.gap, 2 * time.Second},
		{"the time in which a host's budget comes back", l.hour, time.Hour},
		{"the wait for a place", l.line, 15 * time.Second},
	} {
		if limit.got != limit.want {
			t.Errorf("%s is %s, want %s", limit.what, limit.got, limit.want)
		}
	}
	for _, limit := range []struct {
		what      string
		got, want int
	}{
		{"the visits at a time", l.places, 64},
		{"the visits to one host without a gap", l.burst, 20},
		{"the requests to one host that come back in an hour", l.budget, 500},
		{"the bytes of bodies held together", l.memory, 16 << 20},
		{"the redirects of a visit", maxRedirects, 5},
		{"the bytes of a body", MaxBody, 1 << 20},
	} {
		if limit.got != limit.want {
			t.Errorf("%s: %d, want %d", limit.what, limit.got, limit.want)
		}
	}
	door := newDoor(Options{}, l)
	if door.headers != l.headers || door.total != l.total || door.transport.MaxResponseHeaderBytes != maxHeader {
		t.Errorf("the door has %s until the headers, %s in all, %d bytes of headers", door.headers, door.total, door.transport.MaxResponseHeaderBytes)
	}
}
