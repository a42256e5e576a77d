package posts

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"hark/internal/database"
)

func TestAPublishedPostIsReadAsItWasSaved(t *testing.T) {
	b := newBench(t)
	saved := b.save(t, &Post{
		Status: Published, Title: "  Six years\tof rain ", Content: "In a *jam* jar.\r\n\r\nMore.\n\n", Tags: []string{"Rain", "awk"},
		Properties: Properties{"photo": {"/media/jar.jpg", map[string]any{"alt": "A jar", "value": "x"}}, "empty": {}},
	})
	read := b.read(t, saved.ID)
	if !reflect.DeepEqual(saved, read) {
		t.Errorf("saved\n%+v\nread\n%+v", saved, read)
	}
	want := &Post{
		ID: read.ID, AuthorID: "wren", Status: Published, Title: "Six years of rain", Content: "In a *jam* jar.\n\nMore.", Tags: []string{"Rain", "awk"},
		Properties: Properties{"photo": {"/media/jar.jpg", map[string]any{"alt": "A jar", "value": "x"}}},
		Version:    1, Kind: Photo, Visibility: Public, Path: "/2026/six-years-of-rain", HTML: "<p>In a <em>jam</em> jar.</p>\n<p>More.</p>\n",
		Summary: "In a jam jar.", Words: 5, Created: b.now(), Published: b.now(), Updated: b.now(),
	}
	if !reflect.DeepEqual(read, want) {
		t.Errorf("read\n%+v\nwant\n%+v", read, want)
	}
	at, err := b.ByPath(t.Context(), read.Path)
	if err != nil || at.ID != read.ID {
		t.Errorf("at its path: %v, %v", at, err)
	}
}

func TestADraftHasNoAddressUntilItIsPublished(t *testing.T) {
	b := newBench(t)
	p := b.save(t, &Post{Status: Draft, Title: "Jar", Slug: "jar"})
	if p.Path != "" || !p.Published.IsZero() {
		t.Errorf("a draft lives at %q since %v", p.Path, p.Published)
	}
	if _, err := b.ByPath(t.Context(), "/2026/jar"); !errors.Is(err, ErrNotFound) {
		t.Errorf("its path gives %v", err)
	}
	b.pass(time.Hour)
	p.Status, p.Content = Published, "Words."
	b.save(t, p)
	if p.Path != "/2026/jar" || !p.Published.Equal(b.now()) || !p.Created.Equal(b.now().Add(-time.Hour)) {
		t.Errorf("published at %q %v, created %v", p.Path, p.Published, p.Created)
	}
}

func TestAnEditKeepsWhatItDoesNotChange(t *testing.T) {
	b := newBench(t)
	p := b.publish(t, "Jar", "Words.")
	first := *p
	b.pass(time.Hour)
	edit := &Post{ID: p.ID, Version: p.Version, Status: Published, Title: "Bucket", Content: "Other words."}
	if err := b.Save(t.Context(), edit); err != nil {
		t.Fatal(err)
	}
	if edit.AuthorID != "wren" || edit.Path != first.Path || !edit.Created.Equal(first.Created) || !edit.Published.Equal(first.Published) {
		t.Errorf("the edit has %+v, the first was %+v", edit, first)
	}
	if edit.Version != 2 || !edit.Updated.Equal(b.now()) || !reflect.DeepEqual(edit, b.read(t, p.ID)) {
		t.Errorf("the edit has %+v, kept was %+v", edit, b.read(t, p.ID))
	}
}

func TestTheSecondOfTwoTabsOverwritesNothing(t *testing.T) {
	b := newBench(t)
	p := b.draft(t, "Words.")
	one, two := b.read(t, p.ID), b.read(t, p.ID)
	one.Content = "From one tab."
	b.save(t, one)
	two.Content = "From the other."
	if err := b.Save(t.Context(), two); !errors.Is(err, ErrChanged) {
		t.Errorf("the second tab got %v", err)
	}
	if got := b.read(t, p.ID); got.Content != "From one tab." || got.Version != 2 {
		t.Errorf("kept was %q, version %d", got.Content, got.Version)
	}
	one.Content = "And again."
	b.save(t, one)
}

func TestOfTwentyWhoSaveAtOnceOneWins(t *testing.T) {
	b := newBench(t)
	p := b.publish(t, "Jar", "Words.")
	b.jobs(t)
	var wg sync.WaitGroup
	var won []string
	var mu sync.Mutex
	for i := range 20 {
		wg.Go(func() {
			mine := *p
			mine.Content = fmt.Sprint("From tab ", i)
			mine.Tags = []string{fmt.Sprint("tab", i)}
			err := b.Save(t.Context(), &mine)
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err == nil:
				won = append(won, mine.Content)
			case !errors.Is(err, ErrChanged):
				t.Errorf("tab %d got %v", i, err)
			}
		})
	}
	wg.Wait()
	got := b.read(t, p.ID)
	if len(won) != 1 || got.Content != won[0] || got.Version != 2 || len(got.Tags) != 1 {
		t.Errorf("%d won: %v; kept was %q with %v, version %d", len(won), won, got.Content, got.Tags, got.Version)
	}
	if n := b.jobs(t); n != 1 {
		t.Errorf("%d jobs for one change", n)
	}
}

func TestADeletedPostIsGoneUntilItIsRestored(t *testing.T) {
	b := newBench(t)
	p := b.publish(t, "Jar", "Words.")
	if err := b.Delete(t.Context(), p.ID); err != nil {
		t.Fatal(err)
	}
	gone, err := b.ByPath(t.Context(), p.Path)
	if err != nil || gone.Status != Deleted || !gone.Deleted.Equal(b.now()) {
		t.Fatalf("at its path: %+v, %v", gone, err)
	}
	gone.Status, gone.Content = Published, "From an old tab."
	if err := b.Save(t.Context(), gone); !errors.Is(err, ErrChanged) {
		t.Errorf("saving over a deleted post gave %v", err)
	}
	b.pass(time.Hour)
	if err := b.Restore(t.Context(), p.ID); err != nil {
		t.Fatal(err)
	}
	back := b.read(t, p.ID)
	if back.Status != Published || back.Path != p.Path || !back.Deleted.IsZero() || !back.Published.Equal(p.Published) || back.Content != "Words." {
		t.Errorf("restored was %+v", back)
	}
	p.Content = "From a tab that was open before."
	if err := b.Save(t.Context(), p); !errors.Is(err, ErrChanged) {
		t.Errorf("saving what was deleted and restored meanwhile gave %v", err)
	}
}

func TestADeletedDraftComesBackAsADraft(t *testing.T) {
	b := newBench(t)
	p := b.draft(t, "Words.")
	for _, step := range []func() error{
		func() error { return b.Delete(t.Context(), p.ID) },
		func() error { return b.Restore(t.Context(), p.ID) },
	} {
		if err := step(); err != nil {
			t.Fatal(err)
		}
	}
	if got := b.read(t, p.ID); got.Status != Draft || !got.Deleted.IsZero() {
		t.Errorf("restored was %+v", got)
	}
}

func TestDeletingAndRestoringTwiceChangesNothing(t *testing.T) {
	b := newBench(t)
	p := b.publish(t, "Jar", "Words.")
	b.jobs(t)
	for name, move := range map[string]func() error{
		"delete":  func() error { return b.Delete(t.Context(), p.ID) },
		"restore": func() error { return b.Restore(t.Context(), p.ID) },
	} {
		if err := errors.Join(b.Delete(t.Context(), p.ID), b.Restore(t.Context(), p.ID), move()); err != nil {
			t.Fatal(name, err)
		}
		before := b.read(t, p.ID)
		b.jobs(t)
		b.pass(time.Minute)
		post, lists := b.touched(t, p.ID, func() {
			if err := move(); err != nil {
				t.Error(name, err)
			}
		})
		if after := b.read(t, p.ID); !reflect.DeepEqual(before, after) || post+lists > 0 || b.jobs(t) > 0 {
			t.Errorf("a second %s made %+v of %+v", name, after, before)
		}
	}
}

func TestWhatIsNotThereIsNotFound(t *testing.T) {
	b := newBench(t)
	_, byID := b.ByID(t.Context(), "nobody")
	_, byPath := b.ByPath(t.Context(), "/2026/nothing")
	for what, err := range map[string]error{
		"ByID": byID, "ByPath": byPath, "Delete": b.Delete(t.Context(), "nobody"), "Restore": b.Restore(t.Context(), "nobody"),
		"Save": b.Save(t.Context(), &Post{ID: "nobody", Version: 1, AuthorID: "wren", Status: Draft}),
	} {
		if !errors.Is(err, ErrNotFound) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestEveryPublicChangeLeavesOneJobAndOutdatesItsPages(t *testing.T) {
	b := newBench(t)
	p := b.draft(t, "Words.")
	steps := []struct {
		name string
		do   func() error
		tell bool
	}{
		{"editing a draft", func() error { p.Content = "More."; return b.Save(t.Context(), p) }, false},
		{"giving a draft its day", func() error { p.Published = b.now().Add(-time.Hour); return b.Save(t.Context(), p) }, false},
		{"deleting a draft", func() error { return b.Delete(t.Context(), p.ID) }, false},
		{"restoring a draft", func() error { return b.Restore(t.Context(), p.ID) }, false},
		{"publishing", func() error { p = b.read(t, p.ID); p.Status = Published; return b.Save(t.Context(), p) }, true},
		{"editing", func() error { p.Content = "Other."; return b.Save(t.Context(), p) }, true},
		{"deleting", func() error { return b.Delete(t.Context(), p.ID) }, true},
		{"restoring", func() error { return b.Restore(t.Context(), p.ID) }, true},
		{"a save that comes too late", func() error {
			if err := b.Save(t.Context(), p); !errors.Is(err, ErrChanged) {
				return fmt.Errorf("got %w", err)
			}
			return nil
		}, false},
	}
	for _, step := range steps {
		post, lists := b.touched(t, p.ID, func() {
			if err := step.do(); err != nil {
				t.Fatalf("%s: %v", step.name, err)
			}
		})
		want := uint64(0)
		if step.tell {
			want = 1
		}
		if jobs := b.jobs(t); uint64(jobs) != want || post != want || lists != want {
			t.Errorf("%s left %d jobs, moved the post by %d and the lists by %d; want %d", step.name, jobs, post, lists, want)
		}
	}
}

func TestTheJobNamesThePost(t *testing.T) {
	b := newBench(t)
	p := b.publish(t, "Jar", "Words.")
	p.Content = "More."
	b.save(t, p)
	var payload string
	if err := b.db.QueryRow(t.Context(), "SELECT payload FROM jobs WHERE kind = $1", string(Changed)).Scan(&payload); err != nil {
		t.Fatal(err)
	}
	if payload != `"`+p.ID+`"` {
		t.Errorf("the payload is %s", payload)
	}
	if n := b.jobs(t); n != 1 {
		t.Errorf("%d jobs wait for one post", n)
	}
}

func TestTimesAreKeptInWholeSecondsOfUTC(t *testing.T) {
	b := newBench(t)
	zone := time.FixedZone("", 13*3600)
	p := b.save(t, &Post{Status: Published, Content: "Early.", Published: time.Date(2026, 1, 1, 9, 0, 0, 500, zone)})
	want := time.Date(2025, 12, 31, 20, 0, 0, 0, time.UTC)
	for _, got := range []*Post{p, b.read(t, p.ID)} {
		if !reflect.DeepEqual(got.Published, want) || got.Created.Location() != time.UTC || got.Updated.Location() != time.UTC {
			t.Errorf("published %v, created %v, updated %v", got.Published, got.Created, got.Updated)
		}
	}
	if !strings.HasPrefix(p.Path, "/2025/") {
		t.Errorf("it lives at %s", p.Path)
	}
}

func TestSavingLeavesTheCallersPropertiesAlone(t *testing.T) {
	b := newBench(t)
	mine := Properties{"photo": {"/a.jpg"}, "empty": {}}
	b.save(t, &Post{Status: Published, Content: "Words.", Properties: mine})
	if len(mine) != 2 {
		t.Errorf("they are %v now", mine)
	}
}

func TestAFailedSaveKeepsNothing(t *testing.T) {
	b := newBench(t)
	before := b.everything(t)
	p := &Post{AuthorID: "nobody", Status: Published, Content: "Words."}
	if err := b.Save(t.Context(), p); err == nil {
		t.Error("a post without an author was kept")
	}
	if after := b.everything(t); after != before || p.ID != "" {
		t.Errorf("left was %s, and the key %q", after, p.ID)
	}
	if err := b.Save(t.Context(), &Post{AuthorID: "wren", Status: Deleted, Content: "Words."}); err == nil {
		t.Error("a post was saved as deleted")
	}
}

func TestAPreviewShowsThePageAndSavesNothing(t *testing.T) {
	b := newBench(t)
	before := b.everything(t)
	p := &Post{Title: " Jar ", Content: "In *rain*.", Tags: []string{"#Rain"}}
	b.preview(t, p)
	if p.HTML != "<p>In <em>rain</em>.</p>\n" || p.Kind != Article || p.Summary != "In rain." || p.Words != 2 || p.Tags[0] != "Rain" {
		t.Errorf("previewed was %+v", p)
	}
	if b.everything(t) != before {
		t.Error("something was saved")
	}
	if got := b.Markdown("*x*", "en"); got != "<p><em>x</em></p>\n" {
		t.Errorf("a text that is no post: %s", got)
	}
}

func TestTextThatADatabaseRefusesIsTidied(t *testing.T) {
	b := newBench(t)
	p := b.save(t, &Post{Status: Published, Title: "A\x00B\xff\x07 c", Content: "x\x00y\xff\rz", Tags: []string{"a\x00b", "\xff"}, Properties: Properties{"x": {"\x00\xff"}}})
	got := b.read(t, p.ID)
	if got.Title != "AB\uFFFD c" || got.Content != "xy\uFFFD\nz" || got.Tags[0] != "ab" {
		t.Errorf("kept were %q, %q, %q", got.Title, got.Content, got.Tags)
	}
}

func BenchmarkSave(b *testing.B) {
	s := newBench(b)
	p := s.publish(b, "Jar", words400)
	for b.Loop() {
		s.save(b, p)
	}
}

func BenchmarkListOf20In10000(b *testing.B) {
	s := newBench(b)
	fill(b, s, 10_000)
	for b.Loop() {
		if posts, err := s.List(b.Context(), List{}); err != nil || len(posts) != 20 {
			b.Fatal(len(posts), err)
		}
	}
}

func BenchmarkListDeepIn10000(b *testing.B) {
	s := newBench(b)
	fill(b, s, 10_000)
	for b.Loop() {
		if posts, err := s.List(b.Context(), List{Kind: Note, Before: "p05000"}); err != nil || len(posts) != 20 {
			b.Fatal(len(posts), err)
		}
	}
}

func BenchmarkMonthsOf10000(b *testing.B) {
	s := newBench(b)
	fill(b, s, 10_000)
	for b.Loop() {
		if months, err := s.Months(b.Context()); err != nil || len(months) < 2 {
			b.Fatal(len(months), err)
		}
	}
}

// fill writes many posts at once, an hour apart, without what Save does.
func fill(t testing.TB, b *bench, n int) {
	t.Helper()
	err := b.db.InTx(t.Context(), func(tx *database.Tx) error {
		for i := range n {
			if _, err := tx.Exec(`
				INSERT INTO posts (id, author_id, status, kind, path, slug, title, content, properties, html, summary, words, version, created_at, published_at, updated_at, deleted_at)
				VALUES ($1, 'wren', 'published', 'note', $2, '', '', $3, 'null', $3, 'Words.', 1, 1, $4, $4, $4, 0)`,
				fmt.Sprintf("p%05d", i), fmt.Sprintf("/2026/%d", i), words400, b.now().Unix()-int64(n-i)*3600); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
