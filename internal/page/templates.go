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
)

// layout is the file in a directory of pages that frames each of them.
const layout = "layout.html"

// Templates are the parsed pages, ready to be rendered by many at once.
type Templates struct {
	pages   map[string]*template.Template
	buffers sync.Pool
}

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
func ParseTemplates(fsys fs.FS, funcs template.FuncMap) *Templates {
	t := &Templates{pages: make(map[string]*template.Template)}
	t.buffers.New = func() any { return new(bytes.Buffer) }

	shared := template.New("").Funcs(funcs)
	t.parseDir(fsys, ".", shared)
	for _, dir := range entries(fsys, ".", true) {
		t.parseDir(fsys, dir, template.Must(shared.Clone()))
	}
	return t
}

// parseDir adds the parts of one directory to shared, then makes its pages.
func (t *Templates) parseDir(fsys fs.FS, dir string, shared *template.Template) {
	var pages []string
	framed := false
	for _, name := range entries(fsys, dir, false) {
		switch {
		case name == layout:
			parse(fsys, dir, name, shared.New("layout"))
			framed = true
		case strings.HasPrefix(name, "_"):
			parse(fsys, dir, name, shared.New(strings.TrimSuffix(name, ".html")))
		default:
			pages = append(pages, name)
		}
	}
	for _, name := range pages {
		full := path.Join(dir, strings.TrimSuffix(name, ".html"))
		tree := template.Must(shared.Clone())
		page := parse(fsys, dir, name, tree.New(full))
		if framed {
			page = tree.Lookup("layout")
		}
		t.pages[full] = checked(full, page)
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

func parse(fsys fs.FS, dir, name string, into *template.Template) *template.Template {
	text, err := fs.ReadFile(fsys, path.Join(dir, name))
	if err != nil {
		panic(fmt.Sprintf("read template %s: %v", path.Join(dir, name), err))
	}
	parsed, err := into.Parse(string(text))
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

// Render draws the page called name, "site/post" for example, with its data.
func (t *Templates) Render(name string, data any) ([]byte, error) {
	page, ok := t.pages[name]
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
