package picture

import (
	"bufio"
	"context"
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"runtime/debug"
)

// maxFrames bounds the pictures in a GIF.
const maxFrames = 1000

// Whole makes a picture of a JPEG, PNG, GIF or WebP of size bytes anew and writes it
// to out, in its own size and upright, without anything else of the file: no EXIF with
// places and names, no comments, nothing behind its end. Colours of a camera's own are
// brought to those of pages. A GIF keeps its frames. Of at most 50 megapixels, and what
// takes at most 192 MiB to read; its errors are those of Face, of body and of out. The
// Picture it returns has no Bytes.
func (m *Maker) Whole(ctx context.Context, body io.ReaderAt, size int64, out io.Writer) (*Picture, error) {
	release, err := m.alone(ctx)
	if err != nil {
		return nil, err
	}
	defer release()
	f, err := open(io.NewSectionReader(body, 0, size))
	if err != nil {
		return nil, err
	}
	to := &sink{out: out}
	p, err := f.whole(ctx, m.most, to)
	if to.err != nil {
		return nil, fmt.Errorf("write a picture: %w", to.err)
	}
	if p != nil && p.Width*p.Height > aLot {
		debug.FreeOSMemory() // it is not needed again soon
	}
	return p, err
}

// aLot is how many pixels take much memory.
const aLot = 4_000_000

// alone waits until no other picture is made whole.
func (m *Maker) alone(ctx context.Context) (release func(), err error) {
	turns := []chan struct{}{m.whole, m.slots}
	for n, turn := range turns {
		select {
		case turn <- struct{}{}:
		case <-ctx.Done():
			for _, taken := range turns[:n] {
				<-taken
			}
			return nil, ctx.Err()
		}
	}
	return func() { <-m.slots; <-m.whole }, nil
}

// sink is where a picture is written. It remembers what went wrong there, which is no
// fault of the picture.
type sink struct {
	out io.Writer
	err error
}

func (s *sink) Write(p []byte) (int, error) {
	n, err := s.out.Write(p)
	if err != nil {
		s.err = err
	}
	return n, err
}

func (f *file) whole(ctx context.Context, most limits, out io.Writer) (*Picture, error) {
	to := transformOf(f.profile)
	switch {
	case f.kind == "image/gif":
		return f.wholeGIF(ctx, most, out)
	case f.kind == "image/png":
		config, err := guard(ctx, f.body, f.config)
		if err != nil {
			return nil, err
		}
		if err := f.affordable(config, most); err != nil {
			return nil, err
		}
		if _, palette := config.ColorModel.(color.Palette); f.turn < 2 && (to == nil || palette) {
			return &Picture{Type: f.kind, Width: config.Width, Height: config.Height}, rewritePNG(ctx, f.body, to, out)
		}
	}
	if f.turn > 1 && f.kind != "image/png" {
		f.cost += 2 // a byte and a half for a copy
	}
	img, err := f.read(ctx, most)
	if err != nil {
		return nil, err
	}
	if to != nil {
		to.picture(img)
	}
	return f.again(img, out)
}

// again writes a picture as what it was: a photograph stays small as JPEG, a drawing
// sharp as PNG. WebP, which nobody writes here, becomes the one that fits.
func (f *file) again(img image.Image, out io.Writer) (*Picture, error) {
	p := &Picture{Type: "image/jpeg", Width: img.Bounds().Dx(), Height: img.Bounds().Dy()}
	if f.kind == "image/png" || f.kind == "image/webp" && !opaque(img) {
		p.Type = "image/png"
		if _, sixteen := img.(*image.NYCbCrA); f.turn > 1 || sixteen { // it would be written so
			img = turned{img, f.turn}
			p.Width, p.Height = img.Bounds().Dx(), img.Bounds().Dy()
		}
		if err := png.Encode(out, img); err != nil {
			return nil, fmt.Errorf("write %s: %w", p.Type, err)
		}
		return p, nil
	}
	upright := planesOf(img).turned(f.turn)
	p.Width, p.Height = upright.w, upright.h
	if err := jpeg.Encode(out, upright.image(), &jpeg.Options{Quality: 90}); err != nil {
		return nil, fmt.Errorf("write %s: %w", p.Type, err)
	}
	return p, nil
}

func opaque(img image.Image) bool {
	known, ok := img.(interface{ Opaque() bool })
	return ok && known.Opaque()
}

// wholeGIF reads the frames only after they were counted, because a small file may
// hold very many.
func (f *file) wholeGIF(ctx context.Context, most limits, out io.Writer) (*Picture, error) {
	config, err := guard(ctx, f.body, f.config)
	if err != nil {
		return nil, err
	}
	frames, pixels, err := countGIF(start(f.body))
	if err != nil {
		return nil, err
	}
	if err := f.affordable(config, most); err != nil {
		return nil, err
	}
	if frames > maxFrames || pixels > most.pixels {
		return nil, fmt.Errorf("%w: %d frames of %d pixels", ErrTooCostly, frames, pixels)
	}
	film, err := guard(ctx, f.body, func(r io.Reader) (*gif.GIF, error) { return gif.DecodeAll(r) })
	if err != nil {
		return nil, err
	}
	if err := gif.EncodeAll(out, film); err != nil {
		return nil, fmt.Errorf("%w: %v", ErrNotPicture, err)
	}
	return &Picture{Type: "image/gif", Width: film.Config.Width, Height: film.Config.Height}, nil
}

// countGIF walks the blocks of a GIF (GIF89a, appendix A) and counts its pictures
// and their pixels. It stops where the file breaks off, as the decoder does; its only
// errors are those of the disk.
func countGIF(r *bufio.Reader) (frames, pixels int, err error) {
	w := walker{r: r}
	head := w.take(13)
	w.skip(table(head[10]))
	for w.err == nil {
		switch w.take(1)[0] {
		case 0x21: // an extension: its label, for text a head of 13 bytes, then blocks
			if label := w.take(1)[0]; label == 0x01 {
				w.skip(13)
			}
			w.blocks()
		case 0x2c: // a picture: where it is, its colours, then blocks
			place := w.take(9)
			if w.err != nil {
				return frames, pixels, unread(w.err)
			}
			frames++
			pixels += int(binary.LittleEndian.Uint16(place[4:])) * int(binary.LittleEndian.Uint16(place[6:]))
			w.skip(table(place[8]) + 1)
			w.blocks()
		default:
			return frames, pixels, unread(w.err)
		}
	}
	return frames, pixels, unread(w.err)
}

// table is the length of the colours that a byte of flags announces.
func table(flags byte) int {
	if flags&0x80 == 0 {
		return 0
	}
	return 3 << (flags&7 + 1)
}

// walker walks through a file, and remembers where it could not go on. What it takes
// there is nothing but zeros.
type walker struct {
	r   *bufio.Reader
	err error
	buf [13]byte
}

func (w *walker) take(n int) []byte {
	part := w.buf[:n]
	if w.err == nil {
		_, w.err = io.ReadFull(w.r, part)
	}
	if w.err != nil {
		clear(part)
	}
	return part
}

func (w *walker) skip(n int) {
	if w.err == nil {
		_, w.err = w.r.Discard(n)
	}
}

// blocks goes to the end of a chain of blocks.
func (w *walker) blocks() {
	for w.err == nil {
		length := w.take(1)[0]
		if length == 0 {
			return
		}
		w.skip(int(length))
	}
}
