package desk

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"hark/internal/authlog"
	"hark/internal/guard"
	"hark/internal/mentions"
	"hark/internal/posts"
	"hark/internal/settings"
)

func addr() netip.Addr { return netip.MustParseAddr("192.0.2.7") }

// mentioned has another site answer a post with a page, and the page read.
func (h *house) mentioned(p *posts.Post, page string) (id string, other *httptest.Server) {
	h.t.Helper()
	other = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprint(w, strings.ReplaceAll(page, "TARGET", h.URL+p.Path))
	}))
	h.t.Cleanup(other.Close)
	return h.receive(p, other), other
}

// receive has another site's page sent, and read. It returns the mention's key.
func (h *house) receive(p *posts.Post, other *httptest.Server) string {
	h.t.Helper()
	receipt, err := h.inbox.Receive(context.Background(), mentions.Webmention, other.URL+"/page", h.URL+p.Path, addr())
	if err != nil {
		h.t.Fatal(err)
	}
	h.work()
	return receipt.ID
}

// holdAll has every mention wait for the owner.
func (h *house) holdAll() {
	h.t.Helper()
	answers := settings.DefaultAnswers
	answers.Mode = settings.HoldAll
	if err := h.settings.SaveAnswers(context.Background(), answers); err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) state(id string) mentions.State {
	h.t.Helper()
	m, err := h.inbox.ByID(context.Background(), id)
	if err != nil {
		h.t.Fatal(err)
	}
	return m.State
}

const reply = `<!doctype html><title>Two jars</title><article class="h-entry"><a class="p-author h-card" href="/">Corin Ashby</a>
<a class="u-in-reply-to" href="TARGET">to</a><div class="e-content"><p>We had <b>the same</b> argument.</p></div></article>`

func TestAHeldMentionIsShownWithItsReasonAndDecided(t *testing.T) {
	h := newHouse(t)
	h.holdAll()
	v := h.owner()
	p, _ := h.published(v, "Six years", "of rain")
	id, _ := h.mentioned(p, reply)
	if got := h.state(id); got != mentions.Held {
		t.Fatalf("the mention is %s, want held", got)
	}
	a := v.get("/desk/inbox").is(http.StatusOK)
	a.says(".held .on", "Reply to Six years").says(".held .p-name", "Corin Ashby").says(".held .text b", "the same")
	a.says(".held .why", "You asked to see every mention").says(".deskbar b", "1")

	fields := a.fields(".held form")
	fields.Set("do", "show")
	list := v.post("/desk/inbox/"+id, fields).is(http.StatusSeeOther).header.Get("Location")
	if got := h.state(id); got != mentions.Shown {
		t.Errorf("after the decision it is %s", got)
	}
	v.get(list).is(http.StatusOK).says(".banner", "Shown: Corin Ashby")
	v.get("/desk/inbox?state=shown").is(http.StatusOK).says(".held .p-name", "Corin Ashby")

	a = v.get("/desk/inbox/"+id).is(http.StatusOK).says("h1", "Corin Ashby on ‘Six years’")
	a.says(".ledger", "by "+ownerName)
	own := v.post("/desk/inbox/"+id, url.Values{"do": {"delete"}}).is(http.StatusSeeOther).header.Get("Location")
	if !strings.HasPrefix(own, "/desk/inbox/"+id+"?") {
		t.Errorf("from its own page it leads to %s", own)
	}
	v.get(own).is(http.StatusOK).says("h1", "Corin Ashby on").says(".banner", "Deleted: Corin Ashby")
	if got := h.state(id); got != mentions.Removed {
		t.Errorf("after the decision it is %s", got)
	}
}

func TestChangedWordsStandBesideTheOldOnes(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	p, _ := h.published(v, "Six years", "of rain")
	words := "We had the same argument"
	page := func() string { return strings.ReplaceAll(reply, "We had <b>the same</b> argument", words) }
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprint(w, strings.ReplaceAll(page(), "TARGET", h.URL+p.Path))
	}))
	defer other.Close()
	id := h.receive(p, other)
	v.post("/desk/inbox/"+id, url.Values{"do": {"show"}}).is(http.StatusSeeOther)
	words = "Buy entirely different things elsewhere, cheaply, today, from nobody you know"
	h.receive(p, other)

	a := v.get("/desk/inbox").is(http.StatusOK).says(".held .why", "The old words stay until you decide")
	a.says(".held details", "We had the same argument").says(".held > div > .answer .text", "Buy entirely different things")
	if got := text(a.one(".held form")); got != "Show the new wordsKeep the oldSpamDeleteTrust this authorBlock this host" {
		t.Errorf("the buttons are %q", got)
	}
	list := v.post("/desk/inbox/"+id, url.Values{"do": {"keep"}, "state": {"held"}}).is(http.StatusSeeOther).header.Get("Location")
	v.get(list).is(http.StatusOK).says(".banner", "The old words stay: Corin Ashby")
	m, err := h.inbox.ByID(context.Background(), id)
	if err != nil || m.Changed != nil || !strings.Contains(string(m.HTML), "the same argument") || m.State != mentions.Shown {
		t.Errorf("kept is %+v (%v)", m, err)
	}
}

func TestT17AGetDecidesNothing(t *testing.T) {
	h := newHouse(t)
	h.holdAll()
	v := h.owner()
	p, _ := h.published(v, "Six years", "of rain")
	id, _ := h.mentioned(p, reply)
	for _, path := range []string{"/desk/inbox/", "/desk/posts/", "/desk/outbox/"} {
		for _, do := range []string{"show", "delete", "keep", "restore", "again", "spam", "not", "trust", "block", "block-author"} {
			for _, key := range []string{id, p.ID} {
				v.get(path + key + "?do=" + do + "&state=held")
			}
		}
	}
	v.get("/desk/write/" + p.ID + "?do=delete")
	for _, do := range []string{"show", "delete", "spam", "block"} {
		v.get("/desk/inbox?do=" + do + "&all=match&state=held&id=" + id + "&done=x&did=" + do + "&n=1&of=" + id)
	}
	v.get("/desk/inbox/undo?batch=x").is(http.StatusNotFound)
	v.get("/desk/inbox/rules?stance=block&scope=host&value=127.0.0.1&do=remove").is(http.StatusOK)
	v.get("/desk/inbox/rules/x?do=remove").is(http.StatusMethodNotAllowed)
	v.get("/desk/settings/answers?mode=all").is(http.StatusOK)
	v.get("/desk/settings/letters?do=try&letters=daily").is(http.StatusOK)
	if rules, err := h.inbox.Rules(context.Background()); err != nil || len(rules) != 0 {
		t.Errorf("the rules are %v (%v)", rules, err)
	}
	v.get("/desk/write?do=publish&text=x")
	v.get("/logout").is(http.StatusMethodNotAllowed)
	v.get("/desk/posts/" + p.ID).is(http.StatusMethodNotAllowed)
	v.get("/desk/outbox/x").is(http.StatusMethodNotAllowed)
	v.get("/desk/preview").is(http.StatusMethodNotAllowed)
	if got := h.state(id); got != mentions.Held {
		t.Errorf("the mention is %s, want held", got)
	}
	if got := h.kept(p.ID).Status; got != posts.Published {
		t.Errorf("the post is %s, want published", got)
	}
	v.get("/desk/write").is(http.StatusOK)

	// What a query says is no part of a form.
	v.post("/desk/inbox/"+id+"?do=delete", url.Values{}).is(http.StatusBadRequest)
	v.post("/desk/inbox?do=delete&all=match&id="+id, url.Values{}).is(http.StatusBadRequest)
	v.post("/desk/inbox?all=match&id="+id, url.Values{"do": {"delete"}}).is(http.StatusUnprocessableEntity)
	if got := h.state(id); got != mentions.Held {
		t.Errorf("the mention is %s, want held", got)
	}
}

func TestWhatStrangersWriteIsInert(t *testing.T) {
	h := newHouse(t)
	h.holdAll()
	v := h.owner()
	p, _ := h.published(v, "Six years", "of rain")
	const evil = `<!doctype html><title>"><script>alert(1)</script></title><article class="h-entry">
<a class="p-author h-card" href="javascript:alert(1)">"&gt;&lt;img src=x onerror=alert(1)&gt;</a><a class="u-in-reply-to" href="TARGET">to</a>
<div class="e-content"><p onclick="alert(1)" style="position:fixed">Hello<script>alert(1)</script><img src="https://evil.example/pixel"><a href="javascript:alert(1)">x</a>
<form action="/logout"><button>y</button></form><iframe src="https://evil.example/"></iframe></p></div></article>`
	id, _ := h.mentioned(p, evil)
	for _, path := range []string{"/desk/inbox", "/desk/inbox/" + id} {
		a := v.get(path).is(http.StatusOK)
		if !strings.Contains(a.body, "Hello") {
			t.Fatalf("%s does not show the words:\n%s", path, a.body)
		}
		for _, selector := range []string{
			"script", "img", "iframe", "[onclick]", "[onerror]", "[style]", `[href^="javascript:"]`, ".text form", `form[action="/logout"] ~ *`,
		} {
			if found := a.all("main " + selector); len(found) != 0 {
				t.Errorf("%s holds %d of %s:\n%s", path, len(found), selector, a.body)
			}
		}
	}
}

func TestARefusedMentionSaysWhyAndCannotBeShown(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	p, _ := h.published(v, "Six years", "of rain")
	id, _ := h.mentioned(p, "<!doctype html><title>Nothing</title><p>No link.")
	a := v.get("/desk/inbox?state=refused").is(http.StatusOK).says(".held .why", "no link to").says(".held blockquote", "Nothing in this page can be shown.")
	if got := text(a.one(".held form")); got != "DeleteBlock this host" {
		t.Errorf("the buttons are %q, want none that shows", got)
	}
	v.post("/desk/inbox/"+id, url.Values{"do": {"show"}}).is(http.StatusConflict).says("[role=alert]", "no link to you was found").says("h1", "on ‘Six years’")
	v.post("/desk/inbox/"+id, url.Values{"do": {"show"}, "state": {"refused"}}).is(http.StatusConflict).says("[role=alert]", "no link to you was found").says(".held", "no link to")
}

func TestAWaitingMentionSaysThatItWillBeRead(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	p, _ := h.published(v, "Six years", "of rain")
	if _, err := h.inbox.Receive(context.Background(), mentions.Pingback, "https://a.example/b", h.URL+p.Path, addr()); err != nil {
		t.Fatal(err)
	}
	a := v.get("/desk/inbox?state=waiting").is(http.StatusOK).says(".held", "has not been read yet").says(".held .why", "by pingback")
	a.says(".held blockquote + .on a", "https://a.example/b")
}

func TestAnEmptyInboxTeaches(t *testing.T) {
	v := newHouse(t).owner()
	v.get("/desk/inbox").is(http.StatusOK).says("main", "That message is called a webmention")
	v.get("/desk/inbox/nothing").is(http.StatusNotFound)
	v.post("/desk/inbox/nothing", url.Values{"do": {"show"}}).is(http.StatusNotFound)
	v.post("/desk/inbox/nothing", url.Values{"do": {"dance"}}).is(http.StatusBadRequest)
}

func TestTheInboxTellsOfAStorm(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	if a := v.get("/desk/inbox").is(http.StatusOK); strings.Contains(a.body, "A storm of false pingbacks") {
		t.Error("there is no storm, and the inbox tells of one")
	}
	for range guard.DefaultBudgets().Junk.Burst + 1 {
		h.guard.Refused(authlog.Pingback, authlog.Malformed, netip.MustParseAddr("203.0.113.9"))
	}
	v.get("/desk/inbox").is(http.StatusOK).says(".banner", "A storm of false pingbacks began a moment ago.")
}

func TestAnEmptyTabOfTheInboxSaysWhatComesThere(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	p, _ := h.published(v, "Rain", "The jar was never meant to last.")
	h.mentioned(p, `<p class="h-entry"><a class="u-in-reply-to" href="TARGET">Mine, too.</a></p>`)
	said := map[string]mentions.State{}
	for _, one := range states {
		empty := v.get("/desk/inbox?state=" + string(one.value)).is(http.StatusOK).all("#inbox > .text p")
		if len(empty) == 0 {
			continue
		}
		words := text(empty[0])
		if other, twice := said[words]; twice {
			t.Errorf("%s and %s both say %q", other, one.value, words)
		}
		said[words] = one.value
	}
	if len(said) != len(states)-1 {
		t.Errorf("%d tabs are empty, want all but the one that holds the answer: %v", len(said), said)
	}
}
