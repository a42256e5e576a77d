package posts

import (
	"context"
	"fmt"
	"testing"
	"time"

	"hark/internal/database"
)

// exec changes the tables as no method does.
func (b *bench) exec(t testing.TB, statement string) {
	t.Helper()
	err := b.db.InTx(t.Context(), func(tx *database.Tx) error {
		_, err := tx.Exec(statement)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// outdate makes all posts look as an older renderer left them.
func (b *bench) outdate(t testing.TB) {
	t.Helper()
	b.exec(t, "UPDATE posts SET html = 'old', summary = 'old', words = 0, rendered = 0")
}

// renew renders what is outdated, and nothing else.
func (b *bench) renew(t testing.TB) {
	t.Helper()
	if err := b.Renew(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := b.queue.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestPostsThatAnOlderRendererMadeAreMadeAnewUnnoticed(t *testing.T) {
	b := newBench(t)
	var all []*Post
	for n := range 2*renderBatch + 3 {
		all = append(all, b.publish(t, "", fmt.Sprintf("Post *%d*.", n)))
	}
	all = append(all, b.draft(t, "Draft *one*."))
	gone := b.publish(t, "", "Gone *one*.")
	if err := b.Delete(t.Context(), gone.ID); err != nil {
		t.Fatal(err)
	}
	all = append(all, b.read(t, gone.ID))
	b.jobs(t)
	b.outdate(t)
	b.pass(time.Hour)
	if post, lists := b.touched(t, all[0].ID, func() { b.renew(t) }); post == 0 || lists == 0 {
		t.Errorf("pages of the post moved by %d, lists by %d", post, lists)
	}
	for _, was := range all {
		is := b.read(t, was.ID)
		if is.HTML != was.HTML || is.Summary != was.Summary || is.Words != was.Words {
			t.Errorf("%s became %s", was.Content, is.HTML)
		}
		if !is.Updated.Equal(was.Updated) || is.Version != was.Version || is.Status != was.Status {
			t.Errorf("%s was changed: version %d, %s, %s", was.Content, is.Version, is.Updated, is.Status)
		}
	}
	if n := b.jobs(t); n != 0 {
		t.Errorf("others are told of %d posts", n)
	}
	if post, _ := b.touched(t, all[0].ID, func() { b.renew(t) }); post != 0 {
		t.Error("a second start renders everything again")
	}
	if found, _, err := b.Search(t.Context(), Query{Terms: []Term{{words: []string{"17"}}}}, 0, 5); err != nil || len(found) != 1 {
		t.Errorf("searching finds %d posts: %v", len(found), err)
	}
}

func TestWhatIsSavedMeanwhileIsNotOverwritten(t *testing.T) {
	b := newBench(t)
	p := b.publish(t, "", "Before.")
	stale := *b.read(t, p.ID)
	p.Content = "After."
	b.save(t, p)
	err := b.db.InTx(context.Background(), func(tx *database.Tx) error { return b.redrawn(tx, &stale, true) })
	if err != nil {
		t.Fatal(err)
	}
	if got := b.read(t, p.ID).HTML; got != "<p>After.</p>\n" {
		t.Errorf("it is %s", got)
	}
}

func TestPostsFollowTheLanguageOfTheSite(t *testing.T) {
	b := newBench(t)
	ours, french := b.publish(t, "", `"So"`), b.save(t, &Post{Status: Published, Content: `"So"`, Lang: "fr"})
	site, err := b.settings.Site(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	site.Language = "de"
	if err := b.settings.Save(t.Context(), site); err != nil {
		t.Fatal(err)
	}
	if err := b.OutdateLanguage(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.renew(t)
	if got := b.read(t, ours.ID).HTML; got != "<p>„So“</p>\n" {
		t.Errorf("a post in the site's language is %s", got)
	}
	if got := b.read(t, french.ID).HTML; got != french.HTML || got != "<p>«\u202fSo\u202f»</p>\n" {
		t.Errorf("a post in French is %s", got)
	}
}

func TestHTMLFollowsTheRoleOfTheAuthor(t *testing.T) {
	b := newBench(t)
	p := b.publish(t, "", "a <b>c</b>")
	if p.HTML != "<p>a <b>c</b></p>\n" {
		t.Errorf("an owner's post is %s", p.HTML)
	}
	b.exec(t, "UPDATE users SET role = 'author' WHERE id = 'wren'")
	if err := b.OutdateAuthor(t.Context(), "wren"); err != nil {
		t.Fatal(err)
	}
	b.renew(t)
	if got := b.read(t, p.ID).HTML; got != "<p>a &lt;b&gt;c&lt;/b&gt;</p>\n" {
		t.Errorf("an author's post is %s", got)
	}
}
