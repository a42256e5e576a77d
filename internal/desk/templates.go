package desk

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/go-chi/chi/v5"

	"hark/internal/auth"
	"hark/internal/page"
	"hark/internal/posts"
)

const templatesPath = "/desk/templates"

// templatesPage is what desk/templates.html draws.
type templatesPage struct {
	frame
	Rows    []templateRow
	Deleted bool // one was just deleted
	Saved   string
}

// templateRow is one template in a list.
type templateRow struct {
	ID, Name string
	Kind     string
	Begins   string // the beginning of what it says
	By       string // whose it is, where several write
	When     when
}

// templates lists what posts can begin with.
func (d *Desk) templates(w http.ResponseWriter, r *http.Request) (err error) {
	p := templatesPage{Deleted: r.URL.Query().Has("deleted")}
	if p.frame, err = d.frame(r, "Templates", "write"); err != nil {
		return err
	}
	if p.Rows, err = d.templateRows(r); err != nil {
		return err
	}
	if saved := r.URL.Query().Get("saved"); saved != "" {
		for _, row := range p.Rows {
			if row.ID == saved {
				p.Saved = row.Name
			}
		}
	}
	return d.send(w, http.StatusOK, "templates", p)
}

func (d *Desk) templateRows(r *http.Request) (rows []templateRow, err error) {
	list, err := d.posts.Templates(r.Context(), d.listed(r))
	if err != nil {
		return nil, err
	}
	names, err := d.gate.Names(r.Context())
	if err != nil {
		return nil, err
	}
	for _, t := range list {
		row := templateRow{ID: t.ID, Name: t.Name, Kind: t.Kind.Name(), Begins: beginning(t.Title, t.Content), When: d.when(t.Saved)}
		if len(names) > 1 {
			row.By = names[t.AuthorID]
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// mostBeginning bounds the beginning of a template in a list, in letters.
const mostBeginning = 120

// beginning is what a template says first.
func beginning(title, text string) string {
	all := []rune(strings.Join(strings.Fields(title+" "+text), " "))
	if len(all) > mostBeginning {
		return string(all[:mostBeginning]) + " …"
	}
	return string(all)
}

// ownTemplate is a template that who is signed in may use and change.
func (d *Desk) ownTemplate(r *http.Request, id string) (*posts.Template, error) {
	t, err := d.posts.Template(r.Context(), id)
	if err == nil && !d.Who(r).MayChange(t.AuthorID) {
		return nil, posts.ErrNotFound
	}
	return t, err
}

// noTemplate gives a missing template its sentence.
func noTemplate(err error) error {
	if isNotFound(err) {
		return &page.Error{Status: http.StatusNotFound, Err: err, Text: "There is no such template. It was deleted, perhaps."}
	}
	return err
}

// begun is the new post that a form writes: empty, or with what a template has beyond
// the fields of the form. One that is gone meanwhile has nothing.
func (d *Desk) begun(r *http.Request, template string) (*posts.Post, error) {
	if template == "" {
		return &posts.Post{}, nil
	}
	t, err := d.ownTemplate(r, template)
	if isNotFound(err) {
		return &posts.Post{}, nil
	}
	if err != nil {
		return nil, err
	}
	return &posts.Post{Properties: t.Properties}, nil
}

// fromTemplate shows the editor with a post that a template begins.
func (d *Desk) fromTemplate(w http.ResponseWriter, r *http.Request, id string) error {
	t, err := d.ownTemplate(r, id)
	if err != nil {
		return noTemplate(err)
	}
	p := t.Begin(d.now().In(d.settings.KnownZone()))
	f := d.draftOf(&p)
	f.Version, f.Template = "", id
	return d.edit(w, r, http.StatusOK, &posts.Post{}, writePage{Draft: f})
}

// keepTemplate keeps what stands in the editor as a template. The post is not saved.
func (d *Desk) keepTemplate(w http.ResponseWriter, r *http.Request, f draft, kept *posts.Post, name string) error {
	p := *kept
	err := f.onto(&p)
	if err == nil {
		t := posts.TemplateOf(&p, name)
		t.AuthorID = d.Who(r).ID
		err = d.posts.SaveTemplate(r.Context(), t)
	}
	shown := writePage{Draft: f, Unsaved: true, TemplateName: name}
	if invalid := (*posts.Invalid)(nil); errors.As(err, &invalid) {
		if invalid.Field == "name" {
			shown.Wrong = wrong{"template-name": invalid.Text}
			return d.edit(w, r, http.StatusUnprocessableEntity, kept, shown)
		}
		return d.edit(w, r, http.StatusUnprocessableEntity, kept, unkept(f, invalid))
	}
	if err != nil && r.Context().Err() != nil { // nobody waits for the answer
		return err
	}
	if err != nil {
		status := 0
		status, shown.Problem = d.unwritten(err)
		return d.edit(w, r, status, kept, shown)
	}
	shown.TemplateName, shown.Templated = "", name
	return d.edit(w, r, http.StatusOK, kept, shown)
}

// templatePage is what desk/template.html draws: one template, as it is changed.
type templatePage struct {
	frame
	ID      string
	Name    string
	Draft   draft // its version is the template's
	Kind    string
	More    bool // it has what the form does not show
	Wrong   wrong
	Problem string
}

// template shows one template.
func (d *Desk) template(w http.ResponseWriter, r *http.Request) error {
	t, err := d.ownTemplate(r, chi.URLParam(r, "id"))
	if err != nil {
		return noTemplate(err)
	}
	return d.sendTemplate(w, r, http.StatusOK, templatePage{Name: t.Name, Draft: d.templateDraft(t)}, t)
}

// templateDraft fills the fields of the form with a template.
func (d *Desk) templateDraft(t *posts.Template) draft {
	f := d.draftOf(&t.Post)
	f.Version = strconv.FormatInt(t.Version, 10)
	return f
}

func (d *Desk) sendTemplate(w http.ResponseWriter, r *http.Request, status int, p templatePage, t *posts.Template) (err error) {
	p.ID, p.Kind, p.More = t.ID, t.Kind.Name(), len(t.Properties) > 0
	if p.frame, err = d.frame(r, "", "write"); err != nil {
		return err
	}
	p.Title = p.book.Say("Template ‘%s’", t.Name)
	return d.send(w, status, "template", p)
}

// changeTemplate saves or deletes a template.
func (d *Desk) changeTemplate(w http.ResponseWriter, r *http.Request) error {
	fields, err := form(w, r, writeLimit)
	if err != nil {
		return err
	}
	t, err := d.ownTemplate(r, chi.URLParam(r, "id"))
	if isNotFound(err) && fields.Get("do") == "save" {
		return d.saveTemplateAnew(w, r, fields)
	}
	if err != nil {
		return noTemplate(err)
	}
	switch fields.Get("do") {
	case "save":
		return d.saveTemplate(w, r, t, fields)
	case "delete":
		if err := d.posts.DropTemplate(r.Context(), t.ID); err != nil {
			return err
		}
		return seeOther(w, r, templatesPath+"?deleted")
	}
	return &page.Error{Status: http.StatusBadRequest}
}

// saveTemplateAnew answers words for a template that is not there any more: with the
// words, and when these are sent again, with a new one.
func (d *Desk) saveTemplateAnew(w http.ResponseWriter, r *http.Request, fields url.Values) error {
	if fields.Get("version") == "" {
		return d.saveTemplate(w, r, &posts.Template{ID: chi.URLParam(r, "id"), Post: posts.Post{AuthorID: d.Who(r).ID}}, fields)
	}
	shown := templatePage{Name: fields.Get("name"), Draft: typed(fields),
		Problem: "This template was deleted elsewhere meanwhile. Your words still stand below; saving them makes it anew."}
	shown.Draft.Version = ""
	return d.sendTemplate(w, r, http.StatusNotFound, shown, &posts.Template{ID: chi.URLParam(r, "id"), Name: shown.Name})
}

func (d *Desk) saveTemplate(w http.ResponseWriter, r *http.Request, t *posts.Template, fields url.Values) error {
	shown := templatePage{Name: fields.Get("name"), Draft: typed(fields)}
	next := *t
	if t.Version == 0 { // it is made anew
		next.ID = ""
	}
	f := shown.Draft
	next.Name, next.Title, next.Content, next.Tags, next.Lang = shown.Name, f.Title, f.Text, strings.Split(f.Tags, ","), f.Lang
	if f.Visibility != "" {
		next.Visibility = posts.Visibility(f.Visibility)
	}
	next.Version, _ = strconv.ParseInt(f.Version, 10, 64) // 0 is no version
	err := d.posts.SaveTemplate(r.Context(), &next)
	invalid := (*posts.Invalid)(nil)
	switch {
	case errors.As(err, &invalid):
		if shown.Wrong = (wrong{invalid.Field: invalid.Text}); invalid.Field == "visibility" {
			shown.Problem = invalid.Text
		}
		return d.sendTemplate(w, r, http.StatusUnprocessableEntity, shown, t)
	case errors.Is(err, posts.ErrChanged):
		shown.Draft.Version = strconv.FormatInt(t.Version, 10)
		shown.Problem = "This template was saved elsewhere while you were writing. Yours stands below; saving it now puts it in the place of the other."
		return d.sendTemplate(w, r, http.StatusConflict, shown, t)
	case isNotFound(err):
		return d.saveTemplateAnew(w, r, fields)
	case err != nil && r.Context().Err() != nil: // nobody waits for the answer
		return err
	case err != nil:
		status := 0
		status, shown.Problem = d.unwritten(err)
		return d.sendTemplate(w, r, status, shown, t)
	}
	return seeOther(w, r, templatesPath+"?"+url.Values{"saved": {next.ID}}.Encode())
}

// fewTemplates is how many templates the editor offers at once.
const fewTemplates = 8

// offered are the templates that the editor of a new post offers, their own first,
// and whether there are more.
func (d *Desk) offered(r *http.Request) ([]templateRow, bool, error) {
	list, err := d.posts.Templates(r.Context(), d.Who(r).ID)
	if err != nil {
		return nil, false, err
	}
	var rows []templateRow
	for _, t := range list[:min(len(list), fewTemplates)] {
		rows = append(rows, templateRow{ID: t.ID, Name: t.Name})
	}
	return rows, len(list) > fewTemplates || d.Who(r).May(auth.WriteAll), nil
}
