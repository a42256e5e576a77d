package posts

import (
	"bytes"
	"html/template"
	"strings"

	"github.com/microcosm-cc/bluemonday"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/util"
)

// Renderer turns Markdown into the HTML of a page: GitHub's flavour, footnotes,
// definition lists, figures, typographic quotes, coloured code. Raw HTML passes,
// where it may, as far as it is harmless.
type Renderer struct {
	markdown goldmark.Markdown
	policy   *bluemonday.Policy
	home     string
}

// NewRenderer makes a renderer, which serves many goroutines. home is the address of
// the site, without a slash at its end: nothing is loaded from others.
func NewRenderer(home string) *Renderer {
	return &Renderer{
		home: home,
		markdown: goldmark.New(
			goldmark.WithParser(newParser()),
			goldmark.WithExtensions(extension.Strikethrough, extension.TaskList),
			goldmark.WithRendererOptions(
				html.WithUnsafe(), // cleaned below
				renderer.WithNodeRenderers(
					util.Prioritized(links{}, 100),
					util.Prioritized(code{}, 100),
					util.Prioritized(places{}, 100),
					util.Prioritized(figures{}, 100),
					util.Prioritized(marks{}, 100),
					util.Prioritized(extension.NewDefinitionListHTMLRenderer(), 500),
					util.Prioritized(extension.NewTableHTMLRenderer(extension.WithTableCellAlignMethod(extension.TableCellAlignAttribute)), 500),
					util.Prioritized(extension.NewFootnoteHTMLRenderer(extension.WithFootnoteBacklinkHTML("↩︎")), 500),
				),
			),
		),
		policy: ownPolicy(),
	}
}

// newParser is the parser of CommonMark, tables and footnotes with the limits of
// limits.go put in.
func newParser() parser.Parser {
	return parser.NewParser(
		parser.WithBlockParsers(
			util.Prioritized(shallow{parser.NewSetextHeadingParser()}, 100),
			util.Prioritized(shallow{extension.NewDefinitionListParser()}, 101),
			util.Prioritized(shallow{extension.NewDefinitionDescriptionParser()}, 102),
			util.Prioritized(parser.NewThematicBreakParser(), 200),
			util.Prioritized(shallow{parser.NewListParser()}, 300),
			util.Prioritized(parser.NewListItemParser(), 400),
			util.Prioritized(parser.NewCodeBlockParser(), 500),
			util.Prioritized(shallow{parser.NewATXHeadingParser()}, 600),
			util.Prioritized(parser.NewFencedCodeBlockParser(), 700),
			util.Prioritized(shallow{parser.NewBlockquoteParser()}, 800),
			util.Prioritized(rawBlocks{parser.NewHTMLBlockParser()}, 900),
			util.Prioritized(shallow{notes{extension.NewFootnoteBlockParser()}}, 999),
			util.Prioritized(parser.NewParagraphParser(), 1000),
		),
		parser.WithInlineParsers(
			util.Prioritized(brake{}, -1),
			util.Prioritized(parser.NewCodeSpanParser(), 100),
			util.Prioritized(addresses{parser.NewLinkParser()}, 200),
			util.Prioritized(parser.NewAutoLinkParser(), 300),
			util.Prioritized(rawTags{parser.NewRawHTMLParser()}, 400),
			util.Prioritized(parser.NewEmphasisParser(), 500),
			util.Prioritized(extension.NewFootnoteParser(), 101),
			util.Prioritized(hashtags{}, 800),
			util.Prioritized(names{}, 800),
			util.Prioritized(straight{}, 900),
			util.Prioritized(loose{extension.NewLinkifyParser()}, 999),
			util.Prioritized(dashes(), 9999)),
		parser.WithParagraphTransformers(
			util.Prioritized(references{}, 100),
			util.Prioritized(tables{extension.NewTableParagraphTransformer()}, 200)),
		parser.WithASTTransformers(
			util.Prioritized(extension.NewTableASTTransformer(), 0),
			util.Prioritized(extension.NewFootnoteASTTransformer(), 999),
			util.Prioritized(colours{known: new(palette)}, 1000),
			util.Prioritized(asked{}, 1000),
			util.Prioritized(marks{}, 900),
			util.Prioritized(anchors{}, 1000),
			util.Prioritized(figures{}, 1000)),
	)
}

// As is what a text is rendered by beside its words.
type As struct {
	Key  string // ends all ids of the text; the same for good, and no other text of a page has it
	Lang string // the language of the text, as BCP 47
	Raw  bool   // HTML in the text is HTML; else it is shown as it was typed

	Authors map[string]string // paths of the pages of those who write here, by what a text calls them, in small letters
}

var asKey = parser.NewContextKey()

// asOf is how the text is rendered that is parsed.
func asOf(pc parser.Context) As {
	as, _ := pc.Get(asKey).(As)
	return as
}

// HTML renders Markdown as Render does.
func (r *Renderer) HTML(markdown string, as As) template.HTML {
	html, _ := r.Render(markdown, as)
	return html
}

// Render renders Markdown, and finds the hashtags in it. It never fails: any text
// is Markdown. What is longer than a post may be, or has more lines, is shown as it
// was typed.
func (r *Renderer) Render(markdown string, as As) (html template.HTML, hashtags []string) {
	var b bytes.Buffer
	if len(markdown) > MaxContent || strings.Count(markdown, "\n") >= MaxLines {
		return asTyped(markdown), nil
	}
	context := parser.NewContext()
	context.Set(asKey, as)
	if err := r.markdown.Convert([]byte(markdown), &b, parser.WithContext(context)); err != nil {
		return asTyped(markdown), nil
	}
	hashtags, _ = context.Get(tagsKey).([]string)
	return template.HTML(finish(r.policy.Sanitize(tame(b.String())), as, r.home)), hashtags
}

func asTyped(text string) template.HTML {
	return template.HTML("<pre>" + template.HTMLEscapeString(text) + "</pre>")
}
