package desk

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"hark/internal/auth"
	"hark/internal/posts"
)

// typing is what the script of an editor sends while somebody types in a tab.
func typing(fields url.Values, tab, at, words string) url.Values {
	fields.Set("tab", tab)
	fields.Set("at", at)
	fields.Set("text", words)
	return fields
}

func TestWhatIsWrittenIsKeptBeforeItIsSaved(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	fields := v.editor("/desk/write")
	key := fields.Get("copy")
	v.post("/desk/copy", typing(fields, "a", "1", "The jar was never")).is(http.StatusNoContent)
	if n, err := h.posts.Count(context.Background(), posts.Draft); err != nil || n != 0 {
		t.Fatalf("typing made %d drafts (%v)", n, err)
	}
	v.get("/desk/posts?status=draft").is(http.StatusOK).says(".shelf", "The jar was never")
	other := h.person("reed", auth.Author)
	if a := other.get("/desk/posts?status=draft"); strings.Contains(a.body, "The jar") {
		t.Error("another writer's list shows the words")
	}
	other.get("/desk/write?copy=" + key).is(http.StatusNotFound)

	again := v.editor("/desk/write?copy=" + key)
	if got := again.Get("text"); got != "The jar was never" {
		t.Fatalf("the editor opens with %q", got)
	}
	v.post("/desk/copy", typing(v.editor("/desk/write?copy="+key), "b", "2", "")).is(http.StatusNoContent)
	if strings.Contains(v.get("/desk/posts?status=draft").body, key) {
		t.Error("a text with nothing in it is kept")
	}
	v.post("/desk/copy", typing(again, "b", "3", "The jar was never meant to last.")).is(http.StatusNoContent)
	again.Set("do", "publish")
	v.post("/desk/write", again).is(http.StatusSeeOther)
	v.get("/desk/write?copy=" + key).is(http.StatusNotFound)
	v.post("/desk/copy", url.Values{"copy": {"../x"}, "tab": {"a"}, "at": {"1"}, "text": {"x"}}).is(http.StatusBadRequest)
	v.post("/desk/copy", url.Values{"copy": {"x"}, "tab": {"a"}, "at": {"soon"}, "text": {"x"}}).is(http.StatusBadRequest)
}

func TestAnEmptyEditorOffersWhatWasBegunLast(t *testing.T) {
	h := newHouse(t)
	v, other := h.owner(), h.person("reed", auth.Author)
	offers := func(v *visitor, at string, want ...string) {
		t.Helper()
		var got []string
		for _, link := range v.get(at).is(http.StatusOK).all(".banner a[href*='?copy=']") {
			got = append(got, text(link))
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s offers %q, want %q", at, got, want)
		}
	}
	offers(v, "/desk/write")
	p, editor := h.published(v, "Rain", "In a jar.")
	v.post("/desk/copy", typing(v.editor(editor), "a", "1", "In a jar of mine.")).is(http.StatusNoContent)
	offers(v, "/desk/write")
	v.post("/desk/copy", typing(v.editor("/desk/write"), "a", "1", "An old one.")).is(http.StatusNoContent)
	h.clock.pass(time.Hour)
	fields := v.editor("/desk/write")
	v.post("/desk/copy", typing(fields, "b", "1", "The jar was never")).is(http.StatusNoContent)
	offers(v, "/desk/write", "The jar was never")
	offers(v, "/desk/write?photo", "The jar was never")
	offers(v, "/desk/write/"+p.ID)
	offers(v, "/desk/write?copy="+fields.Get("copy"))
	offers(other, "/desk/write")
	fields.Set("do", "publish")
	v.post("/desk/write", fields).is(http.StatusSeeOther)
	offers(v, "/desk/write", "An old one.")
	h.clock.pass(lately)
	offers(v, "/desk/write")
}

func TestChangesOfAPostAreKeptBesideItUntilTheyArePublished(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	p, editor := h.published(v, "Rain", "In a jar.")
	stale := v.editor(editor)
	v.post("/desk/copy", typing(v.editor(editor), "a", "1", "In a bucket.")).is(http.StatusNoContent)
	if got := h.kept(p.ID).Content; got != "In a jar." {
		t.Fatalf("readers would see %q", got)
	}
	v.get("/desk/posts").says(".shelf", "changes you have not saved")
	fields := v.editor(editor)
	if got := fields.Get("text"); got != "In a bucket." {
		t.Fatalf("the editor opens with %q", got)
	}

	// A second tab that was opened before is told, with both texts.
	a := v.post("/desk/copy", typing(stale, "b", "2", "In a hat.")).is(http.StatusConflict).says(".wrong", "another tab")
	if got := text(a.one("#other")); !strings.Contains(got, "In a bucket.") {
		t.Errorf("beside it stands %q", got)
	}
	if got := a.fields("form.write").Get("text"); got != "In a hat." {
		t.Errorf("the form says %q", got)
	}

	fields.Set("do", "discard")
	v.post(editor, fields).leadsTo(editor)
	if got := v.editor(editor).Get("text"); got != "In a jar." {
		t.Errorf("after discarding, the editor opens with %q", got)
	}
}

func TestChangesThatAPostOvertookAreShownBesideIt(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	p, editor := h.published(v, "Rain", "In a jar.")
	fields := v.editor(editor)
	v.post("/desk/copy", typing(fields, "a", "1", "In a bucket.")).is(http.StatusNoContent)
	elsewhere := h.kept(p.ID)
	elsewhere.Content = "In a boot."
	if err := h.posts.Save(context.Background(), elsewhere); err != nil {
		t.Fatal(err)
	}
	v.post("/desk/copy", typing(fields, "a", "2", "In a bucket, then.")).is(http.StatusConflict).says("#other", "In a boot.")
	a := v.get(editor).is(http.StatusOK).says(".wrong", "saved elsewhere").says("#other", "In a boot.")
	fields = a.fields("form.write")
	if got := fields.Get("text"); got != "In a bucket." {
		t.Fatalf("the form says %q", got)
	}
	fields.Set("do", "publish")
	v.post(editor, fields).is(http.StatusSeeOther)
	if got := h.kept(p.ID).Content; got != "In a bucket." {
		t.Errorf("saved is %q", got)
	}
}

func TestATabThatIsSavedLeavesTheWordsOfAnother(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	_, editor := h.published(v, "Rain", "In a jar.")
	laptop := v.editor(editor)
	v.post("/desk/copy", typing(v.editor(editor), "phone", "5", "In a bucket.")).is(http.StatusNoContent)
	laptop.Set("tab", "laptop")
	laptop.Set("at", "6")
	laptop.Set("text", "In a boot.")
	laptop.Set("do", "publish")
	v.post(editor, laptop).is(http.StatusSeeOther)
	fields := v.get(editor).says(".wrong", "saved elsewhere").says("#other", "In a boot.").fields("form.write")
	if got := fields.Get("text"); got != "In a bucket." {
		t.Fatalf("the editor opens with %q", got)
	}
	fields.Set("do", "publish")
	v.post(editor, fields).is(http.StatusSeeOther)
	if a := v.get("/desk/posts"); strings.Contains(a.body, "changes you have not saved") {
		t.Error("once those were saved, the list has changes that are not")
	}

	// A new post is no different.
	fields = v.editor("/desk/write")
	key := fields.Get("copy")
	v.post("/desk/copy", typing(fields, "phone", "5", "Snow.")).is(http.StatusNoContent)
	laptop = v.editor("/desk/write?copy=" + key)
	v.post("/desk/copy", typing(fields, "phone", "6", "Snow, and wind.")).is(http.StatusNoContent)
	laptop.Set("do", "draft")
	v.post("/desk/write", laptop).leadsTo("/desk/write/" + key)
	fields = v.get("/desk/write/"+key).says(".wrong", "saved elsewhere").says("#other", "Snow.").fields("form.write")
	if got := fields.Get("text"); got != "Snow, and wind." || fields.Get("id") != key {
		t.Errorf("the editor of %s opens with %q", fields.Get("id"), got)
	}
}

func TestATabKnowsItsOwnWordsWhenItsFormComesBack(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	fields := v.editor("/desk/write")
	v.post("/desk/copy", typing(fields, "a", "5", "Rain.")).is(http.StatusNoContent) // nobody hears that
	fields.Set("slug", "No Slug")
	fields.Set("do", "publish")
	fields = v.post("/desk/write", fields).is(http.StatusUnprocessableEntity).fields("form.write")
	v.post("/desk/copy", typing(fields, "b", "6", "Rain, and wind.")).is(http.StatusNoContent)
}

func TestWhoHasTooManyUnsavedTextsIsToldAndCanStillSave(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	fields := v.editor("/desk/write")
	for n := range posts.MaxCopies {
		fields.Set("copy", fmt.Sprint("text-", n))
		v.post("/desk/copy", typing(fields, "a", "1", "Rain.")).is(http.StatusNoContent)
	}
	fields.Set("copy", "one-more")
	v.post("/desk/copy", typing(fields, "a", "1", "More rain.")).is(http.StatusUnprocessableEntity).says("main", "Save or discard some")
	fields.Set("do", "draft")
	v.post("/desk/write", fields).is(http.StatusSeeOther)
}

func TestAnEmptyTextThatCameLateTakesNoWordsAway(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	fields := v.editor("/desk/write")
	key := fields.Get("copy")
	v.post("/desk/copy", typing(fields, "a", "2", "The jar was never")).is(http.StatusNoContent)
	v.post("/desk/copy", typing(fields, "a", "1", "")).is(http.StatusNoContent)
	v.post("/desk/copy", typing(fields, "b", "3", "")).is(http.StatusConflict)
	if got := v.editor("/desk/write?copy=" + key).Get("text"); got != "The jar was never" {
		t.Errorf("the editor opens with %q", got)
	}
}

func TestTheNextEditorTellsTheBrowserWhatWasSaved(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	var want []string
	for _, button := range []string{"draft", "publish"} {
		fields := v.editor("/desk/write")
		fields.Set("text", "To "+button)
		fields.Set("do", button)
		fields.Set("at", "17")
		v.post("/desk/write", fields).is(http.StatusSeeOther)
		want = append(want, fields.Get("copy")+"-17")
	}
	if got := strings.Fields(attr(v.get("/desk/write").one("form.write"), "data-saved")); !slices.Equal(got, want[1:]) {
		t.Errorf("it tells of %q, want %q, what came before being told already", got, want[1:])
	}
	if got := attr(v.get("/desk/write").one("form.write"), "data-saved"); got != "" {
		t.Errorf("it is told again of %q", got)
	}
}
