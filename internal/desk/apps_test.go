package desk

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"hark/internal/auth"
)

func TestAnAppIsGivenATokenThatIsShownOnce(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	v.get(appsPath).is(http.StatusOK).says("main", "Micropub")
	fields := v.get(appsPath + "/new").is(http.StatusOK).fields("main form")
	if got := fields["scope"]; len(got) != 1 || got[0] != "create" {
		t.Errorf("chosen at first is %v", got)
	}
	v.post(appsPath, url.Values{"name": {"Quill"}}).is(http.StatusUnprocessableEntity).one("#wrong-scope")
	v.post(appsPath, url.Values{"name": {" "}, "scope": {"create"}}).is(http.StatusUnprocessableEntity).one("#wrong-name")
	v.post(appsPath, url.Values{"name": {"Quill"}, "scope": {"everything"}}).is(http.StatusUnprocessableEntity).one("#wrong-scope")
	a := v.post(appsPath, url.Values{"name": {"Quill"}, "scope": {"create", "delete"}}).is(http.StatusOK)
	token := text(a.one("code.secret"))
	if _, err := h.gate.Token(t.Context(), token, "delete", addr()); err != nil {
		t.Errorf("the token opens nothing: %v", err)
	}
	a = v.get(appsPath).is(http.StatusOK).says(".shelf", "Quill").says(".shelf", "May publish posts, delete posts.").says(".shelf", "used last a moment ago")
	if strings.Contains(a.body, token) {
		t.Error("it is shown again")
	}
	revoke := attr(a.one(".shelf form"), "action")
	other := h.person("reed", auth.Author)
	other.post(revoke, url.Values{"do": {"revoke"}}).is(http.StatusNotFound)
	if len(other.get(appsPath).all(".shelf")) != 0 {
		t.Error("somebody else sees it")
	}
	v.post(revoke, url.Values{}).is(http.StatusBadRequest)
	if _, err := h.gate.Token(t.Context(), token, "delete", addr()); err != nil {
		t.Fatalf("revoked by somebody else: %v", err)
	}
	v.post(revoke, url.Values{"do": {"revoke"}}).leadsTo(appsPath + "?revoked")
	if _, err := h.gate.Token(t.Context(), token, "delete", addr()); err == nil {
		t.Error("a revoked token is good")
	}
	v.post(revoke, url.Values{"do": {"revoke"}}).is(http.StatusNotFound).says("[role=alert]", "revoked already")
	v.get(accountPath+"/activity").says("main", "An app was given a token, ‘Quill’").says("main", "The token of an app was revoked, ‘Quill’")
}

func TestWhoFindsABrowserOpenKeepsNoWayIn(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	h.clock.pass(11 * time.Minute)
	v.get(appsPath + "/new").leadsTo("/desk/account/prove?next=" + url.QueryEscape(appsPath+"/new"))
	a := v.post(appsPath, url.Values{"name": {"Quill & Co"}, "scope": {"delete"}}).is(http.StatusSeeOther)
	proof := v.get(a.header.Get("Location")).is(http.StatusOK).fields("main form")
	proof.Set("proof", ownerPassword)
	back := v.post("/desk/account/prove", proof).is(http.StatusSeeOther).header.Get("Location")
	fields := v.get(back).is(http.StatusOK).fields("main form")
	if fields.Get("name") != "Quill & Co" || len(fields["scope"]) != 1 || fields.Get("scope") != "delete" {
		t.Errorf("what was typed comes back as %v", fields)
	}
	v.post(appsPath, fields).is(http.StatusOK).one("code.secret")
}
