package posts

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

func (b *bench) revisions(t *testing.T, p *Post) []*Post {
	t.Helper()
	list, err := b.Revisions(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestEachChangeKeepsWhatThePostWas(t *testing.T) {
	b := newBench(t)
	first := &Post{
		Status: Published, Title: "Jar", Content: "In a jar.", Tags: []string{"rain", "jar"}, Properties: Properties{"photo": {"/media/1.jpg"}},
		Visibility: Unlisted, Closed: true, Quiet: []string{"https://a.example/"}, Pinned: true, Lang: "de", Series: "Rain", SavedBy: "edith",
	}
	b.save(t, first)
	was := *first
	b.pass(time.Hour)
	p := b.read(t, first.ID)
	p.Title, p.Content, p.Tags, p.Visibility, p.SavedBy = "Bucket", "In a bucket.", nil, Public, "wren"
	b.save(t, p)
	if p = b.read(t, p.ID); p.SavedBy != "wren" {
		t.Errorf("it was saved by %q", p.SavedBy)
	}
	b.save(t, p) // nothing has changed
	list := b.revisions(t, p)
	if len(list) != 1 {
		t.Fatalf("there are %d revisions, want 1", len(list))
	}
	was.HTML, was.Summary, was.Words = "", "", 3
	if !reflect.DeepEqual(*list[0], was) {
		t.Errorf("kept is\n%+v\nwant\n%+v", *list[0], was)
	}
	if one, err := b.Revision(t.Context(), p, 1); err != nil || !reflect.DeepEqual(one, list[0]) {
		t.Errorf("alone it is %+v, %v", one, err)
	}
	if _, err := b.Revision(t.Context(), p, 2); !errors.Is(err, ErrNotFound) {
		t.Errorf("one that is not there is answered %v", err)
	}
}

func TestWhatIsKeptOfAPostIsBounded(t *testing.T) {
	b := newBench(t)
	p := b.draft(t, "Words.")
	for n := range maxRevisions + 5 {
		p.Content = fmt.Sprint("Words, ", n)
		b.save(t, p)
	}
	if list := b.revisions(t, p); len(list) != maxRevisions || list[0].Version != p.Version-1 {
		t.Errorf("%d are kept, the newest is %d", len(list), list[0].Version)
	}
	large := strings.Repeat("w", MaxContent-10)
	for n := range 12 {
		p.Content = fmt.Sprint(large, n)
		b.save(t, p)
	}
	list, size := b.revisions(t, p), 0
	for _, r := range list {
		size += len(r.Content)
	}
	if len(list) < 5 || size > maxRevisionBytes {
		t.Errorf("%d are kept of %d bytes", len(list), size)
	}
}

func TestAPostIsGivenEarlierWordsAndStaysWhereItIs(t *testing.T) {
	b := newBench(t)
	p := b.save(t, &Post{Status: Published, Title: "Jar", Content: "In a jar.", Tags: []string{"rain"}, Properties: Properties{"mood": {"fine"}}})
	p.Title, p.Content, p.Tags, p.Properties, p.Visibility, p.Slug = "Bucket", "In a bucket.", []string{"tin"}, nil, Private, "bucket"
	b.save(t, p)
	stale := *p
	b.pass(time.Minute)
	p.SavedBy = "edith"
	if err := b.Revert(t.Context(), p, 1); err != nil {
		t.Fatal(err)
	}
	p = b.read(t, p.ID)
	if p.Title != "Jar" || p.Content != "In a jar." || !reflect.DeepEqual(p.Tags, []string{"rain"}) || !reflect.DeepEqual(p.Properties, Properties{"mood": {"fine"}}) {
		t.Errorf("it says %+v", p)
	}
	if p.Visibility != Private || p.Path != "/2026/bucket" || p.Version != 3 || p.SavedBy != "edith" {
		t.Errorf("it stands at %s, %s, version %d by %q", p.Path, p.Visibility, p.Version, p.SavedBy)
	}
	if err := b.Revert(t.Context(), &stale, 1); !errors.Is(err, ErrChanged) {
		t.Errorf("who has not seen the newest is answered %v", err)
	}
	if err := b.Revert(t.Context(), p, 99); !errors.Is(err, ErrNotFound) {
		t.Errorf("a revision that is not there is answered %v", err)
	}
	if got := b.revisions(t, p); len(got) != 2 || got[0].Title != "Bucket" {
		t.Errorf("kept are %+v", got)
	}
}

func TestAPublishedPostIsNotGivenTheWordsOfAnEmptyDraft(t *testing.T) {
	b := newBench(t)
	p := b.draft(t, "")
	p.Status, p.Content = Published, "Words."
	b.save(t, p)
	if err := b.Revert(t.Context(), p, 1); !errors.As(err, new(*Invalid)) {
		t.Errorf("it is answered %v", err)
	}
}

func TestAChangeIsTakenBackAltogether(t *testing.T) {
	b := newBench(t)
	p := b.save(t, &Post{Status: Published, Title: "Jar", Content: "In a jar.", Visibility: Unlisted})
	b.pass(time.Hour)
	p.Title, p.Visibility, p.Slug, p.Published = "Bucket", Public, "bucket", p.Published.AddDate(-1, 0, 0)
	b.save(t, p)
	if p.Path != "/2025/bucket" {
		t.Fatalf("it stands at %s", p.Path)
	}
	stale := *p
	b.pass(9 * time.Minute)
	if what, err := b.Undoable(t.Context(), p); what != Change || err != nil {
		t.Fatalf("to take back there is %q, %v", what, err)
	}
	if err := b.Undo(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	if p = b.read(t, p.ID); p.Title != "Jar" || p.Visibility != Unlisted || p.Path != "/2026/jar" || p.Version != 3 {
		t.Errorf("it is %+v", p)
	}
	if err := b.Undo(t.Context(), &stale); !errors.Is(err, ErrChanged) {
		t.Errorf("who has not seen that is answered %v", err)
	}
	if err := b.Undo(t.Context(), p); err != nil || b.read(t, p.ID).Title != "Bucket" {
		t.Errorf("taking that back again is answered %v", err)
	}
	b.pass(11 * time.Minute)
	if err := b.Undo(t.Context(), b.read(t, p.ID)); !errors.Is(err, ErrTooLate) {
		t.Errorf("later it is answered %v", err)
	}
}

func TestAPostThatWasJustPublishedIsADraftAgain(t *testing.T) {
	b := newBench(t)
	once := b.publish(t, "Jar", "In a jar.")
	draft := b.save(t, &Post{Status: Draft, Title: "Hat", Content: "In a hat."})
	b.pass(time.Hour)
	draft.Status, draft.Content = Published, "In a tall hat."
	b.save(t, draft)
	if what, err := b.Undoable(t.Context(), once); what != Nothing || err != nil {
		t.Errorf("an hour later there is %q to take back, %v", what, err)
	}
	b.jobs(t)
	if err := b.Undo(t.Context(), draft); err != nil {
		t.Fatal(err)
	}
	p := b.read(t, draft.ID)
	if p.Status != Draft || p.Path != "" || p.Content != "In a tall hat." || !p.Published.IsZero() || p.Slug != "hat" {
		t.Errorf("it is %+v", p)
	}
	if _, err := b.ByPath(t.Context(), "/2026/hat"); !errors.Is(err, ErrNotFound) {
		t.Errorf("at its address is %v", err)
	}
	if n := b.jobs(t); n != 1 {
		t.Errorf("%d jobs tell of it, want 1", n)
	}
	if other := b.publish(t, "Hat", "Another."); other.Path != "/2026/hat-2" {
		t.Errorf("its address was given to another: %s", other.Path)
	}
	p.Status = Published
	if b.save(t, p); p.Path != "/2026/hat" {
		t.Errorf("published again it stands at %s", p.Path)
	}
	if err := b.Delete(t.Context(), p.ID); err != nil {
		t.Fatal(err)
	}
	if what, err := b.Undoable(t.Context(), b.read(t, p.ID)); what != Nothing || err != nil {
		t.Errorf("of a deleted one there is %q to take back, %v", what, err)
	}
}

func TestTagsInTheWordsOfAnEarlierVersionStayInTheWords(t *testing.T) {
	b := newBench(t)
	p := b.save(t, &Post{Status: Published, Title: "Jar", Content: "In a jar, #rain.", Tags: []string{"tin"}})
	b.save(t, p) // nothing has changed
	if list := b.revisions(t, p); len(list) != 0 {
		t.Errorf("a save that changes nothing keeps %d versions", len(list))
	}
	p.Content = "In a bucket."
	b.save(t, p)
	if err := b.Undo(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	if p = b.read(t, p.ID); !slices.Equal(p.Tags, []string{"tin"}) || !slices.Equal(p.Hashtags, []string{"rain"}) {
		t.Errorf("it has the tags %v, and in its words %v", p.Tags, p.Hashtags)
	}
}
