package posts

import (
	"errors"
	"strings"
	"testing"
	"time"

	"hark/internal/database"
	"hark/internal/queue"
)

// sweep does the job that deletes for good.
func (b *bench) sweep(t *testing.T) {
	t.Helper()
	if err := b.purgeOld(t.Context(), queue.Job{}); err != nil {
		t.Fatal(err)
	}
}

// rows counts all that is kept of a post.
func (b *bench) rows(t *testing.T, id string) (n int) {
	t.Helper()
	for _, part := range []string{"posts WHERE id", "paths WHERE post_id", "tags WHERE post_id", "revisions WHERE post_id", "searched WHERE post_id", "copies WHERE NOT fresh AND post_id"} {
		var here int
		if err := b.db.QueryRow(t.Context(), "SELECT count(*) FROM "+part+" = $1", id).Scan(&here); err != nil {
			t.Fatal(err)
		}
		n += here
	}
	return n
}

func TestADeletedPostIsKeptThirtyDaysAndItsAddressesAreGoneForEver(t *testing.T) {
	b := newBench(t)
	p := b.save(t, &Post{Status: Published, Title: "Jar", Content: "In a jar.", Tags: []string{"rain"}})
	p.Slug = "bucket"
	b.save(t, p)
	other := b.publish(t, "Hat", "In a hat.")
	if err := b.Delete(t.Context(), p.ID); err != nil {
		t.Fatal(err)
	}
	b.pass(24 * time.Hour)
	deleted := b.now().Add(-24 * time.Hour)
	if err := b.Delete(t.Context(), other.ID); err != nil {
		t.Fatal(err)
	}
	b.pass(KeptFor - 24*time.Hour - time.Second)
	if b.sweep(t); b.read(t, p.ID).Status != Deleted {
		t.Fatal("it is gone too early")
	}
	if at := b.dueAt(t, purge); len(at) != 1 || !at[0].Equal(deleted.Add(KeptFor)) {
		t.Errorf("it is looked for at %v", at)
	}
	b.pass(time.Second)
	b.jobs(t)
	b.sweep(t)
	if n := b.rows(t, p.ID); n != 0 {
		t.Errorf("%d rows are left", n)
	}
	if n := b.jobs(t); n != 1 {
		t.Errorf("%d jobs tell of it, want 1", n)
	}
	if b.read(t, other.ID).Status != Deleted {
		t.Error("the other is gone too")
	}
	for _, path := range []string{"/2026/jar", "/2026/bucket"} {
		left, err := b.ByPath(t.Context(), path)
		if err != nil || left.Status != Deleted || left.ID != "" || left.Title != "" || !left.Deleted.Equal(deleted) {
			t.Errorf("at %s is %+v, %v", path, left, err)
		}
	}
	if again := b.publish(t, "Jar", "Another."); again.Path != "/2026/jar-2" {
		t.Errorf("its address was given to another: %s", again.Path)
	}
	for _, wish := range []*Post{
		{Status: Published, Content: "x", Slug: "bucket"}, {Status: Scheduled, Content: "x", Slug: "bucket", Published: b.now().Add(time.Hour)},
	} {
		wish.AuthorID = "wren"
		if err := b.Save(t.Context(), wish); !errors.As(err, new(*Invalid)) {
			t.Errorf("who wishes for its address is answered %v", err)
		}
	}
	if err := b.Restore(t.Context(), p.ID); !errors.Is(err, ErrNotFound) {
		t.Errorf("restoring it is answered %v", err)
	}
}

func TestOfAPrivatePostAndADraftNothingIsLeft(t *testing.T) {
	b := newBench(t)
	private := b.save(t, &Post{Status: Published, Title: "Jar", Content: "x", Visibility: Private})
	draft := b.draft(t, "Half.")
	for _, p := range []*Post{private, draft} {
		if err := b.Purge(t.Context(), p.ID, "wren"); !errors.Is(err, ErrChanged) {
			t.Errorf("one that is not deleted is answered %v", err)
		}
		if err := b.Delete(t.Context(), p.ID); err != nil {
			t.Fatal(err)
		}
		if err := b.Purge(t.Context(), p.ID, "wren"); err != nil || b.rows(t, p.ID) != 0 {
			t.Errorf("%d rows are left, %v", b.rows(t, p.ID), err)
		}
		if err := b.Purge(t.Context(), p.ID, "wren"); !errors.Is(err, ErrNotFound) {
			t.Errorf("the second time is answered %v", err)
		}
	}
	if _, err := b.At(t.Context(), "/2026/jar"); !errors.Is(err, ErrNotFound) {
		t.Errorf("at the address is %v", err)
	}
}

func TestWordsThatNobodySavedOutliveThePost(t *testing.T) {
	b := newBench(t)
	if err := b.db.InTx(t.Context(), func(tx *database.Tx) error {
		_, err := tx.Exec("INSERT INTO users (id, name, display_name, role, password, created_at) VALUES ('edith', 'edith', 'Edith', 'editor', '', 0)")
		return err
	}); err != nil {
		t.Fatal(err)
	}
	p := b.draft(t, "Half.")
	for _, writer := range []string{"wren", "edith"} {
		if err := b.KeepCopy(t.Context(), &Copy{Post: p.ID, Writer: writer, Tab: "a", Version: 1, Fields: "text=more"}, 0); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.Delete(t.Context(), p.ID); err != nil {
		t.Fatal(err)
	}
	if err := b.Purge(t.Context(), p.ID, "wren"); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Copy(t.Context(), p.ID, "wren"); !errors.Is(err, ErrNotFound) {
		t.Errorf("who deleted it has %v", err)
	}
	if c, err := b.Copy(t.Context(), p.ID, "edith"); err != nil || !c.Fresh || !strings.Contains(c.Fields, "more") {
		t.Errorf("the other has %+v, %v", c, err)
	}
}

func TestNoPostGetsTheKeyOfOneThatWasDeletedForGood(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	written := &Copy{Post: database.NewID(), Writer: "wren"}
	p := &Post{AuthorID: "wren", Status: Published, Content: "Half."}
	if err := b.SaveCopy(t.Context(), p, written, 0); err != nil || p.ID != written.Post {
		t.Fatalf("the post is %s, %v", p.ID, err)
	}
	if err := b.Delete(t.Context(), p.ID); err != nil {
		t.Fatal(err)
	}
	if err := b.Purge(t.Context(), p.ID, "wren"); err != nil {
		t.Fatal(err)
	}
	kept := &Copy{Post: written.Post, Writer: "wren", Fresh: true, Tab: "a", Version: 3, Fields: "text=![](/media/" + strings.Repeat("a", 32) + ".png)"}
	if err := b.KeepCopy(t.Context(), kept, 0); err != nil {
		t.Fatal(err)
	}
	again := &Post{AuthorID: "wren", Status: Published, Content: "Half."}
	if err := b.SaveCopy(t.Context(), again, written, 0); !errors.Is(err, ErrPurged) {
		t.Fatalf("sent again it is %v, as %s", err, again.ID)
	}
	if b.rows(t, written.Post) != 0 {
		t.Error("there is a post of the old key")
	}
	key := database.NewID()
	if err := b.RenewCopy(t.Context(), written.Post, "wren", key); err != nil {
		t.Fatal(err)
	}
	if c, err := b.Copy(t.Context(), key, "wren"); err != nil || c.Fields != kept.Fields || c.Version != 3 || !c.Fresh {
		t.Errorf("under its new key there is %+v, %v", c, err)
	}
	if _, err := b.Copy(t.Context(), written.Post, "wren"); !errors.Is(err, ErrNotFound) {
		t.Errorf("under its old key there is %v", err)
	}
	if err := b.SaveCopy(t.Context(), again, &Copy{Post: key, Writer: "wren"}, 0); err != nil || again.ID != key {
		t.Errorf("under its new key it is %s, %v", again.ID, err)
	}
	if err := b.RenewCopy(t.Context(), "none", "wren", database.NewID()); err != nil {
		t.Error(err)
	}
}

func TestManyOldPostsGoInTurns(t *testing.T) {
	b := newBench(t)
	for range purgeBatch + 3 {
		if err := b.Delete(t.Context(), b.draft(t, "Half.").ID); err != nil {
			t.Fatal(err)
		}
	}
	b.pass(KeptFor)
	b.sweep(t)
	if n, err := b.Count(t.Context(), Deleted); err != nil || n != 3 {
		t.Errorf("%d are left, %v", n, err)
	}
	if at := b.dueAt(t, purge); len(at) == 0 || at[0].After(b.now()) {
		t.Errorf("the next turn is at %v", at)
	}
	if b.sweep(t); len(b.list(t, List{Status: Deleted})) != 0 {
		t.Error("some are left")
	}
}
