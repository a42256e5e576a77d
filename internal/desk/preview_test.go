package desk

import (
	"bytes"
	"context"
	"image"
	"image/png"
	"net/http"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"hark/internal/posts"
)

func TestThePreviewSaysWhyAPictureIsALink(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	const sentence = "Pictures and films of other hosts are links"
	a := v.post("/desk/preview", v.typedText("![A jar](https://other.example/jar.jpg)")).is(http.StatusOK)
	a.says(`[data-part=preview] a[href="https://other.example/jar.jpg"]`, "A jar").says("[data-part=preview] .hint", sentence)
	a = v.post("/desk/preview", v.typedText("![A jar](/media/jar.jpg) ![Another]("+h.URL+"/media/jar.jpg)")).is(http.StatusOK)
	if len(a.all("[data-part=preview] img")) != 2 || strings.Contains(a.body, sentence) {
		t.Errorf("pictures that lie here are drawn as\n%s", a.body)
	}
}

// picture uploads one of a size, and gives its path.
func (h *house) picture(width, height int) string {
	h.t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, width, height))); err != nil {
		h.t.Fatal(err)
	}
	f, err := h.media.Save(context.Background(), &b, "picture.png", h.user().ID)
	if err != nil {
		h.t.Fatal(err)
	}
	return f.Path()
}

// pieces are the parts of a post within an element, as HTML.
func (a *answer) pieces(within string) (all []string) {
	a.t.Helper()
	for _, part := range []string{".pictures", ".cite", ".rsvp", ".when", ".place", ".players", ".e-content", ".tags"} {
		within := strings.ReplaceAll(within, "@", part)
		for _, n := range a.all(within) {
			var b bytes.Buffer
			if err := html.Render(&b, n); err != nil {
				a.t.Fatal(err)
			}
			all = append(all, b.String())
		}
	}
	return all
}

func TestThePreviewIsThePageOfEveryKind(t *testing.T) {
	h := newHouse(t)
	h.openToReaders()
	v := h.owner()
	wide, tall := h.picture(1400, 900), h.picture(300, 400)
	text := "## Part\n\n[TOC]\n\n![Wide](" + wide + " \"In *rain*\")\n\nBeside ![tall](" + tall + "), ![elsewhere](https://other.example/a.jpg), #tagged, @b.example.\n\n" +
		"<video controls src=\"/media/film.mp4\" poster=\"" + tall + "\"></video>\n\n```go\nx := 1\n```\n\nA[^1]\n\n[^1]: Note."
	photos := []any{map[string]any{"value": wide, "alt": "Wide", "caption": "A caption"}, tall, "https://other.example/b.jpg"}
	seen := map[posts.Kind]bool{}
	for name, p := range map[string]posts.Post{
		"article":          {Title: "Six & <seven>", Content: text, Tags: []string{"Jam jar"}},
		"in French":        {Title: "Six", Content: "\"Bon\"", Lang: "fr"},
		"from the right":   {Title: "Six", Content: "مطر", Lang: "ar"},
		"note":             {Content: "Rain."},
		"photo":            {Content: text, Properties: posts.Properties{"photo": photos[:1]}},
		"gallery":          {Content: "Rain.", Properties: posts.Properties{"photo": photos}},
		"photos elsewhere": {Content: "Rain.", Properties: posts.Properties{"photo": photos[2:]}},
		"video":            {Content: "Rain.", Properties: posts.Properties{"video": {map[string]any{"value": "/media/a.mp4", "poster": tall}}, "photo": photos}},
		"audio":            {Properties: posts.Properties{"audio": {"/media/a.mp3", "https://other.example/a.mp3"}}},
		"reply":            {Content: text, Properties: posts.Properties{"in-reply-to": {"https://a.example/1"}, "photo": photos}},
		"bookmark":         {Content: "Rain.", Properties: posts.Properties{"bookmark-of": {"https://a.example/1"}}},
		"like":             {Properties: posts.Properties{"like-of": {brought("https://a.example/1", map[string]any{"name": []any{"Said"}, "author": []any{"Dora"}})}}},
		"repost":           {Properties: posts.Properties{"repost-of": {"https://a.example/1"}}},
		"event": {Title: "Tea", Content: "Come.", Properties: posts.Properties{"start": {"2027-03-01T19:00:00+01:00"}, "end": {"2027-03-01T21:00:00+01:00"}, "photo": photos,
			"location": {map[string]any{"type": []any{"h-card"}, "properties": map[string]any{"name": []any{"The shed"}, "locality": []any{"Fen"}}}}}},
		"rsvp yes":        {Properties: posts.Properties{"in-reply-to": {"https://a.example/1"}, "rsvp": {"yes"}}},
		"rsvp interested": {Content: "Maybe.", Properties: posts.Properties{"in-reply-to": {"https://a.example/1"}, "rsvp": {"interested"}}},
		"checkin":         {Content: "Here.", Properties: posts.Properties{"checkin": {map[string]any{"type": []any{"h-card"}, "properties": map[string]any{"name": []any{"Harbour"}, "url": []any{"https://harbour.example/"}}}}}},
		"page":            {Title: "About jars", Slug: "jars", Apart: true, Content: text},
	} {
		t.Run(name, func(t *testing.T) {
			draft, editor := h.draft(p)
			seen[draft.Kind] = true
			opened := v.get(editor).is(http.StatusOK)
			fields := opened.fields("form.write")
			asked := v.post("/desk/preview", fields).is(http.StatusOK)
			fields.Set("do", "publish")
			page := v.get(v.post(editor, fields).is(http.StatusSeeOther).header.Get("Location")).is(http.StatusOK)
			want := page.pieces(".post > @, .post > .body > @, .post > .body > .foot > @")
			if len(want) == 0 {
				t.Fatalf("the page has nothing:\n%s", page.body)
			}
			if p.Title != "" {
				opened.says(".preview .named", p.Title)
				page.says("h1.p-name", p.Title)
			}
			for how, a := range map[string]*answer{"opened": opened, "asked for": asked} {
				if got := a.pieces("[data-part=preview] @"); !slices.Equal(got, want) {
					t.Errorf("%s, the preview has\n%s\nthe page\n%s", how, strings.Join(got, "\n"), strings.Join(want, "\n"))
				}
			}
		})
	}
	for _, kind := range append(posts.Kinds[:], posts.Page) {
		if !seen[kind] {
			t.Errorf("no %s is looked at", kind)
		}
	}
}
