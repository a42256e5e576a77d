package site

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"willnorris.com/go/microformats"

	"hark/internal/posts"
)

// cardOf is a value that is an item of its own, as apps send it.
func cardOf(properties map[string]any) map[string]any {
	return map[string]any{"type": []any{"h-card"}, "properties": properties}
}

var jarBar = cardOf(map[string]any{"name": []any{"Jar & Bar"}, "url": []any{"https://bar.example/"}, "locality": []any{"Husum"}, "latitude": []any{54.47}, "longitude": []any{9.05}})

func TestEveryKindIsDrawnWithItsProperties(t *testing.T) {
	b := newBlog(t)
	saved := map[string]*posts.Post{}
	for kind, p := range map[string]posts.Post{
		"photo":   {Content: "Frost.", Properties: posts.Properties{"photo": {map[string]any{"value": "/media/a.jpg", "alt": `A "sea" wall`}, "https://pictures.example/b.jpg"}}},
		"audio":   {Title: "Gulls", Properties: posts.Properties{"audio": {"/media/gulls.ogg"}}},
		"video":   {Content: "Waves.", Properties: posts.Properties{"video": {map[string]any{"value": public + "/media/waves.mp4", "alt": "Waves"}}}},
		"event":   {Title: "Walk", Content: "Bring boots.", Properties: posts.Properties{"start": {"2026-12-01T19:30:00+01:00"}, "end": {"2026-12-01T21:00:00+01:00"}, "location": {jarBar}}},
		"checkin": {Content: "Tea.", Properties: posts.Properties{"checkin": {jarBar}, "location": {"geo:54.47,9.05"}, "photo": {"/media/tea.jpg"}}},
		"note":    {Content: "Rain.", Lang: "ar-EG", Properties: posts.Properties{"syndication": {"https://social.example/@wren/1", "javascript:alert(1)"}}},
		"page":    {Title: "Imprint", Content: "Wren.", Apart: true},
	} {
		saved[kind] = b.publish(time.Hour, p)
		if got := saved[kind].Kind; string(got) != kind {
			t.Fatalf("the %s is a %s", kind, got)
		}
	}
	want := map[string]map[string]string{
		"photo":   {"photo": `[{"alt":"A \"sea\" wall","value":"` + public + `/media/a.jpg"},"https://pictures.example/b.jpg"]`},
		"audio":   {"audio": `["` + public + `/media/gulls.ogg"]`, "name": `["Gulls"]`},
		"video":   {"video": `["` + public + `/media/waves.mp4"]`},
		"event":   {"start": `["2026-12-01T19:30:00+01:00"]`, "end": `["2026-12-01T21:00:00+01:00"]`, "name": `["Walk"]`},
		"checkin": {"photo": `["` + public + `/media/tea.jpg"]`},
		"note":    {"syndication": `["https://social.example/@wren/1"]`, "name": `null`},
		"page":    {"name": `["Imprint"]`},
	}
	for kind, properties := range want {
		for _, at := range []string{saved[kind].Path, "/kind/" + kind} {
			if at != saved[kind].Path && (kind == "page" || kind == "note") {
				continue // pages are in no list, and a list does not say where else a post is
			}
			r := b.get(at)
			entry := r.item(t, saved[kind].Path)
			if len(entry.Children) > 0 && at != saved[kind].Path {
				entry = entry.Children[0]
			}
			for name, value := range properties {
				got, err := json.Marshal(entry.Properties[name])
				if err != nil || string(got) != value {
					t.Errorf("%s at %s: %s = %s, want %s", kind, at, name, got, value)
				}
			}
			if isEvent := slices.Contains(entry.Type, "h-event"); isEvent != (kind == "event") || !slices.Contains(entry.Type, "h-entry") {
				t.Errorf("%s at %s is %v", kind, at, entry.Type)
			}
			if strings.Contains(r.body, `src="https://pictures.example`) {
				t.Errorf("%s loads a picture from elsewhere", at)
			}
			places := map[string]string{"event": "location", "checkin": "checkin"}
			if places[kind] == "" {
				continue
			}
			place, ok := entry.Properties[places[kind]][0].(*microformats.Microformat)
			if !ok || !slices.Equal(place.Type, []string{"h-card"}) || place.Properties["name"][0] != "Jar & Bar" || place.Properties["url"][0] != "https://bar.example/" || place.Properties["locality"][0] != "Husum" {
				t.Fatalf("%s at %s is at %+v", kind, at, entry.Properties[places[kind]])
			}
			if geo := place.Properties["geo"][0].(*microformats.Microformat); geo.Properties["latitude"][0] != "54.47" || geo.Properties["longitude"][0] != "9.05" {
				t.Errorf("%s at %s has coordinates %v", kind, at, geo.Properties)
			}
		}
	}
	note := b.get(saved["note"].Path)
	if article := note.one(t, "main > article"); attribute(article, "lang") != "ar-EG" || attribute(article, "dir") != "rtl" {
		t.Errorf("the note is in %q, %q", attribute(article, "lang"), attribute(article, "dir"))
	}
	home := b.get("/")
	if got := home.texts(".kinds a"); !slices.Equal(got, []string{"All", "Notes", "Photos", "Videos", "Audio", "Events", "Check-ins"}) {
		t.Errorf("tabs are %v", got)
	}
	if got := b.get("/archive").texts(".top nav a"); !slices.Equal(got, []string{"Archive", "About", "Imprint", "Search"}) {
		t.Errorf("the site leads to %v", got)
	}
	if r := b.get("/imprint"); r.StatusCode != http.StatusOK || len(r.texts(".foot .pager")) != 0 {
		t.Errorf("the page answers %d, with neighbours %v", r.StatusCode, r.texts(".foot .pager"))
	}
	if r := b.ask(http.MethodGet, "/kind/page"); r.StatusCode != http.StatusNotFound {
		t.Errorf("pages are listed: %d", r.StatusCode)
	}
}

func TestFeedsSayHowLargeOurFilesAre(t *testing.T) {
	b := newBlog(t)
	a := b.app("create media")
	at := b.keepsPicture(t, a.token)
	size := strconv.Itoa(len(b.get(strings.TrimPrefix(at, public)).body))
	for _, photo := range []string{at, "https://pictures.example/b.jpg"} {
		a.makes(jsonType, `{"type":["h-entry"],"properties":{"content":["Low water"],"photo":["`+photo+`"]}}`)
	}
	for path, want := range map[string][]string{
		"/feed.atom": {`href="` + at + `" length="` + size + `"`, `href="https://pictures.example/b.jpg"></link>`},
		"/feed.rss":  {`url="` + at + `" length="` + size + `" type="image/jpeg"`, `url="https://pictures.example/b.jpg" length="0"`},
		"/feed.json": {`{"url":"` + at + `","mime_type":"image/jpeg","size_in_bytes":` + size + `}`, `{"url":"https://pictures.example/b.jpg","mime_type":"image/jpeg"}`},
	} {
		body := b.get(path).body
		for _, words := range want {
			if !strings.Contains(body, words) {
				t.Errorf("%s lacks %s:\n%s", path, words, body)
			}
		}
	}
}

func TestFeedsCarryFilesAndLanguages(t *testing.T) {
	b := newBlog(t)
	b.publish(time.Hour, posts.Post{Title: "Gulls", Lang: "de", Properties: posts.Properties{
		"audio": {"/media/gulls.ogg"}, "photo": {map[string]any{"value": "/media/a.png", "alt": "A gull"}}, "start": {"2026-12-01"},
	}})
	for path, want := range map[string][]string{
		"/feed.atom": {`<entry xml:lang="de">`, `<link rel="enclosure" type="audio/ogg" href="` + public + `/media/gulls.ogg"></link>`, `type="image/png" href="` + public + `/media/a.png" title="A gull"`},
		"/feed.rss":  {`<dc:language>de</dc:language>`, `<enclosure url="` + public + `/media/gulls.ogg" length="0" type="audio/ogg">`},
		"/feed.json": {`"language":"de"`, `"image":"` + public + `/media/a.png"`, `"attachments":[{"url":"` + public + `/media/gulls.ogg","mime_type":"audio/ogg"},{"url":"` + public + `/media/a.png","mime_type":"image/png","title":"A gull"}]`},
	} {
		body := b.get(path).body
		for _, words := range append(want, `dt-start`, public+`/media/gulls.ogg`) {
			if !strings.Contains(body, words) {
				t.Errorf("%s lacks %s:\n%s", path, words, body)
			}
		}
	}
}

func TestASeriesLeadsFromPartToPart(t *testing.T) {
	b := newBlog(t)
	var parts []*posts.Post
	for n, title := range []string{"One", "Two", "Three"} {
		parts = append(parts, b.publish(time.Duration(9-n)*time.Hour, posts.Post{Title: title, Content: "W", Series: "Six Years"}))
	}
	r := b.get(parts[1].Path)
	if got := r.texts(".part a"); !slices.Equal(got, []string{"Six Years", "One", "Three"}) {
		t.Errorf("the part leads to %v", got)
	}
	list := b.get("/series/six-years")
	if got := list.texts(".entry h2"); !slices.Equal(got, []string{"One", "Two", "Three"}) || list.texts("h1")[0] != "Six Years" {
		t.Errorf("the series is %v, named %v", got, list.texts("h1"))
	}
	if r := b.ask(http.MethodGet, "/series/Six%20Years"); r.StatusCode != http.StatusMovedPermanently || r.Header.Get("Location") != public+"/series/six-years" {
		t.Errorf("another spelling gives %d %s", r.StatusCode, r.Header.Get("Location"))
	}
}

func TestAPinnedPostStandsFirstOnTheHomePage(t *testing.T) {
	b := newBlog(t)
	old := b.publish(99*day24, posts.Post{Title: "Old", Content: "W"})
	for range 20 {
		b.publish(time.Hour, posts.Post{Content: "New."})
	}
	old.Pinned = true
	b.save(*old)
	home := b.get("/")
	if got := home.texts(".entry h2"); !slices.Equal(got, []string{"Old"}) || len(home.texts(".entry")) != 20 || !strings.HasPrefix(home.texts(".entry .caps")[0], "Pinned") {
		t.Errorf("pinned is %v of %d", got, len(home.texts(".entry")))
	}
	older := b.get("/" + attribute(home.one(t, ".stream [rel=next]"), "href"))
	if got := older.texts(".entry"); len(got) != 1 || strings.Contains(got[0], "Old") {
		t.Errorf("on the next page stand %v", got)
	}
}
