package posts

import (
	"bytes"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/util"
)

// links writes addresses as they were typed. Other sites look in our page for
// the very address they were told, so it is not spelled anew.
type links struct{}

// RegisterFuncs says what links writes.
func (l links) RegisterFuncs(r renderer.NodeRendererFuncRegisterer) {
	r.Register(ast.KindLink, l.link)
	r.Register(ast.KindImage, l.image)
	r.Register(ast.KindAutoLink, l.auto)
}

func (links) link(w util.BufWriter, _ []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
	if !entering {
		w.WriteString("</a>")
		return ast.WalkContinue, nil
	}
	n := node.(*ast.Link)
	writeAttribute(w, `<a href="`, typed(n.Destination))
	if n.Title != nil {
		writeAttribute(w, ` title="`, resolved(n.Title))
	}
	w.WriteByte('>')
	return ast.WalkContinue, nil
}

func (links) image(w util.BufWriter, source []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
	if !entering {
		return ast.WalkContinue, nil
	}
	n := node.(*ast.Image)
	writeAttribute(w, `<img src="`, typed(n.Destination))
	writeAttribute(w, ` alt="`, wordsIn(n, source))
	if n.Title != nil {
		writeAttribute(w, ` title="`, resolved(n.Title))
	}
	w.WriteByte('>')
	return ast.WalkSkipChildren, nil
}

func (links) auto(w util.BufWriter, source []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
	if !entering {
		return ast.WalkContinue, nil
	}
	n := node.(*ast.AutoLink)
	address := n.URL(source)
	if n.AutoLinkType == ast.AutoLinkEmail && !bytes.HasPrefix(bytes.ToLower(address), []byte("mailto:")) {
		address = append([]byte("mailto:"), address...)
	}
	writeAttribute(w, `<a href="`, address)
	w.WriteByte('>')
	w.Write(util.EscapeHTML(n.Label(source)))
	w.WriteString("</a>")
	return ast.WalkContinue, nil
}

func writeAttribute(w util.BufWriter, open string, value []byte) {
	w.WriteString(open)
	w.Write(util.EscapeHTML(value))
	w.WriteByte('"')
}

// typed is the address that was meant by what was typed. Only a space, which
// no address has, is spelled otherwise.
func typed(destination []byte) []byte {
	return bytes.ReplaceAll(resolved(destination), []byte(" "), []byte("%20"))
}

// resolved takes away backslashes and entities.
func resolved(text []byte) []byte {
	return util.ResolveEntityNames(util.ResolveNumericReferences(util.UnescapePunctuations(text)))
}

// wordsIn are the words within a node, for where there can be no tags.
func wordsIn(n ast.Node, source []byte) []byte {
	var b bytes.Buffer
	ast.Walk(n, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		switch n := n.(type) {
		case *ast.Text:
			if entering {
				b.Write(resolved(n.Segment.Value(source)))
				if n.SoftLineBreak() || n.HardLineBreak() {
					b.WriteByte(' ')
				}
			}
		case *ast.String:
			if entering {
				b.Write(resolved(n.Value))
			}
		case *ast.AutoLink:
			if entering {
				b.Write(n.Label(source))
			}
		}
		return ast.WalkContinue, nil
	})
	return b.Bytes()
}
