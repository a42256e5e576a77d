package posts

import (
	"strings"
	"time"

	"github.com/alecthomas/chroma/v2"
	"github.com/alecthomas/chroma/v2/lexers"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// Some lexers take the square of a text's length, or worse. What is beyond these
// limits has no colours. The clock stands still while a language is met for the
// first time since the start, which is slow: what one writes looks the same always.
const (
	maxLanguage  = 32       // bytes of a language's name
	maxColoured  = 16 << 10 // bytes of one block
	allColoured  = 64 << 10 // bytes of all blocks
	maxLanguages = 8
	maxColouring = 300 * time.Millisecond
)

// colours finds what the words of code blocks are in their languages.
type colours struct{ known *palette }

// kindColoured is a code block whose words are known.
var kindColoured = ast.NewNodeKind("ColouredCode")

type coloured struct {
	ast.BaseBlock
	language string
	html     string
}

// Kind is kindColoured.
func (*coloured) Kind() ast.NodeKind { return kindColoured }

// IsRaw says that there is no Markdown within.
func (*coloured) IsRaw() bool { return true }

// Dump writes the node for a developer.
func (c *coloured) Dump(source []byte, level int) { ast.DumpHelper(c, source, level, nil, nil) }

// Transform puts coloured blocks in the place of those whose language is known.
func (c colours) Transform(doc *ast.Document, reader text.Reader, _ parser.Context) {
	var blocks []*ast.FencedCodeBlock
	blocksOf(doc, func(n ast.Node) {
		if block, ok := n.(*ast.FencedCodeBlock); ok {
			blocks = append(blocks, block)
		}
	})
	source, left, lexerOf := reader.Source(), allColoured, map[string]chroma.Lexer{}
	end := time.Now().Add(maxColouring)
	for _, block := range blocks {
		language := string(block.Language(source))
		lexer, known := lexerOf[language]
		if !known && language != "" && len(language) <= maxLanguage && len(lexerOf) < maxLanguages {
			began := time.Now()
			lexer = met(language)
			end = end.Add(time.Since(began))
			lexerOf[language] = lexer
		}
		code := block.Lines().Value(source)
		if left -= len(code); lexer == nil || left < 0 || len(code) > maxColoured {
			continue
		}
		if html, ok := c.colour(language, lexer, string(code), end); ok {
			block.Parent().ReplaceChild(block.Parent(), block, &coloured{language: language, html: html})
		}
	}
}

// colour is the code of a block in HTML, unless the time ends before it is.
func (c colours) colour(language string, lexer chroma.Lexer, code string, end time.Time) (html string, ok bool) {
	if html, ok := c.known.find(language, code); ok {
		return html, true
	}
	tokens, ok := tokenise(lexer, code, end)
	if !ok {
		return "", false
	}
	html = spans(tokens)
	c.known.keep(language, code, html)
	return html, true
}

// met is the lexer of a language, made ready; nil for one that is not known.
func met(language string) chroma.Lexer {
	lexer := lexers.Get(language)
	if lexer != nil {
		lexer.Tokenise(nil, "") // its rules are compiled when they are first used
	}
	return lexer
}

func tokenise(lexer chroma.Lexer, code string, end time.Time) (tokens []chroma.Token, ok bool) {
	next, err := chroma.Coalesce(lexer).Tokenise(nil, code)
	if err != nil {
		return nil, false
	}
	for token := next(); token != chroma.EOF; token = next() {
		if tokens = append(tokens, token); time.Now().After(end) {
			return nil, false
		}
	}
	return tokens, true
}

// spans has each word in a span whose class says what it is, as Pygments' style
// sheets know them.
func spans(tokens []chroma.Token) string {
	var out strings.Builder
	for _, token := range tokens {
		class := classOf(token.Type)
		if class != "" {
			out.WriteString(`<span class="` + class + `">`)
		}
		out.Write(util.EscapeHTML([]byte(token.Value)))
		if class != "" {
			out.WriteString("</span>")
		}
	}
	return out.String()
}

// code writes coloured blocks.
type code struct{}

// RegisterFuncs says what code writes.
func (c code) RegisterFuncs(r renderer.NodeRendererFuncRegisterer) {
	r.Register(kindColoured, c.block)
}

func (code) block(w util.BufWriter, _ []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
	if n := node.(*coloured); entering {
		w.WriteString(`<pre class="chroma"><code class="language-`)
		w.Write(util.EscapeHTML([]byte(n.language)))
		w.WriteString(`">` + n.html + "</code></pre>\n")
	}
	return ast.WalkContinue, nil
}

// classOf is the class of a kind of word, empty for white space and plain text.
func classOf(t chroma.TokenType) string {
	for ; t > 0; t = t.Parent() {
		if class, ok := chroma.StandardTypes[t]; ok {
			if class == "w" {
				return ""
			}
			return class
		}
	}
	return ""
}
