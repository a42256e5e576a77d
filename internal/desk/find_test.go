package desk

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"hark/internal/auth"
	"hark/internal/posts"
)

func TestPostsAreFoundToLinkTo(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	jar, _ := h.published(v, "Rain in a [jam] *jar*", "Never meant to last.")
	h.published(v, "", "Wind and rain.")
	for title, hidden := range map[string]posts.Post{"Secret rain": {Visibility: posts.Private}, "Half a rain": {Status: posts.Draft}, "Unlisted rain": {Visibility: posts.Unlisted}} {
		hidden.AuthorID, hidden.Title, hidden.Content = h.user().ID, title, "rain"
		if hidden.Status == "" {
			hidden.Status = posts.Published
		}
		if err := h.posts.Save(t.Context(), &hidden); err != nil {
			t.Fatal(err)
		}
	}
	a := v.get("/desk/find?q=rain").is(http.StatusOK)
	if n := len(a.all(".shelf > li")); n != 2 || strings.Contains(a.body, "Secret") || strings.Contains(a.body, "Half a") {
		t.Errorf("%d posts are found", n)
	}
	if got := attr(a.one("#link-0"), "value"); got != `[Rain in a \[jam\] \*jar\*](`+jar.Path+`)` {
		t.Errorf("the link to copy is %s", got)
	}
	v.get("/desk/find?q="+url.QueryEscape(strings.Repeat("x", 300))).is(http.StatusOK).says("#wrong-q", "too long")
	v.get("/desk/find?q=nothing-of-it").is(http.StatusOK).says("main", "No post")
	if n := len(v.get("/desk/find").is(http.StatusOK).all(".shelf > li")); n != 2 {
		t.Errorf("%d are the newest", n)
	}

	r := h.request(http.MethodGet, "/desk/find?q=jam", nil)
	r.Header.Set("Accept", "application/json")
	var got struct{ Posts []found }
	for _, who := range []*visitor{v, h.person("reed", auth.Author)} {
		a = who.do(r)
		if err := json.Unmarshal([]byte(a.body), &got); err != nil || len(got.Posts) != 1 || got.Posts[0].Path != jar.Path || a.header.Get("Content-Type") != "application/json" {
			t.Errorf("a program is told %s (%v)", a.body, err)
		}
	}
}

func TestALinkMeansWhatItsNameSays(t *testing.T) {
	h := newHouse(t)
	for _, name := range []string{"plain", `a]b[c\`, "`code` <b>&amp;</b>", "**x** _y_ ~~z~~", "![i](x)", `\]`, "[[", "https://a.example/", "a\\`b"} {
		p := &posts.Post{Content: "See " + linkTo(name, "/2026/x") + "."}
		h.posts.Preview(t.Context(), p)
		a := &answer{t: t, body: string(p.HTML)}
		links := a.all("a")
		if !slices.ContainsFunc(links, func(n *html.Node) bool { return attr(n, "href") == "/2026/x" && text(n) == name }) || len(links) != 1 {
			t.Errorf("%q becomes %s", name, p.HTML)
		}
	}
}
