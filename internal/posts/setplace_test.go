package posts

import (
	"encoding/json"
	"reflect"
	"testing"
)

func TestAPlaceIsChangedWhereItDiffersAndNowhereElse(t *testing.T) {
	card := map[string]any{"type": []any{"h-card"}, "value": "Jar Bar", "properties": map[string]any{
		"name": []any{"Jar Bar"}, "tel": []any{"+49 4841"}, "locality": []any{"Husum"},
		"geo": []any{map[string]any{"type": []any{"h-geo"}, "properties": map[string]any{"latitude": []any{54.47}, "longitude": []any{9.05}, "altitude": []any{"3"}}}},
	}}
	jar := Place{Name: "Jar Bar", Locality: "Husum", Latitude: "54.47", Longitude: "9.05"}
	named := func(p Place, name string) Place { p.Name = name; return p }
	at := func(p Place, latitude, longitude string) Place {
		p.Latitude, p.Longitude = latitude, longitude
		return p
	}
	for name, c := range map[string]struct {
		before []any
		to     Place
		want   string // as JSON
	}{
		"nothing is changed":        {[]any{card, "geo:1,2"}, jar, ""},
		"another name":              {[]any{card}, named(jar, "Pub"), `[{"properties":{"geo":[{"properties":{"altitude":["3"],"latitude":[54.47],"longitude":[9.05]},"type":["h-geo"]}],"locality":["Husum"],"name":["Pub"],"tel":["+49 4841"]},"type":["h-card"],"value":"Jar Bar"}]`},
		"other coordinates":         {[]any{card}, at(jar, "1", "9.05"), `[{"properties":{"geo":[{"properties":{"altitude":["3"]},"type":["h-geo"]}],"latitude":["1"],"locality":["Husum"],"longitude":["9.05"],"name":["Jar Bar"],"tel":["+49 4841"]},"type":["h-card"],"value":"Jar Bar"}]`},
		"no coordinates":            {[]any{"geo:1,2", "Pub"}, Place{Name: "Pub"}, `["Pub"]`},
		"a name for coordinates":    {[]any{"geo:1,2"}, Place{Name: "Pub", Latitude: "1", Longitude: "2"}, `[{"properties":{"name":["Pub"]},"type":["h-card"]},"geo:1,2"]`},
		"a page gets a name":        {[]any{"https://bar.example/"}, Place{Name: "Pub", Address: "https://bar.example/"}, `[{"properties":{"name":["Pub"],"url":["https://bar.example/"]},"type":["h-card"]}]`},
		"an address gets a name":    {[]any{map[string]any{"type": []any{"h-adr"}, "properties": map[string]any{"locality": []any{"Husum"}}}}, Place{Name: "Pub", Locality: "Husum"}, `[{"properties":{"locality":["Husum"],"name":["Pub"]},"type":["h-card"]}]`},
		"a new place":               {nil, Place{Street: "Quay 1", Country: "Germany"}, `[{"properties":{"country-name":["Germany"],"street-address":["Quay 1"]},"type":["h-adr"]}]`},
		"new coordinates":           {nil, Place{Latitude: "1", Longitude: "2"}, `[{"properties":{"latitude":["1"],"longitude":["2"]},"type":["h-geo"]}]`},
		"it is taken away":          {[]any{card, "geo:1,2"}, Place{}, `null`},
		"what was none is replaced": {[]any{7, map[string]any{"a": 1}}, Place{Name: "Pub"}, `[{"properties":{"name":["Pub"]},"type":["h-card"]},7,{"a":1}]`},
	} {
		before, err := json.Marshal(c.before)
		if err != nil {
			t.Fatal(err)
		}
		p := Properties{"location": c.before}
		p.SetPlace("location", c.to)
		if got := p.place("location"); got != c.to {
			t.Errorf("%s: the place is %+v, want %+v", name, got, c.to)
		}
		got, err := json.Marshal(p["location"])
		if want := c.want; err != nil || string(got) != want && (want != "" || string(got) != string(before)) {
			t.Errorf("%s: it became %s (%v), want %s", name, got, err, want)
		}
		if after, _ := json.Marshal(c.before); !reflect.DeepEqual(after, before) {
			t.Errorf("%s: what the caller has became %s", name, after)
		}
	}
}

func TestCoordinatesAreReadAsPeopleTypeThem(t *testing.T) {
	for typed, want := range map[string][2]string{
		"54.47, 9.05": {"54.47", "9.05"}, "54.47 -9.05": {"54.47", "-9.05"}, " geo:54.47,9.05;u=3 ": {"54.47", "9.05"}, "0,0": {"0", "0"},
		"": {}, "54.47": {}, "91, 0": {}, "1, 2, 3": {}, "54,47, 9,05": {}, "north, east": {}, "NaN, 0": {}, "0x1p4, 2": {},
	} {
		latitude, longitude, ok := Coordinates(typed)
		if got := [2]string{latitude, longitude}; got != want || ok != (want[0] != "") {
			t.Errorf("%q is read as %q (%v), want %q", typed, got, ok, want)
		}
	}
}
