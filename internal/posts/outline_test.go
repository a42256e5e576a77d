package posts

import (
	"strings"
	"testing"
)

// written is a post with a text, as the store would have it.
func written(content string) *Post {
	p := &Post{ID: "0123456789abcdefghjkmnpqrs", Content: content}
	p.HTML = NewRenderer("https://blog.example").HTML(content, As{Key: p.shortKey(), Lang: "en", Raw: true})
	return p
}

func TestHeadingsOfAPageLeadToThemselves(t *testing.T) {
	p := written("# The *storm*\n\n<h3>Raw</h3>\n\n<h3 class=\"a\" id=\"b\">Named</h3>")
	want := `<h2 id="the-storm-nmpqrs">The <em>storm</em> <a class="anchor" href="#the-storm-nmpqrs" aria-label="Link to this part"></a></h2>
<h4>Raw</h4>
<h4 class="a" id="b-nmpqrs">Named <a class="anchor" href="#b-nmpqrs" aria-label="Link to this part"></a></h4>`
	want = strings.ReplaceAll(want, "nmpqrs", p.shortKey())
	if got := string(p.Page("en")); got != want {
		t.Errorf("the page has\n%s\nwant\n%s", got, want)
	}
	if got := string(p.Page("de")); !strings.Contains(got, "Link zu diesem Abschnitt") {
		t.Errorf("a German page has\n%s", got)
	}
	if summary, words := gist(p.Page("en")); summary != "The storm Raw Named" || words != 4 {
		t.Errorf("the links of headings have words: %q, %d", summary, words)
	}
}

func TestContentsStandWhereTheyAreAskedFor(t *testing.T) {
	p := written("Before.\n\n[TOC]\n\n## One & two[^1]\n\n#### Deep\n\n#\n\n### ![](/a.png)\n\n### Less deep\n\n## One & two\n\n[toc]\n\n[^1]: N")
	key := p.shortKey()
	want := `<nav class="contents" aria-label="Contents"><ul><li><a href="#one-two-KEY">One &amp; two</a><ul><li><a href="#deep-KEY">Deep</a></li><li><a href="#less-deep-KEY">Less deep</a></li></ul></li><li><a href="#one-two-2-KEY">One &amp; two</a></li></ul></nav>`
	got := string(p.Page("en"))
	mustBeHarmless(t, p.Page("en"))
	if !strings.Contains(got, strings.ReplaceAll(want, "KEY", key)) {
		t.Errorf("the page has\n%s", got)
	}
	if strings.Count(got, "<nav") != 1 || !strings.Contains(got, "<p>[toc]</p>") {
		t.Errorf("the second stands, too:\n%s", got)
	}
	for _, elsewhere := range []string{string(p.InFeed()), string(p.InList())} {
		if strings.Contains(elsewhere, "contents") || strings.Contains(elsewhere, "anchor") {
			t.Errorf("elsewhere it is\n%s", elsewhere)
		}
	}
}

func TestContentsAreNotWhatOnlyLooksLikeThem(t *testing.T) {
	for _, text := range []string{"[TOC] is\n\n# A", "> [TOC]\n\n# A", "`[TOC]`\n\n# A", "    [TOC]\n\n# A", "\\[TOC]\n\n# A", "[TOC]\n\n# A\n\n[toc]: /b"} {
		if got := string(written(text).Page("en")); strings.Contains(got, "<nav") || !strings.Contains(got, "TOC") {
			t.Errorf("%q is\n%s", text, got)
		}
	}
	for _, text := range []string{"[TOC]\n\nNothing.", "[TOC]\n\n##\n\n# ![](/a.png)"} {
		if got := string(written(text).Page("en")); strings.Contains(got, "<nav") || strings.Contains(got, "TOC") {
			t.Errorf("contents of a text without headings are\n%s", got)
		}
	}
}

func TestListsShowHeadingsBeneathTheirTitle(t *testing.T) {
	p := written("## A\n\n###### B")
	if got := string(p.InList()); !strings.Contains(got, "<h2") {
		t.Errorf("without a title it is %s", got)
	}
	p.Title = "T"
	if got := string(p.InList()); !strings.Contains(got, "<h3 ") || !strings.Contains(got, "</h3>") || !strings.Contains(got, "</h6>") || strings.Contains(got, "h2") {
		t.Errorf("with a title it is %s", got)
	}
}
