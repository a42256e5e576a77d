package desk

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/go-chi/chi/v5"

	"hark/internal/auth"
	"hark/internal/posts"
)

// rightsOf says which right each address of the desk asks for; "" is for who is
// signed in at all.
var rightsOf = map[string]auth.Right{
	"GET /desk": "", "GET /desk/write": auth.Write, "POST /desk/write": auth.Write, "GET /desk/write/{id}": auth.Write, "POST /desk/write/{id}": auth.Write,
	"POST /desk/preview": auth.Write, "POST /desk/copy": auth.Write, "GET /desk/find": auth.Write, "GET /desk/share": auth.Write, "GET /desk/posts": auth.Write, "POST /desk/posts/{id}": auth.Write,
	"GET /desk/posts/{id}/revisions": auth.Write, "POST /desk/posts/{id}/revisions": auth.Write,
	"GET /desk/templates": auth.Write, "GET /desk/templates/{id}": auth.Write, "POST /desk/templates/{id}": auth.Write,
	"GET /desk/media": auth.Write, "POST /desk/media": auth.Write, "POST /desk/media/{id}": auth.Write, "POST /desk/media/words": auth.Write,
	"GET /desk/inbox": auth.Decide, "POST /desk/inbox": auth.Decide, "POST /desk/inbox/undo": auth.Decide, "GET /desk/inbox/{id}": auth.Decide, "POST /desk/inbox/{id}": auth.Decide,
	"GET /desk/inbox/rules": auth.Decide, "POST /desk/inbox/rules": auth.Decide, "POST /desk/inbox/rules/{id}": auth.Decide,
	"GET /desk/outbox": auth.Tell, "POST /desk/outbox/{id}": auth.Write,
	"GET /desk/defence": auth.Defend, "POST /desk/defence/bans": auth.Defend, "POST /desk/defence/budgets": auth.Defend,
	"GET /desk/settings": auth.Choose, "POST /desk/settings": auth.Choose, "GET /desk/settings/answers": auth.Choose, "POST /desk/settings/answers": auth.Choose,
	"GET /desk/settings/look": auth.Choose, "POST /desk/settings/look": auth.Choose, "GET /desk/settings/look/sample.css": auth.Choose,
	"GET /desk/settings/telling": auth.Choose, "POST /desk/settings/telling": auth.Choose, "GET /desk/settings/letters": auth.Choose, "POST /desk/settings/letters": auth.Choose,
	"GET /desk/settings/readers": auth.Choose, "POST /desk/settings/readers": auth.Choose,
	"GET /desk/people": auth.Invite, "POST /desk/people/{id}": auth.Invite, "POST /desk/people/invitations": auth.Invite, "POST /desk/people/invitations/{id}": auth.Invite,
	"GET /desk/account": "", "POST /desk/account/sessions": "", "POST /desk/account/devices": "", "POST /desk/account/name": "", "POST /desk/account/password": "", "POST /desk/account/news": "",
	"GET /desk/account/page": "", "POST /desk/account/page": "", "GET /desk/account/activity": "", "GET /desk/account/apps": "", "POST /desk/account/apps": "", "GET /desk/account/apps/new": "", "POST /desk/account/apps/old": "", "POST /desk/account/apps/{id}": "",
	"GET /desk/account/prove": "", "POST /desk/account/prove": "", "GET /desk/account/passkeys": "", "POST /desk/account/passkeys": "", "GET /desk/account/passkeys/new": "",
	"POST /desk/account/passkeys/begin": "", "POST /desk/account/passkeys/{id}": "", "GET /desk/account/codes": "", "POST /desk/account/codes": "", "GET /desk/account/codes/key.png": "",
}

func TestEveryAddressOfTheDeskAsksForItsRight(t *testing.T) {
	h := newHouse(t)
	people := map[string]*visitor{auth.Owner: h.owner(), auth.Editor: h.person("edith", auth.Editor), auth.Author: h.person("reed", auth.Author)}
	nobody := h.visitor()
	walked := 0
	err := chi.Walk(h.router, func(method, route string, _ http.Handler, _ ...func(http.Handler) http.Handler) error {
		if !strings.HasPrefix(route, "/desk") {
			return nil
		}
		right, listed := rightsOf[method+" "+route]
		if !listed {
			t.Errorf("it is not said here which right %s %s asks for", method, route)
			return nil
		}
		walked++
		path, fields := strings.ReplaceAll(route, "{id}", "some-key"), url.Values{"do": {"again"}}
		ask := func(v *visitor) *answer {
			if method == http.MethodPost {
				return v.post(path, fields)
			}
			return v.get(path)
		}
		if got := ask(nobody).status; got != http.StatusSeeOther && got != http.StatusUnauthorized {
			t.Errorf("%s %s answers nobody %d", method, path, got)
		}
		for role, v := range people {
			refused := ask(v).status == http.StatusForbidden
			if want := right != "" && !auth.May(role, right); refused != want {
				t.Errorf("%s %s refuses an %s: %v, want %v", method, path, role, refused, want)
			}
		}
		return nil
	})
	if err != nil || walked != len(rightsOf) {
		t.Errorf("%d addresses were walked, want %d (%v)", walked, len(rightsOf), err)
	}
}

func TestTheBarShowsWhatOneMayDo(t *testing.T) {
	h := newHouse(t)
	h.owner()
	for role, want := range map[string]string{
		auth.Author: "Write Posts Media Account Sign out hark",
		auth.Editor: "Write Posts Inbox Outbox Media Account Sign out hark",
		auth.Owner:  "Write Posts Inbox Outbox Media Defence Settings People Account Sign out hark",
	} {
		if got := text(h.person("a-"+role, role).get("/desk/write").is(http.StatusOK).one(".deskbar")); got != want {
			t.Errorf("the bar of an %s is %q, want %q", role, got, want)
		}
	}
}

func TestAnAuthorHasPostsOfTheirOwnAlone(t *testing.T) {
	h := newHouse(t)
	owner, author, editor := h.owner(), h.person("reed", auth.Author), h.person("edith", auth.Editor)
	theirs, path := h.published(owner, "Secret plans", "words of the owner, linking to https://blog.example/")
	own, ownPath := h.published(author, "My own", "words of reed")
	fields := owner.editor(path)
	fields.Set("text", "forged")
	fields.Set("do", "publish")

	author.get(path).is(http.StatusNotFound)
	author.get("/desk/write?id=" + theirs.ID).is(http.StatusNotFound)
	author.post(path, fields).is(http.StatusNotFound)
	author.post("/desk/write", fields).is(http.StatusNotFound)
	if a := author.post("/desk/preview", url.Values{"id": {theirs.ID}}); strings.Contains(a.body, "Secret") {
		t.Error("the preview shows another's post")
	}
	for _, do := range []string{"delete", "restore"} {
		author.post("/desk/posts/"+theirs.ID, url.Values{"do": {do}}).is(http.StatusNotFound)
	}
	fields.Set("do", "delete")
	author.post(path, fields).is(http.StatusNotFound)
	author.get("/desk/outbox?post=" + theirs.ID).is(http.StatusNotFound)
	author.get("/desk/outbox?post=" + own.ID).is(http.StatusOK)
	if p := h.kept(theirs.ID); p.Status != posts.Published || strings.Contains(p.Content, "forged") {
		t.Fatalf("the post of the owner is %+v", p)
	}
	a := author.get("/desk/posts?moved=" + theirs.ID).is(http.StatusOK)
	if strings.Contains(a.body, "Secret") || !strings.Contains(a.body, "My own") || !strings.Contains(text(a.all("nav.tabs a")[0]), "Published 1") {
		t.Errorf("the list of an author is %s", a.body)
	}

	author.post("/desk/posts/"+own.ID, url.Values{"do": {"delete"}}).is(http.StatusSeeOther)
	author.post("/desk/posts/"+own.ID, url.Values{"do": {"restore"}}).is(http.StatusSeeOther)
	author.get(ownPath).is(http.StatusOK)
	editor.get(path).is(http.StatusOK)
	editor.post("/desk/posts/"+own.ID, url.Values{"do": {"delete"}}).is(http.StatusSeeOther)
	if p := h.kept(own.ID); p.Status != posts.Deleted || p.AuthorID != own.AuthorID {
		t.Errorf("the post is %+v", p)
	}
}

func TestAnAuthorHasTheirOwnTold(t *testing.T) {
	h := newHouse(t)
	owner, author := h.owner(), h.person("reed", auth.Author)
	theirs, _ := h.published(owner, "One", "see https://one.example/")
	own, path := h.published(author, "Two", "see https://two.example/")
	h.work()
	id := func(p *posts.Post) string {
		t.Helper()
		list, err := h.outbox.Of(t.Context(), p.ID)
		if err != nil || len(list) != 1 {
			t.Fatal(list, err)
		}
		return list[0].ID
	}
	author.post("/desk/outbox/"+id(theirs), url.Values{"do": {"again"}}).is(http.StatusNotFound)
	author.post("/desk/outbox/"+id(own), url.Values{"do": {"never"}}).is(http.StatusForbidden)
	author.post("/desk/outbox/"+id(own), url.Values{"do": {"again"}, "post": {own.ID}}).is(http.StatusSeeOther)
	a := author.get("/desk/outbox?post=" + own.ID + "&did=again&of=" + id(theirs)).is(http.StatusOK)
	if strings.Contains(a.body, "one.example") || strings.Contains(a.body, "Never to this host") || !strings.Contains(a.body, "two.example") {
		t.Error("an author sees more than what their own post has told, or less")
	}
	fields := author.editor(path)
	fields.Set("never", "two.example")
	author.post(path, fields).is(http.StatusForbidden)
	if a := author.get(path); len(a.all("button[name=never]")) != 0 {
		t.Error("an author is shown the button that silences a host")
	}
}

func TestTheDoorThatCarriesWordsAsksForTheRightToo(t *testing.T) {
	h := newHouse(t)
	owner := h.owner()
	h.person("reed", auth.Author)
	_, path := h.published(owner, "One", "words")
	fields := owner.editor(path)
	fields.Set("text", "forged")
	fields.Set("do", "publish")
	h.clock.pass(monthLater)
	v := h.visitor()
	carried := v.post(path, fields).is(http.StatusUnauthorized).fields("form")
	carried.Set("username", "reed")
	carried.Set("password", ownerPassword)
	v.post(path, carried).is(http.StatusNotFound)
	h.visitor().post("/desk/settings", url.Values{"username": {"reed"}, "password": {ownerPassword}, "title": {"Reed's"}}).is(http.StatusForbidden)
	if site, err := h.settings.Site(t.Context()); err != nil || site.Title == "Reed's" {
		t.Errorf("the site is called %q (%v)", site.Title, err)
	}
}

func TestSomebodyIsInvitedAndBegins(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	link := text(v.post("/desk/people/invitations", url.Values{"role": {"editor"}}).is(http.StatusOK).one("code.secret"))
	path, ok := strings.CutPrefix(link, h.URL)
	if !ok {
		t.Fatalf("the link is %q", link)
	}
	if a := v.get(peoplePath).says("main", "For an editor"); strings.Contains(a.body, path) {
		t.Error("the link is shown again")
	}
	guest := h.visitor()
	fields := guest.get(path).is(http.StatusOK).says("main", "as an editor").fields("form")
	fields.Set("name", "Edith Moss")
	fields.Set("username", ownerName)
	fields.Set("password", ownerPassword)
	a := guest.post("/invite", fields).is(http.StatusUnprocessableEntity)
	a.one("#wrong-username")
	if strings.Contains(a.body, ownerPassword) {
		t.Error("the password stands in the page")
	}
	fields.Set("username", "edith")
	guest.post("/invite", fields).leadsTo("/desk/write")
	guest.get("/desk/inbox").is(http.StatusOK)
	guest.get("/desk/settings").is(http.StatusForbidden).says("main", "may not do this")
	h.visitor().get(path).is(http.StatusForbidden).says("h1", "opens nothing")
	h.visitor().post("/invite", fields).is(http.StatusForbidden)
	v.get(peoplePath).is(http.StatusOK).says("main", "Edith Moss")

	v.post("/desk/people/invitations", url.Values{"role": {"author"}}).is(http.StatusOK)
	back := attr(v.get(peoplePath).one(`form[action^="/desk/people/invitations/"]`), "action")
	v.post(back, url.Values{"do": {"remove"}}).leadsTo(peoplePath + "?back")
	v.post(back, url.Values{"do": {"remove"}}).is(http.StatusNotFound)
	v.post("/desk/people/invitations", url.Values{"role": {"king"}}).is(http.StatusUnprocessableEntity)
}

func TestWhatSomebodyMayDoIsChanged(t *testing.T) {
	h := newHouse(t)
	v, reed := h.owner(), h.person("reed", auth.Author)
	form := func(name string) string {
		t.Helper()
		for _, li := range v.get(peoplePath).is(http.StatusOK).all(".shelf > li") {
			if strings.Contains(text(li), "Signs in as "+name) {
				for n := range li.Descendants() {
					if n.Data == "form" {
						return attr(n, "action")
					}
				}
			}
		}
		t.Fatalf("%s is not listed", name)
		return ""
	}
	at := form("reed")
	v.post(at, url.Values{"do": {"role"}, "role": {"editor"}}).leadsTo(peoplePath + "?changed")
	reed.get("/desk/inbox").is(http.StatusOK)
	reed.post(at, url.Values{"do": {"role"}, "role": {"owner"}}).is(http.StatusForbidden)
	v.post(form(ownerName), url.Values{"do": {"role"}, "role": {"author"}}).is(http.StatusUnprocessableEntity).says("[role=alert]", "has to be the owner")
	v.post(form(ownerName), url.Values{"do": {"off"}}).is(http.StatusUnprocessableEntity)
	v.post(at, url.Values{"do": {"off"}}).leadsTo(peoplePath + "?off")
	reed.get("/desk/write").is(http.StatusSeeOther)
	h.visitor().post("/login", credentials("reed", ownerPassword)).is(http.StatusUnauthorized)
	v.get(peoplePath).says("main", "switched off")
	v.post(at, url.Values{"do": {"off"}}).is(http.StatusNotFound)
	v.post(at, url.Values{"do": {"on"}}).leadsTo(peoplePath + "?on")
	h.visitor().post("/login", credentials("reed", ownerPassword)).is(http.StatusSeeOther)
	h.clock.pass(11 * time.Minute)
	v.post(at, url.Values{"do": {"off"}}).leadsTo("/desk/account/prove?next=" + url.QueryEscape(peoplePath))
	v.post("/desk/people/invitations", url.Values{"role": {"owner"}}).leadsTo("/desk/account/prove?next=" + url.QueryEscape(peoplePath))
}
