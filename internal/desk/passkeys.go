package desk

import (
	"errors"
	"net/http"
	"strconv"

	"github.com/go-chi/chi/v5"

	"hark/internal/auth"
	"hark/internal/page"
)

const passkeysPath = "/desk/account/passkeys"

// passkeyField is the field in which the script of the login page sends what the
// browser says that holds a passkey. No form whose words are carried through has
// one of that name.
const passkeyField = "login_passkey"

// passkeysPage is what desk/passkeys.html draws.
type passkeysPage struct {
	accountFrame
	Able bool
	URL  string
	Keys []keyRow
}

// keyRow is one passkey.
type keyRow struct {
	ID, Name   string
	Made, Used when
}

// newPasskeyPage is what desk/newpasskey.html draws.
type newPasskeyPage struct {
	accountFrame
	Name string
}

// listPasskeys shows the passkeys of who is signed in.
func (d *Desk) listPasskeys(w http.ResponseWriter, r *http.Request) error {
	return d.sendPasskeys(w, r, http.StatusOK, accountFrame{})
}

func (d *Desk) sendPasskeys(w http.ResponseWriter, r *http.Request, status int, f accountFrame) error {
	p := passkeysPage{accountFrame: f, Able: d.passkeys.Able(), URL: d.url}
	switch done := r.URL.Query(); {
	case done.Has("added"):
		p.Saved = "The passkey is added. It opens this site from now on."
	case done.Has("removed"):
		p.Saved = "The passkey is removed. It opens nothing any more."
	}
	if err := d.fillAccount(r, &p.accountFrame, "passkeys"); err != nil {
		return err
	}
	if d.passkeys != nil {
		list, err := d.passkeys.List(r.Context(), p.User.ID)
		if err != nil {
			return err
		}
		for _, one := range list {
			p.Keys = append(p.Keys, keyRow{ID: one.ID, Name: one.Name, Made: d.when(one.Created), Used: d.when(one.Used)})
		}
	}
	return d.send(w, status, "passkeys", p)
}

// changePasskey renames or removes a passkey.
func (d *Desk) changePasskey(w http.ResponseWriter, r *http.Request) error {
	fields, err := form(w, r, formLimit)
	if err != nil {
		return err
	}
	if d.passkeys == nil {
		return &page.Error{Status: http.StatusNotFound}
	}
	id, user, done := chi.URLParam(r, "id"), d.Who(r), passkeysPath
	switch fields.Get("do") {
	case "rename":
		err = d.passkeys.Rename(r.Context(), user.ID, id, fields.Get("name"))
	case "remove":
		err, done = d.passkeys.From(from(r), r.UserAgent()).Remove(r.Context(), user.ID, id), passkeysPath+"?removed"
	default:
		return &page.Error{Status: http.StatusBadRequest}
	}
	switch invalid := (*auth.Invalid)(nil); {
	case errors.Is(err, auth.ErrNoPasskey):
		return &page.Error{Status: http.StatusNotFound, Err: err}
	case errors.As(err, &invalid):
		return d.sendPasskeys(w, r, http.StatusUnprocessableEntity, accountFrame{Wrong: wrong{invalid.Field: invalid.Text}})
	case err != nil:
		return err
	}
	return seeOther(w, r, done)
}

// newPasskey shows the form by which a passkey is added.
func (d *Desk) newPasskey(w http.ResponseWriter, r *http.Request) error {
	return d.sendNewPasskey(w, r, http.StatusOK, newPasskeyPage{})
}

func (d *Desk) sendNewPasskey(w http.ResponseWriter, r *http.Request, status int, p newPasskeyPage) error {
	if !d.passkeys.Able() {
		return seeOther(w, r, passkeysPath)
	}
	if err := d.fillAccount(r, &p.accountFrame, "passkeys"); err != nil {
		return err
	}
	return d.send(w, status, "newpasskey", p)
}

// beginPasskey asks the browser to make a passkey.
func (d *Desk) beginPasskey(w http.ResponseWriter, r *http.Request) error {
	if !d.passkeys.Able() {
		return &page.Error{Status: http.StatusNotFound}
	}
	known, err := d.isFresh(r)
	if err != nil {
		return err
	}
	if !known {
		return &page.Error{Status: http.StatusForbidden, Text: "This page has stood open for a while. Load it anew: then hark asks once more whether it is you."}
	}
	c, err := d.passkeys.BeginAdd(r.Context(), d.Who(r))
	if invalid := (*auth.Invalid)(nil); errors.As(err, &invalid) {
		return &page.Error{Status: http.StatusUnprocessableEntity, Text: invalid.Text}
	}
	if err != nil {
		return err
	}
	return d.sendCeremony(w, c)
}

// addPasskey keeps what the browser made.
func (d *Desk) addPasskey(w http.ResponseWriter, r *http.Request) error {
	fields, err := form(w, r, formLimit)
	if err != nil {
		return err
	}
	if !d.passkeys.Able() {
		return seeOther(w, r, passkeysPath)
	}
	name := fields.Get("name")
	err = d.passkeys.From(from(r), r.UserAgent()).Add(r.Context(), d.Who(r), page.Cookie(r, d.cookies.ceremony), []byte(fields.Get("passkey")), name)
	d.cookies.Forget(w, d.cookies.ceremony)
	if invalid := (*auth.Invalid)(nil); errors.As(err, &invalid) {
		return d.sendNewPasskey(w, r, http.StatusUnprocessableEntity, newPasskeyPage{accountFrame{Wrong: wrong{invalid.Field: invalid.Text}}, name})
	}
	if err != nil {
		return err
	}
	return seeOther(w, r, passkeysPath+"?added")
}

// askPasskey asks the browser at the login page for a passkey.
func (d *Desk) askPasskey(w http.ResponseWriter, r *http.Request) error {
	if !d.passkeys.Able() {
		return &page.Error{Status: http.StatusNotFound}
	}
	c, err := d.passkeys.BeginLogin(r.Context(), from(r))
	if throttled := (*auth.Throttled)(nil); errors.As(err, &throttled) {
		return &page.Error{Status: http.StatusTooManyRequests, Text: tooMany(w, throttled)}
	}
	if err != nil {
		return err
	}
	return d.sendCeremony(w, c)
}

// sendCeremony gives the script what the browser is asked.
func (d *Desk) sendCeremony(w http.ResponseWriter, c *auth.Ceremony) error {
	d.cookies.Set(w, d.cookies.ceremony, c.Token, c.Expires.Sub(d.now()))
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(c.Options)))
	w.Write(c.Options)
	return nil
}
