package site

import (
	"testing"
	"time"
)

func TestDatesAreRelativeWithinAWeek(t *testing.T) {
	now := time.Date(2026, 11, 22, 14, 12, 30, 0, time.UTC) // a Sunday
	for _, c := range []struct{ at, want, until string }{
		{"2026-11-22T14:12:40Z", "just now", "2026-11-22T14:13:40Z"}, // another clock is ahead
		{"2026-11-22T14:12:00Z", "just now", "2026-11-22T14:13:00Z"},
		{"2026-11-22T14:11:00Z", "1 minute ago", "2026-11-22T14:13:00Z"},
		{"2026-11-22T13:30:00Z", "42 minutes ago", "2026-11-22T14:13:00Z"},
		{"2026-11-22T09:12:00Z", "5 hours ago", "2026-11-22T15:12:00Z"},
		{"2026-11-22T00:05:00Z", "14 hours ago", "2026-11-22T15:05:00Z"},
		{"2026-11-21T16:45:00Z", "yesterday", "2026-11-23T00:00:00Z"},
		{"2026-11-20T23:59:00Z", "Friday", "2026-11-27T00:00:00Z"},
		{"2026-11-16T00:00:00Z", "Monday", "2026-11-23T00:00:00Z"},
		{"2026-11-15T23:59:59Z", "15 November", "2027-01-01T00:00:00Z"},
		{"2025-11-22T14:12:30Z", "22 November 2025", ""},
		{"2026-11-22T15:12:00+02:00", "1 hour ago", "2026-11-22T15:12:00Z"},
	} {
		at, err := time.Parse(time.RFC3339, c.at)
		if err != nil {
			t.Fatal(err)
		}
		dates := &calendar{now: now}
		if got := dates.words(at); got != c.want {
			t.Errorf("%s is %q, want %q", c.at, got, c.want)
		}
		until := ""
		if !dates.until.IsZero() {
			until = machine(dates.until)
		}
		if until != c.until {
			t.Errorf("%s is so until %q, want %q", c.at, until, c.until)
		}
	}
}

func TestShortlyAfterMidnightLastNightIsHoursAgo(t *testing.T) {
	dates := &calendar{now: time.Date(2026, 11, 23, 1, 0, 0, 0, time.UTC)}
	if got := dates.words(time.Date(2026, 11, 22, 23, 0, 0, 0, time.UTC)); got != "2 hours ago" {
		t.Errorf("got %q", got)
	}
}

func TestTheCalendarKeepsTheEarliestEnd(t *testing.T) {
	now := time.Date(2026, 11, 22, 14, 0, 0, 0, time.UTC)
	dates := &calendar{now: now}
	dates.words(now.Add(-50 * time.Hour))
	dates.words(now.Add(-90 * time.Second))
	dates.words(now.Add(-3 * time.Hour))
	if want := now.Add(30 * time.Second); !dates.until.Equal(want) {
		t.Errorf("until %v, want %v", dates.until, want)
	}
}

func TestTheElementHoldsTheExactTime(t *testing.T) {
	dates := &calendar{now: time.Date(2026, 11, 22, 14, 0, 0, 0, time.UTC)}
	got := string(dates.published(time.Date(2024, 2, 6, 8, 5, 0, 0, time.FixedZone("", 3600))))
	if want := `<time class="dt-published" datetime="2024-02-06T07:05:00Z">6 February 2024</time>`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
