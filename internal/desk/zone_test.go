package desk

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"hark/internal/posts"
)

// keeps has the site keep the time of a zone, chosen at the desk.
func (h *house) keeps(v *visitor, zone string) {
	h.t.Helper()
	fields := v.get("/desk/settings").is(http.StatusOK).fields("main form")
	fields.Set("zone", zone)
	v.post("/desk/settings", fields).leadsTo("/desk/settings?saved")
}

func TestTheTimeZoneIsChosenAmongAllOfThem(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	h.clock.at = time.Date(2026, 7, 5, 12, 30, 0, 0, time.UTC)
	a := v.get("/desk/settings").says("#zh", "it is 12:30 on Sunday, 5 July")
	if n := len(a.all("#zones option")); n < 400 || a.value("zone") != "UTC" {
		t.Errorf("%d zones are offered, %s is chosen", n, a.value("zone"))
	}
	h.keeps(v, "new york")
	if a = v.get("/desk/settings?saved").says("#zh", "it is 08:30 on Sunday, 5 July"); a.value("zone") != "America/New_York" {
		t.Errorf("kept is %s", a.value("zone"))
	}
	fields := a.fields("main form")
	fields.Set("zone", "Mars/Olympus")
	fields.Set("about", "New words.")
	a = v.post("/desk/settings", fields).is(http.StatusUnprocessableEntity).says("#wrong-zone", "Europe/Berlin")
	if a.value("zone") != "Mars/Olympus" || a.value("about") != "\nNew words." && a.value("about") != "New words." {
		t.Errorf("what was typed came back as %q, %q", a.value("zone"), a.value("about"))
	}
}

// planned saves a plan and gives its editor's path.
func (v *visitor) planned(at string) (a *answer, path string) {
	v.h.t.Helper()
	fields := v.editor("/desk/write")
	fields.Set("text", "Words for later.")
	fields.Set("published", at)
	fields.Set("do", "schedule")
	a = v.post("/desk/write", fields)
	return a, a.header.Get("Location")
}

func (v *visitor) moment(path string) time.Time {
	v.h.t.Helper()
	p, err := v.h.posts.ByID(context.Background(), strings.TrimPrefix(path, "/desk/write/"))
	if err != nil {
		v.h.t.Fatal(err)
	}
	return p.Published
}

func TestATimeIsTypedByTheClockOfTheSite(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	h.clock.at = time.Date(2026, 2, 1, 12, 0, 0, 0, time.UTC)
	h.keeps(v, "Europe/Berlin")
	v.get("/desk/write").says("label[for=when]", "Date, in Europe/Berlin")
	_, path := v.planned("2026-07-01T08:00:00")
	if got, want := v.moment(path), time.Date(2026, 7, 1, 6, 0, 0, 0, time.UTC); !got.Equal(want) {
		t.Errorf("it comes out at %v, want %v", got, want)
	}
	a := v.get(path).says("#status", "Scheduled for 1 July 2026, 08:00:00 CEST.")
	if got := a.value("published"); got != "2026-07-01T08:00:00" {
		t.Errorf("the field holds %s", got)
	}
	open := a.fields("form.write")
	h.keeps(v, "America/New_York") // while the form is open
	open.Set("published", "2026-07-01T09:00:00")
	open.Set("do", "schedule")
	v.post(path, open).is(http.StatusSeeOther)
	if got, want := v.moment(path), time.Date(2026, 7, 1, 7, 0, 0, 0, time.UTC); !got.Equal(want) {
		t.Errorf("typed in the zone that the form named, it comes out at %v, want %v", got, want)
	}
	a = v.get(path).says("label[for=when]", "Date, in America/New_York")
	if got := a.value("published"); got != "2026-07-01T03:00:00" {
		t.Errorf("the field holds %s", got)
	}
	bad := a.fields("form.write")
	bad.Set("zone", "../x")
	bad.Set("do", "schedule")
	v.post(path, bad).is(http.StatusUnprocessableEntity).says("#wrong-published", "time zone")
}

func TestATimeThatNoClockShowsIsRefused(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	h.clock.at = time.Date(2026, 2, 1, 12, 0, 0, 0, time.UTC)
	h.keeps(v, "Europe/Berlin")
	a, _ := v.planned("2026-03-29T02:30:00")
	a.is(http.StatusUnprocessableEntity).says("#wrong-published", "There is no 02:30 on 29 March 2026 in Europe/Berlin: the clocks go from 02:00 to 03:00 then.")
	if a.value("published") != "2026-03-29T02:30:00" || !strings.Contains(a.value("text"), "Words for later.") {
		t.Error("what was typed did not come back")
	}
}

func TestOfATimeThatComesTwiceTheFirstIsMeant(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	h.clock.at = time.Date(2026, 2, 1, 12, 0, 0, 0, time.UTC)
	h.keeps(v, "Europe/Berlin")
	_, path := v.planned("2026-10-25T02:30:00")
	first := time.Date(2026, 10, 25, 0, 30, 0, 0, time.UTC)
	if got := v.moment(path); !got.Equal(first) {
		t.Errorf("it comes out at %v, want %v", got, first)
	}
	v.get(path).says("#when-hint", "this time comes twice; the first is meant")

	p := &posts.Post{AuthorID: h.user().ID, Status: posts.Scheduled, Content: "x", Published: first.Add(time.Hour)}
	if err := h.posts.Save(context.Background(), p); err != nil {
		t.Fatal(err)
	}
	path = "/desk/write/" + p.ID
	fields := v.get(path).says("#when-hint", "it is the second").fields("form.write")
	fields.Set("text", "Other words.")
	fields.Set("do", "schedule")
	v.post(path, fields).leadsTo(path)
	if got := v.moment(path); !got.Equal(first.Add(time.Hour)) {
		t.Errorf("saved again it comes out at %v", got)
	}
}

func TestAFormWithoutAZoneIsReadInUTC(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	h.clock.at = time.Date(2026, 2, 1, 12, 0, 0, 0, time.UTC)
	h.keeps(v, "Europe/Berlin")
	fields := v.editor("/desk/write")
	fields.Del("zone")
	fields.Set("text", "Words.")
	fields.Set("published", "2026-01-01T00:30")
	fields.Set("do", "publish")
	v.post("/desk/write", fields).is(http.StatusSeeOther)
	found, err := h.posts.List(context.Background(), posts.List{})
	if err != nil || len(found) != 1 || !found[0].Published.Equal(time.Date(2026, 1, 1, 0, 30, 0, 0, time.UTC)) {
		t.Errorf("found %v, %v", found, err)
	}
}
