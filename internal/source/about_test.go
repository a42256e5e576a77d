package source

import (
	"net/url"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

func TestPagesSayWhatTheyAre(t *testing.T) {
	cases := []struct {
		file, address string
		want          About
	}{
		{"article.html", "https://mara.example/2026/trains", About{
			Title: "On slow trains", Author: "Mara Lind", AuthorURL: "https://mara.example/about", Site: "Mara writes", Published: day(t, "2026-03-09T18:00:00+01:00"),
			Words: "The night train takes eleven hours. Nobody on it is in a hurry, and that changes how people talk: a sentence may be left lying for a whole valley before somebody picks it up, turns it over, and puts…",
		}},
		{"note.html", "https://mara.example/n/12", About{
			Words:  "The first swallows are back, eleven of them, and the cat pretends not to care.",
			Author: "Mara Lind", AuthorURL: "https://mara.example/", Published: day(t, "2026-04-02T00:00:00Z"),
		}},
		{"home.html", "https://mara.example/", About{
			Title: "Mara writes", Words: "About trains and birds.", Author: "Mara Lind", AuthorURL: "https://mara.example/", Site: "Mara writes",
		}},
		{"opengraph.html", "https://quarterly.example/rivers", About{
			Title: "Rivers under the city", Words: "Seven streams run beneath the streets, and on a quiet night they can be heard.",
			Site: "The Quarterly", Published: day(t, "2026-01-20T07:00:00Z"),
		}},
		{"jsonld.html", "https://www.kueste.example/wind", About{
			Title: "Windräder im Nebel", Words: "Ein Bericht von der Küste.", Author: "Jana Petersen", AuthorURL: "https://kueste.example/jana",
			Site: "Küstenblatt", Published: day(t, "2026-02-11T06:00:00+01:00"),
		}},
		{"plain.html", "https://www.garden.example/links", About{Title: "Links of a gardener"}},
		{"wordpress-classic.html", "https://oven.example/2026/03/bread/", About{
			Title: "Bread without haste", Author: "Greta Holm", AuthorURL: "https://oven.example/author/greta/", Site: "The Slow Oven", Published: day(t, "2026-03-14T08:30:00+01:00"),
			Words: "Every spring I say that I will bake less, and every spring the starter on the windowsill wins the argument. This year it had help from a long wet March and from friends who kept asking for rye. What…",
		}},
		{"wordpress-block.html", "https://fields.example/2026/02/walks/", About{
			Title: "Three walks near the river", Author: "Tomas Field", Site: "Field Notes", Published: day(t, "2026-02-03T17:05:00Z"),
		}},
	}
	for _, c := range cases {
		t.Run(c.file, func(t *testing.T) {
			got := vector(t, c.file, c.address, "text/html").About()
			if !got.Published.Equal(c.want.Published) {
				t.Errorf("published %v, want %v", got.Published, c.want.Published)
			}
			got.Published = c.want.Published
			if got != c.want {
				t.Errorf("got\n%+v\nwant\n%+v", got, c.want)
			}
		})
	}
}

func TestTitleOfAPageIsNotItsTextAgain(t *testing.T) {
	long := strings.Repeat("many words ", 60)
	cases := []struct{ name, body, title, words string }{
		{"a summary goes first", `<div class="h-entry"><p class="p-summary">Spoilers.</p><p class="e-content">The gardener did it.</p></div>`, "", "Spoilers."},
		{"a name for all there is", `<title>Rain</title><p class="h-entry">` + long + `</p>`, "Rain", Line(long, wordsLength)},
		{"a short name alone", `<a class="h-entry" href="/x">Rain</a>`, "Rain", ""},
		{"classic, named outside", `<h1>Rain</h1><div class="hentry"><div class="entry-content">It falls.</div></div>`, "Rain", "It falls."},
		{"classic, a note", `<title>It falls…</title><div class="hentry"><div class="entry-content">It falls and falls.</div></div>`, "", "It falls and falls."},
		{"described by its title", `<meta property="og:title" content="Rain"><meta property="og:description" content="Rain">`, "Rain", ""},
		{"JSON-LD alone", `<script type="application/ld+json">{"@type":"BlogPosting","headline":"Rain","description":"It\nfalls."}</script>`, "Rain", "It falls."},
		{"nothing", ``, "", ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := sourceOf(t, c.body).About()
			if got.Title != c.title || got.Words != c.words {
				t.Errorf("got %q, %q; want %q, %q", got.Title, got.Words, c.title, c.words)
			}
		})
	}
}

func TestNeitherSiteNorHostIsAnAuthor(t *testing.T) {
	const site = `<meta property="og:site_name" content="Alice Moor">`
	cases := []struct{ name, body, author, address string }{
		{"nobody", site, "", ""},
		{"the host", `<div class="h-entry"><a class="p-author h-card" href="/">Alice.example</a><p class="e-content">x</p></div>`, "", ""},
		{"the publisher", site + `<script type="application/ld+json">{"@type":"NewsArticle","author":{"@type":"NewsMediaOrganization","name":"Alice Moor"}}</script>`, "", ""},
		{"a person whose site bears her name", site + `<div class="h-entry"><a class="p-author h-card" href="/">Alice Moor</a><p class="e-content">x</p></div>`, "Alice Moor", "https://alice.example/"},
		{"a page of hers, not asked", site + `<div class="h-entry"><a class="u-author" href="/about"></a><p class="e-content">x</p></div>`, "", ""},
		{"an address that is no page", `<div class="h-entry"><span class="p-author h-card"><a class="u-url p-name" href="javascript:alert(1)">Alice Moor</a></span><p class="e-content">x</p></div>`, "Alice Moor", ""},
		{"meta", `<meta name="author" content="Alice Moor">`, "Alice Moor", ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := sourceOf(t, c.body).About(); got.Author != c.author || got.AuthorURL != c.address {
				t.Errorf("author is %q at %q, want %q at %q", got.Author, got.AuthorURL, c.author, c.address)
			}
		})
	}
}

func TestHostilePagesSayLittle(t *testing.T) {
	trick := "\u202egnp.exe\u2066\x07\x1b[31m\u0085" + strings.Repeat("a\u0301\u0301\u0301\u0301\u0301\u0301\u0301\u0301 ", 1000) + strings.Repeat("x", 100_000)
	quoted := strings.NewReplacer("\x07", `\u0007`, "\x1b", `\u001b`).Replace(trick)
	for name, body := range map[string]string{
		"microformats": `<div class="h-entry"><b class="p-name">` + trick + `</b><b class="p-author h-card">` + trick + `</b><p class="e-content">y` + trick + `</p></div>`,
		"a note":       `<div class="h-entry"><b class="p-author">` + trick + `</b><p class="e-content">` + trick + `</p></div>`,
		"JSON-LD":      `<script type="application/ld+json">{"@type":"BlogPosting","headline":"` + quoted + `","description":"y` + quoted + `","author":"` + quoted + `","isPartOf":{"name":"` + quoted + `"}}</script>`,
		"meta":         `<meta name="author" content="` + trick + `"><meta property="og:title" content="` + trick + `"><meta name="description" content="y` + trick + `">`,
		"title":        `<title>` + trick + `</title>`,
	} {
		t.Run(name, func(t *testing.T) {
			got := sourceOf(t, body).About()
			checkAbout(t, got)
			if got.Title == "" && got.Words == "" {
				t.Errorf("it says nothing: %+v", got)
			}
		})
	}
}

func TestDocumentsThatAreNoPagesSayWhatTheyAre(t *testing.T) {
	for _, c := range []struct {
		contentType, body string
		want              About
	}{
		{"text/plain", "It falls\nand falls.", About{Words: "It falls and falls."}},
		{"application/json", `{"title":"Rain","summary":"It falls.","author":{"name":"Alice","url":"https://alice.example/"}}`,
			About{Title: "Rain", Words: "It falls.", Author: "Alice", AuthorURL: "https://alice.example/"}},
		{"application/json", `[1, null, {"title": {}}]`, About{}},
		{"application/json", `broken`, About{}},
	} {
		s, err := Read(fetched(linkSource, c.contentType, []byte(c.body)))
		if err != nil {
			t.Fatal(err)
		}
		if got := s.About(); got != c.want {
			t.Errorf("%s says %+v, want %+v", c.body, got, c.want)
		}
	}
}

// checkAbout holds what is promised of any page.
func checkAbout(t *testing.T, a About) {
	t.Helper()
	for text, limit := range map[string]int{a.Title: titleLength, a.Words: wordsLength, a.Author: NameLength, a.Site: NameLength} {
		if utf8.RuneCountInString(text) > limit || !utf8.ValidString(text) || strings.ContainsFunc(text, isControl) || text != strings.TrimSpace(text) {
			t.Errorf("no line of %d characters: %q", limit, text)
		}
	}
	if u, err := url.Parse(a.AuthorURL); a.AuthorURL != "" && (err != nil || !isWeb(u) || a.Author == "") {
		t.Errorf("the author %q has the address %q", a.Author, a.AuthorURL)
	}
	if a.Published.After(time.Now().Add(25 * time.Hour)) {
		t.Errorf("published %v", a.Published)
	}
}
