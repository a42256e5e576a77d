// Package look makes the style sheet of a site from what its owner has chosen.
package look

import (
	"fmt"
	"image/color"
	"io/fs"
	"strings"

	"hark/web"
)

// Choice is what an owner chooses of the looks of a site. Empty fields are as the
// theme has them, and an empty theme is the first of Themes.
type Choice struct {
	Theme  string
	Accent string // of links and marks: #rrggbb
	Type   string // book, plain or typewriter
	Width  string // of the text: narrow or wide
}

// Theme is a character that a site can have: a style sheet that stands on hark.css.
type Theme struct {
	Name  string // empty for the one that is hark.css alone
	Title string
	Says  string

	day, night ground
}

// ground are the colours on which the accent has to be read, and the theme's own.
type ground struct{ paper, shade, ink, accent string }

// Themes are all that there are.
var Themes = [...]Theme{
	{"", "Reading room", "Quiet: dates in the margin, old letters, warm paper.",
		ground{"#fbfaf7", "#f2f0ea", "#23221f", "#17645b"}, ground{"#171918", "#202321", "#dedbd2", "#86c7b7"}},
	{"broadsheet", "Broadsheet", "Loud: a masthead, heavy headlines, two columns, hard rules.",
		ground{"#ffffff", "#f3f3f0", "#111111", "#b3122a"}, ground{"#121212", "#1f1f1f", "#ececec", "#ff8d8d"}},
	{"postcards", "Postcards", "Friendly: round cards on a coloured ground, plain letters.",
		ground{"#e9eef6", "#f0f4fa", "#1d2433", "#2b50bd"}, ground{"#10141d", "#232c3f", "#e3e8f2", "#9db8ff"}},
}

// Named is the theme of this name.
func Named(name string) (Theme, bool) {
	for _, t := range Themes {
		if t.Name == name {
			return t, true
		}
	}
	return Themes[0], false
}

// faces are the letters that can be chosen, and how large their small ones are
// beside the large ones: so all of them look of one size.
var faces = map[string]struct{ stack, aspect string }{
	"book":       {`"Iowan Old Style", Charter, "Bitstream Charter", "Charis SIL", "Sitka Text", "Noto Serif", Cambria, Georgia, serif`, ".48"},
	"plain":      {`system-ui, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", Arial, sans-serif`, ".5"},
	"typewriter": {`ui-monospace, "Cascadia Mono", Menlo, Consolas, "Noto Sans Mono", "DejaVu Sans Mono", monospace`, ".5"},
}

var widths = map[string]string{"narrow": "29rem", "wide": "42rem"}

// Check brings what was typed into the form that is kept. It names the field that
// cannot be kept, and says why; both are empty if all can.
func (c *Choice) Check() (field, text string) {
	if _, known := Named(c.Theme); !known {
		return "theme", "Choose one of the themes."
	}
	if _, known := faces[c.Type]; !known && c.Type != "" {
		return "type", "Choose one of them."
	}
	if _, known := widths[c.Width]; !known && c.Width != "" {
		return "width", "Choose one of them."
	}
	if c.Accent = strings.TrimSpace(c.Accent); c.Accent == "" {
		return "", ""
	}
	colour, ok := parse(c.Accent)
	if !ok {
		return "accent", "A colour is written like #17645b: a # and six digits of 0 to 9 and a to f."
	}
	c.Accent = colour.String()
	return "", ""
}

// accents are the colours of links and marks by day and by night: the one chosen,
// darker and lighter by as much as it takes to be read.
func (c Choice) accents() (day, night colour) {
	theme, _ := Named(c.Theme)
	chosen, _ := parse(c.Accent)
	return chosen.readable(theme.day, black), chosen.readable(theme.night, white)
}

// Colours are those of paper, ink and accent by day, for what is drawn here.
func (c Choice) Colours() (paper, ink, accent color.RGBA) {
	theme, _ := Named(c.Theme)
	own, _ := parse(theme.day.accent)
	if c.Accent != "" {
		own, _ = c.accents()
	}
	return plain(theme.day.paper), plain(theme.day.ink), own.rgba()
}

// Note says what becomes of the accent, so that it can be read; empty where it
// stays as it was chosen, or none was.
func (c Choice) Note() string {
	chosen, ok := parse(c.Accent)
	if !ok {
		return ""
	}
	var said []string
	day, night := c.accents()
	if day != chosen {
		said = append(said, "darker by day ("+day.String()+")")
	}
	if night != chosen {
		said = append(said, "lighter by night ("+night.String()+")")
	}
	if len(said) == 0 {
		return ""
	}
	return "So that links can be read, it is a little " + strings.Join(said, " and ") + "."
}

// onPaper begins the last part of hark.css, which has to stand last in every sheet.
const onPaper = "@media print {"

// Sheet is the style sheet: hark.css, then that of the theme, then what was chosen,
// and at the end how it is printed, which is the same for all.
func (c Choice) Sheet() string {
	screen, printed, _ := strings.Cut(file("hark.css"), onPaper)
	var b strings.Builder
	b.WriteString(screen)
	if theme, _ := Named(c.Theme); theme.Name != "" {
		b.WriteString(file("theme-" + theme.Name + ".css"))
	}
	b.WriteString(c.rules())
	if printed != "" {
		b.WriteString(onPaper + printed)
	}
	return b.String()
}

// file is one of the style sheets that are built in; that one is missing is a
// programmer's mistake.
func file(name string) string {
	sheet, err := fs.ReadFile(web.Static, name)
	if err != nil {
		panic(fmt.Sprintf("look: %v", err))
	}
	return string(sheet)
}

// rules are those that follow from the choice alone.
func (c Choice) rules() string {
	var b strings.Builder
	if face, chosen := faces[c.Type]; chosen {
		fmt.Fprintf(&b, ":root { --serif: %s; --head: var(--serif) }\nbody { font-size-adjust: %s }\n", face.stack, face.aspect)
	}
	if width, chosen := widths[c.Width]; chosen {
		fmt.Fprintf(&b, ":root { --measure: %s }\n", width)
	}
	if c.Accent != "" {
		theme, _ := Named(c.Theme)
		day, night := c.accents()
		fmt.Fprintf(&b, ":root { %s }\n@media (prefers-color-scheme: dark) { :root { %s } }\n", day.on(theme.day), night.on(theme.night))
	}
	return b.String()
}

// Sample is the sheet for one part of a page that has the look by day or by night,
// whatever the rest of the page has: it holds for what stands within selector, in
// which an element of the class main stands for the page's own.
func Sample(sheet, selector string, night bool) string {
	dark := "not all"
	if night {
		dark = "all"
	}
	within := strings.NewReplacer(
		"(prefers-color-scheme: dark)", dark,
		":root {", "& {", "\nbody {", "\n& {", ".top, main, .end {", ".top, .main, .end {",
		onPaper, "@media not all {",
	).Replace(sheet)
	return selector + " {\n" + within + "}\n"
}
