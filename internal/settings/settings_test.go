package settings

import (
	"context"
	"errors"
	"strings"
	"testing"

	"hark/internal/database"
)

func TestWhatWasChosenIsKept(t *testing.T) {
	store, ctx := New(database.Test(t)), context.Background()
	if got, err := store.Site(ctx); err != nil || got != Default {
		t.Errorf("before any choice: %+v, %v", got, err)
	}
	want := Site{Title: "Tidewrack", Description: "At the edge.", Author: "Wren", About: "# Me\n\nHere.", Language: "en-GB", Mode: HoldAll}
	typed := want
	typed.Title = "  Tidewrack\n"
	if err := store.Save(ctx, typed); err != nil {
		t.Fatal(err)
	}
	if got, err := store.Site(ctx); err != nil || got != want {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestWhatCannotBeKeptNamesItsField(t *testing.T) {
	store := New(database.Test(t))
	for field, spoil := range map[string]func(*Site){
		"title":       func(s *Site) { s.Title = " " },
		"description": func(s *Site) { s.Description = strings.Repeat("x", 301) },
		"author":      func(s *Site) { s.Author = strings.Repeat("x", 101) },
		"about":       func(s *Site) { s.About = strings.Repeat("x", 64<<10+1) },
		"language":    func(s *Site) { s.Language = `en" onload="x` },
		"mode":        func(s *Site) { s.Mode = "maybe" },
	} {
		site := Default
		spoil(&site)
		var invalid *Invalid
		if err := store.Save(context.Background(), site); !errors.As(err, &invalid) || invalid.Field != field {
			t.Errorf("%s: got %v", field, err)
		}
	}
	if got, _ := store.Site(context.Background()); got != Default {
		t.Errorf("something was kept: %+v", got)
	}
}

func TestASavedSettingMovesItsGeneration(t *testing.T) {
	db := database.Test(t)
	number := func() uint64 {
		n, err := db.Generations(context.Background(), Generation)
		if err != nil {
			t.Fatal(err)
		}
		return n[0]
	}
	before := number()
	if err := New(db).Save(context.Background(), Default); err != nil {
		t.Fatal(err)
	}
	if number() == before {
		t.Error("the number stands still")
	}
}
