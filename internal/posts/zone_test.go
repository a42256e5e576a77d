package posts

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"hark/internal/settings"
)

// move has the site keep the time of another zone.
func (b *bench) move(t *testing.T, zone string) {
	t.Helper()
	site := settings.Default
	site.Zone = zone
	if err := settings.New(b.db).Save(t.Context(), site); err != nil {
		t.Fatal(err)
	}
}

// newYear is the first half hour of 2026 in Berlin, and still 2025 in London.
var newYear = time.Date(2025, 12, 31, 23, 30, 0, 0, time.UTC)

func TestTheYearOfAnAddressIsThatOfTheSitesClock(t *testing.T) {
	b := newBench(t)
	for zone, want := range map[string]string{"UTC": "/2025/utc", "Europe/Berlin": "/2026/europe-berlin", "America/New_York": "/2025/america-new_york"} {
		b.move(t, zone)
		p := b.save(t, &Post{Status: Published, Title: zone, Content: "Words.", Published: newYear})
		if p.Path != want {
			t.Errorf("in %s it lives at %s, want %s", zone, p.Path, want)
		}
	}
	b.move(t, "Pacific/Auckland")
	p := b.save(t, &Post{Status: Published, Content: "!!!", Published: newYear})
	if want := "/2026/0101-123000"; p.Path != want {
		t.Errorf("without words it lives at %s, want %s", p.Path, want)
	}
}

func TestNoAddressMovesWithTheZone(t *testing.T) {
	b := newBench(t)
	b.move(t, "UTC")
	named := b.save(t, &Post{Status: Published, Content: "Words.", Slug: "rain", Published: newYear})
	unnamed := b.save(t, &Post{Status: Published, Content: "Other words.", Published: newYear})
	for _, zone := range []string{"Europe/Berlin", "Pacific/Kiritimati", "Etc/GMT+12", "UTC"} {
		b.move(t, zone)
		for _, p := range []*Post{named, unnamed} {
			before := p.Path
			p.Content += " More."
			if p.Slug == "" {
				p.Slug = "other-words" // as the editor sends it
			}
			if b.save(t, p); p.Path != before {
				t.Errorf("in %s it moved from %s to %s", zone, before, p.Path)
			}
		}
	}
	named.Published = newYear.AddDate(-1, -1, 0)
	if b.save(t, named); named.Path != "/2024/rain" {
		t.Errorf("a year and a month earlier it lives at %s", named.Path)
	}
	unnamed.Slug = "hail"
	b.move(t, "Europe/Berlin")
	if b.save(t, unnamed); unnamed.Path != "/2026/hail" {
		t.Errorf("with another name it lives at %s", unnamed.Path)
	}
}

func TestAScheduledPostComesOutInTheYearOfTheSitesClock(t *testing.T) {
	b := newBench(t)
	b.move(t, "Asia/Tokyo")
	when := time.Date(b.now().Year(), 12, 31, 20, 0, 0, 0, time.UTC)
	p := b.save(t, &Post{Status: Scheduled, Content: "Words.", Slug: "bells", Published: when})
	b.pass(when.Sub(b.now()))
	b.ring(t, p)
	if got, want := b.read(t, p.ID).Path, fmt.Sprintf("/%d/bells", when.Year()+1); got != want {
		t.Errorf("it lives at %s, want %s", got, want)
	}
}

func TestMonthsAreThoseOfTheSitesClock(t *testing.T) {
	b := newBench(t)
	for _, at := range []string{ // in Berlin: January, March, April, April, October, November, January
		"2023-12-31T23:30:00Z", "2024-03-31T21:59:59Z", "2024-03-31T22:00:00Z", "2024-04-30T21:59:00Z", "2024-10-31T22:30:00Z", "2024-10-31T23:00:00Z", "2024-12-31T23:00:00Z",
	} {
		published, err := time.Parse(time.RFC3339, at)
		if err != nil {
			t.Fatal(err)
		}
		b.save(t, &Post{Status: Published, Content: "Words.", Published: published})
	}
	for zone, want := range map[string][]Month{
		"UTC":           {{2024, 12, 1}, {2024, 10, 2}, {2024, 4, 1}, {2024, 3, 2}, {2023, 12, 1}},
		"Europe/Berlin": {{2025, 1, 1}, {2024, 11, 1}, {2024, 10, 1}, {2024, 4, 2}, {2024, 3, 1}, {2024, 1, 1}},
	} {
		b.move(t, zone)
		if months, err := b.Months(t.Context()); err != nil || !reflect.DeepEqual(months, want) {
			t.Errorf("in %s the months are %v, %v; want %v", zone, months, err, want)
		}
	}
}

func TestTimesToLookForAreThoseOfTheSitesClock(t *testing.T) {
	b := newBench(t)
	b.save(t, &Post{Status: Published, Title: "Bells", Content: "Words.", Published: newYear})
	for zone, want := range map[string]string{"UTC": "[]", "Europe/Berlin": "[Bells]"} {
		b.move(t, zone)
		q, err := ParseQuery("bells after:2026", nil)
		if err != nil {
			t.Fatal(err)
		}
		found, _, err := b.Search(t.Context(), q, 0, 10)
		if err != nil {
			t.Fatal(err)
		}
		names := []string{}
		for _, p := range found {
			names = append(names, p.Name())
		}
		if fmt.Sprint(names) != want {
			t.Errorf("in %s it finds %v, want %s", zone, names, want)
		}
	}
}
