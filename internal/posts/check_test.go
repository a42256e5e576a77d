package posts

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"hark/internal/words"
	"hark/web"
)

func TestTheKindFollowsFromTheProperties(t *testing.T) {
	b := newBench(t)
	address := []any{"https://x.example/"}
	cite := []any{map[string]any{"type": []any{"h-cite"}, "properties": map[string]any{"url": address}}}
	for _, c := range []struct {
		title      string
		properties Properties
		want       Kind
		name       string
	}{
		{"", nil, Note, "Words."},
		{"Jar", nil, Article, "Jar"},
		{"Jar", Properties{"in-reply-to": address}, Reply, "Jar"},
		{"", Properties{"like-of": address}, Like, "Words."},
		{"", Properties{"repost-of": cite}, Repost, "Words."},
		{"Jar", Properties{"bookmark-of": cite}, Bookmark, "Jar"},
		{"", Properties{"like-of": address, "in-reply-to": address}, Reply, "Words."},
		{"", Properties{"photo": {"/a.jpg"}}, Photo, "Words."},
		{"", Properties{"like-of": {}}, Note, "Words."},
	} {
		p := &Post{Title: c.title, Content: "Words.", Properties: c.properties}
		b.preview(t, p)
		if p.Kind != c.want || p.Name() != c.name {
			t.Errorf("%q with %v is a %s named %q", c.title, c.properties, p.Kind, p.Name())
		}
	}
}

func TestAPostAlwaysHasAName(t *testing.T) {
	for _, c := range []struct {
		post Post
		want string
	}{
		{Post{}, "Untitled"},
		{Post{Properties: Properties{"like-of": {"https://x.example/"}}}, "Like: x.example"},
		{Post{Summary: strings.Repeat("rain ", 40)}, strings.TrimSpace(strings.Repeat("rain ", 14)) + " …"},
		{Post{Summary: strings.Repeat("雨", 100)}, strings.Repeat("雨", 70) + " …"},
	} {
		if got := c.post.Name(); got != c.want {
			t.Errorf("the name is %q, want %q", got, c.want)
		}
	}
}

func TestAPostIsCalledInTheLanguageOfThePages(t *testing.T) {
	library, err := words.Open(web.Words)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		post Post
		want string
	}{
		{Post{}, "Ohne Titel"},
		{Post{Title: "Untitled"}, "Untitled"},
		{Post{Properties: Properties{"in-reply-to": {"https://x.example/"}, "rsvp": {"maybe"}}}, "Rückmeldung vielleicht: x.example"},
		{Post{Properties: Properties{"in-reply-to": {"https://x.example/"}}}, "Antwort: x.example"},
		{Post{Properties: Properties{"bookmark-of": {"https://x.example/"}}}, "Lesezeichen: x.example"},
		{Post{Properties: Properties{"photo": {"/media/a.jpg"}}}, "Foto"},
	} {
		if got := c.post.Called(library.Book("de")); got != c.want {
			t.Errorf("it is called %q, want %q", got, c.want)
		}
	}
}

func TestWhatCannotBeKeptIsRefusedByField(t *testing.T) {
	b := newBench(t)
	answer := func(value any) Properties { return Properties{"in-reply-to": {value}} }
	many := make([]string, 51)
	for i := range many {
		many[i] = fmt.Sprint("tag", i)
	}
	for _, c := range []struct {
		field string
		post  Post
	}{
		{"title", Post{Title: strings.Repeat("ä", 301), Content: "Words."}},
		{"text", Post{Content: strings.Repeat("x", MaxContent+1)}},
		{"text", Post{Content: " \n\t"}},
		{"text", Post{Title: "Only a title"}},
		{"text", Post{Properties: answer("https://x.example/")}},
		{"tags", Post{Content: "Words.", Tags: many}},
		{"tags", Post{Content: "Words.", Tags: []string{strings.Repeat("ä", 61)}}},
		{"slug", Post{Content: "Words.", Slug: "Jar"}},
		{"slug", Post{Content: "Words.", Slug: "a/b"}},
		{"slug", Post{Content: "Words.", Slug: "a--b"}},
		{"slug", Post{Content: "Words.", Slug: "../a"}},
		{"slug", Post{Content: "Words.", Slug: "ä"}},
		{"slug", Post{Content: "Words.", Slug: strings.Repeat("x", 101)}},
		{"published", Post{Content: "Words.", Published: b.now().Add(time.Hour)}},
		{"published", Post{Content: "Words.", Published: time.Unix(0, 0)}},
		{"published", Post{Content: "Words.", Published: time.Date(1969, 12, 31, 0, 0, 0, 0, time.UTC)}},
		{"in-reply-to", Post{Content: "Words.", Properties: answer("javascript:alert(1)")}},
		{"in-reply-to", Post{Content: "Words.", Properties: answer("/2026/jar")}},
		{"in-reply-to", Post{Content: "Words.", Properties: answer("https://")}},
		{"in-reply-to", Post{Content: "Words.", Properties: answer("https://me:secret@x.example/")}},
		{"in-reply-to", Post{Content: "Words.", Properties: answer("https://x.example/" + strings.Repeat("x", 2048))}},
		{"in-reply-to", Post{Content: "Words.", Properties: answer("")}},
		{"in-reply-to", Post{Content: "Words.", Properties: answer(7)}},
		{"properties", Post{Content: "Words.", Properties: Properties{"mood": {strings.Repeat("x", MaxProperties)}}}},
		{"properties", Post{Content: "Words.", Properties: Properties{"mood": {strings.Repeat("x", MaxProperties/2)}, "weather": {strings.Repeat("x", MaxProperties/2)}}}},
	} {
		c.post.Status = Published
		b.refused(t, &c.post, c.field)
	}
}

func TestAPublishedPostIsNoDraftAgain(t *testing.T) {
	b := newBench(t)
	p := b.publish(t, "Jar", "Words.")
	p.Status = Draft
	b.refused(t, p, "status")
	if got := b.read(t, p.ID); got.Status != Published {
		t.Errorf("it is %s now", got.Status)
	}
}

func TestWhatIsJustSmallEnoughIsKept(t *testing.T) {
	b := newBench(t)
	b.save(t, &Post{
		Status: Published, Title: strings.Repeat("ä", 300), Slug: strings.Repeat("x", 100), Published: b.now().Add(30 * time.Second),
		Content: strings.Repeat("word ", MaxContent/5-1) + "word\n\n\n", Tags: []string{strings.Repeat("ä", 60)},
		Properties: Properties{"mood": {strings.Repeat("x", MaxProperties-len(`mood[""]`))}},
	})
	b.save(t, &Post{Status: Draft})
	b.save(t, &Post{Status: Published, Properties: Properties{"like-of": {"https://x.example/"}}})
}
