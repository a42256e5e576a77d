package desk

import (
	"context"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"hark/internal/auth"
	"hark/internal/mentions"
	"hark/internal/posts"
	"hark/internal/words"
	"hark/web"
)

// english are words that stand in nearly every English sentence, and in no German one.
var english = regexp.MustCompile(`(?i)\b(the|and|of|is|are|were|your|you|with|this|that|not|it|its|to|by|from|yet|who|what|has|have|been|ago|until|no|now|yes|article|published|unlisted|everybody|title|keep|reply|\d+ (jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)\pL*)\b`)

// speaks has the site speak a language, chosen at the desk.
func (h *house) speaks(v *visitor, language string) {
	h.t.Helper()
	fields := v.get("/desk/settings").is(http.StatusOK).fields("main form")
	fields.Set("interface", language)
	v.post("/desk/settings", fields).leadsTo("/desk/settings?saved")
}

// shown are the texts of a page: all but code, and what people have typed.
func (a *answer) shown() (texts []string) {
	var walk func(n *html.Node)
	walk = func(n *html.Node) {
		switch {
		case n.Type == html.TextNode:
			texts = append(texts, n.Data)
		case n.Type == html.ElementNode && slices.Contains([]string{"code", "pre", "textarea", "script", "style", "datalist"}, n.Data):
			return
		case n.Type == html.ElementNode:
			for _, a := range n.Attr {
				if slices.Contains([]string{"aria-label", "title", "placeholder", "alt"}, a.Key) {
					texts = append(texts, a.Val)
				}
			}
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c)
		}
	}
	walk(a.doc())
	return texts
}

// answered is what another site has said, and stays as it is.
const answered = "So it was answered."

// germanOnly reports what a page says in English.
func (a *answer) germanOnly(t *testing.T, path string) {
	t.Helper()
	if got := a.one("html").Attr; len(got) == 0 || got[0].Val != "de" {
		t.Errorf("%s says that it is in %v", path, got)
	}
	for _, text := range a.shown() {
		if strings.Contains(text, answered) {
			continue
		}
		if found := english.FindString(text); found != "" {
			t.Errorf("%s says %q (%s)", path, strings.TrimSpace(text), found)
		}
	}
}

func TestTheDeskSpeaksTheLanguageThatWasChosen(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	v.get("/desk/settings").says("h1", "Settings")
	p, editor := h.published(v, "Regen", "Worte über <https://blog.example/> im Hafen.")
	h.speaks(v, "de")
	changed := v.editor(editor)
	for name, value := range map[string]string{"title": "Niesel", "text": "Andere Worte.", "tags": "Wasser", "pinned": "on", "visibility": "unlisted", "do": "publish"} {
		changed.Set(name, value)
	}
	v.post(editor, changed).is(http.StatusSeeOther)
	_, gone := h.published(v, "Weg", "Worte.")
	v.post(gone, url.Values{"do": {"delete"}, "version": {"1"}}).is(http.StatusSeeOther)
	v.post("/desk/write", url.Values{"do": {"template"}, "template-name": {"Woche"}, "text": {"Worte."}})
	template := attr(v.get("/desk/templates").one(".shelf a.voice"), "href")
	h.outgone(p, mentions.Queued, mentions.Sent, mentions.Deaf, mentions.Failed, mentions.Quiet, hubTab)
	ids := h.seed(p, seeded{}, seeded{kind: "like", html: " "}, seeded{state: mentions.Spam}, seeded{state: mentions.Shown, kind: "mention"}, seeded{state: mentions.Waiting})
	if _, err := h.gate.Invite(context.Background(), h.user(), auth.Author); err != nil {
		t.Fatal(err)
	}
	v.post("/desk/inbox/rules", url.Values{"stance": {"block"}, "scope": {"host"}, "value": {"junk.example"}})
	v.post("/desk/defence/bans", url.Values{"do": {"ban"}, "address": {"203.0.113.9"}, "for": {"168h"}})
	paths := []string{
		"/desk/write", editor, "/desk/posts", "/desk/posts?status=draft", "/desk/posts?status=deleted", "/desk/posts?status=scheduled",
		"/desk/inbox", "/desk/inbox?state=spam", "/desk/inbox?state=shown", "/desk/inbox?state=waiting", "/desk/inbox?q=nichts", "/desk/inbox/rules", "/desk/inbox/" + ids[0],
		"/desk/outbox", "/desk/outbox?state=queued", "/desk/outbox?state=hub", "/desk/outbox?post=" + p.ID, "/desk/defence", "/desk/defence?span=day", "/desk/defence?span=week",
		"/desk/settings", "/desk/settings/answers", "/desk/settings/telling", "/desk/settings/letters", "/desk/settings/readers", "/desk/people",
		"/desk/account", "/desk/account/activity", "/desk/account/apps", "/desk/account/apps/new", "/desk/account/passkeys", "/desk/account/codes", "/desk/account/prove", "/desk/account/page", "/desk/media", "/desk/templates", template, "/desk/share", "/desk/find", "/desk/posts/" + p.ID + "/revisions", "/desk/settings/look",
	}
	for _, path := range paths {
		v.get(path).is(http.StatusOK).germanOnly(t, path)
	}
	h.visitor().get("/login").germanOnly(t, "/login")
}

// A post without a title is called by what it is, wherever the desk names it.
func TestPostsAreCalledInTheLanguageOfTheDesk(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	h.speaks(v, "de")
	p := &posts.Post{AuthorID: h.user().ID, Status: posts.Published, Properties: posts.Properties{"like-of": {"https://jar.example/"}}}
	if err := h.posts.Save(context.Background(), p); err != nil {
		t.Fatal(err)
	}
	h.outgone(p, mentions.Sent)
	ids := h.seed(p, seeded{})
	deleted, gone := h.draft(posts.Post{Properties: posts.Properties{"bookmark-of": {"https://gauge.example/"}}})
	v.post(gone, url.Values{"do": {"delete"}, "version": {"1"}}).is(http.StatusSeeOther)
	const liked, kept = "Gefällt mir: jar.example", "Lesezeichen: gauge.example"
	for path, want := range map[string]string{
		"/desk/posts": liked, "/desk/posts?status=deleted&moved=" + deleted.ID: kept, "/desk/write/" + p.ID: liked, "/desk/posts/" + p.ID + "/revisions": liked,
		"/desk/inbox": liked, "/desk/inbox/" + ids[0]: liked, "/desk/outbox": liked, "/desk/outbox?post=" + p.ID: liked, "/desk/find": liked,
	} {
		if body := text(v.get(path).is(http.StatusOK).doc()); !strings.Contains(body, want) {
			t.Errorf("%s does not name %s", path, want)
		}
	}
}

// hebrew is a language that is read from the right, as one file adds it.
const hebrew = `{"name": "עברית", "plural": ["other"], "months": ["1","2","3","4","5","6","7","8","9","10","11","12"],
	"weekdays": ["1","2","3","4","5","6","7"], "phrases": {"Write": "כתוב"}}`

func TestTheDeskIsReadFromTheSideOfItsLanguage(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	for _, c := range []struct{ lang, direction string }{{"en", ""}, {"de", ""}, {"he", "rtl"}} {
		h.speaks(v, c.lang)
		for _, at := range []*answer{v.get("/desk/write"), v.get("/desk/settings"), h.visitor().get("/login")} {
			if root := at.is(http.StatusOK).one("html"); attr(root, "lang") != c.lang || attr(root, "dir") != c.direction {
				t.Errorf("in %s a page is in %q, read from %q", c.lang, attr(root, "lang"), attr(root, "dir"))
			}
		}
	}
}

// What is wrong with a field is said in the language, too, and what was typed stays.
func TestWhatIsWrongIsSaidInTheLanguageOfTheDesk(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	h.speaks(v, "de")
	for _, c := range []struct {
		path   string
		fields url.Values
	}{
		{"/desk/settings", url.Values{"title": {""}}},
		{"/desk/settings/telling", url.Values{"hub": {"x y"}}},
		{"/desk/inbox/rules", url.Values{"stance": {"block"}, "scope": {"host"}, "value": {"kein host"}}},
		{"/desk/defence/bans", url.Values{"do": {"ban"}, "address": {"nirgends"}, "for": {"1h"}}},
		{"/desk/account/password", url.Values{"present": {"falsch"}, "new": {"kurz"}}},
		{"/desk/write", url.Values{"do": {"publish"}, "text": {""}}},
		{"/desk/write", url.Values{"do": {"publish"}, "text": {"Worte."}, "visibility": {"people"}}},
		{"/desk/write", url.Values{"do": {"publish"}, "text": {"Worte."}, "visibility": {"people"}, "audience": {"Jana"}}},
	} {
		a := v.post(c.path, c.fields)
		if a.status != http.StatusUnprocessableEntity || len(a.all(".wrong")) == 0 {
			t.Errorf("%s answers %d and says nothing", c.path, a.status)
			continue
		}
		a.germanOnly(t, c.path)
	}
}

// What is kept in English is found again by its form.
func TestWhatIsKeptIsSaidInEachLanguage(t *testing.T) {
	library, err := words.Open(web.Words)
	if err != nil {
		t.Fatal(err)
	}
	kept := []string{
		"the link to your post: a.u-in-reply-to. Read the page: 200, 1 KB.", "the link to your post: a. Read the page: 200, more than 1024 KB, found at https://blog.example/.",
		"the page: 404, 1 KB.", "the page: 410, 1 KB, found at https://blog.example/.", "the page: 503, 1 KB. Nothing changed.",
		"the page of its author, https://blog.example/: 200, 3 KB.", "the page of its author, https://blog.example/, which could not be read.",
		"a reply by Juniper Hale, 8 words, no photo, no microformats.", "a like by Juniper Hale.", "a mention by Juniper Hale, 1 word.", "a bookmark by Juniper Hale, no photo.",
		"26 November 2026, 17:09:45 UTC",
	}
	for _, kind := range posts.Kinds {
		kept = append(kept, string(kind))
	}
	summed := mentions.Event{Sum: &mentions.Sum{Signs: []mentions.Sign{{Name: "few-links", Weight: 50}, {Name: "older", Weight: -50}}, Score: 150, Needed: 200}}
	if got, want := detail(summed, library.Book("de")), "wenige Links +0,5, älter −0,5; zusammen 1,5, nötig sind 2,0."; got != want {
		t.Errorf("a ledger says %q, want %q", got, want)
	}
	if got, want := detail(mentions.Event{Detail: "the page: 404, 1 KB."}, library.Book("de")), "the page: 404, 1 KB."; got != want {
		t.Errorf("of another line it makes %q", got)
	}
	for _, book := range library.Books() {
		for _, english := range kept {
			if book.Sentence(english) == english {
				t.Errorf("%s has nothing for %q", book.Name(), english)
			}
		}
	}
}
