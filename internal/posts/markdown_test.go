package posts

import (
	"html/template"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/net/html"
)

// words400 is a text of 400 words as people write them.
var words400 = strings.Repeat("The jar was *never* meant to last, [Hollis](https://hollis.example/damson) said: \"until the proper one comes\".\n\n", 25)

// plain is a text of an owner's, with a key of three letters.
var plain = As{Key: "k3y", Raw: true}

func TestMarkdownIsRenderedAsTheVectorsSay(t *testing.T) {
	files, err := filepath.Glob("testdata/markdown/*.md")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	r := NewRenderer("https://blog.example")
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".md"), func(t *testing.T) {
			markdown, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			want, err := os.ReadFile(strings.TrimSuffix(file, "md") + "html")
			if err != nil {
				t.Fatal(err)
			}
			got := r.HTML(string(markdown), plain)
			if string(got) != string(want) {
				t.Errorf("%s gives\n%s\nwant\n%s", file, got, want)
			}
			mustBeHarmless(t, got)
		})
	}
}

// mustBeHarmless fails for HTML that could do anything but be read, or that
// could close or keep open an element around it.
func mustBeHarmless(t testing.TB, rendered template.HTML) {
	t.Helper()
	var open []string
	tokens := html.NewTokenizer(strings.NewReader(string(rendered)))
	for {
		switch tokens.Next() {
		case html.ErrorToken:
			if len(open) > 0 {
				t.Errorf("left open: %v in\n%s", open, rendered)
			}
			return
		case html.StartTagToken, html.SelfClosingTagToken:
			token := tokens.Token()
			if slices.Contains(strings.Fields("script style iframe frame frameset form textarea title svg math object embed base meta link button select"), token.Data) {
				t.Errorf("there is a %s in\n%s", token.Data, rendered)
			}
			for _, a := range token.Attr {
				mustBeHarmlessIn(t, token, a)
			}
			if !void[token.Data] {
				open = append(open, token.Data)
			}
		case html.EndTagToken:
			token := tokens.Token()
			if len(open) == 0 || open[len(open)-1] != token.Data {
				t.Fatalf("</%s> within %v in\n%s", token.Data, open, rendered)
			}
			open = open[:len(open)-1]
		}
	}
}

func mustBeHarmlessIn(t testing.TB, token html.Token, a html.Attribute) {
	t.Helper()
	if a.Key == "style" || strings.HasPrefix(a.Key, "on") || token.Data == "input" && a.Key == "type" && a.Val != "checkbox" {
		t.Errorf("there is %s", token)
	}
	if !slices.Contains([]string{"href", "src", "poster", "cite"}, a.Key) {
		return
	}
	address := strings.ToLower(strings.Map(func(r rune) rune { // as a browser reads it
		if r <= ' ' {
			return -1
		}
		return r
	}, a.Val))
	for _, scheme := range []string{"javascript:", "vbscript:", "data:", "file:"} {
		if strings.HasPrefix(address, scheme) {
			t.Errorf("there is %s", token)
		}
	}
}

func TestTheSummaryIsTheFirstParagraphInPlainWords(t *testing.T) {
	r := NewRenderer("https://blog.example")
	for _, c := range []struct {
		markdown, summary string
		words             int
	}{
		{"", "", 0},
		{"# Title\n\nOne *two*\nthree.\n\nFour.", "One two three.", 5},
		{"One[^1] two.\n\n[^1]: Note.", "One two.", 3},
		{"H<sub>2</sub>O and x<sup>2</sup>, un<em>believ</em>able", "H2O and x2, unbelievable", 4},
		{"5 < 6 & \"so\" &copy;", "5 < 6 & “so” ©", 3},
		{"one  \ntwo", "one two", 2},
		{"- one\n- two", "one two", 2},
		{"<div>one</div><div>two</div>", "one two", 2},
		{"<script>alert(1)</script>\n\nOne.", "One.", 1},
		{"![A jar](/a.jpg)", "A jar", 0},
		{"![A jar](/a.jpg)\n\nIn rain.", "In rain.", 2},
		{"```go\nx := 1\n```\n\nSo.", "So.", 3},
		{"今日は雨。", "今日は雨。", 4},
		{strings.Repeat("rain ", 200), strings.TrimSpace(strings.Repeat("rain ", 99)) + " rain …", 200},
	} {
		if summary, words := gist(r.HTML(c.markdown, plain)); summary != c.summary || words != c.words {
			t.Errorf("%q has %d words and says %q; want %d and %q", c.markdown, words, summary, c.words, c.summary)
		}
	}
}

func TestATextLongerThanAPostIsShownAsItWasTyped(t *testing.T) {
	got := NewRenderer("https://blog.example").HTML("<b>"+strings.Repeat("*x* ", MaxContent/4), plain)
	if !strings.HasPrefix(string(got), "<pre>&lt;b&gt;*x* *x*") || !strings.HasSuffix(string(got), "</pre>") {
		t.Errorf("it begins with %.60s", got)
	}
}

func TestWhatIsBeyondALimitIsShownAsItWasTyped(t *testing.T) {
	r := NewRenderer("https://blog.example")
	deep := string(r.HTML(strings.Repeat("> ", 100)+"deep", plain))
	if n := strings.Count(deep, "<blockquote>"); n < 30 || n > 100 || !strings.Contains(deep, "&gt; &gt; deep") {
		t.Errorf("a hundred quotes are %d: %s", n, deep)
	}
	wide := string(r.HTML("a|b|c|d\n-|-|-|-\n"+strings.Repeat("c|d\n", maxCells/4), plain))
	if strings.Contains(wide, "<table>") || !strings.Contains(wide, "c|d") {
		t.Errorf("a table beyond the limit is %.80s", wide)
	}
	entangled := string(r.HTML(strings.Repeat("*a [b](c) ", 40_000)+"**end** &amp; all", plain))
	if !strings.HasPrefix(entangled, `<p>*a <a href="c">b</a>`) || !strings.Contains(entangled, "**end** &amp; all") {
		t.Errorf("an entangled text is %.80s", entangled)
	}
	signs := string(r.HTML(strings.Repeat("[a](b) [c](d)\n\n", 14_999)+"[a](b) **end**", plain))
	if n := strings.Count(signs, "<a "); n < 16_000 || n > 17_000 || !strings.HasSuffix(signs, "<p>[a](b) **end**</p>\n") {
		t.Errorf("%d links, and the text ends with %s", n, signs[len(signs)-60:])
	}
	loose := string(r.HTML(strings.Repeat("a@b.example http://c.example www.d.example\n\n", 10_000)+"last@b.example", plain))
	if n := strings.Count(loose, "<a "); n < 16_000 || n > 17_000 || !strings.HasSuffix(loose, "<p>a@b.example http://c.example www.d.example</p>\n<p>last@b.example</p>\n") {
		t.Errorf("%d loose addresses, and the text ends with %s", n, loose[len(loose)-60:])
	}
	headings := string(r.HTML(strings.Repeat("# a\n\nb\n=\n\n", 5_500)+"# end", plain))
	if n := strings.Count(headings, "<h"); n < 10_000 || n > 10_002 || !strings.HasSuffix(headings, "<p># end</p>\n") {
		t.Errorf("%d headings, and the text ends with %s", n, headings[len(headings)-60:])
	}
	long := string(r.HTML("```go\n"+strings.Repeat("var x = 1\n", 5000)+"```", plain))
	if strings.Contains(long, "<span") || !strings.Contains(long, "var x = 1") {
		t.Errorf("long code is %.80s", long)
	}
}

func TestADefinitionThatIsUsedOftenMakesNoLargerPageThanIsRead(t *testing.T) {
	address := "https://a.example/" + strings.Repeat("b", 100_000)
	got := string(NewRenderer("https://blog.example").HTML("[a]: "+address+"\n\n"+strings.Repeat("[a] ", 50_000)+"end", plain))
	if len(got) > 6*MaxContent || !strings.HasPrefix(got, `<p><a href="`+address+`">a</a> `) || !strings.HasSuffix(got, "[a] [a] end</p>\n") {
		t.Errorf("of %d bytes it begins with %.60s, and ends with %s", len(got), got, got[len(got)-60:])
	}
}

func TestATextOfTooManyLinesIsRefusedAndShownAsItWasTyped(t *testing.T) {
	b := newBench(t)
	b.refused(t, &Post{Status: Draft, Content: strings.Repeat("*a*\n", MaxLines) + "b"}, "text")
	b.draft(t, strings.Repeat("*a*\n", MaxLines-1)+"b")
	if got := string(NewRenderer("https://blog.example").HTML(strings.Repeat("*a*\n", MaxLines)+"b", plain)); !strings.HasPrefix(got, "<pre>*a*\n") {
		t.Errorf("it begins with %.60s", got)
	}
}

func TestOrdinaryLongTextsMeetNoLimit(t *testing.T) {
	r := NewRenderer("https://blog.example")
	novel := string(r.HTML(strings.Repeat(words400+"\n\n", MaxContent/len(words400)-1), plain))
	if n := strings.Count(novel, "<em>never</em>"); n != strings.Count(novel, "<p>") || strings.Contains(novel, "*") {
		t.Errorf("of %d paragraphs %d have their emphasis", strings.Count(novel, "<p>"), n)
	}
	paragraph := string(r.HTML(strings.ReplaceAll(strings.Repeat(words400, 10), "\n\n", "\n"), plain))
	if n := strings.Count(paragraph, "<em>never</em>"); n != 250 || strings.Contains(paragraph, "*") {
		t.Errorf("in one paragraph of 250 lines %d have their emphasis", n)
	}
	list := string(r.HTML(strings.Repeat("- [A garden in rain](https://a.example/garden/2026) by *Hollis* and `b`\n", 5000), plain))
	if a, em, code := strings.Count(list, "<a "), strings.Count(list, "<em>"), strings.Count(list, "<code>"); a != 5000 || em != 5000 || code != 5000 {
		t.Errorf("of 5000 entries %d are links, %d have emphasis, %d code", a, em, code)
	}
	table := string(r.HTML("a|b|c\n-|-|-\n"+strings.Repeat("1|2|3\n", 2000), plain))
	if n := strings.Count(table, "<tr>"); n != 2001 {
		t.Errorf("a table of 2001 rows has %d", n)
	}
}

func FuzzRender(f *testing.F) {
	files, err := filepath.Glob("testdata/markdown/*.md")
	if err != nil {
		f.Fatal(err)
	}
	for n, file := range files {
		markdown, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		for _, raw := range []bool{true, false} {
			f.Add(string(markdown), []string{"en", "de", "fr", "ar", "zh-Hant", "", "x"}[n%7], raw, n%2 == 0)
		}
	}
	f.Add("[TOC]\n\n# \"A\"\n\n## @wren <b>b\n\n# [c](#a)\n\n<h1 id=\"a\">\n\n[^a]\n\n[^a]: # d\n", "sv", true, true)
	f.Add("@wren @wren@a.example 'a <audio><source src=//a.example>", "ru", true, true)
	r := NewRenderer("https://blog.example")
	f.Fuzz(func(t *testing.T, markdown, lang string, raw, named bool) {
		as := As{Key: "k3y", Lang: lang, Raw: raw}
		if named {
			as.Authors = map[string]string{"wren": "/author/wren"}
		}
		html, hashtags := r.Render(markdown, as)
		mustStandBesideOthers(t, html, as.Key)
		gist(html)
		p := &Post{Title: "Rain", HTML: html, Lang: lang}
		for _, drawn := range []template.HTML{html, p.Page("en"), p.InList(), p.InFeed()} {
			mustBeHarmless(t, drawn)
		}
		if len(hashtags) > maxTags {
			t.Errorf("there are %d hashtags", len(hashtags))
		}
		for _, tag := range hashtags {
			if len(tidyTags([]string{tag})) != 1 || utf8.RuneCountInString(tag) > maxTag {
				t.Errorf("%q cannot be kept as a tag", tag)
			}
		}
	})
}

// mustStandBesideOthers fails for HTML of which an id could be one of something else on
// its page, or that loads something from another host.
func mustStandBesideOthers(t testing.TB, rendered template.HTML, key string) {
	t.Helper()
	seen := map[string]bool{}
	tokens := html.NewTokenizer(strings.NewReader(string(rendered)))
	for tokens.Next() != html.ErrorToken {
		token := tokens.Token()
		for _, a := range token.Attr {
			switch {
			case a.Key == "id" && (seen[a.Val] || !strings.HasSuffix(a.Val, "-"+key)):
				t.Errorf("there is %s in\n%s", token, rendered)
			case (a.Key == "src" || a.Key == "poster") && isElsewhere([]byte(html.EscapeString(a.Val)), "https://blog.example"):
				t.Errorf("%s loads from another host in\n%s", token, rendered)
			}
			seen[a.Val] = seen[a.Val] || a.Key == "id"
		}
	}
}

func BenchmarkHTML400Words(b *testing.B) {
	r := NewRenderer("https://blog.example")
	for b.Loop() {
		r.HTML(words400, plain)
	}
}

func TestQuotesAreThoseOfTheLanguage(t *testing.T) {
	r := NewRenderer("https://blog.example")
	for _, c := range []struct{ lang, typed, want string }{
		{"en", `"So," he said, "it's 'the jar' again."`, `“So,” he said, “it’s ‘the jar’ again.”`},
		{"en", `'Twas the '90s; the Smiths' dog, rock 'n' roll.`, `’Twas the ’90s; the Smiths’ dog, rock ’n’ roll.`},
		{"en", `A 5" record, 6'2" tall, "21""`, `A 5&#34; record, 6’2&#34; tall, “21&#34;”`},
		{"en", `"*So*" ("yes") "'no,' she said" -- "`, `“<em>So</em>” (“yes”) “‘no,’ she said” – &#34;`},
		{"en", `It is \"so\" and \'so\'.`, `It is &#34;so&#34; and 'so'.`},
		{"de", `"Nein, 'nie' ist's", Klaus' Wort.`, `„Nein, ‚nie‘ ist’s“, Klaus’ Wort.`},
		{"de-AT", `"so"`, `„so“`},
		{"de-CH", `"so 'so'"`, `«so ‹so›»`},
		{"fr", `Il dit "l'eau".`, "Il dit «\u202fl’eau\u202f»."},
		{"es", `"así 'no'"`, `«así “no”»`},
		{"it", `"così"`, `«così»`},
		{"pl", `"tak 'nie'"`, `„tak «nie»”`},
		{"sv", `"så 'nej'"`, `”så ’nej’”`},
		{"nl", `'s morgens "zo"`, `’s morgens “zo”`},
		{"ru", `"так 'нет'"`, `«так „нет“»`},
		{"ja", `"はい"`, `「はい」`},
		{"ja", `彼は"これは'引用'です"と言った。"A"と"B"`, `彼は「これは『引用』です」と言った。「A」と「B」`},
		{"zh", `"下雨了"，他说，"you're 'late'"了`, `“下雨了”，他说，“you’re ‘late’”了`},
		{"ko", `"비가 '또' 온다"라고 했다.`, `“비가 ‘또’ 온다”라고 했다.`},
		{"zh-TW", `"是"`, `「是」`},
		{"zh", `"是"`, `“是”`},
		{"pt-BR", `"sim"`, `“sim”`},
		{"pt", `"sim"`, `«sim»`},
		{"nb", `"ja"`, `«ja»`},
		{"", `"so"`, `“so”`},
		{"no such language", `"so"`, `“so”`},
	} {
		if got := string(r.HTML(c.typed, As{Lang: c.lang})); got != "<p>"+c.want+"</p>\n" {
			t.Errorf("%s in %q is %s\nwant %s", c.typed, c.lang, got, c.want)
		}
	}
	if got := r.HTML("\"One\n\n\"Two\" 5\" x", plain); got != "<p>“One</p>\n<p>“Two” 5&#34; x</p>\n" {
		t.Errorf("a quotation that goes on is %s", got)
	}
}

func TestWhatIsReadAloudBesideATextIsInItsLanguage(t *testing.T) {
	got := string(NewRenderer("https://blog.example").HTML("a|b\n-|-\n\n[^1]\n\na|b\n-|-\n\n- [x] a\n\n[^1]: b", As{Lang: "de-AT"}))
	for _, words := range []string{`aria-label="Tabelle"`, `aria-label="Tabelle 2"`, `aria-label="Zurück zum Text"`, `aria-label="erledigt"`} {
		if strings.Count(got, words) != 1 {
			t.Errorf("%s is not there once:\n%s", words, got)
		}
	}
}

func TestHTMLOfOthersThanOwnersIsShownAsItWasTyped(t *testing.T) {
	got := NewRenderer("https://blog.example").HTML("<div class=\"x\">*a*</div>\n\nb <b>c</b> <script>alert(1)</script> <https://x.example/> &amp;", As{})
	want := "<p>&lt;div class=“x”&gt;<em>a</em>&lt;/div&gt;</p>\n<p>b &lt;b&gt;c&lt;/b&gt; &lt;script&gt;alert(1)&lt;/script&gt; <a href=\"https://x.example/\">https://x.example/</a> &amp;</p>\n"
	if string(got) != want {
		t.Errorf("it is\n%s\nwant\n%s", got, want)
	}
}
