package desk

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"hark/internal/posts"
)

const monthLater = 30 * 24 * time.Hour

func TestWordsWrittenWhileTheSessionEndedAreNotLost(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	fields := v.editor("/desk/write")
	h.clock.pass(monthLater)
	words := "\nFirst line\n\n  second \"line\" <b>&amp;</b> </textarea>"
	fields.Set("text", words)
	fields.Set("title", "Long thought about")
	fields.Set("do", "publish")
	a := v.post("/desk/write", fields).is(http.StatusUnauthorized).says("[role=alert]", "signed out")
	if n, err := h.posts.Count(context.Background(), posts.Published); err != nil || n != 0 {
		t.Fatalf("%d posts are published without a session (%v)", n, err)
	}

	carried := a.fields("form")
	for name := range fields {
		if carried.Get(name) != fields.Get(name) {
			t.Errorf("the login form carries %s as %q, want %q", name, carried.Get(name), fields.Get(name))
		}
	}
	action := attr(a.one("form"), "action")
	carried.Set("username", ownerName)
	carried.Set("password", "not the right words")
	a = v.post(action, carried).is(http.StatusUnauthorized)
	if strings.Contains(a.body, "not the right words") {
		t.Error("the password stands in the page")
	}
	carried = a.fields("form")
	carried.Set("password", ownerPassword)
	v.post(action, carried).leadsTo("/2026/long-thought-about")
	p, err := h.posts.ByPath(context.Background(), "/2026/long-thought-about")
	if err != nil {
		t.Fatal(err)
	}
	if p.Content != words {
		t.Errorf("kept is %q, want %q", p.Content, words)
	}
	v.get("/desk/write").is(http.StatusOK)
}

func TestSettingsTypedWhileTheSessionEndedAreNotLost(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	fields := v.get("/desk/settings").fields("main form")
	h.clock.pass(monthLater)
	fields.Set("about", "A long story\nabout me")
	a := v.post("/desk/settings", fields).is(http.StatusUnauthorized)
	carried := a.fields("form")
	carried.Set("username", ownerName)
	carried.Set("password", ownerPassword)
	v.post(attr(a.one("form"), "action"), carried).leadsTo("/desk/settings?saved")
	if site, err := h.settings.Site(context.Background()); err != nil || site.About != "A long story\nabout me" {
		t.Errorf("kept is %q (%v)", site.About, err)
	}
}

func TestTheCarryingDoorIsAsStrictAsTheOther(t *testing.T) {
	h := newHouse(t)
	h.owner()
	v := h.visitor()
	fields := url.Values{"text": {"mine"}, "do": {"publish"}, "username": {ownerName}, "password": {"not the right words"}}
	for range 5 {
		v.post("/desk/write", fields).is(http.StatusUnauthorized)
	}
	fields.Set("password", ownerPassword)
	a := v.post("/desk/write", fields).is(http.StatusTooManyRequests)
	if a.header.Get("Retry-After") == "" || a.value("text") != "mine" {
		t.Errorf("Retry-After is %q, and the form carries %q", a.header.Get("Retry-After"), a.value("text"))
	}
}
