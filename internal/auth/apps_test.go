package auth_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"hark/internal/auth"
)

func (h *house) apps(userID string) []auth.App {
	h.t.Helper()
	list, err := h.Apps(h.t.Context(), userID)
	if err != nil {
		h.t.Fatal(err)
	}
	return list
}

func TestAnAppIsListedUntilItsTokenIsRevoked(t *testing.T) {
	h := build(t)
	alice, bob := h.add("alice", auth.Owner), h.add("bob", auth.Author)
	for field, c := range map[string][2]string{"name": {"create", " "}, "scope": {"", "Quill"}} {
		_, err := h.AddApp(t.Context(), alice, c[0], c[1], home)
		wantInvalid(t, err, field)
	}
	token, err := h.AddApp(t.Context(), alice, "create delete", " Quill ", home)
	if err != nil {
		t.Fatal(err)
	}
	got := h.apps(alice.ID)
	if len(got) != 1 || got[0].Name != "Quill" || !slices.Equal(got[0].Scopes, []string{"create", "delete"}) || !got[0].Made.Equal(h.clock()) || !got[0].Used.IsZero() {
		t.Fatalf("got %+v", got)
	}
	h.pass(time.Minute)
	if _, err := h.Token(t.Context(), token, "create", home); err != nil {
		t.Fatal(err)
	}
	if got := h.apps(alice.ID); !got[0].Used.Equal(h.clock()) {
		t.Errorf("used is %v", got[0].Used)
	}
	if len(h.apps(bob.ID)) != 0 {
		t.Error("bob sees it")
	}
	if err := h.RevokeApp(t.Context(), bob.ID, got[0].ID, home); err != auth.ErrNoApp {
		t.Errorf("bob revokes it: %v", err)
	}
	h.lines()
	h.pass(time.Minute)
	if err := h.RevokeApp(t.Context(), alice.ID, got[0].ID, home); err != nil {
		t.Fatal(err)
	}
	if err := h.RevokeApp(t.Context(), alice.ID, got[0].ID, home); err != auth.ErrNoApp {
		t.Errorf("revoked twice: %v", err)
	}
	h.pass(time.Minute)
	if _, err := h.Token(t.Context(), token, "create", home); !errors.Is(err, auth.ErrNoToken) {
		t.Errorf("a revoked token: %v", err)
	}
	h.wantLines("Authentication failure for alice (token) from 203.0.113.5")
	if len(h.apps(alice.ID)) != 0 {
		t.Error("a revoked one is listed")
	}
	want := []auth.What{auth.Refused, auth.TokenRevoked, auth.SignedIn, auth.TokenMade}
	if got := h.whats(alice.ID); !slices.Equal(got, want) {
		t.Errorf("the activity is %v, want %v", got, want)
	}
}

func TestTokensAreBounded(t *testing.T) {
	h := build(t)
	alice := h.add("alice", auth.Owner)
	for i := range 50 {
		if _, err := h.AddApp(t.Context(), alice, "create", fmt.Sprint("app ", i), home); err != nil {
			t.Fatal(err)
		}
	}
	_, err := h.AddApp(t.Context(), alice, "create", "one more", home)
	wantInvalid(t, err, "name")
	if err := h.RevokeApp(t.Context(), alice.ID, h.apps(alice.ID)[0].ID, home); err != nil {
		t.Fatal(err)
	}
	h.pass(91 * 24 * time.Hour)
	if _, err := h.AddApp(t.Context(), alice, "create", "one more", home); err != nil {
		t.Fatal(err)
	}
	var rows int
	if err := h.db.QueryRow(t.Context(), "SELECT COUNT(*) FROM tokens").Scan(&rows); err != nil || rows != 50 {
		t.Errorf("%d tokens are kept (%v), want 50", rows, err)
	}
}
