package media

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"hark/internal/queue"
)

// working is a shelf where jobs are done.
func working(t *testing.T) (*shelf, *queue.Queue) {
	t.Helper()
	s := two(t)
	q := queue.New(s.db, slog.New(slog.DiscardHandler), func() time.Time { return s.at })
	s.Work(q)
	return s, q
}

func photo(t testing.TB, w, h int) string {
	t.Helper()
	img := image.NewGray(image.Rect(0, 0, w, h))
	for x := range w {
		for y := range h {
			img.SetGray(x, y, color.Gray{uint8(255 * x / w)})
		}
	}
	var out bytes.Buffer
	if err := jpeg.Encode(&out, img, nil); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func drain(t *testing.T, q *queue.Queue) {
	t.Helper()
	if err := q.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// read is what is served under a name.
func (s *shelf) read(name string) (size image.Point, lasting bool) {
	s.t.Helper()
	_, file, lasting, err := s.Open(s.t.Context(), name)
	if err != nil {
		s.t.Fatalf("%s: %v", name, err)
	}
	defer file.Close()
	img, err := jpeg.Decode(file)
	if err != nil {
		s.t.Fatalf("%s: %v", name, err)
	}
	for _, x := range []int{1, 3, 5, 7} {
		b := img.Bounds()
		grey, _, _, _ := img.At(b.Dx()*x/8, b.Dy()/2).RGBA()
		if want := 255 * x / 8; int(grey>>8) < want-6 || int(grey>>8) > want+6 {
			s.t.Errorf("%s: at %d of 8 it is %d, want %d", name, x, grey>>8, want)
		}
	}
	return img.Bounds().Size(), lasting
}

func TestAPhotographIsThereInSmallerSizesToo(t *testing.T) {
	s, q := working(t)
	f := s.save(photo(t, 1601, 901), "a.jpg")
	small := f.Key + "-480.jpg"
	if size, lasting := s.read(small); size != (image.Point{1601, 901}) || lasting {
		t.Errorf("before it is made, %v stands in for it, lasting %v", size, lasting)
	}
	drain(t, q)
	for width, height := range map[int]int{480: 270, 960: 540, 1600: 900} {
		if size, lasting := s.read(f.sized(width)); size != (image.Point{width, height}) || !lasting {
			t.Errorf("in %d it is %v, lasting %v", width, size, lasting)
		}
	}
	for _, name := range []string{f.Key + "-481.jpg", f.Key + "-0480.jpg", f.Key + "-480.png", f.Key + "-.jpg", f.Key + "--480.jpg", f.Key + "-480"} {
		if _, _, _, err := s.Open(t.Context(), name); !errors.Is(err, ErrNotFound) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := s.Delete(t.Context(), f.Key, "", NoUse); err != nil || len(s.lying()) != 0 {
		t.Errorf("deleted (%v), there lie %q", err, s.lying())
	}
}

func TestNoPictureIsEnlarged(t *testing.T) {
	s, q := working(t)
	f := s.save(photo(t, 960, 10), "a.jpg")
	png := s.save(drawing(t), "a.png")
	drain(t, q)
	if got := s.lying(); len(got) != 3 || !slices.Contains(got, f.Key+"-480.jpg") {
		t.Errorf("there lie %q", got)
	}
	if _, _, _, err := s.Open(t.Context(), png.Key+"-480.png"); !errors.Is(err, ErrNotFound) {
		t.Errorf("a small size of a drawing: %v", err)
	}
}

func TestSizesThatAreMissingAreMadeAndOthersSwept(t *testing.T) {
	s, q := working(t)
	f := s.save(photo(t, 1000, 10), "a.jpg")
	drain(t, q)
	if err := os.Remove(filepath.Join(s.dir, f.sized(480))); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{f.Key + "-481.jpg", strings.Repeat("a", 32) + "-480.jpg"} {
		if err := os.WriteFile(filepath.Join(s.dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s.at = s.at.Add(25 * time.Hour)
	if err := s.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	drain(t, q)
	if got, want := s.lying(), []string{f.sized(480), f.sized(960), f.Stored()}; !slices.Equal(got, want) {
		t.Errorf("there lie %q, want %q", got, want)
	}
}

func TestAFileThatWasDeletedGetsNoSizes(t *testing.T) {
	s, q := working(t)
	f := s.save(photo(t, 1000, 10), "a.jpg")
	if err := s.keepSize(t.Context(), f, 480, func(w io.Writer) error {
		return s.Delete(t.Context(), f.Key, "", AnyUse) // while it is made
	}); err != nil {
		t.Fatal(err)
	}
	drain(t, q)
	if got := s.lying(); len(got) != 0 {
		t.Errorf("there lie %q", got)
	}
}

func TestPagesAreToldHowLargePicturesAre(t *testing.T) {
	s, _ := working(t)
	f := s.save(photo(t, 1000, 500), "a.jpg")
	small := s.save(photo(t, 100, 50), "b.jpg")
	song := s.save("ID3\x04", "c.mp3")
	const base = "https://blog.example"
	all := strings.Join([]string{f.Path(), small.Path(), song.Path()}, " ")
	shown, err := s.Shown(t.Context(), base, all)
	if err != nil {
		t.Fatal(err)
	}
	for address, want := range map[string]string{
		f.Path():                       ` width="1000" height="500" srcset="/media/` + f.Key + `-480.jpg 480w, /media/` + f.Key + `-960.jpg 960w, ` + f.Path() + ` 1000w" sizes="50vw"`,
		base + small.Path():            ` width="100" height="50"`,
		song.Path():                    "",
		"https://other" + f.Path():     "",
		"//blog.example" + f.Path():    "",
		"/x" + f.Path():                "",
		f.Path() + "?x":                "",
		"/media/" + f.sized(480):       "",
		"/media/" + f.Key + ".png":     "",
		base + "." + f.Path():          "",
		base + "/" + f.Path() + "\"><": "",
	} {
		if got := shown.Attributes(address, "50vw"); got != want {
			t.Errorf("%s has %s, want %s", address, got, want)
		}
	}
	if _, _, srcset := shown.Picture(base + f.Path()); !strings.HasPrefix(srcset, base+"/media/") {
		t.Errorf("sizes of a whole address are at %s", srcset)
	}
	html := `<p><img src="` + small.Path() + `" alt="what width= and srcset= say &lt;b&gt;"> <img src="` + f.Path() + `" alt="x" width="20"> <img src="/other.jpg" alt=""> <img src="` + small.Path() + `" alt=""></p>`
	want := `<p><img src="` + small.Path() + `" alt="what width= and srcset= say &lt;b&gt;" width="100" height="50"> <img src="` + f.Path() + `" alt="x" width="20" srcset="/media/` + f.Key + `-480.jpg 480w, /media/` + f.Key + `-960.jpg 960w, ` + f.Path() +
		` 1000w" sizes="50vw" loading="lazy"> <img src="/other.jpg" alt=""> <img src="` + small.Path() + `" alt="" width="100" height="50" loading="lazy"></p>`
	if got := shown.HTML(html, "50vw"); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if got := shown.HTML(want, "50vw"); got != want {
		t.Errorf("twice it is\n%s", got)
	}
}

func TestSizesAreMadeInTime(t *testing.T) {
	s, _ := working(t)
	f := s.save(photo(t, 1000, 10), "a.jpg")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.makeSizes(ctx, queue.Job{Payload: []byte(`"` + f.Key + `"`)}); !errors.Is(err, context.Canceled) {
		t.Errorf("what was called off gives %v", err)
	}
	if got := s.lying(); len(got) != 1 {
		t.Errorf("there lie %q", got)
	}
}
