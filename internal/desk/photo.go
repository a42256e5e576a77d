package desk

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"path"
	"strings"
	"time"

	"hark/internal/auth"
	"hark/internal/fetch"
	"hark/internal/media"
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

// makePhoto keeps a square photo of a file that came, or of what stands at an address
// on the web, and gives its path. Why there is none is an *auth.Invalid.
func (d *Desk) makePhoto(ctx context.Context, came *enclosed, from, userID string) (string, error) {
	field, name, body := "photo", came.name, came.body
	switch {
	case came.large:
		return "", &auth.Invalid{Field: field, Text: came.tooLarge()}
	case name == "":
		var err error
		field = "from"
		if name, body, err = d.fetchPhoto(ctx, from); err != nil {
			return "", err
		}
	}
	small, err := d.pictures.Face(ctx, body, photoSide)
	switch {
	case errors.Is(err, picture.ErrTooLarge):
		return "", &auth.Invalid{Field: field, Text: "This picture has too many pixels: 20 millions at most. Make it smaller."}
	case errors.Is(err, picture.ErrNotPicture):
		return "", &auth.Invalid{Field: field, Text: "That is no picture that can be read: a JPEG, PNG, GIF or WebP."}
	case err != nil:
		return "", err
	}
	f, err := d.media.Save(ctx, bytes.NewReader(small.Bytes), name, userID)
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
