package desk

import (
	"errors"
	"net/http"
	"net/url"

	"hark/internal/auth"
	"hark/internal/database"
	"hark/internal/page"
)

// codeField is the field of the code that is asked for after the password. Its
// name is one that no form has whose words are carried through.
const codeField = "login_code"

// codePage is what desk/code.html draws.
type codePage struct {
	frame
	Action  string
	Next    string
	Name    string // who is signing in
	Problem string
	Carried []carried
}

func codePath(next string) string { return "/login/code?next=" + url.QueryEscape(next) }

// code asks for the code that belongs to a password.
func (d *Desk) code(w http.ResponseWriter, r *http.Request) error {
	next := ownPath(r.URL.Query().Get("next"))
	user, err := d.who(r)
	if err != nil {
		return err
	}
	if user != nil {
		return seeOther(w, r, next)
	}
	waiting, err := d.gate.Pending(r.Context(), page.Cookie(r, d.cookies.pending))
	if errors.Is(err, auth.ErrNoPending) {
		return seeOther(w, r, "/login?next="+url.QueryEscape(next))
	}
	if err != nil {
		return err
	}
	return d.sendCode(w, r, http.StatusOK, codePage{Action: "/login/code", Next: next, Name: waiting.Name})
}

func (d *Desk) sendCode(w http.ResponseWriter, r *http.Request, status int, p codePage) (err error) {
	if p.frame, err = d.frame(r, "Sign in", ""); err != nil {
		return err
	}
	return d.send(w, status, "code", p)
}

// enterCode begins the session.
func (d *Desk) enterCode(w http.ResponseWriter, r *http.Request) error {
	fields, err := form(w, r, formLimit)
	if err != nil {
		return err
	}
	next := ownPath(fields.Get("next"))
	if _, err := d.signInSecond(w, r, fields.Get(codeField)); err != nil {
		return d.refuseCode(w, r, codePage{Action: "/login/code", Next: next}, err)
	}
	return seeOther(w, r, next)
}

// refuseCode answers a code that was not taken, or, with no refusal, asks for one
// in the middle of something.
func (d *Desk) refuseCode(w http.ResponseWriter, r *http.Request, p codePage, refusal error) error {
	status := http.StatusUnauthorized
	switch throttled := (*auth.Throttled)(nil); {
	case refusal == nil:
	case errors.Is(refusal, auth.ErrNoPending):
		action := p.Action
		if len(p.Carried) == 0 {
			action = "/login"
		}
		return d.refuse(w, r, loginPage{Action: action, Next: p.Next, Carried: p.Carried}, refusal)
	case errors.Is(refusal, auth.ErrRefused):
		p.Problem = "That is not the current code, or it was used already. Each counts once: wait for the next."
	case errors.As(refusal, &throttled):
		status, p.Problem = http.StatusTooManyRequests, tooMany(w, throttled)
	case errors.Is(refusal, database.ErrFull):
		status, p.Problem = http.StatusInsufficientStorage, noRoomToSignIn
	default:
		return refusal
	}
	if waiting, err := d.gate.Pending(r.Context(), page.Cookie(r, d.cookies.pending)); err == nil {
		p.Name = waiting.Name
	}
	return d.sendCode(w, r, status, p)
}
