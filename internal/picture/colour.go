package picture

import (
	"image"
	"image/color"
	"math"
)

// light is how finely light is counted, from none to all.
const light = 1<<16 - 1

// fine is how finely the numbers of a matrix are counted.
const fine = 1 << 12

// transform brings colours to sRGB, the colours that pages are made of, in the place
// where they lie. Phones write others, which look pale where nobody says so.
type transform struct {
	in    [3][256]int32
	m     [9]int64
	out   []uint8 // of 65,536 degrees of light
	grey  bool
	given *profile
}

// transformOf is what is to be done to the colours of a profile; nil where they are
// those of sRGB, or nearly, or nothing is known of them.
func transformOf(body []byte) *transform {
	p, ok := readProfile(body)
	if !ok {
		return nil
	}
	t := &transform{out: make([]uint8, light+1), grey: p.grey, given: p}
	for n := range t.out {
		t.out[n] = uint8(math.Round(255 * encoded(float64(n)/light)))
	}
	for n, c := range p.curves {
		for value := range t.in[n] {
			t.in[n][value] = degree(c, float64(value)/255)
		}
	}
	for n, v := range p.matrix {
		if math.IsNaN(v) || math.Abs(v) > 100 {
			return nil
		}
		t.m[n] = int64(math.Round(v * fine))
	}
	if t.idle() {
		return nil
	}
	return t
}

// degree is how much light a value stands for.
func degree(c curve, value float64) int32 {
	y := c(value)
	if !(y > 0) { // nor any number
		return 0
	}
	return int32(math.Round(min(y, 1) * light))
}

// encoded is the value of sRGB for light (IEC 61966-2-1).
func encoded(y float64) float64 {
	if y <= 0.0031308 {
		return 12.92 * y
	}
	return 1.055*math.Pow(y, 1/2.4) - 0.055
}

// idle tells whether nothing changes that could be seen.
func (t *transform) idle() bool {
	const step, nothing = 15, 2
	for r := 0; r < 256; r += step {
		for g := 0; g < 256; g += step {
			for b := 0; b < 256; b += step {
				r2, g2, b2 := t.rgb(uint8(r), uint8(g), uint8(b))
				if apart(r, r2) > nothing || apart(g, g2) > nothing || apart(b, b2) > nothing {
					return false
				}
			}
		}
	}
	return true
}

func apart(a int, b uint8) int { return max(a-int(b), int(b)-a) }

func (t *transform) rgb(r, g, b uint8) (uint8, uint8, uint8) {
	l1, l2, l3 := int64(t.in[0][r]), int64(t.in[1][g]), int64(t.in[2][b])
	return t.out[lit(t.m[0]*l1+t.m[1]*l2+t.m[2]*l3)], t.out[lit(t.m[3]*l1+t.m[4]*l2+t.m[5]*l3)], t.out[lit(t.m[6]*l1+t.m[7]*l2+t.m[8]*l3)]
}

// lit is light that was counted finely, within what there is.
func lit(sum int64) int64 { return min(max((sum+fine/2)/fine, 0), light) }

// colours does it to bytes of red, green and blue.
func (t *transform) colours(rgb []byte) {
	for ; len(rgb) >= 3; rgb = rgb[3:] {
		rgb[0], rgb[1], rgb[2] = t.rgb(rgb[0], rgb[1], rgb[2])
	}
}

// picture does it to a picture as decoders give it. Those of four inks stay as they
// are: their profiles are no matrix.
func (t *transform) picture(img image.Image) {
	switch img := img.(type) {
	case *image.YCbCr:
		if !t.grey {
			t.ycbcr(img)
		}
	case *image.NYCbCrA:
		if !t.grey {
			t.ycbcr(&img.YCbCr)
		}
	case *image.Gray:
		for n, v := range img.Pix {
			_, img.Pix[n], _ = t.rgb(v, v, v)
		}
	case *image.RGBA: // made by decoders where all is opaque
		t.four(img.Pix)
	case *image.NRGBA:
		t.four(img.Pix)
	case *image.Gray16:
		t.sixteen(img.Pix, 1, 2)
	case *image.RGBA64:
		t.sixteen(img.Pix, 3, 8)
	case *image.NRGBA64:
		t.sixteen(img.Pix, 3, 8)
	case *image.Paletted:
		for n, c := range img.Palette {
			v := color.NRGBAModel.Convert(c).(color.NRGBA)
			v.R, v.G, v.B = t.rgb(v.R, v.G, v.B)
			img.Palette[n] = v
		}
	}
}

func (t *transform) four(pix []byte) {
	for ; len(pix) >= 4; pix = pix[4:] {
		pix[0], pix[1], pix[2] = t.rgb(pix[0], pix[1], pix[2])
	}
}

// sixteen does it to values of two bytes, of which each pixel has so many, and so many
// bytes in all.
func (t *transform) sixteen(pix []byte, values, each int) {
	in := [3][]int32{}
	for n, c := range t.given.curves {
		in[n] = make([]int32, 1<<16)
		for value := range in[n] {
			in[n][value] = degree(c, float64(value)/65535)
		}
	}
	out := make([]uint16, light+1)
	for n := range out {
		out[n] = uint16(math.Round(65535 * encoded(float64(n)/light)))
	}
	for ; len(pix) >= each; pix = pix[each:] {
		var l [3]int64
		for n := range 3 {
			at := 2 * min(n, values-1)
			l[n] = int64(in[n][int(pix[at])<<8|int(pix[at+1])])
		}
		for n := range values {
			row := 3 * n
			if values == 1 {
				row = 3 // grey is seen as green is, most of all
			}
			v := out[lit(t.m[row]*l[0]+t.m[row+1]*l[1]+t.m[row+2]*l[2])]
			pix[2*n], pix[2*n+1] = byte(v>>8), byte(v)
		}
	}
}

// ycbcr does it in the planes. Several pixels may share their colour: it becomes the
// mean of theirs.
func (t *transform) ycbcr(img *image.YCbCr) {
	across, down := shared(img.SubsampleRatio)
	for y := img.Rect.Min.Y; y < img.Rect.Max.Y; y += down {
		for x := img.Rect.Min.X; x < img.Rect.Max.X; x += across {
			at := img.COffset(x, y)
			cb, cr := img.Cb[at], img.Cr[at]
			var sumB, sumR, n int
			for line := y; line < min(y+down, img.Rect.Max.Y); line++ {
				row := img.YOffset(x, line)
				for i := row; i < row+min(across, img.Rect.Max.X-x); i++ {
					r, g, b := color.YCbCrToRGB(img.Y[i], cb, cr)
					light, blue, red := color.RGBToYCbCr(t.rgb(r, g, b))
					img.Y[i] = light
					sumB, sumR, n = sumB+int(blue), sumR+int(red), n+1
				}
			}
			img.Cb[at], img.Cr[at] = uint8((sumB+n/2)/n), uint8((sumR+n/2)/n)
		}
	}
}

// shared is how many pixels share a colour, across and down.
func shared(r image.YCbCrSubsampleRatio) (across, down int) {
	switch r {
	case image.YCbCrSubsampleRatio422:
		return 2, 1
	case image.YCbCrSubsampleRatio420:
		return 2, 2
	case image.YCbCrSubsampleRatio440:
		return 1, 2
	case image.YCbCrSubsampleRatio411:
		return 4, 1
	case image.YCbCrSubsampleRatio410:
		return 4, 2
	}
	return 1, 1
}
