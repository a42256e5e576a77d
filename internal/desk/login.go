package desk

import (
	"errors"
	"math"
	"net/http"
	"strconv"
	"time"

	"hark/internal/auth"
	"hark/internal/database"
	"hark/internal/page"
)

// loginPage is what desk/login.html draws.
type loginPage struct {
	frame
	Action   string
	Next     string
	Username string
	Problem  string    // why the last try was refused
	Carried  []carried // what was being written meanwhile
	NoOwner  bool
	Passkeys bool // there can be some
	byKey    bool // it was tried with one
}

// login shows the login page.
func (d *Desk) login(w http.ResponseWriter, r *http.Request) error {
	next := ownPath(r.URL.Query().Get("next"))
	user, err := d.who(r)
	if err != nil {
		return err
	}
	if user != nil {
		return seeOther(w, r, next)
	}
	p := loginPage{Action: "/login", Next: next}
	has, err := d.gate.HasOwner(r.Context())
	if err != nil {
		return err
	}
	p.NoOwner = !has
	return d.sendLogin(w, r, http.StatusOK, p)
}

func (d *Desk) sendLogin(w http.ResponseWriter, r *http.Request, status int, p loginPage) (err error) {
	p.Passkeys = d.passkeys.Able()
	if p.frame, err = d.frame(r, "Sign in", ""); err != nil {
		return err
	}
	return d.send(w, status, "login", p)
}

// enter begins a session.
func (d *Desk) enter(w http.ResponseWriter, r *http.Request) error {
	fields, err := form(w, r, formLimit)
	if err != nil {
		return err
	}
	next := ownPath(fields.Get("next"))
	if fields.Has(passkeyField) {
		if _, err := d.signInByPasskey(w, r, fields.Get(passkeyField)); err != nil {
			return d.refuse(w, r, loginPage{Action: "/login", Next: next, byKey: true}, err)
		}
		return seeOther(w, r, next)
	}
	_, err = d.signIn(w, r, fields.Get("username"), fields.Get("password"))
	if waits := (*auth.Pending)(nil); errors.As(err, &waits) {
		return seeOther(w, r, codePath(next))
	}
	if err != nil {
		return d.refuse(w, r, loginPage{Action: "/login", Next: next, Username: fields.Get("username")}, err)
	}
	return seeOther(w, r, next)
}

// leave ends the session.
func (d *Desk) leave(w http.ResponseWriter, r *http.Request) error {
	if token := page.Cookie(r, d.cookies.session); token != "" {
		if err := d.gate.Logout(r.Context(), token, from(r)); err != nil {
			return err
		}
	}
	d.cookies.Forget(w, d.cookies.session)
	return seeOther(w, r, "/")
}

// refuse answers a failed try, or one to write after the session has ended.
func (d *Desk) refuse(w http.ResponseWriter, r *http.Request, p loginPage, refusal error) error {
	status := http.StatusUnauthorized
	switch throttled := (*auth.Throttled)(nil); {
	case errors.Is(refusal, auth.ErrNoPending):
		p.Problem = "That took longer than five minutes, or was done already. Sign in from the beginning."
	case refusal == nil:
		p.Problem = "You were signed out meanwhile. What you wrote is kept in this page: sign in, and it goes on its way."
	case errors.Is(refusal, auth.ErrRefused) && p.byKey:
		p.Problem = "That passkey opens nothing here. If it was removed, sign in with name and password, and add it again."
	case errors.Is(refusal, auth.ErrRefused):
		p.Problem = "That name and password do not belong together. After five tries this door rests for a minute."
	case errors.As(refusal, &throttled):
		status, p.Problem = http.StatusTooManyRequests, tooMany(w, throttled)
	case errors.Is(refusal, database.ErrFull):
		status, p.Problem = http.StatusInsufficientStorage, noRoomToSignIn
	default:
		return refusal
	}
	return d.sendLogin(w, r, status, p)
}

// noRoomToSignIn is said where the disk has no room for another session.
const noRoomToSignIn = "The disk is full, so nobody can sign in. What you wrote is kept in this page: make room on the disk, then sign in."

// tooMany says to program and person when to come back.
func tooMany(w http.ResponseWriter, throttled *auth.Throttled) string {
	seconds := int(math.Ceil(throttled.RetryAfter.Seconds()))
	w.Header().Set("Retry-After", strconv.Itoa(max(seconds, 1)))
	return "There were too many tries, so this one was not looked at. Wait " + waiting(throttled.RetryAfter) + ", then try again."
}

// waiting is how long to wait, for people.
func waiting(d time.Duration) string {
	if d <= 90*time.Second {
		return plural(max(int(math.Ceil(d.Seconds())), 1), "second")
	}
	return plural(int(math.Ceil(d.Minutes())), "minute")
}

// ownPath is next if it is a path of ours, else the desk.
func ownPath(next string) string {
	if page.OwnPath(next) {
		return next
	}
	return "/desk/write"
}
