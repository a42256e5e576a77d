package desk

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// firstVisit is the filled form of the first visit.
func firstVisit(t *testing.T, h *house) url.Values {
	t.Helper()
	token, err := h.gate.SetupToken(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	a := h.visitor().get("/setup?token=" + token).is(http.StatusOK)
	fields := a.fields("form")
	if fields.Get("token") != token {
		t.Fatalf("the form holds the token %q, want %q", fields.Get("token"), token)
	}
	for name, value := range map[string]string{
		"name": "Wren Adair", "username": ownerName, "password": ownerPassword,
		"title": "Tidewrack", "description": "Notes from the tideline",
	} {
		if !fields.Has(name) {
			t.Errorf("the form has no field %s", name)
		}
		fields.Set(name, value)
	}
	return fields
}

func TestTheFirstVisitLeadsToTheEditor(t *testing.T) {
	h := newHouse(t)
	fields, v := firstVisit(t, h), h.visitor()
	v.post("/setup", fields).leadsTo("/desk/write")
	v.get("/desk/write").is(http.StatusOK).says(".deskbar", "Tidewrack")
	site, err := h.settings.Site(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if site.Title != "Tidewrack" || site.Description != "Notes from the tideline" || site.Author != "Wren Adair" {
		t.Errorf("the settings hold %+v", site)
	}
	h.visitor().post("/login", credentials(ownerName, ownerPassword)).leadsTo("/desk/write")

	// The link works once.
	fields.Set("username", "another")
	h.visitor().post("/setup", fields).is(http.StatusForbidden).says("main", "has its owner already")
	h.visitor().post("/login", credentials("another", ownerPassword)).is(http.StatusUnauthorized)
}

func TestAWrongSetupLinkOpensNothingAndSaysWhatToDo(t *testing.T) {
	h := newHouse(t)
	right := firstVisit(t, h)
	for _, token := range []string{"", "wrong", right.Get("token") + "0"} {
		h.visitor().get("/setup?token="+token).is(http.StatusForbidden).says("main", "Start hark again")
		fields := url.Values{}
		for name := range right {
			fields.Set(name, right.Get(name))
		}
		fields.Set("token", token)
		fields.Set("title", "Taken over")
		h.visitor().post("/setup", fields).is(http.StatusForbidden).says("main", "Start hark again")
	}
	if site, err := h.settings.Site(context.Background()); err != nil || site.Title == "Taken over" {
		t.Errorf("without the link the site was named %q (%v)", site.Title, err)
	}
}

func TestEveryMistakeOfTheFirstVisitStandsBesideItsField(t *testing.T) {
	h := newHouse(t)
	for field, bad := range map[string]string{
		"username":    "not a name",
		"password":    "short",
		"title":       "   ",
		"name":        strings.Repeat("n", 101),
		"description": strings.Repeat("d", 301),
	} {
		fields := firstVisit(t, h)
		fields.Set(field, bad)
		a := h.visitor().post("/setup", fields).is(http.StatusUnprocessableEntity)
		a.one("#wrong-" + field)
		if got := attr(a.one(`[name="`+field+`"]`), "aria-describedby"); !strings.Contains(got, "wrong-"+field) {
			t.Errorf("%s is described by %q, want its mistake", field, got)
		}
		for name, want := range fields {
			switch got := a.value(name); {
			case name == "password" && (got != "" || strings.Contains(a.body, want[0])):
				t.Error("the password stands in the page")
			case name != "password" && got != want[0]:
				t.Errorf("after a mistake in %s, %s holds %q, want %q", field, name, got, want[0])
			}
		}
	}
	if has, err := h.gate.HasOwner(context.Background()); err != nil || has {
		t.Errorf("there is an owner: %v (%v)", has, err)
	}
}

func TestTheFirstVisitKeepsTheTimeZone(t *testing.T) {
	h := newHouse(t)
	fields := firstVisit(t, h)
	fields.Set("zone", "Tidewrack/Shed")
	h.visitor().post("/setup", fields).is(http.StatusUnprocessableEntity).says("#wrong-zone", "Europe/Berlin")
	fields.Set("zone", " Europe/Berlin")
	h.visitor().post("/setup", fields).leadsTo("/desk/write")
	if site, err := h.settings.Site(t.Context()); err != nil || site.Zone != "Europe/Berlin" {
		t.Errorf("the zone of the site is %q (%v)", site.Zone, err)
	}
}
