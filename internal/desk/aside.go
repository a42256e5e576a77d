package desk

import (
	"errors"
	"net/http"
	"net/url"

	"hark/internal/auth"
	"hark/internal/database"
	"hark/internal/posts"
	"hark/internal/settings"
)

// aside does what a button of the editor asks for that is not about the post
// itself, and tells whether there was one. The post is not saved.
func (d *Desk) aside(r *http.Request, fields url.Values, f *draft, kept *posts.Post) (bool, error) {
	ctx := r.Context()
	switch {
	case f.rearrange(fields):
		return true, nil
	case (fields.Has("never") || fields.Has("again-to")) && !d.Who(r).May(auth.Choose):
		return true, notEntitled()
	case fields.Has("never"):
		return true, d.outbox.Never(ctx, fields.Get("never"), true)
	case fields.Has("again-to"):
		return true, d.outbox.Never(ctx, fields.Get("again-to"), false)
	case fields.Get("do") == "preview":
		return true, d.look(r, f, kept)
	case fields.Get("do") == "refresh":
		return true, d.readAgain(r, f, kept)
	}
	return false, nil
}

// look has the pages looked at that a post links to as it is typed.
func (d *Desk) look(r *http.Request, f *draft, kept *posts.Post) error {
	ctx := r.Context()
	p, err := d.over(r, *f, kept)
	if err != nil {
		return err
	}
	if err := d.outbox.Ask(ctx, p); err != nil {
		return err
	}
	prospects, err := d.outbox.Prospects(ctx, p)
	if err != nil {
		return err
	}
	for _, one := range prospects {
		if asks(one) && one.Problem == "" {
			f.Asked = append(f.Asked, one.Target)
		}
	}
	return nil
}

// readAgain has those pages read anew that a post responds to.
func (d *Desk) readAgain(r *http.Request, f *draft, kept *posts.Post) error {
	ctx := r.Context()
	p, err := d.over(r, *f, kept)
	if err != nil {
		return err
	}
	prospects, err := d.outbox.Prospects(ctx, p)
	if err != nil {
		return err
	}
	for _, one := range prospects {
		if one.Property == "" || ours(one) {
			continue
		}
		if err := d.outbox.Refresh(ctx, one.Target); err != nil {
			return err
		}
		f.Asked = append(f.Asked, one.Target)
	}
	return nil
}

// beside answers with the editor after one of its buttons was pressed that saves
// nothing of the post. What cannot be done is said above the words.
func (d *Desk) beside(w http.ResponseWriter, r *http.Request, f draft, kept *posts.Post, err error) error {
	shown, status := writePage{Draft: f, Unsaved: true}, http.StatusOK
	invalid := (*settings.Invalid)(nil)
	switch {
	case errors.As(err, &invalid):
		status, shown.Problem = http.StatusUnprocessableEntity, invalid.Text
	case errors.Is(err, database.ErrFull):
		status, shown.Problem = http.StatusInsufficientStorage, "The disk is full, so this was not done. Your words still stand below, and are not saved either. Make room on the disk, then try again."
	case err != nil:
		return err
	}
	return d.edit(w, r, status, kept, shown)
}
