package desk

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"

	"hark/internal/mail"
	"hark/internal/settings"
)

// lettersPage is what desk/letters.html draws.
type lettersPage struct {
	choicesFrame
	Typed      settings.Letters // its password is one that was typed, never one that is kept
	Every      []option
	Securities []option
	Kept       bool // there is a password
}

var everies = []named[string]{
	{settings.Never, "Never"}, {settings.Hourly, "Once an hour at most"}, {settings.Daily, "Once a day at most, at seven in the morning"},
}

var securities = []named[string]{
	{"starttls", "STARTTLS, mostly at port 587"}, {"tls", "TLS from the start, mostly at port 465"}, {"none", "None, for a server on this machine"},
}

// letters shows how the owner is written to.
func (d *Desk) letters(w http.ResponseWriter, r *http.Request) error {
	kept, err := d.settings.Letters(r.Context())
	if err != nil {
		return err
	}
	typed := kept
	typed.Password = ""
	p := lettersPage{Typed: typed, Kept: kept.Password != ""}
	if r.URL.Query().Has("sent") {
		p.Saved = "Saved. A letter has gone to " + kept.To + ". Look whether it arrives."
	}
	return d.sendLetters(w, r, http.StatusOK, p)
}

func (d *Desk) sendLetters(w http.ResponseWriter, r *http.Request, status int, p lettersPage) error {
	p.Every, p.Securities = options(everies, p.Typed.Every), options(securities, p.Typed.Security)
	if err := d.fillChoices(r, &p.choicesFrame, "letters"); err != nil {
		return err
	}
	return d.send(w, status, "letters", p)
}

// saveLetters keeps how the owner is written to, and sends a letter if asked.
func (d *Desk) saveLetters(w http.ResponseWriter, r *http.Request) error {
	fields, err := form(w, r, formLimit)
	if err != nil {
		return err
	}
	kept, err := d.settings.Letters(r.Context())
	if err != nil {
		return err
	}
	typed := typedLetters(fields)
	letters := typed
	if !fields.Has("forget") {
		letters.Password = cmp.Or(typed.Password, kept.Password)
	}
	if err := d.settings.SaveLetters(r.Context(), letters); err != nil {
		status, again := unsaved(err)
		if status == 0 {
			return err
		}
		return d.sendLetters(w, r, status, lettersPage{choicesFrame: again, Typed: typed, Kept: kept.Password != ""})
	}
	if fields.Get("do") != "try" {
		return seeOther(w, r, "/desk/settings/letters?saved")
	}
	return d.tryLetter(w, r, letters)
}

func typedLetters(fields url.Values) settings.Letters {
	return settings.Letters{
		Every: fields.Get("letters"), To: fields.Get("letters_to"), Server: fields.Get("smtp_server"), Port: fields.Get("smtp_port"),
		Security: fields.Get("smtp_security"), User: fields.Get("smtp_user"), Password: fields.Get("smtp_password"), From: fields.Get("smtp_from"),
	}
}

// letterTime is how long a mail server may take while the owner waits.
const letterTime = 30 * time.Second

// tryLetter sends a letter at once, and says what the mail server says to it.
func (d *Desk) tryLetter(w http.ResponseWriter, r *http.Request, letters settings.Letters) error {
	ctx, cancel := context.WithTimeout(r.Context(), letterTime)
	defer cancel()
	err := d.inbox.TryLetter(ctx, letters)
	if refused := (*mail.Error)(nil); errors.As(err, &refused) {
		p := lettersPage{Typed: letters, Kept: letters.Password != ""}
		p.Typed.Password, p.Problem = "", "Saved, but the letter did not go. "+refused.Text
		return d.sendLetters(w, r, http.StatusUnprocessableEntity, p)
	}
	if err != nil {
		return err
	}
	return seeOther(w, r, "/desk/settings/letters?sent")
}
