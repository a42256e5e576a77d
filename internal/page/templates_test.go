package page

import (
	"html/template"
	"strings"
	"testing"
	"testing/fstest"
)

func files(pairs ...string) fstest.MapFS {
	fsys := fstest.MapFS{}
	for i := 0; i < len(pairs); i += 2 {
		fsys[pairs[i]] = &fstest.MapFile{Data: []byte(pairs[i+1])}
	}
	return fsys
}

func TestPagesAreFramedByTheLayoutOfTheirDirectory(t *testing.T) {
	pages := ParseTemplates(files(
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

func TestBadTemplatesStopTheStart(t *testing.T) {
	for name, fsys := range map[string]fstest.MapFS{
		"syntax":          files("x.html", `{{if}}`),
		"unknown func":    files("x.html", `{{nothing .}}`),
		"missing block":   files("site/layout.html", `{{template "main" .}}`, "site/x.html", `{{define "mian"}}{{end}}`),
		"unescapable":     files("x.html", `<a href="{{if .}}'{{end}}>`),
		"missing partial": files("x.html", `{{template "_gone" .}}`),
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("ParseTemplates took it")
				}
			}()
			ParseTemplates(fsys, nil, nil)
		})
	}
}

func TestAFailedPageGivesNoHalfOfIt(t *testing.T) {
	pages := ParseTemplates(files("x.html", `begun {{.Missing}}`), nil, nil)
	if got, err := pages.Render("x", struct{}{}); err == nil || got != nil {
		t.Errorf("Render = %q, %v; want an error alone", got, err)
	}
	if _, err := pages.Render("y", nil); err == nil {
		t.Error("Render of an unknown name gave no error")
	}
}

func TestARenderedPageIsNotOverwrittenByTheNext(t *testing.T) {
	pages := ParseTemplates(files("x.html", `{{.}}`), nil, nil)
	first, _ := pages.Render("x", "first")
	pages.Render("x", "other")
	if string(first) != "first" {
		t.Errorf("first page became %q", first)
	}
}
