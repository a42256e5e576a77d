package auth_test

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"testing"

	"hark/internal/auth"
	"hark/internal/database"
)

// everybody has published something, nobody has.
func everybody(context.Context, string) (bool, error) { return true, nil }
func nobody(context.Context, string) (bool, error)    { return false, nil }

func (h *house) page(id string) string {
	h.t.Helper()
	p, err := h.Profile(h.t.Context(), id)
	if err != nil {
		h.t.Fatal(err)
	}
	return p.Path()
}

func TestAPageIsNamedAsItsOwnerIs(t *testing.T) {
	h := build(t)
	u := h.add("alice", auth.Owner)
	for display, want := range map[string]string{
		"Reed Moss":              "reed-moss",
		"Zoë  O’Hara-Łukasz":     "zoe-ohara-lukasz",
		"李小龙":                    "li-xiao-long",
		"🙂":                      "writer",
		"…":                      "writer",
		"../../desk":             "desk",
		"<script>":               "script",
		strings.Repeat("a", 100): strings.Repeat("a", 60),
		strings.Repeat("é-", 50): strings.TrimSuffix(strings.Repeat("e-", 30), "-"),
		"feed.atom":              "feed-atom",
	} {
		if err := h.Rename(t.Context(), u.ID, display); err != nil {
			t.Errorf("%q: %v", display, err)
			continue
		}
		if got := h.page(u.ID); got != "/author/"+want {
			t.Errorf("the page of %q is at %s, want %s", display, got, want)
		}
	}
	if !regexp.MustCompile(`^/author/[a-z0-9-]+$`).MatchString(h.page(u.ID)) {
		t.Errorf("it is at %s", h.page(u.ID))
	}
}

func TestOfManyOfOneNameEachHasAnAddress(t *testing.T) {
	h := build(t)
	var ids []string
	for n := range 24 {
		ids = append(ids, h.add(fmt.Sprint("user", n), auth.Author).ID)
	}
	var all sync.WaitGroup
	for _, id := range ids {
		all.Go(func() {
			if err := h.Rename(t.Context(), id, "Reed Moss"); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	seen := map[string]bool{}
	for _, id := range ids {
		seen[h.page(id)] = true
	}
	if len(seen) != 24 || !seen["/author/reed-moss"] || !seen["/author/reed-moss-20"] {
		t.Errorf("they are at %v", seen)
	}
}

func TestNobodyUsesUpAllAddresses(t *testing.T) {
	h := build(t)
	u := h.add("alice", auth.Owner)
	var invalid *auth.Invalid
	for n := range 60 {
		err := h.Rename(t.Context(), u.ID, fmt.Sprint("Name ", n))
		if err != nil && (!errors.As(err, &invalid) || invalid.Field != "display" || n < 49) {
			t.Fatalf("name %d is answered %v", n, err)
		}
	}
	if invalid == nil {
		t.Fatal("sixty names are taken")
	}
	if err := h.Rename(t.Context(), u.ID, "Name 7"); err != nil || h.page(u.ID) != "/author/name-7" {
		t.Errorf("one of before is answered %v", err)
	}
}

func TestWhoIsTheSiteAndWhoIsTheirPage(t *testing.T) {
	h := build(t)
	owner, second, silent := h.add("alice", auth.Owner), h.add("bob", auth.Owner), h.add("carol", auth.Author)
	if err := h.SaveProfile(t.Context(), second.ID, auth.Profile{Bio: "Words."}); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		id        string
		published auth.Published
		want      string
	}{
		{owner.ID, nobody, "/"}, {second.ID, nobody, "/author/bob"}, {silent.ID, nobody, ""}, {silent.ID, everybody, "/author/carol"},
	} {
		if got, err := h.Me(t.Context(), c.id, c.published); err != nil || got != c.want {
			t.Errorf("%s is %q (%v), want %q", c.id, got, err, c.want)
		}
	}
	for _, address := range []string{"carol", "nobody", "", "Bob", "bob/", "b%6fb", strings.Repeat("b", 10_000), "bob\x00"} {
		if _, err := h.PageAt(t.Context(), address, nobody); !errors.Is(err, auth.ErrNoUser) {
			t.Errorf("%.20q: %v", address, err)
		}
	}
	if p, err := h.PageAt(t.Context(), "bob", nobody); err != nil || p.UserID != second.ID {
		t.Errorf("bob's page is %+v, %v", p, err)
	}
	if err := h.Rename(t.Context(), second.ID, "Robert"); err != nil {
		t.Fatal(err)
	}
	var moved *auth.Moved
	if _, err := h.PageAt(t.Context(), "bob", nobody); !errors.As(err, &moved) || moved.To != "/author/robert" {
		t.Errorf("renamed: %v", err)
	}
	if pages, err := auth.Pages(t.Context(), h.db, nobody); err != nil || fmt.Sprint(pages) != "map[bob:/author/robert robert:/author/robert]" {
		t.Errorf("the pages are %v, %v", pages, err)
	}
	if pages, err := auth.Pages(t.Context(), h.db, everybody); err != nil || pages["carol"] != "/author/carol" || pages["alice"] != "/author/alice" {
		t.Errorf("of all the pages are %v, %v", pages, err)
	}
}

func TestWhoWasThereBeforePagesGetsOne(t *testing.T) {
	h := build(t)
	a, b := h.add("alice", auth.Owner), h.add("bob", auth.Author)
	err := h.db.InTx(t.Context(), func(tx *database.Tx) error {
		_, err := tx.Exec("DELETE FROM author_names")
		if err == nil {
			_, err = tx.Exec("UPDATE users SET address = '', display_name = 'Reed Moss'")
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if path, err := h.Me(t.Context(), b.ID, everybody); path != "" || err != nil {
		t.Errorf("without an address somebody is %q, %v", path, err)
	}
	for range 2 {
		if err := auth.NameAuthors(t.Context(), h.db); err != nil {
			t.Fatal(err)
		}
	}
	if h.page(a.ID) == h.page(b.ID) || !strings.HasPrefix(h.page(a.ID), "/author/reed-moss") {
		t.Errorf("they are at %s and %s", h.page(a.ID), h.page(b.ID))
	}
}
