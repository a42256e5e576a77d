package site

import (
	"net/http"
	"testing"
	"time"

	"hark/internal/auth"
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

func TestOfAPostThatIsDeletedForGoodItsAddressSaysSo(t *testing.T) {
	b := newBlog(t)
	a := b.app("create update delete undelete")
	address := a.makes(formType, "name=Rain&content=First")
	b.send("/micropub", jsonType, `{"action":"update","url":"`+address+`","replace":{"mp-slug":["snow"]}}`, a.token)
	p, err := b.Posts.ByPath(t.Context(), "/2026/snow")
	if err != nil {
		t.Fatal(err)
	}
	if r := b.send("/micropub", formType, "action=delete&url="+public+p.Path, a.token); r.StatusCode != http.StatusNoContent {
		t.Fatal(r.body)
	}
	want := map[string]int{}
	for _, path := range []string{"/2026/snow", "/2026/rain", "/2026/snow/feed.atom", "/2026/snow/answers/2", "/2026/none"} {
		want[path] = b.ask(http.MethodGet, path).StatusCode
	}
	if want["/2026/rain"] != http.StatusGone || want["/2026/snow/feed.atom"] != http.StatusGone {
		t.Fatalf("a deleted post answers %v", want)
	}
	if err := b.Posts.Purge(t.Context(), p.ID, b.wren.ID); err != nil {
		t.Fatal(err)
	}
	for _, b.seen = range []*auth.User{nil, b.wren} {
		for path, status := range want {
			if got := b.ask(http.MethodGet, path).StatusCode; got != status {
				t.Errorf("%s answers %d, while it could be restored %d", path, got, status)
			}
		}
	}
	b.seen = nil
	for _, action := range []string{"delete", "undelete"} {
		a.refuses(formType, "action="+action+"&url="+public+"/2026/snow", 400, "there is no post")
	}
	a.refuses(jsonType, `{"action":"update","url":"`+public+`/2026/rain","replace":{"content":["x"]}}`, 400, "there is no post")
	if made := a.makes(formType, "name=Rain&content=Second"); made == address {
		t.Error("another post has its address")
	}
}
