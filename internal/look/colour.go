package look

import (
	"encoding/hex"
	"fmt"
	"image/color"
	"math"
	"strings"
)

// colour is one of sRGB, each part from 0 to 255.
type colour [3]uint8

var (
	black = colour{}
	white = colour{255, 255, 255}
)

// legible is the least contrast of text and what is beneath it (WCAG 2.2, 1.4.3),
// with a little more, since colours are rounded.
const legible = 4.55

// parse reads #rgb or #rrggbb, with or without the #.
func parse(s string) (c colour, ok bool) {
	s = strings.TrimPrefix(s, "#")
	if len(s) == 3 {
		s = string([]byte{s[0], s[0], s[1], s[1], s[2], s[2]})
	}
	n, err := hex.Decode(c[:], []byte(cut(s)))
	return c, err == nil && n == 3 && len(s) == 6
}

// cut keeps hex.Decode from writing beyond a colour.
func cut(s string) string { return s[:min(len(s), 6)] }

func plain(s string) color.RGBA {
	c, _ := parse(s)
	return c.rgba()
}

func (c colour) rgba() color.RGBA { return color.RGBA{c[0], c[1], c[2], 255} }

func (c colour) String() string { return fmt.Sprintf("#%02x%02x%02x", c[0], c[1], c[2]) }

// mixed is so much of the way from c to another.
func (c colour) mixed(to colour, share float64) (m colour) {
	for i := range c {
		m[i] = uint8(math.Round(float64(c[i]) + (float64(to[i])-float64(c[i]))*share))
	}
	return m
}

// light is the relative luminance, from 0 to 1 (WCAG 2.2).
func (c colour) light() float64 {
	var parts [3]float64
	for i, part := range c {
		v := float64(part) / 255
		if v <= 0.04045 {
			parts[i] = v / 12.92
		} else {
			parts[i] = math.Pow((v+0.055)/1.055, 2.4)
		}
	}
	return 0.2126*parts[0] + 0.7152*parts[1] + 0.0722*parts[2]
}

// contrast is that of two colours, from 1 to 21 (WCAG 2.2).
func contrast(a, b colour) float64 {
	high, low := max(a.light(), b.light()), min(a.light(), b.light())
	return (high + 0.05) / (low + 0.05)
}

// readable is the colour, moved towards another until it can be read on a ground.
func (c colour) readable(on ground, towards colour) colour {
	paper, _ := parse(on.paper)
	shade, _ := parse(on.shade)
	for share := 0.0; share <= 1; share += .02 {
		if m := c.mixed(towards, share); contrast(m, paper) >= legible && contrast(m, shade) >= legible {
			return m
		}
	}
	return towards
}

// on are the custom properties of an accent: itself, what is written on it, and its
// glow beneath marked text.
func (c colour) on(g ground) string {
	over := white
	if contrast(c, black) > contrast(c, white) {
		over = black
	}
	return fmt.Sprintf("--accent: %s; --on-accent: %s; --glow: %s", c, over, c.glow(g))
}

// glow is a little of the colour on paper, so little that text can be read on it.
func (c colour) glow(g ground) colour {
	paper, _ := parse(g.paper)
	ink, _ := parse(g.ink)
	for share := .25; share > 0; share -= .02 {
		if m := paper.mixed(c, share); contrast(m, ink) >= 7 {
			return m
		}
	}
	return paper
}
