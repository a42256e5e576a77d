package words

import (
	"html/template"
	"io/fs"
	"slices"
	"strings"
	"testing"

	"hark/web"
)

func TestThePhrasesOfATemplate(t *testing.T) {
	for source, want := range map[string][]string{
		`<p>One</p><p> Two
		three </p>`: {"One", "Two three"},
		`<p>By <a class="u" {{.Home}}>{{.By}}</a>, at <a href="{{.X}}">{{.At}}</a></p>`: {"By <a>{.By}</a>, at <a2>{.At}</a2>"},
		`<a href="/a">Archive</a><a href="/b">About</a>`:                                {"Archive", "About"},
		`<a>Inbox{{if .N}} <b>{{.N}}<span> to decide</span></b>{{end}}</a>`:             {"Inbox", "to decide"},
		`{{.A}} · {{.B}}<b>{{.C}}</b> &nbsp;`:                                           nil,
		`<p>See <code>hark "x" {{.N}}</code> first<br>or last</p>`:                      {"See <code></code> first<br>or last"},
		`<code>hark ban add</code>`:                                                     nil,
		`<p>{{- /* Not said. */ -}}<!-- Nor this --></p>`:                               nil,
		`<button title="Remove {{.Name}}" aria-label="Gone">x</button>`:                 {"Remove {.Name}", "Gone", "x"},
		`<input placeholder="Names{{if .More}} and more{{end}}" value="Not said">`:      {"Names", "and more"},
		`<p>{{$n := len .}}{{range .}}{{template "x" .}}{{end}}{{$n}} left</p>`:         {"{$n} left"},
		`<p>{{printf "a}}b" .}} say <em>so</em></p>`:                                    {`{printf "a}}b" .} say <em>so</em>`},
		`<b>Half {{if .}}open</b>{{end}}`:                                               {"Half", "open"},
		`<p title="a > b">Text</p>`:                                                     {"a > b", "Text"},
		`1 < 2 and {{.}}`:                                                               {"1 < 2 and {.}"},
	} {
		if got := Phrases(source); !slices.Equal(got, want) {
			t.Errorf("%s:\n got %q\nwant %q", source, got, want)
		}
	}
}

func TestATemplateInAnotherLanguage(t *testing.T) {
	b := read(t, "de.json", german).Book("de")
	for source, want := range map[string]string{
		`<p>By <a class="u" {{.Home}}>{{.By}}</a>, at <a href="{{.X}}">{{- .At}}</a></p>`: `<p><a href="{{.X}}">{{- .At}}</a>, von <a class="u" {{.Home}}>{{.By}}</a></p>`,
		"<h1>\n Archive </h1>": "<h1>\n Archiv </h1>",
		`<p>See <code>hark help</code> for {{.N | len}}</p><p>See <code>hark help</code> for {{.N}}</p>`: `<p>See <code>hark help</code> for {{.N | len}}</p><p>Zu {{.N}} siehe <code>hark help</code></p>`,
		`<button title="Remove {{.Name}}">Save</button>`:                                                 `<button title="{{.Name}} entfernen">Speichern</button>`,
		`{{if .}}Save{{else}}Unknown{{end}}`:                                                             `{{if .}}Speichern{{else}}Unknown{{end}}`,
	} {
		if got := b.Markup(source); got != want {
			t.Errorf("%s:\n got %s\nwant %s", source, got, want)
		}
	}
}

// templates are the sources of all pages, and some that are none.
func templates(f *testing.F) {
	err := fs.WalkDir(web.Templates, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := fs.ReadFile(web.Templates, path)
		f.Add(string(text))
		return err
	})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(`<a><b></a>{{"`)
	f.Add(`<p title="{{`)
	f.Add("{{/*")
}

// FuzzMarkup: whoever says every phrase as it is changes nothing but space.
func FuzzMarkup(f *testing.F) {
	templates(f)
	f.Fuzz(func(t *testing.T, source string) {
		got := translate(source, func(english string) string { return english })
		if strings.Join(strings.Fields(got), "") != strings.Join(strings.Fields(source), "") {
			t.Errorf("%q became %q", source, got)
		}
	})
}

func FuzzSentence(f *testing.F) {
	library, err := Open(web.Words)
	if err != nil {
		f.Fatal(err)
	}
	b := library.Books()[0]
	for english := range b.phrases {
		f.Add(english)
	}
	f.Fuzz(func(t *testing.T, english string) {
		if said := b.Sentence(english); said == "" && english != "" {
			t.Errorf("%q became nothing", english)
		}
		template.HTMLEscapeString(b.Say(english))
	})
}

// Phrases are those of a template, in the order in which they stand there.
func Phrases(source string) []string {
	var all []string
	translate(source, func(english string) string {
		all = append(all, english)
		return english
	})
	return all
}
