package posts

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestListsAreNewestFirstAndPagedWithoutGapsAmongEqualTimes(t *testing.T) {
	b := newBench(t)
	var want []string
	for i := range 25 { // five each second
		if i%5 == 0 {
			b.pass(time.Second)
		}
		want = append(want, b.publish(t, "", fmt.Sprint("Note ", i)).ID)
	}
	posts, err := b.List(t.Context(), List{Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.IsSortedFunc(posts, func(a, b *Post) int {
		if c := b.Published.Compare(a.Published); c != 0 {
			return c
		}
		return strings.Compare(b.ID, a.ID)
	}) {
		t.Error("they are not in order")
	}
	var got []string
	for before := ""; ; {
		page, err := b.List(t.Context(), List{Limit: 3, Before: before})
		if err != nil {
			t.Fatal(err)
		}
		if len(page) == 0 {
			break
		}
		for _, p := range page {
			got = append(got, p.ID)
		}
		before = got[len(got)-1]
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("paged were %d posts: %v, want %v", len(got), got, want)
	}
	if page, err := b.List(t.Context(), List{}); err != nil || len(page) != 20 {
		t.Errorf("a list without a limit has %d, %v", len(page), err)
	}
}

func TestAListIsNarrowedByKindTagAndTime(t *testing.T) {
	b := newBench(t)
	save := func(title, tag string, day time.Time, properties Properties) {
		b.save(t, &Post{Status: Published, Title: title, Content: title + ".", Tags: []string{tag}, Published: day, Properties: properties})
	}
	day := func(month time.Month, day int) time.Time { return time.Date(2026, month, day, 0, 0, 0, 0, time.UTC) }
	save("A", "Rain", day(9, 30), nil)
	save("B", "rain", day(10, 1), nil)
	save("C", "jar", day(10, 31), Properties{"in-reply-to": {"https://x.example/"}})
	save("D", "jar", day(11, 1), nil)
	for _, c := range []struct {
		list List
		want string
	}{
		{List{}, "[D C B A]"},
		{List{Kind: Article}, "[D B A]"},
		{List{Kind: Reply}, "[C]"},
		{List{Kind: Like}, "[]"},
		{List{Tag: "rain"}, "[B A]"},
		{List{Tag: "jar", Kind: Article}, "[D]"},
		{List{Tag: "hail"}, "[]"},
		{List{From: day(10, 1), To: day(11, 1)}, "[C B]"},
		{List{To: day(10, 1)}, "[A]"},
		{List{Limit: 1}, "[D]"},
		{List{Before: "nobody"}, "[]"},
	} {
		if got := fmt.Sprint(b.list(t, c.list)); got != c.want {
			t.Errorf("%+v has %s, want %s", c.list, got, c.want)
		}
	}
}

func TestDraftsAndDeletedPostsAreNeverAmongThePublished(t *testing.T) {
	b := newBench(t)
	shown := b.save(t, &Post{Status: Published, Title: "Shown", Content: "Words.", Tags: []string{"rain"}})
	gone := b.save(t, &Post{Status: Published, Content: "Gone.", Tags: []string{"rain", "gone"}, Published: b.now().AddDate(0, -2, 0)})
	b.save(t, &Post{Status: Draft, Content: "Draft.", Tags: []string{"rain", "draft"}, Published: b.now().AddDate(0, -3, 0)})
	if err := b.Delete(t.Context(), gone.ID); err != nil {
		t.Fatal(err)
	}
	for _, l := range []List{{}, {Tag: "rain"}, {Status: Published}} {
		if got := fmt.Sprint(b.list(t, l)); got != "[Shown]" {
			t.Errorf("%+v has %s", l, got)
		}
	}
	for status, want := range map[Status]string{Draft: "[Draft.]", Deleted: "[Gone.]"} {
		n, err := b.Count(t.Context(), status)
		if got := fmt.Sprint(b.list(t, List{Status: status})); got != want || n != 1 || err != nil {
			t.Errorf("%s: %s, counted %d, %v", status, got, n, err)
		}
	}
	tags, err := b.Tags(t.Context(), 10)
	if err != nil || fmt.Sprint(tags) != "[{rain rain 1}]" {
		t.Errorf("the tags are %v, %v", tags, err)
	}
	months, err := b.Months(t.Context())
	if err != nil || fmt.Sprint(months) != "[{2026 11 1}]" {
		t.Errorf("the months are %v, %v", months, err)
	}
	kinds, err := b.KindsInUse(t.Context())
	if err != nil || fmt.Sprint(kinds) != "[article]" {
		t.Errorf("the kinds are %v, %v", kinds, err)
	}
	older, newer, err := b.Neighbours(t.Context(), shown)
	if err != nil || older != nil || newer != nil {
		t.Errorf("the neighbours are %v, %v, %v", older, newer, err)
	}
}

func TestDraftsAreListedByWhenTheyWereSaved(t *testing.T) {
	b := newBench(t)
	first := b.draft(t, "First.")
	b.pass(time.Second)
	b.draft(t, "Second.")
	b.pass(time.Second)
	first.Content = "First again."
	b.save(t, first)
	if got := fmt.Sprint(b.list(t, List{Status: Draft})); got != "[First again. Second.]" {
		t.Errorf("they are %s", got)
	}
	if got := fmt.Sprint(b.list(t, List{Status: Draft, Before: first.ID})); got != "[Second.]" {
		t.Errorf("before the first are %s", got)
	}
}

func TestMonthsAreThoseOfUTC(t *testing.T) {
	b := newBench(t)
	for _, day := range []time.Time{
		time.Date(2024, 2, 29, 23, 59, 59, 0, time.UTC), time.Date(2024, 3, 1, 0, 0, 0, 0, time.UTC),
		time.Date(2024, 3, 31, 12, 0, 0, 0, time.UTC), time.Date(2025, 12, 31, 23, 0, 0, 0, time.FixedZone("", -7200)),
	} {
		b.save(t, &Post{Status: Published, Content: "Words.", Published: day})
	}
	months, err := b.Months(t.Context())
	if want := []Month{{2026, 1, 1}, {2024, 3, 2}, {2024, 2, 1}}; err != nil || !reflect.DeepEqual(months, want) {
		t.Errorf("the months are %v, %v; want %v", months, err, want)
	}
}

func TestNeighboursAreTheNextPublishedOnes(t *testing.T) {
	b := newBench(t)
	var all []*Post
	for i := range 6 { // pairs of the same second
		if i%2 == 0 {
			b.pass(time.Second)
		}
		all = append(all, b.publish(t, "", fmt.Sprint("Note ", i)))
	}
	slices.SortFunc(all, func(a, b *Post) int {
		if c := a.Published.Compare(b.Published); c != 0 {
			return c
		}
		return strings.Compare(a.ID, b.ID)
	})
	id := func(i int) string {
		if i < 0 || i >= len(all) {
			return ""
		}
		return all[i].ID
	}
	for i, p := range all {
		older, newer, err := b.Neighbours(t.Context(), p)
		if err != nil {
			t.Fatal(err)
		}
		for want, got := range map[string]*Named{id(i - 1): older, id(i + 1): newer} {
			if got == nil && want != "" || got != nil && got.ID != want {
				t.Errorf("beside %d is %v, want %q", i, got, want)
			}
		}
	}
}

func TestAPostIsNamedAsItNamesItself(t *testing.T) {
	b := newBench(t)
	titled := b.publish(t, "Rain", "Words.")
	untitled := b.publish(t, "", "Eleven curlews.")
	like := b.save(t, &Post{Status: Published, Properties: Properties{"like-of": {"https://toft.example/slow"}}})
	draft := b.draft(t, "Unripe.")
	named, err := b.Named(t.Context(), titled.ID, untitled.ID, like.ID, draft.ID, "none")
	if err != nil || len(named) != 3 {
		t.Fatalf("%d are named, %v; want those that are published", len(named), err)
	}
	for _, p := range []*Post{titled, untitled, like} {
		if got, want := named[p.ID], (Named{p.ID, p.Path, p.name()}); got == nil || *got != want {
			t.Errorf("%v, want %v", got, want)
		}
	}
}

func TestTagsAreOneWhateverTheirCase(t *testing.T) {
	b := newBench(t)
	p := b.save(t, &Post{Status: Published, Content: "Words.", Tags: []string{"#Jam  Jar", "jam jar", " ", "#", "Rain", "日本", "Cafe\u0301", "Café", "C++", "jam-jar", "Straße"}})
	if want := []string{"Jam Jar", "Rain", "日本", "Café", "C++", "Straße"}; !slices.Equal(p.Tags, want) {
		t.Errorf("they are %q, want %q", p.Tags, want)
	}
	if got := b.read(t, p.ID).Tags; !slices.Equal(got, p.Tags) {
		t.Errorf("read were %q", got)
	}
	for _, key := range []string{"jam-jar", "rain", "日本", "café", "c++", "straße"} {
		if len(b.list(t, List{Tag: key})) != 1 {
			t.Errorf("nothing is tagged %s", key)
		}
	}
	p.Tags = []string{"Hail", "Rain"}
	b.save(t, p)
	if got := b.read(t, p.ID).Tags; fmt.Sprint(got) != "[Hail Rain]" || len(b.list(t, List{Tag: "jam-jar"})) > 0 {
		t.Errorf("after an edit they are %q", got)
	}
}

func TestTheMostUsedTagsComeFirst(t *testing.T) {
	b := newBench(t)
	for _, tags := range [][]string{{"rain", "jar"}, {"Rain", "awk"}, {"awk", "rain"}} {
		b.save(t, &Post{Status: Published, Content: "Words.", Tags: tags})
	}
	tags, err := b.Tags(t.Context(), 2)
	if want := []Tag{{"rain", "rain", 3}, {"awk", "awk", 2}}; err != nil || !reflect.DeepEqual(tags, want) {
		t.Errorf("they are %v, %v; want %v", tags, err, want)
	}
}

func TestKindsInUseAreInTheOrderOfTheTabs(t *testing.T) {
	b := newBench(t)
	for _, property := range []string{"like-of", "in-reply-to", ""} {
		p := &Post{Status: Published, Content: "Words."}
		if property != "" {
			p.Properties = Properties{property: {"https://x.example/"}}
		}
		b.save(t, p)
	}
	if kinds, err := b.KindsInUse(t.Context()); err != nil || fmt.Sprint(kinds) != "[note reply like]" {
		t.Errorf("they are %v, %v", kinds, err)
	}
}
