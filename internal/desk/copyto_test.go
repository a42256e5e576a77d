package desk

import (
	"context"
	"net/http"
	"slices"
	"testing"

	"hark/internal/posts"
	"hark/internal/settings"
)

func TestTheEditorOffersPlacesForCopies(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	p, editor := h.draft(posts.Post{Content: "Words."})
	if got := v.get(editor).is(http.StatusOK).all("[name=copy-to]"); len(got) != 0 {
		t.Errorf("before any is chosen %d are offered", len(got))
	}
	fields := v.get("/desk/settings/telling").fields("main form")
	fields.Set("targets", "Mastodon https://brid.gy/publish/mastodon\nhttps://fed.brid.gy/")
	v.post("/desk/settings/telling", fields).leadsTo("/desk/settings/telling?saved")
	form := v.get(editor).fields("form.write")
	form["copy-to"] = []string{"https://brid.gy/publish/mastodon"}
	form.Set("do", "draft")
	v.post("/desk/write", form).is(http.StatusSeeOther)
	if got := h.kept(p.ID).CopiesTo(); !slices.Equal(got, form["copy-to"]) {
		t.Errorf("it is to be copied to %q", got)
	}
	if err := h.settings.SaveTelling(context.Background(), settings.Telling{}); err != nil {
		t.Fatal(err)
	}
	form = v.get(editor).fields("form.write") // what is ticked is offered still
	if got := form["copy-to"]; !slices.Equal(got, []string{"https://brid.gy/publish/mastodon"}) {
		t.Errorf("ticked are %q", got)
	}
	form.Del("copy-to")
	form.Set("do", "draft")
	v.post("/desk/write", form).is(http.StatusSeeOther)
	if got := h.kept(p.ID).CopiesTo(); len(got) != 0 {
		t.Errorf("unticked it is to be copied to %q", got)
	}
}
