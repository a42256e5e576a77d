package desk

import (
	"errors"
	"net/http"

	"hark/internal/auth"
	"hark/internal/page"
)

const accountPath = "/desk/account"

// accountPage is what desk/account.html draws.
type accountPage struct {
	accountFrame
	Stays   []stay
	Others  bool // there are sessions beside this one
	Devices []stay
	Display string // as typed
	Codes   bool   // a one-time code proves as much as the password
}

// stay is a session, or a browser that is remembered.
type stay struct {
	ID, Browser, From string
	Begun, Seen       when
	Current           bool
}

// account shows where somebody is signed in.
func (d *Desk) account(w http.ResponseWriter, r *http.Request) error {
	p := accountPage{Display: d.Who(r).DisplayName}
	switch done := r.URL.Query(); {
	case done.Has("ended"):
		p.Saved = "Ended. That browser has to sign in again."
	case done.Has("alone"):
		p.Saved = "All other sessions are ended."
	case done.Has("forgotten"):
		p.Saved = "Forgotten. hark takes that browser for a new one."
	case done.Has("named"):
		p.Saved = "Saved."
	case done.Has("changed"):
		p.Saved = "The password is changed, and all other sessions are ended."
	}
	return d.sendAccount(w, r, http.StatusOK, p)
}

func (d *Desk) sendAccount(w http.ResponseWriter, r *http.Request, status int, p accountPage) error {
	if err := d.fillAccount(r, &p.accountFrame, "account"); err != nil {
		return err
	}
	codes, err := d.gate.Codes(r.Context(), p.User.ID)
	if err != nil {
		return err
	}
	p.Codes = codes.On
	stays, err := d.gate.Sessions(r.Context(), p.User.ID, page.Cookie(r, d.cookies.session))
	if err != nil {
		return err
	}
	for _, one := range stays {
		p.Stays = append(p.Stays, stay{one.ID, capital(browser(one.Agent)), fromWhere(one.Address), d.when(one.Begun), d.when(one.Seen), one.Current})
		p.Others = p.Others || !one.Current
	}
	devices, err := d.gate.Devices(r.Context(), p.User.ID, page.Cookie(r, d.cookies.device))
	if err != nil {
		return err
	}
	for _, one := range devices {
		drawn := stay{one.ID, capital(browser(one.Agent)), fromWhere(one.Address), d.when(one.Since), d.when(one.Seen), one.Current}
		if one.Agent == "" && one.Address == "" { // from before hark kept them
			drawn.Browser, drawn.From = "A browser", ""
		}
		p.Devices = append(p.Devices, drawn)
	}
	return d.send(w, status, "account", p)
}

// endSession ends one session of the account, or all but this one.
func (d *Desk) endSession(w http.ResponseWriter, r *http.Request) error {
	fields, err := form(w, r, formLimit)
	if err != nil {
		return err
	}
	user := d.Who(r)
	if fields.Get("do") == "others" {
		if _, err := d.gate.EndOthers(r.Context(), user.ID, page.Cookie(r, d.cookies.session), from(r), r.UserAgent()); err != nil {
			return err
		}
		return seeOther(w, r, accountPath+"?alone")
	}
	err = d.gate.EndSession(r.Context(), user.ID, fields.Get("end"), from(r), r.UserAgent())
	if errors.Is(err, auth.ErrNoSession) {
		return d.sendAccount(w, r, http.StatusNotFound, accountPage{Display: user.DisplayName, accountFrame: accountFrame{Problem: "That session has ended already."}})
	}
	if err != nil {
		return err
	}
	return seeOther(w, r, accountPath+"?ended")
}

// forgetDevice has a browser be a new one.
func (d *Desk) forgetDevice(w http.ResponseWriter, r *http.Request) error {
	fields, err := form(w, r, formLimit)
	if err != nil {
		return err
	}
	user := d.Who(r)
	err = d.gate.ForgetDevice(r.Context(), user.ID, fields.Get("forget"))
	if errors.Is(err, auth.ErrNoDevice) {
		return d.sendAccount(w, r, http.StatusNotFound, accountPage{Display: user.DisplayName, accountFrame: accountFrame{Problem: "That browser is forgotten already."}})
	}
	if err != nil {
		return err
	}
	return seeOther(w, r, accountPath+"?forgotten")
}

// rename changes the name that is shown.
func (d *Desk) rename(w http.ResponseWriter, r *http.Request) error {
	fields, err := form(w, r, formLimit)
	if err != nil {
		return err
	}
	display := fields.Get("display")
	err = d.gate.Rename(r.Context(), d.Who(r).ID, display)
	if invalid := (*auth.Invalid)(nil); errors.As(err, &invalid) {
		return d.sendAccount(w, r, http.StatusUnprocessableEntity, accountPage{Display: display, accountFrame: accountFrame{Wrong: wrong{invalid.Field: invalid.Text}}})
	}
	if err != nil {
		return err
	}
	return seeOther(w, r, accountPath+"?named")
}

// changePassword gives the account another password.
func (d *Desk) changePassword(w http.ResponseWriter, r *http.Request) error {
	fields, err := form(w, r, formLimit)
	if err != nil {
		return err
	}
	user := d.Who(r)
	again := accountPage{Display: user.DisplayName}
	err = d.gate.ChangePassword(r.Context(), user, page.Cookie(r, d.cookies.session), fields.Get("present"), fields.Get("new"), page.Cookie(r, d.cookies.device), auth.Also{Apps: fields.Has("apps"), Passkeys: fields.Has("passkeys")}, from(r), r.UserAgent())
	if invalid := (*auth.Invalid)(nil); errors.As(err, &invalid) {
		again.Wrong = wrong{invalid.Field: invalid.Text}
		return d.sendAccount(w, r, http.StatusUnprocessableEntity, again)
	}
	if err != nil {
		status, f := unproven(w, err)
		if status == 0 {
			return err
		}
		again.accountFrame = f
		return d.sendAccount(w, r, status, again)
	}
	return seeOther(w, r, accountPath+"?changed")
}

// putAway remembers that somebody was told of a new browser.
func (d *Desk) putAway(w http.ResponseWriter, r *http.Request) error {
	fields, err := form(w, r, formLimit)
	if err != nil {
		return err
	}
	if !fields.Has("told") {
		return &page.Error{Status: http.StatusBadRequest}
	}
	if err := d.gate.Told(r.Context(), d.Who(r).ID, page.Cookie(r, d.cookies.device), fields.Get("told")); err != nil {
		return err
	}
	return seeOther(w, r, ownPath(fields.Get("back")))
}
