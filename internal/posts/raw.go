package posts

import (
	"context"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"

	"hark/internal/auth"
)

// TakesHTML tells whether HTML within the texts of an account is HTML, as it is in
// an owner's. In all others it is shown as it was typed. Whoever else changes a
// post, the account of its author decides.
func (s *Store) TakesHTML(ctx context.Context, authorID string) (bool, error) {
	return auth.IsOwner(ctx, s.db, authorID)
}

// rawBlocks and rawTags read HTML where the text may have some.
type (
	rawBlocks struct{ parser.BlockParser }
	rawTags   struct{ parser.InlineParser }
)

// Open opens a block of HTML.
func (b rawBlocks) Open(parent ast.Node, reader text.Reader, pc parser.Context) (ast.Node, parser.State) {
	if !asOf(pc).Raw {
		return nil, parser.NoChildren
	}
	return b.BlockParser.Open(parent, reader, pc)
}

// Parse reads a tag.
func (t rawTags) Parse(parent ast.Node, block text.Reader, pc parser.Context) ast.Node {
	if !asOf(pc).Raw {
		return nil
	}
	return t.InlineParser.Parse(parent, block, pc)
}
