package desk

import (
	"errors"
	"net/http"
	"strings"

	"hark/internal/auth"
	"hark/internal/settings"
	"hark/internal/zone"
)

// setupPage is what desk/setup.html draws.
type setupPage struct {
	frame
	URL                                        string
	Token, Name, Username, Called, Description string
	Zone                                       string
	Zones                                      []string // to choose among
	Wrong                                      wrong
}

// setup shows the form of the first visit to who holds the link.
func (d *Desk) setup(w http.ResponseWriter, r *http.Request) error {
	token := r.URL.Query().Get("token")
	if !d.gate.ValidSetup(r.Context(), token) {
		return d.noSetup(w, r)
	}
	return d.sendSetup(w, r, http.StatusOK, setupPage{Token: token})
}

func (d *Desk) sendSetup(w http.ResponseWriter, r *http.Request, status int, p setupPage) (err error) {
	p.URL, p.Zones = d.url, zone.Names()
	if p.frame, err = d.frame(r, "Set up hark", ""); err != nil {
		return err
	}
	return d.send(w, status, "setup", p)
}

// closedPage is what desk/closed.html draws.
type closedPage struct {
	frame
	HasOwner bool
}

// noSetup answers one whose link opens nothing.
func (d *Desk) noSetup(w http.ResponseWriter, r *http.Request) (err error) {
	var p closedPage
	if p.HasOwner, err = d.gate.HasOwner(r.Context()); err != nil {
		return err
	}
	if p.frame, err = d.frame(r, "This link opens nothing", ""); err != nil {
		return err
	}
	return d.send(w, http.StatusForbidden, "closed", p)
}

// makeOwner makes the owner's account, keeps what the site is called, and leads
// straight to the editor.
func (d *Desk) makeOwner(w http.ResponseWriter, r *http.Request) error {
	fields, err := form(w, r, formLimit)
	if err != nil {
		return err
	}
	p := setupPage{
		Token: fields.Get("token"), Name: fields.Get("name"), Username: fields.Get("username"),
		Called: fields.Get("title"), Description: fields.Get("description"), Zone: strings.TrimSpace(fields.Get("zone")),
	}
	err = d.open(r, p, fields.Get("password"))
	if errors.Is(err, auth.ErrNoSetup) || errors.Is(err, auth.ErrHasOwner) {
		return d.noSetup(w, r)
	}
	if p.Wrong = setupMistake(err); p.Wrong != nil {
		return d.sendSetup(w, r, http.StatusUnprocessableEntity, p)
	}
	if err != nil {
		return err
	}
	if _, err := d.signIn(w, r, p.Username, fields.Get("password")); err != nil {
		return err
	}
	return seeOther(w, r, "/desk/write")
}

// open does what the form asks. The settings come first: they can be saved
// again, while the link works once.
func (d *Desk) open(r *http.Request, p setupPage, password string) error {
	ctx := r.Context()
	if !d.gate.ValidSetup(ctx, p.Token) {
		return auth.ErrNoSetup
	}
	site, err := d.settings.Site(ctx)
	if err != nil {
		return err
	}
	site.Title, site.Description, site.Author = p.Called, p.Description, p.Name
	if p.Zone != "" {
		site.Zone = p.Zone
	}
	if err := d.settings.Save(ctx, site); err != nil {
		return err
	}
	_, err = d.gate.Setup(ctx, p.Token, p.Username, p.Name, password)
	return err
}

// setupMistake finds the field of the form that an error is about.
func setupMistake(err error) wrong {
	if person := (*auth.Invalid)(nil); errors.As(err, &person) {
		field := map[string]string{"name": "username", "display": "name", "password": "password"}[person.Field]
		return wrong{field: person.Text}
	}
	if site := (*settings.Invalid)(nil); errors.As(err, &site) {
		field := site.Field
		if field == "author" {
			field = "name"
		}
		return wrong{field: site.Text}
	}
	return nil
}
