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

// saveProfile keeps it. A photo comes from a file, or from where it stands on the web.
func (d *Desk) saveProfile(w http.ResponseWriter, r *http.Request) error {
	fields, err := form(w, r, formLimit)
	if err != nil {
		return err
	}
	kept, err := d.gate.Profile(r.Context(), d.Who(r).ID)
	if err != nil {
		return err
	}
	came := enclosedIn(r)
	p := profilePage{Bio: fields.Get("bio"), Links: fields.Get("links"), From: strings.TrimSpace(fields.Get("from")), Photo: kept.Photo}
	// again shows the form with all that was typed.
	again := func(status int, f wrong, problem string) error {
		came.again(f, "photo")
		p.Wrong, p.Problem = f, problem
		return d.sendProfile(w, r, status, p)
	}
	if name := fields.Get(unsentField); name != "" {
		return again(http.StatusUnprocessableEntity, wrong{"photo": unsentPicture}, "")
	}
	said := auth.Profile{Bio: p.Bio, Links: strings.Fields(p.Links), Photo: kept.Photo}
	err = said.Check() // before a photo is kept for nothing
	switch {
	case err != nil:
	case fields.Get("do") == "remove":
		said.Photo = ""
	case came.name != "" || p.From != "":
		said.Photo, err = d.makePhoto(r.Context(), came, p.From, d.Who(r).ID)
	}
	if err == nil {
		err = d.gate.SaveProfile(r.Context(), d.Who(r).ID, said)
	}
	if invalid := (*auth.Invalid)(nil); errors.As(err, &invalid) {
		return again(http.StatusUnprocessableEntity, wrong{invalid.Field: invalid.Text}, "")
	}
	if status, f := unsaved(err); status != 0 {
		return again(status, wrong{}, f.Problem)
	}
	if err != nil {
		return err
	}
	return seeOther(w, r, profilePath+"?saved")
}
