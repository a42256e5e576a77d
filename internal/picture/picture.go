// Package picture makes clean pictures of what strangers send and writers upload.
package picture

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"

	"golang.org/x/image/draw"
)

const (
	maxSide    = 20_000     // pixels of either side
	maxFace    = 20_000_000 // pixels of what a face is made of
	maxMemory  = 64 << 20   // bytes a decoder may need for a face
	maxPixels  = 50_000_000 // of a picture that is kept whole
	maxWhole   = 192 << 20  // bytes that reading it may need
	maxScans   = 64         // of a JPEG; programs write about ten
	maxDecodes = 2          // at a time
	quality    = 82         // of a JPEG we write
)

// Why there is no picture.
var (
	// ErrNotPicture: these bytes are no JPEG, PNG, GIF or still WebP, or one
	// that is broken.
	ErrNotPicture = errors.New("not a picture")
	// ErrTooLarge: this picture has too many pixels.
	ErrTooLarge = errors.New("picture too large")
	// ErrTooCostly: it would take too much memory or time to read this picture, as
	// it is written. It is an ErrTooLarge, too.
	ErrTooCostly = fmt.Errorf("%w to be read", ErrTooLarge)
)

// Picture is a picture made here: what it shows, and nothing else of the file
// it was made of.
type Picture struct {
	Type          string // image/jpeg, or image/png if some of it is transparent
	Bytes         []byte
	Width, Height int
}

// Maker makes pictures, at most two at a time, and one of them whole, so that few
// large pictures are in memory at once. A process wants one Maker. New is its only
// door.
type Maker struct {
	slots  chan struct{}
	whole  chan struct{}
	pixels int // of what a face is made of
	most   limits
}

// New makes a Maker.
func New() *Maker {
	return &Maker{slots: make(chan struct{}, maxDecodes), whole: make(chan struct{}, 1), pixels: maxFace, most: limits{maxPixels, maxWhole}}
}

// Face makes a square of at most side by side pixels of the middle of a JPEG,
// PNG, WebP or the first frame of a GIF. It never enlarges. A picture that
// cannot be used is an ErrNotPicture or an ErrTooLarge; any other error is that
// of ctx, which bounds the waiting and the work.
func (m *Maker) Face(ctx context.Context, body []byte, side int) (*Picture, error) {
	if side < 1 {
		return nil, fmt.Errorf("a face of %d pixels", side)
	}
	select {
	case m.slots <- struct{}{}:
		defer func() { <-m.slots }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	img, turn, err := decode(ctx, body, limits{m.pixels, maxMemory})
	if err != nil {
		return nil, err
	}
	return encode(turn.upright(square(img, side)))
}

// square is the middle of a picture, scaled down.
func square(img image.Image, side int) *image.RGBA {
	b := img.Bounds()
	edge := min(b.Dx(), b.Dy())
	corner := b.Min.Add(image.Pt((b.Dx()-edge)/2, (b.Dy()-edge)/2))
	middle := image.Rectangle{Min: corner, Max: corner.Add(image.Pt(edge, edge))}
	side = min(side, edge)
	small := image.NewRGBA(image.Rect(0, 0, side, side))
	draw.CatmullRom.Scale(small, small.Bounds(), img, middle, draw.Src, nil)
	return small
}

func encode(img *image.RGBA) (*Picture, error) {
	p := &Picture{Type: "image/jpeg", Width: img.Rect.Dx(), Height: img.Rect.Dy()}
	var out bytes.Buffer
	var err error
	if img.Opaque() {
		err = jpeg.Encode(&out, img, &jpeg.Options{Quality: quality})
	} else {
		p.Type = "image/png"
		err = png.Encode(&out, img)
	}
	if err != nil {
		return nil, fmt.Errorf("write %s: %w", p.Type, err)
	}
	p.Bytes = out.Bytes()
	return p, nil
}
