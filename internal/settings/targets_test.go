package settings

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"hark/internal/database"
)

func TestPlacesForCopiesAreKeptAsTheyAreMeant(t *testing.T) {
	store, ctx := New(database.Test(t)), context.Background()
	typed := Telling{Targets: "  My  Mastodon\thttps://brid.gy/publish/mastodon \r\n\nhttps://fed.brid.gy/\nAgain https://fed.brid.gy/\n"}
	if err := store.SaveTelling(ctx, typed); err != nil {
		t.Fatal(err)
	}
	kept, err := store.Telling(ctx)
	want := []Target{{"My Mastodon", "https://brid.gy/publish/mastodon"}, {"fed.brid.gy", "https://fed.brid.gy/"}}
	if got := kept.Targets.All(); err != nil || !slices.Equal(got, want) {
		t.Errorf("kept is %v, %v", got, err)
	}
	many := ""
	for n := range mostTargets + 1 {
		many += fmt.Sprintf("https://a.example/%d\n", n)
	}
	for _, bad := range []string{"Mastodon", "Mastodon brid.gy", "x javascript:alert(1)", "x https://me:pw@a.example/", "x https://a.example/<b>", strings.Repeat("x", 61) + " https://a.example/", many} {
		invalid := (*Invalid)(nil)
		if err := store.SaveTelling(ctx, Telling{Targets: Targets(bad)}); !errors.As(err, &invalid) || invalid.Field != "targets" {
			t.Errorf("%q: %v", bad, err)
		}
	}
}
