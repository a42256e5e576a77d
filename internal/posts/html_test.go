package posts

import (
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// saysInHTML is what a reader of markup sees: its words, elements and preformatted lines.
func saysInHTML(t *testing.T, markup string) string {
	t.Helper()
	nodes, err := html.Parse(strings.NewReader(markup))
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	var walk func(n *html.Node, pre bool)
	walk = func(n *html.Node, pre bool) {
		switch {
		case n.Type == html.TextNode && pre:
			out.WriteString(strings.ReplaceAll(n.Data, "\n", "¶"))
		case n.Type == html.TextNode:
			out.WriteString(strings.Join(strings.Fields(n.Data), " "))
		case n.Type == html.ElementNode && n.Data != "html" && n.Data != "head" && n.Data != "body":
			out.WriteString("<" + n.Data + ">")
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c, pre || n.Data == "pre")
		}
	}
	walk(nodes, false)
	return out.String()
}

func TestHTMLIsShownAsItIs(t *testing.T) {
	r := NewRenderer("https://blog.example")
	for name, c := range map[string]struct{ sent, want string }{
		"a paragraph":         {"<p>5 * 3 * 2</p>", "<p>5 * 3 * 2"},
		"indented":            {"<div>\n    <p>a</p>\n\n    <p>b</p>\n</div>", "<div><p>a<p>b"},
		"a list with gaps":    {"<p>one</p>\n<ul>\n<li>x\n\n    y</li></ul>", "<p>one<ul><li>x y"},
		"empty lines":         {"<p>a\n \t\n*b*\r\n\r\n- c</p>", "<p>a *b* - c"},
		"no block":            {"1 *2* 3 <b>x</b>", "<p>1 *2* 3<b>x"},
		"words, then a block": {"<em>a</em> *b*\n\n<p># c</p>", "<div><em>a*b*<p># c"},
		"preformatted":        {"<pre>a\n\n*b*\n  \n\n  c</pre>", "<div><pre>a¶¶*b*¶  ¶¶  c"},
		"preformatted within": {"<blockquote><pre><code>a\n\n    b</code></pre></blockquote>", "<blockquote><pre><code>a¶¶    b"},
		"after it":            {"<pre>a</pre>\n\n    *b*", "<div><pre>a*b*"},
		"nothing":             {" \n ", ""},
	} {
		t.Run(name, func(t *testing.T) {
			text := Whole(c.sent)
			if text != "" && !IsWhole(text) || Whole(text) != text {
				t.Errorf("%q is not the same again: %q", text, Whole(text))
			}
			rendered := r.HTML(text, plain)
			if got := saysInHTML(t, string(rendered)); got != c.want {
				t.Errorf("%q is shown as %q, want %q", c.sent, got, c.want)
			}
		})
	}
	for _, text := range []string{"Hello", "a <b>b</b>", "<b>a</b>", "<p>a</p>\n\nb", "<pre>a</pre>", "# <p>", ""} {
		if IsWhole(text) {
			t.Errorf("%q is HTML as a whole", text)
		}
	}
}
