package desk

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"
)

func credentials(name, password string) url.Values {
	return url.Values{"username": {name}, "password": {password}}
}

func TestAWrongPasswordIsToldAndTheNameIsKept(t *testing.T) {
	h := newHouse(t)
	h.owner()
	for _, name := range []string{ownerName, "nobody"} {
		a := h.visitor().post("/login", credentials(name, "not the right words")).is(http.StatusUnauthorized)
		a.says("[role=alert]", "That name and password do not belong together.")
		if got := a.value("username"); got != name {
			t.Errorf("the form keeps the name %q, want %q", got, name)
		}
		if a.value("password") != "" || strings.Contains(a.body, "not the right words") {
			t.Error("the password stands in the page")
		}
		if len(a.header["Set-Cookie"]) != 0 {
			t.Errorf("a refused login sets %q", a.header["Set-Cookie"])
		}
	}
}

func TestTooManyTriesAreToldHowLongToWait(t *testing.T) {
	h := newHouse(t)
	h.owner()
	v := h.visitor()
	for range 5 {
		v.post("/login", credentials(ownerName, "not the right words")).is(http.StatusUnauthorized)
	}
	a := v.post("/login", credentials(ownerName, ownerPassword)).is(http.StatusTooManyRequests)
	seconds, err := strconv.Atoi(a.header.Get("Retry-After"))
	if err != nil || seconds < 1 || seconds > 60 {
		t.Errorf("Retry-After is %q, want 1 to 60 seconds", a.header.Get("Retry-After"))
	}
	a.says("[role=alert]", "Wait "+strconv.Itoa(seconds)+" second")
	h.clock.pass(time.Minute)
	v.post("/login", credentials(ownerName, ownerPassword)).leadsTo("/desk/write")
}

func TestCookiesAreForThisSiteAlone(t *testing.T) {
	for _, c := range []struct {
		public, session, device string
		secure                  bool
	}{
		{"https://tidewrack.example", "__Host-hark", "__Host-hark-device", true},
		{"http://tidewrack.example", "hark", "hark-device", false},
	} {
		h := newHouse(t, c.public)
		h.owner()
		r := h.request(http.MethodPost, "/login", credentials(ownerName, ownerPassword))
		a := h.visitor().do(r).leadsTo("/desk/write")
		got := map[string]*http.Cookie{}
		for _, cookie := range (&http.Response{Header: a.header}).Cookies() {
			got[cookie.Name] = cookie
		}
		if len(got) != 2 {
			t.Fatalf("%s: got cookies %q, want a session's and a device's", c.public, a.header["Set-Cookie"])
		}
		for name, days := range map[string]int{c.session: 90, c.device: 365} {
			cookie := got[name]
			if cookie == nil {
				t.Fatalf("%s: no cookie %s in %q", c.public, name, a.header["Set-Cookie"])
			}
			if !cookie.HttpOnly || cookie.Secure != c.secure || cookie.SameSite != http.SameSiteLaxMode || cookie.Path != "/" || cookie.Domain != "" {
				t.Errorf("%s: cookie %s", c.public, cookie.Raw)
			}
			if about := cookie.MaxAge - days*24*3600; about < -60 || about > 0 {
				t.Errorf("%s: %s lives %d s, want %d days", c.public, name, cookie.MaxAge, days)
			}
		}
	}
}

func TestADeviceThatSignedInBeforeKeepsItsCookie(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	device := func() string {
		u, _ := url.Parse(h.URL)
		for _, c := range v.Jar.Cookies(u) {
			if c.Name == "hark-device" {
				return c.Value
			}
		}
		return ""
	}
	before := device()
	v.post("/logout", nil).leadsTo("/")
	v.post("/login", credentials(ownerName, ownerPassword)).leadsTo("/desk/write")
	if before == "" || device() != before {
		t.Errorf("the device was %q and is %q", before, device())
	}
}

func TestSigningOutEndsTheSession(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	u, _ := url.Parse(h.URL)
	cookies := v.Jar.Cookies(u)
	v.post("/logout", nil).leadsTo("/")
	v.get("/desk/write").leadsTo("/login?next=%2Fdesk%2Fwrite")
	v.Jar.SetCookies(u, cookies)
	v.get("/desk/write").leadsTo("/login?next=%2Fdesk%2Fwrite")
}

func TestNextLeadsToOurOwnPathsOnly(t *testing.T) {
	h := newHouse(t)
	h.owner()
	const home = "/desk/write"
	for next, want := range map[string]string{
		"":                              home,
		"/desk/inbox":                   "/desk/inbox",
		"/desk/inbox?state=shown":       "/desk/inbox?state=shown",
		"/2026/six-years":               "/2026/six-years",
		"/desk/write?reply=https://a/b": "/desk/write?reply=https://a/b",
		"//evil.example":                home,
		"///evil.example":               home,
		`/\evil.example`:                home,
		`\/evil.example`:                home,
		`/a\..\\evil.example`:           home,
		"/\t/evil.example":              home,
		"/\n/evil.example":              home,
		"/\x00/evil.example":            home,
		"/a\r\nSet-Cookie: a=b":         home,
		"/%2f/evil.example/%":           home,
		"/%2f%2fevil.example":           home,
		"/%5cevil.example":              home,
		"https://evil.example":          home,
		"https:evil.example":            home,
		"javascript:alert(1)":           home,
		"evil.example":                  home,
		" /desk":                        home,
		"\u2028/desk":                   home,
		"@evil.example":                 home,
	} {
		fields := credentials(ownerName, ownerPassword)
		fields.Set("next", next)
		h.visitor().post("/login", fields).leadsTo(want)
		a := h.visitor().get("/login?next=" + url.QueryEscape(next)).is(http.StatusOK)
		if got := a.value("next"); got != want {
			t.Errorf("the form of next=%q leads to %q, want %q", next, got, want)
		}
	}
}

func TestOneWhoIsSignedInNeedsNoLoginPage(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	v.get("/login?next=/desk/inbox").leadsTo("/desk/inbox")
	v.get("/login?next=//evil.example").leadsTo("/desk/write")
	v.get("/desk").leadsTo("/desk/write")
}

func TestWithoutAnOwnerTheLoginPageSaysWhatToDo(t *testing.T) {
	a := newHouse(t).visitor().get("/login").is(http.StatusOK)
	a.says("main", "Start hark again")
	if len(a.all("form")) != 0 {
		t.Error("there is a form, but nobody who could sign in")
	}
}

func TestASessionEndsAfterTwoIdleWeeks(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	h.clock.pass(13 * 24 * time.Hour)
	v.get("/desk/write").is(http.StatusOK)
	h.clock.pass(15 * 24 * time.Hour)
	v.get("/desk/write").leadsTo("/login?next=%2Fdesk%2Fwrite")
}
