package desk

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path"
	"strings"
	"time"

	"hark/internal/auth"
	"hark/internal/fetch"
	"hark/internal/media"
	"hark/internal/page"
	"hark/internal/picture"
	"hark/internal/source"
)

const (
	// photoSide is how many pixels a photo of somebody measures at most: it is
	// drawn at 80, on screens of three pixels to one.
	photoSide = 256

	// photoWait is how long another site may take for a photo while somebody waits.
	photoWait = 15 * time.Second
)

// photoForm is what was sent to change a photo.
type photoForm struct {
	do, from string
	name     string
	body     []byte // of a file; nil for none
}

// savePhoto takes a photo of who is signed in: from a file, or from where it stands
// on the web. It is cut to a square.
func (d *Desk) savePhoto(w http.ResponseWriter, r *http.Request) error {
	sent, err := readPhotoForm(w, r)
	photo := ""
	if err == nil && sent.do != "remove" {
		photo, err = d.makePhoto(r.Context(), sent, d.Who(r).ID)
	}
	switch invalid := (*auth.Invalid)(nil); {
	case errors.As(err, &invalid):
		return d.sendProfileAgain(w, r, http.StatusUnprocessableEntity, func(p *profilePage) { p.From, p.Wrong = sent.from, wrong{invalid.Field: invalid.Text} })
	case err != nil:
		return d.photoFailed(w, r, sent, err)
	}
	kept, err := d.gate.Profile(r.Context(), d.Who(r).ID)
	if err != nil {
		return err
	}
	kept.Photo = photo
	if err := d.gate.SaveProfile(r.Context(), d.Who(r).ID, *kept); err != nil {
		return d.photoFailed(w, r, sent, err)
	}
	return seeOther(w, r, profilePath+"?saved")
}

func (d *Desk) photoFailed(w http.ResponseWriter, r *http.Request, sent photoForm, err error) error {
	status, f := unsaved(err)
	if status == 0 {
		return err
	}
	return d.sendProfileAgain(w, r, status, func(p *profilePage) { p.From, p.Problem = sent.from, f.Problem })
}

// sendProfileAgain is the page as it is kept, with what change adds.
func (d *Desk) sendProfileAgain(w http.ResponseWriter, r *http.Request, status int, change func(*profilePage)) error {
	kept, err := d.gate.Profile(r.Context(), d.Who(r).ID)
	if err != nil {
		return err
	}
	p := profilePage{Bio: kept.Bio, Links: strings.Join(kept.Links, "\n"), Photo: kept.Photo}
	change(&p)
	return d.sendProfile(w, r, status, p)
}

// readPhotoForm reads the form, and the file in it.
func readPhotoForm(w http.ResponseWriter, r *http.Request) (sent photoForm, err error) {
	r.Body = http.MaxBytesReader(w, r.Body, pictureBytes+formLimit)
	parts, err := r.MultipartReader()
	if err != nil {
		return sent, &page.Error{Status: http.StatusBadRequest, Err: err}
	}
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return sent, nil
		}
		var body []byte
		if err == nil {
			body, err = io.ReadAll(io.LimitReader(part, pictureBytes+1))
		}
		switch large := (*http.MaxBytesError)(nil); {
		case errors.As(err, &large) || len(body) > pictureBytes:
			return sent, &auth.Invalid{Field: "photo", Text: fmt.Sprintf("That is too large: %d MiB at most.", pictureBytes>>20)}
		case err != nil:
			return sent, &page.Error{Status: http.StatusBadRequest, Err: err}
		}
		switch part.FormName() {
		case "do":
			sent.do = string(body[:min(len(body), 100)])
		case "from":
			sent.from = strings.TrimSpace(string(body[:min(len(body), 2048)]))
		case "photo":
			if part.FileName() != "" {
				sent.name, sent.body = part.FileName(), body
			}
		}
	}
}

// makePhoto keeps a square photo, and gives its path. Why there is none is an
// *auth.Invalid.
func (d *Desk) makePhoto(ctx context.Context, sent photoForm, userID string) (string, error) {
	field := "photo"
	if sent.body == nil {
		if field = "from"; sent.from == "" {
			return "", &auth.Invalid{Field: "photo", Text: "Choose a picture first."}
		}
		var err error
		if sent.name, sent.body, err = d.fetchPhoto(ctx, sent.from); err != nil {
			return "", err
		}
	}
	small, err := d.pictures.Face(ctx, sent.body, photoSide)
	switch {
	case errors.Is(err, picture.ErrTooLarge):
		return "", &auth.Invalid{Field: field, Text: "This picture has too many pixels: 20 millions at most. Make it smaller."}
	case errors.Is(err, picture.ErrNotPicture):
		return "", &auth.Invalid{Field: field, Text: "That is no picture that can be read: a JPEG, PNG, GIF or WebP."}
	case err != nil:
		return "", err
	}
	f, err := d.media.Save(ctx, bytes.NewReader(small.Bytes), sent.name, userID)
	if invalid := (*media.Invalid)(nil); errors.As(err, &invalid) {
		return "", &auth.Invalid{Field: field, Text: invalid.Text}
	}
	if err != nil {
		return "", err
	}
	return f.Path(), nil
}

// fetchPhoto reads a picture from the web, or the photo of the person whom a page is
// about.
func (d *Desk) fetchPhoto(ctx context.Context, address string) (name string, body []byte, err error) {
	ctx, cancel := context.WithTimeout(ctx, photoWait)
	defer cancel()
	for range 2 { // a page, then the picture that it names
		found, err := d.visit(ctx, address)
		if err != nil {
			return "", nil, err
		}
		if !strings.HasPrefix(strings.TrimSpace(found.Header.Get("Content-Type")), "text/html") {
			return path.Base(found.URL.Path), found.Body, nil
		}
		if address = photoOn(found); address == "" {
			return "", nil, &auth.Invalid{Field: "from", Text: "That is a page, and it does not say which photo is of whom (no h-card with a u-photo). Give the address of the picture itself."}
		}
	}
	return "", nil, &auth.Invalid{Field: "from", Text: "That page names another page as its photo. Give the address of the picture itself."}
}

func (d *Desk) visit(ctx context.Context, address string) (*fetch.Page, error) {
	invalid := func(text string) error { return &auth.Invalid{Field: "from", Text: text} }
	if u, err := url.Parse(address); err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil {
		return nil, invalid("Write a whole address, as a browser copies it: https://…")
	}
	found, err := d.fetch.Get(ctx, address, http.Header{"Accept": {"image/webp,image/png,image/jpeg,image/gif,text/html;q=0.9,*/*;q=0.1"}})
	failed := (*fetch.Error)(nil)
	switch {
	case errors.As(err, &failed):
		return nil, invalid("It could not be read: " + failed.Reason + ".")
	case err != nil:
		return nil, invalid("It could not be read: the site took too long.")
	case found.Status != http.StatusOK:
		return nil, invalid(fmt.Sprintf("It could not be read: the site answered %d.", found.Status))
	case found.Cut:
		return nil, invalid(fmt.Sprintf("It is larger than %d MiB. Save it, make it smaller, and upload it.", fetch.MaxBody>>20))
	}
	return found, nil
}

// photoOn is the photo of the person whom a page is about, empty for none.
func photoOn(found *fetch.Page) string {
	page, err := source.Read(found)
	if err != nil {
		return ""
	}
	return page.Photo()
}
