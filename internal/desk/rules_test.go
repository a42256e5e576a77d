package desk

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"hark/internal/mentions"
)

func TestARuleIsAddedDecidesAndIsUndoneAsOne(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	p, _ := h.published(v, "Six years", "of rain")
	ids := h.seed(p, seeded{source: "https://anna.example/1"}, seeded{source: "https://anna.example/2"}, seeded{source: "https://blog.anna.example/3"}, seeded{})
	a := v.get("/desk/inbox").is(http.StatusOK)
	v.get(attr(a.one(`main .head a`), "href")).is(http.StatusOK).says("h1", "Rules").says("main", "the narrowest counts").says("main", "cannot be trusted as a whole")

	fields := v.get("/desk/inbox/rules").fields("main form")
	if fields.Get("stance") != "trust" || fields.Get("scope") != "author" {
		t.Errorf("the form comes with %v", fields)
	}
	fields.Set("scope", "suffix")
	fields.Set("value", " Anna.example ")
	a = v.follow(v.post("/desk/inbox/rules", fields)).says(".done", "Trusted. 3 mentions were shown by it.")
	a.says(".shelf li", "Trusted: the domain, with all below it, anna.example").says(".shelf li", "By "+ownerName+", a moment ago. It has not decided yet.")
	h.all(ids[:3], mentions.Shown)
	h.all(ids[3:], mentions.Held)

	a = v.follow(v.undone(a)).says(".done", "Undone: 3 mentions are as they were before.").says("h1", "Rules")
	if len(a.all(".shelf li")) != 0 {
		t.Error("the rule is there still")
	}
	h.all(ids, mentions.Held)
	v.post("/desk/inbox/undo", url.Values{"at": {"rules"}, "batch": {"nothing"}}).is(http.StatusConflict).says("[role=alert]", "cannot be undone").says("h1", "Rules")
}

func TestARuleThatCannotBeComesBackAsTyped(t *testing.T) {
	v := newHouse(t).owner()
	for _, c := range []struct{ stance, scope, value, field, says string }{
		{"trust", "host", "two words", "value", "That is no host"},
		{"trust", "suffix", "com", "value", "everybody below com"},
		{"block", "sender", "nobody", "value", "no network address"},
		{"trust", "host", "brid.gy", "value", "That is a bridge"},
		{"block", "author", "127.0.0.1 x", "value", "no web address"},
		{"dance", "author", "https://a.example", "stance", "Trust, or block?"},
		{"block", "dance", "https://a.example", "scope", "An author, a host"},
	} {
		a := v.post("/desk/inbox/rules", url.Values{"stance": {c.stance}, "scope": {c.scope}, "value": {c.value}}).is(http.StatusUnprocessableEntity)
		a.says("#wrong-"+c.field, c.says)
		if got := attr(a.one(`[name="`+c.field+`"]`), "aria-describedby"); !strings.Contains(got, "wrong-"+c.field) {
			t.Errorf("%s is described by %q, want its mistake", c.field, got)
		}
		if got := a.value("value"); got != c.value {
			t.Errorf("the form holds %q, want %q", got, c.value)
		}
		if c.field == "value" && (a.value("stance") != c.stance || a.value("scope") != c.scope) {
			t.Errorf("the form holds %s and %s, want %s and %s", a.value("stance"), a.value("scope"), c.stance, c.scope)
		}
	}
}

func TestARuleIsTakenBackAndWhatItDecidedStays(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	p, _ := h.published(v, "Six years", "of rain")
	ids := h.seed(p, seeded{source: "https://gauges.example/1"})
	fields := url.Values{"stance": {"block"}, "scope": {"host"}, "value": {"gauges.example"}}
	v.follow(v.post("/desk/inbox/rules", fields)).says(".done", "Blocked. 1 mention was moved to spam by it.")
	for _, page := range []string{"a", "b"} { // blocked at the door
		if _, err := h.inbox.Receive(context.Background(), mentions.Webmention, "https://gauges.example/"+page, h.URL+p.Path, addr()); err != nil {
			t.Fatal(err)
		}
	}
	h.clock.pass(2 * time.Hour)
	a := v.get("/desk/inbox/rules").is(http.StatusOK).says(".shelf li", "Blocked: the host gauges.example").says(".shelf li", "It has decided 2 times, last 2 hours ago.")
	take := attr(a.one(".shelf form"), "action")
	v.post(take, url.Values{"do": {"dance"}}).is(http.StatusBadRequest)
	v.follow(v.post(take, url.Values{"do": {"remove"}})).says(".banner", "What it has decided stays as it is").says("main", "There is none yet")
	h.all(ids, mentions.Spam)
	v.post(take, url.Values{"do": {"remove"}}).is(http.StatusNotFound).says("[role=alert]", "gone already").says("h1", "Rules")
}

func TestARuleTypedWhileTheSessionEndedIsNotLost(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	h.clock.pass(monthLater)
	a := v.post("/desk/inbox/rules", url.Values{"stance": {"block"}, "scope": {"host"}, "value": {"gauges.example"}}).is(http.StatusUnauthorized)
	carried := a.fields("form")
	carried.Set("username", ownerName)
	carried.Set("password", ownerPassword)
	v.post(attr(a.one("form"), "action"), carried).is(http.StatusSeeOther)
	if rules, err := h.inbox.Rules(context.Background()); err != nil || len(rules) != 1 || rules[0].By != ownerName {
		t.Errorf("the rules are %v (%v)", rules, err)
	}
}
