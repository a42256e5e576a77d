package auth_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"hark/internal/auth"
)

func TestTheManualHasTheSameTableOfRights(t *testing.T) {
	manual, err := os.ReadFile("../../docs/accounts.md")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for line := range strings.Lines(string(manual)) {
		if strings.HasPrefix(line, "|") {
			got = append(got, strings.TrimSpace(line))
		}
	}
	want := []string{"| | " + strings.Join(auth.Roles(), " | ") + " |", "|---|---|---|---|"}
	for _, g := range auth.Grants() {
		line := "| " + g.Words + " |"
		for _, role := range auth.Roles() {
			if auth.May(role, g.Right) {
				line += " yes |"
			} else {
				line += " |"
			}
		}
		want = append(want, line)
	}
	if !slices.Equal(got, want) {
		t.Errorf("the manual says\n%s\nthe code\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestNobodyHasARight(t *testing.T) {
	var nobody *auth.User
	stranger := &auth.User{ID: "", Role: "stranger"}
	for _, g := range auth.Grants() {
		if nobody.May(g.Right) || stranger.May(g.Right) || auth.May("", g.Right) {
			t.Errorf("nobody may %s", g.Right)
		}
	}
	author := &auth.User{ID: "", Role: auth.Author}
	if nobody.MayChange("") || author.MayChange("") || author.MayChange("another") {
		t.Error("a post without an author is everybody's")
	}
	if auth.May(auth.Owner, "no such right") {
		t.Error("there is a right that is none")
	}
}
