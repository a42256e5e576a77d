package posts

import (
	"reflect"
	"testing"
)

func TestFilesOfAPostAreSetWithoutLosingWhatElseIsKnown(t *testing.T) {
	item := func(alt string) map[string]any {
		return map[string]any{"type": []any{"h-item"}, "properties": map[string]any{"url": []any{"/media/b.jpg"}, "alt": []any{alt}, "name": []any{"Rain"}}}
	}
	jug := item("a jug")
	jug["properties"].(map[string]any)["summary"] = []any{"Rain"}
	before := []any{"/media/a.jpg", item("a jar"), map[string]any{"value": "/media/c.jpg", "alt": "a gutter", "width": "30"}, 7.5}
	for name, c := range map[string]struct {
		files []File
		want  []any
	}{
		"as they were":          {[]File{{Address: "/media/a.jpg"}, {Address: "/media/b.jpg", Alt: "a jar", Caption: "Rain"}, {Address: "/media/c.jpg", Alt: "a gutter"}}, before},
		"in another order":      {[]File{{Address: "/media/c.jpg", Alt: "a gutter"}, {Address: "/media/a.jpg"}}, []any{before[2], before[0], 7.5}},
		"with other words":      {[]File{{Address: "/media/a.jpg", Alt: " a\nsnail ", Caption: "In May"}, {Address: "/media/b.jpg", Alt: "a jug", Caption: "Rain"}}, []any{map[string]any{"value": "/media/a.jpg", "alt": "a snail", "caption": "In May"}, jug, 7.5}},
		"with words taken away": {[]File{{Address: "/media/c.jpg", Poster: " /media/p.jpg"}}, []any{map[string]any{"value": "/media/c.jpg", "width": "30", "poster": "/media/p.jpg"}, 7.5}},
		"with a new one, twice": {[]File{{Address: "/media/d.jpg", Alt: "rain"}, {Address: "/media/a.jpg"}, {Address: "/media/a.jpg"}}, []any{map[string]any{"value": "/media/d.jpg", "alt": "rain"}, "/media/a.jpg", "/media/a.jpg", 7.5}},
		"none":                  {nil, []any{7.5}},
	} {
		p := Properties{"photo": append([]any{}, before...), "video": {"/media/e.mp4"}}
		p.Attach("photo", c.files)
		if !reflect.DeepEqual(p["photo"], c.want) || len(p["video"]) != 1 {
			t.Errorf("%s: it became %v, want %v", name, p["photo"], c.want)
		}
	}
	if fresh := item("a jar"); !reflect.DeepEqual(before[1], fresh) {
		t.Errorf("the value of before was changed: %v", before[1])
	}
	p := Properties{"photo": {"/media/a.jpg"}}
	if p.Attach("photo", nil); len(p) != 0 {
		t.Errorf("an empty property is left: %v", p)
	}
}
