package test

import (
	"net/http"
	"net/url"
	"testing"
)

// wearing are the looks that a site is looked at in, each by its name.
var wearing = map[string]url.Values{
	"broadsheet": {"theme": {"broadsheet"}},
	"postcards":  {"theme": {"postcards"}},
	"chosen":     {"theme": {""}, "accent": {"#ffcc00"}, "type": {"typewriter"}, "width": {"wide"}, "footer": {"Kept with care."}},
}

// themedPages are those that differ most from one another.
var themedPages = []seen{
	{name: "home", path: "/"},
	{name: "post with answers", path: "POST"},
	{name: "archive", path: "/archive"},
	{name: "search", path: "/search?q=rain"},
	{name: "about", path: "/about"},
}

func TestNoThemeHasABarrier(t *testing.T) {
	t.Parallel()
	axe := axeCore(t)
	s := start(t)
	names := furnish(t, s)
	b := newBrowser(t)
	v := from(t, "127.0.0.1")
	v.login(s)
	for name, look := range wearing {
		look.Set("do", "save")
		look.Set("links", "Photos /kind/photo\nGarden https://garden.example/")
		if a := v.post(s.url+"/desk/settings/look", look); a.status != 303 {
			t.Fatalf("the look %s is answered %d:\n%s", name, a.status, a.body)
		}
		for _, p := range themedPages {
			t.Run(name+", "+p.name, func(t *testing.T) {
				b := b.in(t)
				b.meets(s.url+names.Replace(p.path), max(p.status, 200), axe)
				b.portrait("theme " + name + " " + p.name)
				if sheets := b.measure("[...document.styleSheets].filter(s => s.href.includes('/theme.css?v=') && s.cssRules.length > 50).length"); sheets != 1 {
					t.Errorf("the page has %v sheets of the look", sheets)
				}
			})
		}
		t.Run(name+", home, signed in", func(t *testing.T) {
			b := b.in(t)
			b.signIn(s, ownerName, ownerPassword)
			b.meets(s.url+"/", http.StatusOK, axe)
			b.leave()
		})
	}
	b.stayedAt(s)
}
