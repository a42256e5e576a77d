package test

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"math/rand/v2"
	"mime/multipart"
	"net/http"
	"path/filepath"
	"testing"
	"time"
)

// BenchmarkUpload measures an upload of a photograph of 12 megapixels, as a telephone makes it that
// is held upright: by the form of the desk, and by an app. What it reports: the time until it has its
// address, until it is there in every size, and the most memory that the program held at any time.
func BenchmarkUpload(b *testing.B) {
	for _, c := range []struct {
		name, path, answer string
		status             int
	}{{"form", "/desk/media", "application/json", http.StatusCreated}, {"app", "/media", "", http.StatusCreated}} {
		b.Run(c.name, func(b *testing.B) {
			s := start(b)
			token := s.owner()
			writer := from(b, "127.0.0.1")
			writer.login(s)
			var answered, sized []time.Duration
			before := s.process.processor(b)
			for b.Loop() {
				b.StopTimer()
				body, kind := parcel(b, photograph(b, uint64(len(answered))))
				b.StartTimer()
				begun := time.Now()
				req, err := http.NewRequest(http.MethodPost, s.url+c.path, bytes.NewReader(body))
				if err == nil {
					req.Header.Set("Content-Type", kind)
					req.Header.Set("Sec-Fetch-Site", "same-origin")
					req.Header.Set("Accept", c.answer)
					if c.answer == "" {
						req.Header.Set("Authorization", "Bearer "+token)
					}
				}
				a := writer.must(req, err)
				answered = append(answered, time.Since(begun))
				if a.status != c.status {
					b.Fatalf("an upload is answered %d: %s", a.status, a.body)
				}
				s.awaitSizes(b, 4*len(answered))
				sized = append(sized, time.Since(begun))
			}
			b.ReportMetric(float64((s.process.processor(b)-before).Milliseconds())/float64(b.N), "server-ms/op")
			b.ReportMetric(s.process.most(b), "peak-MB")
			report(b, sized)
			b.ReportMetric(float64(answered[len(answered)/2].Milliseconds()), "answered-ms")
		})
	}
}

// awaitSizes waits until so many files lie among the media.
func (s *site) awaitSizes(b *testing.B, want int) {
	for begun := time.Now(); ; time.Sleep(time.Millisecond) {
		files, err := filepath.Glob(filepath.Join(s.data, "media", "[0-9a-f]*.jpg"))
		if err != nil {
			b.Fatal(err)
		}
		if len(files) >= want {
			return
		}
		if time.Since(begun) > time.Minute {
			b.Fatalf("there are %q, want %d", files, want)
		}
	}
}

// parcel is a form with a file.
func parcel(b *testing.B, file []byte) (body []byte, kind string) {
	var form bytes.Buffer
	parts := multipart.NewWriter(&form)
	part, err := parts.CreateFormFile("file", "IMG_0042.jpg")
	if err == nil {
		_, err = part.Write(file)
	}
	if err != nil {
		b.Fatal(err)
	}
	if err := parts.Close(); err != nil {
		b.Fatal(err)
	}
	return form.Bytes(), parts.FormDataContentType()
}

// photograph is a JPEG of 4000 by 3000 pixels with the noise of a camera, of some 6 MB, and with
// what says that it is to be turned.
func photograph(b *testing.B, seed uint64) []byte {
	random := rand.NewPCG(seed, 1)
	picture := image.NewRGBA(image.Rect(0, 0, 4000, 3000))
	for y := range 3000 {
		for x := range 4000 {
			noise := uint8(random.Uint64() & 15)
			picture.SetRGBA(x, y, color.RGBA{uint8(x/20) + noise, uint8(y/16) + noise, uint8((x+y)/32) + noise, 255})
		}
	}
	var out bytes.Buffer
	if err := jpeg.Encode(&out, picture, &jpeg.Options{Quality: 90}); err != nil {
		b.Fatal(err)
	}
	turned := "\xff\xe1\x00\x22Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00\x06\x00\x00\x00\x00\x00\x00"
	return append(append(bytes.Clone(out.Bytes()[:2]), turned...), out.Bytes()[2:]...)
}

// most is how many megabytes of a process were in memory at the same time.
func (p *process) most(b *testing.B) float64 { return p.status(b, "VmHWM:") }
