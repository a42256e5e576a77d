package desk

import (
	"context"
	"net/http"
	"net/url"
	"path"
	"strings"
	"testing"
	"time"

	"hark/internal/auth"
	"hark/internal/database"
	"hark/internal/posts"
)

// editor is the form at an address, filled as it comes.
func (v *visitor) editor(path string) url.Values {
	v.h.t.Helper()
	return v.get(path).is(http.StatusOK).fields("form.write")
}

// published is a post that is out, and the path of its editor.
func (h *house) published(v *visitor, title, words string) (p *posts.Post, editor string) {
	h.t.Helper()
	fields := v.editor("/desk/write")
	fields.Set("title", title)
	fields.Set("text", words)
	fields.Set("do", "publish")
	a := v.post("/desk/write", fields).is(http.StatusSeeOther)
	p, err := h.posts.ByPath(context.Background(), a.header.Get("Location"))
	if err != nil {
		h.t.Fatal(err)
	}
	return p, "/desk/write/" + p.ID
}

// kept reads a post as it is kept.
func (h *house) kept(id string) *posts.Post {
	h.t.Helper()
	p, err := h.posts.ByID(context.Background(), id)
	if err != nil {
		h.t.Fatal(err)
	}
	return p
}

func TestPublishingLeadsToThePost(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	fields := v.editor("/desk/write")
	for name, value := range map[string]string{
		"title": "Six years of rain", "text": "In a *jam jar*.", "tags": "rain, jars", "slug": "rain", "do": "publish",
		"in-reply-to": "https://juniperhale.example/wind", "published": "2026-01-02T08:30:00",
	} {
		if name != "do" && !fields.Has(name) {
			t.Errorf("the editor has no field %s", name)
		}
		fields.Set(name, value)
	}
	v.post("/desk/write", fields).leadsTo("/2026/rain")
	p, err := h.posts.ByPath(context.Background(), "/2026/rain")
	if err != nil {
		t.Fatal(err)
	}
	if p.Title != "Six years of rain" || p.Content != "In a *jam jar*." || strings.Join(p.Tags, "|") != "rain|jars" || p.Kind != posts.Reply ||
		p.Properties.Address("in-reply-to") != "https://juniperhale.example/wind" || p.Published.Format(moment) != "2026-01-02T08:30:00" {
		t.Errorf("kept is %+v", p)
	}
}

func TestTheKindFollowsFromTheFields(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	if p, _ := h.published(v, "", "A line."); p.Kind != posts.Note {
		t.Errorf("without a title it is a %s, want a note", p.Kind)
	}
	if p, _ := h.published(v, "A title", "A line."); p.Kind != posts.Article {
		t.Errorf("with a title it is a %s, want an article", p.Kind)
	}
}

func TestTheBookmarkletFillsInWhatIsAnswered(t *testing.T) {
	v := newHouse(t).owner()
	if got := v.get("/desk/write?reply=" + url.QueryEscape("https://a.example/b?c=d")).value("in-reply-to"); got != "https://a.example/b?c=d" {
		t.Errorf("it answers %q", got)
	}
}

func TestADraftIsKeptAndPublishedLater(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	fields := v.editor("/desk/write")
	fields.Set("text", "Half a thought")
	fields.Set("do", "draft")
	editor := v.post("/desk/write", fields).is(http.StatusSeeOther).header.Get("Location")
	a := v.get(editor).is(http.StatusOK).says("#status", "A draft, saved a moment ago.")
	fields = a.fields("form.write")
	if fields.Get("text") != "Half a thought" || fields.Get("id") == "" || fields.Get("version") != "1" {
		t.Fatalf("the editor holds %v", fields)
	}
	fields.Set("text", "A whole thought")
	fields.Set("do", "publish")
	v.post(editor, fields).leadsTo("/2026/a-whole-thought")
	fields.Set("do", "draft")
	fields.Set("version", "2")
	v.post(editor, fields).is(http.StatusUnprocessableEntity).says("[role=alert]", "published already")
}

func TestAnEditChangesWhatWasTypedAndNothingElse(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	cite := map[string]any{"type": []any{"h-cite"}, "properties": map[string]any{"url": []any{"https://a.example/"}}}
	p := &posts.Post{AuthorID: h.user().ID, Status: posts.Published, Content: "Yes.", Tags: []string{"One tag", "two"},
		Properties: posts.Properties{"in-reply-to": {cite}, "location": {"geo:1,2"}}}
	if err := h.posts.Save(context.Background(), p); err != nil {
		t.Fatal(err)
	}
	h.clock.pass(time.Hour)
	fields := v.editor("/desk/write?id=" + p.ID)
	fields.Set("text", "Yes, indeed.")
	fields.Set("do", "publish")
	v.post("/desk/write", fields).leadsTo(p.Path)
	got := h.kept(p.ID)
	if got.Content != "Yes, indeed." || got.Published.Unix() != p.Published.Unix() || strings.Join(got.Tags, "|") != "One tag|two" || got.Properties.Address("location") != "geo:1,2" {
		t.Errorf("kept is %+v", got)
	}
	if _, whole := got.Properties["in-reply-to"][0].(map[string]any); !whole {
		t.Errorf("what it answers became %v", got.Properties["in-reply-to"])
	}
	fields = v.editor("/desk/write/" + p.ID)
	fields.Set("in-reply-to", "")
	fields.Set("published", "")
	fields.Set("do", "publish")
	v.post("/desk/write", fields).leadsTo(p.Path)
	if got := h.kept(p.ID); got.Kind != posts.Note || got.Published.Unix() != p.Published.Unix() {
		t.Errorf("emptied, it is a %s of %s", got.Kind, got.Published)
	}
}

func TestEveryMistakeStandsBesideItsFieldAndNothingTypedIsLost(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	for field, bad := range map[string]string{
		"title":       strings.Repeat("t", 301),
		"text":        "",
		"tags":        strings.Repeat("a", 61),
		"slug":        "No Such Address",
		"in-reply-to": "javascript:alert(1)",
		"published":   "the day before",
	} {
		typed := url.Values{
			"id": {""}, "version": {""}, "title": {"A title"}, "text": {"\n  Words, and \"more\" </textarea>"}, "tags": {"x, y"},
			"slug": {"here"}, "in-reply-to": {""}, "published": {""}, "do": {"publish"},
		}
		typed.Set(field, bad)
		a := v.post("/desk/write", typed).is(http.StatusUnprocessableEntity)
		a.one("#wrong-" + field)
		if got := attr(a.one(`[name="`+field+`"]`), "aria-describedby"); !strings.Contains(got, "wrong-"+field) {
			t.Errorf("%s is described by %q, want its mistake", field, got)
		}
		for name := range typed {
			if got := a.value; name != "do" && got(name) != typed.Get(name) {
				t.Errorf("after a mistake in %s, %s holds %q, want %q", field, name, got(name), typed.Get(name))
			}
		}
	}
	if n, err := h.posts.Count(context.Background(), posts.Published); err != nil || n != 0 {
		t.Errorf("%d posts are published (%v), want none", n, err)
	}
}

func TestAPreviewSavesNothing(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	fields := v.editor("/desk/write")
	fields.Set("title", "A title")
	fields.Set("text", "Some *words*.<script>alert(1)</script>")
	fields.Set("in-reply-to", "https://a.example/b")
	fields.Set("do", "preview")
	a := v.post("/desk/write", fields).is(http.StatusOK)
	a.says(".preview .text em", "words").says(".preview", "A title").says(".preview .cite", "In reply to a.example/b")
	if got := a.fields("form.write").Get("text"); got != fields.Get("text") {
		t.Errorf("the form holds %q, want %q", got, fields.Get("text"))
	}
	part := v.post("/desk/preview", fields).is(http.StatusOK)
	part.says(".text em", "words").says("body", "A title")
	if strings.Contains(part.body, "<html") || strings.Contains(part.body, "<form") || strings.Contains(part.body, "<script") {
		t.Errorf("the script gets more than the preview: %s", part.body)
	}
	for _, status := range []posts.Status{posts.Draft, posts.Published} {
		if n, err := h.posts.Count(context.Background(), status); err != nil || n != 0 {
			t.Errorf("%d posts are %s (%v), want none", n, status, err)
		}
	}
}

func TestTwoTabsDoNotOverwriteOneAnother(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	p, editor := h.published(v, "", "As it was")
	mine, theirs := v.editor(editor), v.editor(editor)
	theirs.Set("text", "As the other tab has it")
	theirs.Set("do", "publish")
	v.post("/desk/write", theirs).leadsTo(p.Path)

	mine.Set("text", "As I have it")
	mine.Set("tags", "mine")
	mine.Set("do", "publish")
	a := v.post("/desk/write", mine).is(http.StatusConflict)
	a.says("[role=alert]", "saved elsewhere")
	if got := text(a.one("#other")); got != "As the other tab has it" {
		t.Errorf("beside it stands %q", got)
	}
	if got := h.kept(p.ID).Content; got != "As the other tab has it" {
		t.Fatalf("kept is %q before anybody has decided", got)
	}
	again := a.fields("form.write")
	if again.Get("text") != "As I have it" || again.Get("tags") != "mine" || again.Get("version") != "2" {
		t.Fatalf("the form holds %v", again)
	}
	again.Set("do", "publish")
	v.post("/desk/write", again).leadsTo(p.Path)
	if got := h.kept(p.ID).Content; got != "As I have it" {
		t.Errorf("kept is %q", got)
	}
}

func TestAFormThatIsSentTwiceMakesOnePost(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	for _, button := range []string{"publish", "draft"} {
		fields := v.editor("/desk/write")
		fields.Set("text", "Pressed twice, to "+button)
		fields.Set("tags", "Rain, rain")
		fields.Set("do", button)
		const presses = 4
		lead := make(chan string, presses)
		for range presses {
			go func() {
				r, _ := http.NewRequest(http.MethodPost, h.URL+"/desk/write", strings.NewReader(fields.Encode()))
				r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
				res, err := v.Do(r)
				if err != nil {
					lead <- err.Error()
					return
				}
				res.Body.Close()
				lead <- res.Status + " " + res.Header.Get("Location")
			}()
		}
		first := <-lead
		if !strings.HasPrefix(first, "303 ") {
			t.Errorf("to %s is answered by %s", button, first)
		}
		for range presses - 1 {
			if again := <-lead; again != first {
				t.Errorf("to %s leads to %s, pressed again to %s", button, first, again)
			}
		}
	}
	for _, status := range []posts.Status{posts.Published, posts.Draft} {
		if n, err := h.posts.Count(context.Background(), status); err != nil || n != 1 {
			t.Errorf("%d posts are %s (%v), want 1", n, status, err)
		}
	}

	p, editor := h.published(v, "", "As it was")
	fields := v.editor(editor)
	fields.Set("text", "As it is")
	fields.Set("do", "publish")
	v.post("/desk/write", fields).leadsTo(p.Path)
	v.post("/desk/write", fields).leadsTo(p.Path)
	fields.Set("slug", "elsewhere")
	v.post("/desk/write", fields).is(http.StatusConflict)
}

func TestGoingBackToTheFormOfAPublishedPostGoesOnWithThatPost(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	fields := v.editor("/desk/write")
	fields.Set("text", "The jar broke")
	fields.Set("do", "publish")
	path := v.post("/desk/write", fields).is(http.StatusSeeOther).header.Get("Location")

	fields.Set("text", "The jar broke at last")
	v.post("/desk/copy", typing(fields, "a", "1", "The jar broke at last")).is(http.StatusConflict).says("#other", "The jar broke")
	a := v.post("/desk/write", fields).is(http.StatusConflict).says("[role=alert]", "saved elsewhere")
	if got := text(a.one("#other")); got != "The jar broke" {
		t.Errorf("beside it stands %q", got)
	}
	again := a.fields("form.write")
	again.Set("do", "publish")
	v.post("/desk/write", again).leadsTo(path)
	if n, err := h.posts.Count(context.Background(), posts.Published); err != nil || n != 1 {
		t.Errorf("%d posts are published (%v), want 1", n, err)
	}

	if err := h.posts.Delete(context.Background(), again.Get("id")); err != nil {
		t.Fatal(err)
	}
	anew := v.post("/desk/write", fields).is(http.StatusConflict).says("[role=alert]", "deleted elsewhere").fields("form.write")
	anew.Set("do", "publish")
	v.post("/desk/write", anew).leadsTo("/2026/the-jar-broke-at-last")

	// The key in a form gives nobody the post of another.
	foreign := h.person("reed", auth.Author).editor("/desk/write")
	foreign.Set("copy", fields.Get("copy"))
	foreign.Set("text", "Not theirs")
	foreign.Set("do", "publish")
	a = h.person("finch", auth.Author).post("/desk/write", foreign).is(http.StatusNotFound)
	if strings.Contains(a.body, "The jar") {
		t.Error("it is shown what another has written")
	}
}

func TestWordsForADeletedPostBecomeANewOne(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	p, editor := h.published(v, "", "As it was")
	mine := v.editor(editor)
	v.post("/desk/posts/"+p.ID, url.Values{"do": {"delete"}}).is(http.StatusSeeOther)
	mine.Set("text", "Too late")
	mine.Set("slug", "")
	mine.Set("do", "publish")
	a := v.post("/desk/write", mine).is(http.StatusConflict).says("[role=alert]", "deleted elsewhere")
	again := a.fields("form.write")
	if again.Get("id") != "" || again.Get("text") != "Too late" {
		t.Fatalf("the form holds %v", again)
	}
	again.Set("do", "publish")
	v.post("/desk/write", again).leadsTo("/2026/too-late")
}

func TestAFullDiskKeepsTheWordsInTheForm(t *testing.T) {
	h := newHouse(t)
	if h.db.Postgres() {
		t.Skip("the disk of PostgreSQL is not ours to fill")
	}
	v := h.owner()
	fields := v.editor("/desk/write")
	fields.Set("text", strings.Repeat("A full page. ", 30_000))
	fields.Set("do", "publish")
	h.fill()
	a := v.post("/desk/write", fields).is(http.StatusInsufficientStorage).says("[role=alert]", "The disk is full")
	if got := a.value("text"); got != fields.Get("text") {
		t.Errorf("of %d bytes the form holds %d", len(fields.Get("text")), len(got))
	}
}

func TestAFullDiskKeepsTheWordsOfATemplateAndOfAWriterWithoutASession(t *testing.T) {
	h := newHouse(t)
	if h.db.Postgres() {
		t.Skip("the disk of PostgreSQL is not ours to fill")
	}
	v := h.owner()
	fields := v.editor("/desk/write")
	fields.Set("text", "Rain:")
	at := v.templateOf(fields, "Weekly")
	words := strings.Repeat("A full page. ", 30_000)
	change := v.get(at).fields("main form")
	change.Set("do", "save")
	fields.Set("template-name", "Other")
	stranger := url.Values{"username": {ownerName}, "password": {ownerPassword}, "do": {"publish"}}
	h.fill()
	for _, one := range []struct {
		who    *visitor
		door   string
		fields url.Values
	}{{v, "/desk/write", fields}, {v, at, change}, {h.visitor(), "/desk/write", stranger}} {
		one.fields.Set("text", words)
		a := one.who.post(one.door, one.fields).is(http.StatusInsufficientStorage).says("[role=alert]", "The disk is full")
		if got := a.value("text"); got != words {
			t.Errorf("after %s of %d bytes the form holds %d", one.door, len(words), len(got))
		}
	}
}

func TestADatabaseThatFailsKeepsTheWordsInTheForm(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	_, editor := h.published(v, "", "As it was")
	fields := v.editor(editor)
	err := h.db.InTx(context.Background(), func(tx *database.Tx) error {
		_, err := tx.Exec("ALTER TABLE revisions RENAME TO broken")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	fields.Set("text", "As it should be")
	fields.Set("do", "publish")
	a := v.post("/desk/write", fields).is(http.StatusInternalServerError).says("[role=alert]", "could not be saved")
	if got := a.value("text"); got != "As it should be" {
		t.Errorf("the form holds %q", got)
	}
}

func TestDeletingFromTheEditorCanBeUndone(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	p, editor := h.published(v, "Gone", "for a while")
	fields := v.editor(editor)
	fields.Set("do", "delete")
	list := v.post("/desk/write", fields).is(http.StatusSeeOther).header.Get("Location")
	if got := h.kept(p.ID).Status; got != posts.Deleted {
		t.Fatalf("it is %s", got)
	}
	a := v.get(list).is(http.StatusOK).says(".banner", "Deleted: ‘Gone’.")
	undo := a.one(".banner button")
	v.post(attr(a.one(".banner"), "action"), url.Values{attr(undo, "name"): {attr(undo, "value")}}).is(http.StatusSeeOther)
	if got := h.kept(p.ID).Status; got != posts.Published {
		t.Errorf("after the undoing it is %s", got)
	}
}

func TestTheEditorOfWhatIsNotThere(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	v.get("/desk/write/nothing").is(http.StatusNotFound)
	v.post("/desk/write", url.Values{"id": {"nothing"}, "do": {"publish"}, "text": {"x"}}).is(http.StatusNotFound)
	v.post("/desk/write", url.Values{"do": {"dance"}, "text": {"x"}}).is(http.StatusBadRequest)
	p, editor := h.published(v, "", "Gone")
	if err := h.posts.Delete(context.Background(), p.ID); err != nil {
		t.Fatal(err)
	}
	v.get(editor).leadsTo("/desk/posts?status=deleted")
}

func TestALongTextInAnyScriptPassesEveryDoor(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	words := strings.TrimSpace(strings.Repeat("слово ", posts.MaxContent/len("слово ")))
	fields := v.editor("/desk/write")
	fields.Set("text", words)
	fields.Set("do", "draft")
	v.send("/desk/preview", fields).is(http.StatusOK)
	v.send("/desk/copy", typing(fields, "a", "1", words)).is(http.StatusNoContent)
	h.clock.pass(monthLater)
	login := v.send("/desk/write", fields).is(http.StatusUnauthorized)
	if kind := attr(login.one("form"), "enctype"); kind != "multipart/form-data" {
		t.Fatalf("the words are carried on as %q", kind)
	}
	carried := login.fields("form")
	carried.Set("username", ownerName)
	carried.Set("password", ownerPassword)
	editor := v.send("/desk/write", carried).is(http.StatusSeeOther).header.Get("Location")
	if got := v.editor(editor).Get("text"); got != words {
		t.Errorf("of %d bytes %d are kept", len(words), len(got))
	}
	fields.Set("text", strings.Repeat("a", writeLimit))
	v.send("/desk/preview", fields).is(http.StatusRequestEntityTooLarge).says("main", "1024 KB at most")
}

func TestTooMuchIsRefusedInASentence(t *testing.T) {
	v := newHouse(t).owner()
	large := url.Values{"text": {strings.Repeat("a", writeLimit)}, "do": {"publish"}, "title": {"x"}}
	v.post("/desk/write", large).is(http.StatusRequestEntityTooLarge).says("main", "1024 KB at most")
	v.post("/desk/settings", large).is(http.StatusRequestEntityTooLarge)
	small := url.Values{"username": {strings.Repeat("a", formLimit)}, "password": {"x"}}
	v.post("/login", small).is(http.StatusRequestEntityTooLarge).says("main", "64 KB at most")
}

func TestAPostTakesAnswersUnlessItsOwnerClosesIt(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	p, editor := h.published(v, "Six years", "of rain")
	if p.Closed {
		t.Fatal("a new post takes no answers")
	}
	fields := v.editor(editor)
	if got := ticked(fields["answers"]); got != "yes" {
		t.Errorf("the box says %q", got)
	}
	fields["answers"] = []string{"no"}
	fields.Set("do", "preview")
	a := v.post("/desk/write", fields).is(http.StatusOK)
	if has(a.one(`[name=answers][type=checkbox]`), "checked") {
		t.Error("a preview opens the post")
	}
	fields = a.fields("form.write")
	fields.Set("do", "publish")
	v.post("/desk/write", fields).leadsTo(p.Path)
	if !h.kept(p.ID).Closed {
		t.Fatal("it is open still")
	}
	v.get("/desk/posts").is(http.StatusOK).says(".shelf .on", "closed")
	if got := v.editor(editor); ticked(got["answers"]) != "no" {
		t.Errorf("the editor holds %v", got["answers"])
	}

	fields = v.editor(editor)
	fields.Del("answers") // a form that knows nothing of it
	fields.Set("do", "publish")
	v.post("/desk/write", fields).leadsTo(p.Path)
	if !h.kept(p.ID).Closed {
		t.Error("a form without the field has opened it")
	}
	fields = v.editor(editor)
	fields["answers"] = []string{"no", "yes"}
	fields.Set("do", "publish")
	v.post("/desk/write", fields).leadsTo(p.Path)
	if h.kept(p.ID).Closed {
		t.Error("it is closed still")
	}
}

func TestThatAPostIsClosedOutlivesAConflictAMistakeAndASession(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	p, editor := h.published(v, "", "As it was")
	mine, theirs := v.editor(editor), v.editor(editor)
	theirs.Set("text", "As the other tab has it")
	theirs.Set("do", "publish")
	v.post("/desk/write", theirs).leadsTo(p.Path)
	mine["answers"] = []string{"no"}
	mine.Set("do", "publish")
	again := v.post("/desk/write", mine).is(http.StatusConflict).fields("form.write")
	if got := ticked(again["answers"]); got != "no" {
		t.Errorf("after a conflict the box says %q", got)
	}
	again.Set("do", "publish")
	again.Set("published", "the day before")
	again = v.post("/desk/write", again).is(http.StatusUnprocessableEntity).fields("form.write")
	if got := ticked(again["answers"]); got != "no" {
		t.Errorf("after a mistake the box says %q", got)
	}
	again.Set("published", "")
	again.Set("do", "publish")
	h.clock.pass(monthLater)
	a := v.post("/desk/write", again).is(http.StatusUnauthorized)
	carried := a.fields("form")
	carried.Set("username", ownerName)
	carried.Set("password", ownerPassword)
	v.post(attr(a.one("form"), "action"), carried).leadsTo(p.Path)
	if !h.kept(p.ID).Closed {
		t.Error("after a new session it is open")
	}
}

func TestAPreviewIsInTheLanguageOfThePost(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	fields := v.editor("/desk/write")
	fields.Set("text", `"Ja"`)
	fields.Set("lang", "de")
	v.post("/desk/preview", fields).is(http.StatusOK).says(`.piece[lang="de"] .text p`, "„Ja“")
	fields.Set("text", "مطر")
	fields.Set("lang", "ar")
	v.post("/desk/preview", fields).is(http.StatusOK).says(`.piece[dir="rtl"] .text p`, "مطر")
}

func TestAnotherLanguageOfTheSiteIsThatOfItsPosts(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	p, _ := h.published(v, "", `"Ja"`)
	fields := v.get("/desk/settings").is(http.StatusOK).fields("main form")
	fields.Set("language", "de")
	v.post("/desk/settings", fields).is(http.StatusSeeOther)
	if err := h.queue.Drain(context.Background()); err != nil {
		t.Fatal(err)
	}
	if got := h.kept(p.ID).HTML; got != "<p>„Ja“</p>\n" {
		t.Errorf("the post is %s", got)
	}
}

func TestTheEditorSaysThatOldAddressesGoOnToLeadThere(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	if a := v.get("/desk/write").is(http.StatusOK); len(a.all("#slug-hint")) != 0 {
		t.Error("a post without an address is said to have an old one")
	}
	p, editor := h.published(v, "Rain", "In a jar.")
	if a := v.get(editor).is(http.StatusOK).says("#slug-hint", "goes on to lead here"); len(a.all(".former")) != 0 {
		t.Error("it has had no other address")
	}
	v.changes(editor, v.editor(editor), "slug", "snow")
	v.changes(editor, v.editor(editor), "slug", "hail")
	a := v.get(editor).is(http.StatusOK)
	if got, want := text(a.one(".former")), path.Dir(p.Path)+"/rain"+path.Dir(p.Path)+"/snow"; got != want {
		t.Errorf("earlier addresses are %q, want %q", got, want)
	}
	fields := v.editor(editor)
	fields.Set("slug", "Bad Slug")
	fields.Set("do", "publish")
	v.post(editor, fields).is(http.StatusUnprocessableEntity).says("#wrong-slug", "small letters").says(".former", "/snow").one("#slug[autofocus]")
}
