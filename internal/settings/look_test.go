package settings

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"hark/internal/database"
	"hark/internal/look"
)

func TestALookIsKeptBesideTheSite(t *testing.T) {
	store, ctx := New(database.Test(t)), context.Background()
	typed := Look{
		Choice: look.Choice{Theme: "broadsheet", Accent: "ABCDEF", Type: "plain", Width: "wide"}, Picture: "/media/x.png", Size: "640x120", Alt: " A  wall ",
		Position: "name", Links: "\r\n My  garden   https://garden.example/ \r\nPhotos /kind/photo\r\nWrite mailto:wren@tidewrack.example", Footer: "Thanks.\r\n", CSS: "h1 { color: red }\r\n",
	}
	if err := store.SaveLook(ctx, typed); err != nil {
		t.Fatal(err)
	}
	want := typed
	want.Accent, want.Alt, want.Footer, want.CSS = "#abcdef", "A wall", "Thanks.", "h1 { color: red }"
	want.Links = "My garden https://garden.example/\nPhotos /kind/photo\nWrite mailto:wren@tidewrack.example"
	site, err := store.Site(ctx)
	if err != nil || site.Look != want {
		t.Errorf("got %+v, %v", site.Look, err)
	}
	if got := fmt.Sprint(site.Look.Navigation()); got != "[{My garden https://garden.example/} {Photos /kind/photo} {Write mailto:wren@tidewrack.example}]" {
		t.Errorf("the links are %s", got)
	}
	if w, h := site.Look.Pixels(); w != 640 || h != 120 {
		t.Errorf("the picture has %d by %d pixels", w, h)
	}
	site.Title, site.Look = "Other", Look{}
	if err := store.Save(ctx, site); err != nil {
		t.Fatal(err)
	}
	if site, err = store.Site(ctx); err != nil || site.Look != want || site.Title != "Other" {
		t.Errorf("after the site was saved: %+v, %v", site.Look, err)
	}
}

func TestWhatCannotBeKeptOfALookNamesItsField(t *testing.T) {
	store := New(database.Test(t))
	for name, spoil := range map[string]func(*Look){
		"theme":                  func(l *Look) { l.Theme = "x" },
		"picture_alt":            func(l *Look) { l.Alt = strings.Repeat("x", 301) },
		"picture":                func(l *Look) { l.Picture = "https://other.example/x.png" },
		"picture_position":       func(l *Look) { l.Position = "below" },
		"footer":                 func(l *Look) { l.Footer = strings.Repeat("x", maxFooter+1) },
		"links: no address":      func(l *Look) { l.Links = "Photos" },
		"links: no name":         func(l *Look) { l.Links = "/kind/photo" },
		"links: script":          func(l *Look) { l.Links = "Photos javascript:alert(1)" },
		"links: data":            func(l *Look) { l.Links = "Photos data:text/html,x" },
		"links: other host":      func(l *Look) { l.Links = "Photos //other.example/" },
		"links: backslash":       func(l *Look) { l.Links = `Photos /\other.example/` },
		"links: user":            func(l *Look) { l.Links = "Photos https://wren:secret@other.example/" },
		"links: many":            func(l *Look) { l.Links = strings.Repeat("A /a\n", mostLinks+1) },
		"links: long":            func(l *Look) { l.Links = strings.Repeat("x", 41) + " /a" },
		"css: large":             func(l *Look) { l.CSS = strings.Repeat("x", MaxCSS+1) },
		"css: import":            func(l *Look) { l.CSS = "@IMPORT 'x.css';" },
		"css: other host":        func(l *Look) { l.CSS = "a { background: URL( 'https://other.example/x.png') }" },
		"css: other host, short": func(l *Look) { l.CSS = "a { background: url(//other.example/x.png) }" },
		"css: data":              func(l *Look) { l.CSS = "a { background: url(data:image/png;base64,x) }" },
		"css: no UTF-8":          func(l *Look) { l.CSS = "a\xff" },
	} {
		var l Look
		spoil(&l)
		field, _, _ := strings.Cut(name, ":")
		var invalid *Invalid
		if err := store.SaveLook(context.Background(), l); !errors.As(err, &invalid) || invalid.Field != field || invalid.Text == "" {
			t.Errorf("%s: got %v", name, err)
		}
	}
	largest := Look{CSS: strings.Repeat("x", MaxCSS)}
	if err := store.SaveLook(context.Background(), largest); err != nil {
		t.Errorf("the largest sheet: %v", err)
	}
	own := Look{CSS: "a { background: url(/media/x.png) }"}
	if err := store.SaveLook(context.Background(), own); err != nil {
		t.Errorf("a picture of our own: %v", err)
	}
}
