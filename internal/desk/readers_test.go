package desk

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"hark/internal/posts"
)

const jane, otis = "https://jane.example/", "https://otis.example/"

func TestTheEditorSaysForWhomAPrivatePostIs(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	p, editor := h.published(v, "Letter", "Words.")
	v.get(editor).says("#audience-hint", "They cannot sign in here yet")

	fields := v.editor(editor)
	fields.Set("audience", "jane.example\r\n\r\n https://otis.example \r\n")
	v.changes(editor, fields, "visibility", "people")
	if p := h.kept(p.ID); p.Visibility != posts.Private || !slices.Equal(p.Audience, []string{jane, otis}) {
		t.Errorf("it is %s for %q", p.Visibility, p.Audience)
	}
	fields = v.editor(editor)
	if got := []string{fields.Get("visibility"), strings.TrimSpace(fields.Get("audience"))}; !slices.Equal(got, []string{"people", jane + "\n" + otis}) {
		t.Errorf("the editor shows %q", got)
	}
	v.get("/desk/posts/"+p.ID+"/revisions").is(http.StatusOK).says("main", "For these people")

	for typed, words := range map[string]string{"": "For whom?", " \r\n": "For whom?", "Jane Doe": "Jane Doe is no address", jane + "\r\njane@jane.example": "jane@jane.example is no address"} {
		fields.Set("audience", typed)
		fields.Set("text", "What was typed.")
		fields.Set("do", "publish")
		a := v.post(editor, fields).is(http.StatusUnprocessableEntity)
		a.says("#wrong-audience", words)
		again := a.fields("form.write")
		if again.Get("visibility") != "people" || strings.TrimSpace(again.Get("audience")) != strings.TrimSpace(strings.ReplaceAll(typed, "\r\n", "\n")) || !strings.Contains(again.Get("text"), "What was typed.") {
			t.Errorf("what was typed comes back as %q", again)
		}
	}
	for _, chosen := range []string{"public", "unlisted", "private"} {
		fields.Set("audience", jane)
		fields.Set("visibility", chosen)
		v.post(editor, fields).is(http.StatusUnprocessableEntity).says("#wrong-audience", "something else is chosen")
	}
	if p := h.kept(p.ID); p.Visibility != posts.Private || !slices.Equal(p.Audience, []string{jane, otis}) {
		t.Errorf("what was refused has made it for %q", p.Audience)
	}
	fields = v.editor(editor)
	fields.Set("audience", "")
	v.changes(editor, fields, "visibility", "private")
	if p := h.kept(p.ID); p.Visibility != posts.Private || len(p.Audience) != 0 {
		t.Errorf("private alone it is %s for %q", p.Visibility, p.Audience)
	}
	fields = v.editor(editor)
	fields.Del("audience")
	fields.Del("visibility") // as an old tab, that knows nothing of it
	p = h.kept(p.ID)
	p.Audience = []string{jane}
	if err := h.posts.Save(context.Background(), p); err != nil {
		t.Fatal(err)
	}
	fields.Set("version", v.editor(editor).Get("version"))
	v.changes(editor, fields, "title", "Another")
	if p := h.kept(p.ID); p.Visibility != posts.Private || !slices.Equal(p.Audience, []string{jane}) {
		t.Errorf("a form without it makes it %s for %q", p.Visibility, p.Audience)
	}
}

func TestTheOwnerOpensTheDoorOfReadersAndEndsTheirStays(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	page := v.get(readersPath).is(http.StatusOK)
	page.says("main", "Nobody is.")
	fields := page.fields("main form")
	if got := fields["readers"]; !slices.Equal(got, []string{"no"}) {
		t.Errorf("at first it says %q", got)
	}
	open := func() bool {
		chosen, err := h.settings.Readers(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		return chosen.Open()
	}
	if open() {
		t.Error("the door is open from the beginning")
	}
	v.post(readersPath, url.Values{"readers": {"no", "yes"}, "do": {"save"}}).leadsTo(readersPath + "?saved")
	if !open() {
		t.Error("it does not open")
	}
	v.get("/desk/write").says("#audience-hint", "They sign in by it")

	token, err := h.visitors.Admit(context.Background(), jane, "")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.visitors.Admit(context.Background(), otis, ""); err != nil {
		t.Fatal(err)
	}
	page = v.get(readersPath).is(http.StatusOK)
	page.says("main .shelf", "jane.example")
	v.post(readersPath, url.Values{"do": {"end"}, "address": {jane}}).leadsTo(readersPath + "?ended")
	if who, err := h.visitors.Who(context.Background(), token); err == nil {
		t.Errorf("%s is still known", who)
	}
	if left := text(v.get(readersPath + "?ended").one("main .shelf")); strings.Contains(left, "jane") || !strings.Contains(left, "otis.example") {
		t.Errorf("listed are %q", left)
	}
	v.post(readersPath, url.Values{"do": {"something"}}).is(http.StatusBadRequest)
	v.post(readersPath, url.Values{"readers": {"no"}, "do": {"save"}}).leadsTo(readersPath + "?saved")
	if open() {
		t.Error("it does not shut")
	}
}
