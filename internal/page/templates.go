// Package page turns templates into bytes and failures into pages, and keeps
// finished answers for the next reader. It knows nothing of posts.
package page

import (
	"bytes"
	"errors"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"path"
	"strings"
	"sync"

	"hark/internal/words"
)

// layout is the file in a directory of pages that frames each of them.
const layout = "layout.html"

// Templates are the parsed pages, ready to be rendered by many at once.
type Templates struct {
	english pages
	foreign map[*words.Book]func() pages // parsed when they are first asked for
	library *words.Library
	buffers sync.Pool
}

type pages map[string]*template.Template

// Speaker is data of a page that is not in English.
type Speaker interface{ Speaks() *words.Book }

// ParseTemplates parses every page of fsys and panics on one that cannot be
// used: a page that does not parse is a programmer's mistake.
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
func ParseTemplates(fsys fs.FS, funcs template.FuncMap, languages *words.Library) *Templates {
	t := &Templates{english: parseAll(fsys, funcs, nil), library: languages, foreign: make(map[*words.Book]func() pages)}
	for _, book := range languages.Books() {
		t.foreign[book] = sync.OnceValue(func() pages { return parseAll(fsys, funcs, book) })
	}
	t.buffers.New = func() any { return new(bytes.Buffer) }
	return t
}

// parseAll parses every page in one language.
func parseAll(fsys fs.FS, funcs template.FuncMap, book *words.Book) pages {
	p := parser{fsys, book, make(pages)}
	shared := template.New("").Funcs(funcs).Funcs(template.FuncMap{"say": book.Sentence})
	p.parseDir(".", shared)
	for _, dir := range entries(fsys, ".", true) {
		p.parseDir(dir, template.Must(shared.Clone()))
	}
	return p.pages
}

type parser struct {
	fsys  fs.FS
	book  *words.Book
	pages pages
}

// parseDir adds the parts of one directory to shared, then makes its pages.
func (p *parser) parseDir(dir string, shared *template.Template) {
	var pages []string
	framed := false
	for _, name := range entries(p.fsys, dir, false) {
		switch {
		case name == layout:
			p.parse(dir, name, shared.New("layout"))
			framed = true
		case strings.HasPrefix(name, "_"):
			p.parse(dir, name, shared.New(strings.TrimSuffix(name, ".html")))
		default:
			pages = append(pages, name)
		}
	}
	for _, name := range pages {
		full := path.Join(dir, strings.TrimSuffix(name, ".html"))
		tree := template.Must(shared.Clone())
		page := p.parse(dir, name, tree.New(full))
		if framed {
			page = tree.Lookup("layout")
		}
		p.pages[full] = checked(full, page)
	}
}

// checked draws the page once with no data. Its data is missing, so it will fail
// or come out empty; but a part that does not exist, and markup that cannot be
// escaped, are found now and not by the first reader.
func checked(name string, page *template.Template) *template.Template {
	err := page.Execute(io.Discard, nil)
	if bad := (*template.Error)(nil); errors.As(err, &bad) {
		panic(fmt.Sprintf("page template %s: %v", name, err))
	}
	return page
}

func (p *parser) parse(dir, name string, into *template.Template) *template.Template {
	text, err := fs.ReadFile(p.fsys, path.Join(dir, name))
	if err != nil {
		panic(fmt.Sprintf("read template %s: %v", path.Join(dir, name), err))
	}
	parsed, err := into.Parse(p.book.Markup(string(text)))
	if err != nil {
		panic(fmt.Sprintf("parse template %s: %v", path.Join(dir, name), err))
	}
	return parsed
}

// entries lists the directories, or the .html files, that stand in dir.
func entries(fsys fs.FS, dir string, wantDirs bool) []string {
	all, err := fs.ReadDir(fsys, dir)
	if err != nil {
		panic(fmt.Sprintf("list templates in %s: %v", dir, err))
	}
	var names []string
	for _, entry := range all {
		if entry.IsDir() != wantDirs || !wantDirs && path.Ext(entry.Name()) != ".html" {
			continue
		}
		names = append(names, entry.Name())
	}
	return names
}

// Book is the language of the pages for a tag of BCP 47; nil is English.
func (t *Templates) Book(tag string) *words.Book { return t.library.Book(tag) }

// Books are the languages that the pages speak, beside English.
func (t *Templates) Books() []*words.Book { return t.library.Books() }

// Render draws the page called name, "site/post" for example, with its data, in
// English or, if that is a [Speaker], in its language.
func (t *Templates) Render(name string, data any) ([]byte, error) {
	page, ok := t.in(data)[name]
	if !ok {
		return nil, fmt.Errorf("render page %s: no such template", name)
	}
	buffer := t.buffers.Get().(*bytes.Buffer)
	defer t.buffers.Put(buffer)
	buffer.Reset()
	if err := page.Execute(buffer, data); err != nil {
		return nil, fmt.Errorf("render page %s: %w", name, err)
	}
	return bytes.Clone(buffer.Bytes()), nil
}

// in finds the pages in the language of the data.
func (t *Templates) in(data any) pages {
	if speaker, ok := data.(Speaker); ok {
		if parsed := t.foreign[speaker.Speaks()]; parsed != nil {
			return parsed()
		}
	}
	return t.english
}
