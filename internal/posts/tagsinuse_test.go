package posts

import (
	"fmt"
	"testing"
)

func TestTagsInUseFollowEachChange(t *testing.T) {
	b := newBench(t)
	expect := func(when, want string) {
		t.Helper()
		for range 2 { // when they are counted, and when they are remembered
			tags, err := b.Tags(t.Context(), 5)
			if got := fmt.Sprint(tags); err != nil || got != want {
				t.Errorf("%s they are %s, %v; want %s", when, got, err, want)
			}
			if len(tags) > 0 {
				tags[0] = Tag{"spoiled", "spoiled", 9}
			}
		}
	}
	expect("before the first post", "[]")
	p := b.save(t, &Post{Status: Published, Content: "Words.", Tags: []string{"rain"}})
	other := b.save(t, &Post{Status: Draft, Content: "More.", Tags: []string{"rain", "jar"}})
	expect("beside a draft", "[{rain rain 1}]")
	other.Status = Published
	b.save(t, other)
	expect("with both", "[{rain rain 2} {jar jar 1}]")
	if tags, err := b.Tags(t.Context(), 1); err != nil || fmt.Sprint(tags) != "[{rain rain 2}]" {
		t.Errorf("the first is %v, %v", tags, err)
	}
	p.Tags = []string{"jar"}
	b.save(t, p)
	expect("with others", "[{jar jar 2} {rain rain 1}]")
	other.Visibility = Private
	b.save(t, other)
	expect("with one that is private", "[{jar jar 1}]")
	if err := b.Delete(t.Context(), p.ID); err != nil {
		t.Fatal(err)
	}
	expect("when it is deleted", "[]")
}

func TestWhatWasCountedEarlierIsNotKeptOverWhatIsNewer(t *testing.T) {
	t.Parallel()
	var c counted
	c.keep(2, 5, []Tag{{"rain", "rain", 2}})
	c.keep(1, 5, []Tag{{"rain", "rain", 1}})
	if tags, ok := c.find(2, 5); !ok || tags[0].Posts != 2 {
		t.Errorf("kept are %v, %t", tags, ok)
	}
	if tags, ok := c.find(1, 5); ok {
		t.Errorf("of what was before are kept %v", tags)
	}
}
