package posts

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"hark/internal/answer/fuzztest"
	"hark/internal/media"
	"hark/internal/picture"
)

// files are those of the bench.
func (b *bench) files(t *testing.T) *media.Store {
	t.Helper()
	files, err := media.New(b.db, t.TempDir(), picture.New(), nil, b.now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { files.Close() })
	return files
}

// upload brings a file, and returns its key.
func upload(t *testing.T, files *media.Store, content string) string {
	t.Helper()
	f, err := files.Save(t.Context(), strings.NewReader("%PDF-1.7 "+content), content+".pdf", "wren")
	if err != nil {
		t.Fatal(err)
	}
	return f.Key
}

// The room of files is told by posts and working copies where each is used.
func TestWhatAPostNamesIsInUse(t *testing.T) {
	b := newBench(t)
	files := b.files(t)
	inText, inPhoto, inCopy := upload(t, files, "text"), upload(t, files, "photo"), upload(t, files, "copy")
	check := func(key string, copies int, posts ...string) {
		t.Helper()
		uses, err := files.Uses(t.Context(), key)
		if err != nil || !slices.Equal(uses[key].Posts, posts) || uses[key].Copies != copies {
			t.Errorf("%s is used %+v (%v), want %q and %d copies", key[:1], uses[key], err, posts, copies)
		}
	}
	p := b.save(t, &Post{Status: Draft, Title: "Jar", Content: "![A jar](/media/" + inText + ".jpg)",
		Properties: Properties{"photo": {map[string]any{"value": "https://blog.example/media/" + inPhoto + ".jpg", "alt": "A jar"}}}})
	check(inText, 0, p.ID)
	check(inPhoto, 0, p.ID)
	briefs, err := b.Briefs(t.Context(), p.ID, "none")
	if got := briefs[p.ID]; err != nil || len(briefs) != 1 || got.Called(nil) != "Jar" || got.Status != Draft || got.AuthorID != "wren" || got.Visibility != Public || got.Path != "" {
		t.Errorf("the brief is %+v (%v)", got, err)
	}
	p.Content = "No picture."
	b.save(t, p)
	check(inText, 0)
	check(inPhoto, 0, p.ID)

	c := &Copy{Post: p.ID, Writer: "wren", Tab: "t", Version: 1, Fields: "text=%2Fmedia%2F" + inCopy + ".jpg"}
	if err := b.KeepCopy(t.Context(), c, 0); err != nil {
		t.Fatal(err)
	}
	check(inCopy, 1)
	if err := b.DropCopy(t.Context(), c, 0); err != nil {
		t.Fatal(err)
	}
	check(inCopy, 0)
	if err := b.Delete(t.Context(), p.ID); err != nil {
		t.Fatal(err)
	}
	check(inPhoto, 0, p.ID) // it can be restored
}

// TestNoPostNamesAFileThatIsDeletedAtThatMoment has somebody delete what somebody else
// publishes at once: one of both is told no.
func TestNoPostNamesAFileThatIsDeletedAtThatMoment(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	files := b.files(t)
	saved, deleted := 0, 0
	for n := range 40 {
		key := upload(t, files, fmt.Sprint(n))
		p := &Post{AuthorID: "wren", Status: Published, Content: "![](/media/" + key + ".pdf)"}
		var both sync.WaitGroup
		var notSaved, notDeleted error
		both.Go(func() { notSaved = b.Save(t.Context(), p) })
		both.Go(func() { notDeleted = files.Delete(t.Context(), key, "wren", media.NoUse) })
		both.Wait()
		_, gone := files.File(t.Context(), key)
		invalid := (*Invalid)(nil)
		switch {
		case notSaved == nil && errors.Is(notDeleted, media.ErrInUse) && gone == nil:
			saved++
		case notDeleted == nil && errors.As(notSaved, &invalid) && invalid.Field == "text" && errors.Is(gone, media.ErrNotFound):
			deleted++
		default:
			t.Fatalf("saving says %v, deleting %v, and the file is %v", notSaved, notDeleted, gone)
		}
	}
	t.Logf("%d were published, %d deleted", saved, deleted)
}

func TestAPostNamesFilesOfThisSiteThatAreThere(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	key := strings.Repeat("a", 32)
	for text, want := range map[string]bool{
		"![](/media/" + key + ".png)":                                    false,
		"https://blog.example/media/" + key + ".png":                     false,
		"<https://blog.example/media/" + key + ".png>":                   false,
		"![](https://other.example/media/" + key + ".png)":               true,
		"![](https://other.example/blog.example/media/" + key + ".png)":  true,
		"/media/" + key[:31]:                                             true,
		"https://other.example/media/" + key + " and /media/" + key[:31]: true,
	} {
		err := b.Save(t.Context(), &Post{AuthorID: "wren", Status: Published, Content: text})
		if invalid := (*Invalid)(nil); (err == nil) != want || err != nil && !errors.As(err, &invalid) {
			t.Errorf("%s is saved: %v", text, err)
		}
	}
	photo := &Post{AuthorID: "wren", Status: Published, Properties: Properties{"photo": {"/media/" + key + ".png"}}}
	if invalid := (*Invalid)(nil); !errors.As(b.Save(t.Context(), photo), &invalid) || invalid.Field != "photo" {
		t.Errorf("a photo that is not there is %v", invalid)
	}
}

// What was there when the post was saved may be gone: it is saved again all the same,
// and what it was is restored.
func TestAPostWhoseFileIsGoneIsStillSavedAndRestored(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	files := b.files(t)
	key := upload(t, files, "a")
	p := b.save(t, &Post{Status: Published, Content: "/media/" + key})
	if err := files.Delete(t.Context(), key, "wren", media.AnyUse); err != nil {
		t.Fatal(err)
	}
	p.Content += " once"
	b.save(t, p)
	p.Content = "None."
	b.save(t, p)
	if err := b.Revert(t.Context(), p, 2); err != nil {
		t.Error(err)
	}
}

// Whoever saves keeps all others waiting meanwhile.
func TestAPostThatNamesVeryManyFilesIsRefusedAtOnce(t *testing.T) {
	b := newBench(t)
	p := b.draft(t, strings.Repeat("Rain. ", 80_000))
	var text strings.Builder
	for n := range 10_000 {
		fmt.Fprintf(&text, "/media/%032x ", n)
	}
	p.Content = text.String()
	work := fuzztest.Begin()
	err := b.Save(t.Context(), p)
	work.Holds(t, len(p.Content), 0)
	if invalid := (*Invalid)(nil); !errors.As(err, &invalid) || !strings.Contains(invalid.Text, fmt.Sprintf("/media/%032x.", 0)) {
		t.Errorf("it is saved: %v", err)
	}
}
