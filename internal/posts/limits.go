package posts

import (
	"bytes"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
)

// Some texts cost the parser the square of their length. Each limit below lies
// far beyond what a person writes; what is beyond it stays as it was typed.
const (
	maxNested   = 64      // lists, quotes and notes within one another
	maxOpened   = 10_000  // lists, quotes, definitions, notes and headings
	maxSteps    = 1 << 20 // lines times the containers that are open at each
	maxNotes    = 1000    // footnotes
	maxCells    = 50_000  // cells of all tables, those that a short row leaves out included
	escapeCells = 20      // what one escaped bar counts as
	maxRefLines = 2_000   // lines of one paragraph of link definitions
	maxEffort   = 1 << 27 // steps of looking for the other end of a quote, a link, an emphasis
	markEffort  = 1 << 13 // what a sign counts as that may make an element, or an address without signs
	pairEffort  = 1 << 12 // what one counts as of two that enclose what they emphasise
	quoteEffort = 1 << 11 // what a straight quote counts as
	noteEffort  = 1 << 16 // what one footnote mark counts as
	tickEffort  = 10      // what it costs to look for the end of code, for each step
	linkEffort  = 64      // what a byte counts as, in HTML, of an address that may be defined once and used often
)

// spent is what a text has used up of its limits.
type spent struct {
	opened, steps, notes, cells, effort int

	block ast.Node // whose marks are being counted
	marks int
}

var spentKey = parser.NewContextKey()

func spentOf(pc parser.Context) *spent {
	return pc.ComputeIfAbsent(spentKey, func() any { return new(spent) }).(*spent)
}

// shallow is a parser of containers that opens none too deep, and ends them when
// there were too many over too many lines: the text within is a paragraph then.
type shallow struct{ parser.BlockParser }

// Open opens a container unless that would be too much.
func (s shallow) Open(parent ast.Node, reader text.Reader, pc parser.Context) (ast.Node, parser.State) {
	depth, spent := 0, spentOf(pc)
	for n := parent; n != nil; n = n.Parent() {
		depth++
	}
	if depth > maxNested || spent.steps > maxSteps || spent.opened > maxOpened {
		return nil, parser.NoChildren
	}
	node, state := s.BlockParser.Open(parent, reader, pc)
	if node != nil {
		spent.opened++
	}
	return node, state
}

// Continue says whether the next line belongs to the container.
func (s shallow) Continue(node ast.Node, reader text.Reader, pc parser.Context) parser.State {
	spent := spentOf(pc)
	if spent.steps++; spent.steps > maxSteps {
		return parser.Close
	}
	return s.BlockParser.Continue(node, reader, pc)
}

// notes is the parser of footnotes, of so many and no more.
type notes struct{ parser.BlockParser }

// Open opens a footnote unless there are too many.
func (p notes) Open(parent ast.Node, reader text.Reader, pc parser.Context) (ast.Node, parser.State) {
	s := spentOf(pc)
	if s.notes >= maxNotes {
		return nil, parser.NoChildren
	}
	node, state := p.BlockParser.Open(parent, reader, pc)
	if node != nil {
		s.notes++
	}
	return node, state
}

// references takes link definitions out of a paragraph of a bounded length.
type references struct{}

// Transform takes the link definitions out of the paragraph.
func (references) Transform(node *ast.Paragraph, reader text.Reader, pc parser.Context) {
	if node.Lines().Len() <= maxRefLines {
		parser.LinkReferenceParagraphTransformer.Transform(node, reader, pc)
	}
}

// tables makes tables of paragraphs as long as there are not too many cells.
type tables struct{ parser.ParagraphTransformer }

// Transform makes a table of the paragraph if it is one.
func (t tables) Transform(node *ast.Paragraph, reader text.Reader, pc parser.Context) {
	lines := node.Lines()
	cells, escapes := 0, 0
	for i := range lines.Len() {
		line := lines.At(i)
		words := line.Value(reader.Source())
		escapes += bytes.Count(words, []byte(`\|`))
		if len(bytes.Trim(words, "|:- \t\n")) == 0 { // the line below the head
			cells += (bytes.Count(words, []byte("|")) + 1) * (lines.Len() - i + 1)
		}
	}
	if cells == 0 {
		return
	}
	s := spentOf(pc)
	if s.cells += cells + escapes*escapeCells; s.cells <= maxCells {
		t.ParagraphTransformer.Transform(node, reader, pc)
	}
}

// addresses is the parser of links and pictures. What it writes may be much more than
// what was read: one definition serves many links.
type addresses struct{ parser.InlineParser }

// Parse reads the beginning of a link, or makes one at its end.
func (a addresses) Parse(parent ast.Node, block text.Reader, pc parser.Context) ast.Node {
	node := a.InlineParser.Parse(parent, block, pc)
	switch n := node.(type) {
	case *ast.Link:
		spentOf(pc).effort += escapedLen(n.Destination, n.Title) * linkEffort
	case *ast.Image:
		spentOf(pc).effort += escapedLen(n.Destination, n.Title) * linkEffort
	}
	return node
}

// escapedLen is about how many bytes texts take in HTML.
func escapedLen(texts ...[]byte) (n int) {
	for _, text := range texts {
		n += len(text)
		for _, escaped := range `"&<>` {
			n += bytes.Count(text, []byte(string(escaped))) * len("quot;")
		}
	}
	return n
}

// CloseBlock makes words of the beginnings that have no end.
func (a addresses) CloseBlock(parent ast.Node, block text.Reader, pc parser.Context) {
	a.InlineParser.(parser.CloseBlocker).CloseBlock(parent, block, pc)
}

// brake goes before every other parser of what stands within a paragraph. When
// a text has made them work too much it takes what is left of each block for
// plain words.
type brake struct{}

// Trigger is all that opens or closes something.
func (brake) Trigger() []byte { return []byte("[]!<'\"*_~`#@") }

// Parse counts, and yields the rest of the block when there was too much.
func (brake) Parse(parent ast.Node, block text.Reader, pc parser.Context) ast.Node {
	s := spentOf(pc)
	line, at := block.PeekLine()
	if s.block != parent {
		s.block, s.marks = parent, 0
	}
	s.marks++
	s.effort += s.marks
	if lines := parent.Lines(); lines.Len() > 0 {
		ahead := lines.At(lines.Len()-1).Stop - at.Start
		if line[0] == '`' {
			ahead *= tickEffort
		}
		s.effort += ahead
	}
	s.effort += effortOf(line)
	if s.effort <= maxEffort {
		return nil
	}
	return plainRest(parent, block)
}

// effortOf is what the sign at the beginning of a line counts as for what it may make.
func effortOf(line []byte) int {
	switch line[0] {
	case '[':
		if bytes.HasPrefix(line, []byte("[^")) {
			return noteEffort
		}
		return markEffort
	case '!':
		if bytes.HasPrefix(line, []byte("![")) {
			return markEffort
		}
	case '<', '`', '#', '@':
		return markEffort
	case '*', '_', '~':
		return pairEffort
	case '\'', '"':
		return quoteEffort
	}
	return 0
}

// loose is the parser of addresses that stand in a text without any sign. It finds so
// many as signs make elements.
type loose struct{ parser.InlineParser }

// Parse reads an address.
func (l loose) Parse(parent ast.Node, block text.Reader, pc parser.Context) ast.Node {
	s := spentOf(pc)
	if s.effort > maxEffort {
		return nil
	}
	node := l.InlineParser.Parse(parent, block, pc)
	if node != nil {
		s.effort += markEffort
	}
	return node
}

// plainRest makes plain text of what is left of a block.
func plainRest(parent ast.Node, block text.Reader) (last ast.Node) {
	source := block.Source()
	for {
		line, at := block.PeekLine()
		if line == nil {
			return last
		}
		if last != nil {
			parent.AppendChild(parent, last)
		}
		words := ast.NewTextSegment(at.TrimRightSpace(source))
		words.SetSoftLineBreak(bytes.HasSuffix(line, []byte("\n")))
		last = words
		block.AdvanceLine()
	}
}
