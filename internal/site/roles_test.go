package site

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"hark/internal/auth"
	"hark/internal/auth/authtest"
	"hark/internal/posts"
)

// reed is an author beside the owner.
func (b *blog) reed() *auth.User {
	b.t.Helper()
	return authtest.Add(b.t, b.db, "reed", "Reed Moss", "four plain words suffice", auth.Author, b.at)
}

func TestAnAppMayDoNoMoreThanItsUser(t *testing.T) {
	b := newBlog(t)
	b.reed()
	made, err := b.Gate.NewToken(t.Context(), "reed", "create delete undelete", "test")
	if err != nil {
		t.Fatal(err)
	}
	token := "Authorization: Bearer " + made
	theirs := b.publish(0, posts.Post{Title: "Wren's", Content: "words"})
	for _, action := range []string{"delete", "undelete"} {
		if r := b.send("/micropub", formType, "action="+action+"&url="+public+theirs.Path, token); r.StatusCode != http.StatusForbidden || !strings.Contains(r.body, "forbidden") {
			t.Errorf("to %s another's post is answered %d: %s", action, r.StatusCode, r.body)
		}
	}
	if p, err := b.Posts.ByID(t.Context(), theirs.ID); err != nil || p.Status != posts.Published {
		t.Errorf("the post is %s (%v)", p.Status, err)
	}
	own := b.send("/micropub", formType, "h=entry&content=mine", token).Header.Get("Location")
	for _, action := range []string{"delete", "undelete"} {
		if r := b.send("/micropub", formType, "action="+action+"&url="+own, token); r.StatusCode >= 300 {
			t.Errorf("to %s one's own is answered %d: %s", action, r.StatusCode, r.body)
		}
	}
	if r := b.send("/micropub", formType, "action=delete&url="+own, b.token("delete")); r.StatusCode >= 300 {
		t.Errorf("the owner's app is answered %d: %s", r.StatusCode, r.body)
	}
}

func TestAPageOffersWhatItsReaderMayDo(t *testing.T) {
	b := newBlog(t)
	reed := b.reed()
	theirs := b.publish(0, posts.Post{Title: "Wren's", Content: "see https://other.example/"})
	own := posts.Post{Title: "Reed's", Content: "words", AuthorID: reed.ID, Status: posts.Published}
	if err := b.Posts.Save(t.Context(), &own); err != nil {
		t.Fatal(err)
	}
	b.working()
	b.seen = reed
	if a := b.get(theirs.Path); strings.Contains(a.body, "/desk/write/") || strings.Contains(a.body, "/desk/inbox") || strings.Contains(a.body, `id="told"`) || !strings.Contains(a.body, "/desk/account") {
		t.Error("an author is offered to change another's post, or to decide")
	}
	if a := b.get(own.Path); !strings.Contains(a.body, "/desk/write/"+own.ID) {
		t.Error("an author is not offered to change their own")
	}
	b.seen = b.wren
	if a := b.get(own.Path); !strings.Contains(a.body, "/desk/write/"+own.ID) || !strings.Contains(a.body, "/desk/inbox") {
		t.Error("the owner is not offered to change it")
	}
}

func TestWhereSeveralWriteEachPostNamesItsAuthor(t *testing.T) {
	b := newBlog(t)
	theirs := b.publish(0, posts.Post{Title: "Wren's", Content: "words"})
	pages := []string{theirs.Path, "/", "/feed.atom", "/feed.json", "/feed.rss"}
	for _, path := range pages {
		if a := b.get(path); strings.Contains(a.body, "Reed") || !strings.Contains(a.body, "Wren Adair") {
			t.Errorf("%s: where one writes, it is the site's author", path)
		}
	}
	reed := b.reed()
	own := posts.Post{Title: "Of the marsh", Content: "words, after [this](" + theirs.Path + ")", AuthorID: reed.ID, Status: posts.Published}
	if err := b.Posts.Save(t.Context(), &own); err != nil {
		t.Fatal(err)
	}
	if err := b.queue.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := b.get(theirs.Path).texts(".p-comment .p-author"); !slices.Equal(got, []string{"Reed Moss"}) {
		t.Errorf("beneath the other's post speaks %q", got)
	}
	for path, want := range map[string][]string{own.Path: {"Reed Moss"}, theirs.Path: {"Wren Adair", "Reed Moss"}, "/": {"Reed Moss", "Wren Adair"}} {
		if got := b.get(path).texts(".h-entry .p-author"); !slices.Equal(got, want) {
			t.Errorf("%s is by %q, want %q", path, got, want)
		}
	}
	for _, path := range pages[2:] {
		if a := b.get(path); !strings.Contains(a.body, "Reed Moss") || !strings.Contains(a.body, "Wren Adair") {
			t.Errorf("%s does not name both authors: %s", path, a.body)
		}
	}
	if err := b.Gate.Rename(t.Context(), reed.ID, "Reed of the Marsh"); err != nil {
		t.Fatal(err)
	}
	for _, path := range append(pages[1:], own.Path) {
		if a := b.get(path); !strings.Contains(a.body, "Reed of the Marsh") || strings.Contains(a.body, "Reed Moss") {
			t.Errorf("%s has the name of before", path)
		}
	}
}

func TestHTMLFromAnAuthorsAppBecomesMarkdown(t *testing.T) {
	b := newBlog(t)
	b.reed()
	made, err := b.Gate.NewToken(t.Context(), "reed", "create update", "test")
	if err != nil {
		t.Fatal(err)
	}
	token := "Authorization: Bearer " + made
	at := b.send("/micropub", "application/json", `{"type":["h-entry"],"properties":{"content":[{"html":"<p>One <b>two</b>.</p><script>x</script>"}]}}`, token).Header.Get("Location")
	path := strings.TrimPrefix(at, public)
	if got := b.get(path).texts(".text strong"); !slices.Equal(got, []string{"two"}) {
		t.Errorf("the page shows %v", got)
	}
	b.send("/micropub", "application/json", `{"action":"update","url":"`+at+`","replace":{"content":[{"html":"<em>three</em>"}]}}`, token)
	if page := b.get(path); !slices.Equal(page.texts(".text em"), []string{"three"}) || strings.Contains(page.body, "&lt;em") {
		t.Errorf("after an update it is %s", page.body)
	}
}
