package desk

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

func TestALinkForANewPasswordSignsIn(t *testing.T) {
	h := newHouse(t)
	old := h.owner()
	token, err := h.gate.Reset(t.Context(), ownerName)
	if err != nil {
		t.Fatal(err)
	}
	path := "/reset?token=" + token
	v := h.visitor()
	fields := v.get(path).is(http.StatusOK).says("main", "For "+ownerName).fields("form")
	fields.Set("password", "password123")
	if a := v.post("/reset", fields).is(http.StatusUnprocessableEntity).says("#wrong-password", "many people use"); strings.Contains(a.body, "password123") {
		t.Error("the password stands in the page")
	}
	fields.Set("password", "quite other words now")
	v.post("/reset", fields).leadsTo("/desk/account?changed")
	v.get("/desk/account?changed").is(http.StatusOK)
	old.get("/desk/write").is(http.StatusSeeOther)
	h.visitor().get(path).is(http.StatusForbidden).says("h1", "opens nothing")
	h.visitor().post("/reset", fields).is(http.StatusForbidden)
	for range 5 {
		h.visitor().post("/reset", url.Values{"token": {"made up"}})
	}
	h.visitor().post("/reset", url.Values{"token": {"made up"}}).is(http.StatusTooManyRequests)
}
