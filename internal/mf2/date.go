package mf2

import (
	"strings"
	"time"
)

// layouts are the ways in which pages write a date, zones first. One without
// a zone is taken as UTC.
func layouts() []string {
	return []string{
		time.RFC3339,
		"2006-01-02T15:04:05Z0700",
		"2006-01-02T15:04:05Z07",
		"2006-01-02T15:04Z07:00",
		"2006-01-02T15:04Z0700",
		"2006-01-02T15:04Z07",
		"2006-01-02T15:04:05",
		"2006-01-02T15:04",
		"2006-01-02",
		"20060102T150405Z0700",
		"20060102T150405",
		"20060102",
		"2006-002",
		"2006/01/02",
		"02.01.2006",
		time.RFC1123Z,
		time.RFC1123,
		"Mon, 2 Jan 2006 15:04:05 -0700",
		"Mon, 2 Jan 2006 15:04:05 MST",
		time.RFC850,
		time.ANSIC,
		time.UnixDate,
		"January 2, 2006 15:04",
		"January 2, 2006 3:04 PM",
		"January 2, 2006",
		"Jan 2, 2006",
		"2 January 2006",
		"2 Jan 2006",
	}
}

// ParseDate reads a date in any of the forms that pages use. A date before
// 1970 or more than a day after now is no date.
func ParseDate(s string, now time.Time) (time.Time, bool) {
	s = strings.Join(strings.Fields(s), " ")
	if len(s) < 8 || len(s) > 60 {
		return time.Time{}, false
	}
	for _, layout := range layouts() {
		for _, spelling := range []string{isoDate(s), s} {
			if t, err := time.Parse(layout, spelling); err == nil && plausible(t, now) {
				return t, true
			}
		}
	}
	return time.Time{}, false
}

// isoDate writes "2006-01-02 15:04:05 +0100" as ISO 8601 would have it.
func isoDate(s string) string {
	if len(s) < 11 || s[4] != '-' || (s[10] != ' ' && s[10] != 't') {
		return s
	}
	return s[:10] + "T" + strings.ToUpper(strings.ReplaceAll(s[11:], " ", ""))
}

func plausible(t, now time.Time) bool {
	return t.Unix() >= 0 && t.Before(now.Add(24*time.Hour))
}
