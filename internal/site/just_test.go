package site

import (
	"testing"
	"time"

	"hark/internal/posts"
)

func TestWhoMayChangeAPostCanTakeBackWhatWasJustDone(t *testing.T) {
	b := newBlog(t)
	p := b.publish(0, posts.Post{Title: "Rain", Content: "Too soon."})
	if got := b.get(p.Path).all(".just"); len(got) != 0 {
		t.Error("a reader could take it back")
	}
	b.seen = b.wren
	form := b.get(p.Path).one(t, ".just")
	if got := wordsIn(form); got != "Published a moment ago. Undo" || attribute(form, "action") != "/desk/posts/"+p.ID {
		t.Errorf("it says %q and leads to %q", got, attribute(form, "action"))
	}
	p.Content = "In time."
	if err := b.Posts.Save(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	if got := wordsIn(b.get(p.Path).one(t, ".just")); got != "Changed a moment ago. What it was before Undo" {
		t.Errorf("it says %q", got)
	}
	b.at = b.at.Add(11 * time.Minute)
	if got := b.get(p.Path).all(".just"); len(got) != 0 {
		t.Error("it can be taken back for ever")
	}
}

func TestAnAppsChangesLeaveRevisions(t *testing.T) {
	b := newBlog(t)
	a := b.app("create update")
	address := a.makes(formType, "content=First")
	a.updates(address, `"replace":{"content":["Second"],"category":["x"]}`, map[string]any{"content": values("Second")})
	p, err := b.Posts.ByPath(t.Context(), address[len(public):])
	if err != nil {
		t.Fatal(err)
	}
	list, err := b.Posts.Revisions(t.Context(), p)
	if err != nil || len(list) != 1 || list[0].Content != "First" || p.SavedBy != p.AuthorID {
		t.Errorf("kept are %+v (%v), saved by %q", list, err, p.SavedBy)
	}
}
