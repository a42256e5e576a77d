package posts

import (
	"slices"
	"strings"
	"testing"

	"hark/internal/media"
	"hark/internal/picture"
)

// The room of files is told by posts and working copies where each is used.
func TestWhatAPostNamesIsInUse(t *testing.T) {
	b := newBench(t)
	files, err := media.New(b.db, t.TempDir(), picture.New(), nil, b.now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { files.Close() })
	inText, inPhoto, inCopy := strings.Repeat("a", 32), strings.Repeat("b", 32), strings.Repeat("c", 32)
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
	if err := b.DropCopy(t.Context(), p.ID, "wren"); err != nil {
		t.Fatal(err)
	}
	check(inCopy, 0)
	if err := b.Delete(t.Context(), p.ID); err != nil {
		t.Fatal(err)
	}
	check(inPhoto, 0, p.ID) // it can be restored
}
