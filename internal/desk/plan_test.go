package desk

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"hark/internal/posts"
)

func TestAPostIsScheduledAndPublishedBeforeItsTime(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	fields := v.editor("/desk/write")
	fields.Set("text", "Rain is to come.")
	fields.Set("visibility", "unlisted")
	fields.Set("do", "schedule")
	v.post("/desk/write", fields).is(http.StatusUnprocessableEntity).says("#wrong-published", "Say when")
	fields.Set("published", h.clock.now().Add(-time.Second).UTC().Format(moment))
	v.post("/desk/write", fields).is(http.StatusUnprocessableEntity).says("#wrong-published", "has passed")
	fields.Set("published", h.clock.now().AddDate(0, 1, 0).UTC().Format(moment))
	editor := v.post("/desk/write", fields).is(http.StatusSeeOther).header.Get("Location")
	id := strings.TrimPrefix(editor, "/desk/write/")
	if p := h.kept(id); p.Status != posts.Scheduled || p.Visibility != posts.Unlisted {
		t.Fatalf("it is %s and %s, want scheduled and unlisted", p.Status, p.Visibility)
	}
	v.get("/desk/posts?status=scheduled").says(".shelf", "Rain is to come.").says(".shelf", "unlisted")
	v.get(editor).says("#status", "Scheduled for")

	fields = v.editor(editor)
	if got := fields["visibility"]; len(got) != 1 || got[0] != "unlisted" {
		t.Fatalf("the editor says it is for %q", got)
	}
	fields.Set("published", "")
	fields.Set("do", "publish")
	v.post(editor, fields).is(http.StatusSeeOther)
	if p, err := h.posts.ByID(context.Background(), id); err != nil || p.Status != posts.Published || p.Published.After(h.clock.now()) {
		t.Fatalf("it is %s since %v (%v)", p.Status, p.Published, err)
	}
}
