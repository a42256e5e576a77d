package posts

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

const jane, otis = "https://jane.example/", "https://otis.example/"

// letter is a post that was published for some people.
func (b *bench) letter(t *testing.T, slug string, people ...string) *Post {
	t.Helper()
	return b.save(t, &Post{Status: Published, Title: "Letter " + slug, Content: "Words.", Slug: slug, Visibility: Private, Audience: people, Tags: []string{"rain"}})
}

// finds checks what a reader finds at a path.
func (b *bench) finds(t *testing.T, reader, path string, want bool) {
	t.Helper()
	p, err := b.Addressed(t.Context(), path, reader)
	if want && (err != nil || p.Path != path || !slices.Contains(p.Audience, reader)) || !want && !errors.Is(err, ErrNotFound) {
		t.Errorf("at %s %s finds %+v (%v), want %t", path, reader, p, err, want)
	}
	if _, err := b.ByPath(t.Context(), path); !errors.Is(err, ErrNotFound) {
		t.Errorf("at %s everybody finds %v", path, err)
	}
}

func TestAPrivatePostIsForThoseWhomItNames(t *testing.T) {
	b := newBench(t)
	p := b.letter(t, "jar", " Jane.Example ", "https://jane.example:443/", "http://otis.example")
	if want := []string{jane, "http://otis.example/"}; !slices.Equal(p.Audience, want) || !slices.Equal(b.read(t, p.ID).Audience, want) {
		t.Errorf("it is for %q, and kept for %q, want %q", p.Audience, b.read(t, p.ID).Audience, want)
	}
	b.finds(t, jane, p.Path, true)
	b.finds(t, "http://otis.example/", p.Path, true)
	for _, stranger := range []string{otis, "http://jane.example/", "https://jane.example", "https://jane.example/about", "https://www.jane.example/", "%", ""} {
		b.finds(t, stranger, p.Path, false)
		if there, err := b.HasAddressed(t.Context(), stranger); there || err != nil {
			t.Errorf("there is something for %q (%v)", stranger, err)
		}
	}
	b.pass(time.Minute)
	second := b.letter(t, "second", jane)
	b.letter(t, "third", otis)
	b.letter(t, "fourth")
	list, err := b.AddressedTo(t.Context(), jane)
	if err != nil || len(list) != 2 || list[0].ID != second.ID || list[1].ID != p.ID || !slices.Equal(list[0].Tags, []string{"rain"}) {
		t.Errorf("for Jane there are %v (%v)", list, err)
	}
	if there, err := b.HasAddressed(t.Context(), jane); !there || err != nil {
		t.Errorf("there is nothing for Jane (%v)", err)
	}
	if all, err := b.List(t.Context(), List{All: true, Kind: Article}); err != nil || len(all) != 4 || len(all[3].Audience) != 2 {
		t.Errorf("for those who may there are %v (%v)", all, err)
	}
	if all, err := b.List(t.Context(), List{}); err != nil || len(all) != 0 {
		t.Errorf("for all there are %v (%v)", all, err)
	}
}

// TestWhatIsNotOutIsForNobody: a draft, a planned post and a deleted one name people,
// too, and none of them learns of it.
func TestWhatIsNotOutIsForNobody(t *testing.T) {
	b := newBench(t)
	nothing := func(what string) {
		t.Helper()
		there, err := b.HasAddressed(t.Context(), jane)
		list, wrong := b.AddressedTo(t.Context(), jane)
		if there || len(list) > 0 || err != nil || wrong != nil {
			t.Errorf("%s: there is something for Jane: %v (%v, %v)", what, list, err, wrong)
		}
	}
	p := b.save(t, &Post{Status: Draft, Title: "Jar", Content: "Words.", Slug: "jar", Visibility: Private, Audience: []string{jane}})
	nothing("a draft")
	b.finds(t, jane, "/2026/jar", false)
	p.Status, p.Published = Scheduled, b.now().Add(time.Hour)
	b.save(t, p)
	nothing("scheduled")
	p.Status, p.Published = Published, b.now()
	b.save(t, p)
	b.finds(t, jane, p.Path, true)
	if err := b.Delete(t.Context(), p.ID); err != nil {
		t.Fatal(err)
	}
	nothing("deleted")
	b.finds(t, jane, p.Path, false)
	if err := b.Restore(t.Context(), p.ID); err != nil {
		t.Fatal(err)
	}
	b.finds(t, jane, p.Path, true)
	p = b.read(t, p.ID)
	p.Audience = []string{otis}
	b.save(t, p)
	nothing("for another now")
	b.finds(t, jane, p.Path, false)
	p.Visibility, p.Audience = Public, nil
	b.save(t, p)
	for _, reader := range []string{jane, otis} {
		if _, err := b.Addressed(t.Context(), p.Path, reader); !errors.Is(err, ErrNotFound) {
			t.Errorf("a public post is one for %s: %v", reader, err)
		}
	}
	p.Visibility, p.Audience = Private, []string{jane}
	b.save(t, p)
	if err := errors.Join(b.Delete(t.Context(), p.ID), b.Purge(t.Context(), p.ID, "wren")); err != nil {
		t.Fatal(err)
	}
	nothing("deleted for good")
}

func TestAnEarlierAddressIsToldToThoseWhoMayReadThePost(t *testing.T) {
	b := newBench(t)
	p := b.letter(t, "jar", jane)
	before := p.Path
	p.Slug = "bucket"
	b.save(t, p)
	moved := (*Moved)(nil)
	if _, err := b.Addressed(t.Context(), before, jane); !errors.As(err, &moved) || moved.To != p.Path {
		t.Errorf("Jane is told %v", err)
	}
	b.finds(t, otis, before, false)
	b.finds(t, jane, p.Path, true)
}

func TestPeopleWhoCannotBeNamedAreRefused(t *testing.T) {
	b := newBench(t)
	many := make([]string, maxAudience+1)
	for n := range many {
		many[n] = fmt.Sprintf("https://p%d.example/", n)
	}
	for name, c := range map[string]struct {
		post  Post
		words string
	}{
		"no address":       {Post{Visibility: Private, Audience: []string{"Jane Doe"}}, "Jane Doe is no address"},
		"a mail address":   {Post{Visibility: Private, Audience: []string{jane, "jane@jane.example"}}, "jane@jane.example is no address"},
		"a long one":       {Post{Visibility: Private, Audience: []string{strings.Repeat("é", 5000)}}, strings.Repeat("é", 60) + "… is no address"},
		"too many":         {Post{Visibility: Private, Audience: many}, "too many people"},
		"a public post":    {Post{Visibility: Public, Audience: []string{jane}}, "Only a private post"},
		"an unlisted post": {Post{Visibility: Unlisted, Audience: []string{jane}}, "Only a private post"},
		"no visibility":    {Post{Audience: []string{jane}}, "Only a private post"},
	} {
		for _, status := range []Status{Draft, Published} {
			c.post.Status, c.post.Content = status, "Words."
			invalid := (*Invalid)(nil)
			if err := b.Save(t.Context(), &c.post); !errors.As(err, &invalid) || invalid.Field != "audience" || !strings.Contains(invalid.Text, c.words) {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	b.letter(t, "most", many[:maxAudience]...)
}

func TestAChangeOfThePeopleCanBeTakenBackAndIsNoneOfTheWords(t *testing.T) {
	b := newBench(t)
	p := b.letter(t, "jar", jane, otis)
	b.pass(time.Minute)
	p.Audience, p.Content = []string{otis}, "Other words."
	b.save(t, p)
	before, err := b.Revision(t.Context(), p, 1)
	if err != nil || !slices.Equal(before.Audience, []string{jane, otis}) {
		t.Errorf("before it was for %+v (%v)", before, err)
	}
	if err := b.Revert(t.Context(), p, 1); err != nil || p.Content != "Words." || !slices.Equal(p.Audience, []string{otis}) {
		t.Errorf("with its words of before it is for %q (%v)", p.Audience, err)
	}
	b.pass(time.Minute)
	p.Audience = nil
	b.save(t, p)
	if err := b.Undo(t.Context(), p); err != nil || !slices.Equal(b.read(t, p.ID).Audience, []string{otis}) {
		t.Errorf("taken back it is for %q (%v)", p.Audience, err)
	}
	if kept := TemplateOf(p, "Letter"); kept.Visibility != Private || kept.Audience != nil {
		t.Errorf("a template is for %+v", kept.Post)
	}
}

// TestThePathOfAPrivatePostSaysSo: by it ByPath knows without a look at the post.
func TestThePathOfAPrivatePostSaysSo(t *testing.T) {
	b := newBench(t)
	hidden := func(what, path string, want bool) {
		t.Helper()
		var got bool
		if err := b.db.QueryRow(t.Context(), "SELECT hidden FROM paths WHERE path = $1", path).Scan(&got); err != nil || got != want {
			t.Errorf("%s: %s is hidden: %t (%v), want %t", what, path, got, err, want)
		}
	}
	p := b.letter(t, "jar")
	hidden("private", "/2026/jar", true)
	p.Slug, p.Visibility = "bucket", Unlisted
	b.save(t, p)
	hidden("unlisted", "/2026/jar", false)
	hidden("unlisted", "/2026/bucket", false)
	p.Visibility = Private
	b.save(t, p)
	hidden("private again", "/2026/jar", true)
	hidden("private again", "/2026/bucket", true)
	later := b.save(t, &Post{Status: Scheduled, Published: b.now().Add(time.Hour), Title: "Later", Content: "Words.", Visibility: Private})
	b.pass(time.Hour)
	if err := b.queue.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	hidden("come out", b.read(t, later.ID).Path, true)
}
