package desk

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"hark/internal/auth"
	"hark/internal/posts"
)

// changes publishes a change of a post in the editor.
func (v *visitor) changes(editor string, fields url.Values, name, value string) {
	v.h.t.Helper()
	fields.Set(name, value)
	fields.Set("do", "publish")
	v.post(editor, fields).is(http.StatusSeeOther)
}

func TestWhatAPostWasIsShownComparedAndRestored(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	p, editor := h.published(v, "Rain", "The jar was never meant to last.\n\nUntil then.")
	at := "/desk/posts/" + p.ID + "/revisions"
	v.get(at).is(http.StatusOK).says("main", "There is only this one yet")
	h.clock.pass(time.Hour)
	v.changes(editor, v.editor(editor), "text", "The jar was not meant to last.\n\nUntil then.")
	h.clock.pass(time.Hour)
	fields := v.editor(editor)
	fields.Set("tags", "jar, <b>")
	v.changes(editor, fields, "visibility", "private")

	a := v.get(at).is(http.StatusOK).says("main", "The text is the same").says("table", "Tagsnothingjar, <b>").says("table", "everybodyonly who may change it")
	if got := len(a.all(".past li")); got != 3 {
		t.Fatalf("%d versions are listed, want 3", got)
	}
	first := attr(a.all(".past li:last-child a")[0], "href")
	a = v.get(first).is(http.StatusOK).says(".differs del", "never").says(".differs ins", "not").says(".edit", "Changed:")
	if got := a.fields(`form[method=get]`); got.Get("from") != "1" || got.Get("to") != "3" {
		t.Errorf("compared are %v", got)
	}
	same := v.get(at+"?from=3&to=1").is(http.StatusOK).says(".differs del", "never") // the older one first, however it is asked
	for _, odd := range []string{"?from=1&to=1", "?from=x&to=", "?from=99999999999999999999&to=-1"} {
		same = v.get(at + odd).is(http.StatusOK)
	}
	same.one("table")

	restore := a.fields(`form[action="` + at + `"][method=post]`)
	h.clock.pass(time.Hour)
	to := v.post(at, restore).is(http.StatusSeeOther).header.Get("Location")
	now := h.kept(p.ID)
	if !strings.Contains(now.Content, "never") || len(now.Tags) != 0 || now.Visibility != posts.Private || now.Version != 4 {
		t.Fatalf("restored is %+v", now)
	}
	done := v.get(to).is(http.StatusOK).says(".banner", "says again what it said on")
	v.post(at, restore).is(http.StatusConflict).says(".wrong", "saved elsewhere meanwhile")
	undo := done.fields(".banner")
	undo.Set("do", "undo")
	v.post("/desk/posts/"+p.ID, undo).leadsTo(now.Path)
	if now = h.kept(p.ID); !strings.Contains(now.Content, "not meant") || len(now.Tags) != 2 || now.Version != 5 {
		t.Errorf("after undoing it is %+v", now)
	}
	v.post("/desk/posts/"+p.ID, undo).is(http.StatusConflict).says("main", "cannot be undone any more")
	restore.Set("version", "5")
	restore.Set("to", "77")
	v.post(at, restore).is(http.StatusNotFound).says(".wrong", "not kept any more")
	restore.Set("to", "soon")
	v.post(at, restore).is(http.StatusBadRequest)
}

func TestPublishingIsTakenBackWithinAMoment(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	p, editor := h.published(v, "Rain", "Too soon.")
	v.post("/desk/posts/"+p.ID, url.Values{"do": {"undo"}, "version": {"1"}}).leadsTo(editor)
	if now := h.kept(p.ID); now.Status != posts.Draft || now.Content != "Too soon." {
		t.Errorf("it is %+v", now)
	}
	v.get(editor).is(http.StatusOK).says("#status", "A draft")
	v.changes(editor, v.editor(editor), "text", "In time.")
	if now := h.kept(p.ID); now.Path != p.Path {
		t.Errorf("it stands at %s, was at %s", now.Path, p.Path)
	}
	h.clock.pass(11 * time.Minute)
	v.post("/desk/posts/"+p.ID, url.Values{"do": {"undo"}, "version": {"3"}}).is(http.StatusConflict)
}

func TestAnAuthorSeesEarlierVersionsOfTheirOwnAlone(t *testing.T) {
	h := newHouse(t)
	owner, author, editor := h.owner(), h.person("reed", auth.Author), h.person("edith", auth.Editor)
	theirs, path := h.published(owner, "Secret plans", "Old words.")
	owner.changes(path, owner.editor(path), "text", "New words.")
	own, ownPath := h.published(author, "My own", "Old words.")
	at := "/desk/posts/" + theirs.ID
	for _, address := range []string{at + "/revisions", at + "/revisions?from=1&to=2"} {
		author.get(address).is(http.StatusNotFound)
	}
	author.post(at+"/revisions", url.Values{"version": {"2"}, "to": {"1"}}).is(http.StatusNotFound)
	author.post(at, url.Values{"do": {"undo"}, "version": {"2"}}).is(http.StatusNotFound)
	// One's own page does not show another's post.
	author.post("/desk/posts/"+own.ID+"/revisions", url.Values{"version": {"1"}, "to": {"2"}}).is(http.StatusNotFound)
	if now := h.kept(theirs.ID); now.Content != "New words." {
		t.Fatalf("it says %q", now.Content)
	}
	editor.changes(ownPath, editor.editor(ownPath), "text", "Edited words.")
	a := author.get("/desk/posts/" + own.ID + "/revisions").is(http.StatusOK)
	if rows := a.all(".past li"); !strings.Contains(text(rows[0]), "by Edith") || !strings.Contains(text(rows[1]), "by Reed") {
		t.Errorf("the list says %q", text(a.one(".past")))
	}
}

func TestAVersionThatCannotBePublishedIsRefusedInWords(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	fields := v.editor("/desk/write")
	fields.Set("do", "draft")
	fields.Set("title", "Empty")
	editor := v.post("/desk/write", fields).is(http.StatusSeeOther).header.Get("Location")
	v.changes(editor, v.editor(editor), "text", "Words.")
	id := strings.TrimPrefix(editor, "/desk/write/")
	v.post("/desk/posts/"+id+"/revisions", url.Values{"version": {"2"}, "to": {"1"}}).is(http.StatusUnprocessableEntity).says(".wrong", "cannot be restored as they are")
}

func TestHostileWordsStayWordsInADifference(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	p, editor := h.published(v, "<script>1</script>", "<img src=x onerror=alert(1)> a")
	fields := v.editor(editor)
	fields.Set("title", "</title><script>2</script>")
	v.changes(editor, fields, "text", "</div><script>alert(2)</script> "+strings.Repeat("long", 3000))
	now := h.kept(p.ID)
	now.Properties = posts.Properties{"<x>": {map[string]any{"value": "</td>", "alt": strings.Repeat("y", 5000)}}, "Tags": {"forged"}}
	if err := h.posts.Save(t.Context(), now); err != nil {
		t.Fatal(err)
	}
	for _, query := range []string{"", "?from=1&to=3", "?from=2&to=3&restored=2", "?restored=%3Cscript%3E"} {
		a := v.get(fmt.Sprintf("/desk/posts/%s/revisions%s", p.ID, query)).is(http.StatusOK)
		if scripts, images := a.all("script:not([src])"), a.all("main img"); len(scripts)+len(images) > 0 {
			t.Errorf("%s: what was written is a part of the page", query)
		}
	}
}
