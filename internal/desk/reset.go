package desk

import (
	"errors"
	"net/http"

	"hark/internal/auth"
	"hark/internal/page"
)

// resetPage is what desk/reset.html draws.
type resetPage struct {
	frame
	Token, Name string
	Wrong       wrong
}

const usedReset = "A link for a new password works once, and for an hour. Whoever has the machine can make another: hark user reset NAME."

// reset shows the form to who holds the link for a new password.
func (d *Desk) reset(w http.ResponseWriter, r *http.Request) error {
	return d.sendReset(w, r, http.StatusOK, resetPage{Token: r.URL.Query().Get("token")})
}

func (d *Desk) sendReset(w http.ResponseWriter, r *http.Request, status int, p resetPage) error {
	user, err := d.gate.ResetOf(r.Context(), p.Token)
	if errors.Is(err, auth.ErrNoLink) {
		return d.usedLink(w, r, http.StatusForbidden, usedReset)
	}
	if err != nil {
		return err
	}
	p.Name = user.Name
	if p.frame, err = d.door(r, "A new password"); err != nil {
		return err
	}
	return d.send(w, status, "reset", p)
}

// choosePassword keeps the new password, and signs in.
func (d *Desk) choosePassword(w http.ResponseWriter, r *http.Request) error {
	fields, err := form(w, r, formLimit)
	if err != nil {
		return err
	}
	p := resetPage{Token: fields.Get("token")}
	s, err := d.gate.ChoosePassword(r.Context(), p.Token, fields.Get("password"), page.Cookie(r, d.cookies.device), from(r), r.UserAgent())
	throttled, invalid := (*auth.Throttled)(nil), (*auth.Invalid)(nil)
	switch {
	case errors.As(err, &throttled):
		return d.usedLink(w, r, http.StatusTooManyRequests, tooMany(w, throttled))
	case errors.Is(err, auth.ErrNoLink):
		return d.usedLink(w, r, http.StatusForbidden, usedReset)
	case errors.As(err, &invalid):
		p.Wrong = wrong{invalid.Field: invalid.Text}
		return d.sendReset(w, r, http.StatusUnprocessableEntity, p)
	case err != nil:
		return err
	}
	d.letIn(w, r, s)
	return seeOther(w, r, accountPath+"?changed")
}
