package posts

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestTheAddressIsTheOneWishedForOrMadeFromTheWords(t *testing.T) {
	b := newBench(t)
	for _, c := range []struct {
		post Post
		want string
	}{
		{Post{Slug: "a-jar", Title: "Six years of rain"}, "/2026/a-jar"},
		{Post{Slug: " /snake_case/ "}, "/2026/snake_case"},
		{Post{Slug: "11"}, "/2026/post-11"},
		{Post{Slug: "7"}, "/2026/post-7"},
		{Post{Slug: "07-b"}, "/2026/07-b"},
		{Post{Slug: "2026"}, "/2026/2026"},
		{Post{Title: "12"}, "/2026/post-12"},
		{Post{Title: "3"}, "/2026/post-3"},
		{Post{Title: "365"}, "/2026/365"},
		{Post{Title: "Six years of rain!"}, "/2026/six-years-of-rain"},
		{Post{Title: "Straße & Brücke"}, "/2026/strasse-and-brucke"},
		{Post{Title: "Ливень в саду"}, "/2026/liven-v-sadu"},
		{Post{Title: "日本語の雨"}, "/2026/ri-ben-yu-noyu"},
		{Post{Title: "المطر"}, "/2026/lmtr"},
		{Post{Title: "🌧️"}, "/2026/1123-140500"},
		{Post{Content: "Eleven *curlews* on the mudflat."}, "/2026/eleven-curlews-on-the-mudflat"},
		{Post{Content: "![](/a.jpg)"}, "/2026/untitled"},
		{Post{Content: "-", Properties: Properties{"like-of": {"https://x.example/"}}}, "/2026/like-x-example"},
	} {
		p := c.post
		p.Status = Published
		if p.Content == "" {
			p.Content = "Words."
		}
		if b.save(t, &p); p.Path != c.want {
			t.Errorf("%q %q %q lives at %s, want %s", c.post.Slug, c.post.Title, c.post.Content, p.Path, c.want)
		}
	}
}

func TestALongTitleIsCutBetweenWords(t *testing.T) {
	b := newBench(t)
	form := regexp.MustCompile(`^/2026/[a-z0-9-]{10,60}$`)
	for _, title := range []string{strings.Repeat("rain and ", 30), strings.Repeat("x", 300), strings.Repeat("雨", 300)} {
		if p := b.publish(t, title, "Words."); !form.MatchString(p.Path) {
			t.Errorf("%.20q lives at %s", title, p.Path)
		}
	}
}

func TestPostsOfOneTitleAreNumbered(t *testing.T) {
	b := newBench(t)
	for i := range 12 {
		want := "/2026/rain"
		if i > 0 {
			want = fmt.Sprint("/2026/rain-", i+1)
		}
		if p := b.publish(t, "Rain", "Words."); p.Path != want {
			t.Errorf("number %d lives at %s", i+1, p.Path)
		}
	}
	last := b.save(t, &Post{Status: Published, Title: "Rain", Content: "Words.", Published: b.now().AddDate(-1, 0, 0)})
	if last.Path != "/2025/rain" {
		t.Errorf("that of another year lives at %s", last.Path)
	}
}

func TestHoweverManyHaveOneTitleEachHasAnAddress(t *testing.T) {
	b := newBench(t)
	paths := map[string]bool{}
	for range 30 {
		paths[b.publish(t, "Rain", "Words.").Path] = true
	}
	if len(paths) != 30 || paths[""] {
		t.Errorf("30 posts have %d addresses: %v", len(paths), paths)
	}
}

func TestPostsOfOneTitlePublishedAtOnceHaveAddressesOfTheirOwn(t *testing.T) {
	b := newBench(t)
	var mu sync.Mutex
	var wg sync.WaitGroup
	paths := map[string]int{}
	for range 10 {
		wg.Go(func() {
			p := &Post{AuthorID: "wren", Status: Published, Title: "Rain", Content: "Words."}
			err := b.Save(t.Context(), p)
			mu.Lock()
			defer mu.Unlock()
			if paths[p.Path]++; err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if len(paths) != 10 {
		t.Errorf("10 posts live at %v", paths)
	}
}

func TestAnAddressWishedForThatIsTakenIsRefused(t *testing.T) {
	b := newBench(t)
	b.publish(t, "Rain", "Words.")
	b.refused(t, &Post{Status: Published, Slug: "rain", Content: "Words."}, "slug")
	other := b.publish(t, "Hail", "Words.")
	other.Slug = "rain"
	b.refused(t, other, "slug")
}

func TestAnEarlierAddressLeadsToThePresentOne(t *testing.T) {
	b := newBench(t)
	p := b.publish(t, "Rain", "Words.")
	for _, slug := range []string{"drizzle", "downpour"} {
		p.Slug = slug
		b.save(t, p)
	}
	for _, path := range []string{"/2026/rain", "/2026/drizzle"} {
		var moved *Moved
		if got, err := b.ByPath(t.Context(), path); !errors.As(err, &moved) || moved.To != "/2026/downpour" {
			t.Errorf("%s gives %v, %v", path, got, err)
		}
	}
	paths, err := b.Paths(t.Context(), p.ID)
	if err != nil || len(paths) != 3 || !paths["/2026/rain"] || !paths["/2026/drizzle"] || !paths["/2026/downpour"] {
		t.Errorf("its paths are %v, %v", paths, err)
	}
	if err := b.Delete(t.Context(), p.ID); err != nil {
		t.Fatal(err)
	}
	if gone, err := b.ByPath(t.Context(), "/2026/rain"); err != nil || gone.Status != Deleted {
		t.Errorf("once it is deleted, its earlier path gives %v, %v", gone, err)
	}
}

func TestAPathOnceGivenIsNeverGivenToAnother(t *testing.T) {
	b := newBench(t)
	p := b.publish(t, "Rain", "Words.")
	p.Slug = "drizzle"
	b.save(t, p)
	if other := b.publish(t, "Rain", "Words."); other.Path != "/2026/rain-2" {
		t.Errorf("the next of that title lives at %s", other.Path)
	}
	b.refused(t, &Post{Status: Published, Slug: "rain", Content: "Words."}, "slug")
	if err := b.Delete(t.Context(), p.ID); err != nil {
		t.Fatal(err)
	}
	b.refused(t, &Post{Status: Published, Slug: "rain", Content: "Words."}, "slug")
	if err := b.Restore(t.Context(), p.ID); err != nil {
		t.Fatal(err)
	}
	p = b.read(t, p.ID)
	p.Slug = "rain"
	if b.save(t, p); p.Path != "/2026/rain" {
		t.Errorf("its own earlier path was not given back: %s", p.Path)
	}
}

func TestTheAddressStaysWhenTitleOrDayChange(t *testing.T) {
	b := newBench(t)
	p := b.publish(t, "Rain", "Words.")
	p.Title, p.Published = "Hail", p.Published.AddDate(-1, 0, 0)
	if b.save(t, p); p.Path != "/2026/rain" {
		t.Errorf("it moved to %s", p.Path)
	}
	numbered := b.save(t, &Post{Status: Published, Slug: "11", Content: "Words."})
	b.pass(time.Minute)
	if b.save(t, numbered); numbered.Path != "/2026/post-11" {
		t.Errorf("saved again, it moved to %s", numbered.Path)
	}
}

func TestATakenAddressDoesNotSayWhatHoldsIt(t *testing.T) {
	b := newBench(t)
	own := func(p Post) *Post { p.Status, p.Content = Published, "Words."; return b.save(t, &p) }
	own(Post{Slug: "shown"})
	own(Post{Slug: "secret", Visibility: Private})
	own(Post{Slug: "unlisted", Visibility: Unlisted})
	gone := own(Post{Slug: "gone"})
	if err := b.Delete(t.Context(), gone.ID); err != nil {
		t.Fatal(err)
	}
	moved := own(Post{Slug: "moved"})
	moved.Slug = "elsewhere"
	b.save(t, moved)
	for _, slug := range []string{"shown", "secret", "unlisted", "gone", "moved"} {
		for _, p := range []Post{{Status: Published}, {Status: Scheduled, Published: b.now().Add(time.Hour)}} {
			p.AuthorID, p.Content, p.Slug = "wren", "Other words.", slug
			var invalid *Invalid
			if err := b.Save(t.Context(), &p); !errors.As(err, &invalid) || invalid.Field != "slug" || invalid.Text != "The address /2026/"+slug+" is not free. Choose another." {
				t.Errorf("%s, %s: %v", slug, p.Status, err)
			}
		}
	}
}
