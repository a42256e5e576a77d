package poster

import (
	"bytes"
	"context"
	"errors"
	"image/color"
	"image/png"
	"strings"
	"testing"
)

func words(title, site string) Words {
	return Words{title, site, color.RGBA{251, 250, 247, 255}, color.RGBA{35, 34, 31, 255}, color.RGBA{23, 100, 91, 255}}
}

func TestAPosterHasItsSizeItsColoursAndItsLettersWithinTheMargin(t *testing.T) {
	m := New()
	for name, w := range map[string]Words{
		"short":  words("Rain", "Tidewrack"),
		"usual":  words("Six years of rain in a jam jar", "Tidewrack"),
		"long":   words(strings.Repeat("The jar was never meant to last ", 20), strings.Repeat("Tidewrack ", 20)),
		"a word": words(strings.Repeat("x", 500), strings.Repeat("y", 500)),
		"accent": words("Ça pleut à Łódź; дождь, βροχή", "Müller & Søn"),
	} {
		made, err := m.Draw(t.Context(), w)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		img, err := png.Decode(bytes.NewReader(made))
		if err != nil || img.Bounds().Dx() != Width || img.Bounds().Dy() != Height || len(made) > 64<<10 {
			t.Fatalf("%s: %v, %v, %d bytes", name, img.Bounds(), err, len(made))
		}
		if got := img.At(Width/2, Height-1); got != w.Accent {
			t.Errorf("%s: the bar is %v", name, got)
		}
		inked := 0
		for y := range Height - barHigh {
			for x := range Width {
				if img.At(x, y) == w.Paper {
					continue
				}
				if inked++; x < margin-8 || x > Width-margin+8 || y < margin/2 {
					t.Fatalf("%s: there is ink at %d, %d", name, x, y)
				}
			}
		}
		if inked < 1000 {
			t.Errorf("%s: %d dots have ink", name, inked)
		}
	}
}

func TestWhatCannotBeDrawnIsNot(t *testing.T) {
	m := New()
	for _, w := range []Words{words("雨", "Tidewrack"), words("مطر", "Tidewrack"), words("Rain 🌧", "Tidewrack"), words("Rain", "雨"), words(" ", "Tidewrack")} {
		if _, err := m.Draw(t.Context(), w); !errors.Is(err, ErrNoLetters) {
			t.Errorf("%q, %q: %v", w.Title, w.Site, err)
		}
	}
}

func TestWhoWaitsNoLongerIsNotKept(t *testing.T) {
	m := New()
	m.turn <- struct{}{} // another is drawn
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := m.Draw(ctx, words("Rain", "Tidewrack")); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func BenchmarkDraw(b *testing.B) {
	m := New()
	for b.Loop() {
		if _, err := m.Draw(b.Context(), words("Six years of rain in a jam jar", "Tidewrack")); err != nil {
			b.Fatal(err)
		}
	}
}
