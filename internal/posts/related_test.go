package posts

import (
	"fmt"
	"testing"
	"time"
)

func (b *bench) related(t *testing.T, p *Post) []string {
	t.Helper()
	found, err := b.Related(t.Context(), p, 3)
	if err != nil {
		t.Fatal(err)
	}
	names := []string{}
	for _, one := range found {
		names = append(names, one.Name)
	}
	return names
}

func TestRelatedPostsShareTheMostTagsThenAreTheNewest(t *testing.T) {
	b := newBench(t)
	save := func(title string, age int, visibility Visibility, tags ...string) *Post {
		return b.save(t, &Post{Status: Published, Title: title, Content: "x", Tags: tags, Visibility: visibility, Published: b.now().Add(-time.Duration(age) * time.Hour)})
	}
	p := save("This", 5, "", "Rain", "jars", "gauges")
	save("Two, old", 9, "", "rain", "jars")
	save("One, new", 1, "", "jars")
	save("One, old", 8, "", "gauges", "snow")
	save("One, oldest", 10, "", "gauges")
	save("None", 2, "", "snow")
	save("Secret", 1, Private, "rain", "jars", "gauges")
	save("Unlisted", 1, Unlisted, "rain", "jars", "gauges")
	gone := save("Gone", 1, "", "rain", "jars", "gauges")
	if err := b.Delete(t.Context(), gone.ID); err != nil {
		t.Fatal(err)
	}
	b.save(t, &Post{Status: Draft, Title: "Draft", Content: "x", Tags: []string{"rain", "jars"}})
	if got := fmt.Sprintf("%q", b.related(t, p)); got != `["Two, old" "One, new" "One, old"]` {
		t.Errorf("related are %s", got)
	}
	if got := b.related(t, save("Bare", 3, "")); len(got) != 0 {
		t.Errorf("to a post without tags are related %q", got)
	}
	many := save("Many", 3, "", "rain", "a", "b", "c", "d", "e", "f", "g", "h", "i")
	if got := b.related(t, many); len(got) != 2 {
		t.Errorf("to a post with many tags are related %q", got)
	}
}
