package picture

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"

	"golang.org/x/image/webp"
)

// file is a picture that has not been decoded.
type file struct {
	config func(io.Reader) (image.Config, error)
	decode func(io.Reader) (image.Image, error)
	body   []byte      // without what follows the picture
	kind   string      // its media type
	cost   int         // bytes a pixel that decode needs at worst
	turn   orientation // what is left to do to see the picture upright
}

// open tells formats apart by their first bytes alone. A name or a header can
// say anything.
func open(body []byte) (*file, error) {
	switch {
	case bytes.HasPrefix(body, []byte("\xff\xd8\xff")):
		return openJPEG(body)
	case bytes.HasPrefix(body, []byte("\x89PNG\r\n\x1a\n")):
		return &file{kind: "image/png", config: png.DecodeConfig, decode: png.Decode, body: body, cost: costPNG(body)}, nil
	case bytes.HasPrefix(body, []byte("GIF87a")), bytes.HasPrefix(body, []byte("GIF89a")):
		return &file{kind: "image/gif", config: gif.DecodeConfig, decode: gif.Decode, body: body, cost: 2}, nil
	case bytes.HasPrefix(body, []byte("RIFF")):
		return openWebP(body)
	}
	return nil, ErrNotPicture
}

// openJPEG cuts the file where the picture ends, so that what was counted in it
// is all that the decoder sees.
func openJPEG(body []byte) (*file, error) {
	facts := readJPEG(body)
	if facts.scans > maxScans {
		return nil, fmt.Errorf("%w: more than %d scans", ErrTooLarge, maxScans)
	}
	return &file{kind: "image/jpeg", config: jpeg.DecodeConfig, decode: jpeg.Decode, body: body[:facts.end], cost: facts.cost(), turn: facts.turn}, nil
}

// costPNG is a byte a pixel for a palette, else 4 or 8, as colours have 8 bits
// or 16, and half as much again if the passes of an interlaced picture are put
// together. The IHDR chunk is always the first (PNG §5.6, §11.2.1).
func costPNG(body []byte) int {
	const depth, kind, interlace = 24, 25, 28
	if len(body) <= interlace {
		return 0 // it is refused for its length
	}
	cost := 4
	switch {
	case body[kind] == 3:
		cost = 1
	case body[depth] == 16:
		cost = 8
	}
	if body[interlace] != 0 {
		cost += (cost + 1) / 2
	}
	return cost
}

// openWebP refuses a file that is shorter than it says. The decoder would make
// room for all that is promised, 128 MiB in a file of 40 bytes.
func openWebP(body []byte) (*file, error) {
	const head = 16
	if len(body) < head || string(body[8:12]) != "WEBP" {
		return nil, ErrNotPicture
	}
	end := 8 + int64(binary.LittleEndian.Uint32(body[4:8]))
	if end < head || end > int64(len(body)) {
		return nil, fmt.Errorf("%w: the file is cut short", ErrNotPicture)
	}
	body = body[:end]
	return &file{kind: "image/webp", config: webp.DecodeConfig, decode: webp.Decode, body: body, cost: costWebP(body)}, nil
}

// costWebP is two bytes a pixel for plain lossy pictures. What is lossless, the
// transparency of a lossy picture included, is made of 4 bytes a pixel twice.
func costWebP(body []byte) int {
	const lossy, lossless = 2, 8
	for at := 12; at+8 <= len(body); {
		switch string(body[at : at+4]) {
		case "VP8 ":
			return lossy
		case "VP8L", "ALPH":
			return lossless
		}
		size := int(binary.LittleEndian.Uint32(body[at+4:]))
		at += 8 + size + size&1
	}
	return lossless
}

// decode reads a picture that is small enough to be read.
func decode(ctx context.Context, body []byte, most limits) (image.Image, orientation, error) {
	f, err := open(body)
	if err != nil {
		return nil, 0, err
	}
	img, err := f.read(ctx, most)
	return img, f.turn, err
}

// limits bound a picture before it is decoded: its pixels, and the bytes that a
// decoder may need.
type limits struct{ pixels, memory int }

func (f *file) read(ctx context.Context, most limits) (image.Image, error) {
	config, err := guard(ctx, f.body, f.config)
	if err != nil {
		return nil, err
	}
	if err := f.affordable(config, most); err != nil {
		return nil, err
	}
	img, err := guard(ctx, f.body, f.decode)
	if err != nil {
		return nil, err
	}
	if img.Bounds().Empty() { // the frame of a GIF may be, whatever its screen is
		return nil, fmt.Errorf("%w: it is empty", ErrNotPicture)
	}
	return img, nil
}

func (f *file) affordable(c image.Config, most limits) error {
	w, h := c.Width, c.Height
	if w < 1 || h < 1 {
		return fmt.Errorf("%w: it is empty", ErrNotPicture)
	}
	if w > maxSide || h > maxSide || w*h > most.pixels || w*h*f.cost > most.memory {
		return fmt.Errorf("%w: %d×%d", ErrTooLarge, w, h)
	}
	return nil
}

// guard lets a decoder read a body until ctx ends. Whatever goes wrong in it, a
// panic too, is the file's fault.
func guard[T any](ctx context.Context, body []byte, read func(io.Reader) (T, error)) (result T, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: %v", ErrNotPicture, p)
		}
	}()
	result, err = read(&reader{ctx: ctx, body: bytes.NewReader(body)})
	if ctx.Err() != nil {
		return result, ctx.Err()
	}
	if err != nil {
		return result, fmt.Errorf("%w: %v", ErrNotPicture, err)
	}
	return result, nil
}

// reader reads until its ctx ends, because nothing else stops a decoder.
type reader struct {
	ctx  context.Context
	body *bytes.Reader
}

func (r *reader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.body.Read(p)
}
