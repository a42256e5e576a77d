package desk

import (
	"context"
	"errors"
	"net/http"
	"net/url"

	"github.com/go-chi/chi/v5"

	"hark/internal/auth"
	"hark/internal/page"
)

const peoplePath = "/desk/people"

// peoplePage is what desk/people.html draws.
type peoplePage struct {
	frame
	People      []person
	Invitations []invitation
	Roles       []option
	Link        string // of a new invitation, this once
	Problem     string
	Saved       string
}

// person is somebody who may write, or might.
type person struct {
	ID, Name, Display string
	Role              string
	Roles             []option
	Since, Seen       when
	Off               when // empty for who is on
	You               bool
}

// invitation is a link that waits for somebody.
type invitation struct{ ID, Role, By, Until string }

var roles = []named[string]{{auth.Author, "author"}, {auth.Editor, "editor"}, {auth.Owner, "owner"}}

// people lists who may write.
func (d *Desk) people(w http.ResponseWriter, r *http.Request) error {
	var p peoplePage
	switch done := r.URL.Query(); {
	case done.Has("changed"):
		p.Saved = "Changed."
	case done.Has("off"):
		p.Saved = "Switched off. Sessions are ended and tokens revoked; what was written stays."
	case done.Has("on"):
		p.Saved = "Switched on. The password is the one of before; apps need new tokens."
	case done.Has("back"):
		p.Saved = "Taken back. That invitation opens nothing any more."
	}
	return d.sendPeople(w, r, http.StatusOK, p)
}

func (d *Desk) sendPeople(w http.ResponseWriter, r *http.Request, status int, p peoplePage) (err error) {
	if p.frame, err = d.frame(r, "People", "people"); err != nil {
		return err
	}
	p.Roles = options(roles, auth.Author)
	list, err := d.gate.People(r.Context())
	if err != nil {
		return err
	}
	for _, one := range list {
		p.People = append(p.People, person{
			ID: one.ID, Name: one.Name, Display: one.DisplayName, Role: one.Role, Roles: options(roles, one.Role),
			Since: d.when(one.Created), Seen: d.when(one.Seen), Off: d.when(one.Off), You: one.ID == p.User.ID,
		})
	}
	open, err := d.gate.Invitations(r.Context())
	if err != nil {
		return err
	}
	for _, one := range open {
		p.Invitations = append(p.Invitations, invitation{one.ID, one.Role, one.By, one.Expires.In(d.settings.KnownZone()).Format(minutely)})
	}
	return d.send(w, status, "people", p)
}

// freshPeople asks once more who it is before anybody's rights are changed.
func (d *Desk) freshPeople(w http.ResponseWriter, r *http.Request) (known bool, err error) {
	if known, err = d.isFresh(r); err != nil || known {
		return known, err
	}
	return false, d.askProof(w, r, peoplePath)
}

// invite makes an invitation and shows its link, this once.
func (d *Desk) invite(w http.ResponseWriter, r *http.Request) error {
	fields, err := form(w, r, formLimit)
	if err != nil {
		return err
	}
	if known, err := d.freshPeople(w, r); err != nil || !known {
		return err
	}
	token, err := d.gate.Invite(r.Context(), d.Who(r), fields.Get("role"))
	if err != nil {
		return d.unchangedPerson(w, r, err)
	}
	return d.sendPeople(w, r, http.StatusOK, peoplePage{Link: d.url + "/invite?" + url.Values{"token": {token}}.Encode()})
}

// takeInvitationBack has an invitation open nothing.
func (d *Desk) takeInvitationBack(w http.ResponseWriter, r *http.Request) error {
	fields, err := form(w, r, formLimit)
	if err != nil {
		return err
	}
	if fields.Get("do") != "remove" {
		return &page.Error{Status: http.StatusBadRequest}
	}
	if err := d.gate.TakeBack(r.Context(), chi.URLParam(r, "id")); err != nil {
		return d.unchangedPerson(w, r, err)
	}
	return seeOther(w, r, peoplePath+"?back")
}

// changePerson changes what somebody may do, or switches them off or on.
func (d *Desk) changePerson(w http.ResponseWriter, r *http.Request) error {
	fields, err := form(w, r, formLimit)
	if err != nil {
		return err
	}
	if known, err := d.freshPeople(w, r); err != nil || !known {
		return err
	}
	id, by, done := chi.URLParam(r, "id"), d.Who(r), fields.Get("do")
	switch done {
	case "role":
		done, err = "changed", d.setRole(r, by, id, fields.Get("role"))
	case "off":
		err = d.here(r).SwitchOff(r.Context(), by, id)
	case "on":
		err = d.here(r).SwitchOn(r.Context(), by, id)
	default:
		return &page.Error{Status: http.StatusBadRequest}
	}
	if err != nil {
		return d.unchangedPerson(w, r, err)
	}
	return seeOther(w, r, peoplePath+"?"+done)
}

// setRole gives somebody a role, which says whether HTML in their posts is HTML.
func (d *Desk) setRole(r *http.Request, by *auth.User, id, role string) error {
	return d.redrawing(r.Context(),
		func(ctx context.Context) error { return d.posts.OutdateAuthor(ctx, id) },
		func(ctx context.Context) error { return d.here(r).SetRole(ctx, by, id, role) })
}

// redrawing makes a change after which some posts have to be made anew. They are marked
// before it, for the next start where hark is stopped in between, and after it, with
// those that were saved meanwhile.
func (d *Desk) redrawing(ctx context.Context, outdate, change func(context.Context) error) error {
	for _, step := range []func(context.Context) error{outdate, change, outdate} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return d.posts.Renew(ctx)
}

// unchangedPerson answers with the list, and why nothing was done.
func (d *Desk) unchangedPerson(w http.ResponseWriter, r *http.Request, err error) error {
	invalid := (*auth.Invalid)(nil)
	switch {
	case errors.As(err, &invalid):
		return d.sendPeople(w, r, http.StatusUnprocessableEntity, peoplePage{Problem: invalid.Text})
	case errors.Is(err, auth.ErrNoUser):
		return d.sendPeople(w, r, http.StatusNotFound, peoplePage{Problem: "Nothing was done: that was done already, or there is no such person."})
	case errors.Is(err, auth.ErrNoLink):
		return d.sendPeople(w, r, http.StatusNotFound, peoplePage{Problem: "That invitation was used, has expired or was taken back already."})
	case errors.Is(err, auth.ErrNoRight):
		return notEntitled()
	}
	return err
}
