package desk

import (
	"bytes"
	"cmp"
	"errors"
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

const lookPath = "/desk/settings/look"

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
	p.Sample = lookPath + "/sample.css?" + url.Values{
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
	typed, came := typedLook(fields, site.Look), enclosedIn(r)
	// again shows the form with all that was typed.
	again := func(status int, p lookPage) error {
		if p.Wrong == nil {
			p.Wrong = wrong{}
		}
		came.again(p.Wrong, "picture")
		p.Typed, p.Typed.Picture, p.Typed.Size = typed, site.Look.Picture, site.Look.Size
		return d.sendLook(w, r, status, p)
	}
	seen := choicesFrame{Seen: fields.Get(seenIn)}
	if name := fields.Get(unsentField); name != "" {
		seen.Wrong = wrong{"picture": unsentPicture}
		return again(http.StatusUnprocessableEntity, lookPage{choicesFrame: seen})
	}
	done := "saved"
	switch do := fields.Get("do"); {
	case do == "try":
		p := lookPage{choicesFrame: seen, Tried: true}
		if field, text := typed.Choice.Check(); field != "" {
			p.Tried, p.Wrong = false, wrong{field: text}
		}
		return again(http.StatusOK, p)
	case do == "take":
		typed.Picture, typed.Alt, typed.Size, typed.Position = "", "", "", ""
		done = "taken"
	case came.name != "":
		f, err := d.hang(r, came)
		if err != nil {
			return d.notHung(err, seen, again)
		}
		typed.Picture, typed.Size = f.Path(), strconv.Itoa(f.Width)+"x"+strconv.Itoa(f.Height)
		done = "hung"
	}
	if err := d.settings.Seeing(fields.Get(seenIn)).SaveLook(r.Context(), typed); err != nil {
		status, frame := unsavedChoices(err, fields)
		if status == 0 {
			return err
		}
		return again(status, lookPage{choicesFrame: frame})
	}
	return seeOther(w, r, lookPath+"?"+done)
}

// typedLook is what was typed, with the picture that is kept.
func typedLook(fields url.Values, kept settings.Look) settings.Look {
	typed := kept
	typed.Choice = look.Choice{Theme: fields.Get("theme"), Accent: fields.Get("accent"), Type: fields.Get("type"), Width: fields.Get("width")}
	typed.Links, typed.Footer, typed.CSS = fields.Get("links"), fields.Get("footer"), fields.Get("css")
	if fields.Has("picture_alt") {
		typed.Alt, typed.Position = fields.Get("picture_alt"), fields.Get("picture_position")
	}
	return typed
}

// hang keeps the picture at the top of every page. Why there is none may be a
// *media.Invalid.
func (d *Desk) hang(r *http.Request, came *enclosed) (*media.File, error) {
	if came.large {
		return nil, &media.Invalid{Text: came.tooLarge(), Large: true}
	}
	f, err := d.media.Save(r.Context(), bytes.NewReader(came.body), came.name, d.Who(r).ID)
	if err == nil && !strings.HasPrefix(f.Type, "image/") {
		return nil, &media.Invalid{Text: "That is no picture. Choose a JPEG, PNG, GIF or WebP."}
	}
	return f, err
}

// notHung says why a picture could not be kept.
func (d *Desk) notHung(err error, f choicesFrame, again func(int, lookPage) error) error {
	if invalid := (*media.Invalid)(nil); errors.As(err, &invalid) {
		f.Wrong = wrong{"picture": invalid.Text}
		return again(http.StatusUnprocessableEntity, lookPage{choicesFrame: f})
	}
	status, full := unsaved(err)
	if status == 0 {
		return err
	}
	f.Problem = full.Problem
	return again(status, lookPage{choicesFrame: f})
}
