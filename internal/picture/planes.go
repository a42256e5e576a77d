package picture

import (
	"image"
	"image/color"
)

// plane is one of the values of a picture, for all its pixels.
type plane struct {
	pix          []uint8
	stride, w, h int
}

func newPlane(w, h int) plane { return plane{make([]uint8, w*h), w, w, h} }

// turned is the plane upright.
func (p plane) turned(o orientation) plane {
	const tile = 64 // what is read across and written down stays near
	w, h := p.w, p.h
	if o >= 5 {
		w, h = h, w
	}
	out := newPlane(w, h)
	for y0 := 0; y0 < h; y0 += tile {
		for x0 := 0; x0 < w; x0 += tile {
			for y := y0; y < min(y0+tile, h); y++ {
				for x := x0; x < min(x0+tile, w); x++ {
					fromX, fromY := o.from(x, y, w-1, h-1)
					out.pix[y*w+x] = p.pix[fromY*p.stride+fromX]
				}
			}
		}
	}
	return out
}

// planes are a picture as a JPEG holds it: brightness, and for each four pixels two
// colours; of a grey one its brightness alone.
type planes struct {
	w, h   int
	bright plane
	colour [2]plane
	grey   bool
}

// planesOf takes apart a picture that a decoder gave, as far as may be without a
// copy.
func planesOf(img image.Image) planes {
	b := img.Bounds()
	p := planes{w: b.Dx(), h: b.Dy()}
	switch img := img.(type) {
	case *image.Gray:
		p.bright, p.grey = plane{img.Pix[img.PixOffset(b.Min.X, b.Min.Y):], img.Stride, p.w, p.h}, true
	case *image.YCbCr:
		p.bright = plane{img.Y[img.YOffset(b.Min.X, b.Min.Y):], img.YStride, p.w, p.h}
		p.takeColours(img)
	default:
		p.take(img)
	}
	return p
}

// takeColours takes them as they are where four pixels share one, else the mean.
func (p *planes) takeColours(img *image.YCbCr) {
	w, h := (p.w+1)/2, (p.h+1)/2
	if img.SubsampleRatio == image.YCbCrSubsampleRatio420 && img.Rect.Min.X%2 == 0 && img.Rect.Min.Y%2 == 0 {
		at := img.COffset(img.Rect.Min.X, img.Rect.Min.Y)
		p.colour = [2]plane{{img.Cb[at:], img.CStride, w, h}, {img.Cr[at:], img.CStride, w, h}}
		return
	}
	p.colour = [2]plane{newPlane(w, h), newPlane(w, h)}
	for y := range h {
		for x := range w {
			var sum [2]int
			for n := range 4 {
				at := img.COffset(img.Rect.Min.X+min(2*x+n&1, p.w-1), img.Rect.Min.Y+min(2*y+n>>1, p.h-1))
				sum[0], sum[1] = sum[0]+int(img.Cb[at]), sum[1]+int(img.Cr[at])
			}
			p.colour[0].pix[y*w+x], p.colour[1].pix[y*w+x] = uint8((sum[0]+2)/4), uint8((sum[1]+2)/4)
		}
	}
}

// take makes planes of what has none.
func (p *planes) take(img image.Image) {
	b := img.Bounds()
	w, h := (p.w+1)/2, (p.h+1)/2
	p.bright, p.colour = newPlane(p.w, p.h), [2]plane{newPlane(w, h), newPlane(w, h)}
	for y := range h {
		for x := range w {
			var sum [2]int
			for n := range 4 {
				px, py := min(2*x+n&1, p.w-1), min(2*y+n>>1, p.h-1)
				bright, blue, red := color.RGBToYCbCr(rgbAt(img, b.Min.X+px, b.Min.Y+py))
				p.bright.pix[py*p.w+px] = bright
				sum[0], sum[1] = sum[0]+int(blue), sum[1]+int(red)
			}
			p.colour[0].pix[y*w+x], p.colour[1].pix[y*w+x] = uint8((sum[0]+2)/4), uint8((sum[1]+2)/4)
		}
	}
}

// rgbAt is a pixel of what decoders of JPEG give beside planes, quickly.
func rgbAt(img image.Image, x, y int) (r, g, b uint8) {
	switch img := img.(type) {
	case *image.RGBA:
		at := img.PixOffset(x, y)
		return img.Pix[at], img.Pix[at+1], img.Pix[at+2]
	case *image.CMYK:
		at := img.PixOffset(x, y)
		return color.CMYKToRGB(img.Pix[at], img.Pix[at+1], img.Pix[at+2], img.Pix[at+3])
	}
	red, green, blue, _ := img.At(x, y).RGBA()
	return uint8(red >> 8), uint8(green >> 8), uint8(blue >> 8)
}

// turned is the picture upright. The planes of before are let go one by one.
func (p planes) turned(o orientation) planes {
	if o < 2 {
		return p
	}
	if o >= 5 {
		p.w, p.h = p.h, p.w
	}
	p.bright = p.bright.turned(o)
	if !p.grey {
		p.colour[0], p.colour[1] = p.colour[0].turned(o), p.colour[1].turned(o)
	}
	return p
}

// image puts the planes together.
func (p planes) image() image.Image {
	rect := image.Rect(0, 0, p.w, p.h)
	if p.grey {
		return &image.Gray{Pix: p.bright.pix, Stride: p.bright.stride, Rect: rect}
	}
	return &image.YCbCr{Y: p.bright.pix, Cb: p.colour[0].pix, Cr: p.colour[1].pix, YStride: p.bright.stride, CStride: p.colour[0].stride,
		SubsampleRatio: image.YCbCrSubsampleRatio420, Rect: rect}
}
