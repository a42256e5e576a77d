package occasion

import (
	"strings"
	"testing"

	"hark/internal/posts"
)

func TestWhenAndWhereAreDrawnAsExactlyAsTheyWereSaid(t *testing.T) {
	hall := map[string]any{"type": []any{"h-card"}, "properties": map[string]any{"name": []any{"Hall <1>"}, "locality": []any{"Husum"}, "url": []any{"javascript:alert(1)"}}}
	for name, c := range map[string]struct {
		post           posts.Post
		happens, place string // words of it; empty for nothing
	}{
		"an evening": {posts.Post{Kind: posts.Event, Properties: posts.Properties{"start": {"2026-12-01T19:30+01:00"}, "end": {"2026-12-01T21:00+01:00"}, "location": {hall}}},
			`19:30</time> – <time class="dt-end" datetime="2026-12-01T21:00:00+01:00">21:00</time> (UTC+01:00)</p>` + "\n" + `<p class="place"><span class="p-location h-card"><span class="p-name">Hall &lt;1&gt;</span>, <span class="p-locality">Husum</span>`, ""},
		"two days":      {posts.Post{Kind: posts.Event, Properties: posts.Properties{"start": {"2026-12-01"}, "end": {"2026-12-02"}}}, `Tuesday, 1 December 2026</time> – <time class="dt-end" datetime="2026-12-02">Wednesday, 2 December 2026</time></p>`, ""},
		"two zones":     {posts.Post{Kind: posts.Event, Properties: posts.Properties{"start": {"2026-12-01T08:00Z"}, "end": {"2026-12-01T13:00-05:00"}}}, `08:00</time> (UTC+00:00) – `, ""},
		"a check-in":    {posts.Post{Kind: posts.Checkin, Properties: posts.Properties{"checkin": {hall}}}, "", `<p class="place">At <span class="u-checkin h-card">`},
		"a note's home": {posts.Post{Kind: posts.Note, Properties: posts.Properties{"location": {"geo:54.5,9"}}}, "", `<span class="p-location h-geo"><span class="p-latitude">54.5</span>, <span class="p-longitude">9</span>`},
		"a note":        {posts.Post{Kind: posts.Note}, "", ""},
	} {
		happens, place := Of(&c.post, nil)
		if !strings.Contains(string(happens), c.happens) || !strings.Contains(string(place), c.place) || (c.happens == "") != (happens == "") || (c.place == "") != (place == "") {
			t.Errorf("%s: it happens %s\nat %s", name, happens, place)
		}
		if strings.Contains(string(happens+place), "javascript") {
			t.Errorf("%s: a place leads to a script", name)
		}
	}
}
