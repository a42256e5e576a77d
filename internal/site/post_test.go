package site

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"willnorris.com/go/microformats"

	"hark/internal/posts"
	"hark/internal/settings"
)

const day24 = 24 * time.Hour

func TestAPostIsAnEntryThatOthersCanRead(t *testing.T) {
	b := newBlog(t)
	p := b.publish(9*day24, posts.Post{Title: "Six years of rain", Content: "The jar was **never** meant to last.\n\nMore.", Tags: []string{"Rain", "Old jars"}})
	r := b.get(p.Path)

	entry := r.item(t, p.Path)
	for property, want := range map[string]string{
		"name": "Six years of rain", "url": public + p.Path, "uid": public + p.Path,
		"published": p.Published.Format(time.RFC3339),
	} {
		if got := entry.Properties[property]; len(got) == 0 || got[0] != want {
			t.Errorf("%s = %v, want %q", property, got, want)
		}
	}
	if got := entry.Properties["content"]; len(got) != 1 || !strings.Contains(got[0].(map[string]string)["html"], "<strong>never</strong>") {
		t.Errorf("content = %v", got)
	}
	if got := entry.Properties["category"]; !slices.Equal(got, []any{"Rain", "Old jars"}) {
		t.Errorf("category = %v", got)
	}
	author := entry.Properties["author"][0].(*microformats.Microformat)
	if author.Properties["name"][0] != "Wren Adair" || author.Properties["url"][0] != public+"/" {
		t.Errorf("author = %v", author.Properties)
	}
	if got := r.texts("h1"); !slices.Equal(got, []string{"Six years of rain"}) {
		t.Errorf("h1 = %q, want the title alone", got)
	}
	if !strings.Contains(r.body, "<title>Six years of rain · Tidewrack</title>") {
		t.Error("the title element is not bare, or says something else")
	}
	if got := r.texts(`a[rel=tag][href="/tag/old-jars"]`); !slices.Equal(got, []string{"Old jars"}) {
		t.Errorf("the tag leads elsewhere: %q", got)
	}
	if got := attribute(r.one(t, "link[rel=canonical]"), "href"); got != public+p.Path {
		t.Errorf("canonical = %q", got)
	}
}

func TestEveryPageAnnouncesItsDoorsInItsHeadAndByHEADToo(t *testing.T) {
	b := newBlog(t)
	p := b.publish(time.Hour, posts.Post{Title: "Rain", Content: "Words.", Tags: []string{"wet"}})
	for _, path := range []string{"/", p.Path, "/tag/wet", "/kind/article", p.Published.Format("/2006"), p.Published.Format("/2006/01"), "/archive", "/about"} {
		get, head := b.get(path), b.ask(http.MethodHead, path)
		if head.StatusCode != http.StatusOK || head.body != "" {
			t.Errorf("HEAD %s answers %d with %d bytes", path, head.StatusCode, len(head.body))
		}
		for _, name := range []string{"X-Pingback", "Link", "Content-Type", "Etag"} {
			if get.Header.Get(name) == "" || get.Header.Get(name) != head.Header.Get(name) {
				t.Errorf("%s: %s is %q by GET and %q by HEAD", path, name, get.Header.Get(name), head.Header.Get(name))
			}
		}
		if got := get.Header.Get("X-Pingback"); got != public+"/pingback" {
			t.Errorf("%s: X-Pingback = %q", path, got)
		}
		for _, link := range []string{`</webmention>; rel="webmention"`, `</micropub>; rel="micropub"`, `</feed.atom>; rel="alternate"; type="application/atom+xml"`} {
			if want := strings.Replace(link, "</", "<"+public+"/", 1); !strings.Contains(get.Header.Get("Link"), want) {
				t.Errorf("%s: Link = %q, want %s in it", path, get.Header.Get("Link"), want)
			}
		}
		if want := `<link rel="pingback" href="` + public + `/pingback">`; !strings.Contains(get.body, want) {
			t.Errorf("%s has no %s", path, want)
		}
		for _, rel := range []string{"webmention", "micropub"} {
			if got := attribute(get.one(t, `head link[rel=`+rel+`]`), "href"); got != public+"/"+rel {
				t.Errorf("%s: rel=%s leads to %q", path, rel, got)
			}
		}
		if n := len(get.all("h1")); n != 1 {
			t.Errorf("%s has %d h1", path, n)
		}
		if strings.Contains(get.body, b.Server.URL) {
			t.Errorf("%s has an address from the request", path)
		}
	}
}

func TestAResponseLinksByTextAndExactlyAsTyped(t *testing.T) {
	const target = "https://idris.example/2026/Паше?a=1&b=2#x"
	for property, class := range map[string]string{
		"in-reply-to": "u-in-reply-to", "like-of": "u-like-of", "repost-of": "u-repost-of", "bookmark-of": "u-bookmark-of",
	} {
		t.Run(property, func(t *testing.T) {
			b := newBlog(t)
			p := b.publish(time.Hour, posts.Post{Content: "Yes.", Properties: posts.Properties{property: {target}}})
			for _, path := range []string{p.Path, "/"} {
				r := b.get(path)
				link := r.one(t, "."+class+".h-cite a.u-url")
				if attribute(link, "href") != target || wordsIn(link) == "" {
					t.Errorf("%s: the link leads to %q and says %q", path, attribute(link, "href"), wordsIn(link))
				}
				if want := `href="https://idris.example/2026/Паше?a=1&amp;b=2#x"`; !strings.Contains(r.body, want) {
					t.Errorf("%s has no %s", path, want)
				}
			}
			cite := b.get(p.Path).item(t, p.Path).Properties[property]
			address, err := url.Parse(target)
			if err != nil {
				t.Fatal(err)
			}
			if len(cite) != 1 || cite[0].(*microformats.Microformat).Value != address.String() {
				t.Errorf("%s = %v, want %s", property, cite, address)
			}
		})
	}
}

func TestALikeWithoutWordsStillHasATitleAndText(t *testing.T) {
	b := newBlog(t)
	p := b.publish(time.Hour, posts.Post{Properties: posts.Properties{"like-of": {map[string]any{
		"type": []any{"h-cite"},
		"properties": map[string]any{
			"url": []any{"https://toft.example/slow"}, "name": []any{"The slowest train"},
			"author": []any{map[string]any{"type": []any{"h-card"}, "properties": map[string]any{"name": []any{"Maren Toft"}}}},
		},
	}}}})
	r := b.get(p.Path)
	if got := r.texts(".u-like-of a.u-url"); !slices.Equal(got, []string{"The slowest train"}) {
		t.Errorf("the card says %q", got)
	}
	if got := r.texts(".u-like-of .p-author"); !slices.Equal(got, []string{"Maren Toft"}) {
		t.Errorf("the card's author is %q", got)
	}
	if title := r.texts("title")[0]; title == "" || strings.HasPrefix(title, " ") {
		t.Errorf("title = %q", title)
	}
	if n := len(r.all(".e-content")); n != 0 {
		t.Errorf("%d empty texts", n)
	}
}

func TestAPostKnowsItsNeighbours(t *testing.T) {
	b := newBlog(t)
	first := b.publish(3*day24, posts.Post{Title: "First", Content: "1"})
	last := b.publish(day24, posts.Post{Title: "Last", Content: "3"})
	if got := attribute(b.get(first.Path).one(t, ".pager [rel=next]"), "href"); got != last.Path {
		t.Fatalf("next = %q", got)
	}
	between := b.publish(2*day24, posts.Post{Title: "Between", Content: "2"})
	r := b.get(between.Path)
	if got := r.texts(".foot .pager a"); !slices.Equal(got, []string{"First", "Last"}) {
		t.Errorf("the ways on are %q", got)
	}
	for rel, want := range map[string]string{"prev": first.Path, "next": last.Path} {
		if got := attribute(r.one(t, ".pager [rel="+rel+"]"), "href"); got != want {
			t.Errorf("%s = %q, want %q", rel, got, want)
		}
	}
	if got := attribute(b.get(first.Path).one(t, ".pager [rel=next]"), "href"); got != between.Path {
		t.Errorf("next of a kept page = %q, want the post that came between", got)
	}
}

// What has no title is called by what it is, in the language of the pages.
func TestWhatOthersAreCalledIsInTheLanguageOfThePages(t *testing.T) {
	b := newBlog(t)
	b.choose(func(s *settings.Site) { s.Interface = "de" })
	like := b.publish(3*day24, posts.Post{Properties: posts.Properties{"like-of": {"https://jar.example/"}}, Tags: []string{"jars"}, Series: "Jars"})
	between := b.publish(2*day24, posts.Post{Title: "Gläser", Content: "2", Tags: []string{"jars"}, Series: "Jars"})
	photo := b.publish(day24, posts.Post{Properties: posts.Properties{"photo": {"/media/a.jpg"}}, Series: "Jars"})
	r := b.get(between.Path)
	for where, want := range map[string][]string{
		"nav[aria-label=Nachbarn] a": {"Gefällt mir: jar.example", "Foto"},
		".foot p.pager a":            {"Gefällt mir: jar.example", "Foto"},
		".related a":                 {"Gefällt mir: jar.example"},
	} {
		if got := r.texts(where); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", where, got, want)
		}
	}
	if got := attribute(b.get(like.Path).one(t, `meta[property="og:image:alt"]`), "content"); got != "Gefällt mir: jar.example" {
		t.Errorf("the picture of the like says %q", got)
	}
	if r := b.ask(http.MethodGet, strings.TrimSuffix(like.Path, "e")); r.StatusCode != http.StatusNotFound || !strings.Contains(r.body, ">Gefällt mir: jar.example</a>") {
		t.Errorf("what may have been meant is not named: %d", r.StatusCode)
	}
	if body := b.get(photo.Path + "/feed.atom").body; !strings.Contains(body, "<title>Antworten auf Foto</title>") {
		t.Errorf("the feed of answers is %s", body)
	}
	answer := b.publish(time.Hour, posts.Post{Content: "So.", Properties: posts.Properties{"in-reply-to": {public + like.Path}}})
	if got := b.get(answer.Path).texts(".cite a"); !slices.Contains(got, "Gefällt mir: jar.example") {
		t.Errorf("the card says %q", got)
	}
}

func TestEarlierAddressesAndSlashesLeadToThePost(t *testing.T) {
	b := newBlog(t)
	p := b.publish(time.Hour, posts.Post{Title: "Rain", Content: "Words."})
	old := p.Path
	p.Slug = "snow"
	p = b.save(*p)
	for from, to := range map[string]string{old: p.Path, p.Path + "/": p.Path, "/archive/": "/archive"} {
		for _, method := range []string{http.MethodGet, http.MethodHead} {
			r := b.ask(method, from)
			if r.StatusCode != http.StatusMovedPermanently || r.Header.Get("Location") != public+to {
				t.Errorf("%s %s answers %d to %q, want 301 to %q", method, from, r.StatusCode, r.Header.Get("Location"), public+to)
			}
			if got := r.Header.Get("X-Pingback"); got != public+"/pingback" {
				t.Errorf("%s %s: X-Pingback = %q", method, from, got)
			}
		}
	}
}

func TestADeletedPostIsGoneUntilItIsRestored(t *testing.T) {
	b := newBlog(t)
	p := b.publish(time.Hour, posts.Post{Title: "Rain", Content: "Words."})
	b.get(p.Path)
	if err := b.Posts.Delete(t.Context(), p.ID); err != nil {
		t.Fatal(err)
	}
	r := b.ask(http.MethodGet, p.Path)
	if r.StatusCode != http.StatusGone || !strings.Contains(wordsIn(r.doc), "gone") || strings.Contains(r.body, "Words.") {
		t.Errorf("a deleted post answers %d:\n%s", r.StatusCode, r.body)
	}
	for _, path := range []string{"/", "/feed.atom", "/sitemap.xml", "/archive"} {
		if r := b.get(path); strings.Contains(r.body, p.Path) || strings.Contains(r.body, p.Published.Format(`"/2006"`)) {
			t.Errorf("%s still has it", path)
		}
	}
	if err := b.Posts.Restore(t.Context(), p.ID); err != nil {
		t.Fatal(err)
	}
	b.get(p.Path)
}

func TestWhatIsNotThereIs404WithoutDoors(t *testing.T) {
	b := newBlog(t)
	b.publish(time.Hour, posts.Post{Title: "Rain", Content: "Words."})
	for _, path := range []string{"/nothing/here", "/2026/nothing", "/1999", "/2026/13", "/0000", "/tag/none", "/kind/none", "/kind/reply", "/wp-login.php"} {
		r := b.ask(http.MethodGet, path)
		if r.StatusCode != http.StatusNotFound || len(r.all(`main a[href="/archive"]`)) == 0 {
			t.Errorf("%s answers %d, want 404 and the way to the archive", path, r.StatusCode)
		}
		if r.Header.Get("X-Pingback") != "" || len(r.all("link[rel=webmention]")) != 0 {
			t.Errorf("%s has doors", path)
		}
	}
}

func TestAPageThatIsNotThereNamesThePostWhoseYearIsMissing(t *testing.T) {
	b := newBlog(t)
	p := b.publish(time.Hour, posts.Post{Title: "Measuring", Slug: "rain-jar", Content: "Words."})
	for _, path := range []string{"/rain-jar", "/rain-jarr", "/1999/rain-jar"} {
		r := b.ask(http.MethodGet, path)
		if r.StatusCode != http.StatusNotFound || len(r.all(`main a[href="`+p.Path+`"]`)) != 1 {
			t.Errorf("%s answers %d, and does not lead to %s once", path, r.StatusCode, p.Path)
		}
	}
}

func TestDraftsAreNeverShownNorCounted(t *testing.T) {
	b := newBlog(t)
	b.publish(time.Hour, posts.Post{Title: "Rain", Content: "Words.", Tags: []string{"wet"}})
	draft := b.save(posts.Post{Status: posts.Draft, Title: "Unripe", Content: "Unripe words.", Slug: "unripe", Tags: []string{"wet", "secret"}})
	for _, path := range []string{"/", "/tag/wet", "/kind/article", "/archive", b.at.Format("/2006"), "/feed.atom", "/feed.rss", "/feed.json", "/sitemap.xml", "/?before=" + draft.ID} {
		if r := b.get(path); strings.Contains(strings.ToLower(r.body), "unripe") || strings.Contains(r.body, "secret") {
			t.Errorf("%s shows the draft", path)
		}
	}
	if got := b.get("/archive").texts(".stamp"); !slices.Contains(got, "1 post") {
		t.Errorf("the archive counts %q", got)
	}
	for _, path := range []string{b.at.Format("/2006/") + "unripe", "/tag/secret", "/tag/secret/feed.atom"} {
		if r := b.ask(http.MethodGet, path); r.StatusCode != http.StatusNotFound {
			t.Errorf("%s answers %d, want 404", path, r.StatusCode)
		}
	}
}

func TestHostileWordsOfTheOwnerAreInert(t *testing.T) {
	b := newBlog(t)
	const bad = `"><script>alert(1)</script>`
	b.choose(func(s *settings.Site) { s.Title, s.Author, s.Description, s.About = "T"+bad, "A"+bad, "D"+bad, bad })
	p := b.publish(time.Hour, posts.Post{Title: "P" + bad, Content: bad + ` [x](javascript:alert(1))`, Tags: []string{bad}})
	for _, path := range []string{"/", p.Path, "/archive", "/about"} {
		r := b.get(path)
		if n := len(r.all("script")); n != 0 {
			t.Errorf("%s has %d scripts", path, n)
		}
		for _, link := range r.all("a") {
			if strings.HasPrefix(attribute(link, "href"), "javascript:") {
				t.Errorf("%s runs a script by a link", path)
			}
		}
	}
}

func TestTheOwnerSeesTheSamePageWithTheDesk(t *testing.T) {
	b := newBlog(t)
	p := b.publish(time.Hour, posts.Post{Title: "Rain", Content: "Words."})
	visitor := b.get(p.Path)
	b.seen = b.wren
	owner := b.get(p.Path)
	if got := owner.Header.Get("Cache-Control"); got != "private, no-store" {
		t.Errorf("Cache-Control = %q", got)
	}
	if got := attribute(owner.one(t, ".stamp a:contains(Edit)"), "href"); got != "/desk/write/"+p.ID {
		t.Errorf("Edit leads to %q", got)
	}
	owner.one(t, "nav.deskbar")
	if n := len(visitor.all(".deskbar, a[href^='/desk']")); n != 0 {
		t.Errorf("a visitor sees the desk %d times", n)
	}
	b.seen = nil
	if again := b.get(p.Path); again.body != visitor.body {
		t.Error("the owner's page was kept for visitors")
	}
}

func TestAPostLeadsToThoseThatShareItsTags(t *testing.T) {
	b := newBlog(t)
	p := b.publish(3*day24, posts.Post{Title: "Rain", Content: "x", Tags: []string{"weather"}})
	if len(b.get(p.Path).all(".related")) != 0 {
		t.Error("something is related before there is anything")
	}
	other := b.publish(2*day24, posts.Post{Title: "Snow <3", Content: "x", Tags: []string{"Weather"}})
	link := b.get(p.Path).one(t, ".related a")
	if attribute(link, "href") != other.Path || wordsIn(link) != "Snow <3" {
		t.Errorf("it leads to %s, %q", attribute(link, "href"), wordsIn(link))
	}
	if err := b.Posts.Delete(t.Context(), other.ID); err != nil {
		t.Fatal(err)
	}
	if len(b.get(p.Path).all(".related")) != 0 {
		t.Error("it leads to a post that is gone")
	}
}
