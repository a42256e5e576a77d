package picture

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"image/gif"
	"image/png"
	"io"
	"reflect"
	"strings"
	"testing"
	"time"
)

func whole(t testing.TB, body []byte) *Picture {
	t.Helper()
	p, err := wholeBy(New(), t, body)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func wholeBy(m *Maker, t testing.TB, body []byte) (*Picture, error) {
	var out bytes.Buffer
	p, err := m.Whole(t.Context(), bytes.NewReader(body), int64(len(body)), &out)
	if p != nil {
		p.Bytes = out.Bytes()
	}
	return p, err
}

func TestAWholePictureKeepsItsSizeAndItsKind(t *testing.T) {
	wide := image.Rect(0, 0, 64, 32)
	photo := asJPEG(t, quarters(image.NewRGBA(wide), "RGBY"))
	for name, c := range map[string]struct {
		body       []byte
		kind, look string
	}{
		"JPEG":        {photo, "image/jpeg", "RGBY"},
		"PNG":         {asPNG(t, quarters(image.NewNRGBA(wide), "R.BY")), "image/png", "R.BY"},
		"palette":     {asPNG(t, quarters(image.NewPaletted(wide, palette), "RGB.")), "image/png", "RGB."},
		"GIF":         {asGIF(t, quarters(image.NewPaletted(wide, palette), "RGBY").(*image.Paletted)), "image/gif", "RGBY"},
		"lossy WebP":  {vector(t, "lossy.webp"), "image/jpeg", ""},
		"alpha WebP":  {vector(t, "alpha.webp"), "image/png", ""},
		"with a tail": {append(bytes.Clone(photo), "<script>"...), "image/jpeg", "RGBY"},
	} {
		p := whole(t, c.body)
		if seen := look(t, p); p.Type != c.kind || c.look != "" && (seen != c.look || p.Width != 64 || p.Height != 32) {
			t.Errorf("%s: a %s of %d×%d that shows %s", name, p.Type, p.Width, p.Height, seen)
		}
		if bytes.Contains(p.Bytes, []byte("script")) {
			t.Errorf("%s: the tail is left", name)
		}
	}
}

func TestAWholePictureIsTurnedUprightAndSaysNotWhereItWasTaken(t *testing.T) {
	photo := asJPEG(t, quarters(image.NewRGBA(image.Rect(0, 0, 64, 32)), "RGBY"))
	for held, want := range map[uint16]string{1: "RGBY", 2: "GRYB", 3: "YBGR", 4: "BYRG", 5: "RBGY", 6: "BRYG", 7: "YGBR", 8: "GYRB"} {
		secret := append(exif(binary.BigEndian, held), "52.5200 N 13.4050 E"...)
		p := whole(t, withSegment(photo, secret))
		if seen := look(t, p); seen != want || (p.Width == 64) != (held < 5) {
			t.Errorf("held like %d it shows %s in %d×%d, want %s", held, seen, p.Width, p.Height, want)
		}
		if bytes.Contains(p.Bytes, []byte("52.5200")) || bytes.Contains(p.Bytes, []byte("Exif")) {
			t.Errorf("held like %d: the place is left", held)
		}
	}
}

func TestOtherPicturesThanJPEGAreTurnedUprightToo(t *testing.T) {
	wide := image.Rect(0, 0, 64, 32)
	for name, c := range map[string]struct {
		img  image.Image
		bits byte
	}{
		"colours":   {quarters(image.NewNRGBA(wide), "RGB."), 8},
		"16 bits":   {quarters(image.NewNRGBA64(wide), "RGB."), 16},
		"a palette": {quarters(image.NewPaletted(wide, palette), "RGB."), 8},
	} {
		for held, want := range map[uint16]string{1: "RGB.", 3: ".BGR", 6: "BR.G"} {
			tiff := exif(binary.BigEndian, held)[len(exifPrefix):]
			before := withChunk(asPNG(t, c.img), "eXIf", tiff)
			end := bytes.LastIndex(before, []byte("IEND")) - 4
			plain := asPNG(t, c.img)
			behind := append(append(plain[:len(plain)-12:len(plain)-12], chunk("eXIf", tiff)...), before[end:]...)
			for _, body := range [][]byte{before, behind} {
				p := whole(t, body)
				if seen := look(t, p); seen != want || (p.Width == 64) != (held < 5) || bytes.Contains(p.Bytes, []byte("eXIf")) {
					t.Errorf("%s held like %d: it shows %s in %d×%d, want %s", name, held, seen, p.Width, p.Height, want)
				}
				if held > 1 && p.Bytes[24] != c.bits {
					t.Errorf("%s: it has %d bits, want %d", name, p.Bytes[24], c.bits)
				}
			}
		}
	}
	for _, name := range []string{"lossy.webp", "lossless.webp", "alpha.webp"} {
		body := vector(t, name)
		plain := whole(t, body)
		if plain.Type == "image/png" && plain.Bytes[24] != 8 {
			t.Errorf("%s: it has %d bits, want 8", name, plain.Bytes[24])
		}
		for _, prefix := range []string{"", exifPrefix} {
			p := whole(t, withEXIF(body, append([]byte(prefix), exif(binary.LittleEndian, 6)[len(exifPrefix):]...)))
			if p.Type != plain.Type || p.Width != plain.Height || p.Height != plain.Width {
				t.Errorf("%s: a %s of %d×%d, want it turned", name, p.Type, p.Width, p.Height)
			}
		}
	}
}

// withEXIF puts EXIF behind what a WebP shows.
func withEXIF(body, content []byte) []byte {
	out := binary.LittleEndian.AppendUint32(append(bytes.Clone(body), "EXIF"...), uint32(len(content)))
	out = append(out, content...)
	if len(content)%2 == 1 {
		out = append(out, 0)
	}
	binary.LittleEndian.PutUint32(out[4:], uint32(len(out)-8))
	return out
}

func TestAFilmStaysOne(t *testing.T) {
	var frames []*image.Paletted
	for _, letters := range []string{"RGBY", "YBGR", "BRYG"} {
		frames = append(frames, quarters(image.NewPaletted(image.Rect(0, 0, 32, 32), palette), letters).(*image.Paletted))
	}
	p := whole(t, append(asGIF(t, frames...), "a tail"...))
	film, err := gif.DecodeAll(bytes.NewReader(p.Bytes))
	if err != nil || len(film.Image) != 3 || bytes.Contains(p.Bytes, []byte("tail")) {
		t.Errorf("%d frames are left (%v)", len(film.Image), err)
	}
}

func TestAFilmIsCountedBeforeItIsRead(t *testing.T) {
	frame := image.NewPaletted(image.Rect(0, 0, 100, 50), palette)
	one := asGIF(t, frame)
	var many []*image.Paletted
	for range 40 {
		many = append(many, frame)
	}
	film := asGIF(t, many...)
	for body, want := range map[string][2]int{string(one): {1, 5000}, string(film): {40, 200_000}, "GIF89a": {0, 0}} {
		if frames, pixels, err := countGIF(bufio.NewReader(strings.NewReader(body))); err != nil || frames != want[0] || pixels != want[1] {
			t.Errorf("%d frames of %d pixels are counted, want %v", frames, pixels, want)
		}
	}
	m := New()
	m.most.pixels = 199_999
	if _, err := wholeBy(m, t, film); !errors.Is(err, ErrTooLarge) {
		t.Errorf("a film of too many pixels gives %v", err)
	}
}

func TestWholePicturesThatAreTooLargeAreRefusedUnread(t *testing.T) {
	for name, body := range map[string][]byte{
		"60 megapixels":       pngHeader(10_000, 6_000, 8, 2, 0),
		"one long line":       pngHeader(30_000, 1, 8, 2, 0),
		"16 bits and 40 of m": pngHeader(8_000, 5_000, 16, 6, 0),
	} {
		before := allocated()
		if _, err := wholeBy(New(), t, body); !errors.Is(err, ErrTooLarge) {
			t.Errorf("%s: %v", name, err)
		}
		if took := allocated() - before; took > 8<<20 {
			t.Errorf("%s: %d bytes were taken for it", name, took)
		}
	}
	if _, err := wholeBy(New(), t, []byte("<svg/>")); !errors.Is(err, ErrNotPicture) {
		t.Errorf("what is no picture gives %v", err)
	}
}

func FuzzWhole(f *testing.F) {
	for _, body := range seeds(f) {
		f.Add(body)
	}
	maker := New()
	maker.most = limits{1 << 14, 1 << 20}
	f.Fuzz(func(t *testing.T, body []byte) {
		p, err := wholeBy(maker, t, body)
		if err != nil {
			if !errors.Is(err, ErrNotPicture) && !errors.Is(err, ErrTooLarge) {
				t.Errorf("an error of another kind: %v", err)
			}
			return
		}
		config, kind, err := image.DecodeConfig(bytes.NewReader(p.Bytes))
		if err != nil || "image/"+kind != p.Type || config.Width != p.Width || config.Height != p.Height {
			t.Fatalf("got %s of %d×%d, said to be %s of %d×%d: %v", kind, config.Width, config.Height, p.Type, p.Width, p.Height, err)
		}
		sameIfPNG(t, body, p.Bytes)
	})
}

// sameIfPNG holds a PNG that was written anew against what it was made of.
func sameIfPNG(t *testing.T, before, after []byte) {
	t.Helper()
	if !bytes.HasPrefix(before, []byte(pngSignature)) {
		return
	}
	if profile, turn, _ := aboutPNG(bufio.NewReader(bytes.NewReader(before))); turn > 1 || transformOf(profile) != nil {
		return
	}
	want, err := png.Decode(bytes.NewReader(before))
	if err != nil {
		return // other programs are stricter
	}
	got, err := png.Decode(bytes.NewReader(after))
	if err != nil {
		t.Fatalf("our PNG cannot be read: %v", err)
	}
	if got.Bounds() != want.Bounds() || got.ColorModel() != nil && reflect.TypeOf(got) != reflect.TypeOf(want) {
		t.Fatalf("a %T of %v became a %T of %v", want, want.Bounds(), got, got.Bounds())
	}
	for y := range got.Bounds().Dy() {
		for x := range got.Bounds().Dx() {
			if got.At(x, y) != want.At(x, y) {
				t.Fatalf("at %d, %d it was %v and is %v", x, y, want.At(x, y), got.At(x, y))
			}
		}
	}
}

func BenchmarkWhole(b *testing.B) {
	for name, write := range map[string]func(io.Writer) error{
		"12MP":               held(scene(4000, 3000), 1, nil),
		"12MP turned":        held(scene(4000, 3000), 6, nil),
		"12MP turned, of P3": held(scene(4000, 3000), 6, screen()),
		"12MP PNG":           drawn(4000, 3000),
	} {
		b.Run(name, func(b *testing.B) {
			file := written(b, write)
			peak := 0
			var busy time.Duration
			for b.Loop() {
				mib, _, took := measured(b, file)
				peak, busy = max(peak, mib), busy+took
			}
			b.ReportMetric(float64(peak), "MiB-at-most")
			b.ReportMetric(float64(busy.Milliseconds())/float64(b.N), "ms-busy/op")
		})
	}
}
