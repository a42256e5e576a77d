// Package page turns templates into bytes and failures into pages, and keeps
// finished answers for the next reader. It knows nothing of posts.
package page

import (
	"bytes"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"path"
	"regexp"
	"sync"
	"unicode/utf8"

	"hark/internal/words"
)

// layout is the file in a directory of pages that frames each of them.
const layout = "layout.html"

// Templates are the pages. Each is parsed when it is first drawn in a language.
type Templates struct {
	files   fs.FS
	funcs   template.FuncMap
	library *words.Library
	parsed  sync.Map // what parses a sheet, by the sheet
	buffers sync.Pool
}

// sheet is a page in one language.
type sheet struct {
	name string
	book *words.Book
}

// Speaker is data of a page that is not in English.
type Speaker interface{ Speaks() *words.Book }

// NewTemplates gives the pages of files. A page that cannot be used is an error
// whenever it is drawn; those of the program are held by a test.
//
// The convention:
//
//   - X.html at the root is a page complete in itself, named "X".
//   - D/X.html is a page named "D/X". Drawing it begins with D/layout.html, which
//     calls the blocks that X.html defines: {{template "main" .}} there,
//     {{define "main"}}…{{end}} here. A {{block}} in the layout has a default.
//   - _X.html at the root is a part for every page, D/_X.html one for the pages of
//     D. It is called by its name without ending: {{template "_X" .}}.
//   - A directory without layout.html holds pages complete in themselves.
//
// The text of the pages is translated as [words.Book.Markup] says. What Go has to
// say in English, and the template only shows, goes through the function say.
func NewTemplates(files fs.FS, funcs template.FuncMap, languages *words.Library) *Templates {
	t := &Templates{files: files, funcs: funcs, library: languages}
	t.buffers.New = func() any { return new(bytes.Buffer) }
	return t
}

// page is a page in one language, parsed at its first time.
func (t *Templates) page(s sheet) (*template.Template, error) {
	parse, ok := t.parsed.Load(s)
	if !ok {
		parse, _ = t.parsed.LoadOrStore(s, sync.OnceValues(func() (*template.Template, error) { return t.parse(s) }))
	}
	return parse.(func() (*template.Template, error))()
}

// parse parses a page with its layout and the parts that these call, and no more:
// html/template keeps a copy of each part for each page.
func (t *Templates) parse(s sheet) (*template.Template, error) {
	p := parser{files: t.files, dir: path.Dir(s.name), book: s.book}
	p.set = template.New("").Funcs(t.funcs).Funcs(template.FuncMap{"say": s.book.Sentence})
	framed := true
	if err := p.add("layout", path.Join(p.dir, layout)); errors.Is(err, fs.ErrNotExist) {
		framed = false
	} else if err != nil {
		return nil, err
	}
	if err := p.add(s.name, s.name+".html"); err != nil {
		return nil, err
	}
	if err := p.addParts(); err != nil {
		return nil, err
	}
	if framed {
		return p.set.Lookup("layout"), nil
	}
	return p.set.Lookup(s.name), nil
}

// parser makes one page.
type parser struct {
	files fs.FS
	dir   string
	book  *words.Book
	set   *template.Template
	calls []string // of parts
}

// call is where a template calls a part.
var call = regexp.MustCompile(`{{-? *template "(_[^"]+)"`)

// add parses a file as the template called name.
func (p *parser) add(name, file string) error {
	text, err := fs.ReadFile(p.files, file)
	if err != nil {
		return fmt.Errorf("read template: %w", err)
	}
	if _, err := p.set.New(name).Parse(p.book.Markup(string(text))); err != nil {
		return fmt.Errorf("parse template %s: %w", file, err)
	}
	for _, found := range call.FindAllSubmatch(text, -1) {
		p.calls = append(p.calls, string(found[1]))
	}
	return nil
}

// addParts parses what is called, and what that calls. A part of the page's own
// directory comes before one of the root.
func (p *parser) addParts() error {
	for i := 0; i < len(p.calls); i++ {
		name := p.calls[i]
		if p.set.Lookup(name) != nil {
			continue
		}
		err := p.add(name, path.Join(p.dir, name+".html"))
		if errors.Is(err, fs.ErrNotExist) && p.dir != "." {
			err = p.add(name, name+".html")
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Book is the language of the pages for a tag of BCP 47; nil is English.
func (t *Templates) Book(tag string) *words.Book { return t.library.Book(tag) }

// Books are the languages that the pages speak, beside English.
func (t *Templates) Books() []*words.Book { return t.library.Books() }

// Render draws the page called name, "site/post" for example, with its data, in
// English or, if that is a [Speaker], in its language. A page is UTF-8, whatever it was
// asked for: it shows again what stood in its address.
func (t *Templates) Render(name string, data any) ([]byte, error) {
	page, err := t.page(sheet{name, spokenBy(data)})
	if err != nil {
		return nil, fmt.Errorf("render page %s: %w", name, err)
	}
	buffer := t.buffers.Get().(*bytes.Buffer)
	defer t.buffers.Put(buffer)
	buffer.Reset()
	if err := page.Execute(buffer, data); err != nil {
		return nil, fmt.Errorf("render page %s: %w", name, err)
	}
	if !utf8.Valid(buffer.Bytes()) {
		return bytes.ToValidUTF8(buffer.Bytes(), []byte("\uFFFD")), nil
	}
	return bytes.Clone(buffer.Bytes()), nil
}

// spokenBy is the language of a page with this data.
func spokenBy(data any) *words.Book {
	if speaker, ok := data.(Speaker); ok {
		return speaker.Speaks()
	}
	return nil
}
