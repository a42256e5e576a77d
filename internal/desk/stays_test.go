package desk

import (
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"hark/internal/auth"
	"hark/internal/auth/authtest"
	"hark/internal/mail/mailtest"
	"hark/internal/settings"
)

// person makes an account beside the owner's, and signs in.
func (h *house) person(name, role string) *visitor {
	h.t.Helper()
	authtest.Add(h.t, h.db, name, strings.ToUpper(name[:1])+name[1:], ownerPassword, role, h.clock.now())
	v := h.visitor()
	v.post("/login", credentials(name, ownerPassword)).is(http.StatusSeeOther)
	return v
}

func TestABrowserHasAName(t *testing.T) {
	for agent, want := range map[string]string{
		"Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0":                                                                     "Firefox on Linux",
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36":                            "Chrome on Windows",
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36 Edg/131.0.0.0":              "Edge on Windows",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1":    "Safari on an iPhone",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) FxiOS/133.0 Mobile/15E148 Safari/605.1.15":  "Firefox on an iPhone",
		"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Safari/605.1.15":                      "Safari on a Mac",
		"Mozilla/5.0 (Linux; Android 14; SM-S911B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/26.0 Chrome/122.0.0.0 Mobile Safari/537.36": "Samsung Internet on Android",
		"Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36":                             "Chrome on ChromeOS",
		"curl/8.11.0":               "the program curl",
		"Go-http-client/1.1":        "the program Go-http-client",
		"":                          "a browser without a name",
		"Mozilla/5.0":               "a program",
		"<b>\u202eevil</b>/1":       "a program",
		strings.Repeat("a", 300):    "a program",
		"an app of mine with words": "a program",
	} {
		if got := browser(agent); got != want {
			t.Errorf("%q is %q, want %q", agent, got, want)
		}
	}
}

func TestTheAccountListsWhereItIsSignedIn(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	h.clock.pass(time.Minute)
	other := h.owner()
	a := v.get("/desk/account").is(http.StatusOK).says("main", "this one")
	if n := len(a.all(`button[name="end"]`)); n != 1 {
		t.Fatalf("%d sessions can be ended, want 1", n)
	}
	end := attr(a.one(`button[name="end"]`), "value")
	forget := attr(a.one(`button[name="forget"]`), "value")

	stranger := h.person("reed", auth.Author)
	stranger.post("/desk/account/sessions", url.Values{"end": {end}}).is(http.StatusNotFound).says("[role=alert]", "ended already")
	stranger.post("/desk/account/sessions", url.Values{"do": {"others"}}).leadsTo("/desk/account?alone")
	stranger.post("/desk/account/devices", url.Values{"forget": {forget}}).is(http.StatusNotFound)
	other.get("/desk/account").is(http.StatusOK)

	v.post("/desk/account/sessions", url.Values{"end": {end}}).leadsTo("/desk/account?ended")
	other.get("/desk/account").leadsTo("/login?next=%2Fdesk%2Faccount")
	v.post("/desk/account/sessions", url.Values{"end": {end}}).is(http.StatusNotFound)
	v.post("/desk/account/devices", url.Values{"forget": {forget}}).leadsTo("/desk/account?forgotten")
	if a := v.get("/desk/account?forgotten").says(".banner[role=status]", "Forgotten"); len(a.all(`button[name="forget"]`)) != 0 {
		t.Error("it is listed still")
	}

	third, fourth := h.owner(), h.owner()
	v.post("/desk/account/sessions", url.Values{"do": {"others"}}).leadsTo("/desk/account?alone")
	third.get("/desk/write").is(http.StatusSeeOther)
	fourth.get("/desk/write").is(http.StatusSeeOther)
	v.get("/desk/write").is(http.StatusOK)
	stranger.get("/desk/write").is(http.StatusOK)
}

func TestAnEndedSessionLosesNothingThatIsBeingWritten(t *testing.T) {
	h := newHouse(t)
	writing := h.owner()
	fields := writing.editor("/desk/write")
	v := h.owner()
	v.post("/desk/account/sessions", url.Values{"do": {"others"}}).leadsTo("/desk/account?alone")
	fields.Set("text", "half a thought")
	fields.Set("do", "draft")
	a := writing.post("/desk/write", fields).is(http.StatusUnauthorized).says("[role=alert]", "signed out")
	if a.value("text") != "half a thought" {
		t.Error("the words are lost")
	}
}

func TestThePasswordIsChangedOnThePage(t *testing.T) {
	h := newHouse(t)
	v, other := h.owner(), h.owner()
	change := func(present, next string) *answer {
		return v.post("/desk/account/password", url.Values{"present": {present}, "new": {next}})
	}
	a := change(ownerPassword, "password123").is(http.StatusUnprocessableEntity).says("#wrong-password", "many people use")
	if strings.Contains(a.body, ownerPassword) || strings.Contains(a.body, "password123") {
		t.Error("a password stands in the page")
	}
	change("not the right words", "quite other words now").is(http.StatusUnauthorized).says("#wrong-proof", "neither the password")
	other.get("/desk/write").is(http.StatusOK)
	change(ownerPassword, "quite other words now").leadsTo("/desk/account?changed")
	v.get("/desk/account?changed").is(http.StatusOK).says(".banner[role=status]", "The password is changed")
	other.get("/desk/write").is(http.StatusSeeOther)
	h.visitor().post("/login", credentials(ownerName, ownerPassword)).is(http.StatusUnauthorized)
	h.visitor().post("/login", credentials(ownerName, "quite other words now")).is(http.StatusSeeOther)
}

func TestANewPasswordEndsAppsOnThePage(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	token, err := h.gate.NewToken(t.Context(), ownerName, "create", "phone")
	if err != nil {
		t.Fatal(err)
	}
	v.post("/desk/account/password", url.Values{"present": {ownerPassword}, "new": {"quite other words now"}, "apps": {"on"}}).leadsTo("/desk/account?changed")
	if _, err := h.gate.Token(t.Context(), token, "create", netip.MustParseAddr("127.0.0.1")); err != auth.ErrNoToken {
		t.Errorf("the token of the app is answered with %v", err)
	}
	v.get("/desk/account/activity").says("main", "The token of an app was revoked, ‘all apps’").says("main", "A new password")
}

func TestTheNameThatIsShownIsChangedOnThePage(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	v.post("/desk/account/name", url.Values{"display": {"   "}}).is(http.StatusUnprocessableEntity).one("#wrong-display")
	v.post("/desk/account/name", url.Values{"display": {"Wren of the Dunes"}}).leadsTo("/desk/account?named")
	if got := v.get("/desk/account").value("display"); got != "Wren of the Dunes" {
		t.Errorf("the name is %q", got)
	}
}

func TestTheAccountShowsWhatHappenedToIt(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	for range 2 {
		h.visitor().post("/login", credentials(ownerName, "not the right words")).is(http.StatusUnauthorized)
	}
	h.visitor().post("/login", credentials("nobody", "not the right words")).is(http.StatusUnauthorized)
	a := v.get("/desk/account/activity").is(http.StatusOK).
		says("main", "A wrong password, twice within the hour").says("main", "Signed in by password").says("main", "from 127.0.0.1").
		says("main", "one try to sign in came with a name or a token that nobody here has")
	if strings.Contains(a.body, "nobody</") {
		t.Error("the name of a stranger is kept")
	}
	other := h.person("reed", auth.Author)
	if a := other.get("/desk/account/activity").is(http.StatusOK); strings.Contains(a.body, "wrong password") || strings.Contains(a.body, "Besides") {
		t.Error("one account shows what happened to another")
	}
	for i := range 40 {
		v.post("/logout", nil)
		h.clock.pass(time.Second)
		v.post("/login", credentials(ownerName, ownerPassword)).is(http.StatusSeeOther)
		_ = i
	}
	a = v.get("/desk/account/activity").is(http.StatusOK)
	if n := len(a.all(".shelf > li")); n != perPage {
		t.Errorf("%d rows stand on a page", n)
	}
	older := attr(a.all(".acts a.button")[0], "href")
	v.get(older).is(http.StatusOK).says("main", "The newest")
	other.get(older).is(http.StatusOK).says("main", "Nothing yet")
}

func TestANewBrowserIsToldToTheOthersUntilItIsPutAway(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	if n := len(v.get("/desk/write").all(".news")); n != 0 {
		t.Fatal("the first browser is news")
	}
	other := h.owner()
	a := v.get("/desk/posts?status=draft").is(http.StatusOK).says(".news", "not seen before").says(".news", "from 127.0.0.1")
	if len(other.get("/desk/write").all(".news")) != 0 {
		t.Error("a browser is told of itself")
	}
	id, back := attr(a.one(".news button"), "value"), attr(a.one(".news input[name=back]"), "value")
	other.post("/desk/account/news", url.Values{"told": {id}}).is(http.StatusSeeOther)
	v.get("/desk/write").one(".news")
	v.post("/desk/account/news", url.Values{"told": {id}, "back": {"//evil.example/"}}).leadsTo("/desk/write")
	if v.post("/desk/account/news", url.Values{"told": {id}, "back": {back}}).leadsTo("/desk/posts?status=draft"); len(v.get("/desk/write").all(".news")) != 0 {
		t.Error("it is told again")
	}
	if len(v.get("/login").all(".news")) != 0 {
		t.Error("the doors tell of it")
	}
}

func TestALetterTellsOfANewBrowser(t *testing.T) {
	h := newHouse(t)
	h.owner()
	h.owner()
	h.work() // nobody is to be written to
	office := mailtest.Open(t)
	letters := settings.Letters{Every: settings.Never, To: "wren@tidewrack.example", Server: "127.0.0.1", Port: office.Port, Security: "none"}
	if err := h.settings.SaveLetters(t.Context(), letters); err != nil {
		t.Fatal(err)
	}
	h.owner()
	h.work()
	came := office.Take(t)
	if len(came) != 1 || !strings.Contains(came[0].Text, ownerName+", the program Go-http-client, from 127.0.0.1") || !strings.Contains(came[0].Text, "/desk/account") {
		t.Fatalf("the letters are %q", came)
	}
	for range 5 {
		h.owner()
	}
	h.work()
	if came := office.Take(t); len(came) != 0 {
		t.Errorf("%d letters came at once", len(came))
	}
	h.speaks(h.owner(), "de")
	h.clock.pass(6 * time.Hour)
	h.work()
	came = office.Take(t)
	if len(came) != 1 || came[0].Subject != "hark: ein neuer Browser hat sich angemeldet" || strings.Count(came[0].Text, "\r\n* ") != 6 || english.MatchString(came[0].Text) ||
		!strings.Contains(came[0].Text, ownerName+", das Programm Go-http-client, von 127.0.0.1\r\n") {
		t.Errorf("the letters are %q", came)
	}
}
