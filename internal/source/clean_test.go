package source

import (
	"net/url"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/net/html"

	"hark/internal/answer/fuzztest"
)

func cleanBase() *url.URL {
	return &url.URL{Scheme: "https", Host: "alice.example", Path: "/2026/answer"}
}

func TestForeignHTMLIsCleaned(t *testing.T) {
	const rel = ` rel="nofollow ugc noopener"`
	cases := []struct{ name, dirty, want string }{
		{"kept elements", `<p>a <em>b</em> <strong>c</strong> <b>d</b> <i>e</i> <code>f</code></p><pre>g</pre><blockquote>h</blockquote><ul><li>i</li></ul><ol><li>j</li></ol>`,
			`<p>a <em>b</em> <strong>c</strong> <b>d</b> <i>e</i> <code>f</code></p><pre>g</pre><blockquote>h</blockquote><ul><li>i</li></ul><ol><li>j</li></ol>`},
		{"attributes", `<p id="x" class="y" style="color:red" onclick="f()">a</p>`, `<p>a</p>`},
		{"link", `<a href="https://b.example/" target="_top" rel="me" title="x">a</a>`, `<a href="https://b.example/"` + rel + `>a</a>`},
		{"relative link", `<a href="../b?c=1&amp;d">a</a>`, `<a href="https://alice.example/b?c=1&amp;d"` + rel + `>a</a>`},
		{"mail", `<a href="mailto:a@b.example">a</a>`, `<a href="mailto:a@b.example"` + rel + `>a</a>`},
		{"script link", `<a href="javascript:alert(1)">a</a>`, `a`},
		{"script link in disguise", "<a href=' \x01java\tscript:alert(1)'>a</a>", `a`},
		{"data link", `<a href="data:text/html,x">a</a>`, `a`},
		{"link without address", `<a name="x">a</a>`, `a`},
		{"script", `a<script>alert(1)</script>b`, `ab`},
		{"style, svg, frame, form", `a<style>x</style><svg><title>x</title></svg><iframe src="x">x</iframe><select><option>x</select>b`, `ab`},
		{"picture", `a<img src="https://track.example/1.gif" onerror="f()">b`, `ab`},
		{"emoji as a picture", `a <img class="emoji" alt="😀" src="x.png">`, `a 😀`},
		{"unclosed", `<p>a <b>b`, `<p>a <b>b</b></p>`},
		{"stray ends", `</p></div></a>a`, `<p></p>a`},
		{"blocks stay apart", `<div>a</div><div>b</div><h2>c</h2>`, `<p>a</p><p>b</p><p>c</p>`},
		{"table", `<table><tr><td>a</td><td>b</td></tr></table>`, `<p>a b </p>`},
		{"comment", `a<!-- b -->c`, `ac`},
		{"controls", "a\x00\x07\u0085\u202eb\u2066c\ufeffd", `abcd`},
		{"controls as entities", `a&#x202e;b&#7;c`, `abc`},
		{"joiners", "👩\u200d🚀 می\u200cخواهم", "👩\u200d🚀 می\u200cخواهم"},
		{"towers of accents", "a" + strings.Repeat("\u0301", 50), "a" + strings.Repeat("\u0301", 6)},
		{"text", `1 < 2 & "3"`, `1 &lt; 2 &amp; &#34;3&#34;`},
		{"nothing", `<p> </p><b></b>`, ``},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			want := strings.ReplaceAll(c.want, "<p></p>", "")
			if got := Clean(c.dirty, cleanBase()); got != want {
				t.Errorf("clean is\n%s\nwant\n%s", got, want)
			}
		})
	}
}

func TestDeepNestingIsFlattened(t *testing.T) {
	for _, tag := range []string{"blockquote", "b", "ul", "div", "a href=/x"} {
		got := Clean(strings.Repeat("<"+tag+">", 1000)+"word", cleanBase())
		if !strings.Contains(got, "word") || strings.Count(got, "<") > 2*maxNested+2 {
			t.Errorf("%s: got %.200s", tag, got)
		}
	}
}

func TestHTMLIsCutAtAWordAndClosed(t *testing.T) {
	cases := []struct {
		clean string
		limit int
		want  string
	}{
		{`<p>one two three</p>`, 20, `<p>one two three</p>`},
		{`<p>one two three</p>`, 9, `<p>one two…</p>`},
		{`<p>one two three</p>`, 7, `<p>one two…</p>`},
		{`<p>one <b>two three</b> four</p><p>five</p>`, 8, `<p>one <b>two…</b></p>`},
		{`<ul><li>one</li><li>two</li></ul>`, 3, `<ul><li>one</li><li>…</li></ul>`},
		{`あいうえおかきくけこ`, 4, `あいうえ…`},
	}
	for _, c := range cases {
		if got := Cut(c.clean, c.limit); got != c.want {
			t.Errorf("%s cut at %d is %s, want %s", c.clean, c.limit, got, c.want)
		}
	}
}

func TestTextIsCutBetweenLetters(t *testing.T) {
	cases := []struct {
		text  string
		limit int
		want  string
	}{
		{"short", 5, "short"},
		{"one two", 6, "one…"},
		{"one two", 3, "one…"},
		{"abcdefghij", 4, "abcd…"},
		{"a verylongwordindeed", 10, "a verylong…"},
		{"xxe\u0301\u0302y", 3, "xx…"},
		{"xx👩\u200d🚀y", 4, "xx…"},
		{"xx👍🏽y", 3, "xx…"},
	}
	for _, c := range cases {
		if got, _ := cutText(c.text, c.limit); got != c.want {
			t.Errorf("%q cut at %d is %q, want %q", c.text, c.limit, got, c.want)
		}
	}
}

func TestNameIsOneLine(t *testing.T) {
	for name, want := range map[string]string{
		" Alice\n\tMoor ":            "Alice Moor",
		"Alice\u202eerooM":           "AliceerooM",
		"Alice\u2028Moor\x00":        "Alice Moor",
		strings.Repeat("long ", 100): strings.TrimSpace(strings.Repeat("long ", 20)) + "…",
		"":                           "",
		"\xff\xfe":                   "\ufffd",
	} {
		if got := Line(name, 100); got != want {
			t.Errorf("%q is %q, want %q", name, got, want)
		}
	}
}

func FuzzClean(f *testing.F) {
	f.Add(`</p><div><a href="/x">a<p>b</a>c<table><b>d`)
	f.Add(`<pre>` + "\n\n" + `x<blockquote><ul><b><p></ul>`)
	f.Add(`<a href="mailto:x"><a href="//y"><li><p>` + "\u202e\r\n&#13;")
	f.Add(`<svg><p><style><a title="</style><img src onerror=f()>">`)
	f.Add(strings.Repeat("<b><a href=x><p>", 20))
	for _, body := range long() {
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, dirty string) {
		work := fuzztest.Begin()
		clean := Clean(dirty, cleanBase())
		work.Holds(t, len(dirty), 2<<20)
		if again := Clean(clean, cleanBase()); again != clean && len(clean) <= maxFragment {
			t.Fatalf("clean again is\n%q\nnot\n%q", again, clean)
		}
		checkClean(t, clean)
		checkClean(t, Cut(clean, 20))
	})
}

// checkClean parses as a browser would and looks at every element.
func checkClean(t *testing.T, clean string) {
	t.Helper()
	if !utf8.ValidString(clean) {
		t.Fatalf("not UTF-8: %q", clean)
	}
	allowed := []string{"div", "p", "br", "a", "em", "strong", "b", "i", "code", "pre", "blockquote", "ul", "ol", "li"}
	for n := range parseFragment(clean).Descendants() {
		switch {
		case n.Type == html.TextNode && strings.ContainsFunc(n.Data, func(r rune) bool { return r != '\n' && r != '\t' && isControl(r) }):
			t.Fatalf("control character in %q", clean)
		case n.Type == html.ElementNode && !slices.Contains(allowed, n.Data):
			t.Fatalf("<%s> in %q", n.Data, clean)
		case n.Type == html.CommentNode:
			t.Fatalf("comment in %q", clean)
		}
		for _, a := range n.Attr {
			u, err := url.Parse(a.Val)
			link := n.Data == "a" && a.Key == "href" && err == nil && slices.Contains([]string{"http", "https", "mailto"}, u.Scheme)
			if !link && (a.Key != "rel" || a.Val != relation) {
				t.Fatalf("%s=%q in %q", a.Key, a.Val, clean)
			}
		}
	}
}
