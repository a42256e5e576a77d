package posts

import (
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// figures makes a figure of a picture that is alone in its paragraph. Its title is
// the caption.
type figures struct{}

// kindFigure is such a paragraph.
var kindFigure = ast.NewNodeKind("Figure")

type figure struct {
	ast.BaseBlock
	caption []byte
}

// Kind is kindFigure.
func (*figure) Kind() ast.NodeKind { return kindFigure }

// Dump writes the node for a developer.
func (f *figure) Dump(source []byte, level int) { ast.DumpHelper(f, source, level, nil, nil) }

// Transform puts figures in the place of such paragraphs.
func (figures) Transform(doc *ast.Document, _ text.Reader, _ parser.Context) {
	alone := map[*ast.Paragraph]*ast.Image{}
	ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if p, ok := n.(*ast.Paragraph); ok && entering {
			if picture := onlyPicture(p); picture != nil {
				alone[p] = picture
			}
			return ast.WalkSkipChildren, nil
		}
		return ast.WalkContinue, nil
	})
	for p, picture := range alone {
		f := &figure{caption: picture.Title}
		picture.Title = nil
		p.Parent().ReplaceChild(p.Parent(), p, f)
		f.AppendChild(f, p.FirstChild())
	}
}

// onlyPicture is the picture that a paragraph consists of, perhaps in a link; nil
// for any other paragraph.
func onlyPicture(p *ast.Paragraph) *ast.Image {
	if p.ChildCount() != 1 {
		return nil
	}
	only := p.FirstChild()
	if link, ok := only.(*ast.Link); ok && link.ChildCount() == 1 {
		only = link.FirstChild()
	}
	picture, _ := only.(*ast.Image)
	return picture
}

// RegisterFuncs says what figures writes.
func (f figures) RegisterFuncs(r renderer.NodeRendererFuncRegisterer) {
	r.Register(kindFigure, f.figure)
}

func (figures) figure(w util.BufWriter, _ []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
	if entering {
		w.WriteString("<figure>")
		return ast.WalkContinue, nil
	}
	if caption := node.(*figure).caption; len(caption) > 0 {
		w.WriteString("<figcaption>")
		w.Write(util.EscapeHTML(resolved(caption)))
		w.WriteString("</figcaption>")
	}
	w.WriteString("</figure>\n")
	return ast.WalkContinue, nil
}
