package desk

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"hark/internal/auth"
	"hark/internal/posts"
)

// tab presses a tab of the editor, with what stands in the form.
func (v *visitor) tab(fields url.Values, kind posts.Kind) *answer {
	v.h.t.Helper()
	fields.Set("turn", string(kind))
	defer fields.Del("turn")
	a := v.post("/desk/write", fields).is(http.StatusOK)
	a.one("[data-part=kinds] [aria-current][autofocus]") // a keyboard goes on from there
	return a
}

// is this the tab that is said to be the current one?
func (a *answer) at(name string) *answer {
	a.t.Helper()
	return a.says("[data-part=kinds] [aria-current]", name)
}

// Each kind is chosen by its tab, asks for what it is about, and becomes what was chosen.
func TestEachKindHasAFormOfItsOwn(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	const elsewhere = "https://juniperhale.example/wind"
	for _, c := range []struct {
		kind         posts.Kind
		name         string
		first        string // the field that comes before the words
		asks         string // where a sentence asks for what is missing
		field, value string // what it is
	}{
		{posts.Article, "Article", "#title", "#wrong-title", "title", "Six years of rain"},
		{posts.Reply, "Reply", "#re", "#wrong-in-reply-to", "in-reply-to", elsewhere},
		{posts.Bookmark, "Link", "#re", "#wrong-in-reply-to", "in-reply-to", elsewhere},
		{posts.Like, "Like", "#re", "#wrong-in-reply-to", "in-reply-to", elsewhere},
		{posts.Repost, "Repost", "#re", "#wrong-in-reply-to", "in-reply-to", elsewhere},
		{posts.RSVP, "RSVP", "#re", "#wrong-in-reply-to", "in-reply-to", elsewhere},
		{posts.Event, "Event", "#start-day", "#wrong-start", "start-day", "2026-12-01"},
		{posts.Checkin, "Check-in", "#checkin-name", "#wrong-checkin", "checkin-name", "Jar Bar"},
		{posts.Photo, "Photo", "#show", "#wrong-show", "attached", "photo /media/a.jpg"},
		{posts.Video, "Video", "#show", "#wrong-show", "attached", "video /media/a.mp4"},
		{posts.Audio, "Audio", "#show", "#wrong-show", "attached", "audio /media/a.mp3"},
	} {
		fields := v.editor("/desk/write")
		fields.Set("text", "The jar was never meant to last.")
		a := v.tab(fields, c.kind).at(c.name)
		order := a.all("#text, .pane " + c.first)
		if len(order) != 2 || attr(order[1], "id") != "text" {
			t.Errorf("%s: %s does not come before the words", c.name, c.first)
		}
		for n := order[0].Parent; n != nil; n = n.Parent {
			if n.Data == "details" && !has(n, "open") {
				t.Errorf("%s: %s is folded away", c.name, c.first)
			}
		}
		fields = a.fields("form.write")
		if got := strings.TrimPrefix(fields.Get("text"), "\n"); got != "The jar was never meant to last." {
			t.Errorf("%s: of the words stays %q", c.name, got)
		}
		fields.Set("do", "publish")
		v.post("/desk/write", fields).is(http.StatusUnprocessableEntity).at(c.name).says(c.asks, "another kind")
		fields.Set(c.field, c.value)
		p, err := h.posts.ByPath(t.Context(), v.post("/desk/write", fields).is(http.StatusSeeOther).header.Get("Location"))
		if err != nil || p.Kind != c.kind {
			t.Errorf("%s: it became %+v (%v)", c.name, p, err)
			continue
		}
		v.get("/desk/write/" + p.ID).is(http.StatusOK).at(c.name)
	}
	fields := v.tab(v.editor("/desk/write"), posts.Page).at("Page").fields("form.write")
	fields.Set("title", "Imprint")
	fields.Set("text", "Who writes here.")
	fields.Set("do", "publish")
	v.post("/desk/write", fields).leadsTo("/imprint")
	v.get("/desk/write?event").is(http.StatusOK).at("Event")
	v.get("/desk/write?page").is(http.StatusOK).at("Page")
	v.get("/desk/write?turn=nonsense&kind=nonsense").is(http.StatusOK).at("Note")
}

// A tab never contradicts what the form says, and takes nothing of it away.
func TestAPostIsWhatItSaysWhateverTabIsPressed(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	fields := v.editor("/desk/write")
	fields.Set("in-reply-to", "https://juniperhale.example/wind")
	a := v.tab(fields, posts.Note).at("Reply").says("p.banner:not([hidden])", "Empty those fields")
	fields = a.fields("form.write")
	if got := fields.Get("in-reply-to"); got != "https://juniperhale.example/wind" {
		t.Errorf("of the address stays %q", got)
	}
	fields.Set("in-reply-to", "")
	v.post("/desk/preview", fields).is(http.StatusOK).at("Note")
	fields.Set("title", "Six years of rain")
	v.post("/desk/preview", fields).is(http.StatusOK).at("Article")
	fields.Set("start-day", "2026-12-01")
	v.post("/desk/preview", fields).is(http.StatusOK).at("Event")
}

// What stands in the form when a tab is pressed is kept at once, as the next words are.
func TestWordsAreKeptWhenATabIsPressed(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	fields := v.editor("/desk/write")
	key := fields.Get("copy")
	v.post("/desk/copy", typing(fields, "a", "5", "The jar")).is(http.StatusNoContent)
	again := v.tab(typing(fields, "a", "6", "The jar was"), posts.Like).fields("form.write")
	if got := v.editor("/desk/write?copy=" + key); got.Get("text") != "The jar was" || got.Get("kind") != "like" {
		t.Errorf("kept is %q, as %q", got.Get("text"), got.Get("kind"))
	}
	v.post("/desk/copy", typing(again, "b", "7", "The jar was never")).is(http.StatusNoContent)

	// The first tab is still open somewhere: neither text takes the place of the other.
	fields.Set("turn", "event")
	v.post("/desk/write", typing(fields, "c", "8", "The jar is")).is(http.StatusConflict).says("#other", "The jar was never")

	if len(v.tab(v.editor("/desk/write"), posts.Like).all("form.write[data-unsaved]")) > 0 {
		t.Error("a form with nothing in it asks before it is left")
	}
	if strings.Count(v.get("/desk/posts?status=draft").body, "Go on writing") != 1 {
		t.Error("a form with nothing in it is kept")
	}
	fields = h.person("reed", auth.Author).editor("/desk/write")
	if fields.Get("kind") != "" {
		t.Errorf("another writer begins with a %s", fields.Get("kind"))
	}
}
