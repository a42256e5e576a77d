package posts

import (
	"errors"
	"fmt"
	"testing"

	"hark/internal/database"
)

func TestOfTwoTabsTheSecondIsToldAndTakesNothingAway(t *testing.T) {
	b := newBench(t)
	ctx := t.Context()
	keep := func(tab string, version, base int64, fields string) error {
		return b.KeepCopy(ctx, &Copy{Post: "new", Writer: "wren", Fresh: true, Tab: tab, Version: version, Fields: fields}, base)
	}
	for _, step := range []struct {
		tab           string
		version, base int64
		fields        string
		want          error
		stands        string
	}{
		{"a", 10, 0, "one", nil, "one"},
		{"a", 12, 0, "three", nil, "three"},
		{"a", 11, 0, "two, which came late", nil, "three"},
		{"b", 20, 0, "another", ErrChanged, "three"},
		{"b", 21, 12, "four", nil, "four"},
		{"a", 22, 12, "five", ErrChanged, "four"},
		{"c", 23, 0, "four", nil, "four"}, // the same words are no quarrel
	} {
		if err := keep(step.tab, step.version, step.base, step.fields); !errors.Is(err, step.want) {
			t.Fatalf("%q is answered %v, want %v", step.fields, err, step.want)
		}
		if c, err := b.Copy(ctx, "new", "wren"); err != nil || c.Fields != step.stands {
			t.Fatalf("after %q there stands %+v (%v), want %q", step.fields, c, err, step.stands)
		}
	}
}

func TestATextThatWasEmptiedIsForgottenUnlessWordsCameSince(t *testing.T) {
	b := newBench(t)
	ctx := t.Context()
	copyOf := func(tab string, version int64, fields string) *Copy {
		return &Copy{Post: "new", Writer: "wren", Fresh: true, Tab: tab, Version: version, Fields: fields}
	}
	for _, step := range []struct {
		tab           string
		version, base int64
		want          error
		stands        string // empty for nothing
	}{
		{"a", 9, 0, nil, "words"}, // it was sent before them, and came late
		{"b", 20, 0, ErrChanged, "words"},
		{"b", 20, 9, ErrChanged, "words"},
		{"a", 11, 0, nil, ""},
		{"b", 20, 10, nil, ""}, // it began with those words
	} {
		if err := b.KeepCopy(ctx, copyOf("a", 10, "words"), 0); err != nil {
			t.Fatal(err)
		}
		if err := b.EmptyCopy(ctx, copyOf(step.tab, step.version, ""), step.base); !errors.Is(err, step.want) {
			t.Errorf("emptying with %d in tab %s is answered %v, want %v", step.version, step.tab, err, step.want)
		}
		c, err := b.Copy(ctx, "new", "wren")
		if step.stands == "" && !errors.Is(err, ErrNotFound) || step.stands != "" && (err != nil || c.Fields != step.stands) {
			t.Errorf("after emptying with %d in tab %s there stands %+v (%v), want %q", step.version, step.tab, c, err, step.stands)
		}
		if err := b.EmptyCopy(ctx, copyOf("c", 30, ""), 10); err != nil {
			t.Fatal(err)
		}
		if err := b.EmptyCopy(ctx, copyOf("c", 31, ""), 0); err != nil {
			t.Errorf("where nothing stands: %v", err)
		}
	}
}

func TestSavingForgetsTheWorkingCopyAndNoOther(t *testing.T) {
	b := newBench(t)
	ctx := t.Context()
	for _, key := range []string{"one", "two"} {
		if err := b.KeepCopy(ctx, &Copy{Post: key, Writer: "wren", Fresh: true, Tab: "a", Version: 1}, 0); err != nil {
			t.Fatal(err)
		}
	}
	one := &Copy{Post: "one", Writer: "wren"}
	if err := b.SaveCopy(ctx, &Post{AuthorID: "wren", Status: Published}, one, 1); !errors.As(err, new(*Invalid)) {
		t.Fatalf("an empty post is saved: %v", err)
	}
	if list, err := b.Copies(ctx, "wren"); err != nil || len(list) != 2 {
		t.Fatalf("a post that could not be saved leaves %d copies (%v), want 2", len(list), err)
	}
	if err := b.SaveCopy(ctx, &Post{AuthorID: "wren", Status: Draft, Content: "Rain"}, one, 1); err != nil {
		t.Fatal(err)
	}
	if list, err := b.Copies(ctx, "wren"); err != nil || len(list) != 1 || list[0].Post != "two" {
		t.Fatalf("after saving one there are %+v (%v), want two alone", list, err)
	}
}

func TestAFullDrawerRefusesAnotherTextAndKeepsThoseInIt(t *testing.T) {
	b := newBench(t)
	keep := func(key string, version int64) error {
		return b.KeepCopy(t.Context(), &Copy{Post: key, Writer: "wren", Fresh: true, Tab: "a", Version: version, Fields: "words"}, 0)
	}
	for n := range MaxCopies {
		if err := keep(fmt.Sprint("text-", n), 1); err != nil {
			t.Fatal(err)
		}
	}
	if err := keep("one-more", 1); !errors.Is(err, ErrCrowded) {
		t.Errorf("text %d is answered %v", MaxCopies+1, err)
	}
	if err := keep("text-0", 2); err != nil {
		t.Errorf("one that is there is not kept any more: %v", err)
	}
	if err := b.DropCopy(t.Context(), &Copy{Post: "text-1", Writer: "wren"}, 1); err != nil {
		t.Fatal(err)
	}
	if err := keep("one-more", 2); err != nil {
		t.Errorf("where there is room again it is answered %v", err)
	}
}

func TestSavingInOneTabLeavesWhatAnotherHasWritten(t *testing.T) {
	b := newBench(t)
	ctx := t.Context()
	key := database.NewID()
	there := &Copy{Post: key, Writer: "wren", Fresh: true, Tab: "a", Version: 10, Fields: "words"}
	if err := b.KeepCopy(ctx, there, 0); err != nil {
		t.Fatal(err)
	}
	other := &Copy{Post: key, Writer: "wren", Tab: "b"}
	p := &Post{AuthorID: "wren", Status: Draft, Content: "Rain"}
	if err := b.SaveCopy(ctx, p, other, 9); err != nil {
		t.Fatal(err)
	}
	if c, err := b.Copy(ctx, key, "wren"); err != nil || c.Fresh || c.Fields != "words" {
		t.Fatalf("of the other tab there is %+v, %v", c, err)
	}
	if err := b.DropCopy(ctx, other, 9); err != nil {
		t.Fatal(err)
	}
	if c, err := b.Copy(ctx, key, "wren"); err != nil || c.Fields != "words" {
		t.Errorf("after the tab has discarded its own there is %+v, %v", c, err)
	}
	p.Content = "Snow"
	if err := b.SaveCopy(ctx, p, other, 10); err != nil { // it has seen that now
		t.Fatal(err)
	}
	if c, err := b.Copy(ctx, key, "wren"); !errors.Is(err, ErrNotFound) {
		t.Errorf("after what was seen was saved there is %+v, %v", c, err)
	}
}
