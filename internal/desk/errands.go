package desk

import (
	"context"

	"hark/internal/courier"
	"hark/internal/posts"
)

// errand is a file of the post that lies elsewhere, with what became of the try to
// bring it here.
type errand struct{ Address, Short, Line string }

func (d *Desk) errands(ctx context.Context, p *posts.Post) (rows []errand, err error) {
	if p.ID == "" || d.courier == nil {
		return nil, nil
	}
	list, err := d.courier.Of(ctx, p)
	for _, e := range list {
		rows = append(rows, errand{Address: e.Address, Short: posts.Bare(e.Address), Line: errandLine(e)})
	}
	return rows, err
}

func errandLine(e *courier.Errand) string {
	switch {
	case e.State == courier.Failed:
		return e.Reason + " It stays there. Saving the post tries it once more."
	case e.Reason != "":
		return "Not brought here yet. " + e.Reason + " It is tried again."
	}
	return "Is being brought here."
}
