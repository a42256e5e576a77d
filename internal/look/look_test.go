package look

import (
	"fmt"
	"io/fs"
	"regexp"
	"strings"
	"testing"

	"hark/web"
)

func TestWhatCannotBeChosenNamesItsField(t *testing.T) {
	for field, c := range map[string]Choice{
		"theme":  {Theme: "../hark"},
		"accent": {Accent: "red; } body { display: none"},
		"type":   {Type: "Comic Sans"},
		"width":  {Width: "100%"},
	} {
		if got, text := c.Check(); got != field || text == "" {
			t.Errorf("%s: got %q, %q", field, got, text)
		}
	}
	for typed, want := range map[string]string{"#ABC": "#aabbcc", " 17645b ": "#17645b", "": ""} {
		c := Choice{Accent: typed}
		if field, _ := c.Check(); field != "" || c.Accent != want {
			t.Errorf("%q is kept as %q (%s), want %q", typed, c.Accent, field, want)
		}
	}
	for _, typed := range []string{"#12345", "#1234567", "#gggggg", "#", "#ffff", "rgb(0,0,0)", "#äöüäö"} {
		c := Choice{Accent: typed}
		if field, _ := c.Check(); field != "accent" {
			t.Errorf("%q is kept as %q", typed, c.Accent)
		}
	}
}

// declared is what a sheet says of a custom property, first by day, then by night.
func declared(t *testing.T, sheet, property string) (day, night string) {
	t.Helper()
	found := regexp.MustCompile(`--`+property+`: ?(#[0-9a-f]+)[; ]`).FindAllStringSubmatch(sheet, -1)
	if len(found) < 2 {
		t.Fatalf("--%s is declared %d times, want 2", property, len(found))
	}
	return found[0][1], found[1][1]
}

func ownSheet(t *testing.T, theme Theme) string {
	t.Helper()
	name := "hark.css"
	if theme.Name != "" {
		name = "theme-" + theme.Name + ".css"
	}
	sheet, err := fs.ReadFile(web.Static, name)
	if err != nil {
		t.Fatal(err)
	}
	return string(sheet)
}

func TestTheColoursOfEachThemeAreThoseOfItsSheetAndCanBeRead(t *testing.T) {
	for _, theme := range Themes {
		sheet := ownSheet(t, theme)
		of := map[string][2]colour{}
		for _, name := range []string{"paper", "shade", "ink", "soft", "accent", "on-accent", "glow", "edge"} {
			day, night := declared(t, sheet, name)
			a, _ := parse(day)
			b, _ := parse(night)
			of[name] = [2]colour{a, b}
		}
		for i, g := range []ground{theme.day, theme.night} {
			for name, said := range map[string]string{"paper": g.paper, "shade": g.shade, "ink": g.ink, "accent": g.accent} {
				if got := of[name][i]; got.String() != said {
					t.Errorf("%s: --%s is %s in the sheet, and %s here", theme.Title, name, got, said)
				}
			}
			for _, pair := range []struct {
				text, beneath string
				least         float64
			}{
				{"ink", "paper", 7}, {"ink", "shade", 7}, {"soft", "paper", 4.5}, {"soft", "shade", 4.5}, {"accent", "paper", 4.5},
				{"accent", "shade", 4.5}, {"on-accent", "accent", 4.5}, {"ink", "glow", 4.5}, {"edge", "paper", 3},
			} {
				if got := contrast(of[pair.text][i], of[pair.beneath][i]); got < pair.least {
					t.Errorf("%s, %d: %s on %s has a contrast of %.2f, want %.1f", theme.Title, i, pair.text, pair.beneath, got, pair.least)
				}
			}
		}
	}
}

func TestAnAccentCanBeReadWhateverWasChosen(t *testing.T) {
	for _, theme := range Themes {
		for r := 0; r < 256; r += 51 {
			for g := 0; g < 256; g += 51 {
				for b := 0; b < 256; b += 51 {
					c := Choice{Theme: theme.Name, Accent: fmt.Sprintf("#%02x%02x%02x", r, g, b)}
					day, night := c.accents()
					for accent, on := range map[colour]ground{day: theme.day, night: theme.night} {
						paper, _ := parse(on.paper)
						ink, _ := parse(on.ink)
						if got := contrast(accent, paper); got < 4.5 && day != night {
							t.Errorf("%s on %s has a contrast of %.2f", accent, on.paper, got)
						}
						if got := contrast(accent.glow(on), ink); got < 4.5 {
							t.Errorf("the glow of %s on %s has a contrast of %.2f", accent, on.paper, got)
						}
						if over := max(contrast(accent, black), contrast(accent, white)); over < 4.5 {
							t.Errorf("nothing can be read on %s: %.2f", accent, over)
						}
					}
				}
			}
		}
	}
}

func TestANoteSaysWhatBecomesOfAnAccent(t *testing.T) {
	for accent, want := range map[string]string{"": "", "#ffee00": "darker by day", "#000080": "lighter by night"} {
		if got := (Choice{Accent: accent}).Note(); !strings.Contains(got, want) || want == "" && got != "" {
			t.Errorf("of %s it says %q, want %q", accent, got, want)
		}
	}
	if got := (Choice{Accent: "#17645b"}).Note(); strings.Contains(got, "by day") {
		t.Errorf("of the usual colour it says %q", got)
	}
}

func TestASheetHasWhatWasChosenAndEndsWithHowItIsPrinted(t *testing.T) {
	plain := Choice{}.Sheet()
	if plain != ownSheet(t, Themes[0]) {
		t.Error("without a choice it is not hark.css as it is")
	}
	c := Choice{Theme: "postcards", Accent: "#17645b", Type: "plain", Width: "wide"}
	sheet := c.Sheet()
	last := -1
	for _, part := range []string{"hark.css", "Postcards:", "--serif: system-ui", "--measure: 42rem", "--accent: #17645b", "@media print {\n  :root { --paper: #fff"} {
		at := strings.LastIndex(sheet, part)
		if at <= last {
			t.Errorf("%q stands at %d, after what stands at %d", part, at, last)
		}
		last = at
	}
	for _, theme := range Themes {
		if n := len(Choice{Theme: theme.Name}.Sheet()); n > 22<<10 {
			t.Errorf("the sheet of %s has %d bytes", theme.Title, n)
		}
	}
}

func TestASampleHoldsForItsOwnPartAlone(t *testing.T) {
	for _, theme := range Themes {
		sheet := Choice{Theme: theme.Name, Accent: "#17645b"}.Sheet()
		for _, night := range []bool{false, true} {
			sample := Sample(sheet, ".sample", night)
			if !strings.HasPrefix(sample, ".sample {\n") || strings.Count(sample, "{") != strings.Count(sample, "}") {
				t.Errorf("%s: the sample is not closed", theme.Title)
			}
			for _, word := range []string{":root {", "\nbody {", "prefers-color-scheme", "@media print"} {
				if strings.Contains(sample, word) {
					t.Errorf("%s: the sample has %q", theme.Title, word)
				}
			}
		}
	}
}
