package desk

import (
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"testing"

	"hark/internal/posts"
)

// anEvent are the fields of a new event, as a form of the editor sends them.
func anEvent() url.Values {
	return url.Values{
		"happens": {"yes"}, "title": {"Tea at the harbour"}, "text": {"Bring a cup."}, "do": {"publish"},
		"start-day": {"2026-12-01"}, "start-time": {"19:30"}, "end-day": {""}, "end-time": {"21:00"}, "happens-zone": {"+1"},
		"location-name": {"Jar Bar"}, "location-street": {"Quay 1"}, "location-postcode": {"25813"}, "location-town": {"Husum"}, "location-country": {"Germany"},
		"location-page": {"https://bar.example/"}, "location-geo": {"54.47, 9.05"},
	}
}

func TestAnEventIsWrittenPublishedAndChanged(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	for name := range anEvent() {
		if name != "do" && !v.editor("/desk/write").Has(name) {
			t.Errorf("the editor has no field %s", name)
		}
	}
	a := v.post("/desk/write", anEvent()).is(http.StatusSeeOther)
	p, err := h.posts.ByPath(t.Context(), a.header.Get("Location"))
	if err != nil {
		t.Fatal(err)
	}
	at := posts.Place{Name: "Jar Bar", Address: "https://bar.example/", Street: "Quay 1", Locality: "Husum", Postcode: "25813", Country: "Germany", Latitude: "54.47", Longitude: "9.05"}
	if p.Kind != posts.Event || p.Start().Machine() != "2026-12-01T19:30:00+01:00" || p.End().Machine() != "2026-12-01T21:00:00+01:00" || p.Location() != at {
		t.Errorf("it became %+v", p)
	}
	fields := v.editor("/desk/write/" + p.ID)
	for name, want := range map[string]string{"start-day": "2026-12-01", "start-time": "19:30", "end-day": "2026-12-01", "end-time": "21:00", "happens-zone": "+01:00", "location-town": "Husum", "location-geo": "54.47, 9.05"} {
		if got := fields.Get(name); got != want {
			t.Errorf("the editor says %s is %q, want %q", name, got, want)
		}
	}
	fields.Set("do", "publish")
	fields.Set("start-time", "")
	fields.Set("end-day", "")
	fields.Set("end-time", "")
	v.post("/desk/write", fields).leadsTo(p.Path)
	if got := h.kept(p.ID); got.Start().Machine() != "2026-12-01" || len(got.Properties["end"]) != 0 || got.Location() != at {
		t.Errorf("changed, it is %+v", got.Properties)
	}
	fields = v.editor("/desk/write/" + p.ID)
	fields.Set("do", "publish")
	fields.Set("start-day", "")
	v.post("/desk/write", fields).leadsTo(p.Path)
	if got := h.kept(p.ID); got.Kind != posts.Article || got.Location() != at {
		t.Errorf("without a beginning it is a %s at %+v", got.Kind, got.Location())
	}
}

func TestACheckInIsWrittenAndChanged(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	a := v.post("/desk/write", url.Values{"happens": {"yes"}, "checkin-name": {"Jar Bar"}, "checkin-geo": {"geo:54.47,9.05"}, "do": {"publish"}}).is(http.StatusSeeOther)
	p, err := h.posts.ByPath(t.Context(), a.header.Get("Location"))
	if err != nil || p.Kind != posts.Checkin || p.Checkin() != (posts.Place{Name: "Jar Bar", Latitude: "54.47", Longitude: "9.05"}) || p.Name() != "At Jar Bar" {
		t.Fatalf("it became %+v (%v)", p, err)
	}
	a = v.get("/desk/write/" + p.ID).is(http.StatusOK)
	if len(a.all("details[open] #checkin-name")) != 1 || len(a.all("details[open] #start-day")) != 0 {
		t.Error("what there is stands out of sight, or what there is not in it")
	}
	fields := a.fields("form.write")
	fields.Set("do", "publish")
	fields.Set("checkin-town", "Husum")
	v.post("/desk/write", fields).leadsTo(p.Path)
	if got := h.kept(p.ID).Checkin(); got.Locality != "Husum" || got.Name != "Jar Bar" {
		t.Errorf("changed, it is at %+v", got)
	}
}

func TestWhatIsNotTouchedStaysAsExactlyAsItWasSaid(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	card := map[string]any{"type": []any{"h-card"}, "properties": map[string]any{"name": []any{"Jar Bar"}, "tel": []any{"+49 4841"}}}
	for name, c := range map[string]struct{ before, after posts.Properties }{
		"two zones, a summary": {posts.Properties{"start": {"2026-12-01T08:00:30Z"}, "end": {"2026-12-01 13:00-0500"}, "location": {card}, "summary": {"x"}},
			posts.Properties{"start": {"2026-12-01T08:00:30Z"}, "end": {"2026-12-01 13:00-0500"}, "location": {card}, "summary": {"x"}}},
		"a day":                   {posts.Properties{"start": {"2026-12-01"}}, posts.Properties{"start": {"2026-12-01"}}},
		"the place of a check-in": {posts.Properties{"checkin": {card}, "location": {"geo:1,2"}}, posts.Properties{"checkin": {card}, "location": {"geo:1,2"}}},
	} {
		p := &posts.Post{AuthorID: h.user().ID, Status: posts.Published, Title: "T", Content: "x", Properties: c.before}
		if err := h.posts.Save(t.Context(), p); err != nil {
			t.Fatal(name, err)
		}
		fields := v.editor("/desk/write/" + p.ID)
		fields.Set("text", "Another text")
		fields.Set("do", "publish")
		v.post("/desk/write", fields).leadsTo(p.Path)
		if got := h.kept(p.ID); got.Content != "Another text" || !reflect.DeepEqual(got.Properties, c.after) {
			t.Errorf("%s: it became %v", name, got.Properties)
		}
		v.post("/desk/write/"+p.ID, url.Values{"version": {"2"}, "title": {"T"}, "text": {"A form of before"}, "do": {"publish"}}).leadsTo(p.Path)
		if got := h.kept(p.ID); !reflect.DeepEqual(got.Properties, c.after) {
			t.Errorf("%s: a form that knows nothing of it made %v", name, got.Properties)
		}
	}
	p := &posts.Post{AuthorID: h.user().ID, Status: posts.Published, Title: "T", Properties: posts.Properties{"start": {"2026-12-01T08:00Z"}, "location": {card}}}
	if err := h.posts.Save(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	fields := v.editor("/desk/write/" + p.ID)
	fields.Set("location-name", "Jam Bar")
	fields.Set("do", "publish")
	v.post("/desk/write", fields).leadsTo(p.Path)
	place := h.kept(p.ID).Properties["location"][0].(map[string]any)["properties"].(map[string]any)
	if place["name"].([]any)[0] != "Jam Bar" || place["tel"].([]any)[0] != "+49 4841" {
		t.Errorf("the place became %v", place)
	}
}

func TestMistakesAboutWhenAndWhereStandBesideTheirFields(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	for _, c := range []struct{ field, typed, beside, says string }{
		{"end-time", "19:00", "end", "before it begins"},
		{"end-day", "2026-11-30", "end", "before it begins"},
		{"start-day", "", "start", "which day"},
		{"start-day", "tomorrow", "start", "2026-11-23"},
		{"start-day", "0000-12-01", "start", "2026-11-23"},
		{"start-time", "half past", "start", "19:30"},
		{"happens-zone", "+15:00", "happens-zone", "+01:00"},
		{"happens-zone", "../../etc/passwd", "happens-zone", "+01:00"},
		{"happens-zone", "Local", "happens-zone", "+01:00"},
		{"location-geo", "up north", "location-geo", "latitude"},
		{"location-page", "javascript:alert(1)", "location-page", "https://"},
		{"location-name", strings.Repeat("n", 201), "location", "200 letters"},
		{"checkin-geo", "91, 0", "checkin-geo", "latitude"},
	} {
		fields := anEvent()
		fields.Set(c.field, c.typed)
		a := v.post("/desk/write", fields).is(http.StatusUnprocessableEntity).says("#wrong-"+c.beside, c.says)
		if len(a.all("details[open] #wrong-"+c.beside)) != 1 {
			t.Errorf("%s: the sentence is out of sight", c.field)
		}
		again := a.fields("form.write")
		for name := range fields {
			if name != "do" && again.Get(name) != fields.Get(name) {
				t.Errorf("%s: of %s %q is left", c.field, name, again.Get(name))
			}
		}
	}
	fields := anEvent()
	fields.Set("start-day", "")
	fields.Set("start-time", "")
	v.post("/desk/write", fields).is(http.StatusUnprocessableEntity).says("#wrong-end", "which day")
	fields.Set("end-day", "2026-12-01")
	v.post("/desk/write", fields).is(http.StatusUnprocessableEntity).says("#wrong-start", "has to begin")
}

func TestZonesAreReadAsPeopleTypeThem(t *testing.T) {
	for typed, want := range map[string]string{
		"": "", "Z": "Z", "utc": "Z", "+01:00": "+01:00", "-0330": "-03:30", "UTC+2": "+02:00", "−5": "-05:00", "gmt-11": "-11:00", "+14": "+14:00",
		"+14:30": "none", "+1:99": "none", "CET": "+01:00", "europe/berlin": "+01:00", "Berlin": "+01:00", "/etc/passwd": "none", "Europe/Nowhere": "none", "Local": "none",
	} {
		zone, local, err := readZone(typed)
		got := "none"
		if err == nil {
			w, wrong := readWhen("2026-12-01", "08:00", zone, local)
			if got = strings.TrimPrefix(w.Machine(), "2026-12-01T08:00:00"); wrong != "" {
				t.Error(typed, wrong)
			}
		}
		if got != want {
			t.Errorf("%q is read as %q, want %q", typed, got, want)
		}
	}
}

func TestThePreviewShowsWhenAndWhere(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	a := v.post("/desk/preview", anEvent()).is(http.StatusOK)
	if a.one(".dt-start"); len(a.all(".p-location .p-locality")) != 1 {
		t.Error("the preview does not say where")
	}
	fields := anEvent()
	fields.Set("end-time", "soon")
	v.post("/desk/preview", fields).is(http.StatusOK).one(".dt-start")
	if got := v.get("/desk/write").header.Get("Permissions-Policy"); !strings.Contains(got, "geolocation=(self)") {
		t.Errorf("the page may ask for %s", got)
	}
	if got := v.get("/desk/posts").header.Get("Permissions-Policy"); strings.Contains(got, "geolocation=(self)") {
		t.Errorf("another page may ask for %s", got)
	}
}

func TestANewEventIsInTheZoneOfTheSite(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	if got := v.editor("/desk/write").Get("happens-zone"); got != "" {
		t.Errorf("where nobody has chosen one, it is %q", got)
	}
	fields := v.get("/desk/settings").fields("main form")
	fields.Set("zone", "Europe/Berlin")
	v.post("/desk/settings", fields).is(http.StatusSeeOther)
	fields = v.editor("/desk/write?event")
	fields.Set("title", "Tea")
	fields.Set("start-day", "2026-07-01")
	fields.Set("start-time", "19:30")
	fields.Set("do", "publish")
	a := v.post("/desk/write", fields).is(http.StatusSeeOther)
	if p, err := h.posts.ByPath(t.Context(), a.header.Get("Location")); err != nil || p.Start().Machine() != "2026-07-01T19:30:00+02:00" {
		t.Errorf("it became %+v (%v)", p, err)
	}
	p, editor := h.published(v, "", "A note.")
	if got := v.editor(editor).Get("happens-zone"); got != "" || len(p.Properties) != 0 {
		t.Errorf("a note is in the zone %q, and says %v", got, p.Properties)
	}
}
