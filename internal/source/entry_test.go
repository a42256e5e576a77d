package source

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
	"weak"

	"hark/internal/answer/fuzztest"
	"hark/internal/fetch"
	"hark/internal/mf2"
)

// noFetch fails the test when a page is asked for.
func noFetch(t *testing.T) Getter {
	return func(_ context.Context, address string) (*fetch.Page, error) {
		t.Errorf("asked for %s", address)
		return nil, errors.New("no page")
	}
}

func readVector(t *testing.T, name, address string) Entry {
	t.Helper()
	contentType := "text/html"
	if name == "windows-1251.html" {
		contentType += "; charset=windows-1251"
	}
	return vector(t, name, address, contentType).Entry(t.Context(), sameTarget, noFetch(t))
}

func day(t *testing.T, s string) time.Time {
	t.Helper()
	d, err := time.Parse(time.RFC3339, s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestT18PlainWordPressPageGivesTitleAndExcerpt(t *testing.T) {
	cases := []struct {
		file, address string
		want          Entry
		holds         []string
	}{
		{"wordpress-classic.html", "https://oven.example/2026/03/bread/", Entry{
			Title: "Bread without haste", AuthorName: "Greta Holm", AuthorURL: "https://oven.example/author/greta/",
			Site: "The Slow Oven", Published: day(t, "2026-03-14T08:30:00+01:00"), Microformats: true, Place: InText,
		}, []string{"What changed is the patience.", "a post about letting things take their time", "it works for dough"}},
		{"wordpress-block.html", "https://fields.example/2026/02/walks/", Entry{
			Title: "Three walks near the river", AuthorName: "Tomas Field", AuthorURL: "https://fields.example/",
			Site: "Field Notes", Published: day(t, "2026-02-03T17:05:00Z"), Place: InText,
		}, []string{"The second one passes the old mill", "the story of the mill wheel", "the wheel itself is gone"}},
	}
	for _, c := range cases {
		t.Run(c.file, func(t *testing.T) {
			got := readVector(t, c.file, c.address)
			checkEntry(t, got, c.want)
			for _, words := range c.holds {
				if !strings.Contains(got.Text, words) {
					t.Errorf("excerpt %q does not hold %q", got.Text, words)
				}
			}
			if strings.Contains(got.Text, "Recent") || utf8.RuneCountInString(got.Text) > 450 {
				t.Errorf("excerpt is %q", got.Text)
			}
		})
	}
}

// checkEntry compares what is told of an entry, apart from its words.
func checkEntry(t *testing.T, got, want Entry) {
	t.Helper()
	if want.Kind == "" {
		want.Kind = mf2.Mention
	}
	for _, pair := range [][3]string{
		{"kind", string(got.Kind), string(want.Kind)},
		{"title", got.Title, want.Title},
		{"author", got.AuthorName, want.AuthorName},
		{"author's url", got.AuthorURL, want.AuthorURL},
		{"author's photo", got.AuthorPhoto, want.AuthorPhoto},
		{"site", got.Site, want.Site},
		{"place", string(got.Place), string(want.Place)},
		{"rsvp", got.RSVP, want.RSVP},
	} {
		if pair[1] != pair[2] {
			t.Errorf("%s is %q, want %q", pair[0], pair[1], pair[2])
		}
	}
	if !got.Published.Equal(want.Published) {
		t.Errorf("published %v, want %v", got.Published, want.Published)
	}
	if got.Microformats != want.Microformats {
		t.Errorf("microformats %v, want %v", got.Microformats, want.Microformats)
	}
}

func TestPagesSayWhatTheyMean(t *testing.T) {
	alice := Entry{AuthorName: "Alice Moor", AuthorURL: "https://alice.example/", Microformats: true, Place: InProperty}
	with := func(change func(*Entry)) Entry { e := alice; change(&e); return e }
	cases := []struct {
		file, address string
		want          Entry
		html          string
	}{
		{"reply.html", linkSource, with(func(e *Entry) {
			e.Kind, e.Title, e.Published = mf2.Reply, "Re: First – Alice", day(t, "2026-05-01T09:00:00+02:00")
		}), `<p>I like the <em>second</em> half most.</p><p>One question: does it work <a href="https://alice.example/winter" rel="nofollow ugc noopener">in winter</a>?</p>`},
		{"like.html", linkSource, with(func(e *Entry) { e.Kind, e.Title, e.Place = mf2.Like, "Liked", InText }), ""},
		{"repost.html", linkSource, with(func(e *Entry) { e.Kind, e.Title = mf2.Repost, "Reposted" }), ""},
		{"bookmark.html", linkSource, with(func(e *Entry) { e.Kind, e.Title = mf2.Bookmark, "A post to keep" }), "For the long evenings."},
		{"rsvp.html", linkSource, with(func(e *Entry) { e.Kind, e.Title, e.RSVP = mf2.RSVP, "Coming", "maybe" }), "I may come, if the train runs."},
		{"feed.html", linkSource, with(func(e *Entry) { e.Title, e.Published, e.Place = "The one", day(t, "2026-01-02T00:00:00Z"), InText }),
			`<p>Do read <a href="https://hark.example/2026/first" rel="nofollow ugc noopener">this first post</a>.</p>`},
		{"bridge-like.html", "https://bridge.example/like/7", Entry{
			Kind: mf2.Like, Title: "A like", AuthorName: "Mira Sund", AuthorURL: "https://social.example/@mira",
			AuthorPhoto: "https://social.example/avatars/mira.png", Published: day(t, "2026-04-02T18:20:00Z"), Microformats: true, Place: InProperty,
		}, ""},
		{"jsonld.html", "https://www.kueste.example/wind", Entry{
			Title: "Windräder im Nebel", AuthorName: "Jana Petersen", AuthorURL: "https://kueste.example/jana",
			AuthorPhoto: "https://kueste.example/jana.jpg", Site: "Küstenblatt", Published: day(t, "2026-02-11T06:00:00+01:00"), Place: InText,
		}, "Wer im Februar am Deich steht, sieht von den Rädern nur die Lichter. Ein Blog hat das schön beschrieben, und wir sind noch einmal hingefahren."},
		{"plain.html", "https://www.garden.example/links", Entry{
			Title: "Links of a gardener", AuthorName: "garden.example", AuthorURL: "https://www.garden.example/", Place: InText,
		}, "Today I read a fine piece and then went out to prune the pear tree, which had waited since the first frost for somebody to notice it."},
		{"windows-1251.html", "https://les.example/1", Entry{
			Title: "Заметки о лесе", AuthorName: "les.example", AuthorURL: "https://les.example/", Place: InText,
		}, "Вчера прочитал хорошую запись и пошёл гулять по лесу до самого вечера, пока не стемнело."},
		{"utf-16.html", "https://les.example/2", Entry{
			Title: "Ночные поезда", AuthorName: "les.example", AuthorURL: "https://les.example/", Place: InText,
		}, "Пишут о поездах, которые идут всю ночь через степь и никуда не торопятся."},
		{"shift-jis.html", "https://kawa.example/", Entry{
			Title: "川のほとり", AuthorName: "kawa.example", AuthorURL: "https://kawa.example/", Place: InText,
		}, "昨日、川についての記事を読みました。とても静かな文章で、何度も読み返しました。"},
	}
	for _, c := range cases {
		t.Run(c.file, func(t *testing.T) {
			got := readVector(t, c.file, c.address)
			checkEntry(t, got, c.want)
			if got.HTML != c.html {
				t.Errorf("html is\n%s\nwant\n%s", got.HTML, c.html)
			}
		})
	}
}

func TestT5AClaimedAddressIsOnlyAClaim(t *testing.T) {
	body := `<div class="h-entry"><a class="u-url" href="https://victim.example/reply">x</a><a class="u-in-reply-to" href="TARGET">x</a><p class="e-content">Mine</p></div>`
	got := sourceOf(t, body).Entry(t.Context(), sameTarget, nil)
	if got.Claimed != "https://victim.example/reply" || got.AuthorName != "alice.example" || got.AuthorURL != "https://alice.example/" {
		t.Errorf("claimed %q, author %q at %q; want the claim apart, and the source's own host", got.Claimed, got.AuthorName, got.AuthorURL)
	}
}

func TestAuthorIsAskedForOnce(t *testing.T) {
	body := `<div class="h-entry"><a class="u-author" href="/about"></a><a class="u-in-reply-to" href="TARGET">x</a><p class="e-content">Yes</p></div>`
	var asked []string
	get := func(_ context.Context, address string) (*fetch.Page, error) {
		asked = append(asked, address)
		return fetched(address, "text/html", []byte(`<div class="h-card"><a class="u-url u-uid p-name" href="/about">Alice Moor</a><img class="u-photo" src="/a.jpg" alt="">
			</div><a rel="author" href="/elsewhere"></a>`)), nil
	}
	got := sourceOf(t, body).Entry(t.Context(), sameTarget, get)
	if len(asked) != 1 || asked[0] != "https://alice.example/about" {
		t.Errorf("asked for %q, want the author's page once", asked)
	}
	if got.AuthorName != "Alice Moor" || got.AuthorURL != "https://alice.example/about" || got.AuthorPhoto != "https://alice.example/a.jpg" {
		t.Errorf("author is %q, %q, %q", got.AuthorName, got.AuthorURL, got.AuthorPhoto)
	}
}

func TestAuthorWhoCannotBeAskedKeepsTheAddress(t *testing.T) {
	body := `<link rel="author" href="/about"><div class="h-entry"><a class="u-in-reply-to" href="TARGET">x</a></div>`
	for name, get := range map[string]Getter{
		"no way to ask": nil,
		"unreachable":   func(context.Context, string) (*fetch.Page, error) { return nil, errors.New("no page") },
		"not found": func(_ context.Context, address string) (*fetch.Page, error) {
			p := fetched(address, "text/html", []byte(`<a class="h-card" href="/about">Nobody</a>`))
			p.Status = 404
			return p, nil
		},
		"a picture": func(_ context.Context, address string) (*fetch.Page, error) {
			return fetched(address, "image/png", nil), nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			got := sourceOf(t, body).Entry(t.Context(), sameTarget, get)
			if got.AuthorName != "alice.example" || got.AuthorURL != "https://alice.example/about" || got.NamedAuthor {
				t.Errorf("author is %q at %q (named %v)", got.AuthorName, got.AuthorURL, got.NamedAuthor)
			}
		})
	}
}

func TestNameFallsBackToTheSiteThenTheHost(t *testing.T) {
	link := `<p><a href="TARGET">x</a></p>`
	cases := []struct{ name, body, want string }{
		{"meta author", `<meta name="author" content="Alice Moor"><meta property="og:site_name" content="Alice writes">` + link, "Alice Moor"},
		{"an address for a name", `<meta property="article:author" content="https://face.example/alice"><meta property="og:site_name" content="Alice writes">` + link, "Alice writes"},
		{"rel=author", `<a rel="author" href="/about">Alice Moor</a>` + link, "Alice Moor"},
		{"the card of the site", `<a class="h-card" href="/">Alice Moor</a>` + link, "Alice Moor"},
		{"site name", `<meta property="og:site_name" content="Alice writes">` + link, "Alice writes"},
		{"link home", `<a rel="home" href="/">Alice writes</a>` + link, "Alice writes"},
		{"beside the heading", `<title>Rain - Alice writes</title><h1>Rain</h1>` + link, "Alice writes"},
		{"host", `<title>Rain</title>` + link, "alice.example"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := sourceOf(t, c.body).Entry(t.Context(), sameTarget, nil).AuthorName; got != c.want {
				t.Errorf("name is %q, want %q", got, c.want)
			}
		})
	}
}

func TestTitleLeavesOutTheSite(t *testing.T) {
	link := `<p><a href="TARGET">x</a></p>`
	cases := []struct{ name, body, want string }{
		{"after", `<title>Rain – Alice writes</title><meta property="og:site_name" content="Alice writes">`, "Rain"},
		{"before", `<title>Alice writes » Rain</title><a rel="home" href="/">Alice writes</a>`, "Rain"},
		{"unknown", `<title>Rain – and more rain</title>`, "Rain – and more rain"},
		{"open graph", `<title>x</title><meta property="og:title" content="Rain"><h1>y</h1>`, "Rain"},
		{"heading only", `<h1>Rain <small>falls</small></h1>`, "Rain falls"},
		{"the home page", `<title>Alice writes</title><meta property="og:site_name" content="Alice writes">`, "Alice writes"},
		{"a title in a picture", `<svg><title>icon</title></svg><h1>Rain</h1>`, "Rain"},
		{"none", ``, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := sourceOf(t, c.body+link).Entry(t.Context(), sameTarget, nil).Title; got != c.want {
				t.Errorf("title is %q, want %q", got, c.want)
			}
		})
	}
}

func TestWordsAreCutByKind(t *testing.T) {
	long := strings.Repeat("word ", 1000)
	reply := sourceOf(t, `<div class="h-entry"><a class="u-in-reply-to" href="TARGET">x</a><div class="e-content"><p><b>`+long+`</b></p></div></div>`).Entry(t.Context(), sameTarget, nil)
	if n := utf8.RuneCountInString(reply.Text); n > 1001 || n < 900 || !strings.HasSuffix(reply.HTML, "…</b></p>") {
		t.Errorf("a reply of %d characters ends %q", n, reply.HTML[len(reply.HTML)-30:])
	}
	mention := sourceOf(t, `<div class="h-entry"><div class="e-content"><p>`+long+`<a href="TARGET">the link</a> `+long+`</p></div></div>`).Entry(t.Context(), sameTarget, nil)
	if n := utf8.RuneCountInString(mention.Text); n > 310 || !strings.Contains(mention.Text, "the link") || !strings.HasPrefix(mention.Text, "…word") || !strings.HasSuffix(mention.Text, "word…") {
		t.Errorf("a mention says %q", mention.Text)
	}
}

func TestExcerptComesFromTheBlockThatHoldsTheLink(t *testing.T) {
	cases := []struct{ name, body, want string }{
		{"a paragraph", `<p>Before.</p><p>This paragraph says enough about <a href="TARGET">the link</a> to stand by itself.</p><p>After.</p>`,
			"This paragraph says enough about the link to stand by itself."},
		{"too short a block takes in its neighbours", `<article><p>Before.</p><p><a href="TARGET">The link</a></p><p>After.</p></article>`,
			"Before. The link After."},
		{"no menu, no script", `<article><nav>Menu</nav><script>x</script><p>Read <a href="TARGET">the link</a>.</p></article>`,
			"Read the link."},
		{"line breaks", `<p>One<br>two <a href="TARGET">three</a><br>four</p>`, "One two three four"},
		{"no words, then what the page says", `<meta name="description" content="All about rain."><div hidden><a href="TARGET">x</a></div>`, "All about rain."},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := sourceOf(t, c.body).Entry(t.Context(), sameTarget, nil).Text; got != c.want {
				t.Errorf("excerpt is %q, want %q", got, c.want)
			}
		})
	}
}

func TestLinksToOtherHostsAreCountedInTheText(t *testing.T) {
	got := sourceOf(t, `<article><p><a href="TARGET">x</a> <a href="https://a.example/1">1</a> <a href="https://A.example/2">2</a>
		<a href="/own">3</a> <a href="mailto:x@y.example">4</a></p></article><footer><a href="https://b.example/">5</a></footer>`).Entry(t.Context(), sameTarget, nil)
	if got.LinkCount != 3 || got.HostCount != 2 {
		t.Errorf("%d links to %d hosts, want 3 to 2", got.LinkCount, got.HostCount)
	}
}

func TestDocumentsThatAreNoPagesAreRead(t *testing.T) {
	text, err := Read(fetched("https://text.example/a.txt", "text/plain", []byte("I have read "+linkTarget+" with joy.")))
	if err != nil {
		t.Fatal(err)
	}
	got := text.Entry(t.Context(), sameTarget, nil)
	if got.Text != "I have read "+linkTarget+" with joy." || got.AuthorName != "text.example" || got.Element != "text" {
		t.Errorf("text says %q by %q (%s)", got.Text, got.AuthorName, got.Element)
	}
	data, err := Read(fetched("https://json.example/a", "application/json", []byte(`{"title":"Rain","author":{"name":"Alice"},"url":"`+linkTarget+`"}`)))
	if err != nil {
		t.Fatal(err)
	}
	if got := data.Entry(t.Context(), sameTarget, nil); got.Title != "Rain" || got.AuthorName != "Alice" {
		t.Errorf("JSON says %q by %q", got.Title, got.AuthorName)
	}
}

// A tree is many times as large as its page, and an author's page may be slow.
func TestAPageIsForgottenBeforeItsAuthorsPageIsAsked(t *testing.T) {
	s := sourceOf(t, `<div class="h-entry"><a class="u-author" href="/me"></a><a class="u-in-reply-to" href="TARGET">x</a></div>`)
	root := weak.Make(s.root)
	asked := false
	s.Entry(t.Context(), sameTarget, func(context.Context, string) (*fetch.Page, error) {
		asked = true
		runtime.GC()
		if root.Value() != nil {
			t.Error("the page's tree is still there")
		}
		return nil, fetch.ErrBusy
	})
	if !asked {
		t.Error("the author's page was not asked")
	}
}

func FuzzReadEntry(f *testing.F) {
	files, err := filepath.Glob("testdata/*.html")
	if err != nil || len(files) == 0 {
		f.Fatalf("no pages in testdata: %v", err)
	}
	for _, file := range files {
		body, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(body)
	}
	f.Add([]byte(`</p><script type="application/ld+json">{"@graph":[{"@id":"a","@type":["X","BlogPosting"],"author":[{"@id":"a"}]}]}</script><a href="` + linkTarget + `">`))
	for _, body := range long() {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		work := fuzztest.Begin()
		s, err := Read(fetched(linkSource, "text/html", body))
		if err != nil {
			return
		}
		e := s.Entry(t.Context(), sameTarget, nil)
		work.Holds(t, len(body), shortTree)
		if e.AuthorName == "" || e.Kind == "" {
			t.Fatalf("an entry without a name or a kind: %+v", e)
		}
		for _, one := range []string{e.AuthorName, e.Title, e.Site, e.Text} {
			if strings.ContainsFunc(one, isControl) || !utf8.ValidString(one) {
				t.Fatalf("control characters in %q", one)
			}
		}
		checkClean(t, e.HTML)
		checkAbout(t, s.About())
	})
}

func BenchmarkReadPage(b *testing.B) {
	page, err := os.ReadFile("testdata/wordpress-classic.html")
	if err != nil {
		b.Fatal(err)
	}
	filler := "<p>" + strings.Repeat("Some more words about <em>bread</em> and <a href='/x'>patience</a>. ", 12) + "</p>\n"
	for len(page) < 16<<10 {
		page = []byte(strings.Replace(string(page), "</div>\n<footer", filler+"</div>\n<footer", 1))
	}
	p := fetched("https://oven.example/2026/03/bread/", "text/html", page)
	b.SetBytes(int64(len(page)))
	for b.Loop() {
		s, err := Read(p)
		if err != nil {
			b.Fatal(err)
		}
		if _, ok := s.Link(sameTarget); !ok {
			b.Fatal("no link found")
		}
		s.Entry(b.Context(), sameTarget, nil)
	}
}
