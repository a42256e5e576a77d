package desk

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// atAName is a house where there can be passkeys.
func atAName(t *testing.T) *house { return newHouse(t, "http://localhost:8080") }

func TestALoginByPasskeyIsBegunByTheScript(t *testing.T) {
	h := atAName(t)
	h.owner()
	v := h.visitor()
	a := v.get("/login").is(http.StatusOK)
	button := a.one("button[data-begin]")
	if attr(button, "type") != "button" || attr(button, "form") != attr(a.one("form"), "id") || len(a.all("[hidden] button[data-begin]")) != 1 || len(a.all("script[defer]")) != 1 {
		t.Error("the button does not wait for the script")
	}
	a = v.post(attr(button, "data-begin"), nil).is(http.StatusOK)
	var asked struct {
		PublicKey struct{ Challenge, RPID string }
	}
	if err := json.Unmarshal([]byte(a.body), &asked); err != nil || asked.PublicKey.RPID != "localhost" || asked.PublicKey.Challenge == "" || a.header.Get("Content-Type") != "application/json" {
		t.Errorf("the script is told %s (%v)", a.body, err)
	}
	cookies := (&http.Response{Header: a.header}).Cookies()
	if len(cookies) != 1 || cookies[0].Name != "hark-ceremony" || !cookies[0].HttpOnly || cookies[0].SameSite != http.SameSiteLaxMode || cookies[0].MaxAge > 300 {
		t.Errorf("it sets %q", a.header["Set-Cookie"])
	}
	h.logged()
	a = v.post("/login", url.Values{"login_passkey": {"{}"}, "username": {""}, "password": {""}, "next": {"/desk/inbox"}}).is(http.StatusUnauthorized)
	a.says("[role=alert]:not([hidden])", "That passkey opens nothing here.")
	if a.value("next") != "/desk/inbox" {
		t.Error("it forgets where to go")
	}
	if got := h.logged(); len(got) != 1 || got[0] != "Authentication failure for - (passkey) from 127.0.0.1" {
		t.Errorf("the auth log has %q", got)
	}
	for range 19 {
		v.post("/login/passkey", nil).is(http.StatusOK)
	}
	a = v.post("/login/passkey", nil).is(http.StatusTooManyRequests)
	if a.header.Get("Retry-After") == "" || !strings.Contains(a.body, "Wait") || strings.Contains(a.body, "<") {
		t.Errorf("the script is told %q", a.body)
	}
}

func TestWordsWrittenWhileTheSessionEndedOutliveAPasskeyThatFails(t *testing.T) {
	h := atAName(t)
	v := h.owner()
	fields := v.editor("/desk/write")
	h.clock.pass(monthLater)
	fields.Set("title", "Long thought about")
	carried := v.post("/desk/write", fields).is(http.StatusUnauthorized).fields("form")
	carried.Set("login_passkey", "{}")
	a := v.post("/desk/write", carried).is(http.StatusUnauthorized).says("[role=alert]:not([hidden])", "That passkey opens nothing here.")
	if a.value("title") != "Long thought about" || attr(a.one("form"), "action") != "/desk/write" || strings.Contains(a.body, "login_passkey\"") && len(a.all(`[name="login_passkey"]`)) > 0 {
		t.Error("the words are lost, or the passkey is carried on")
	}
}

func TestWithoutANameThereAreNoPasskeys(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	if len(h.visitor().get("/login").is(http.StatusOK).all("button[data-begin], script")) != 0 {
		t.Error("the login page offers one")
	}
	h.visitor().post("/login/passkey", nil).is(http.StatusNotFound)
	a := v.get(passkeysPath).is(http.StatusOK).says("main .hint", "Passkeys need an address with a name")
	if len(a.all("main .go")) != 0 {
		t.Error("the page offers to add one")
	}
	v.get(passkeysPath + "/new").leadsTo(passkeysPath)
	v.post(passkeysPath+"/begin", nil).is(http.StatusNotFound)
	v.post(passkeysPath, url.Values{"passkey": {"{}"}}).leadsTo(passkeysPath)
	h.visitor().post("/login", url.Values{"login_passkey": {"{}"}}).is(http.StatusUnauthorized)
}

func TestAddingAPasskeyAsksWhoItIsAfterTenMinutes(t *testing.T) {
	h := atAName(t)
	v := h.owner()
	a := v.get(passkeysPath+"/new").is(http.StatusOK).says("main .tabs [aria-current]", "Passkeys")
	begin := attr(a.one("button[data-begin]"), "data-begin")
	a.one("[data-instead]:not([hidden])")
	v.post(begin, nil).is(http.StatusOK)
	h.clock.pass(10 * time.Minute)
	if a := v.post(begin, nil).is(http.StatusForbidden); !strings.Contains(a.body, "Load it anew") {
		t.Errorf("the script is told %q", a.body)
	}
	next := "/desk/account/prove?next=%2Fdesk%2Faccount%2Fpasskeys%2Fnew"
	v.get(passkeysPath + "/new").leadsTo(next)
	fields := v.get(next).is(http.StatusOK).says("main label", "Your password").fields("main form")
	fields.Set("proof", "not the right words")
	h.logged()
	a = v.post("/desk/account/prove", fields).is(http.StatusUnauthorized).says("#wrong-proof", "not your password")
	if got := h.logged(); len(got) != 1 || got[0] != "Authentication failure for wren from 127.0.0.1" {
		t.Errorf("the auth log has %q", got)
	}
	fields = a.fields("main form")
	fields.Set("proof", ownerPassword)
	v.post("/desk/account/prove", fields).leadsTo(passkeysPath + "/new")
	v.post(begin, nil).is(http.StatusOK)
	if got := h.logged(); len(got) != 0 {
		t.Errorf("the auth log has %q", got)
	}
	fields.Set("next", "//evil.example")
	v.post("/desk/account/prove", fields).leadsTo("/desk/write")
}

func TestSwitchingCodesOnAsksWhoItIsAfterTenMinutes(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	h.clock.pass(10 * time.Minute)
	next := "/desk/account/prove?next=%2Fdesk%2Faccount%2Fcodes"
	v.post(codesPath, url.Values{"do": {"begin"}}).leadsTo(next)
	v.get(codesPath + "/key.png").is(http.StatusNotFound)
	fields := v.get(next).is(http.StatusOK).fields("main form")
	fields.Set("proof", ownerPassword)
	v.post("/desk/account/prove", fields).leadsTo(codesPath)
	v.post(codesPath, url.Values{"do": {"begin"}}).leadsTo(codesPath)
	v.get(codesPath + "/key.png").is(http.StatusOK)
}

func TestAPasskeyThatCannotBeKeptIsToldSo(t *testing.T) {
	h := atAName(t)
	v := h.owner()
	a := v.post(passkeysPath, url.Values{"passkey": {"{}"}, "name": {"The phone"}}).is(http.StatusUnprocessableEntity)
	a.says("#passkey-said", "Begin again")
	v.post(passkeysPath+"/begin", nil).is(http.StatusOK)
	a = v.post(passkeysPath, url.Values{"passkey": {"{}"}, "name": {"The phone"}}).is(http.StatusUnprocessableEntity).says("#passkey-said", "is no passkey")
	if a.value("name") != "The phone" {
		t.Error("the name is lost")
	}
	v.post(passkeysPath+"/some-key", url.Values{"do": {"remove"}}).is(http.StatusNotFound)
	v.post(passkeysPath+"/some-key", url.Values{"do": {"rename"}, "name": {"x"}}).is(http.StatusNotFound)
	v.post(passkeysPath+"/some-key", url.Values{"do": {"rename"}, "name": {"x\ny"}}).is(http.StatusUnprocessableEntity).says("#wrong-name", "on one line")
	v.post(passkeysPath+"/some-key", url.Values{"do": {"dance"}}).is(http.StatusBadRequest)
}
