package desk

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"hark/internal/look"
	"hark/internal/media"
	"hark/internal/page"
	"hark/internal/settings"
)

// lookPage is what desk/look.html draws.
type lookPage struct {
	choicesFrame
	Typed  settings.Look
	Themes []themeOption
	Types  []option
	Widths []option
	Colour string // for the field, which cannot be empty
	Note   string // what becomes of the accent
	Sample string // the address of the sheet of the samples
	Tried  bool   // what is shown is not kept
	MaxCSS int    // in KB
}

// themeOption is one of the themes.
type themeOption struct {
	look.Theme
	Chosen bool
}

var typefaces = []named[string]{{"", "As the theme has it"}, {"book", "Letters of books"}, {"plain", "Plain letters, as on screens"}, {"typewriter", "Letters of a typewriter"}}

var textWidths = []named[string]{{"narrow", "Narrow"}, {"", "As the theme has it"}, {"wide", "Wide"}}

// looks shows how the site looks.
func (d *Desk) looks(w http.ResponseWriter, r *http.Request) error {
	site, err := d.settings.Site(r.Context())
	if err != nil {
		return err
	}
	p := lookPage{choicesFrame: choicesFrame{Seen: settings.Mark(&site.Look)}, Typed: site.Look}
	switch asked := r.URL.Query(); {
	case asked.Has("hung"):
		p.Saved = "The picture is in its place."
	case asked.Has("taken"):
		p.Saved = "The picture is taken down. Its file stays where it is."
	}
	return d.sendLook(w, r, http.StatusOK, p)
}

func (d *Desk) sendLook(w http.ResponseWriter, r *http.Request, status int, p lookPage) error {
	if err := d.fillChoices(r, &p.choicesFrame, "look"); err != nil {
		return err
	}
	p.Seen = cmp.Or(p.Seen, settings.Mark(&p.Site.Look))
	for _, t := range look.Themes {
		p.Themes = append(p.Themes, themeOption{t, t.Name == p.Typed.Theme})
	}
	p.Types, p.Widths = options(typefaces, p.Typed.Type), options(textWidths, p.Typed.Width)
	p.MaxCSS = settings.MaxCSS >> 10
	shown := p.Typed.Choice
	if field, _ := shown.Check(); field != "" {
		shown = p.Site.Look.Choice
	}
	p.Note = shown.Note()
	p.Colour = shown.Accent
	p.Sample = "/desk/settings/look/sample.css?" + url.Values{
		"theme": {shown.Theme}, "accent": {shown.Accent}, "type": {shown.Type}, "width": {shown.Width},
	}.Encode()
	return d.send(w, status, "look", p)
}

// sampleSheet is the style sheet of the samples, by day and by night.
func (d *Desk) sampleSheet(w http.ResponseWriter, r *http.Request) error {
	asked := r.URL.Query()
	c := look.Choice{Theme: asked.Get("theme"), Accent: asked.Get("accent"), Type: asked.Get("type"), Width: asked.Get("width")}
	if field, text := c.Check(); field != "" {
		return &page.Error{Status: http.StatusBadRequest, Text: text}
	}
	sheet := c.Sheet()
	w.Header().Set("Content-Type", "text/css; charset=utf-8")
	io.WriteString(w, look.Sample(sheet, ".sample.day", false)+look.Sample(sheet, ".sample.night", true))
	return nil
}

// saveLook keeps how the site looks, or shows how it would.
func (d *Desk) saveLook(w http.ResponseWriter, r *http.Request) error {
	fields, err := form(w, r, writeLimit)
	if err != nil {
		return err
	}
	site, err := d.settings.Site(r.Context())
	if err != nil {
		return err
	}
	typed := typedLook(fields, site.Look)
	if fields.Get("do") == "try" {
		p := lookPage{choicesFrame: choicesFrame{Seen: fields.Get(seenIn)}, Typed: typed, Tried: true}
		if field, text := typed.Choice.Check(); field != "" {
			p.Tried, p.Wrong = false, wrong{field: text}
		}
		return d.sendLook(w, r, http.StatusOK, p)
	}
	if err := d.settings.Seeing(fields.Get(seenIn)).SaveLook(r.Context(), typed); err != nil {
		status, again := unsavedChoices(err, fields)
		if status == 0 {
			return err
		}
		return d.sendLook(w, r, status, lookPage{choicesFrame: again, Typed: typed})
	}
	return seeOther(w, r, "/desk/settings/look?saved")
}

// typedLook is what was typed; the picture has a form of its own.
func typedLook(fields url.Values, kept settings.Look) settings.Look {
	typed := kept
	typed.Choice = look.Choice{Theme: fields.Get("theme"), Accent: fields.Get("accent"), Type: fields.Get("type"), Width: fields.Get("width")}
	typed.Links, typed.Footer, typed.CSS = fields.Get("links"), fields.Get("footer"), fields.Get("css")
	if fields.Has("picture_alt") {
		typed.Alt, typed.Position = fields.Get("picture_alt"), fields.Get("picture_position")
	}
	return typed
}

// savePicture hangs a picture at the top of every page, or takes it down.
func (d *Desk) savePicture(w http.ResponseWriter, r *http.Request) error {
	f, refusal := d.uploaded(w, r, "file")
	site, err := d.settings.Site(r.Context()) // which others may have changed while it came
	if err != nil {
		return err
	}
	chosen := site.Look
	invalid := (*media.Invalid)(nil)
	switch {
	case errors.As(refusal, &invalid):
		return d.sendLook(w, r, http.StatusUnprocessableEntity, lookPage{choicesFrame: choicesFrame{Wrong: wrong{"picture": invalid.Text}}, Typed: chosen})
	case refusal != nil:
		return refusal
	case f == nil:
		chosen.Picture, chosen.Alt, chosen.Size, chosen.Position = "", "", "", ""
	default:
		chosen.Picture, chosen.Size = f.Path(), strconv.Itoa(f.Width)+"x"+strconv.Itoa(f.Height)
	}
	if err := d.settings.SaveLook(r.Context(), chosen); err != nil {
		return err
	}
	if f == nil {
		return seeOther(w, r, "/desk/settings/look?taken")
	}
	return seeOther(w, r, "/desk/settings/look?hung")
}

// pictureBytes is how large a picture may be that is uploaded in a form of the
// desk, in bytes.
const pictureBytes = 20 << 20

// uploaded keeps the picture in the field of a form; nil for a form without one.
func (d *Desk) uploaded(w http.ResponseWriter, r *http.Request, field string) (*media.File, error) {
	r.Body = http.MaxBytesReader(w, r.Body, pictureBytes+formLimit)
	parts, err := r.MultipartReader()
	if err != nil {
		return nil, &page.Error{Status: http.StatusBadRequest, Err: err}
	}
	for {
		part, err := parts.NextPart()
		large := (*http.MaxBytesError)(nil)
		switch {
		case errors.Is(err, io.EOF):
			return nil, nil
		case errors.As(err, &large):
			return nil, tooLargePicture()
		case err != nil:
			return nil, &page.Error{Status: http.StatusBadRequest, Err: err}
		case part.FormName() != field || part.FileName() == "":
			continue
		}
		f, err := d.media.Save(r.Context(), part, part.FileName(), d.Who(r).ID)
		switch {
		case errors.As(err, &large):
			return nil, tooLargePicture()
		case err != nil:
			return nil, err
		case !strings.HasPrefix(f.Type, "image/"):
			return nil, &media.Invalid{Text: "That is no picture. Choose a JPEG, PNG, GIF or WebP."}
		}
		return f, nil
	}
}

func tooLargePicture() error {
	return &media.Invalid{Text: fmt.Sprintf("That is too large for this: %d MiB at most.", pictureBytes>>20), Large: true}
}
