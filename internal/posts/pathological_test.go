package posts

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

// pathological are texts as long as a post may be, by what they are made of. Each
// takes a parser the square of its length, or all the memory there is, unless
// something bounds it; or it is one that other parsers are known to have stumbled over
// (https://github.com/commonmark/cmark/blob/master/test/pathological_tests.py).
func pathological() map[string]string {
	full := func(s string) string { return strings.Repeat(s, MaxContent/len(s)) }
	half := func(s string) string { return strings.Repeat(s, MaxContent/2/len(s)) }
	numbered := func(form string) string {
		var b strings.Builder
		for i := 0; b.Len() < MaxContent-100; i++ {
			fmt.Fprintf(&b, form, i)
		}
		return b.String()
	}
	growing := func(before, sign string) string { // one sign, then two, then three
		var b strings.Builder
		for i := 1; b.Len()+i < MaxContent; i++ {
			b.WriteString(before + strings.Repeat(sign, i))
		}
		return b.String()
	}
	deepening := func(step, line string) string { // each line within the one before
		var b strings.Builder
		for i := 0; b.Len()+i < MaxContent; i++ {
			b.WriteString(strings.Repeat(step, i) + line)
		}
		return b.String()
	}
	byParagraphs := func(s string, length int) string { return full(strings.Repeat(s, length/len(s)) + "\n\n") }
	byLines := func(before, s string) string { return full(before + strings.Repeat(s, max(1, 15/len(s))) + "\n") }
	texts := map[string]string{
		"quotes":                     full(">"),
		"quotes of lists":            full("> - "),
		"lists":                      full("- "),
		"numbered lists":             full("1. "),
		"lists by lines":             strings.Repeat(strings.Repeat("- ", 300)+"a\n", 800),
		"blank lines in lists":       strings.Repeat("1. ", 100) + full("\n"),
		"notes in notes":             full("[^a]: "),
		"brackets":                   full("["),
		"pairs of brackets":          half("[") + half("]"),
		"links in links":             full("[a]("),
		"links without end":          full("[a](<b"),
		"pictures":                   full("!["),
		"stars":                      full("*a_ "),
		"emphasis":                   half("a_") + half("_b**"),
		"emphasis by lines":          full("*a\n"),
		"apostrophes":                full("'"),
		"double quotes":              full("\""),
		"ticks":                      full("`a``b\n"),
		"ticks without pair":         full("\\```go\n"),
		"empty paragraphs":           full("&nbsp;<br>\n\n"),
		"tildes":                     full("~~a "),
		"tags":                       full("a <b "),
		"elements":                   full("<b>"),
		"comments":                   full("a <!-- b\n"),
		"blocks":                     full("<div>\n\n"),
		"swallowing tags":            full("a <script> <title> "),
		"table of columns":           "|" + strings.Repeat("a|", 50_000) + "\n|" + strings.Repeat("-|", 50_000) + "\n" + strings.Repeat("|\n", 100_000),
		"many tables":                strings.Repeat("|"+strings.Repeat("a|", 90)+"\n|"+strings.Repeat("-|", 90)+"\n"+strings.Repeat("|\n", 90)+"\n", 900),
		"escaped bars":               "a|b\n-|-\n" + half("`\\|`|`\\|\\|`\n"),
		"marks of one note":          "[^1]: x\n\n" + half("[^1]\n\n"),
		"notes":                      numbered("x[^%[1]d]\n\n[^%[1]d]: y\n\n"),
		"definitions":                full("[a]: b \"\n"),
		"open definitions":           full("[\n"),
		"addresses":                  full("www.a."),
		"mail addresses":             full("a_b@c.d"),
		"headings":                   full("# a\n"),
		"code of one block":          "```html\n" + full("<"),
		"code in C++":                "```c++\n" + full("a<b<"),
		"many blocks of code":        full("```go\nx\n```\n"),
		"many languages":             numbered("```l%d\nx\n```\n"),
		"name of a language":         "~~~ " + full("<b>"),
		"terms defined":              full("a\n: b\n"),
		"definitions in one":         "a\n" + full(": b\n"),
		"definitions within":         "a\n" + full(": "),
		"definitions by lines":       "a\n" + strings.Repeat(strings.Repeat(": ", 60)+"a\n", 4000),
		"terms":                      half("a\n") + ": b\n" + half("\n: c\n"),
		"paragraphs and terms":       full("a\n\n: b\n\n"),
		"figures":                    full("![a](b)\n\n"),
		"quotes in quotes":           full("'\"a "),
		"quotes that may end":        half("'a ") + half("a' "),
		"hashtags":                   full("#a "),
		"names":                      full("@a.bc "),
		"long names":                 full("@" + strings.Repeat("a.", 120) + "bc "),
		"names without end":          "@" + full("a.b-"),
		"signs of names":             full("@"),
		"signs of tags":              full("#"),
		"different tags":             numbered("#a%d "),
		"long tags":                  full("#" + strings.Repeat("a", 70) + " "),
		"entities":                   full("&amp;"),
		"backslashes":                full("\\"),
		"brackets of words":          full("[a "),
		"ends of brackets":           full("a] "),
		"brackets in brackets":       half("[a](b) [") + half("] "),
		"brackets and stars":         full("[ a_ "),
		"odd links":                  full("[ (]("),
		"pictures in links":          full("![[]()"),
		"entangled links":            full("**x [a*b**c*](d) "),
		"links to words":             full("[a](b "),
		"nested emphasis":            full("*a **a "),
		"emphasis that ends":         full("a_ "),
		"emphasis that begins":       full("_a "),
		"stars by threes":            full("a**b") + "c* ",
		"pairs of stars":             full("**a *b"),
		"stars alone":                full("*"),
		"runs of stars":              full("a" + strings.Repeat("*", 60) + "b "),
		"underscores alone":          full("_"),
		"stars in quotes":            strings.Repeat(strings.Repeat(">", 60)+"a*\n", 8000),
		"ticks that grow":            growing("e", "`"),
		"ticks that grow by lines":   growing("\n", "`"),
		"tildes that grow":           growing("a", "~"),
		"one tick each line":         full("`a\n"),
		"comments without end":       full("<!-- a "),
		"comments by lines":          full("</a\n<!--\n"),
		"instructions":               full("<? a "),
		"declarations":               full("<!A "),
		"CDATA":                      full("<![CDATA[ "),
		"tags with attributes":       full("<a b=\"c\" "),
		"tags that end nothing":      full("</b>"),
		"tags in tags":               half("<div>") + half("</div>"),
		"tables of HTML":             full("<table><tr><td>"),
		"a tag of attributes":        "<a " + full("b=c ") + ">",
		"a link of many ids":         numbered("<i id=\"a%[1]d\">[b](#a%[1]d)</i>\n"),
		"pictures of others":         full("![](//a.b/c)"),
		"films of others":            full("<video><source src=\"//a.b\">"),
		"references of one":          "[a]: /b\n\n" + full("[a] "),
		"a long reference":           "[a]: /" + strings.Repeat("b", MaxContent/4) + "\n\n" + strings.Repeat("[a]", 40_000),
		"a reference with a title":   "[a]: /b '" + strings.Repeat("c", 1000) + "'\n\n" + full("[a]"),
		"different references":       numbered("[a%d]: /b\n"),
		"references of references":   numbered("[a%[1]d]: /b\n\n[a%[1]d][a%[1]d]\n\n"),
		"references with long names": full("[" + strings.Repeat("a", 999) + "]: /b\n\n"),
		"brackets without reference": full("[a][b] "),
		"different brackets":         numbered("[a%d] "),
		"notes of one line":          full("[^1]: "),
		"notes without words":        full("[^a] "),
		"notes within notes":         numbered("[^%[1]d]: [^a%[1]d]\n\n"),
		"cells of stars":             "a|b\n-|-\n" + full("*a|b_\n"),
		"heads of tables":            full("a|b\n-|-\n"),
		"lines of tables":            full("-|-\n"),
		"a row of bars":              full("|") + "\n",
		"tasks":                      full("- [x] a\n"),
		"lists and blank lines":      full("- a\n\n"),
		"lists that deepen":          deepening("  ", "* a\n"),
		"numbers that deepen":        deepening("   ", "1. a\n"),
		"quotes that deepen":         deepening(">", "a\n"),
		"lazy quotes":                strings.Repeat(">", 60) + full("a\n"),
		"lists of lists by lines":    full("* * * * * a\n"),
		"headings of marks":          full("# a *b* `c`\n"),
		"tasks of links":             full("- [x] [a](b)\n"),
		"code and colours":           full("```go\n\"a\"\n```\n"),
		"figures of others":          full("![](//a/b)\n\n"),
		"rules":                      full("* * *\n"),
		"lines that may be rules":    full("* * * a\n"),
		"underlined":                 full("a\n=\n"),
		"paragraphs":                 full("a\n\n"),
		"one long line":              full("a "),
		"one long word":              full("a"),
		"broken lines":               full("a  \n"),
		"spaces":                     "a" + full(" ") + "b",
		"blank lines":                "a" + full("\n") + "b",
		"tabs":                       full("\t"),
		"tabs in lists":              full("-\t"),
		"code by indents":            full("    a\n\n"),
		"fences":                     full("```\n"),
		"fences without end":         full("~~~a\n"),
		"fences in quotes":           full("> ```\n"),
		"headings of one name":       full("# \n"),
		"headings with numbers":      numbered("# a-%d\n"),
		"contents":                   full("[TOC]\n\n"),
		"mail that does not end":     full("a@b."),
		"address of brackets":        "http://a.b/" + full("("),
		"addresses in brackets":      full("(http://a.b) "),
		"addresses of amps":          "http://a.b/" + full("&a;"),
		"angled addresses":           full("<http://a.b "),
		"nothing":                    full("\x00"),
		"broken letters":             full("\xff"),
		"marks on a letter":          "a" + full("\u0301"),
		"quotes and spaces":          full("\" '"),
		"dashes":                     full("--"),
		"dots":                       full("..."),
		"hashtags of marks":          full("#a\u0301 "),
		"names of authors":           full("@wren "),
		"definitions with notes":     full("a[^1]\n: b\n\n"),
		"a term of many":             full("a\n") + ": b\n",
		"bare mail addresses":        full("a@b.cd "),
		"mail addresses by lines":    full("someone.else@mail.example.org\n"),
		"mail addresses of dots":     full("a.b.c.d.e.f.g.h@a.b.c.d.e.f.g "),
		"long mail addresses":        full(strings.Repeat("a", 60) + "@b.cd "),
		"mail addresses in items":    byLines("- ", "a@b.cd "),
		"mail addresses in headings": byLines("# ", "a@b.cd "),
		"signs of mail addresses":    byParagraphs("_a@", 500),
		"bare addresses":             full("http://a.bc "),
		"bare addresses of amps":     full("http://a.bc/&a; "),
		"bare addresses of brackets": full("http://a.bc/()))))))) "),
		"bare names of hosts":        full("www.a.bc "),
		"hosts in brackets":          full("(www.a.bc)"),
		"all addresses":              byParagraphs("a@b.cd www.a.bc http://a.bc @a.bc #a *b* ", 42),
		"short paragraphs of tags":   byParagraphs("#a ", 30),
		"short paragraphs of names":  byParagraphs("@a.bc ", 30),
		"names in other scripts":     byParagraphs("@ä.bc ", 30),
		"authors by paragraphs":      byParagraphs("@wren ", 30),
		"authors in items":           byLines("- ", "@wren "),
		"emphasis by paragraphs":     byParagraphs("*a* ", 30),
		"code by paragraphs":         byParagraphs("`a` ", 30),
		"links by paragraphs":        byParagraphs("[a](b) ", 30),
		"links in items":             byLines("- ", "[](b)"),
		"links in headings":          byLines("# ", "[a](b) "),
		"tags in headings":           byLines("# ", "#a "),
		"emphasis in headings":       "[TOC]\n\n" + byLines("# ", "*a* "),
		"headings of six ranks":      "[TOC]\n\n" + full("# a\n## b\n### c\n#### d\n##### e\n###### f\n"),
		"tasks in lists":             full("- - - - [ ] *\n"),
		"tasks without words":        full("- [ ] \n"),
		"lists in lists":             byLines("- - - - - - - ", "a"),
		"headings in lists":          byLines("- - - - - # ", "a"),
		"lists in quotes":            byLines("> - > - > - ", "a"),
		"quotes by paragraphs":       full("> > > > > > > a\n\n"),
		"tables of one line":         full("a|b\n-|-\n\n"),
		"pictures in links alone":    full("[![a](b 'c')](d)\n\n"),
		"a definition of amps":       "[a]: /" + strings.Repeat("&", 4000) + "\n\n" + byParagraphs("[a] ", 30),
		"pictures of one definition": "[a]: //" + strings.Repeat("&", 4000) + "\n\n" + byParagraphs("![a] ", 30),
		"titles of one definition":   "[a]: /b '" + strings.Repeat("\"", 4000) + "'\n\n" + byParagraphs("[a] ", 30),
		"apostrophes in paragraphs":  byParagraphs("'a ", 2000),
		"short quotes":               byParagraphs("\"a\" ", 30),
		"short quotes in paragraphs": byParagraphs("'a' ", 30),
		"elements in items":          byLines("- ", "<b></b>"),
		"elements by paragraphs":     byParagraphs("<br>", 30),
		"a block of paragraphs":      "<p>" + full("<p>"),
		"a block of links":           "<div>" + full("<a href=//b></a>"),
		"a block of pictures":        "<div>" + full("<img src=//b>"),
		"a block of cells":           "<table>" + full("<td>"),
		"a block of headings":        "<p>" + numbered("<h2 id=%d></h2>"),
		"a block of items":           strings.Repeat("<div>", 190) + full("<li>"),
		"ligatures":                  full("\uFDFA "),
		"one word of ligatures":      full("\uFDFA"),
		"words with accents":         full("é "),
		"many languages of code":     strings.Repeat("```html\n<a b='c'>d</a>\n```\n```cpp\nint a=1;\n```\n", 5_000),
		"links to posts here":        numbered("[a](/2026/%d) "),
		"links to others":            numbered("https://a%d.bc "),
	}
	for name, text := range texts {
		texts[name] = firstLines(text[:min(len(text), MaxContent)])
	}
	return texts
}

// firstLines are as many lines of a text as a post may have.
func firstLines(text string) string {
	end := 0
	for range MaxLines - 1 {
		next := strings.IndexByte(text[end:], '\n')
		if next < 0 {
			return text
		}
		end += next + 1
	}
	return text[:end]
}

// asTheOwner renders as an owner's posts are, where somebody is called wren.
var asTheOwner = As{Key: "k3y", Lang: "en", Raw: true, Authors: map[string]string{"wren": "/author/wren"}}

func BenchmarkPathological(b *testing.B) {
	r, texts := NewRenderer("https://blog.example"), pathological()
	for _, name := range slices.Sorted(maps.Keys(texts)) {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				p := &Post{HTML: r.HTML(texts[name], asTheOwner)}
				gist(p.HTML)
				wordsOf(PlainText(string(p.Page("en"))))
			}
		})
	}
}
