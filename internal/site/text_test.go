package site

import (
	"html"
	"html/template"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"hark/internal/page"
	"hark/internal/posts"
	"hark/internal/settings"
	"hark/internal/words"
	"hark/web"
)

// ids are all ids of a page.
func (r reading) ids() (all []string) {
	for n := range r.doc.Descendants() {
		for _, a := range n.Attr {
			if a.Key == "id" {
				all = append(all, a.Val)
			}
		}
	}
	return all
}

// headings are the names of the heading elements of a page, in their order.
func (r reading) headings() (all []string) {
	for n := range r.doc.Descendants() {
		if len(n.Data) == 2 && n.Data[0] == 'h' && '1' <= n.Data[1] && n.Data[1] <= '6' {
			all = append(all, n.Data)
		}
	}
	return all
}

func TestTextsOfOnePageShareNoIDs(t *testing.T) {
	b := newBlog(t)
	text := "# Main\n\nRain[^1].\n\n## Answers\n\n[Up](#main)\n\n[^1]: A note.\n"
	first := b.publish(2*time.Hour, posts.Post{Content: text})
	b.publish(time.Hour, posts.Post{Content: text})
	for _, at := range []string{"/", first.Path} {
		page, seen := b.get(at), map[string]bool{}
		for _, id := range page.ids() {
			if seen[id] {
				t.Errorf("%s has the id %s twice", at, id)
			}
			seen[id] = true
		}
		for _, link := range strings.Split(page.body, ` href="#`)[1:] {
			if id, _, _ := strings.Cut(link, `"`); !seen[id] {
				t.Errorf("%s leads to #%s, which is not there", at, id)
			}
		}
	}
}

func TestHeadingsOfATextStandBeneathItsTitle(t *testing.T) {
	b := newBlog(t)
	text := "# One\n\n### Two\n\nWords."
	titled := b.publish(time.Hour, posts.Post{Title: "Waves", Content: text, Properties: posts.Properties{"video": {"/media/a.mp4"}}})
	note := b.publish(2*time.Hour, posts.Post{Content: text})
	for at, want := range map[string]string{
		titled.Path:   "h1 h2 h4 h2",          // the last one is that of the answers
		note.Path:     "h1 h2 h4 h2",          //
		"/kind/video": "h1 h2 h3 h5",          //
		"/kind/note":  "h1 h2 h4",             //
		"/":           "h1 h2 h2 h3 h5 h2 h4", // of the site, of the list, of each post
	} {
		if got := strings.Join(b.get(at).headings(), " "); got != want {
			t.Errorf("%s has %s, want %s", at, got, want)
		}
	}
}

func TestWhatIsReadFromTheRightSaysSo(t *testing.T) {
	b := newBlog(t)
	arabic := b.publish(time.Hour, posts.Post{Content: "مطر.", Lang: "ar-EG"})
	ours := b.publish(2*time.Hour, posts.Post{Content: "Rain."})
	for _, c := range []struct{ path, lang, direction string }{{arabic.Path, "ar-EG", "rtl"}, {ours.Path, "", ""}} {
		article := b.get(c.path).one(t, "main article")
		if attribute(article, "lang") != c.lang || attribute(article, "dir") != c.direction {
			t.Errorf("%s is in %q, %q", c.path, attribute(article, "lang"), attribute(article, "dir"))
		}
	}
	// What hark asks for beneath an Arabic post is English, and read from the left.
	around := b.get(arabic.Path).one(t, "main article > .answers")
	if attribute(around, "lang") != "en" || attribute(around, "dir") != "ltr" {
		t.Errorf("the answers to an Arabic post are in %q, %q", attribute(around, "lang"), attribute(around, "dir"))
	}
	for _, path := range []string{"/", arabic.Path} { // “22 minutes ago” begins with a number, which has no side
		if got := attribute(b.get(path).one(t, "[lang=ar-EG] .stamp .u-url"), "dir"); got != "auto" {
			t.Errorf("at %s the date of an Arabic post is read from %q", path, got)
		}
	}
	if around = b.get(ours.Path).one(t, ".answers"); attribute(around, "lang") != "" {
		t.Errorf("the answers to a post in the language of the site are in %q", attribute(around, "lang"))
	}
	b.choose(func(s *settings.Site) { s.Language = "he" })
	article := b.get(ours.Path).one(t, "main article")
	if attribute(article, "lang") != "he" || attribute(article, "dir") != "rtl" {
		t.Errorf("a post of a Hebrew site is in %q, %q", attribute(article, "lang"), attribute(article, "dir"))
	}
	if feed := b.get("/feed.json").body; !strings.Contains(feed, `<div lang=\"ar-EG\" dir=\"rtl\">`) {
		t.Errorf("the feed does not say from which side it is read: %s", feed)
	}
}

// hebrew is a language of the pages that is read from the right.
const hebrew = `{"name": "עברית", "plural": ["other"], "months": ["1","2","3","4","5","6","7","8","9","10","11","12"],
	"weekdays": ["1","2","3","4","5","6","7"], "phrases": {"Archive": "ארכיון"}}`

func TestPagesThatAreReadFromTheRightSaySo(t *testing.T) {
	library, err := words.Open(fstest.MapFS{"he.json": {Data: []byte(hebrew)}})
	if err != nil {
		t.Fatal(err)
	}
	b := newBlog(t)
	b.Site.Pages = page.NewTemplates(web.Templates, template.FuncMap{"asset": func(string) string { return "" }}, library)
	english := b.publish(time.Hour, posts.Post{Title: "Rain", Content: "Rain.", Lang: "en"})
	for _, c := range []struct{ site, pages, lang, direction string }{
		{"he", "", "he", "rtl"},
		{"he-IL", "", "he-IL", "rtl"},
		{"en", "he", "he", "rtl"},
		{"he", "en", "en", ""},
		{"ar", "", "en", ""},           // which the pages do not speak
		{"he-Latn", "he", "he", "rtl"}, // the same language, from the other side
		{"yi-Latn", "", "en", ""},      //
	} {
		b.choose(func(s *settings.Site) { s.Language, s.Interface = c.site, c.pages })
		for _, path := range []string{"/", "/archive", english.Path} {
			root := b.get(path).one(t, "html")
			if attribute(root, "lang") != c.lang || attribute(root, "dir") != c.direction {
				t.Errorf("%s of %v is in %q, %q", path, c, attribute(root, "lang"), attribute(root, "dir"))
			}
		}
		if article := b.get(english.Path).one(t, "main article"); attribute(article, "dir") != "ltr" {
			t.Errorf("an English post of %v is read from %q", c, attribute(article, "dir"))
		}
	}
	b.choose(func(s *settings.Site) { s.Language, s.Interface = "he", "" })
	missing := b.ask(http.MethodGet, "/2026/none").one(t, "html")
	if attribute(missing, "dir") != "rtl" {
		t.Errorf("a page that is not there is read from %q", attribute(missing, "dir"))
	}
}

func TestContentsAndLinksOfHeadingsStandOnThePostsOwnPageAlone(t *testing.T) {
	b := newBlog(t)
	p := b.publish(time.Hour, posts.Post{Content: "[TOC]\n\n## The storm\n\nRain."})
	page := b.get(p.Path)
	link := attribute(page.one(t, ".text h2 .anchor"), "href")
	if id := attribute(page.one(t, ".text h2"), "id"); link != "#"+id || attribute(page.one(t, ".text nav a"), "href") != link {
		t.Errorf("the heading %s is led to by %s", id, link)
	}
	for _, at := range []string{"/", "/kind/note", "/feed.atom", "/feed.rss", "/feed.json"} {
		if body := b.get(at).body; strings.Contains(body, "anchor") || strings.Contains(body, "contents") || !strings.Contains(body, "the-storm-") {
			t.Errorf("%s has\n%s", at, body)
		}
	}
}

func TestTagsInTheWordsLeadToTheirPages(t *testing.T) {
	b := newBlog(t)
	p := b.publish(time.Hour, posts.Post{Content: "After the #Sturm.", Tags: []string{"rain"}})
	page := b.get(p.Path)
	if got := page.texts(".tags a"); !slices.Equal(got, []string{"rain", "Sturm"}) {
		t.Errorf("its tags are %v", got)
	}
	list := b.get(attribute(page.one(t, ".text a"), "href"))
	if got := list.texts("h1"); len(got) != 1 || got[0] != "Sturm" {
		t.Errorf("the word leads to %v", got)
	}
	for path, want := range map[string]string{
		"/tag/sturm/feed.atom": `<category term="Sturm">`, "/tag/sturm/feed.json": `"tags":["rain","Sturm"]`,
		"/feed.rss": `href="` + public + `/tag/sturm"`,
	} {
		if body := b.get(path).body; !strings.Contains(body, want) {
			t.Errorf("%s lacks %s:\n%s", path, want, body)
		}
	}
}

func TestPicturesOfOtherHostsAreLinksWhereverATextIsRead(t *testing.T) {
	b := newBlog(t)
	p := b.publish(time.Hour, posts.Post{Content: "![A jar](https://other.example/jar.jpg) ![Ours](" + public + "/media/a.jpg)"})
	for _, at := range []string{p.Path, "/", "/feed.atom", "/feed.rss", "/feed.json"} {
		body := html.UnescapeString(strings.ReplaceAll(b.get(at).body, `\"`, `"`))
		if !strings.Contains(body, `<a class="elsewhere" href="https://other.example/jar.jpg">A jar</a>`) || strings.Contains(body, `<img src="https://other.example`) {
			t.Errorf("%s has no link to a picture of another host:\n%s", at, body)
		}
		if !strings.Contains(body, `<img src="`+public+`/media/a.jpg"`) {
			t.Errorf("%s lacks the picture that lies here:\n%s", at, body)
		}
	}
}
