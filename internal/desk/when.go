package desk

import (
	"fmt"
	"time"
)

// when is a time for people, and for machines.
type when struct {
	Words   string // "3 hours ago", else the day
	Exact   string // to the second
	Day     string // the day written out
	Machine string // for a datetime attribute
	Clock   string // the day in short, and the time to the second
}

// when writes a time as seen from now, by the clock of the site: relative for a
// week, else written out. The zero time is an empty one.
func (d *Desk) when(t time.Time) when {
	if t.IsZero() {
		return when{}
	}
	t = t.In(d.settings.KnownZone())
	return when{
		Words:   ago(d.now(), t),
		Exact:   t.Format("2 January 2006, 15:04:05 MST"),
		Day:     t.Format("2 January 2006"),
		Machine: t.Format(time.RFC3339),
		Clock:   t.Format("2 Jan 15:04:05"),
	}
}

// minutely writes a time to the minute, with its zone.
const minutely = "2 January 2006, 15:04 MST"

// ago writes t in its own zone.
func ago(now, t time.Time) string {
	switch since := now.Sub(t); {
	case since < -time.Minute:
		return t.Format(minutely)
	case since < time.Minute:
		return "a moment ago"
	case since < time.Hour:
		return plural(int(since.Minutes()), "minute") + " ago"
	case since < 24*time.Hour:
		return plural(int(since.Hours()), "hour") + " ago"
	case since < 48*time.Hour:
		return "yesterday"
	case since < 7*24*time.Hour:
		return plural(int(since.Hours()/24), "day") + " ago"
	}
	return t.Format("2 January 2006")
}

// until says when something will be, from now on.
func (d *Desk) until(t time.Time) string {
	switch wait := t.Sub(d.now()); {
	case wait <= time.Minute:
		return "in a moment"
	case wait < time.Hour:
		return "in " + plural(int(wait.Minutes()), "minute")
	case wait < 48*time.Hour:
		return "in " + plural(int(wait.Hours()), "hour")
	}
	return "on " + t.In(d.settings.KnownZone()).Format("2 January 2006")
}

// plural counts things.
func plural(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}
