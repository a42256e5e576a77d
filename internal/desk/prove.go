package desk

import (
	"net/http"
	"net/url"

	"hark/internal/page"
)

// provePage is what desk/prove.html draws.
type provePage struct {
	accountFrame
	Next  string
	Codes bool // a one-time code will do, too
}

// fresh lets those on who have shown within ten minutes who they are. Others are
// asked for their password, and come back.
func (d *Desk) fresh(h page.Handler) page.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		known, err := d.isFresh(r)
		if err != nil {
			return err
		}
		if !known {
			return d.askProof(w, r, r.URL.RequestURI())
		}
		return h(w, r)
	}
}

func (d *Desk) isFresh(r *http.Request) (bool, error) {
	return d.gate.Fresh(r.Context(), page.Cookie(r, d.cookies.session))
}

func (d *Desk) askProof(w http.ResponseWriter, r *http.Request, next string) error {
	return seeOther(w, r, "/desk/account/prove?next="+url.QueryEscape(next))
}

// prove asks whether it is still the same person.
func (d *Desk) prove(w http.ResponseWriter, r *http.Request) error {
	return d.sendProof(w, r, http.StatusOK, provePage{Next: ownPath(r.URL.Query().Get("next"))})
}

func (d *Desk) sendProof(w http.ResponseWriter, r *http.Request, status int, p provePage) error {
	if err := d.fillAccount(r, &p.accountFrame, ""); err != nil {
		return err
	}
	codes, err := d.gate.Codes(r.Context(), p.User.ID)
	if err != nil {
		return err
	}
	p.Codes = codes.On
	if p.Wrong.Of("proof") != nil && !codes.On {
		p.Wrong = wrong{"proof": "That is not your password."}
	}
	return d.send(w, status, "prove", p)
}

// checkProof looks at the answer.
func (d *Desk) checkProof(w http.ResponseWriter, r *http.Request) error {
	fields, err := form(w, r, formLimit)
	if err != nil {
		return err
	}
	next := ownPath(fields.Get("next"))
	err = d.here(r).Prove(r.Context(), d.Who(r), page.Cookie(r, d.cookies.session), fields.Get("proof"), page.Cookie(r, d.cookies.device), from(r))
	if err != nil {
		status, again := unproven(w, err)
		if status == 0 {
			return err
		}
		return d.sendProof(w, r, status, provePage{accountFrame: again, Next: next})
	}
	return seeOther(w, r, next)
}
