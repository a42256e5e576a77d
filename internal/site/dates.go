package site

import (
	"html/template"
	"time"

	"hark/internal/posts"
	"hark/internal/settings"
	"hark/internal/words"
	"hark/internal/zone"
)

// calendar writes dates as readers read them, by the clock of the site, and
// remembers when the first of them will be wrong.
type calendar struct {
	now   time.Time // its zone is the site's
	until time.Time // zero: never
	book  *words.Book
}

func (s *Site) calendar(site settings.Site) *calendar {
	return &calendar{now: s.clock(), book: s.book(site)}
}

// clock is what a clock of the site shows now.
func (s *Site) clock() time.Time { return s.Now().In(s.Settings.KnownZone()) }

// published is the element that says when something was published.
func (c *calendar) published(t time.Time) template.HTML {
	return template.HTML(`<time class="dt-published" datetime="` + c.machine(t) + `">` + c.words(t) + `</time>`)
}

// machine is a time as datetime wants it, by the clock of the site.
func (c *calendar) machine(t time.Time) string { return machine(t.In(c.now.Location())) }

// machine is a time as programs read it, with how far it is from UTC.
func machine(t time.Time) string { return t.Format(time.RFC3339) }

// words says when t was, as seen from now: relative within a week, else written
// out, with the year if it is another.
func (c *calendar) words(t time.Time) string {
	t = t.In(c.now.Location())
	age, days := c.now.Sub(t), c.days(t)
	switch {
	case age < time.Minute:
		c.expires(t.Add(time.Minute))
		return c.book.Say("just now")
	case age < time.Hour:
		return c.ago(t, age, time.Minute, c.book.Count(int(age/time.Minute), "minute", "minutes"))
	case age < 12*time.Hour || days == 0:
		c.expires(c.midnight(1))
		return c.ago(t, age, time.Hour, c.book.Count(int(age/time.Hour), "hour", "hours"))
	case days == 1:
		c.expires(c.midnight(1))
		return c.book.Say("yesterday")
	case days < 7:
		c.expires(c.midnight(7 - days))
		return c.book.Date(t, "Monday")
	case t.Year() == c.now.Year():
		c.expires(zone.Midnight(t.Year()+1, 1, 1, c.now.Location()))
		return c.book.Date(t, "2 January")
	}
	return c.book.Date(t, "2 January 2006")
}

// ago counts whole units, which are written out.
func (c *calendar) ago(t time.Time, age, unit time.Duration, units string) string {
	c.expires(t.Add((age/unit + 1) * unit))
	return c.book.Say("%s ago", units)
}

// days is how many midnights lie between t and now.
func (c *calendar) days(t time.Time) int {
	return int(day(c.now).Sub(day(t)) / (24 * time.Hour))
}

// midnight is the one that ends so many days, today's being the first.
func (c *calendar) midnight(days int) time.Time {
	return begins(day(c.now).AddDate(0, 0, days), c.now.Location())
}

// day is the day that t shows, as a time in UTC: days of it are all of one length.
func day(t time.Time) time.Time {
	y, m, d := t.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

// begins is when a day begins in a zone.
func begins(day time.Time, in *time.Location) time.Time {
	return zone.Midnight(day.Year(), day.Month(), day.Day(), in)
}

func (c *calendar) expires(t time.Time) {
	if c.until.IsZero() || t.Before(c.until) {
		c.until = t
	}
}

// readingTime is how long a text takes, or empty for a short one.
func readingTime(length int, book *words.Book) string {
	const long = 400
	if length < long {
		return ""
	}
	return book.Count(posts.Minutes(length), "minute", "minutes")
}
