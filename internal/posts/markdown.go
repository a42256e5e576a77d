package posts

import (
	"bytes"
	"html/template"
	"regexp"
	"strings"

	chroma "github.com/alecthomas/chroma/v2/formatters/html"
	"github.com/microcosm-cc/bluemonday"
	"github.com/yuin/goldmark"
	highlighting "github.com/yuin/goldmark-highlighting/v2"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer/html"
	xhtml "golang.org/x/net/html"
)

// Renderer turns Markdown into the HTML of a page: GitHub's flavour, footnotes,
// typographic quotes, coloured code. Raw HTML passes as far as it is harmless.
type Renderer struct {
	markdown goldmark.Markdown
	policy   *bluemonday.Policy
}

// NewRenderer makes a renderer, which serves many goroutines.
func NewRenderer() *Renderer {
	return &Renderer{
		markdown: goldmark.New(
			goldmark.WithExtensions(
				extension.Linkify, extension.Strikethrough, extension.TaskList, extension.Typographer,
				extension.NewTable(extension.WithTableCellAlignMethod(extension.TableCellAlignAttribute)),
				extension.NewFootnote(extension.WithFootnoteBacklinkHTML("↩︎")),
				highlighting.NewHighlighting(highlighting.WithFormatOptions(chroma.WithClasses(true))),
			),
			goldmark.WithParserOptions(parser.WithAutoHeadingID()),
			goldmark.WithRendererOptions(html.WithUnsafe()), // cleaned below
		),
		policy: ownPolicy(),
	}
}

// ownPolicy is what the owner's own HTML may have: no script, no style, no form,
// no frame, nothing that loads from another host but pictures and players.
func ownPolicy() *bluemonday.Policy {
	p := bluemonday.UGCPolicy()
	p.RequireNoFollowOnLinks(false)
	p.AllowAttrs("class").Matching(regexp.MustCompile(`^[a-z0-9 _-]+$`)).Globally()
	p.AllowAttrs("id").Matching(regexp.MustCompile(`^[\p{L}\p{N}:_.-]+$`)).Globally()
	p.AllowAttrs("role").Matching(regexp.MustCompile(`^doc-[a-z]+$`)).Globally()
	p.AllowAttrs("tabindex").Matching(regexp.MustCompile(`^0$`)).OnElements("pre")
	p.AllowAttrs("rel").Matching(regexp.MustCompile(`^[a-z -]+$`)).OnElements("a")
	p.AllowAttrs("loading").Matching(regexp.MustCompile(`^lazy$`)).OnElements("img")
	p.AllowAttrs("type").Matching(regexp.MustCompile(`^checkbox$`)).OnElements("input")
	p.AllowAttrs("checked", "disabled").Matching(regexp.MustCompile(`^$`)).OnElements("input")
	p.AllowElements("figure", "figcaption", "kbd", "mark", "small", "aside", "audio", "video", "source")
	p.AllowAttrs("src").OnElements("audio", "video", "source")
	p.AllowAttrs("controls").Matching(regexp.MustCompile(`^$`)).OnElements("audio", "video")
	return p
}

// HTML renders Markdown. It never fails: any text is Markdown.
func (r *Renderer) HTML(markdown string) template.HTML {
	var b bytes.Buffer
	if err := r.markdown.Convert([]byte(markdown), &b); err != nil {
		return template.HTML("<pre>" + template.HTMLEscapeString(markdown) + "</pre>")
	}
	return template.HTML(roomy.Replace(r.policy.Sanitize(b.String())))
}

// roomy lets what may be wider than the column scroll by itself, by keyboard
// too. After cleaning, these bytes can only be tags.
var roomy = strings.NewReplacer(
	"<table>", `<div class="wide" tabindex="0" role="region" aria-label="Table"><table>`,
	"</table>", "</table></div>",
	"<pre><code", `<pre tabindex="0"><code`,
	`<input checked="" disabled="" type="checkbox">`, `<input checked="" disabled="" type="checkbox" aria-label="done">`,
	`<input disabled="" type="checkbox">`, `<input disabled="" type="checkbox" aria-label="not done">`,
)

// gist reads rendered HTML once: its first paragraph as plain text, at most 500
// runes, and how many words it has.
func gist(rendered template.HTML) (summary string, words int) {
	tokens := xhtml.NewTokenizer(strings.NewReader(string(rendered)))
	var first strings.Builder
	inFirst, done, skip := false, false, 0
	for {
		switch tokens.Next() {
		case xhtml.ErrorToken:
			return shorten(strings.Join(strings.Fields(first.String()), " "), 500), words
		case xhtml.StartTagToken:
			switch name, _ := tokens.TagName(); string(name) {
			case "p":
				inFirst = !done
			case "sup":
				skip++
			case "br":
				first.WriteByte(' ')
			}
		case xhtml.EndTagToken:
			switch name, _ := tokens.TagName(); string(name) {
			case "p":
				done = done || inFirst && strings.TrimSpace(first.String()) != ""
				inFirst = false
			case "sup":
				skip--
			}
		case xhtml.TextToken:
			text := xhtml.UnescapeString(string(tokens.Raw()))
			words += len(strings.Fields(text))
			if inFirst && skip == 0 {
				first.WriteString(text)
			}
		}
	}
}

// render fills what the post's page shows.
func (p *Post) render(r *Renderer) {
	p.HTML = r.HTML(p.Content)
	p.Summary, p.Words = gist(p.HTML)
	if p.Summary == "" && p.Words > 0 {
		p.Summary = shorten(strings.Join(strings.Fields(p.Content), " "), 500)
	}
}
