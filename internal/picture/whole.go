package picture

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"image"
	"image/draw"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
)

// maxFrames bounds the pictures in a GIF.
const maxFrames = 1000

// Whole makes a picture of a JPEG, PNG, GIF or WebP anew, in its own size and
// upright, without anything else of the file: no EXIF with places and names, no
// comments, nothing behind its end. A GIF keeps its frames. Of at most 50 megapixels;
// its errors are those of Face.
func (m *Maker) Whole(ctx context.Context, body []byte) (*Picture, error) {
	for _, turn := range []chan struct{}{m.whole, m.slots} {
		select {
		case turn <- struct{}{}:
			defer func() { <-turn }()
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	f, err := open(body)
	if err != nil {
		return nil, err
	}
	if f.kind == "image/gif" {
		return m.wholeGIF(ctx, f)
	}
	img, err := f.read(ctx, m.most)
	if err != nil {
		return nil, err
	}
	if f.turn > 1 {
		img = f.turn.upright(rgba(img))
	}
	return f.again(img)
}

// rgba is a picture with its corner at 0, 0.
func rgba(img image.Image) *image.RGBA {
	b := img.Bounds()
	flat := image.NewRGBA(image.Rect(0, 0, b.Dx(), b.Dy()))
	draw.Draw(flat, flat.Rect, img, b.Min, draw.Src)
	return flat
}

// again writes a picture as what it was: a photograph stays small as JPEG, a drawing
// sharp as PNG. WebP, which nobody writes here, becomes the one that fits.
func (f *file) again(img image.Image) (*Picture, error) {
	p := &Picture{Type: "image/jpeg", Width: img.Bounds().Dx(), Height: img.Bounds().Dy()}
	if f.kind == "image/png" || f.kind == "image/webp" && !opaque(img) {
		p.Type = "image/png"
	}
	var out bytes.Buffer
	var err error
	if p.Type == "image/png" {
		err = (&png.Encoder{CompressionLevel: png.DefaultCompression}).Encode(&out, img)
	} else {
		err = jpeg.Encode(&out, img, &jpeg.Options{Quality: 90})
	}
	if err != nil {
		return nil, fmt.Errorf("write %s: %w", p.Type, err)
	}
	p.Bytes = out.Bytes()
	return p, nil
}

func opaque(img image.Image) bool {
	known, ok := img.(interface{ Opaque() bool })
	return ok && known.Opaque()
}

// wholeGIF reads the frames only after they were counted, because a small file may
// hold very many.
func (m *Maker) wholeGIF(ctx context.Context, f *file) (*Picture, error) {
	config, err := guard(ctx, f.body, f.config)
	if err != nil {
		return nil, err
	}
	frames, pixels := countGIF(f.body)
	if err := f.affordable(config, m.most); err != nil {
		return nil, err
	}
	if frames > maxFrames || pixels > m.most.pixels {
		return nil, fmt.Errorf("%w: %d frames of %d pixels", ErrTooLarge, frames, pixels)
	}
	film, err := guard(ctx, f.body, func(r io.Reader) (*gif.GIF, error) { return gif.DecodeAll(r) })
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if err := gif.EncodeAll(&out, film); err != nil {
		return nil, fmt.Errorf("%w: %v", ErrNotPicture, err)
	}
	return &Picture{Type: "image/gif", Bytes: out.Bytes(), Width: film.Config.Width, Height: film.Config.Height}, nil
}

// countGIF walks the blocks of a GIF (GIF89a, appendix A) and counts its pictures
// and their pixels. It stops where the file breaks off, as the decoder does.
func countGIF(body []byte) (frames, pixels int) {
	const head = 13
	if len(body) < head {
		return 0, 0
	}
	at := head + table(body[10])
	for at < len(body) {
		switch body[at] {
		case 0x21: // an extension: its label, for text a head of 13 bytes, then blocks
			at += 2
			if at <= len(body) && body[at-1] == 0x01 {
				at += 13
			}
			at = blocks(body, at)
		case 0x2c: // a picture: where it is, its colours, then blocks
			if at+10 > len(body) {
				return frames, pixels
			}
			w, h := binary.LittleEndian.Uint16(body[at+5:]), binary.LittleEndian.Uint16(body[at+7:])
			frames, pixels = frames+1, pixels+int(w)*int(h)
			at = blocks(body, at+10+table(body[at+9])+1)
		default:
			return frames, pixels
		}
	}
	return frames, pixels
}

// table is the length of the colours that a byte of flags announces.
func table(flags byte) int {
	if flags&0x80 == 0 {
		return 0
	}
	return 3 << (flags&7 + 1)
}

// blocks is where a chain of blocks ends.
func blocks(body []byte, at int) int {
	for at < len(body) && body[at] != 0 {
		at += 1 + int(body[at])
	}
	return at + 1
}
