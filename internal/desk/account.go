package desk

import (
	"errors"
	"net/http"

	"hark/internal/auth"
)

// accountFrame is what all pages of the account show around their own.
type accountFrame struct {
	frame
	Part    string // the word of the tab that is current
	Wrong   wrong
	Problem string
	Saved   string // what was done, in a sentence
}

// fillAccount makes the frame of a page of the account.
func (d *Desk) fillAccount(r *http.Request, f *accountFrame, part string) (err error) {
	f.Part = part
	f.frame, err = d.frame(r, "Account", "account")
	return err
}

// unproven is how a form comes back whose proof was not taken; the status is zero
// where it cannot come back at all.
func unproven(w http.ResponseWriter, err error) (status int, f accountFrame) {
	switch throttled := (*auth.Throttled)(nil); {
	case errors.Is(err, auth.ErrRefused):
		return http.StatusUnauthorized, accountFrame{Wrong: wrong{"proof": "That is neither the password nor the current code. Each code counts once."}}
	case errors.As(err, &throttled):
		return http.StatusTooManyRequests, accountFrame{Problem: tooMany(w, throttled)}
	}
	return 0, accountFrame{}
}
