package picture

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"image/gif"
	"testing"
)

func whole(t testing.TB, body []byte) *Picture {
	t.Helper()
	p, err := New().Whole(t.Context(), body)
	if err != nil {
		t.Fatal(err)
	}
	return p
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
		if frames, pixels := countGIF([]byte(body)); frames != want[0] || pixels != want[1] {
			t.Errorf("%d frames of %d pixels are counted, want %v", frames, pixels, want)
		}
	}
	m := New()
	m.most.pixels = 199_999
	if _, err := m.Whole(t.Context(), film); !errors.Is(err, ErrTooLarge) {
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
		if _, err := New().Whole(t.Context(), body); !errors.Is(err, ErrTooLarge) {
			t.Errorf("%s: %v", name, err)
		}
		if took := allocated() - before; took > 8<<20 {
			t.Errorf("%s: %d bytes were taken for it", name, took)
		}
	}
	if _, err := New().Whole(t.Context(), []byte("<svg/>")); !errors.Is(err, ErrNotPicture) {
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
		p, err := maker.Whole(t.Context(), body)
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
	})
}

func BenchmarkWhole(b *testing.B) {
	photo := asJPEG(b, quarters(image.NewRGBA(image.Rect(0, 0, 4000, 3000)), "RGBY"))
	turned := withSegment(photo, exif(binary.BigEndian, 6))
	for name, body := range map[string][]byte{"12MP": photo, "12MP-turned": turned} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				whole(b, body)
			}
		})
	}
}
