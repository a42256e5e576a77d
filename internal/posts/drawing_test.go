package posts

import (
	"strings"
	"testing"

	"hark/internal/answer/fuzztest"
)

func TestATextIsDrawnOnceWhileNothingOfItChanges(t *testing.T) {
	b := newBench(t)
	preview := func(p Post) *Post {
		t.Helper()
		if err := b.Preview(t.Context(), &p); err != nil {
			t.Fatal(err)
		}
		return &p
	}
	kept := b.draft(t, strings.Repeat("\"Rain\" fell on *the* #jar.\n\n", 10_000))
	work := fuzztest.Begin()
	again := preview(Post{ID: kept.ID, AuthorID: kept.AuthorID, Content: kept.Content})
	work.Holds(t, 0, 4*len(kept.Content))
	if again.HTML != kept.HTML || again.Summary != kept.Summary || again.Words != kept.Words || len(again.Hashtags) != 1 {
		t.Errorf("drawn again it is another: %d words, %q, %.200s", again.Words, again.Hashtags, again.HTML)
	}

	last := Post{ID: kept.ID, AuthorID: kept.AuthorID, Content: "# \"One\" <b>two</b>"}
	seen := map[string]string{}
	for name, change := range map[string]func(p *Post){
		"nothing":      func(p *Post) {},
		"the language": func(p *Post) { p.Lang = "de" },
		"the author":   func(p *Post) { p.AuthorID = "nobody" }, // who may write no HTML
		"the text":     func(p *Post) { p.Content += " three" },
		"the post":     func(p *Post) { p.ID = "another" },
	} {
		preview(last)
		other := last
		change(&other)
		html := string(preview(other).HTML)
		if twin, drawn := seen[html]; drawn {
			t.Errorf("with %s changed it is drawn as with %s: %s", name, twin, html)
		}
		seen[html] = name
	}
}
