package desk

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"hark/internal/posts"
	"hark/internal/words"
)

// findPage is what desk/find.html draws: posts to link to.
type findPage struct {
	frame
	Query   string
	Problem string // why nothing was looked for
	Rows    []found
	More    bool // there are more than these
}

// found is a post that can be linked to.
type found struct {
	Name     string `json:"name"`
	Path     string `json:"path"`
	Markdown string `json:"markdown"` // a link to it
	When     when   `json:"-"`
	Written  string `json:"written"`
}

// mostFound is how many posts are shown to link to.
const mostFound = 12

// find looks for posts to link to: those that every reader may find, the newest
// where nothing is looked for. The editor's script is answered with JSON.
func (d *Desk) find(w http.ResponseWriter, r *http.Request) (err error) {
	p := findPage{Query: cut(strings.TrimSpace(r.URL.Query().Get("q")), longestSearch+1)}
	book, err := d.book(r.Context())
	if err != nil {
		return err
	}
	if err := d.fillFound(r.Context(), &p, book); err != nil {
		return err
	}
	w.Header().Add("Vary", "Accept")
	if strings.HasPrefix(r.Header.Get("Accept"), "application/json") {
		w.Header().Set("Content-Type", "application/json")
		return json.NewEncoder(w).Encode(map[string]any{"problem": p.Problem, "posts": p.Rows, "more": p.More})
	}
	if p.frame, err = d.frame(r, "Link to a post", "write"); err != nil {
		return err
	}
	return d.send(w, http.StatusOK, "find", p)
}

// fillFound fills in what is found, or why nothing was looked for.
func (d *Desk) fillFound(ctx context.Context, p *findPage, book *words.Book) error {
	list, more, err := d.lookFor(ctx, p.Query)
	switch bad := (*posts.Invalid)(nil); {
	case errors.As(err, &bad):
		p.Problem = bad.Text
	case errors.Is(err, posts.ErrSlow):
		p.Problem = "This would take too long to look for. Try rarer words, or fewer."
	case err != nil:
		return err
	}
	p.Rows, p.More = []found{}, more
	for _, one := range list {
		row := found{Name: one.Called(book), Path: one.Path, When: d.when(one.Published)}
		row.Markdown, row.Written = linkTo(row.Name, row.Path), row.When.Words
		p.Rows = append(p.Rows, row)
	}
	return nil
}

func (d *Desk) lookFor(ctx context.Context, words string) (list []*posts.Post, more bool, err error) {
	if words == "" {
		list, err = d.posts.List(ctx, posts.List{Limit: mostFound})
		return list, false, err
	}
	names, err := d.gate.Names(ctx)
	if err != nil {
		return nil, false, err
	}
	q, err := posts.ParseQuery(words, names)
	if err != nil {
		return nil, false, err
	}
	return d.posts.Search(ctx, q, 0, mostFound)
}

// linkTo is a link in Markdown. No letter of the name means anything there.
func linkTo(name, address string) string {
	return "[" + inMarkdown.Replace(name) + "](" + address + ")"
}

var inMarkdown = func() *strings.Replacer {
	var pairs []string
	for _, letter := range "\\`*_[]<>~&!" {
		pairs = append(pairs, string(letter), `\`+string(letter))
	}
	return strings.NewReplacer(pairs...)
}()
