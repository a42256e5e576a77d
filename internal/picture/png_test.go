package picture

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"testing"

	"github.com/klauspost/compress/zlib"
)

// packedRows is how the rows of a picture are sent.
func packedRows(t testing.TB, rows []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w := zlib.NewWriter(&out)
	if _, err := w.Write(rows); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// pngOf puts a PNG together of its head, chunks before the pixels, and rows, which are
// sent in two chunks.
func pngOf(t testing.TB, w, h uint32, depth, kind, interlace byte, before, rows []byte) []byte {
	t.Helper()
	body := append(pngHeader(w, h, depth, kind, interlace)[:33:33], before...)
	pixels := packedRows(t, rows)
	body = append(body, chunk("IDAT", pixels[:len(pixels)/2])...)
	body = append(body, chunk("IDAT", nil)...)
	body = append(body, chunk("IDAT", pixels[len(pixels)/2:])...)
	return append(body, chunk("IEND", nil)...)
}

// interlaced is a grey PNG of 5×5 pixels in seven passes.
func interlaced(t testing.TB) []byte {
	var rows []byte
	for _, p := range [][2]int{{1, 1}, {1, 1}, {2, 1}, {1, 2}, {3, 1}, {2, 3}, {5, 2}} {
		for y := range p[1] {
			rows = append(rows, byte(y&1)) // not filtered, or by what stands to the left
			for x := range p[0] {
				rows = append(rows, byte(40*x+7*len(rows)))
			}
		}
	}
	return pngOf(t, 5, 5, 8, pngGrey, 1, nil, rows)
}

func TestAPNGShowsBitByBitWhatItShowed(t *testing.T) {
	whole4 := image.Rect(0, 0, 9, 7)
	for name, body := range map[string][]byte{
		"grey":          asPNG(t, quarters(image.NewGray(whole4), "KWWK")),
		"16-bit grey":   asPNG(t, quarters(image.NewGray16(whole4), "KWWK")),
		"colour":        asPNG(t, quarters(image.NewRGBA(whole4), "RGBY")),
		"lucid":         asPNG(t, quarters(image.NewNRGBA(whole4), "R.BY")),
		"of 16 bits":    asPNG(t, quarters(image.NewNRGBA64(whole4), "R.BY")),
		"palette":       asPNG(t, quarters(image.NewPaletted(whole4, palette), "RGB.")),
		"interlaced":    interlaced(t),
		"one bit":       pngOf(t, 9, 2, 1, pngGrey, 0, nil, []byte{0, 0xA5, 0x80, 2, 0x11, 0}),
		"a lucid grey":  pngOf(t, 2, 1, 8, pngGrey, 0, chunk("tRNS", []byte{0, 7}), []byte{0, 7, 8}),
		"with a secret": withChunk(asPNG(t, quarters(image.NewGray(whole4), "KWWK")), "tEXt", []byte("Comment\x00secret")),
	} {
		t.Run(name, func(t *testing.T) {
			p := whole(t, body)
			sameIfPNG(t, body, p.Bytes)
			if bytes.Contains(p.Bytes, []byte("secret")) {
				t.Error("what it says of its maker is left")
			}
		})
	}
}

func TestAPNGThatIsBrokenIsRefused(t *testing.T) {
	good := pngOf(t, 2, 2, 8, pngGrey, 0, nil, []byte{0, 1, 2, 0, 3, 4})
	sum := bytes.Clone(good)
	sum[len(sum)-20] ^= 1
	for name, body := range map[string][]byte{
		"cut":                  good[:len(good)-30],
		"a wrong sum":          sum,
		"a row too few":        pngOf(t, 2, 2, 8, pngGrey, 0, nil, []byte{0, 1, 2}),
		"a row too many":       pngOf(t, 2, 2, 8, pngGrey, 0, nil, []byte{0, 1, 2, 0, 3, 4, 0, 5, 6}),
		"a filter of none":     pngOf(t, 2, 2, 8, pngGrey, 0, nil, []byte{0, 1, 2, 5, 3, 4}),
		"no palette":           pngOf(t, 2, 1, 8, pngPalette, 0, nil, []byte{0, 0, 0}),
		"too long a palette":   pngOf(t, 2, 1, 1, pngPalette, 0, chunk("PLTE", make([]byte, 9)), []byte{0, 0}),
		"more lucid than seen": pngOf(t, 2, 1, 1, pngPalette, 0, append(chunk("PLTE", make([]byte, 3)), chunk("tRNS", []byte{1, 2})...), []byte{0, 0}),
		"a depth of none":      pngOf(t, 2, 1, 4, pngColour, 0, nil, make([]byte, 7)),
		"no pixels":            append(pngHeader(2, 1, 8, 0, 0)[:33:33], chunk("IEND", nil)...),
		"a head twice":         withChunk(good, "IHDR", good[16:29]),
		"a very long chunk":    append(pngHeader(2, 1, 8, 0, 0)[:33:33], binary.BigEndian.AppendUint32(nil, 1<<31)...),
	} {
		if _, err := wholeBy(New(), t, body); !errors.Is(err, ErrNotPicture) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// brokenOff is a disk that is full.
type brokenOff struct{ err error }

func (b brokenOff) Write([]byte) (int, error) { return 0, b.err }

func TestADiskThatCannotBeWrittenIsNotThePicturesFault(t *testing.T) {
	square := image.Rect(0, 0, 64, 64)
	full := errors.New("full")
	for name, body := range map[string][]byte{
		"JPEG": asJPEG(t, quarters(image.NewRGBA(square), "RGBY")),
		"PNG":  asPNG(t, quarters(image.NewNRGBA(square), "RGBY")),
		"GIF":  asGIF(t, quarters(image.NewPaletted(square, palette), "RGBY").(*image.Paletted)),
	} {
		_, err := New().Whole(t.Context(), bytes.NewReader(body), int64(len(body)), brokenOff{full})
		if !errors.Is(err, full) || errors.Is(err, ErrNotPicture) {
			t.Errorf("%s: %v", name, err)
		}
		_, err = New().Whole(t.Context(), unreadable{full}, int64(len(body)), &bytes.Buffer{})
		if !errors.Is(err, full) || errors.Is(err, ErrNotPicture) {
			t.Errorf("%s that cannot be read: %v", name, err)
		}
	}
}

type unreadable struct{ err error }

func (u unreadable) ReadAt([]byte, int64) (int, error) { return 0, u.err }
