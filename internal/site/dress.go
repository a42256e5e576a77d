package site

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"html/template"
	"net/http"
	"strconv"
	"strings"

	"hark/internal/look"
	"hark/internal/page"
	"hark/internal/settings"
	"hark/internal/words"
)

// dress is what follows from the look and the language that the owner has chosen. It
// is made once for each change of them, and then is the same on every page.
type dress struct {
	Sheet  string // the address of its style sheet; empty: hark.css alone
	Custom string // that of the owner's own; empty for none
	Banner template.HTML
	Logo   template.HTML
	Links  template.HTML
	Footer template.HTML

	sheet string        // what stands at Sheet
	book  *words.Book   // in whose language the pages are
	lang  string        // which that is
	from  settings.Site // what it was made from
}

// Where the style sheets are served.
const (
	themePath  = "/theme.css"
	customPath = "/custom.css"
)

// dressed is what follows from the look of a site.
func (s *Site) dressed(site settings.Site) *dress {
	if d := s.dress.Load(); d != nil && d.from == site {
		return d
	}
	l := site.Look
	d := &dress{from: site, sheet: l.Choice.Sheet(), Links: navigation(l.Navigation()), book: s.Pages.Book(site.Spoken())}
	d.lang = tongueOf(site, d.book)
	if l.Choice != (look.Choice{}) {
		d.Sheet = versioned(themePath, d.sheet)
	}
	if l.CSS != "" {
		d.Custom = versioned(customPath, l.CSS)
	}
	if l.Footer != "" {
		d.Footer = s.Posts.Markdown(l.Footer, site.Language)
	}
	if l.Picture != "" {
		d.hang(l, site.Title)
	}
	s.dress.Store(d)
	return d
}

// Sheets are the addresses of the style sheets of a site, empty for hark.css and
// for none of the owner's own.
func (s *Site) Sheets(site settings.Site) (sheet, custom string) {
	d := s.dressed(site)
	return d.Sheet, d.Custom
}

// hang puts the picture in its place: above every page, where it says nothing that
// the name beneath it does not, or in the place of the name.
func (d *dress) hang(l settings.Look, title string) {
	width, height := l.Pixels()
	element := func(class, alt string) template.HTML {
		return template.HTML(`<img class="` + class + `" src="` + escape(l.Picture) + `" alt="` + escape(alt) +
			`" width="` + strconv.Itoa(width) + `" height="` + strconv.Itoa(height) + `">`)
	}
	if l.Position != "name" {
		d.Banner = element("masthead", l.Alt)
		return
	}
	if l.Alt == "" {
		l.Alt = title
	}
	d.Logo = element("logo", l.Alt)
}

func navigation(links []settings.Link) template.HTML {
	var b strings.Builder
	for _, l := range links {
		b.WriteString(`<a href="` + escape(l.Address) + `">` + escape(l.Name) + `</a>`)
	}
	return template.HTML(b.String())
}

// version is made of what stands in a sheet, so that another sheet has another.
func version(sheet string) string {
	sum := sha256.Sum256([]byte(sheet))
	return base64.RawURLEncoding.EncodeToString(sum[:9])
}

func versioned(path, sheet string) string { return path + "?v=" + version(sheet) }

// themeSheet is the style sheet of the look that was chosen.
func (s *Site) themeSheet(w http.ResponseWriter, r *http.Request) error {
	return s.serveSheet(w, r, themePath, func(d *dress) string { return d.sheet })
}

// customSheet is the owner's own.
func (s *Site) customSheet(w http.ResponseWriter, r *http.Request) error {
	return s.serveSheet(w, r, customPath, func(d *dress) string { return d.from.Look.CSS })
}

// serveSheet serves a sheet, to be kept for ever under the address that has its
// version. Under any other it is to be asked for anew.
func (s *Site) serveSheet(w http.ResponseWriter, r *http.Request, path string, of func(*dress) string) error {
	read := func(ctx context.Context) (sheet string, err error) {
		site, err := s.Settings.Site(ctx)
		if err != nil {
			return "", err
		}
		if sheet = of(s.dressed(site)); sheet == "" {
			err = &page.Error{Status: http.StatusNotFound}
		}
		return sheet, err
	}
	sheet, err := read(r.Context())
	if err != nil {
		return err
	}
	key, caching := path, "no-cache"
	if v := version(sheet); r.URL.Query().Get("v") == v {
		key, caching = path+"?v="+v, "public, max-age=31536000, immutable"
	}
	return s.Cache.Serve(w, r, key, func(ctx context.Context) (*page.Answer, error) {
		now, err := read(ctx)
		if err != nil {
			return nil, err
		}
		if now != sheet { // it was changed this moment
			caching = "no-cache"
		}
		header := http.Header{"Content-Type": {"text/css; charset=utf-8"}, "Cache-Control": {caching}}
		return &page.Answer{Header: header, Body: []byte(now), DependsOn: []string{settings.Generation}}, nil
	})
}
