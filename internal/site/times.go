package site

import (
	"context"
	"net/http"
	"strings"
	"time"

	"hark/internal/page"
	"hark/internal/posts"
	"hark/internal/words"
)

// firstYear is the first that has posts: in the Americas 1970 began later than in UTC.
const firstYear = 1969

// unit is a stretch of time that has pages.
type unit struct {
	label               string
	path, title         string // how they are written
	years, months, days int
}

var (
	aYear  = unit{"Year", "/2006", "2006", 1, 0, 0}
	aMonth = unit{"Month", "/2006/01", "January 2006", 0, 1, 0}
	aDay   = unit{"Day", "/2006/01/02", "2 January 2006", 0, 0, 1}
)

// year is the posts of a year.
func (s *Site) year(w http.ResponseWriter, r *http.Request) error { return s.span(w, r, aYear) }

// month is the posts of a month.
func (s *Site) month(w http.ResponseWriter, r *http.Request) error { return s.span(w, r, aMonth) }

// day is the posts of a day.
func (s *Site) day(w http.ResponseWriter, r *http.Request) error { return s.span(w, r, aDay) }

func (s *Site) span(w http.ResponseWriter, r *http.Request, u unit) error {
	first, err := time.Parse(u.path, strings.TrimRight(r.URL.Path, "/"))
	if err != nil || first.Year() < firstYear {
		return s.missing(w, r)
	}
	return s.list(w, r, scope{path: first.Format(u.path), label: u.label, unit: &u, first: first})
}

// bound narrows the list of a stretch of time to it, as clocks in zone show it.
func (c *scope) bound(zone *time.Location) {
	if c.unit != nil {
		c.list.From = begins(c.first, zone)
		c.list.To = begins(c.first.AddDate(c.unit.years, c.unit.months, c.unit.days), zone)
	}
}

// timeLink leads to another stretch of time.
type timeLink struct{ Rel, Path, Name string }

// times are the nearest stretches before and after in which there is something.
func (s *Site) times(ctx context.Context, c scope, book *words.Book) (links []timeLink, err error) {
	if c.unit == nil || c.list.Before != "" {
		return nil, nil
	}
	before, after, err := s.Posts.Around(ctx, c.list.From, c.list.To)
	if err != nil {
		return nil, err
	}
	for _, one := range []struct {
		rel string
		at  time.Time
	}{{"prev", before}, {"next", after}} {
		if at := one.at.In(s.Settings.KnownZone()); !at.IsZero() {
			links = append(links, timeLink{one.rel, at.Format(c.unit.path), book.Date(at, c.unit.title)})
		}
	}
	return links, nil
}

// onThisDay is what was published on this day in earlier years, the newest of it.
func (s *Site) onThisDay(w http.ResponseWriter, r *http.Request) error {
	return s.serve(w, r, "/on-this-day", func(ctx context.Context, bar *deskbar) (*page.Answer, error) {
		site, err := s.Settings.Site(ctx)
		if err != nil {
			return nil, err
		}
		dates := s.calendar(site)
		today := day(dates.now)
		found, err := s.anniversaries(ctx, today)
		if err != nil {
			return nil, err
		}
		answer, err := s.drawList(ctx, site, scope{
			path: "/on-this-day", label: dates.book.Date(today, "2 January"), title: "On this day",
			list: posts.List{From: today}, empty: "Nothing was published on this day in earlier years. Tomorrow is another day.",
		}, found, bar)
		if err != nil {
			return nil, err
		}
		if tomorrow := dates.midnight(1); answer.Until.IsZero() || tomorrow.Before(answer.Until) {
			answer.Until = tomorrow
		}
		return answer, nil
	})
}

func (s *Site) anniversaries(ctx context.Context, today time.Time) (found []*posts.Post, err error) {
	_, first, err := s.Posts.Around(ctx, time.Time{}, time.Time{})
	if err != nil || first.IsZero() {
		return nil, err
	}
	zone := s.Settings.KnownZone()
	for year := today.Year() - 1; year >= first.In(zone).Year() && len(found) < pageLength; year-- {
		then := time.Date(year, today.Month(), today.Day(), 0, 0, 0, 0, time.UTC)
		if then.Month() != today.Month() {
			continue // it had no 29 February
		}
		of, err := s.Posts.List(ctx, posts.List{From: begins(then, zone), To: begins(then.AddDate(0, 0, 1), zone), Limit: pageLength - len(found)})
		if err != nil {
			return nil, err
		}
		found = append(found, of...)
	}
	return found, nil
}
