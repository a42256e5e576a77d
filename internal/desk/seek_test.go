package desk

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"hark/internal/auth"
	"hark/internal/posts"
)

// names are those of the posts in a list.
func (a *answer) names() (all []string) {
	a.t.Helper()
	for _, one := range a.all(".shelf .voice") {
		all = append(all, text(one))
	}
	return all
}

func TestPostsAreFoundAtTheDeskByWordsAndKind(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	v.get("/desk/posts").is(http.StatusOK).says("main", "Nothing is published yet")
	h.published(v, "Six years of rain", "In a jar.")
	h.published(v, "Wind chimes", "Four notes.")
	hidden, editor := h.published(v, "", "A jar of mine alone.")
	fields := v.editor(editor)
	fields.Set("visibility", "private")
	fields.Set("do", "publish")
	v.post(editor, fields).is(http.StatusSeeOther)
	v.post("/desk/write", url.Values{"do": {"draft"}, "text": {"An unfinished jar."}}).is(http.StatusSeeOther)
	_, gone := h.published(v, "A broken jar", "Gone.")
	v.post(gone, url.Values{"do": {"delete"}, "version": {"1"}}).is(http.StatusSeeOther)
	reed := h.person("reed", auth.Author)
	h.published(reed, "Reeds", "And a jar.")

	for asked, want := range map[string]string{
		"q=jar":              "Reeds, An unfinished jar., A jar of mine alone., Six years of rain",
		"q=jar&kind=note":    "An unfinished jar., A jar of mine alone.",
		"kind=article":       "Reeds, Wind chimes, Six years of rain",
		"kind=nonsense&q=":   "Reeds, A jar of mine alone., Wind chimes, Six years of rain", // the list
		"q=nothing+like+it":  "",
		"q=chimes&skip=-1":   "Wind chimes",
		"q=chimes&skip=1e99": "Wind chimes",
	} {
		if got := strings.Join(v.get("/desk/posts?"+asked).is(http.StatusOK).names(), ", "); got != want {
			t.Errorf("%s finds %q, want %q", asked, got, want)
		}
	}
	if got := reed.get("/desk/posts?q=jar").is(http.StatusOK).names(); len(got) != 1 || got[0] != "Reeds" {
		t.Errorf("an author finds %q", got)
	}
	a := v.get("/desk/posts?q=jar&kind=note").is(http.StatusOK)
	a.says(".shelf", "not published").says(".shelf", "private").says(".shelf > :first-child .on", "Note by Wren Adair, saved")
	if a.value("q") != "jar" || a.value("kind") != "note" || len(a.all("main .tabs [aria-current]")) != 0 {
		t.Error("the form does not say what was looked for")
	}
	if ways := a.all(".shelf a.button[href='" + hidden.Path + "']"); len(ways) != 1 {
		t.Errorf("%d ways lead to what is published", len(ways))
	}
	v.get("/desk/posts?q=nothing+like+it").says("main", "No post has all of that")
	v.get("/desk/posts?q="+strings.Repeat("jar+", 20)).is(http.StatusOK).says("#wrong-q", "words")
}

func TestWhatIsFoundAtTheDeskIsLeafedThrough(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	for n := range perPage + 2 {
		h.clock.pass(time.Second)
		if err := h.posts.Save(t.Context(), &posts.Post{AuthorID: h.user().ID, Status: posts.Published, Content: fmt.Sprintf("Jar number %d", n)}); err != nil {
			t.Fatal(err)
		}
	}
	first := v.get("/desk/posts?q=jar&kind=note").is(http.StatusOK)
	second := v.get(attr(first.one(".acts a"), "href")).is(http.StatusOK)
	if one, two := first.names(), second.names(); len(one) != perPage || len(two) != 2 || two[1] != "Jar number 0" || len(second.all(".acts a")) != 0 {
		t.Errorf("the pages hold %d and %q", len(one), two)
	}
}
