package desk

import (
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"testing"

	"hark/internal/posts"
)

func TestAPostSpeaksToAPageInEveryWay(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	const page = "https://a.example/b"
	for as, want := range map[string]struct {
		kind       posts.Kind
		properties posts.Properties
	}{
		"in-reply-to":     {posts.Reply, posts.Properties{"in-reply-to": {page}}},
		"bookmark-of":     {posts.Bookmark, posts.Properties{"bookmark-of": {page}}},
		"like-of":         {posts.Like, posts.Properties{"like-of": {page}}},
		"repost-of":       {posts.Repost, posts.Properties{"repost-of": {page}}},
		"rsvp-yes":        {posts.RSVP, posts.Properties{"in-reply-to": {page}, "rsvp": {"yes"}}},
		"rsvp-no":         {posts.RSVP, posts.Properties{"in-reply-to": {page}, "rsvp": {"no"}}},
		"rsvp-maybe":      {posts.RSVP, posts.Properties{"in-reply-to": {page}, "rsvp": {"maybe"}}},
		"rsvp-interested": {posts.RSVP, posts.Properties{"in-reply-to": {page}, "rsvp": {"interested"}}},
	} {
		text := ""
		if as == "in-reply-to" {
			text = "I agree."
		}
		a := v.post("/desk/write", url.Values{"as": {as}, "in-reply-to": {page}, "text": {text}, "do": {"publish"}}).is(http.StatusSeeOther)
		p, err := h.posts.ByPath(t.Context(), a.header.Get("Location"))
		if err != nil || p.Kind != want.kind || !reflect.DeepEqual(p.Properties, want.properties) {
			t.Errorf("%s: it became %+v (%v)", as, p, err)
			continue
		}
		a = v.get("/desk/write/" + p.ID).is(http.StatusOK)
		if got := attr(a.one("#as option[selected]"), "value"); got != as || a.value("in-reply-to") != page {
			t.Errorf("%s: the editor says %s %s", as, got, a.value("in-reply-to"))
		}
	}
	v.post("/desk/write", url.Values{"as": {"like-of"}, "in-reply-to": {"not a page"}, "do": {"publish"}}).is(http.StatusUnprocessableEntity).says("#wrong-in-reply-to", "https://")
}

func TestALinkElsewhereBeginsAPostThatRespondsToIt(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	for name, want := range map[string]string{"reply": "in-reply-to", "bookmark": "bookmark-of", "like": "like-of", "repost": "repost-of"} {
		a := v.get("/desk/write?" + name + "=" + url.QueryEscape("https://a.example/b")).is(http.StatusOK)
		if got := attr(a.one("#as option[selected]"), "value"); got != want || a.value("in-reply-to") != "https://a.example/b" {
			t.Errorf("%s: the editor says %s %s", name, got, a.value("in-reply-to"))
		}
	}
}

func TestWhatElseAPostSpeaksToStays(t *testing.T) {
	cite := map[string]any{"type": []any{"h-cite"}, "properties": map[string]any{"url": []any{"https://a.example/1"}}}
	for name, c := range map[string]struct {
		before  posts.Properties
		as, to  string
		changed posts.Properties
	}{
		"nothing is touched":      {posts.Properties{"in-reply-to": {cite, "https://b.example/2"}}, "in-reply-to", "https://a.example/1", posts.Properties{"in-reply-to": {cite, "https://b.example/2"}}},
		"the first is another":    {posts.Properties{"in-reply-to": {cite, "https://b.example/2"}}, "in-reply-to", "https://c.example/3", posts.Properties{"in-reply-to": {"https://c.example/3", "https://b.example/2"}}},
		"the first is taken out":  {posts.Properties{"in-reply-to": {cite, "https://b.example/2"}}, "in-reply-to", "", posts.Properties{"in-reply-to": {"https://b.example/2"}}},
		"a reply becomes a like":  {posts.Properties{"in-reply-to": {"https://a.example/1"}, "other": {"x"}}, "like-of", "https://a.example/1", posts.Properties{"like-of": {"https://a.example/1"}, "other": {"x"}}},
		"an RSVP becomes a reply": {posts.Properties{"in-reply-to": {"https://a.example/1"}, "rsvp": {"yes"}}, "in-reply-to", "https://a.example/1", posts.Properties{"in-reply-to": {"https://a.example/1"}}},
		"another answer":          {posts.Properties{"in-reply-to": {"https://a.example/1"}, "rsvp": {"yes"}}, "rsvp-no", "https://a.example/1", posts.Properties{"in-reply-to": {"https://a.example/1"}, "rsvp": {"no"}}},
		"a form of before":        {posts.Properties{"like-of": {"https://a.example/1"}}, "", "https://a.example/2", posts.Properties{"like-of": {"https://a.example/2"}}},
		"nothing to speak to":     {posts.Properties{"rsvp": {"yes"}}, "in-reply-to", "", posts.Properties{"rsvp": {"yes"}}},
		"a way that is none":      {posts.Properties{}, "hate-of", "https://a.example/1", posts.Properties{}},
	} {
		p := &posts.Post{Properties: c.before}
		if err := (draft{As: c.as, InReplyTo: c.to}).onto(p); err != nil || !reflect.DeepEqual(p.Properties, c.changed) {
			t.Errorf("%s: it became %v (%v)", name, p.Properties, err)
		}
	}
	if strings.Contains(begun(url.Values{"evil": {"x"}}).Draft.InReplyTo, "x") {
		t.Error("any name begins a response")
	}
}

func TestLanguageSeriesAndPlaceAreChosenInTheEditor(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	fields := url.Values{"more": {"yes"}, "title": {"Über uns"}, "text": {"Wir."}, "lang": {"de"}, "series": {"Watt"}, "pinned": {"on"}, "page": {"on"}, "slug": {"wir"}, "do": {"publish"}}
	if got := v.post("/desk/write", fields).is(http.StatusSeeOther).header.Get("Location"); got != "/wir" {
		t.Errorf("the page is at %s", got)
	}
	p, err := h.posts.ByPath(t.Context(), "/wir")
	if err != nil || p.Lang != "de" || p.Series != "Watt" || !p.Pinned || p.Kind != posts.Page {
		t.Fatalf("it became %+v (%v)", p, err)
	}
	a := v.get("/desk/write/" + p.ID).is(http.StatusOK)
	if a.value("lang") != "de" || a.value("series") != "Watt" || len(a.all("[name=pinned][checked], [name=page][checked], details[open] #lang")) != 3 {
		t.Errorf("the editor says %s", a.body)
	}
	v.post("/desk/write/"+p.ID, url.Values{"version": {a.value("version")}, "title": {"Über uns"}, "text": {"Wir zwei."}, "do": {"publish"}}).is(http.StatusSeeOther)
	if p, err = h.posts.ByID(t.Context(), p.ID); err != nil || p.Lang != "de" || !p.Apart {
		t.Errorf("a form that knows nothing of it made it %+v (%v)", p, err)
	}
	fields.Set("lang", "no language")
	fields.Del("slug")
	v.post("/desk/write", fields).is(http.StatusUnprocessableEntity).one("#wrong-language")
}
