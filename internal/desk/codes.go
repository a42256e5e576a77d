package desk

import (
	"bytes"
	"errors"
	"fmt"
	"html/template"
	"image"
	"image/color"
	"image/png"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/pquerna/otp"

	"hark/internal/auth"
	"hark/internal/page"
)

const codesPath = "/desk/account/codes"

// codesPage is what desk/codes.html draws.
type codesPage struct {
	accountFrame
	Codes    auth.Codes
	Since    when
	Secret   []string     // the key that waits for its first code, in groups
	App      template.URL // that key, for an app on the same device
	Recovery []string     // recovery codes, this once
}

// Few says that recovery codes run out.
func (p codesPage) Few() bool { return p.Codes.Recovery <= 3 }

// codes shows how one-time codes stand.
func (d *Desk) codes(w http.ResponseWriter, r *http.Request) error {
	return d.sendCodes(w, r, http.StatusOK, codesPage{})
}

func (d *Desk) sendCodes(w http.ResponseWriter, r *http.Request, status int, p codesPage) (err error) {
	if err := d.fillAccount(r, &p.accountFrame, "codes"); err != nil {
		return err
	}
	if p.Codes, err = d.gate.Codes(r.Context(), p.User.ID); err != nil {
		return err
	}
	p.Since = d.when(p.Codes.Since)
	key, err := d.key(r)
	if err != nil {
		return err
	}
	if key != nil {
		p.Secret = fours(key.Secret())
		p.App = template.URL(key.URL()) // of a scheme that is safe: we made it
	}
	return d.send(w, status, "codes", p)
}

// key is the key that waits for its first code, nil where none does. The app
// names the site by its host, in which no character stands that apps read amiss.
func (d *Desk) key(r *http.Request) (*otp.Key, error) {
	issuer := "hark"
	if u, err := url.Parse(d.url); err == nil && u.Hostname() != "" && !strings.Contains(u.Hostname(), ":") {
		issuer = u.Hostname()
	}
	return d.gate.Key(r.Context(), d.Who(r), issuer)
}

// fours are four letters each, for who types them.
func fours(secret string) (parts []string) {
	for ; len(secret) > 4; secret = secret[4:] {
		parts = append(parts, secret[:4])
	}
	return append(parts, secret)
}

// changeCodes switches one-time codes on or off, or makes new recovery codes.
func (d *Desk) changeCodes(w http.ResponseWriter, r *http.Request) error {
	fields, err := form(w, r, formLimit)
	if err != nil {
		return err
	}
	user, device := d.Who(r), page.Cookie(r, d.cookies.device)
	switch fields.Get("do") {
	case "begin":
		return d.fresh(d.beginCodes)(w, r)
	case "confirm":
		recovery, err := d.here(r).ConfirmCodes(r.Context(), user.ID, fields.Get("code"))
		return d.showRecovery(w, r, recovery, err, "One-time codes are on.")
	case "renew":
		recovery, err := d.here(r).RenewRecovery(r.Context(), user, fields.Get("proof"), device, from(r))
		return d.showRecovery(w, r, recovery, err, "The recovery codes of before count no more.")
	case "off":
		if err := d.here(r).CodesOff(r.Context(), user, fields.Get("proof"), device, from(r)); err != nil {
			return d.showRecovery(w, r, nil, err, "")
		}
		return seeOther(w, r, codesPath)
	}
	return &page.Error{Status: http.StatusBadRequest}
}

// beginCodes makes the key that waits for its first code. It asks who it is, so
// that nobody locks the owner out who finds a browser open.
func (d *Desk) beginCodes(w http.ResponseWriter, r *http.Request) error {
	if err := d.gate.NewKey(r.Context(), d.Who(r).ID); err != nil {
		return err
	}
	return seeOther(w, r, codesPath)
}

// showRecovery shows recovery codes, this once, or why there are none.
func (d *Desk) showRecovery(w http.ResponseWriter, r *http.Request, recovery []string, err error, saved string) error {
	if invalid := (*auth.Invalid)(nil); errors.As(err, &invalid) {
		return d.sendCodes(w, r, http.StatusUnprocessableEntity, codesPage{accountFrame: accountFrame{Wrong: wrong{invalid.Field: invalid.Text}}})
	}
	if err != nil {
		status, again := unproven(w, err)
		if status == 0 {
			return err
		}
		return d.sendCodes(w, r, status, codesPage{accountFrame: again})
	}
	return d.sendCodes(w, r, http.StatusOK, codesPage{accountFrame: accountFrame{Saved: saved}, Recovery: recovery})
}

// keyPicture is the key that waits for its first code as a QR code, for the app
// to look at.
func (d *Desk) keyPicture(w http.ResponseWriter, r *http.Request) error {
	key, err := d.key(r)
	if err != nil {
		return err
	}
	if key == nil {
		return &page.Error{Status: http.StatusNotFound}
	}
	picture, err := drawKey(key)
	if err != nil {
		return fmt.Errorf("draw a key: %w", err)
	}
	w.Header().Set("Content-Type", "image/png")
	w.Header().Set("Content-Length", strconv.Itoa(len(picture)))
	w.Write(picture)
	return nil
}

// The edge of a QR code on the page, and the white around it, which is part of it.
const (
	qrEdge  = 272
	qrQuiet = 24
)

// drawKey makes a PNG of two colours.
func drawKey(key *otp.Key) ([]byte, error) {
	code, err := key.Image(qrEdge, qrEdge)
	if err != nil {
		return nil, err
	}
	canvas := image.NewPaletted(image.Rect(0, 0, qrEdge+2*qrQuiet, qrEdge+2*qrQuiet), color.Palette{color.White, color.Black})
	for y := range qrEdge {
		for x := range qrEdge {
			canvas.Set(x+qrQuiet, y+qrQuiet, code.At(x, y))
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, canvas); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
