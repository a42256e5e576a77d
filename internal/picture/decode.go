package picture

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
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
	config  func(io.Reader) (image.Config, error)
	decode  func(io.Reader) (image.Image, error)
	body    *io.SectionReader // without what follows the picture
	kind    string            // its media type
	cost    int               // bytes a pixel that decode needs at worst
	turn    orientation       // what is left to do to see the picture upright
	profile []byte            // says what its colours are (ICC.1); nil for nothing
}

// headBytes are enough to tell formats apart, and to read the head of a PNG.
const headBytes = 29

// open tells formats apart by their first bytes alone. A name or a header can
// say anything.
func open(body *io.SectionReader) (*file, error) {
	head := make([]byte, headBytes)
	n, err := body.ReadAt(head, 0)
	if err != nil && err != io.EOF {
		return nil, fmt.Errorf("read a picture: %w", err)
	}
	switch head = head[:n]; {
	case bytes.HasPrefix(head, []byte("\xff\xd8\xff")):
		return openJPEG(body)
	case bytes.HasPrefix(head, []byte(pngSignature)):
		return openPNG(body, head)
	case bytes.HasPrefix(head, []byte("GIF87a")), bytes.HasPrefix(head, []byte("GIF89a")):
		return &file{kind: "image/gif", config: gif.DecodeConfig, decode: gif.Decode, body: body, cost: 2}, nil
	case bytes.HasPrefix(head, []byte("RIFF")):
		return openWebP(body, head)
	}
	return nil, ErrNotPicture
}

// start is a section from its first byte again.
func start(body *io.SectionReader) *bufio.Reader {
	return bufio.NewReaderSize(io.NewSectionReader(body, 0, body.Size()), 64<<10)
}

// openJPEG cuts the file where the picture ends, so that what was counted in it
// is all that the decoder sees.
func openJPEG(body *io.SectionReader) (*file, error) {
	facts, err := readJPEG(start(body), body.Size())
	if err != nil {
		return nil, fmt.Errorf("read a picture: %w", err)
	}
	if facts.scans > maxScans {
		return nil, fmt.Errorf("%w: more than %d scans", ErrTooCostly, maxScans)
	}
	return &file{kind: "image/jpeg", config: jpeg.DecodeConfig, decode: jpeg.Decode, body: io.NewSectionReader(body, 0, facts.end),
		cost: facts.cost(), turn: facts.turn, profile: facts.profile}, nil
}

func openPNG(body *io.SectionReader, head []byte) (*file, error) {
	f := &file{kind: "image/png", config: png.DecodeConfig, decode: png.Decode, body: body, cost: costPNG(head)}
	var err error
	f.profile, f.turn, err = aboutPNG(start(body))
	return f, err
}

// costPNG is a byte a pixel for a palette, else 4 or 8, as colours have 8 bits
// or 16, and half as much again if the passes of an interlaced picture are put
// together. The IHDR chunk is always the first (PNG §5.6, §11.2.1).
func costPNG(head []byte) int {
	const depth, kind, interlace = 24, 25, 28
	if len(head) <= interlace {
		return 0 // it is refused for its length
	}
	cost := 4
	switch {
	case head[kind] == 3:
		cost = 1
	case head[depth] == 16:
		cost = 8
	}
	if head[interlace] != 0 {
		cost += (cost + 1) / 2
	}
	return cost
}

// openWebP refuses a file that is shorter than it says. The decoder would make
// room for all that is promised, 128 MiB in a file of 40 bytes.
func openWebP(body *io.SectionReader, head []byte) (*file, error) {
	const least = 16
	if len(head) < least || string(head[8:12]) != "WEBP" {
		return nil, ErrNotPicture
	}
	end := 8 + int64(binary.LittleEndian.Uint32(head[4:8]))
	if end < least || end > body.Size() {
		return nil, fmt.Errorf("%w: the file is cut short", ErrNotPicture)
	}
	f := &file{kind: "image/webp", config: webp.DecodeConfig, decode: webp.Decode, body: io.NewSectionReader(body, 0, end)}
	var err error
	f.cost, f.turn, f.profile, err = readWebP(start(f.body))
	return f, err
}

// readWebP finds what a decoder needs, in bytes a pixel: two for plain lossy
// pictures. What is lossless, the transparency of a lossy picture included, is made
// of 4 bytes a pixel twice. A profile stands before all that, EXIF behind it.
func readWebP(r *bufio.Reader) (cost int, turn orientation, profile []byte, err error) {
	const lossy, lossless = 2, 8
	cost = lossless
	plain := true // nothing is lossless so far
	if _, err := r.Discard(12); err != nil {
		return cost, turn, profile, unread(err)
	}
	for {
		head := make([]byte, 8)
		if _, err := io.ReadFull(r, head); err != nil {
			return cost, turn, profile, unread(err)
		}
		kind, size := string(head[:4]), int(binary.LittleEndian.Uint32(head[4:]))
		var data []byte
		if kind == "ICCP" && size <= maxProfile || kind == "EXIF" && size <= maxEXIF {
			data = make([]byte, size)
			if _, err := io.ReadFull(r, data); err != nil {
				return cost, turn, profile, unread(err)
			}
		}
		switch kind {
		case "VP8 ":
			if plain {
				cost = lossy
			}
		case "VP8L", "ALPH":
			cost, plain = lossless, false
		case "ICCP":
			profile = data
		case "EXIF":
			turn = tiffOrientation(bytes.TrimPrefix(data, []byte(exifPrefix)))
		}
		if _, err := r.Discard(size + size&1 - len(data)); err != nil {
			return cost, turn, profile, unread(err)
		}
	}
}

// unread tells the end of a file, which a decoder will speak of, from a disk that
// cannot be read.
func unread(err error) error {
	if err == nil || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return nil
	}
	return fmt.Errorf("read a picture: %w", err)
}

// decode reads a picture that is small enough to be read.
func decode(ctx context.Context, body []byte, most limits) (image.Image, orientation, error) {
	f, err := open(io.NewSectionReader(bytes.NewReader(body), 0, int64(len(body))))
	if err != nil {
		return nil, 0, err
	}
	img, err := f.read(ctx, most)
	return img, f.turn, err
}

// limits bound a picture before it is decoded: its pixels, and the bytes that
// reading it may need.
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
	switch {
	case w < 1 || h < 1:
		return fmt.Errorf("%w: it is empty", ErrNotPicture)
	case w > maxSide || h > maxSide || w*h > most.pixels:
		return fmt.Errorf("%w: %d×%d", ErrTooLarge, w, h)
	case w*h*f.cost > most.memory:
		return fmt.Errorf("%w: %d×%d, %d bytes each", ErrTooCostly, w, h, f.cost)
	}
	return nil
}

// guard lets a decoder read a body until ctx ends. Whatever goes wrong in it, a
// panic too, is the file's fault, unless the disk cannot be read.
func guard[T any](ctx context.Context, body *io.SectionReader, read func(io.Reader) (T, error)) (result T, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: %v", ErrNotPicture, p)
		}
	}()
	r := &reader{ctx: ctx, body: start(body)}
	result, err = read(r)
	switch {
	case ctx.Err() != nil:
		return result, ctx.Err()
	case r.failed != nil:
		return result, r.failed
	case err != nil:
		return result, fmt.Errorf("%w: %v", ErrNotPicture, err)
	}
	return result, nil
}

// reader reads until its ctx ends, because nothing else stops a decoder.
type reader struct {
	ctx    context.Context
	body   io.Reader
	failed error // of the disk
}

func (r *reader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := r.body.Read(p)
	if err != nil {
		r.failed = unread(err)
	}
	return n, err
}
