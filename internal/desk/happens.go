package desk

import (
	"net/url"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"hark/internal/posts"
	"hark/internal/zone"
)

// happens is when and where a post happens, as it was typed. A post with a beginning
// is an event, one with a check-in is one (docs/decisions/0017).
type happens struct {
	Known             bool // the form has these fields; else all stays as it is
	StartDay, StartAt string
	EndDay, EndAt     string
	Zone              string // of both; empty for the time of the place
	Location, Checkin spot   // of the event, or where the post was written; where its author is
}

// spot is a place as it was typed.
type spot struct {
	Name, Page, Street, Postcode, Town, Region, Country string
	Coordinates                                         string // latitude, longitude
}

// happensIn reads the fields of the editor.
func happensIn(fields url.Values) happens {
	return happens{
		Known:    fields.Has("happens"),
		StartDay: fields.Get("start-day"), StartAt: fields.Get("start-time"), EndDay: fields.Get("end-day"), EndAt: fields.Get("end-time"),
		Zone: fields.Get("happens-zone"), Location: spotIn(fields, "location"), Checkin: spotIn(fields, "checkin"),
	}
}

func spotIn(fields url.Values, property string) spot {
	get := func(name string) string { return fields.Get(property + "-" + name) }
	return spot{get("name"), get("page"), get("street"), get("postcode"), get("town"), get("region"), get("country"), get("geo")}
}

// happensOf fills the fields with what is kept of a post.
func happensOf(p *posts.Post) happens {
	h := happens{Known: true, Location: spotOf(p.Location()), Checkin: spotOf(p.Checkin())}
	start, end := p.Start(), p.End()
	if zone := zoneOf(start); zone != "" && zoneOf(end) != "" {
		end.Time = end.Time.In(start.Time.Location()) // one field says the zone of both
	}
	h.StartDay, h.StartAt = clockOf(start)
	h.EndDay, h.EndAt = clockOf(end)
	if h.Zone = zoneOf(start); h.Zone == "" {
		h.Zone = zoneOf(end)
	}
	return h
}

func spotOf(at posts.Place) spot {
	s := spot{Name: at.Name, Page: at.Address, Street: at.Street, Postcode: at.Postcode, Town: at.Locality, Region: at.Region, Country: at.Country}
	if at.Located() {
		s.Coordinates = at.Latitude + ", " + at.Longitude
	}
	return s
}

func zoneOf(w posts.When) string {
	if w.IsZero() || w.Day || w.Local {
		return ""
	}
	return w.Time.Format("-07:00")
}

func clockOf(w posts.When) (day, at string) {
	switch {
	case w.IsZero():
		return "", ""
	case w.Day:
		return w.Time.Format(time.DateOnly), ""
	case w.Time.Second() != 0:
		return w.Time.Format(time.DateOnly), w.Time.Format(time.TimeOnly)
	}
	return w.Time.Format(time.DateOnly), w.Time.Format("15:04")
}

// times are the fields about time alone.
func (h happens) times() [5]string {
	return [5]string{h.StartDay, h.StartAt, h.EndDay, h.EndAt, h.Zone}
}

func (h happens) blank() bool {
	return strings.TrimSpace(h.StartDay+h.StartAt+h.EndDay+h.EndAt) == "" && h.Location == spot{} && h.Checkin == spot{}
}

// onto writes the fields into a post whose properties are its own. What was not
// touched stays as exactly as it was said. All that can be read is written, and
// what cannot be is told.
func (h happens) onto(p *posts.Post) (err error) {
	if !h.Known {
		return nil
	}
	was := happensOf(p)
	if h.times() != was.times() {
		err = h.setTimes(p.Properties)
	}
	for _, one := range []struct {
		property   string
		typed, was spot
	}{{"location", h.Location, was.Location}, {"checkin", h.Checkin, was.Checkin}} {
		if one.typed == one.was {
			continue
		}
		at, wrong := one.typed.place(one.property)
		if wrong != nil && err == nil {
			err = wrong
		}
		if wrong == nil {
			p.Properties.SetPlace(one.property, at)
		}
	}
	return err
}

func (h happens) setTimes(all posts.Properties) error {
	at, local, err := readZone(h.Zone)
	if err != nil {
		return err
	}
	if h.EndDay == "" && h.EndAt != "" {
		h.EndDay = h.StartDay
	}
	for _, one := range []struct{ property, day, at string }{{"start", h.StartDay, h.StartAt}, {"end", h.EndDay, h.EndAt}} {
		w, wrong := readWhen(one.day, one.at, at, local)
		switch {
		case wrong != "" && err == nil:
			err = &posts.Invalid{Field: one.property, Text: wrong}
		case wrong != "":
		case w.IsZero():
			delete(all, one.property)
		default:
			all[one.property] = []any{w.Machine()}
		}
	}
	return err
}

// readWhen reads a day and a time of that day, and says what is wrong with them.
func readWhen(day, at string, zone *time.Location, local bool) (posts.When, string) {
	day, at = strings.TrimSpace(day), strings.TrimSpace(at)
	if day == "" && at == "" {
		return posts.When{}, ""
	}
	if day == "" {
		return posts.When{}, "Say on which day, too."
	}
	t, err := time.Parse(time.DateOnly, day)
	if err != nil || t.Year() < 1 {
		return posts.When{}, "A day is written like 2026-11-23."
	}
	if at == "" {
		return posts.When{Time: t, Day: true, Local: true}, ""
	}
	for _, form := range []string{"15:04", time.TimeOnly} {
		if clock, err := time.Parse(form, at); err == nil {
			t = time.Date(t.Year(), t.Month(), t.Day(), clock.Hour(), clock.Minute(), clock.Second(), 0, zone)
			return posts.When{Time: t, Local: local}, ""
		}
	}
	return posts.When{}, "A time is written like 19:30."
}

var offsetForm = regexp.MustCompile(`^(?:UTC|GMT)?([+-])([0-9]{1,2})(?::?([0-5][0-9]))?$`)

// readZone reads a time zone: an offset, or the name of one, or of its town.
// None is the time of the place.
func readZone(typed string) (at *time.Location, local bool, err error) {
	typed = strings.ReplaceAll(strings.TrimSpace(typed), "−", "-") // the minus of typesetters
	if m := offsetForm.FindStringSubmatch(strings.ToUpper(typed)); m != nil {
		hours, _ := time.ParseDuration(m[2] + "h")
		minutes, _ := time.ParseDuration("0" + m[3] + "m")
		offset := hours + minutes
		if m[1] == "-" {
			offset = -offset
		}
		if offset.Abs() <= 14*time.Hour {
			return time.FixedZone("", int(offset.Seconds())), false, nil
		}
	}
	switch strings.ToUpper(typed) {
	case "":
		return time.UTC, true, nil
	case "Z", "UTC", "GMT":
		return time.UTC, false, nil
	}
	if name, err := zone.Find(typed); err == nil {
		at, err = zone.Load(name)
		return at, false, err
	}
	return nil, false, &posts.Invalid{Field: "happens-zone", Text: "A time zone is written like +01:00 or Europe/Berlin."}
}

// longestSpot bounds each text about a place, in letters; that of its page in bytes.
const (
	longestSpot = 200
	longestPage = 2048
)

// place reads what was typed of a place.
func (s spot) place(property string) (at posts.Place, wrong error) {
	fields := []*string{&s.Name, &s.Page, &s.Street, &s.Postcode, &s.Town, &s.Region, &s.Country, &s.Coordinates}
	for _, field := range fields {
		if *field = strings.Join(strings.Fields(*field), " "); field != &s.Page && utf8.RuneCountInString(*field) > longestSpot {
			return at, &posts.Invalid{Field: property, Text: "That is too long for a place: 200 letters at most in each field."}
		}
	}
	if u, err := url.Parse(s.Page); s.Page != "" && (err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || len(s.Page) > longestPage) {
		return at, &posts.Invalid{Field: property + "-page", Text: "The page of a place is a web address: https://…"}
	}
	at = posts.Place{Name: s.Name, Address: s.Page, Street: s.Street, Postcode: s.Postcode, Locality: s.Town, Region: s.Region, Country: s.Country}
	if s.Coordinates == "" {
		return at, nil
	}
	var ok bool
	if at.Latitude, at.Longitude, ok = posts.Coordinates(s.Coordinates); !ok {
		return at, &posts.Invalid{Field: property + "-geo", Text: "Coordinates are written like 54.47, 9.05: first the latitude, then the longitude."}
	}
	return at, nil
}
