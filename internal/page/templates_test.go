package page

import (
	"errors"
	"html/template"
	"io"
	"io/fs"
	"path"
	"strings"
	"testing"
	"testing/fstest"

	"hark/internal/words"
	"hark/web"
)

func files(pairs ...string) fstest.MapFS {
	fsys := fstest.MapFS{}
	for i := 0; i < len(pairs); i += 2 {
		fsys[pairs[i]] = &fstest.MapFile{Data: []byte(pairs[i+1])}
	}
	return fsys
}

func TestPagesAreFramedByTheLayoutOfTheirDirectory(t *testing.T) {
	pages := NewTemplates(files(
		"_sign.html", `~{{.}}~`,
		"error.html", `bare {{template "_sign" .}}`,
		"site/layout.html", `<title>{{block "title" .}}Blog{{end}}</title>{{template "main" .}}`,
		"site/_card.html", `[{{shout .}}]`,
		"site/post.html", `{{define "title"}}A post{{end}}{{define "main"}}{{template "_card" .}}{{end}}`,
		"site/home.html", `{{define "main"}}{{template "_sign" .}}{{end}}`,
		"desk/layout.html", `desk:{{template "main" .}}`,
		"desk/inbox.html", `{{define "main"}}{{.}}{{end}}`,
		"notes.txt", `not a page`,
	), template.FuncMap{"shout": strings.ToUpper}, nil)

	for name, want := range map[string]string{
		"error":      `bare ~a&lt;b~`,
		"site/post":  `<title>A post</title>[A&lt;B]`,
		"site/home":  `<title>Blog</title>~a&lt;b~`,
		"desk/inbox": `desk:a&lt;b`,
	} {
		got, err := pages.Render(name, "a<b")
		if err != nil || string(got) != want {
			t.Errorf("Render(%q) = %q, %v; want %q", name, got, err, want)
		}
	}
}

func TestABadTemplateIsNoPage(t *testing.T) {
	for name, fsys := range map[string]fstest.MapFS{
		"syntax":          files("site/x.html", `{{if}}`),
		"of the layout":   files("site/layout.html", `{{if}}`, "site/x.html", `{{define "main"}}{{end}}`),
		"of a part":       files("_part.html", `{{if}}`, "site/x.html", `{{template "_part" .}}`),
		"unknown func":    files("site/x.html", `{{nothing .}}`),
		"missing block":   files("site/layout.html", `{{template "main" .}}`, "site/x.html", `{{define "mian"}}{{end}}`),
		"unescapable":     files("site/x.html", `<a href="{{if .}}'{{end}}>`),
		"missing partial": files("site/x.html", `{{template "_gone" .}}`),
		"missing":         files("site/y.html", ``),
	} {
		t.Run(name, func(t *testing.T) {
			if usable(NewTemplates(fsys, nil, nil), sheet{name: "site/x"}) == nil {
				t.Error("it is taken")
			}
		})
	}
}

// usable draws a page with no data. That will fail or come out empty; but a part
// that does not exist, and markup that cannot be escaped, are found.
func usable(t *Templates, s sheet) error {
	page, err := t.page(s)
	if err != nil {
		return err
	}
	err = page.Execute(io.Discard, nil)
	if bad := (*template.Error)(nil); errors.As(err, &bad) {
		return err
	}
	return nil
}

// TestEveryPageOfTheProgram looks at what the program does not look at before it is
// asked for.
func TestEveryPageOfTheProgram(t *testing.T) {
	languages, err := words.Open(web.Words)
	if err != nil {
		t.Fatal(err)
	}
	pages := NewTemplates(web.Templates, template.FuncMap{"asset": func(string) string { return "" }}, languages)
	n := 0
	err = fs.WalkDir(web.Templates, ".", func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || path.Base(file) == layout || strings.HasPrefix(path.Base(file), "_") {
			return err
		}
		n++
		for _, book := range append(languages.Books(), nil) {
			if err := usable(pages, sheet{strings.TrimSuffix(file, ".html"), book}); err != nil {
				t.Errorf("%s in %s: %v", file, book.Name(), err)
			}
		}
		return nil
	})
	if err != nil || n < 20 {
		t.Fatalf("%d pages were looked at: %v", n, err)
	}
}

func TestPartsAreFoundFromThePageOutwards(t *testing.T) {
	pages := NewTemplates(files(
		"_sign.html", `root`,
		"site/_sign.html", `site{{- template "_again" . -}}`,
		"_again.html", `{{if .}}{{template "_again" .Less}}{{end}}!`,
		"_broken.html", `{{if}}`,
		"x.html", `{{template "_sign" .}}`,
		"site/y.html", `{{template "_sign" .}}`,
	), nil, nil)
	for name, want := range map[string]string{"x": "root", "site/y": "site!"} {
		if got, err := pages.Render(name, nil); err != nil || string(got) != want {
			t.Errorf("Render(%q) = %q, %v; want %q", name, got, err, want)
		}
	}
}

func TestAFailedPageGivesNoHalfOfIt(t *testing.T) {
	pages := NewTemplates(files("x.html", `begun {{.Missing}}`), nil, nil)
	if got, err := pages.Render("x", struct{}{}); err == nil || got != nil {
		t.Errorf("Render = %q, %v; want an error alone", got, err)
	}
	if _, err := pages.Render("y", nil); err == nil {
		t.Error("Render of an unknown name gave no error")
	}
}

func TestARenderedPageIsNotOverwrittenByTheNext(t *testing.T) {
	pages := NewTemplates(files("x.html", `{{.}}`), nil, nil)
	first, _ := pages.Render("x", "first")
	pages.Render("x", "other")
	if string(first) != "first" {
		t.Errorf("first page became %q", first)
	}
}
