package desk

import (
	"bytes"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/go-chi/chi/v5"
)

// routes are all methods and paths of the desk, with a key where one belongs.
func (h *house) routes(f func(method, path string)) {
	h.t.Helper()
	n := 0
	err := chi.Walk(h.router, func(method, route string, _ http.Handler, _ ...func(http.Handler) http.Handler) error {
		n++
		f(method, strings.ReplaceAll(route, "{id}", "some-key"))
		return nil
	})
	if err != nil || n < 28 {
		h.t.Fatalf("%d routes were walked (%v)", n, err)
	}
}

func TestNothingOfTheDeskIsReachedWithoutASession(t *testing.T) {
	h := newHouse(t)
	h.owner()
	for _, token := range []string{"", "0000000000000000000000000000000000000000000000000000000000000000", "' OR 1=1"} {
		h.routes(func(method, path string) {
			r := h.request(method, path, url.Values{"do": {"publish"}, "text": {"x"}})
			r.Header.Set("Cookie", "hark="+token)
			a := h.visitor().do(r)
			if got := a.header.Get("Cache-Control"); got != "private, no-store" {
				t.Errorf("%s %s: Cache-Control is %q", method, path, got)
			}
			if !strings.HasPrefix(path, "/desk") {
				return
			}
			led := a.status == http.StatusSeeOther && strings.HasPrefix(a.header.Get("Location"), "/login?next=%2Fdesk")
			asked := method == http.MethodPost && a.status == http.StatusUnauthorized && len(a.all(".deskbar")) == 0
			if !led && !asked {
				t.Errorf("%s %s answers %d and leads to %q", method, path, a.status, a.header.Get("Location"))
			}
		})
	}
}

func TestAFormOfAnotherSiteDoesNothing(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	p, _ := h.published(v, "", "Mine")
	for _, origin := range []map[string]string{
		{"Sec-Fetch-Site": "cross-site"},
		{"Sec-Fetch-Site": "same-site"},
		{"Origin": "https://evil.example"},
		{"Origin": "null"},
	} {
		h.routes(func(method, path string) {
			if method != http.MethodPost {
				return
			}
			r := h.request(method, strings.ReplaceAll(path, "some-key", p.ID), url.Values{"do": {"delete"}, "title": {"x"}, "text": {"x"}})
			for name, value := range origin {
				r.Header.Set(name, value)
			}
			v.do(r).is(http.StatusForbidden).says("main", "a page of another site")
		})
	}
	if got := h.kept(p.ID); got.Status != "published" {
		t.Errorf("the post is %s", got.Status)
	}
	v.get("/desk/write").is(http.StatusOK) // still signed in
}

func TestAFormOfOursPassesBehindAProxyThatChangesHost(t *testing.T) {
	h := newHouse(t, "https://tidewrack.example")
	h.owner()
	r := h.request(http.MethodPost, "/login", credentials(ownerName, ownerPassword))
	r.Header.Set("Origin", "https://tidewrack.example")
	h.visitor().do(r).leadsTo("/desk/write")
}

func TestAVisitorWithoutACookieCostsNoQuery(t *testing.T) {
	h := newHouse(t)
	d := &Desk{cookies: newCookies(false)} // whose gate would panic
	if got := d.Who(h.request(http.MethodGet, "/", nil)); got != nil {
		t.Errorf("a visitor is %+v", got)
	}
}

func TestTheUserIsAskedOnce(t *testing.T) {
	h := newHouse(t)
	h.owner()
	d := New(Options{URL: h.URL, Gate: h.gate, Now: h.clock.now})
	s, err := h.gate.Login(t.Context(), ownerName, ownerPassword, "", addr(), "")
	if err != nil {
		t.Fatal(err)
	}
	r := h.request(http.MethodGet, "/", nil)
	r.Header.Set("Cookie", "hark="+s.Token)
	d.Remember(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if got := d.Who(r); got == nil || got.Name != ownerName {
			t.Fatalf("the user is %+v", got)
		}
		if err := h.gate.Logout(t.Context(), s.Token, addr()); err != nil {
			t.Fatal(err)
		}
		if d.Who(r) == nil {
			t.Error("the database was asked again")
		}
	})).ServeHTTP(nil, r)
	if got := d.Who(r); got != nil {
		t.Errorf("the next request is that of %+v", got)
	}
}

func TestEveryPageCanBeUsedWithAScreenReader(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	p, editor := h.published(v, "A title", "words")
	ids := h.seed(p, seeded{signs: one("list", -150)}, seeded{kind: "mention"}, seeded{state: "spam"})
	v.post(codesPath, url.Values{"do": {"begin"}})
	app := newApp(t, document(nil))
	done := v.post("/desk/inbox/rules", url.Values{"stance": {"trust"}, "scope": {"host"}, "value": {"blog0.example"}}).is(http.StatusSeeOther).header.Get("Location")
	for _, path := range []string{"/desk/write", editor, "/desk/posts", "/desk/posts?status=draft", "/desk/posts?status=deleted&moved=" + p.ID,
		"/desk/inbox", "/desk/inbox?state=spam", "/desk/inbox?state=shown&q=answer", "/desk/inbox?state=removed", "/desk/inbox/" + ids[0], "/desk/inbox/" + ids[1], "/desk/inbox/rules", done,
		"/desk/outbox", "/desk/settings", "/desk/settings/answers", "/desk/settings/telling", "/desk/settings/letters", peoplePath, accountPath, profilePath, accountPath + "/activity", appsPath, appsPath + "/new", codesPath, passkeysPath, "/desk/account/prove", app.asks()} {
		a := v.get(path).is(http.StatusOK)
		a.one("h1")
		a.one("main#main")
		for _, described := range a.all("[aria-describedby], [aria-labelledby]") {
			for _, id := range strings.Fields(attr(described, "aria-describedby") + " " + attr(described, "aria-labelledby")) {
				a.one("#" + id)
			}
		}
		nameless := 0
		for _, button := range a.all("button, summary, main a") {
			if text(button) == "" && attr(button, "aria-label") == "" {
				nameless++
			}
		}
		if filled := len(a.all("#finder template button")); nameless != filled { // that one is named by a script
			t.Errorf("%s: %d buttons or links have no name, want %d", path, nameless, filled)
		}
		for _, field := range a.all("input:not([type=hidden]), textarea, select") {
			id := attr(field, "id")
			if attr(field, "aria-label") == "" && field.Parent.Data != "label" && (id == "" || len(a.all(`label[for="`+id+`"]`)) != 1) {
				t.Errorf("%s: the field %s has no label", path, attr(field, "name"))
			}
		}
		if inline := a.all("script:not([src]), style, [style], [onclick], [onload]"); len(inline) != 0 {
			t.Errorf("%s holds %d inline scripts or styles", path, len(inline))
		}
		if bytes.Contains([]byte(a.body), []byte("ZgotmplZ")) {
			t.Errorf("%s holds what the templates refuse", path)
		}
	}
}
