package picture

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"hash/crc32"
	"io"

	"github.com/klauspost/compress/zlib"
)

const pngSignature = "\x89PNG\r\n\x1a\n"

// The types of colour of a PNG (PNG §11.2.1), and how many values a pixel has.
const pngGrey, pngColour, pngPalette, pngGreyAlpha, pngColourAlpha = 0, 2, 3, 4, 6

var pngValues = map[byte]int{pngGrey: 1, pngColour: 3, pngPalette: 1, pngGreyAlpha: 2, pngColourAlpha: 4}

// errPNG says that a PNG is not as it should be.
var errPNG = errors.New("a PNG that is broken")

// chunks reads a PNG chunk by chunk.
type chunks struct {
	r    *bufio.Reader
	left int // of the data of this one
	sum  hash.Hash32
}

// next begins the next chunk, when the one before is read to its end.
func (c *chunks) next() (kind string, err error) {
	var head [8]byte
	if _, err := io.ReadFull(c.r, head[:]); err != nil {
		return "", err
	}
	length := binary.BigEndian.Uint32(head[:])
	if length > 1<<31-1 {
		return "", errPNG
	}
	c.left = int(length)
	c.sum.Reset()
	c.sum.Write(head[4:])
	return string(head[4:]), nil
}

// Read reads the data of the chunk, and at its end checks the sum behind it.
func (c *chunks) Read(p []byte) (int, error) {
	if c.left == 0 {
		return 0, io.EOF
	}
	n, err := c.r.Read(p[:min(len(p), c.left)])
	c.sum.Write(p[:n])
	c.left -= n
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	if err == nil && c.left == 0 {
		err = c.check()
	}
	return n, err
}

func (c *chunks) check() error {
	var sum [4]byte
	if _, err := io.ReadFull(c.r, sum[:]); err != nil {
		return err
	}
	if binary.BigEndian.Uint32(sum[:]) != c.sum.Sum32() {
		return fmt.Errorf("%w: the sum of a chunk is wrong", errPNG)
	}
	return nil
}

// all is the data of a chunk of at most so many bytes; nil for a longer one.
func (c *chunks) all(most int) ([]byte, error) {
	if c.left == 0 {
		return nil, c.check()
	}
	if c.left > most {
		return nil, c.skip()
	}
	data := make([]byte, c.left)
	_, err := io.ReadFull(c, data)
	return data, err
}

func (c *chunks) skip() error {
	_, err := c.r.Discard(c.left + 4)
	c.left = 0
	return err
}

func readChunks(r *bufio.Reader) (*chunks, error) {
	signature := make([]byte, len(pngSignature))
	if _, err := io.ReadFull(r, signature); err != nil || string(signature) != pngSignature {
		return nil, errPNG
	}
	return &chunks{r: r, sum: crc32.NewIEEE()}, nil
}

// aboutPNG is what a PNG says of how to show it. A profile stands in the chunk iCCP,
// which comes before the picture (PNG §11.3.2.3): a name, a byte that says how it is
// packed, and the profile. EXIF stands in the chunk eXIf, before or behind it.
func aboutPNG(r *bufio.Reader) (profile []byte, turn orientation, err error) {
	c, err := readChunks(r)
	for pixels := false; err == nil; {
		var kind string
		if kind, err = c.next(); err != nil {
			break
		}
		var data []byte
		switch {
		case kind == "iCCP" && profile == nil && !pixels:
			if data, err = c.all(maxProfile); err == nil {
				profile = unpacked(data)
			}
		case kind == "eXIf":
			if data, err = c.all(maxEXIF); err == nil {
				turn = tiffOrientation(data)
			}
		case kind == "IEND":
			return profile, turn, nil
		default:
			pixels = pixels || kind == "IDAT"
			err = c.skip()
		}
	}
	if errors.Is(err, errPNG) {
		return profile, turn, nil // the decoder says what is wrong with it
	}
	return profile, turn, unread(err)
}

func unpacked(data []byte) []byte {
	_, packed, ok := bytes.Cut(data, []byte{0})
	if !ok || len(packed) < 1 || packed[0] != 0 {
		return nil
	}
	r, err := zlib.NewReader(bytes.NewReader(packed[1:]))
	if err != nil {
		return nil
	}
	defer r.Close()
	profile, err := io.ReadAll(io.LimitReader(r, maxProfile))
	if err != nil {
		return nil
	}
	return profile
}

// pngFile is what of a PNG is kept beside its pixels.
type pngFile struct {
	head     []byte // IHDR
	palette  []byte // PLTE
	lucidity []byte // tRNS: what of it can be seen through
}

// rewritePNG writes a PNG anew while it reads it, row by row, so that it takes little
// memory however large it is. What it shows stays bit by bit; of all chunks only those
// are kept that say so. A palette is brought to sRGB by to, if there is one.
func rewritePNG(ctx context.Context, body *io.SectionReader, to *transform, out io.Writer) error {
	_, err := guard(ctx, body, func(r io.Reader) (struct{}, error) {
		c, err := readChunks(bufio.NewReaderSize(r, 64<<10))
		if err != nil {
			return struct{}{}, err
		}
		var p pngFile
		if err := p.readUpToPixels(c); err != nil {
			return struct{}{}, err
		}
		if to != nil {
			to.colours(p.palette)
		}
		return struct{}{}, p.write(c, out)
	})
	return err
}

func (p *pngFile) readUpToPixels(c *chunks) error {
	for {
		kind, err := c.next()
		if err != nil {
			return err
		}
		switch {
		case p.head == nil && kind != "IHDR", p.head != nil && kind == "IHDR":
			return errPNG
		case kind == "IHDR":
			p.head, err = c.all(13)
		case kind == "PLTE" && p.palette == nil:
			p.palette, err = c.all(3 * 256)
		case kind == "tRNS" && p.lucidity == nil:
			p.lucidity, err = c.all(256)
		case kind == "IDAT":
			return p.check()
		default:
			err = c.skip()
		}
		if err != nil {
			return err
		}
	}
}

// check holds the head and the palette against PNG §11.2.1, §11.2.2 and §11.3.1.1,
// and lets go of what such a picture does not have.
func (p *pngFile) check() error {
	if len(p.head) != 13 || p.head[10] != 0 || p.head[11] != 0 || p.head[12] > 1 || !p.depthFits() {
		return errPNG
	}
	switch p.head[9] {
	case pngPalette:
		colours := len(p.palette) / 3
		if len(p.palette)%3 != 0 || colours < 1 || colours > 1<<p.head[8] || len(p.lucidity) > colours {
			return errPNG
		}
		return nil
	case pngGrey:
		p.palette = nil
		return p.lucid(2)
	case pngColour:
		p.palette = nil
		return p.lucid(6)
	}
	p.palette, p.lucidity = nil, nil
	return nil
}

func (p *pngFile) lucid(want int) error {
	if len(p.lucidity) != 0 && len(p.lucidity) != want {
		return errPNG
	}
	return nil
}

func (p *pngFile) depthFits() bool {
	switch depth := p.head[8]; p.head[9] {
	case pngGrey:
		return depth == 1 || depth == 2 || depth == 4 || depth == 8 || depth == 16
	case pngPalette:
		return depth == 1 || depth == 2 || depth == 4 || depth == 8
	case pngColour, pngGreyAlpha, pngColourAlpha:
		return depth == 8 || depth == 16
	}
	return false
}

func (p *pngFile) write(c *chunks, out io.Writer) error {
	w := &pngWriter{out: out}
	w.raw([]byte(pngSignature))
	w.chunk("IHDR", p.head)
	if p.palette != nil {
		w.chunk("PLTE", p.palette)
	}
	if len(p.lucidity) > 0 {
		w.chunk("tRNS", p.lucidity)
	}
	if err := p.pixels(&pixelData{c: c}, w); err != nil {
		return err
	}
	w.chunk("IEND", nil)
	return w.err
}

// pixels unpacks the rows, each with a byte before it that says how it is filtered
// (PNG §9), counts them, and packs them again.
func (p *pngFile) pixels(from io.Reader, w *pngWriter) error {
	rows, err := zlib.NewReader(from)
	if err != nil {
		return err
	}
	defer rows.Close()
	packed := bufio.NewWriterSize(idat{w}, 64<<10)
	to := zlib.NewWriter(packed)
	for _, pass := range p.passes() {
		row := make([]byte, 1+pass.row)
		for range pass.rows {
			if _, err := io.ReadFull(rows, row); err != nil {
				return err
			}
			if row[0] > 4 {
				return errPNG
			}
			if _, err := to.Write(row); err != nil {
				return w.err
			}
		}
	}
	if n, err := rows.Read(make([]byte, 1)); n > 0 || err != io.EOF {
		return fmt.Errorf("%w: more pixels than there should be", errPNG)
	}
	if err := to.Close(); err != nil {
		return w.err
	}
	packed.Flush()
	return w.err
}

// pass is a part of a picture that is sent as one: all of it, or one of seven.
type pass struct{ row, rows int } // bytes of a row; how many

func (p *pngFile) passes() (all []pass) {
	w, h := int(binary.BigEndian.Uint32(p.head)), int(binary.BigEndian.Uint32(p.head[4:]))
	bits := int(p.head[8]) * pngValues[p.head[9]]
	add := func(w, h int) {
		if w > 0 && h > 0 {
			all = append(all, pass{(w*bits + 7) / 8, h})
		}
	}
	if p.head[12] == 0 {
		add(w, h)
		return all
	}
	// Where each pass begins, and how far its pixels stand apart (PNG §8.2).
	for _, a := range [7][4]int{{0, 0, 8, 8}, {4, 0, 8, 8}, {0, 4, 4, 8}, {2, 0, 4, 4}, {0, 2, 2, 4}, {1, 0, 2, 2}, {0, 1, 1, 2}} {
		add((w-a[0]+a[2]-1)/a[2], (h-a[1]+a[3]-1)/a[3])
	}
	return all
}

// pixelData reads the chunks IDAT, which follow one another, as one.
type pixelData struct {
	c    *chunks
	done bool
}

func (d *pixelData) Read(p []byte) (int, error) {
	if d.done {
		return 0, io.EOF
	}
	for d.c.left == 0 {
		kind, err := d.c.next()
		if err != nil {
			return 0, err
		}
		if kind != "IDAT" {
			d.done = true
			return 0, io.EOF
		}
		if d.c.left == 0 {
			if err := d.c.check(); err != nil {
				return 0, err
			}
		}
	}
	return d.c.Read(p)
}

// pngWriter writes chunks, and remembers the first error.
type pngWriter struct {
	out io.Writer
	err error
}

func (w *pngWriter) raw(p []byte) {
	if w.err == nil {
		_, w.err = w.out.Write(p)
	}
}

func (w *pngWriter) chunk(kind string, data []byte) {
	sum := crc32.Update(crc32.ChecksumIEEE([]byte(kind)), crc32.IEEETable, data)
	w.raw(append(binary.BigEndian.AppendUint32(nil, uint32(len(data))), kind...))
	w.raw(data)
	w.raw(binary.BigEndian.AppendUint32(nil, sum))
}

// idat makes a chunk of pixels of all that is written at once.
type idat struct{ w *pngWriter }

func (i idat) Write(p []byte) (int, error) {
	i.w.chunk("IDAT", p)
	return len(p), i.w.err
}
