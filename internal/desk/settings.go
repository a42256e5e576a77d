package desk

import (
	"errors"
	"net/http"

	"hark/internal/database"
	"hark/internal/settings"
)

// settingsPage is what desk/settings.html draws.
type settingsPage struct {
	frame
	Typed   settings.Site
	Modes   []mode
	Wrong   wrong
	Problem string
	Saved   bool
}

// mode is one answer to the question which mentions wait for the owner.
type mode struct {
	Value      settings.Mode
	Name, Says string
	Chosen     bool
}

// choices shows the settings.
func (d *Desk) choices(w http.ResponseWriter, r *http.Request) error {
	site, err := d.settings.Site(r.Context())
	if err != nil {
		return err
	}
	return d.sendChoices(w, r, http.StatusOK, settingsPage{Typed: site, Saved: r.URL.Query().Has("saved")})
}

func (d *Desk) sendChoices(w http.ResponseWriter, r *http.Request, status int, p settingsPage) (err error) {
	if p.frame, err = d.frame(r, "Settings", "settings"); err != nil {
		return err
	}
	p.Modes = modes(settings.HoldDoubtful)
	return d.send(w, status, "settings", p)
}

func modes(chosen settings.Mode) []mode {
	all := []mode{
		{Value: settings.ShowAll, Name: "Show all that truly link", Says: "Whatever is verified stands beneath your post at once."},
		{Value: settings.HoldDoubtful, Name: "Hold the doubtful", Says: "An ordinary answer is shown at once, from a stranger too. One that something speaks against waits for you."},
		{Value: settings.HoldStrangers, Name: "Hold strangers", Says: "Authors whom you have shown before are shown at once. All others wait for you."},
		{Value: settings.HoldAll, Name: "Hold all", Says: "Nothing is shown before you have seen it."},
	}
	for i := range all {
		all[i].Chosen = all[i].Value == chosen
	}
	return all
}

// saveChoices keeps the settings.
func (d *Desk) saveChoices(w http.ResponseWriter, r *http.Request) error {
	fields, err := form(w, r, writeLimit)
	if err != nil {
		return err
	}
	site, err := d.settings.Site(r.Context())
	if err != nil {
		return err
	}
	site.Title, site.Description, site.Author = fields.Get("title"), fields.Get("description"), fields.Get("author")
	site.About, site.Language = fields.Get("about"), fields.Get("language")
	err = d.settings.Save(r.Context(), site)
	invalid := (*settings.Invalid)(nil)
	switch {
	case errors.As(err, &invalid):
		return d.sendChoices(w, r, http.StatusUnprocessableEntity, settingsPage{Typed: site, Wrong: wrong{invalid.Field: invalid.Text}})
	case errors.Is(err, database.ErrFull):
		return d.sendChoices(w, r, http.StatusInsufficientStorage, settingsPage{Typed: site,
			Problem: "The disk is full, so this is not saved. What you typed still stands below. Make room on the disk, then save again."})
	case err != nil:
		return err
	}
	return seeOther(w, r, "/desk/settings?saved")
}
