package desk

import (
	"errors"
	"html/template"
	"net/http"

	"hark/internal/posts"
)

// previewPage is what desk/_preview.html draws: a post as it will read.
type previewPage struct {
	Title     string
	InReplyTo string
	HTML      template.HTML
}

// Empty tells whether there is nothing to show yet.
func (p *previewPage) Empty() bool { return p.Title == "" && p.InReplyTo == "" && p.HTML == "" }

// preview answers the editor's script with the preview alone. Nothing is saved.
func (d *Desk) preview(w http.ResponseWriter, r *http.Request) error {
	fields, err := form(w, r, writeLimit)
	if err != nil {
		return err
	}
	p, err := d.previewOf(typed(fields), &posts.Post{})
	if err != nil {
		return err
	}
	return d.send(w, http.StatusOK, "preview", p)
}

// previewOf renders what is typed, over what is kept.
func (d *Desk) previewOf(f draft, kept *posts.Post) (*previewPage, error) {
	p := *kept
	if err := f.onto(&p); err != nil && !errors.As(err, new(*posts.Invalid)) {
		return nil, err
	}
	d.posts.Preview(&p)
	return &previewPage{Title: p.Title, InReplyTo: p.Properties.Address("in-reply-to"), HTML: p.HTML}, nil
}
