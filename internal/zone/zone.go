// Package zone knows the time zones that a site can keep, and what their clocks do
// when they are set forward and back.
package zone

import (
	_ "embed"
	"errors"
	"slices"
	"strings"
	"time"
	_ "time/tzdata" // so that a machine without them will do
)

//go:embed names.txt
var names string

// ErrUnknown says that no zone is called so.
var ErrUnknown = errors.New("no such time zone")

// Names are the zones in which people live, by the names of the IANA database, in
// the order of the alphabet, and UTC. Load knows more: older names lead to these.
func Names() []string { return strings.Fields(names) }

// Find is the name by which a zone is kept: the one that was typed, or the one
// that was meant where only its case, its spaces or its continent are otherwise.
// What names none is ErrUnknown.
func Find(typed string) (string, error) {
	typed = strings.ReplaceAll(strings.TrimSpace(typed), " ", "_")
	var ends []string
	for _, name := range Names() {
		if strings.EqualFold(name, typed) {
			return name, nil
		}
		if strings.EqualFold(name[strings.LastIndexByte(name, '/')+1:], typed) {
			ends = append(ends, name)
		}
	}
	if len(ends) == 1 {
		return ends[0], nil
	}
	_, err := Load(typed)
	return typed, err
}

// Load reads a zone. UTC has no name, or its own.
func Load(name string) (*time.Location, error) {
	if name == "" {
		return time.UTC, nil
	}
	// "Local" is the machine's, and those below right/ count leap seconds.
	if name == "Local" || len(name) > 64 || strings.HasPrefix(name, "right/") || strings.ContainsFunc(name, notInName) {
		return nil, ErrUnknown
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return nil, ErrUnknown
	}
	return zone, nil
}

func notInName(r rune) bool {
	return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("/_+-", r))
}

// Clock is what a clock shows, as a time in UTC.
func Clock(t time.Time, in *time.Location) time.Time {
	t = t.In(in)
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), 0, time.UTC)
}

// Moments are when a clock shows this, the earliest first: mostly once, not at all
// where it is set forward past it, and twice where it is set back behind it.
func Moments(clock time.Time, in *time.Location) (moments []time.Time) {
	near := time.Date(clock.Year(), clock.Month(), clock.Day(), clock.Hour(), clock.Minute(), clock.Second(), 0, in)
	about := []time.Time{near}
	begin, end := near.ZoneBounds()
	if !begin.IsZero() {
		about = append(about, begin.Add(-time.Second))
	}
	if !end.IsZero() {
		about = append(about, end)
	}
	for _, t := range about {
		_, offset := t.Zone()
		moment := time.Unix(clock.Unix()-int64(offset), 0).In(in)
		if Clock(moment, in).Unix() == clock.Unix() && !slices.ContainsFunc(moments, moment.Equal) {
			moments = append(moments, moment)
		}
	}
	slices.SortFunc(moments, time.Time.Compare)
	return moments
}

// Midnight is when a day begins. Where the clock is set forward past midnight that
// is the moment when it is set.
func Midnight(year int, month time.Month, day int, in *time.Location) time.Time {
	clock := time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
	if moments := Moments(clock, in); len(moments) > 0 {
		return moments[0]
	}
	return Leap(clock, in)
}

// Leap is the moment at which a clock is set forward past what it never shows.
func Leap(clock time.Time, in *time.Location) time.Time {
	near := time.Date(clock.Year(), clock.Month(), clock.Day(), clock.Hour(), clock.Minute(), clock.Second(), 0, in)
	begin, end := near.ZoneBounds()
	if Clock(near, in).Before(clock) {
		return end
	}
	return begin
}
