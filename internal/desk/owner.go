package desk

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"hark/internal/auth"
	"hark/internal/page"
)

// owner lets only those in who are signed in; others are led to the login page
// and come back by it.
func (d *Desk) owner(h page.Handler) page.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		user, err := d.who(r)
		if err != nil {
			return err
		}
		if user == nil {
			next := r.URL.RequestURI()
			if r.Method != http.MethodGet && r.Method != http.MethodHead {
				next = "/desk"
			}
			return seeOther(w, r, "/login?next="+url.QueryEscape(next))
		}
		if _, err := d.settings.Zone(r.Context()); err != nil { // the times on the page are in it
			return err
		}
		return h(w, r)
	}
}

// may lets only those in who are signed in and have the right.
func (d *Desk) may(right auth.Right, h page.Handler) page.Handler {
	return d.owner(d.entitled(right, h))
}

// mayLater is may for forms whose words must not be lost.
func (d *Desk) mayLater(right auth.Right, limit int64, h page.Handler) page.Handler {
	return d.ownerLater(limit, d.entitled(right, h))
}

func (d *Desk) entitled(right auth.Right, h page.Handler) page.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		if !d.Who(r).May(right) {
			return notEntitled()
		}
		return h(w, r)
	}
}

func notEntitled() error {
	return &page.Error{Status: http.StatusForbidden, Text: "Your account may not do this. Whoever owns this site can change that, under ‘People’."}
}

// ownerLater is owner for forms whose words must not be lost. One whose session
// has ended gets a login form that carries the words; with name and password
// they come here again, and go where they were going.
func (d *Desk) ownerLater(limit int64, h page.Handler) page.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		user, err := d.who(r)
		if err != nil {
			return err
		}
		if user != nil {
			return h(w, r)
		}
		words, err := form(w, r, limit)
		if err != nil {
			return err
		}
		known, err := d.signInAgain(w, r, words)
		if known == nil {
			return err
		}
		return h(w, known)
	}
}

// signInAgain tries what the login form says that carried the words, and takes it
// out of them. Without success it answers by the next form, which carries them on.
func (d *Desk) signInAgain(w http.ResponseWriter, r *http.Request, words url.Values) (*http.Request, error) {
	name, password, code, passkey := words.Get("username"), words.Get("password"), words.Get(codeField), words.Get(passkeyField)
	asked, second, byKey := words.Has("password"), words.Has(codeField), words.Has(passkeyField)
	if !asked && !second {
		return nil, d.askAgain(w, r, loginPage{}, nil)
	}
	for _, own := range []string{"username", "password", codeField, passkeyField} {
		words.Del(own)
	}
	if byKey {
		known, err := d.signInByPasskey(w, r, passkey)
		if err != nil {
			return nil, d.askAgain(w, r, loginPage{byKey: true}, err)
		}
		return known, nil
	}
	if second {
		known, err := d.signInSecond(w, r, code)
		if err != nil {
			return nil, d.refuseCode(w, r, codePage{Action: r.URL.Path, Carried: carry(r)}, err)
		}
		return known, nil
	}
	known, err := d.signIn(w, r, name, password)
	if waits := (*auth.Pending)(nil); errors.As(err, &waits) {
		return nil, d.refuseCode(w, r, codePage{Action: r.URL.Path, Carried: carry(r)}, nil)
	}
	if err != nil {
		return nil, d.askAgain(w, r, loginPage{Username: name}, err)
	}
	return known, nil
}

// carried is a field that the login form carries through.
type carried struct{ Name, Value string }

// askAgain answers with the login form that carries what was posted.
func (d *Desk) askAgain(w http.ResponseWriter, r *http.Request, p loginPage, refusal error) error {
	p.Action, p.Carried = r.URL.Path, carry(r)
	return d.refuse(w, r, p, refusal)
}

// carry takes along what was posted.
func carry(r *http.Request) (fields []carried) {
	for field, values := range r.PostForm {
		for _, value := range values {
			fields = append(fields, carried{field, value})
		}
	}
	slices.SortStableFunc(fields, func(a, b carried) int { return strings.Compare(a.Name, b.Name) })
	return fields
}
