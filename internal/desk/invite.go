package desk

import (
	"errors"
	"net/http"

	"hark/internal/auth"
)

// invitePage is what desk/invite.html draws.
type invitePage struct {
	frame
	Token, Name, Username string
	Role                  string
	Wrong                 wrong
}

// usedPage is what desk/used.html draws: a link that opens nothing.
type usedPage struct {
	frame
	Text string
}

// invited shows the form to who holds an invitation.
func (d *Desk) invited(w http.ResponseWriter, r *http.Request) error {
	return d.sendInvite(w, r, http.StatusOK, invitePage{Token: r.URL.Query().Get("token")})
}

func (d *Desk) sendInvite(w http.ResponseWriter, r *http.Request, status int, p invitePage) (err error) {
	p.Role, err = d.gate.Invited(r.Context(), p.Token)
	if errors.Is(err, auth.ErrNoLink) {
		return d.usedLink(w, r, http.StatusForbidden, usedInvitation)
	}
	if err != nil {
		return err
	}
	if p.frame, err = d.door(r, "You are invited"); err != nil {
		return err
	}
	return d.send(w, status, "invite", p)
}

const usedInvitation = "An invitation works once, and for a week. It was used, has expired, or was taken back. Ask whoever sent it for another."

// acceptInvitation makes the account and signs in.
func (d *Desk) acceptInvitation(w http.ResponseWriter, r *http.Request) error {
	fields, err := form(w, r, formLimit)
	if err != nil {
		return err
	}
	p := invitePage{Token: fields.Get("token"), Name: fields.Get("name"), Username: fields.Get("username")}
	_, err = d.gate.Accept(r.Context(), p.Token, p.Username, p.Name, fields.Get("password"), from(r))
	throttled := (*auth.Throttled)(nil)
	switch {
	case errors.As(err, &throttled):
		return d.usedLink(w, r, http.StatusTooManyRequests, tooMany(w, throttled))
	case errors.Is(err, auth.ErrNoLink):
		return d.usedLink(w, r, http.StatusForbidden, usedInvitation)
	}
	if p.Wrong = setupMistake(err); p.Wrong != nil {
		return d.sendInvite(w, r, http.StatusUnprocessableEntity, p)
	}
	if err != nil {
		return err
	}
	if _, err := d.signIn(w, r, p.Username, fields.Get("password")); err != nil {
		return err
	}
	return seeOther(w, r, "/desk/write")
}

// usedLink answers one whose link opens nothing.
func (d *Desk) usedLink(w http.ResponseWriter, r *http.Request, status int, text string) error {
	f, err := d.door(r, "This link opens nothing")
	if err != nil {
		return err
	}
	return d.send(w, status, "used", usedPage{f, text})
}

// door is the frame of a page for who is not signed in, or is not meant as such.
func (d *Desk) door(r *http.Request, title string) (frame, error) {
	site, err := d.settings.Site(r.Context())
	book := d.spoken(site)
	return frame{book: book, Site: site, Title: book.Say(title)}, err
}
