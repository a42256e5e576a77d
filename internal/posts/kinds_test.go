package posts

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"
)

// item is a value that is an item of its own, as JSON holds it.
func item(properties map[string]any) map[string]any {
	return map[string]any{"type": []any{"h-card"}, "properties": properties}
}

func TestTheKindIsFoundFromTheProperties(t *testing.T) {
	link := []any{"https://x.example/1"}
	for _, c := range []struct {
		want Kind
		post Post
	}{
		{Note, Post{Content: "Words."}},
		{Article, Post{Title: "Jar", Content: "Words."}},
		{Photo, Post{Title: "Jar", Properties: Properties{"photo": {"/media/a.jpg"}}}},
		{Audio, Post{Properties: Properties{"photo": {"/media/a.jpg"}, "audio": {map[string]any{"value": "https://x.example/a.mp3"}}}}},
		{Video, Post{Properties: Properties{"audio": {"/media/a.mp3"}, "video": {"/media/a.mp4"}}}},
		{Note, Post{Content: "Words.", Properties: Properties{"photo": {"javascript:alert(1)", 7, map[string]any{}}}}},
		{Checkin, Post{Properties: Properties{"checkin": {item(map[string]any{"name": []any{"Jar Bar"}})}, "photo": {"/media/a.jpg"}}}},
		{Bookmark, Post{Properties: Properties{"bookmark-of": link, "photo": {"/media/a.jpg"}}}},
		{Like, Post{Properties: Properties{"like-of": link, "bookmark-of": link}}},
		{Repost, Post{Properties: Properties{"repost-of": link, "like-of": link}}},
		{Reply, Post{Properties: Properties{"in-reply-to": link, "repost-of": link}}},
		{RSVP, Post{Properties: Properties{"in-reply-to": link, "rsvp": {"yes"}}}},
		{Reply, Post{Properties: Properties{"in-reply-to": link, "rsvp": {"perhaps"}}}},
		{Event, Post{Title: "Walk", Properties: Properties{"start": {"2026-12-01"}, "in-reply-to": link, "rsvp": {"yes"}}}},
		{Article, Post{Title: "Walk", Properties: Properties{"start": {"soon"}}}},
		{Page, Post{Title: "Imprint", Apart: true, Properties: Properties{"photo": {"/media/a.jpg"}}}},
	} {
		if got := c.post.Discover(); got != c.want {
			t.Errorf("%+v is a %s, want %s", c.post.Properties, got, c.want)
		}
	}
}

func TestTimesAreReadAsExactlyAsTheyWereWritten(t *testing.T) {
	for written, want := range map[string]string{
		"2026-12-01": "2026-12-01", "2026-12-01 19:30": "2026-12-01T19:30:00", "2026-12-01T19:30:05": "2026-12-01T19:30:05",
		"2026-12-01T19:30+01:00": "2026-12-01T19:30:00+01:00", " 2026-12-01 19:30:00 +0100 ": "2026-12-01T19:30:00+01:00",
		"2026-12-01T19:30Z": "2026-12-01T19:30:00Z", "2026-12-01T19:30:00-05": "2026-12-01T19:30:00-05:00",
		"": "", "soon": "", "2026-13-01": "", "19:30": "", "0000-01-01": "",
	} {
		if got := ReadWhen(written).Machine(); got != want {
			t.Errorf("%q is %q, want %q", written, got, want)
		}
	}
}

func TestPlacesAreReadFromWhateverAppsSend(t *testing.T) {
	bar := Place{Name: "Jar Bar", Address: "https://bar.example/", Street: "Quay 1", Locality: "Husum", Postcode: "25813", Country: "Germany", Latitude: "54.47", Longitude: "9.05"}
	for name, c := range map[string]struct {
		values []any
		want   Place
	}{
		"a name":    {[]any{" Jar  Bar "}, Place{Name: "Jar Bar"}},
		"a page":    {[]any{"https://bar.example/"}, Place{Name: "bar.example", Address: "https://bar.example/"}},
		"geo":       {[]any{"geo:54.47,9.05;u=35"}, Place{Latitude: "54.47", Longitude: "9.05"}},
		"geo, high": {[]any{"geo:54.47,9.05,12"}, Place{Latitude: "54.47", Longitude: "9.05"}},
		"nowhere":   {[]any{"geo:91,9.05"}, Place{}},
		"no number": {[]any{"geo:NaN,0x1p4"}, Place{}},
		"an object": {[]any{map[string]any{"a": 1}, 7, nil}, Place{}},
		"a card": {[]any{item(map[string]any{
			"name": []any{"Jar Bar"}, "url": []any{"https://bar.example/"}, "latitude": []any{54.47}, "longitude": []any{"9.05"},
			"street-address": []any{"Quay 1"}, "locality": []any{"Husum"}, "postal-code": []any{"25813"}, "country-name": []any{"Germany"},
		})}, bar},
		"parts within": {[]any{item(map[string]any{
			"name": []any{"Jar Bar"}, "url": []any{"javascript:alert(1)", "x"}, "geo": []any{item(map[string]any{"latitude": []any{"1"}, "longitude": []any{"2"}})},
			"adr": []any{item(map[string]any{"locality": []any{"Husum"}})},
		})}, Place{Name: "Jar Bar", Locality: "Husum", Latitude: "1", Longitude: "2"}},
		"two values": {[]any{"geo:1,2", item(map[string]any{"locality": []any{"Husum"}})}, Place{Locality: "Husum", Latitude: "1", Longitude: "2"}},
	} {
		if got := (&Post{Properties: Properties{"location": c.values}}).Location(); got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
	if got, want := bar.Words(), "Quay 1, 25813 Husum, Germany"; got != want {
		t.Errorf("its words are %q, want %q", got, want)
	}
}

func TestFilesComeWithTheirAlternatives(t *testing.T) {
	p := &Post{Properties: Properties{"photo": {
		"/media/a.jpg", map[string]any{"value": "https://x.example/b.jpg", "alt": "A\njar"}, "javascript:alert(1)", "//x.example/c.jpg",
		`/\x.example/c.jpg`, `\\x.example/c.jpg`, " //x.example/c.jpg", "///x.example/c.jpg", "/\t/x.example/c.jpg", "https:x.example/c.jpg", "https:///x.example/c.jpg",
		map[string]any{"type": []any{"h-item"}, "properties": map[string]any{"url": []any{"/media/d.jpg"}, "alt": []any{"D"}}},
	}}}
	want := []File{{Address: "/media/a.jpg"}, {Address: "https://x.example/b.jpg", Alt: "A jar"}, {Address: "/media/d.jpg", Alt: "D"}}
	if got := p.Photos(); !reflect.DeepEqual(got, want) {
		t.Errorf("photos are %v, want %v", got, want)
	}
	p = &Post{Properties: Properties{"video": {
		map[string]any{"value": "/media/a.mp4", "caption": "At\nsea", "poster": "/media/b.jpg"}, map[string]any{"value": "/media/c.mp4", "caption": 7, "poster": "javascript:alert(1)"},
		map[string]any{"type": []any{"h-item"}, "properties": map[string]any{"url": []any{"/media/d.mp4"}, "name": []any{"D"}, "photo": []any{"//x.example/e.jpg"}}},
	}}}
	want = []File{{Address: "/media/a.mp4", Caption: "At sea", Poster: "/media/b.jpg"}, {Address: "/media/c.mp4"}, {Address: "/media/d.mp4", Caption: "D"}}
	if got := p.Videos(); !reflect.DeepEqual(got, want) {
		t.Errorf("films are %v, want %v", got, want)
	}
	if got := (&Post{Properties: Properties{"photo": {map[string]any{"value": "/a.jpg", "alt": "A jar"}}}}).Name(); got != "A jar" {
		t.Errorf("the name is %q", got)
	}
}

func TestWhatAKindLacksIsSaidByField(t *testing.T) {
	b := newBench(t)
	link := []any{"https://x.example/1"}
	for _, c := range []struct {
		field string
		post  Post
	}{
		{"start", Post{Title: "Walk", Content: "W", Properties: Properties{"start": {"soon"}}}},
		{"start", Post{Title: "Walk", Content: "W", Properties: Properties{"end": {"2026-12-01"}}}},
		{"end", Post{Title: "Walk", Properties: Properties{"start": {"2026-12-01"}, "end": {"later"}}}},
		{"end", Post{Title: "Walk", Properties: Properties{"start": {"2026-12-01"}, "end": {"2026-11-30T23:00Z"}}}},
		{"end", Post{Title: "Walk", Properties: Properties{"start": {"2026-12-01T12:00+01:00"}, "end": {"2026-12-01T10:30Z"}}}},
		{"end", Post{Title: "Walk", Properties: Properties{"start": {"2026-12-01T12:00+01:00"}, "end": {"2026-12-01T11:59"}}}},
		{"text", Post{Properties: Properties{"start": {"2026-12-01"}}}},
		{"rsvp", Post{Content: "W", Properties: Properties{"rsvp": {"perhaps"}, "in-reply-to": link}}},
		{"in-reply-to", Post{Content: "W", Properties: Properties{"rsvp": {"yes"}}}},
		{"photo", Post{Content: "W", Properties: Properties{"photo": {"javascript:alert(1)"}}}},
		{"photo", Post{Content: "W", Properties: Properties{"photo": {`/\x.example/a.jpg`}}}},
		{"audio", Post{Content: "W", Properties: Properties{"audio": {map[string]any{"alt": "A"}}}}},
		{"checkin", Post{Content: "W", Properties: Properties{"checkin": {"geo:91,0"}}}},
		{"location", Post{Content: "W", Properties: Properties{"location": {7}}}},
		{"title", Post{Content: "W", Apart: true}},
		{"slug", Post{Title: "T", Content: "W", Apart: true, Slug: "desk"}},
		{"slug", Post{Title: "T", Content: "W", Apart: true, Slug: "2026"}},
		{"language", Post{Content: "W", Lang: `en" onload="x`}},
		{"language", Post{Content: "W", Lang: "english, please"}},
		{"visibility", Post{Content: "W", Visibility: "friends"}},
		{"series", Post{Content: "W", Series: "!!"}},
	} {
		c.post.Status = Published
		b.refused(t, &c.post, c.field)
	}
	b.save(t, &Post{Status: Draft, Properties: Properties{"start": {"soon"}, "rsvp": {"perhaps"}, "photo": {7}}}) // it is no post yet
}

func TestAPostWithoutWordsMaySpeakAllTheSame(t *testing.T) {
	b := newBench(t)
	for name, p := range map[string]*Post{
		"Walk":       {Title: "Walk", Properties: Properties{"start": {"2026-12-01T19:30+01:00"}, "end": {"2026-12-01T19:30+01:00"}}},
		"At Jar Bar": {Properties: Properties{"checkin": {"Jar Bar"}}},
		"Photo":      {Properties: Properties{"photo": {"/media/a.jpg"}}},
		"Whole days": {Title: "Whole days", Properties: Properties{"start": {"2026-12-01T19:30+01:00"}, "end": {"2026-12-01"}}},
	} {
		p.Status = Published
		if b.save(t, p); p.Name() != name || p.Path == "" {
			t.Errorf("%q lives at %q", p.Name(), p.Path)
		}
	}
}

func TestAPageStandsApart(t *testing.T) {
	b := newBench(t)
	p := b.save(t, &Post{Status: Published, Title: "Imprint", Content: "Words.", Apart: true})
	if p.Path != "/imprint" || p.Kind != Page {
		t.Errorf("a %s lives at %s", p.Kind, p.Path)
	}
	b.pass(time.Minute) // pages stand in the order in which they were published
	if search := b.save(t, &Post{Status: Published, Title: "Search", Content: "Words.", Apart: true}); search.Path != "/page-search" {
		t.Errorf("a page lives at %s", search.Path)
	}
	if got := b.list(t, List{}); len(got) != 0 {
		t.Errorf("in the stream stand %v", got)
	}
	if pages, err := b.Pages(t.Context()); err != nil || len(pages) != 2 || pages[0].Path != "/imprint" {
		t.Errorf("the pages are %v, %v", pages, err)
	}
	p.Apart = false
	if b.save(t, p); p.Path != "/2026/imprint" || p.Kind != Article {
		t.Errorf("in the stream it is a %s and lives at %s", p.Kind, p.Path)
	}
	if _, err := b.ByPath(t.Context(), "/imprint"); err == nil || err.Error() != "the post moved to /2026/imprint" {
		t.Errorf("its old address gives %v", err)
	}
	p.Apart, p.Slug = true, ""
	if b.save(t, p); p.Path != "/imprint" {
		t.Errorf("as a page again it lives at %s", p.Path)
	}
}

func TestASeriesHasItsPartsInOrder(t *testing.T) {
	b := newBench(t)
	for _, title := range []string{"One", "Two", "Three"} {
		b.pass(time.Hour)
		b.save(t, &Post{Status: Published, Title: title, Content: "W", Series: "  Six  Years "})
	}
	b.save(t, &Post{Status: Published, Title: "Secret", Content: "W", Series: "Six Years", Visibility: Unlisted})
	parts, err := b.Parts(t.Context(), "six-years")
	if err != nil || len(parts) != 3 || parts[0].Called(nil) != "One" || parts[2].Called(nil) != "Three" {
		t.Errorf("the parts are %v, %v", parts, err)
	}
	if got, want := b.list(t, List{Series: "six-years", Oldest: true, Limit: 2}), []string{"One", "Two"}; !reflect.DeepEqual(got, want) {
		t.Errorf("the list is %v, want %v", got, want)
	}
	if got, want := b.list(t, List{Series: "six-years", Oldest: true, Before: parts[1].ID}), []string{"Three"}; !reflect.DeepEqual(got, want) {
		t.Errorf("the rest is %v, want %v", got, want)
	}
	if none, err := b.Parts(t.Context(), ""); err != nil || len(none) != 0 {
		t.Errorf("no series has %v, %v", none, err)
	}
}

func TestAPinnedPostStandsFirstAndOnce(t *testing.T) {
	b := newBench(t)
	old := b.save(t, &Post{Status: Published, Title: "Old", Content: "W", Pinned: true})
	b.pass(time.Hour)
	b.publish(t, "New", "W")
	b.save(t, &Post{Status: Published, Title: "Private", Content: "W", Pinned: true, Visibility: Private})
	pinned, err := b.Pinned(t.Context())
	if err != nil || len(pinned) != 1 || pinned[0].ID != old.ID {
		t.Errorf("pinned are %v, %v", pinned, err)
	}
	if got, want := b.list(t, List{Without: []string{old.ID}}), []string{"New"}; !reflect.DeepEqual(got, want) {
		t.Errorf("beneath it stand %v, want %v", got, want)
	}
}

// FuzzProperties holds that whatever an app sends as properties has a kind, a name
// and an answer to every question, and that what is published is as it was said.
func FuzzProperties(f *testing.F) {
	f.Add([]byte(`{"start":["2026-12-01 19:30+0100"],"end":[{"value":"2026-12-02"}],"location":["geo:1,2;u=3"]}`))
	f.Add([]byte(`{"checkin":[{"properties":{"name":["x"],"geo":[{"properties":{"latitude":[1e300],"longitude":["-"]}}]}}]}`))
	f.Add([]byte(`{"photo":["/a",{"value":"//b","alt":7},{"properties":{"url":[[]]}}],"rsvp":[" YES "],"in-reply-to":[null]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		p := &Post{Status: Published, Visibility: Public}
		if json.Unmarshal(b, &p.Properties) != nil {
			return
		}
		p.tidy()
		if p.Kind = p.Discover(); p.Kind == "" || p.Name() == "" {
			t.Fatalf("a %q named %q", p.Kind, p.Name())
		}
		if at := p.Location(); at.Located() && (at.Latitude == "" || at.Longitude == "" || strings.ContainsAny(at.Latitude+at.Longitude, `<>"&`)) {
			t.Fatalf("it is at %+v", at)
		}
		if p.check(time.Now()) == nil && p.Kind == Event && !p.End().IsZero() && p.End().before(p.Start()) {
			t.Fatal("it ends before it begins")
		}
		for _, file := range append(append(p.Photos(), p.Videos()...), p.Audios()...) {
			if strings.HasPrefix(strings.ToLower(file.Address), "javascript:") {
				t.Fatalf("a file at %q", file.Address)
			}
			count, named := len(p.Photos()), p.FileProperty(file.Address) != ""
			if p.Properties.moveFile(file.Address, "/media/moved.jpg") != named || len(p.Photos()) != count {
				t.Fatalf("the file at %q does not move", file.Address)
			}
		}
	})
}
