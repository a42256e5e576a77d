// Package poster draws the picture that other sites show of a page which has none
// of its own: its title, and the name of the site.
package poster

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"strings"
	"unicode"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
)

// The size of a poster, in pixels: that which is asked for most
// by those who show it.
const (
	Width  = 1200
	Height = 630

	margin    = 96
	mostLines = 4
	nameSize  = 36
	barHigh   = 18
)

// sizes are those of a title, in pixels: the largest in which it has room.
var sizes = [...]float64{84, 68, 54}

// ErrNoLetters says that there are letters in the words which cannot be drawn here.
var ErrNoLetters = errors.New("there are no letters for this")

// Words are what stands on a poster, and in which colours.
type Words struct {
	Title, Site        string
	Paper, Ink, Accent color.RGBA
}

// Maker draws posters, one at a time. New is its only door.
type Maker struct {
	bold, regular *opentype.Font
	turn          chan struct{}
}

// New makes a Maker, whose letters are built in.
func New() *Maker {
	return &Maker{parsed(gobold.TTF), parsed(goregular.TTF), make(chan struct{}, 1)}
}

func parsed(ttf []byte) *opentype.Font {
	f, err := opentype.Parse(ttf)
	if err != nil {
		panic(fmt.Sprintf("poster: %v", err))
	}
	return f
}

// Can tells whether there are letters for all words: those of Latin, Greek and
// Cyrillic, written from the left.
func (m *Maker) Can(words ...string) bool {
	var b sfnt.Buffer
	for _, w := range words {
		if strings.TrimSpace(w) == "" {
			return false
		}
		for _, r := range w {
			if unicode.IsSpace(r) {
				continue
			}
			if i, err := m.bold.GlyphIndex(&b, r); err != nil || i == 0 {
				return false
			}
		}
	}
	return true
}

// Draw makes a poster, as PNG. What cannot be drawn is ErrNoLetters; any other error
// is that of ctx, which bounds the waiting.
func (m *Maker) Draw(ctx context.Context, w Words) ([]byte, error) {
	if !m.Can(w.Title, w.Site) {
		return nil, ErrNoLetters
	}
	select {
	case m.turn <- struct{}{}:
		defer func() { <-m.turn }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	letters := image.NewGray(image.Rect(0, 0, Width, Height))
	if err := m.title(letters, strings.Fields(w.Title)); err != nil {
		return nil, err
	}
	if err := m.name(letters, w.Site); err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if err := png.Encode(&b, coloured(letters, w)); err != nil {
		return nil, fmt.Errorf("write a poster: %w", err)
	}
	return b.Bytes(), nil
}

// title sets the title as large as there is room, and cuts one that is too long.
func (m *Maker) title(on draw.Image, words []string) error {
	for n, size := range sizes {
		face, err := faceOf(m.bold, size)
		if err != nil {
			return err
		}
		lines, whole := broken(face, words)
		if whole || n == len(sizes)-1 {
			high := int(size * 1.18)
			y := margin + int(size)
			for _, line := range lines {
				set(on, face, line, y)
				y += high
			}
			return face.Close()
		}
		face.Close()
	}
	return nil
}

// name sets the name of the site at the foot, on one line.
func (m *Maker) name(on draw.Image, site string) error {
	face, err := faceOf(m.regular, nameSize)
	if err != nil {
		return err
	}
	defer face.Close()
	set(on, face, fitting(face, site), Height-barHigh-margin/2)
	return nil
}

func faceOf(f *opentype.Font, size float64) (font.Face, error) {
	face, err := opentype.NewFace(f, &opentype.FaceOptions{Size: size, DPI: 72, Hinting: font.HintingNone})
	if err != nil {
		return nil, fmt.Errorf("draw a poster: %w", err)
	}
	return face, nil
}

func set(on draw.Image, face font.Face, line string, y int) {
	d := font.Drawer{Dst: on, Src: image.White, Face: face, Dot: fixed.P(margin, y)}
	d.DrawString(line)
}

// broken breaks words into lines, and tells whether all of them have room.
func broken(face font.Face, words []string) (lines []string, whole bool) {
	line := ""
	for _, word := range words {
		next := strings.TrimSpace(line + " " + word)
		if line == "" || fits(face, next) {
			line = next
			continue
		}
		if len(lines) == mostLines-1 {
			return append(lines, fitting(face, line+" …")), false
		}
		lines, line = append(lines, fitting(face, line)), word
	}
	return append(lines, fitting(face, line)), fits(face, line)
}

func fits(face font.Face, s string) bool {
	return font.MeasureString(face, s).Ceil() <= Width-2*margin
}

// fitting is as much of a line as has room.
func fitting(face font.Face, s string) string {
	if fits(face, s) {
		return s
	}
	runes := []rune(strings.TrimSuffix(s, " …"))
	for len(runes) > 0 && !fits(face, string(runes)+"…") {
		runes = runes[:len(runes)-1]
	}
	return string(runes) + "…"
}

// shades are how many there are between paper and ink: enough for soft edges, and
// so few that the file is small.
const shades = 32

// coloured puts ink where the letters are, and a bar at the foot.
func coloured(letters *image.Gray, w Words) *image.Paletted {
	palette := make(color.Palette, 0, shades+1)
	for i := range shades {
		palette = append(palette, between(w.Paper, w.Ink, i))
	}
	palette = append(palette, w.Accent)
	made := image.NewPaletted(letters.Rect, palette)
	for i, gray := range letters.Pix {
		made.Pix[i] = gray >> 3
	}
	for i := (Height - barHigh) * Width; i < len(made.Pix); i++ {
		made.Pix[i] = shades
	}
	return made
}

func between(a, b color.RGBA, i int) color.RGBA {
	part := func(a, b uint8) uint8 { return uint8(int(a) + (int(b)-int(a))*i/(shades-1)) }
	return color.RGBA{part(a.R, b.R), part(a.G, b.G), part(a.B, b.B), 255}
}
