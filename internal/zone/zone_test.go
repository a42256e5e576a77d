package zone

import (
	"errors"
	"fmt"
	"testing"
	"time"
)

func load(t testing.TB, name string) *time.Location {
	t.Helper()
	zone, err := Load(name)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return zone
}

func TestEveryZoneThatIsOfferedIsThere(t *testing.T) {
	if len(Names()) < 400 {
		t.Errorf("only %d are offered", len(Names()))
	}
	for _, name := range Names() {
		if got, err := Find(name); err != nil || got != name {
			t.Errorf("%s is found as %q, %v", name, got, err)
		}
		load(t, name)
	}
}

func TestAZoneIsFoundAsPeopleWriteIt(t *testing.T) {
	for typed, want := range map[string]string{
		"Europe/Berlin": "Europe/Berlin", " europe/berlin ": "Europe/Berlin", "berlin": "Europe/Berlin", "america/new york": "America/New_York",
		"New York": "America/New_York", "utc": "UTC", "": "", "Asia/Calcutta": "Asia/Calcutta", "Etc/GMT-3": "Etc/GMT-3",
	} {
		if got, err := Find(typed); err != nil || got != want {
			t.Errorf("%q is %q, %v; want %q", typed, got, err, want)
		}
	}
	for _, typed := range []string{"Local", "Mars/Olympus", "../etc/passwd", "/etc/localtime", "right/UTC", "Europe/Berlin\x00", "Europe", "Ber/lin"} {
		if got, err := Find(typed); !errors.Is(err, ErrUnknown) {
			t.Errorf("%q is %q, %v", typed, got, err)
		}
	}
}

func TestAClockShowsATimeOnceOrNotAtAllOrTwice(t *testing.T) {
	for _, c := range []struct{ zone, clock, want string }{
		{"Europe/Berlin", "2026-03-29 01:59:59", "[00:59:59Z]"},
		{"Europe/Berlin", "2026-03-29 02:00:00", "[]"},
		{"Europe/Berlin", "2026-03-29 02:59:59", "[]"},
		{"Europe/Berlin", "2026-03-29 03:00:00", "[01:00:00Z]"},
		{"Europe/Berlin", "2026-10-25 01:59:59", "[23:59:59Z]"},
		{"Europe/Berlin", "2026-10-25 02:00:00", "[00:00:00Z 01:00:00Z]"},
		{"Europe/Berlin", "2026-10-25 02:30:00", "[00:30:00Z 01:30:00Z]"},
		{"Europe/Berlin", "2026-10-25 03:00:00", "[02:00:00Z]"},
		{"America/New_York", "2026-03-08 02:30:00", "[]"},
		{"America/New_York", "2026-11-01 01:30:00", "[05:30:00Z 06:30:00Z]"},
		{"Asia/Beirut", "2025-03-30 00:30:00", "[]"},
		{"Australia/Lord_Howe", "2026-04-05 01:45:00", "[14:45:00Z 15:15:00Z]"}, // half an hour
		{"UTC", "2026-03-29 02:30:00", "[02:30:00Z]"},
		{"Asia/Kolkata", "2026-03-29 02:30:00", "[21:00:00Z]"},
	} {
		clock, err := time.Parse(time.DateTime, c.clock)
		if err != nil {
			t.Fatal(err)
		}
		got := []string{}
		for _, m := range Moments(clock, load(t, c.zone)) {
			got = append(got, m.UTC().Format("15:04:05Z"))
		}
		if fmt.Sprint(got) != c.want {
			t.Errorf("%s in %s: %v, want %s", c.clock, c.zone, got, c.want)
		}
	}
}

func TestDaysFollowOneAnotherInEveryZone(t *testing.T) {
	for _, name := range Names() {
		zone := load(t, name)
		last := Midnight(2010, 12, 31, zone)
		for n := range 2 * 365 {
			day := time.Date(2011, 1, 1+n, 0, 0, 0, 0, time.UTC)
			begins := Midnight(day.Year(), day.Month(), day.Day(), zone)
			switch length := begins.Sub(last); {
			case length == 0 && day.Format(time.DateOnly) == "2011-12-31": // Samoa and Tokelau had no 30 December
			case length < 20*time.Hour || length > 28*time.Hour:
				t.Fatalf("%s: the day before %s has %v", name, day.Format(time.DateOnly), length)
			case Clock(begins, zone).Before(day) || !Clock(begins.Add(-time.Second), zone).Before(day) && !back(begins, zone):
				t.Fatalf("%s: %s begins at %v", name, day.Format(time.DateOnly), begins)
			}
			last = begins
		}
	}
}

// back tells whether the clock is set back at t.
func back(t time.Time, in *time.Location) bool {
	return Clock(t, in).Before(Clock(t.Add(-time.Second), in))
}
