package picture

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"testing"
)

func seeds(f *testing.F) [][]byte {
	small := image.Rect(0, 0, 8, 8)
	photo := asJPEG(f, quarters(image.NewRGBA(small), "RGBY"))
	return [][]byte{
		photo,
		withSegment(photo, exif(binary.LittleEndian, 6)),
		progressive(16, 3),
		cmyk("RGBY"),
		asPNG(f, quarters(image.NewNRGBA(small), "R.BY")),
		asPNG(f, quarters(image.NewPaletted(small, palette), "RGBY")),
		asGIF(f, quarters(image.NewPaletted(small, palette), "RGBY").(*image.Paletted)),
		vector(f, "lossy.webp"),
		vector(f, "alpha.webp"),
		vector(f, "lossless.webp"),
		[]byte("<svg/>"),
	}
}

func FuzzFace(f *testing.F) {
	for _, body := range seeds(f) {
		f.Add(body)
	}
	maker := New()
	maker.pixels = 1 << 14 // a large picture teaches nothing and takes long
	f.Fuzz(func(t *testing.T, body []byte) {
		p, err := maker.Face(t.Context(), body, 16)
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
		if p.Width != p.Height || p.Width < 1 || p.Width > 16 {
			t.Errorf("a face of %d×%d", p.Width, p.Height)
		}
		if bytes.Contains(p.Bytes, []byte("Exif\x00")) {
			t.Error("EXIF is left")
		}
	})
}

func FuzzOrientation(f *testing.F) {
	f.Add(exif(binary.LittleEndian, 6))
	f.Add(exif(binary.BigEndian, 8))
	f.Add([]byte("Exif\x00\x00II*\x00\xff\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, segment []byte) {
		if o := exifOrientation(segment); o < 0 || o > 8 {
			t.Errorf("orientation %d", o)
		}
	})
}

func FuzzReadJPEG(f *testing.F) {
	for _, body := range seeds(f) {
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		facts, err := readJPEG(bufio.NewReaderSize(bytes.NewReader(body), 16), int64(len(body)))
		if err != nil || facts.end < int64(min(2, len(body))) || facts.end > int64(len(body)) || facts.scans > len(body)/4 || facts.cost() < 1 {
			t.Errorf("%d bytes: end %d, %d scans, cost %d", len(body), facts.end, facts.scans, facts.cost())
		}
	})
}

func BenchmarkFace(b *testing.B) {
	photo := asJPEG(b, quarters(image.NewRGBA(image.Rect(0, 0, 800, 600)), "RGBY"))
	camera := asJPEG(b, quarters(image.NewRGBA(image.Rect(0, 0, 4000, 3000)), "RGBY"))
	for name, body := range map[string][]byte{
		"half a megapixel": photo,
		"12 megapixels":    camera,
		"64 scans of 13":   progressive(3600, maxScans),
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := New().Face(b.Context(), body, 96); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
