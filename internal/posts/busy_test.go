//go:build !race

package posts

import (
	"fmt"
	"strings"
	"testing"
)

// Each of these takes the parser the square of its length, or all the memory
// there is, unless something bounds it: without the limits this test does not end.
// The race detector makes it ten times as long, and sees nothing here that it does
// not see in shorter texts: the run on PostgreSQL, which is without it, has this test.
func TestNoTextKeepsTheRendererBusy(t *testing.T) {
	full := func(s string) string { return strings.Repeat(s, MaxContent/len(s)) }
	half := func(s string) string { return strings.Repeat(s, MaxContent/2/len(s)) }
	numbered := func(form string) string {
		var b strings.Builder
		for i := 0; b.Len() < MaxContent-100; i++ {
			fmt.Fprintf(&b, form, i)
		}
		return b.String()
	}
	r := NewRenderer("https://blog.example")
	for name, markdown := range map[string]string{
		"quotes":               full(">"),
		"quotes of lists":      full("> - "),
		"lists":                full("- "),
		"numbered lists":       full("1. "),
		"lists by lines":       strings.Repeat(strings.Repeat("- ", 300)+"a\n", 800),
		"blank lines in lists": strings.Repeat("1. ", 100) + full("\n"),
		"notes in notes":       full("[^a]: "),
		"brackets":             full("["),
		"pairs of brackets":    half("[") + half("]"),
		"links in links":       full("[a]("),
		"links without end":    full("[a](<b"),
		"pictures":             full("!["),
		"stars":                full("*a_ "),
		"emphasis":             half("a_") + half("_b**"),
		"emphasis by lines":    full("*a\n"),
		"apostrophes":          full("'"),
		"double quotes":        full("\""),
		"ticks":                full("`a``b\n"),
		"ticks without pair":   full("\\```go\n"),
		"empty paragraphs":     full("&nbsp;<br>\n\n"),
		"tildes":               full("~~a "),
		"tags":                 full("a <b "),
		"elements":             full("<b>"),
		"comments":             full("a <!-- b\n"),
		"blocks":               full("<div>\n\n"),
		"swallowing tags":      full("a <script> <title> "),
		"table of columns":     "|" + strings.Repeat("a|", 50_000) + "\n|" + strings.Repeat("-|", 50_000) + "\n" + strings.Repeat("|\n", 100_000),
		"many tables":          strings.Repeat("|"+strings.Repeat("a|", 90)+"\n|"+strings.Repeat("-|", 90)+"\n"+strings.Repeat("|\n", 90)+"\n", 900),
		"escaped bars":         "a|b\n-|-\n" + half("`\\|`|`\\|\\|`\n"),
		"marks of one note":    "[^1]: x\n\n" + half("[^1]\n\n"),
		"notes":                numbered("x[^%[1]d]\n\n[^%[1]d]: y\n\n"),
		"definitions":          full("[a]: b \"\n"),
		"open definitions":     full("[\n"),
		"addresses":            full("www.a."),
		"mail addresses":       full("a_b@c.d"),
		"headings":             full("# a\n"),
		"code of one block":    "```html\n" + full("<"),
		"code in C++":          "```c++\n" + full("a<b<"),
		"many blocks of code":  full("```go\nx\n```\n"),
		"many languages":       numbered("```l%d\nx\n```\n"),
		"name of a language":   "~~~ " + full("<b>"),
		"terms defined":        full("a\n: b\n"),
		"definitions in one":   "a\n" + full(": b\n"),
		"definitions within":   "a\n" + full(": "),
		"definitions by lines": "a\n" + strings.Repeat(strings.Repeat(": ", 60)+"a\n", 4000),
		"terms":                half("a\n") + ": b\n" + half("\n: c\n"),
		"paragraphs and terms": full("a\n\n: b\n\n"),
		"figures":              full("![a](b)\n\n"),
		"quotes in quotes":     full("'\"a "),
		"quotes that may end":  half("'a ") + half("a' "),
		"hashtags":             full("#a "),
		"names":                full("@a.bc "),
		"long names":           full("@" + strings.Repeat("a.", 120) + "bc "),
		"names without end":    "@" + full("a.b-"),
		"signs of names":       full("@"),
		"signs of tags":        full("#"),
		"different tags":       numbered("#a%d "),
		"long tags":            full("#" + strings.Repeat("a", 70) + " "),
		"entities":             full("&amp;"),
		"backslashes":          full("\\"),
	} {
		t.Run(name, func(t *testing.T) {
			got := r.HTML(markdown[:min(len(markdown), MaxContent)], plain)
			gist(got)
			if mustBeHarmless(t, got); len(got) > 16*MaxContent {
				t.Errorf("%d bytes became %d", len(markdown), len(got))
			}
		})
	}
}
