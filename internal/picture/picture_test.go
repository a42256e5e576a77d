package picture

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/image/draw"
)

// The quarters of the test picture, by letter.
var paint = map[byte]color.NRGBA{
	'R': {255, 0, 0, 255},
	'G': {0, 255, 0, 255},
	'B': {0, 0, 255, 255},
	'Y': {255, 255, 0, 255},
	'K': {0, 0, 0, 255},
	'W': {255, 255, 255, 255},
	'.': {},
}

// quarters draws onto img four rectangles: top left, top right, bottom left,
// bottom right.
func quarters(img draw.Image, letters string) image.Image {
	b := img.Bounds()
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			which := 0
			if x-b.Min.X >= b.Dx()/2 {
				which++
			}
			if y-b.Min.Y >= b.Dy()/2 {
				which += 2
			}
			img.Set(x, y, paint[letters[which]])
		}
	}
	return img
}

// look names the colours in the middle of the quarters.
func look(t *testing.T, p *Picture) string {
	t.Helper()
	img, kind, err := image.Decode(bytes.NewReader(p.Bytes))
	if err != nil {
		t.Fatalf("our own picture cannot be read: %v", err)
	}
	if "image/"+kind != p.Type || img.Bounds() != image.Rect(0, 0, p.Width, p.Height) {
		t.Errorf("a %s of %v is called %s of %d×%d", kind, img.Bounds(), p.Type, p.Width, p.Height)
	}
	seen := ""
	for _, at := range []image.Point{{1, 1}, {3, 1}, {1, 3}, {3, 3}} {
		seen += nearest(img.At(at.X*p.Width/4, at.Y*p.Height/4))
	}
	return seen
}

func nearest(c color.Color) string {
	got := color.NRGBAModel.Convert(c).(color.NRGBA)
	for letter, want := range paint {
		if near(got.A, want.A) && (want.A == 0 || near(got.R, want.R) && near(got.G, want.G) && near(got.B, want.B)) {
			return string(letter)
		}
	}
	return "?"
}

func near(a, b uint8) bool {
	return max(a, b)-min(a, b) < 64
}

func face(t *testing.T, body []byte, side int) *Picture {
	t.Helper()
	p, err := New().Face(t.Context(), body, side)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func asJPEG(t testing.TB, img image.Image) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := jpeg.Encode(&out, img, &jpeg.Options{Quality: 95}); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func asPNG(t testing.TB, img image.Image) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := png.Encode(&out, img); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func asGIF(t testing.TB, frames ...*image.Paletted) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := gif.EncodeAll(&out, &gif.GIF{Image: frames, Delay: make([]int, len(frames))}); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func vector(t testing.TB, name string) []byte {
	t.Helper()
	body, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

var palette = color.Palette{paint['R'], paint['G'], paint['B'], paint['Y'], paint['.']}

func TestAFaceIsMadeOfEveryFormat(t *testing.T) {
	whole := image.Rect(0, 0, 64, 64)
	for _, c := range []struct{ name, kind, want, body string }{
		{"JPEG", "image/jpeg", "RGBY", string(asJPEG(t, quarters(image.NewRGBA(whole), "RGBY")))},
		{"JPEG in grey", "image/jpeg", "KWWK", string(asJPEG(t, quarters(image.NewGray(whole), "KWWK")))},
		{"JPEG in CMYK", "image/jpeg", "RGBY", string(cmyk("RGBY"))},
		{"PNG", "image/jpeg", "RGBY", string(asPNG(t, quarters(image.NewNRGBA(whole), "RGBY")))},
		{"PNG in grey", "image/jpeg", "WKKW", string(asPNG(t, quarters(image.NewGray(whole), "WKKW")))},
		{"PNG in 16-bit grey", "image/jpeg", "WKKW", string(asPNG(t, quarters(image.NewGray16(whole), "WKKW")))},
		{"PNG of 16 bits", "image/jpeg", "RGBY", string(asPNG(t, quarters(image.NewNRGBA64(whole), "RGBY")))},
		{"PNG with a palette", "image/jpeg", "RGBY", string(asPNG(t, quarters(image.NewPaletted(whole, palette[:4]), "RGBY")))},
		{"transparent PNG", "image/png", "R.BY", string(asPNG(t, quarters(image.NewNRGBA(whole), "R.BY")))},
		{"transparent PNG of 16 bits", "image/png", "R.BY", string(asPNG(t, quarters(image.NewNRGBA64(whole), "R.BY")))},
		{"transparent PNG with a palette", "image/png", "R.BY", string(asPNG(t, quarters(image.NewPaletted(whole, palette), "R.BY")))},
		{"GIF", "image/jpeg", "RGBY", string(asGIF(t, quarters(image.NewPaletted(whole, palette[:4]), "RGBY").(*image.Paletted)))},
		{"transparent GIF", "image/png", "R.BY", string(asGIF(t, quarters(image.NewPaletted(whole, palette), "R.BY").(*image.Paletted)))},
		{"WebP", "image/jpeg", "RGBY", string(vector(t, "lossy.webp"))},
		{"transparent WebP", "image/png", "RGB.", string(vector(t, "alpha.webp"))},
		{"lossless WebP", "image/png", "RGB.", string(vector(t, "lossless.webp"))},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := face(t, []byte(c.body), 16)
			if p.Type != c.kind || p.Width != 16 || p.Height != 16 {
				t.Errorf("got %s of %d×%d, want %s of 16×16", p.Type, p.Width, p.Height, c.kind)
			}
			if got := look(t, p); got != c.want {
				t.Errorf("it shows %s, want %s", got, c.want)
			}
		})
	}
}

func TestOnlyTheFirstFrameOfAGIFIsUsed(t *testing.T) {
	first := quarters(image.NewPaletted(image.Rect(0, 0, 32, 32), palette[:4]), "RGBY").(*image.Paletted)
	second := quarters(image.NewPaletted(image.Rect(0, 0, 32, 32), palette[:4]), "YBGR").(*image.Paletted)
	if got := look(t, face(t, asGIF(t, first, second), 16)); got != "RGBY" {
		t.Errorf("it shows %s", got)
	}
}

func TestAFaceIsTheMiddleSquare(t *testing.T) {
	for _, size := range []image.Point{{300, 100}, {100, 300}, {101, 100}} {
		around := image.NewNRGBA(image.Rect(0, 0, size.X, size.Y))
		draw.Draw(around, around.Rect, image.NewUniform(paint['K']), image.Point{}, draw.Src)
		edge := min(size.X, size.Y)
		corner := image.Pt((size.X-edge)/2, (size.Y-edge)/2)
		middle := image.Rectangle{Min: corner, Max: corner.Add(image.Pt(edge, edge))}
		quarters(around.SubImage(middle).(*image.NRGBA), "RGBY")
		p := face(t, asPNG(t, around), 48)
		if got := look(t, p); got != "RGBY" || p.Width != 48 || p.Height != 48 {
			t.Errorf("of %v: a face of %d×%d showing %s", size, p.Width, p.Height, got)
		}
	}
}

func TestAFaceIsNeverLargerThanThePicture(t *testing.T) {
	for _, c := range []struct{ w, h, want int }{{20, 12, 12}, {1, 1, 1}, {1, 5000, 1}, {96, 96, 96}} {
		p := face(t, asPNG(t, image.NewGray(image.Rect(0, 0, c.w, c.h))), 96)
		if p.Width != c.want || p.Height != c.want {
			t.Errorf("of %d×%d: %d×%d, want %d", c.w, c.h, p.Width, p.Height, c.want)
		}
	}
}

func TestTransparencyOutsideTheFaceMakesNoPNG(t *testing.T) {
	img := image.NewNRGBA(image.Rect(0, 0, 200, 100))
	draw.Draw(img, image.Rect(50, 0, 150, 100), image.NewUniform(paint['B']), image.Point{}, draw.Src)
	if p := face(t, asPNG(t, img), 50); p.Type != "image/jpeg" {
		t.Errorf("got %s", p.Type)
	}
}

// What a camera stores when it is held in each of the eight ways.
var stored = []string{1: "RGBY", 2: "GRYB", 3: "YBGR", 4: "BYRG", 5: "RBGY", 6: "GYRB", 7: "YGBR", 8: "BRYG"}

func TestAJPEGIsTurnedUpright(t *testing.T) {
	for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
		for o := 1; o <= 8; o++ {
			body := withSegment(asJPEG(t, quarters(image.NewRGBA(image.Rect(0, 0, 64, 64)), stored[o])), exif(order, uint16(o)))
			if got := look(t, face(t, body, 16)); got != "RGBY" {
				t.Errorf("%v, orientation %d: it shows %s", order, o, got)
			}
		}
	}
}

func TestAnOrientationThatIsNotRightSaysNothing(t *testing.T) {
	plain := exif(binary.LittleEndian, 6)
	change := func(at int, to ...byte) []byte {
		return append(append(bytes.Clone(plain[:at]), to...), plain[at+len(to):]...)
	}
	for name, content := range map[string][]byte{
		"a value of 9":         exif(binary.LittleEndian, 9),
		"a value of 0":         exif(binary.LittleEndian, 0),
		"another prefix":       change(0, 'X'),
		"another byte order":   change(6, 'I', 'M'),
		"an offset backwards":  change(10, 4),
		"an offset far away":   change(10, 0xFF, 0xFF, 0xFF, 0xFF),
		"an offset to the end": change(10, byte(len(plain)-6)),
		"a long for a short":   change(18, 4),
		"two values":           change(20, 2),
		"many entries, none":   change(14, 0xFF, 0xFF, 0x13),
		"half an entry":        plain[:len(plain)-4],
		"nothing":              plain[:6],
	} {
		if got := exifOrientation(content); got != 0 {
			t.Errorf("%s: orientation %d", name, got)
		}
	}
	if got := exifOrientation(plain); got != 6 {
		t.Errorf("untouched it is %d, want 6", got)
	}
}

func TestNothingButThePictureIsKept(t *testing.T) {
	secret := []byte("52.5200 N 13.4050 E, taken by Alice")
	img := quarters(image.NewNRGBA(image.Rect(0, 0, 64, 64)), "RGBY")
	pic := withSegment(asJPEG(t, img), append(exif(binary.BigEndian, 1), secret...))
	comment := withSegment(asJPEG(t, img), secret)
	text := withChunk(asPNG(t, img), "tEXt", append([]byte("Comment\x00"), secret...))
	for name, body := range map[string][]byte{
		"EXIF":    pic,
		"comment": comment,
		"tEXt":    text,
		"tail":    append(asJPEG(t, img), append([]byte("<script>alert(1)</script>"), secret...)...),
		"PNG tail": append(asPNG(t, img),
			append([]byte("PK\x03\x04<?php system($_GET[0]);"), secret...)...),
		"WebP tail": append(vector(t, "lossy.webp"), secret...),
		"GIF tail":  append(asGIF(t, quarters(image.NewPaletted(image.Rect(0, 0, 32, 32), palette[:4]), "RGBY").(*image.Paletted)), secret...),
	} {
		p := face(t, body, 32)
		for _, left := range []string{"Exif", "ICC_PROFILE", "Alice", "script", "php", "PK"} {
			if bytes.Contains(p.Bytes, []byte(left)) {
				t.Errorf("%s: %q is left", name, left)
			}
		}
		if look(t, p) != "RGBY" {
			t.Errorf("%s: it shows %s", name, look(t, p))
		}
	}
}

func TestWhatIsNoPictureIsRefused(t *testing.T) {
	whole := asPNG(t, quarters(image.NewNRGBA(image.Rect(0, 0, 64, 64)), "RGBY"))
	emptyFrame := asGIF(t, image.NewPaletted(image.Rect(0, 0, 2, 2), palette))
	at := bytes.IndexByte(emptyFrame[13:], 0x2C) + 13
	copy(emptyFrame[at+5:], []byte{0, 0, 0, 0})
	for name, body := range map[string]string{
		"nothing":                   "",
		"SVG":                       `<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`,
		"SVG with a declaration":    `<?xml version="1.0"?><svg/>`,
		"HTML":                      "<!doctype html><title>No</title>",
		"BMP":                       "BM\x00\x00\x00\x00",
		"TIFF":                      "II*\x00\x08\x00\x00\x00",
		"AVIF":                      "\x00\x00\x00\x1cftypavif",
		"a WAV":                     "RIFF\x24\x00\x00\x00WAVEfmt ",
		"three bytes of a JPEG":     "\xff\xd8\xff",
		"a JPEG of nothing":         "\xff\xd8\xff\xd9",
		"a PNG signature":           "\x89PNG\r\n\x1a\n",
		"a PNG with a broken sum":   strings.Replace(string(whole), "IDAT", "IDAt", 1),
		"a GIF header":              "GIF89a",
		"an empty GIF":              "GIF89a\x00\x00\x00\x00\x00\x00\x00;",
		"a GIF with an empty frame": string(emptyFrame),
		"a WebP header":             "RIFF\x04\x00\x00\x00WEBP",
		"an animated WebP":          "RIFF\x24\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00\x02\x00\x00\x00\x07\x00\x00\x07\x00\x00ANIM\x06\x00\x00\x00\x00\x00\x00\x00\x00\x00",
		"a PNG within a text":       "hello " + string(whole),
	} {
		_, err := New().Face(t.Context(), []byte(body), 96)
		if !errors.Is(err, ErrNotPicture) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestWhatIsCutShortIsRefused(t *testing.T) {
	img := quarters(image.NewNRGBA(image.Rect(0, 0, 40, 40)), "RGBY")
	for name, body := range map[string][]byte{
		"JPEG": asJPEG(t, img),
		"PNG":  asPNG(t, img),
		"WebP": vector(t, "lossy.webp"),
		"GIF":  asGIF(t, quarters(image.NewPaletted(image.Rect(0, 0, 40, 40), palette), "RGBY").(*image.Paletted)),
	} {
		for n := 0; n < len(body)/2; n += 7 {
			if _, err := New().Face(t.Context(), body[:n], 96); !errors.Is(err, ErrNotPicture) {
				t.Fatalf("%d bytes of a %s: %v", n, name, err)
			}
		}
	}
}

func TestBombsAreRefusedBeforeTheyAreDecoded(t *testing.T) {
	for name, body := range map[string][]byte{
		"PNG of 60000×60000":                pngHeader(60000, 60000, 8, 2, 0),
		"PNG of 2 thousand million":         pngHeader(1<<31-1, 1, 1, 0, 0),
		"PNG of 1×20001":                    pngHeader(1, 20001, 8, 0, 0),
		"PNG of 21 megapixels":              pngHeader(4600, 4600, 8, 3, 0),
		"PNG of 10 megapixels, 16 bits":     pngHeader(3200, 3200, 16, 6, 0),
		"PNG of 12 megapixels, interlaced":  pngHeader(3500, 3500, 8, 6, 1),
		"GIF of 65535×65535":                []byte("GIF89a\xff\xff\xff\xff\x00\x00\x00,"),
		"JPEG of 65535×65535":               append([]byte{0xFF, 0xD8}, append(frame(0xC0, 65535, 65535, 1), scanOf(1)...)...),
		"progressive JPEG of 16 megapixels": append([]byte{0xFF, 0xD8}, append(frame(0xC2, 4000, 4000, 3), scanOf(3)...)...),
		"WebP of 16384×16384":               []byte("RIFF\x16\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00\x00\x00\x00\x00\xff\x3f\x00\xff\x3f\x00"),
		"JPEG of 65 scans":                  progressive(64, maxScans+1),
	} {
		start := time.Now()
		before := allocated()
		_, err := New().Face(t.Context(), body, 96)
		if !errors.Is(err, ErrTooLarge) {
			t.Errorf("%s: %v", name, err)
		}
		if grown := allocated() - before; grown > 1<<20 || time.Since(start) > time.Second {
			t.Errorf("%s: it took %d bytes and %v to refuse it", name, grown, time.Since(start))
		}
	}
}

func TestOrdinaryLargePicturesAreAccepted(t *testing.T) {
	for name, body := range map[string][]byte{
		"19 megapixels, JPEG":       asJPEG(t, image.NewGray(image.Rect(0, 0, 5000, 3800))),
		"16 megapixels, PNG":        asPNG(t, image.NewGray(image.Rect(0, 0, 4000, 4000))),
		"64 scans":                  progressive(64, maxScans),
		"an ordinary count of them": progressive(640, 10),
	} {
		if p := face(t, body, 96); p.Type != "image/jpeg" {
			t.Errorf("%s: %s", name, p.Type)
		}
	}
}

func TestAFileMayNotPromiseMoreThanItHas(t *testing.T) {
	body := vector(t, "lossy.webp")
	binary.LittleEndian.PutUint32(body[4:], 1<<27)
	before := allocated()
	_, err := New().Face(t.Context(), body, 96)
	if !errors.Is(err, ErrNotPicture) || allocated()-before > 1<<20 {
		t.Errorf("%v, after %d bytes", err, allocated()-before)
	}
}

func TestAPanicInADecoderIsAnError(t *testing.T) {
	_, err := guard(t.Context(), io.NewSectionReader(strings.NewReader(""), 0, 0), func(io.Reader) (int, error) { panic("index out of range") })
	if !errors.Is(err, ErrNotPicture) {
		t.Errorf("got %v", err)
	}
}

func TestASideThatIsNoneIsAnError(t *testing.T) {
	if _, err := New().Face(t.Context(), vector(t, "lossy.webp"), 0); err == nil {
		t.Error("a face of no pixels was made")
	}
}

func TestTwoAreDecodedAtATimeAndTheRestWait(t *testing.T) {
	m := New()
	m.slots <- struct{}{}
	m.slots <- struct{}{}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := m.Face(ctx, vector(t, "lossy.webp"), 96); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("the third did not wait: %v", err)
	}
	<-m.slots
	if _, err := m.Face(t.Context(), vector(t, "lossy.webp"), 96); err != nil {
		t.Errorf("with a place free: %v", err)
	}
	if len(m.slots) != 1 {
		t.Errorf("%d places are taken, want 1", len(m.slots))
	}
}

func TestManyAtOnceAllGetTheirFace(t *testing.T) {
	m, body := New(), asPNG(t, quarters(image.NewNRGBA(image.Rect(0, 0, 200, 200)), "RGBY"))
	var all sync.WaitGroup
	for range 16 {
		all.Go(func() {
			if p, err := m.Face(t.Context(), body, 32); err != nil || p.Width != 32 {
				t.Errorf("got %v, %v", p, err)
			}
		})
	}
	all.Wait()
}

func TestTheWorkEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, _, err := decode(ctx, vector(t, "lossy.webp"), limits{maxFace, maxMemory})
	if !errors.Is(err, context.Canceled) || errors.Is(err, ErrNotPicture) {
		t.Errorf("got %v", err)
	}
}
