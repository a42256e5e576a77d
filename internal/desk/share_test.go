package desk

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"hark/internal/auth"
	"hark/internal/posts"
)

func TestWhatIsSharedFillsInTheEditorAndIsNotSaved(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	const page = "https://a.example/b?c=d&e=f"
	for name, c := range map[string]struct {
		asked                    url.Values
		as, address, title, text string
	}{
		"a page":                   {url.Values{"title": {"Wind chimes"}, "url": {page}}, "bookmark-of", page, "Wind chimes", ""},
		"a page and words":         {url.Values{"title": {"Wind chimes"}, "text": {"Four\r\nnotes."}, "url": {page}}, "bookmark-of", page, "Wind chimes", "Four\nnotes."},
		"a page in the text":       {url.Values{"text": {"Wind chimes " + page}}, "bookmark-of", page, "", "Wind chimes"},
		"a page is all the text":   {url.Values{"title": {"Wind chimes"}, "text": {page}}, "bookmark-of", page, "Wind chimes", ""},
		"the title again":          {url.Values{"title": {"Wind"}, "text": {"Wind\n" + page}}, "bookmark-of", page, "Wind", ""},
		"words alone":              {url.Values{"title": {"T"}, "text": {"<b>Rain</b> http"}}, "in-reply-to", "", "T", "<b>Rain</b> http"},
		"a reply by a bookmarklet": {url.Values{"reply": {page}, "title": {"Wind chimes"}, "text": {"> Four notes."}}, "in-reply-to", page, "", "> Four notes."},
		"no address of the web":    {url.Values{"url": {"javascript:alert(1)"}, "text": {"x"}}, "in-reply-to", "", "", "x"},
	} {
		a := v.get("/desk/write?" + c.asked.Encode()).is(http.StatusOK)
		if a.value("in-reply-to") != c.address || a.value("title") != c.title || strings.TrimPrefix(a.value("text"), "\n") != c.text || a.value("as") != c.as {
			t.Errorf("%s: the editor says %s %s, %q, %q", name, a.value("as"), a.value("in-reply-to"), a.value("title"), a.value("text"))
		}
		if wrong := len(a.all(".wrong[role=alert]")); (wrong == 1) != (c.asked.Get("url") == "javascript:alert(1)") {
			t.Errorf("%s: %d sentences say what was left out", name, wrong)
		}
	}
	asked := url.Values{"do": {"publish"}, "id": {""}, "text": {"x"}, "visibility": {"public"}}
	v.get("/desk/write?" + asked.Encode()).is(http.StatusOK)
	for _, status := range []posts.Status{posts.Published, posts.Draft} {
		if n, err := h.posts.Count(t.Context(), status); n != 0 || err != nil {
			t.Errorf("%d posts are %s (%v)", n, status, err)
		}
	}
}

func TestOfWhatIsTooLongIsSaidWhatWasCut(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	a := v.get("/desk/write?" + url.Values{"title": {strings.Repeat("t", 400)}, "text": {strings.Repeat("é", 10_001) + "\x00\xff"}, "url": {"https://a.example/" + strings.Repeat("x", 3000)}}.Encode()).is(http.StatusOK)
	a.says(".wrong[role=alert]", "the title was cut at 300 letters, the text was cut at 10000 letters, the address was left out")
	if len(a.value("title")) != 300 || len([]rune(strings.TrimPrefix(a.value("text"), "\n"))) != 10_000 || a.value("in-reply-to") != "" {
		t.Errorf("taken over are %d, %d and %q", len(a.value("title")), len(a.value("text")), a.value("in-reply-to"))
	}
	for _, hostile := range []string{"</textarea><script>alert(1)</script>", `"><script>alert(1)</script>`} {
		a = v.get("/desk/write?" + url.Values{"title": {hostile}, "text": {hostile}, "url": {"https://a.example/" + hostile}}.Encode()).is(http.StatusOK)
		if len(a.all("script:not([src])")) != 0 || a.value("title") != hostile {
			t.Errorf("%s is more than words", hostile)
		}
	}
}

func TestWhatIsSharedOutlivesTheLogin(t *testing.T) {
	h := newHouse(t)
	h.owner()
	v := h.visitor()
	asked := "/desk/write?" + url.Values{"title": {"Wind & chimes"}, "url": {"https://a.example/?b=c&d"}}.Encode()
	next := v.get(asked).is(http.StatusSeeOther).header.Get("Location")
	fields := v.get(next).fields("form")
	fields.Set("username", ownerName)
	fields.Set("password", ownerPassword)
	v.post("/login", fields).leadsTo(asked)
	if got := v.get(asked).value("in-reply-to"); got != "https://a.example/?b=c&d" {
		t.Errorf("after the login it is %s", got)
	}
}

func TestOtherPagesAndAppsLeadToTheEditor(t *testing.T) {
	h := newHouse(t)
	h.owner()
	v := h.person("reed", auth.Author)
	a := v.get("/desk/share").is(http.StatusOK)
	for _, n := range a.all(".marklets a") {
		code, err := url.PathUnescape(attr(n, "href"))
		if err != nil || !strings.HasPrefix(code, "javascript:(()=>{") || !strings.Contains(code, `"`+h.URL+`/desk/write?`) {
			t.Errorf("a bookmarklet is %s (%v)", code, err)
		}
	}
	if got := a.header.Get("Content-Security-Policy"); !strings.Contains(got, "script-src 'self';") || !strings.HasSuffix(got, "manifest-src 'self'") {
		t.Errorf("the policy is %s", got)
	}
	var m manifest
	a = h.visitor().get(attr(a.one("link[rel=manifest]"), "href")).is(http.StatusOK)
	if err := json.Unmarshal([]byte(a.body), &m); err != nil || m.Share.Action != "/desk/write" || m.Share.Method != http.MethodGet || m.Name != "hark" || a.header.Get("Content-Type") != "application/manifest+json" {
		t.Errorf("the manifest is %s (%v)", a.body, err)
	}
}
