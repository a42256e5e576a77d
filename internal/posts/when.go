package posts

import (
	"strings"
	"time"

	"hark/internal/zone"
)

// When is when something begins or ends, as exactly as it was said.
type When struct {
	Time  time.Time
	Day   bool // the whole day: no time was said
	Local bool // no zone was said: it is the time of the place
}

// IsZero tells whether nothing was said.
func (w When) IsZero() bool { return w.Time.IsZero() }

// Machine is the time for programs, no more exact than it was said.
func (w When) Machine() string {
	switch {
	case w.IsZero():
		return ""
	case w.Day:
		return w.Time.Format(time.DateOnly)
	case w.Local:
		return w.Time.Format("2006-01-02T15:04:05")
	}
	return w.Time.Format(time.RFC3339)
}

// Moment is when that is, by the clocks of a zone where none was said: a day begins at
// midnight. Of a time that clocks show twice it is the first, and of one that they
// leave out the moment at which they are set forward.
func (w When) Moment(in *time.Location) time.Time {
	if !w.Local {
		return w.Time
	}
	if w.Day {
		return zone.Midnight(w.Time.Year(), w.Time.Month(), w.Time.Day(), in)
	}
	if moments := zone.Moments(w.Time, in); len(moments) > 0 {
		return moments[0]
	}
	return zone.Leap(w.Time, in)
}

// whenForms are the ways in which a time is written, with a T or a space between
// day and time.
var whenForms = [...]struct {
	layout     string
	day, local bool
}{
	{"2006-01-02T15:04:05Z07:00", false, false}, {"2006-01-02T15:04:05Z0700", false, false}, {"2006-01-02T15:04:05Z07", false, false},
	{"2006-01-02T15:04Z07:00", false, false}, {"2006-01-02T15:04Z0700", false, false}, {"2006-01-02T15:04Z07", false, false},
	{"2006-01-02T15:04:05", false, true}, {"2006-01-02T15:04", false, true},
	{"2006-01-02", true, true},
}

// ReadWhen reads a time as people and programs write it (ISO 8601). It is zero for
// what is none.
func ReadWhen(s string) When {
	s = strings.TrimSpace(s)
	if len(s) > 10 && s[10] == ' ' {
		s = s[:10] + "T" + strings.ReplaceAll(s[11:], " ", "")
	}
	for _, form := range whenForms {
		if t, err := time.Parse(form.layout, s); err == nil && t.Year() > 0 {
			return When{t, form.day, form.local}
		}
	}
	return When{}
}

// Start is when the event begins, zero for what is none.
func (p *Post) Start() When { return ReadWhen(firstText(p.Properties["start"])) }

// End is when the event ends, zero where that is not said.
func (p *Post) End() When { return ReadWhen(firstText(p.Properties["end"])) }

// before compares two times, as days if one of them is a day, and as they stand
// on a clock if one of them has no zone.
func (w When) before(v When) bool {
	switch {
	case w.Day || v.Day:
		return w.Time.Format(time.DateOnly) < v.Time.Format(time.DateOnly)
	case w.Local != v.Local:
		return wall(w.Time).Before(wall(v.Time))
	}
	return w.Time.Before(v.Time)
}

func wall(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), 0, time.UTC)
}
