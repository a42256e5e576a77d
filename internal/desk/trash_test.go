package desk

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"hark/internal/auth"
	"hark/internal/mentions"
	"hark/internal/posts"
)

func TestWhatIsDeletedWaitsThirtyDaysAndThenIsGone(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	p, _ := h.published(v, "Six years", "of rain")
	v.post("/desk/posts/"+p.ID, url.Values{"do": {"delete"}}).is(http.StatusSeeOther)
	ends := h.clock.now().UTC().Add(posts.KeptFor).Format("2 January 2006")
	v.get("/desk/posts?status=deleted").is(http.StatusOK).says(".shelf .on", "gone for good on "+ends).says(".shelf details button", "Delete it for good")
	h.clock.pass(posts.KeptFor - time.Minute)
	h.work()
	if h.kept(p.ID).Status != posts.Deleted {
		t.Fatal("it is gone too early")
	}
	h.clock.pass(2 * time.Minute)
	h.work()
	v = h.owner()
	v.get("/desk/posts?status=deleted&moved="+p.ID).is(http.StatusOK).says("main", "Nothing is deleted")
	v.post("/desk/posts/"+p.ID, url.Values{"do": {"restore"}}).is(http.StatusNotFound)
}

func TestDeletingForGoodIsForDeletedPostsOfOnesOwn(t *testing.T) {
	h := newHouse(t)
	owner, author := h.owner(), h.person("reed", auth.Author)
	p, _ := h.published(owner, "Six years", "of rain")
	at := "/desk/posts/" + p.ID
	owner.post(at, url.Values{"do": {"purge"}}).is(http.StatusConflict).says("main", "not deleted any more")
	owner.post(at, url.Values{"do": {"delete"}}).is(http.StatusSeeOther)
	author.post(at, url.Values{"do": {"purge"}}).is(http.StatusNotFound)
	if h.kept(p.ID).Status != posts.Deleted {
		t.Fatal("an author has deleted for good what is another's")
	}
	owner.post(at, url.Values{"do": {"purge"}}).leadsTo("/desk/posts?purged&status=deleted")
	owner.get("/desk/posts?purged&status=deleted").is(http.StatusOK).says(".banner", "Deleted for good")
	owner.post(at, url.Values{"do": {"purge"}}).is(http.StatusNotFound)
}

func TestWordsTypedIntoAPostThatIsGoneAreNotLost(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	p, editor := h.published(v, "Six years", "of rain")
	fields := v.editor(editor)
	fields.Set("text", "of rain, and more")
	v.post("/desk/posts/"+p.ID, url.Values{"do": {"delete"}}).is(http.StatusSeeOther)
	v.post("/desk/posts/"+p.ID, url.Values{"do": {"purge"}}).is(http.StatusSeeOther)
	fields.Set("do", "publish")
	a := v.post(editor, fields).is(http.StatusNotFound).says(".wrong", "not here any more")
	again := a.fields("form.write")
	if again.Get("text") != "of rain, and more" || again.Get("id") != "" {
		t.Fatalf("the form has %v", again)
	}
	again.Set("do", "draft")
	v.post("/desk/write", again).is(http.StatusSeeOther)
}

func TestRestoringIsTakenBackToo(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	p, _ := h.published(v, "Six years", "of rain")
	for _, do := range []string{"delete", "restore"} {
		v.post("/desk/posts/"+p.ID, url.Values{"do": {do}}).is(http.StatusSeeOther)
	}
	a := v.get("/desk/posts?moved="+p.ID).is(http.StatusOK).says(".banner", "is back where it was")
	if got := attr(a.one(".banner button"), "value"); got != "delete" || !strings.Contains(text(a.one(".banner button")), "Undo") {
		t.Errorf("the button does %q", got)
	}
}

func TestAnOldFormOfAPostThatIsGoneMakesAnotherWithoutItsAnswers(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	form := v.editor("/desk/write")
	form.Set("text", "Six years of rain.")
	form.Set("do", "publish")
	v.post("/desk/write", form).is(http.StatusSeeOther)
	first := h.kept(form.Get("copy"))
	h.seed(first, seeded{state: mentions.Shown})
	v.post("/desk/posts/"+first.ID, url.Values{"do": {"delete"}}).is(http.StatusSeeOther)
	v.post("/desk/posts/"+first.ID, url.Values{"do": {"purge"}}).is(http.StatusSeeOther)

	form.Set("at", "1")
	form.Set("tab", "a")
	v.post("/desk/copy", form).is(http.StatusNoContent) // the tab is still open
	a := v.post("/desk/write", form).is(http.StatusConflict).says(".wrong", "not here any more")
	again := a.fields("form.write")
	if again.Get("text") != "Six years of rain." || again.Get("copy") == form.Get("copy") || again.Get("id") != "" {
		t.Fatalf("the form came back with %v", again)
	}
	again.Set("do", "publish")
	at := v.post("/desk/write", again).is(http.StatusSeeOther).header.Get("Location")
	v.post("/desk/write", again).is(http.StatusSeeOther) // pressed twice
	second, err := h.posts.ByPath(t.Context(), at)
	if err != nil || second.ID == first.ID {
		t.Fatalf("it became %+v, %v", second, err)
	}
	if found, err := h.inbox.Answers(t.Context(), second.ID, 1); err != nil || len(found.Threads) != 0 {
		t.Errorf("beneath the new one there are %+v, %v", found, err)
	}
	if n, err := h.posts.Count(t.Context(), posts.Published); err != nil || n != 1 {
		t.Errorf("%d posts are published, %v", n, err)
	}
	if left, err := h.posts.Copies(t.Context(), h.user().ID); err != nil || len(left) != 0 {
		t.Errorf("%d texts wait unsaved, %v", len(left), err)
	}
	h.work()
	if h.kept(second.ID).Status != posts.Published {
		t.Error("the new one went with the old one")
	}
}
