package posts

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"
)

func (b *bench) template(t *testing.T, name string) *Template {
	t.Helper()
	one := TemplateOf(&Post{AuthorID: "wren", Title: "Week of {{date}}", Content: "Rain since {{date}}:", Tags: []string{"rain"}, Properties: Properties{"like-of": {"https://a.example/"}}, Visibility: Unlisted, Lang: "de"}, name)
	if err := b.SaveTemplate(t.Context(), one); err != nil {
		t.Fatal(err)
	}
	return one
}

func TestATemplateIsKeptAndBeginsPosts(t *testing.T) {
	b := newBench(t)
	one := b.template(t, " Weekly  note ")
	read, err := b.Template(t.Context(), one.ID)
	if err != nil || read.Name != "Weekly note" || read.Kind != Like || read.Visibility != Unlisted || !reflect.DeepEqual(read.Tags, []string{"rain"}) {
		t.Fatalf("kept is %+v, %v", read, err)
	}
	p := read.Begin(time.Date(2026, 11, 26, 0, 0, 0, 0, time.UTC))
	if p.Title != "Week of 2026-11-26" || p.Content != "Rain since 2026-11-26:" || p.ID != "" || p.Version != 0 {
		t.Errorf("it begins %+v", p)
	}
	b.template(t, "another")
	b.template(t, "another") // sent twice
	list, err := b.Templates(t.Context(), "wren")
	if err != nil || len(list) != 2 || list[0].Name != "another" {
		t.Errorf("listed are %+v, %v", list, err)
	}
	if list, err := b.Templates(t.Context(), "reed"); err != nil || len(list) != 0 {
		t.Errorf("another has %+v, %v", list, err)
	}
	if err := b.DropTemplate(t.Context(), one.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Template(t.Context(), one.ID); !errors.Is(err, ErrNotFound) {
		t.Errorf("after it was deleted there is %v", err)
	}
	if err := b.SaveTemplate(t.Context(), read); !errors.Is(err, ErrNotFound) {
		t.Errorf("saving it then is answered %v", err)
	}
}

func TestOfTwoWhoSaveATemplateTheSecondIsTold(t *testing.T) {
	b := newBench(t)
	one := b.template(t, "Weekly note")
	stale := *one
	one.Name = "Daily note"
	if err := b.SaveTemplate(t.Context(), one); err != nil || one.Version != 2 {
		t.Fatal(one.Version, err)
	}
	stale.Name = "Monthly note"
	if err := b.SaveTemplate(t.Context(), &stale); !errors.Is(err, ErrChanged) {
		t.Errorf("the second is answered %v", err)
	}
}

func TestATemplateThatCannotBeKeptIsRefused(t *testing.T) {
	b := newBench(t)
	for name, one := range map[string]*Template{
		"no name":    TemplateOf(&Post{Content: "x"}, " "),
		"long name":  TemplateOf(&Post{Content: "x"}, strings.Repeat("n", maxTemplateName+1)),
		"long title": TemplateOf(&Post{Title: strings.Repeat("t", 301)}, "x"),
		"language":   TemplateOf(&Post{Lang: "no language"}, "x"),
		"visibility": TemplateOf(&Post{Visibility: "friends"}, "x"),
	} {
		one.AuthorID = "wren"
		if err := b.SaveTemplate(t.Context(), one); !errors.As(err, new(*Invalid)) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for n := range maxTemplates {
		b.template(t, fmt.Sprint("Number ", n))
	}
	one := TemplateOf(&Post{AuthorID: "wren"}, "One more")
	if err := b.SaveTemplate(t.Context(), one); !errors.As(err, new(*Invalid)) {
		t.Errorf("one too many is answered %v", err)
	}
}
