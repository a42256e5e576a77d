package desk

import (
	"errors"
	"net/http"

	"hark/internal/auth"
	"hark/internal/gallery"
	"hark/internal/piece"
	"hark/internal/posts"
	"hark/internal/words"
)

// parts are those of the editor that follow from what is typed, as
// desk/preview.html draws them for its script.
type parts struct {
	Preview  previewPage
	Attached []attachedRow
	Moved    bool // those are to be drawn anew
	Cards    cards
	Tell     tellPanel
	Count    string     // of words, and how long they take to read
	Is       posts.Kind // what the post is, as it stands in the form
	Kinds    []option
	Turned   bool // the form was just set up for the chosen one
}

// spoken is them in the language of the page.
type spoken struct {
	parts
	book *words.Book
}

// Speaks makes it a [page.Speaker].
func (s spoken) Speaks() *words.Book { return s.book }

// previewPage is what desk/_preview.html draws: a post as it will read.
type previewPage struct {
	piece.Piece
	Links bool // some of them stand for pictures and films of other hosts
}

// preview answers the editor's script with the parts that follow from what is
// typed, once it has done what a button asks for. Nothing is saved.
func (d *Desk) preview(w http.ResponseWriter, r *http.Request) error {
	fields, err := form(w, r, writeLimit)
	if err != nil {
		return err
	}
	f := typed(fields)
	kept, err := d.kept(r, &f)
	if isNotFound(err) {
		kept, err = &posts.Post{}, nil
	}
	if err != nil {
		return err
	}
	moved := f.rearrange(fields)
	if !moved {
		if _, err := d.aside(r, fields, &f, kept); err != nil {
			return err
		}
	}
	p, err := d.parts(r, f, kept)
	if err != nil {
		return err
	}
	p.Moved = moved
	site, err := d.settings.Site(r.Context())
	if err != nil {
		return err
	}
	p.Tell.Scripted = true
	return d.send(w, http.StatusOK, "preview", spoken{p, d.spoken(site)})
}

// parts are made of what is typed, over what is kept. Nobody is visited for them.
func (d *Desk) parts(r *http.Request, f draft, kept *posts.Post) (parts, error) {
	ctx := r.Context()
	p, err := d.over(r, f, kept)
	if err != nil {
		return parts{}, err
	}
	prospects, err := d.outbox.Prospects(ctx, p)
	if err != nil {
		return parts{}, err
	}
	site, err := d.settings.Site(ctx)
	if err != nil {
		return parts{}, err
	}
	shown, err := d.media.Shown(ctx, d.url, gallery.Named(p)...)
	if err != nil {
		return parts{}, err
	}
	made := parts{Is: p.Kind, Kinds: kindOptions(f.forKind(p.Kind)), Count: length(p.Words), Attached: d.attachedRows(f.Attached)}
	cites, err := d.outbox.Cites(ctx, site, p)
	if err != nil {
		return parts{}, err
	}
	book := d.spoken(site)
	in := piece.In{Base: d.url, Site: site, Book: book, Around: book.Tag()}
	made.Preview = previewPage{Piece: in.Of(p, cites.Of[p.ID], shown), Links: p.ShowsElsewhere()}
	made.Cards = cardsOf(cites.Of[p.ID], prospects, f.Asked)
	made.Tell, err = d.tellPanel(ctx, f, kept, p, prospects)
	if !d.Who(r).May(auth.Choose) {
		for i := range made.Tell.Rows {
			made.Tell.Rows[i].Host = ""
		}
	}
	return made, err
}

// length says how long a text is; nothing of none.
func length(words int) string {
	if words == 0 {
		return ""
	}
	return plural(words, "word") + ", " + plural(max(posts.Minutes(words), 1), "minute") + " to read"
}

// over is the post as it is typed, over what is kept, with all that follows from
// its words.
func (d *Desk) over(r *http.Request, f draft, kept *posts.Post) (*posts.Post, error) {
	p := *kept
	if err := f.onto(&p); err != nil && !errors.As(err, new(*posts.Invalid)) {
		return nil, err
	}
	if p.AuthorID == "" {
		p.AuthorID = d.Who(r).ID
	}
	return &p, d.posts.Preview(r.Context(), &p)
}
