package site

import (
	"net/http"
	"strings"
	"testing"

	"hark/internal/look"
	"hark/internal/posts"
	"hark/internal/settings"
)

// wears has the blog look otherwise.
func (b *blog) wears(l settings.Look) {
	b.t.Helper()
	if err := b.Settings.SaveLook(b.t.Context(), l); err != nil {
		b.t.Fatal(err)
	}
}

// sheets are the addresses of the style sheets of a page.
func (r reading) sheets() (all []string) {
	for _, n := range r.all("link[rel=stylesheet]") {
		all = append(all, attribute(n, "href"))
	}
	return all
}

func TestWithoutAChoiceAPageHasOneSheetThatIsBuiltIn(t *testing.T) {
	b := newBlog(t)
	sheets := b.get("/").sheets()
	if len(sheets) != 1 || !strings.HasPrefix(sheets[0], "/static/hark.") {
		t.Errorf("it has %q", sheets)
	}
	if r := b.ask(http.MethodGet, "/custom.css"); r.StatusCode != http.StatusNotFound {
		t.Errorf("a sheet that is not there answers %d", r.StatusCode)
	}
}

func TestALookIsServedInSheetsThatAreKeptForEver(t *testing.T) {
	b := newBlog(t)
	p := b.publish(day24, posts.Post{Title: "Rain", Content: "x"})
	b.wears(settings.Look{Choice: look.Choice{Theme: "postcards", Accent: "#a01060"}, CSS: "h1 { color: red }"})
	before := b.get("/").sheets()
	for _, path := range []string{"/", p.Path, "/archive", "/about", "/search"} {
		sheets := b.get(path).sheets()
		if len(sheets) != 2 || !strings.HasPrefix(sheets[0], "/theme.css?v=") || !strings.HasPrefix(sheets[1], "/custom.css?v=") {
			t.Errorf("%s has %q", path, sheets)
		}
	}
	for i, want := range []string{"--accent: #a01060", "h1 { color: red }"} {
		r := b.get(before[i])
		if !strings.Contains(r.body, want) || r.Header.Get("Content-Type") != "text/css; charset=utf-8" || r.Header.Get("Cache-Control") != "public, max-age=31536000, immutable" {
			t.Errorf("%s answers %v, without %q", before[i], r.Header, want)
		}
		path, _, _ := strings.Cut(before[i], "?")
		for _, other := range []string{path, path + "?v=old"} {
			if r := b.get(other); r.Header.Get("Cache-Control") != "no-cache" || !strings.Contains(r.body, want) {
				t.Errorf("%s answers %v", other, r.Header)
			}
		}
	}
	b.wears(settings.Look{Choice: look.Choice{Theme: "postcards", Accent: "#104080"}, CSS: "h1 { color: blue }"})
	after := b.get("/").sheets()
	if after[0] == before[0] || after[1] == before[1] {
		t.Errorf("after a change the sheets are %q, before %q", after, before)
	}
	if r := b.get("/custom.css"); !strings.Contains(r.body, "blue") {
		t.Errorf("after a change it is %q", r.body)
	}
	b.wears(settings.Look{})
	if sheets := b.get("/").sheets(); len(sheets) != 1 {
		t.Errorf("after all was taken back there are %q", sheets)
	}
}

func TestNavigationAndFooterStandOnEveryPage(t *testing.T) {
	b := newBlog(t)
	p := b.publish(day24, posts.Post{Title: "Rain", Content: "x"})
	b.wears(settings.Look{Links: "Photos & more /kind/photo?a=1&b=2\nGarden https://garden.example/", Footer: "Kept *with* care."})
	for _, path := range []string{"/", p.Path, "/archive", "/search"} {
		page := b.get(path)
		for where, want := range map[string]int{"header nav": 2, "footer nav": 2} {
			links := 0
			for _, n := range page.all(where + " a") {
				if href := attribute(n, "href"); href == "/kind/photo?a=1&b=2" && wordsIn(n) == "Photos & more" || href == "https://garden.example/" {
					links++
				}
			}
			if links != want {
				t.Errorf("%s: %s has %d links, want %d", path, where, links, want)
			}
		}
		if got := wordsIn(page.one(t, "footer .text")); got != "Kept with care." {
			t.Errorf("%s: the footer says %q", path, got)
		}
	}
}

func TestAPictureStandsAboveThePageOrInThePlaceOfTheName(t *testing.T) {
	b := newBlog(t)
	p := b.publish(day24, posts.Post{Title: "Rain", Content: "x"})
	picture := settings.Look{Picture: "/media/0.png", Size: "640x120", Alt: `A "wall"`}
	b.wears(picture)
	for _, path := range []string{"/", p.Path} {
		n := b.get(path).one(t, "body > img.masthead")
		if attribute(n, "alt") != picture.Alt || attribute(n, "width") != "640" || attribute(n, "height") != "120" || attribute(n, "src") != "/media/0.png" {
			t.Errorf("%s: %v", path, n.Attr)
		}
	}
	picture.Position, picture.Alt = "name", ""
	b.wears(picture)
	for path, where := range map[string]string{"/": "header h1 a > img.logo", p.Path: "header a.name > img.logo"} {
		if n := b.get(path).one(t, where); attribute(n, "alt") != "Tidewrack" {
			t.Errorf("%s: the picture says %q", path, attribute(n, "alt"))
		}
	}
}
