package desk

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"hark/internal/auth"
)

// templateOf keeps what is typed as a template, and gives its address.
func (v *visitor) templateOf(fields url.Values, name string) string {
	v.h.t.Helper()
	fields.Set("template-name", name)
	fields.Set("do", "template")
	a := v.post("/desk/write", fields).is(http.StatusOK).says("main", "Kept as the template ‘"+name+"’")
	if got := a.fields("form.write").Get("text"); got != fields.Get("text") {
		v.h.t.Errorf("the editor says %q, want %q", got, fields.Get("text"))
	}
	return attr(v.get(templatesPath).is(http.StatusOK).all(".shelf a.voice")[0], "href")
}

func TestAPostBeginsWithATemplate(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	v.get(templatesPath).is(http.StatusOK).says("main", "There is none yet")
	fields := v.editor("/desk/write?like=https://a.example/b")
	fields.Set("title", "Week of {{date}}")
	fields.Set("text", "Rain:")
	fields.Set("visibility", "unlisted")
	at := v.templateOf(fields, "Weekly <b>note</b>")
	id := strings.TrimPrefix(at, templatesPath+"/")

	v.get("/desk/write").is(http.StatusOK).says(".begin", "Weekly <b>note</b>")
	begun := v.editor("/desk/write?template=" + id)
	if got, want := begun.Get("title"), "Week of "+h.clock.now().UTC().Format("2006-01-02"); got != want || begun.Get("visibility") != "unlisted" || begun.Get("in-reply-to") != "https://a.example/b" {
		t.Fatalf("the editor opens with %v", begun)
	}
	begun.Set("do", "draft")
	editor := v.post("/desk/write", begun).is(http.StatusSeeOther).header.Get("Location")
	if p := h.kept(strings.TrimPrefix(editor, "/desk/write/")); p.Properties.Address("like-of") != "https://a.example/b" || p.Content != "Rain:" {
		t.Errorf("the post is %+v", p)
	}

	change := v.get(at).is(http.StatusOK).fields("main form")
	stale := v.get(at).fields("main form")
	change.Set("do", "save")
	change.Set("name", "")
	v.post(at, change).is(http.StatusUnprocessableEntity).says("#wrong-name", "needs a name")
	change.Set("name", "Rain")
	change.Set("text", "Snow:")
	for range 2 { // as by a button that is pressed twice
		v.post(at, change).leadsTo(templatesPath + "?saved=" + id)
	}
	v.get(templatesPath+"?saved="+id).says(".banner", "Rain")
	stale.Set("do", "save")
	stale.Set("text", "Hail:")
	if a := v.post(at, stale).is(http.StatusConflict).says(".wrong", "saved elsewhere"); a.fields("main form").Get("text") != "Hail:" {
		t.Error("what was typed is lost")
	}
	if got := v.editor("/desk/write?template=" + id).Get("text"); got != "Snow:" {
		t.Errorf("a post begins with %q", got)
	}
	v.post(at, url.Values{"do": {"delete"}}).leadsTo(templatesPath + "?deleted")
	v.get("/desk/write?template=" + id).is(http.StatusNotFound)
	begun.Set("template", id)
	begun.Set("copy", "another")
	v.post("/desk/write", begun).is(http.StatusSeeOther) // what was begun is saved all the same
	fields.Set("template-name", "")
	fields.Set("do", "template")
	v.post("/desk/write", fields).is(http.StatusUnprocessableEntity).says("#wrong-template-name", "needs a name")
}

func TestWordsForADeletedTemplateMakeItAnew(t *testing.T) {
	v := newHouse(t).owner()
	at := v.templateOf(v.editor("/desk/write"), "Weekly")
	change := v.get(at).fields("main form")
	v.post(at, url.Values{"do": {"delete"}}).leadsTo(templatesPath + "?deleted")
	change.Set("text", "Rain and hail:")
	change.Set("do", "save")
	again := v.post(at, change).is(http.StatusNotFound).says("[role=alert]", "deleted elsewhere").fields("main form")
	if got := again.Get("text"); got != "Rain and hail:" {
		t.Fatalf("the form holds %q", got)
	}
	again.Set("do", "save")
	again.Set("name", "")
	again = v.post(at, again).is(http.StatusUnprocessableEntity).fields("main form")
	again.Set("name", "Weekly again")
	again.Set("do", "save")
	v.get(v.post(at, again).is(http.StatusSeeOther).header.Get("Location")).says(".banner", "Weekly again").says(".shelf", "Rain and hail:")
}

func TestAnAuthorHasTemplatesOfTheirOwnAlone(t *testing.T) {
	h := newHouse(t)
	owner, author, editor := h.owner(), h.person("reed", auth.Author), h.person("edith", auth.Editor)
	fields := owner.editor("/desk/write")
	fields.Set("text", "Secret plans")
	at := owner.templateOf(fields, "Plans")
	id := strings.TrimPrefix(at, templatesPath+"/")
	for _, path := range []string{at, "/desk/write?template=" + id} {
		author.get(path).is(http.StatusNotFound)
		editor.get(path).is(http.StatusOK)
	}
	for _, do := range []string{"save", "delete"} {
		author.post(at, url.Values{"do": {do}, "name": {"x"}, "version": {"1"}}).is(http.StatusNotFound)
	}
	if a := author.get(templatesPath); strings.Contains(a.body, "Plans") {
		t.Error("the list of an author has another's")
	}
	editor.get(templatesPath).is(http.StatusOK).says(".shelf", "Plans")
}
