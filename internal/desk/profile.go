package desk

import (
	"errors"
	"net/http"
	"strings"

	"hark/internal/auth"
)

const profilePath = "/desk/account/page"

// profilePage is what desk/profile.html draws.
type profilePage struct {
	accountFrame
	Bio, Links, Photo string // as typed; the photo is the path of the picture that is kept
	From              string // where a photo was to come from
	Path              string // of the page that readers see
	There             bool   // it is there already
	Me                string // whom other sites are told that this user is; empty for nobody yet
}

// profile shows what readers see of who is signed in.
func (d *Desk) profile(w http.ResponseWriter, r *http.Request) error {
	kept, err := d.gate.Profile(r.Context(), d.Who(r).ID)
	if err != nil {
		return err
	}
	p := profilePage{Bio: kept.Bio, Links: strings.Join(kept.Links, "\n"), Photo: kept.Photo}
	if r.URL.Query().Has("saved") {
		p.Saved = "Saved."
	}
	return d.sendProfile(w, r, http.StatusOK, p)
}

func (d *Desk) sendProfile(w http.ResponseWriter, r *http.Request, status int, p profilePage) error {
	if err := d.fillAccount(r, &p.accountFrame, "page"); err != nil {
		return err
	}
	kept, err := d.gate.Profile(r.Context(), p.User.ID)
	if err != nil {
		return err
	}
	p.Path = kept.Path()
	if p.There, err = kept.There(r.Context(), d.posts.HasListed); err != nil {
		return err
	}
	if p.Me, _, err = d.me(r, p.User); err != nil {
		return err
	}
	return d.send(w, status, "profile", p)
}

// saveProfile keeps it. The photo has a form of its own.
func (d *Desk) saveProfile(w http.ResponseWriter, r *http.Request) error {
	fields, err := form(w, r, formLimit)
	if err != nil {
		return err
	}
	kept, err := d.gate.Profile(r.Context(), d.Who(r).ID)
	if err != nil {
		return err
	}
	p := profilePage{Bio: fields.Get("bio"), Links: fields.Get("links"), Photo: kept.Photo}
	err = d.gate.SaveProfile(r.Context(), d.Who(r).ID, auth.Profile{Bio: p.Bio, Links: strings.Fields(p.Links), Photo: p.Photo})
	if invalid := (*auth.Invalid)(nil); errors.As(err, &invalid) {
		p.Wrong = wrong{invalid.Field: invalid.Text}
		return d.sendProfile(w, r, http.StatusUnprocessableEntity, p)
	}
	if status, f := unsaved(err); status != 0 {
		p.Problem = f.Problem
		return d.sendProfile(w, r, status, p)
	}
	if err != nil {
		return err
	}
	return seeOther(w, r, profilePath+"?saved")
}
