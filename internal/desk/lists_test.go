package desk

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"hark/internal/posts"
	"hark/internal/settings"
)

func TestThePostsAreListedByStatusAndInPages(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	author := h.user().ID
	for n := range perPage + 2 {
		h.clock.pass(time.Second)
		p := posts.Post{AuthorID: author, Status: posts.Draft, Content: fmt.Sprintf("Draft number %d", n)}
		if err := h.posts.Save(context.Background(), &p); err != nil {
			t.Fatal(err)
		}
	}
	first := v.get("/desk/posts?status=draft").is(http.StatusOK).says("main .tabs [aria-current]", "Drafts")
	if got := len(first.all(".shelf > li")); got != perPage {
		t.Errorf("the first page holds %d drafts, want %d", got, perPage)
	}
	second := v.get(attr(first.one(".acts a"), "href")).is(http.StatusOK)
	if got := len(second.all(".shelf > li")); got != 2 {
		t.Errorf("the second page holds %d drafts, want 2", got)
	}
	second.says(".shelf > li:last-child", "Draft number 0")
	v.get("/desk/posts").is(http.StatusOK).says("main", "Nothing is published yet")
}

func TestDeletingAsksOnceAndRestoringUndoesIt(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	p, _ := h.published(v, "Six years", "of rain")
	list := v.get("/desk/posts").is(http.StatusOK)
	list.says(".shelf details button", "Delete it")
	v.post("/desk/posts/"+p.ID, url.Values{"do": {"delete"}}).leadsTo("/desk/posts?moved=" + p.ID + "&status=published")
	v.get("/desk/posts?status=deleted").is(http.StatusOK).says(".shelf", "Six years")
	v.post("/desk/posts/"+p.ID, url.Values{"do": {"restore"}}).leadsTo("/desk/posts?moved=" + p.ID + "&status=published")
	v.get("/desk/posts?moved="+p.ID).is(http.StatusOK).says(".banner", "is back where it was")
	v.post("/desk/posts/nothing", url.Values{"do": {"delete"}}).is(http.StatusNotFound)
	v.post("/desk/posts/nothing", url.Values{"do": {"restore"}}).is(http.StatusNotFound)
	v.post("/desk/posts/"+p.ID, url.Values{"do": {"dance"}}).is(http.StatusBadRequest)
}

func TestSettingsAreKept(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	fields := v.get("/desk/settings").is(http.StatusOK).fields("main form")
	want := settings.Site{Title: "Tidewrack", Description: "Notes", Author: "Wren", About: "Me & <b>mine</b>", Language: "de", Zone: "UTC"}
	for name, value := range map[string]string{
		"title": want.Title, "description": want.Description, "author": want.Author, "about": want.About, "language": want.Language,
	} {
		if !fields.Has(name) {
			t.Errorf("there is no field %s", name)
		}
		fields.Set(name, value)
	}
	v.post("/desk/settings", fields).leadsTo("/desk/settings?saved")
	if got, err := h.settings.Site(context.Background()); err != nil || got != want {
		t.Errorf("kept is %+v (%v), want %+v", got, err, want)
	}
	a := v.get("/desk/settings?saved").is(http.StatusOK).says(".banner", "Gespeichert.") // the desk speaks the language of the site
	if got := a.fields("main form"); got.Get("about") != want.About {
		t.Errorf("the form holds %v", got)
	}
}

func TestMistakesInSettingsStandBesideTheirFieldsAndNothingTypedIsLost(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	for field, bad := range map[string]string{
		"title": " ", "description": strings.Repeat("d", 301), "author": strings.Repeat("a", 101),
		"about": strings.Repeat("a", 64<<10+1), "language": "no language",
	} {
		fields := url.Values{"title": {"Taken"}, "description": {"d"}, "author": {"a"}, "about": {"\nb"}, "language": {"de"}}
		fields.Set(field, bad)
		a := v.post("/desk/settings", fields).is(http.StatusUnprocessableEntity)
		a.one("#wrong-" + field)
		for name := range fields {
			if name == field && strings.TrimSpace(bad) == "" {
				continue
			}
			if got := a.value(name); got != fields.Get(name) {
				t.Errorf("after a mistake in %s, %s holds %q, want %q", field, name, got, fields.Get(name))
			}
		}
	}
	if got, err := h.settings.Site(context.Background()); err != nil || got.Title != settings.Default.Title {
		t.Errorf("kept is %+v (%v)", got, err)
	}
}

func TestWhatIsScheduledOrNotForAllIsListedAsSuch(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	for _, p := range []*posts.Post{
		{Status: posts.Scheduled, Content: "Later.", Published: h.clock.now().Add(time.Hour)},
		{Status: posts.Published, Content: "Secret.", Visibility: posts.Private},
	} {
		p.AuthorID = h.user().ID
		if err := h.posts.Save(t.Context(), p); err != nil {
			t.Fatal(err)
		}
	}
	v.get("/desk/posts?status=scheduled").is(http.StatusOK).says("main .tabs [aria-current]", "Scheduled 1").says(".shelf", "comes out").says(".shelf", "Later.")
	v.get("/desk/posts").is(http.StatusOK).says(".shelf", "Secret.").says(".shelf .on", "private")
}

func TestTheBarMarksWhereOneIs(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	p, editor := h.published(v, "Rain", "The jar was never meant to last.")
	for path, want := range map[string]string{
		"/desk/write": "Write", editor: "Write", "/desk/templates": "Write", "/desk/find": "Write", "/desk/share": "Write",
		"/desk/posts": "Posts", "/desk/posts/" + p.ID + "/revisions": "Posts",
		"/desk/inbox": "Inbox", "/desk/inbox/rules": "Inbox", "/desk/outbox": "Outbox", "/desk/media": "Media", "/desk/defence": "Defence",
		"/desk/settings": "Settings", "/desk/settings/look": "Settings", "/desk/people": "People", "/desk/account": "Account", "/desk/account/apps": "Account",
	} {
		v.get(path).is(http.StatusOK).says(".deskbar [aria-current=page]", want)
	}
}
