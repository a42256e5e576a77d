package posts

import (
	"strings"
	"testing"
)

func TestMarkdownOfHTMLSaysTheSame(t *testing.T) {
	r := NewRenderer("https://blog.example")
	for _, c := range []struct{ html, want string }{
		{"<p>One <b>two</b> <em>three </em>four.</p><p>Five &amp; six</p>", "<p>One <strong>two</strong> <em>three</em> four.</p>\n<p>Five &amp; six</p>\n"},
		{"one<br>two <a href=\"https://x.example/a_b(c)\">link</a>", "<p>one<br>\ntwo <a href=\"https://x.example/a_b(c)\">link</a></p>\n"},
		{"<h1>Title</h1><div>Words</div>", "<h2 id=\"title\">Title</h2>\n<p>Words</p>\n"},
		{"<ul><li>one<ul><li>in</li></ul></li><li>two</li></ul>", "in</li>"},
		{"<ol><li><p>one</p></li><li><p>two</p></li></ol>after", "<p>after</p>"},
		{"<blockquote><p>a</p><p>b</p></blockquote>c", "<blockquote>\n<p>a</p>\n<p>b</p>\n</blockquote>\n<p>c</p>\n"},
		{"<pre>a\n  <b>b</b> ```</pre>", "<pre tabindex=\"0\"><code>a\n  b ```\n</code></pre>\n"},
		{"say <code>a`b</code>", "<p>say <code>a`b</code></p>\n"},
		{"<img src=\"/a.jpg\" alt=\"A [jar]\"> x", "<p><img src=\"/a.jpg\" alt=\"A [jar]\"> x</p>\n"},
		{"1. *no* # _list_ &lt;b&gt; | x", "<p>1. *no* # _list_ &lt;b&gt; | x</p>\n"},
		{"<p># no</p><p>- no</p><p>: no</p><p>2) no</p>", "<p># no</p>\n<p>- no</p>\n<p>: no</p>\n<p>2) no</p>\n"},
		{"a<script>alert(1)</script><style>p{}</style>b", "<p>ab</p>\n"},
		{"</p></ul></a></b>x", "x"},
		{"<a href=\"javascript:alert(1)\">x</a>", "<p>x</p>\n"},
	} {
		got := string(r.HTML(FromHTML(c.html), As{}))
		if got != c.want && (strings.HasSuffix(c.want, "\n") || !strings.Contains(got, c.want)) {
			t.Errorf("%s\nin Markdown\n%s\nis\n%s\nwant\n%s", c.html, FromHTML(c.html), got, c.want)
		}
	}
	list := string(r.HTML(FromHTML("<ul><li>one<ol><li>in</li><li>more</li></ol></li><li>two</li></ul>"), As{}))
	if strings.Count(list, "<li>") != 4 || strings.Count(list, "<ol>") != 1 || strings.Count(list, "<ul>") != 1 {
		t.Errorf("a list in a list is\n%s", list)
	}
}

func TestMarkdownOfMuchHTMLIsThereAtOnce(t *testing.T) {
	for _, s := range []string{"<ul><li>", "<blockquote>", "<b>", "<a href=x>", "</b>", "<pre>`</pre>", "<code>``", "<br>", "<img>", "<td>", "a &lt;"} {
		if got := FromHTML(strings.Repeat(s, MaxContent/len(s))); len(got) > 64*MaxContent {
			t.Errorf("%s became %d bytes", s, len(got))
		}
	}
}
