package desk

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"

	"hark/internal/database"
	"hark/internal/settings"
	"hark/internal/zone"
)

// settingsPage is what desk/settings.html draws.
type settingsPage struct {
	choicesFrame
	Typed settings.Site
	Zones []string
	Clock string // what it is now in the zone that is kept

	Interfaces []option // the languages of the pages
}

// choicesFrame is what all pages of settings show around their own.
type choicesFrame struct {
	frame
	Part    string // the word of the tab that is current
	Wrong   wrong
	Problem string
	Saved   string // what was done, in a sentence
	Seen    string // the mark of the choices that the form began with
}

// seenIn is the mark that came with a form.
const seenIn = "seen"

// fillChoices makes the frame of a page of settings.
func (d *Desk) fillChoices(r *http.Request, f *choicesFrame, part string) (err error) {
	f.Part = part
	if r.URL.Query().Has("saved") && r.Method == http.MethodGet {
		f.Saved = "Saved."
	}
	f.frame, err = d.frame(r, "Settings", "settings")
	return err
}

// unsaved is how a form comes back that could not be saved; the status is zero
// where it cannot come back at all.
func unsaved(err error) (status int, f choicesFrame) {
	invalid := (*settings.Invalid)(nil)
	switch {
	case errors.Is(err, settings.ErrChanged):
		return http.StatusConflict, choicesFrame{
			Problem: "This was saved elsewhere while it stood open here. Yours stands below; saving it now puts it in the place of the other."}
	case errors.As(err, &invalid):
		return http.StatusUnprocessableEntity, choicesFrame{Wrong: wrong{invalid.Field: invalid.Text}}
	case errors.Is(err, database.ErrFull):
		return http.StatusInsufficientStorage, choicesFrame{
			Problem: "The disk is full, so this is not saved. What you typed still stands below. Make room on the disk, then save again."}
	}
	return 0, choicesFrame{}
}

// unsavedChoices is unsaved for a form that began with choices of a mark. The form that
// comes back goes on with that, unless it tells of others.
func unsavedChoices(err error, fields url.Values) (status int, f choicesFrame) {
	status, f = unsaved(err)
	if status != http.StatusConflict {
		f.Seen = fields.Get(seenIn)
	}
	return status, f
}

// choices shows the settings of the site.
func (d *Desk) choices(w http.ResponseWriter, r *http.Request) error {
	site, err := d.settings.Site(r.Context())
	if err != nil {
		return err
	}
	return d.sendChoices(w, r, http.StatusOK, settingsPage{choicesFrame: choicesFrame{Seen: settings.Mark(&site)}, Typed: site})
}

func (d *Desk) sendChoices(w http.ResponseWriter, r *http.Request, status int, p settingsPage) error {
	if err := d.fillChoices(r, &p.choicesFrame, "site"); err != nil {
		return err
	}
	p.Seen = cmp.Or(p.Seen, settings.Mark(&p.Site))
	p.Zones, p.Clock = zone.Names(), p.book.Date(d.now().In(d.settings.KnownZone()), "15:04 on Monday, 2 January")
	p.Interfaces = d.interfaces(p.Typed.Interface)
	return d.send(w, status, "settings", p)
}

// chosen reads a box that is ticked or not, where the form has it.
func chosen(fields url.Values, name, before string) string {
	switch ticked(fields[name]) {
	case "yes":
		return settings.Yes
	case "no":
		return ""
	}
	return before
}

// interfaces are the languages that the pages can speak.
func (d *Desk) interfaces(chosen string) []option {
	list := []option{{"", "The one you write in, if hark speaks it", chosen == ""}, {"en", "English", chosen == "en"}}
	for _, book := range d.pages.Books() {
		list = append(list, option{book.Tag(), book.Name(), chosen == book.Tag()})
	}
	return list
}

// saveChoices keeps the settings of the site.
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
	before := site.Language
	site.About, site.Language = fields.Get("about"), fields.Get("language")
	site.Unlisted, site.Unread = chosen(fields, "unlisted", site.Unlisted), chosen(fields, "unread", site.Unread)
	if fields.Has("zone") {
		site.Zone = fields.Get("zone")
	}
	if fields.Has("interface") {
		site.Interface = fields.Get("interface")
	}
	save := func(ctx context.Context) error { return d.settings.Seeing(fields.Get(seenIn)).Save(ctx, site) }
	if site.Language == before {
		err = save(r.Context())
	} else {
		err = d.redrawing(r.Context(), d.posts.OutdateLanguage, save)
	}
	if err != nil {
		status, again := unsavedChoices(err, fields)
		if status == 0 {
			return err
		}
		return d.sendChoices(w, r, status, settingsPage{choicesFrame: again, Typed: site})
	}
	return seeOther(w, r, "/desk/settings?saved")
}
