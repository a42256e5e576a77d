package desk

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"hark/internal/auth"
)

func TestSomebodyElseSignsInElsewhereByTheirPage(t *testing.T) {
	h := newHouse(t)
	h.owner()
	reed, app := h.person("reed", auth.Author), newApp(t, document(nil))
	reed.get(profilePath).is(http.StatusOK).says("main", "It will be at /author/reed.").says("main", "Once the page is there")
	reed.get(app.asks()).is(http.StatusForbidden).says("main", "no page here yet")
	reed.post(profilePath, url.Values{"bio": {"I wade."}, "links": {" https://reed.example/\r\n\r\nhttps://moss.example/ "}}).leadsTo(profilePath + "?saved")
	a := reed.get(profilePath+"?saved").is(http.StatusOK).says(".banner", "Saved.").says("main", "as "+h.URL+"/author/reed.")
	if got := a.fields("main form"); got.Get("bio") != "I wade." || got.Get("links") != "https://reed.example/\nhttps://moss.example/" {
		t.Errorf("kept is %v", got)
	}
	me := h.URL + "/author/reed"
	a = reed.get(app.asks("me", h.URL+"/")).is(http.StatusOK).says("main", "It will know you as "+me)
	got := reed.decide(a, "allow").answered()
	if got.Get("iss") != h.URL+"/" || got.Get("code") == "" {
		t.Fatalf("the app is told %v", got)
	}
	pass, err := h.redeem(app, got.Get("code"), app.URL+"/done")
	if err != nil || pass.Me != me || pass.User.Name != "reed" || strings.Join(pass.Scopes, " ") != "profile create" {
		t.Errorf("it gets %+v, %v", pass, err)
	}
	h.owner().get(app.asks()).is(http.StatusOK).says("main", "It will know you as "+h.URL+"/.")
}

func TestWhatCannotStandOnOnesPageComesBack(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	typed := url.Values{"bio": {"I *listen*."}, "links": {"https://wren.example/\nwren.example"}}
	a := v.post(profilePath, typed).is(http.StatusUnprocessableEntity).says("#wrong-links", "wren.example is no address of a page")
	for name, values := range typed {
		if got := a.fields("main form").Get(name); got != values[0] {
			t.Errorf("%s comes back as %q", name, got)
		}
	}
	v.post(profilePath, url.Values{"bio": {strings.Repeat("a", 5001)}}).is(http.StatusUnprocessableEntity).says("#wrong-bio", "too long")
	if got := v.get(profilePath).fields("main form"); got.Get("bio") != "" || got.Get("links") != "" {
		t.Errorf("kept is %v", got)
	}
}

func TestThePostOfAnotherIsNoPlaceInOnesList(t *testing.T) {
	h := newHouse(t)
	owner, reed := h.owner(), h.person("reed", auth.Author)
	own, _ := h.published(reed, "Of the marsh", "words")
	h.clock.pass(time.Hour)
	theirs, _ := h.published(owner, "Wren's", "words")
	if got := reed.get("/desk/posts?before=" + own.ID).is(http.StatusOK); strings.Contains(got.body, "Of the marsh") {
		t.Error("the list does not go on after a post of one's own")
	}
	first := reed.get("/desk/posts?before=nobody").is(http.StatusOK).one("main")
	if got := reed.get("/desk/posts?before=" + theirs.ID).is(http.StatusOK).one("main"); text(got) != text(first) || !strings.Contains(text(got), "Of the marsh") {
		t.Errorf("the key of another's post is told from none: %q", text(got))
	}
	if got := owner.get("/desk/posts?before=" + theirs.ID).is(http.StatusOK); !strings.Contains(got.body, "Of the marsh") || strings.Contains(text(got.one("main")), "Wren's") {
		t.Error("who may change all does not go on after it")
	}
}

func TestOnAFullDiskWhatOneSaysOfOneselfStaysInTheForm(t *testing.T) {
	h := newHouse(t)
	if h.db.Postgres() {
		t.Skip("the disk of PostgreSQL is not ours to fill")
	}
	v := h.owner()
	h.fill()
	long := strings.Repeat("I listen. ", 450) // more than is left on the pages there are
	a := v.post(profilePath, url.Values{"bio": {long}}).is(http.StatusInsufficientStorage).says("main", "The disk is full")
	if got := a.fields("main form").Get("bio"); got != long {
		t.Errorf("%d letters come back", len(got))
	}
}
