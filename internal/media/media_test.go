package media

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/jpeg"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"hark/internal/database"
	"hark/internal/picture"
	"hark/internal/queue"
)

// shelf is a store with a clock and a writer.
type shelf struct {
	*Store
	t   *testing.T
	db  *database.DB
	dir string
	at  time.Time
}

const writer = "a-writer"

func newShelf(t *testing.T) *shelf {
	t.Helper()
	s := &shelf{t: t, db: database.Test(t), dir: filepath.Join(t.TempDir(), "media"), at: time.Now()}
	var err error
	if s.Store, err = New(s.db, s.dir, picture.New(), nil, func() time.Time { return s.at }); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	s.exec("INSERT INTO users (id, name, display_name, role, password, created_at) VALUES ($1, 'wren', 'Wren', 'owner', '', 0)", writer)
	return s
}

func (s *shelf) exec(query string, args ...any) {
	s.t.Helper()
	err := s.db.InTx(context.Background(), func(tx *database.Tx) error {
		_, err := tx.Exec(query, args...)
		return err
	})
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *shelf) save(body, name string) *File {
	s.t.Helper()
	f, err := s.Save(s.t.Context(), strings.NewReader(body), name, writer)
	if err != nil {
		s.t.Fatal(err)
	}
	return f
}

// lying are the names in the directory.
func (s *shelf) lying() (names []string) {
	s.t.Helper()
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		s.t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func drawing(t testing.TB) string {
	t.Helper()
	var out bytes.Buffer
	if err := png.Encode(&out, image.NewGray(image.Rect(0, 0, 30, 20))); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestAFileIsKeptAndReadBack(t *testing.T) {
	s := newShelf(t)
	recording := "ID3\x04 a song"
	f := s.save(recording, "C:\\songs\\..\\a\u202e song.mp3")
	if f.Type != "audio/mpeg" || f.Bytes != int64(len(recording)) || f.Name != "a song.mp3" || f.Path() != "/media/"+f.Key+".mp3" || len(f.Key) != 32 || !f.Safe() {
		t.Errorf("it is kept as %+v", f)
	}
	found, file, _, err := s.Open(t.Context(), f.Stored())
	if err != nil || *found != *f {
		t.Fatalf("found is %+v (%v)", found, err)
	}
	defer file.Close()
	if body, err := io.ReadAll(file); err != nil || string(body) != recording {
		t.Errorf("read is %q (%v)", body, err)
	}
	for _, name := range []string{f.Key, f.Key + ".jpg", "../hark.db", "", strings.Repeat("0", 32) + ".mp3"} {
		if _, _, _, err := s.Open(t.Context(), name); !errors.Is(err, ErrNotFound) {
			t.Errorf("%q gives %v", name, err)
		}
	}
}

func TestAPictureIsMadeAnew(t *testing.T) {
	s := newShelf(t)
	f := s.save(drawing(t)+"<script>the tail</script>", "a.png")
	if f.Type != "image/png" || f.Width != 30 || f.Height != 20 {
		t.Errorf("it is kept as %+v", f)
	}
	body, err := os.ReadFile(filepath.Join(s.dir, f.Stored()))
	if err != nil || bytes.Contains(body, []byte("script")) || int64(len(body)) != f.Bytes {
		t.Errorf("%d bytes lie there (%v)", len(body), err)
	}
}

func TestTheSameFileTwiceIsOne(t *testing.T) {
	s := newShelf(t)
	first := s.save("%PDF-1.7", "first.pdf")
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			if again, err := s.Save(t.Context(), strings.NewReader("%PDF-1.7"), "again.pdf", writer); err != nil || *again != *first {
				t.Errorf("again it is %+v (%v)", again, err)
			}
		})
	}
	all.Wait()
	if got := s.lying(); !slices.Equal(got, []string{first.Stored()}) {
		t.Errorf("there lie %q", got)
	}
}

func TestWhatIsNotTakenLeavesNothing(t *testing.T) {
	s := newShelf(t)
	for name, body := range map[string]io.Reader{
		"nothing":     strings.NewReader(""),
		"SVG":         strings.NewReader("<svg/>"),
		"HTML":        strings.NewReader("<!doctype html>"),
		"a program":   strings.NewReader("MZ\x90"),
		"QuickTime":   strings.NewReader("\x00\x00\x00\x14ftypqt  "),
		"Matroska":    strings.NewReader("\x1a\x45\xdf\xa3\x42\x82\x88matroska"),
		"half a PNG":  strings.NewReader(drawing(t)[:40]),
		"one too big": io.MultiReader(strings.NewReader("%PDF-"), io.LimitReader(zeros{}, MaxBytes)),
	} {
		_, err := s.Save(t.Context(), body, "a", writer)
		if refused := (*Invalid)(nil); !errors.As(err, &refused) || refused.Text == "" || refused.Large != (name == "one too big") {
			t.Errorf("%s: %v", name, err)
		}
	}
	broken := errors.New("the line is cut")
	if _, err := s.Save(t.Context(), io.MultiReader(strings.NewReader("%PDF-"), failing{broken}), "a", writer); !errors.Is(err, broken) {
		t.Errorf("what breaks off: %v", err)
	}
	if got := s.lying(); len(got) != 0 {
		t.Errorf("there lie %q", got)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

func TestKindsAreToldByTheirFirstBytes(t *testing.T) {
	for head, want := range map[string]string{
		"\x00\x00\x00\x18ftypmp42": "video/mp4", "\x00\x00\x00\x18ftypisom": "video/mp4", "\x00\x00\x00\x18ftypM4A ": "audio/mp4",
		"\x1a\x45\xdf\xa3\x9f\x42\x82\x84webm": "video/webm", "OggS\x00\x02 OpusHead": "audio/ogg", "OggS\x00\x02 \x80theora": "video/ogg",
		"ID3\x03": "audio/mpeg", "\xff\xfb\x90\x00": "audio/mpeg", "\xff\xf3\x40\xc0": "audio/mpeg", "%PDF-1.4": "application/pdf", "GIF89a": "image",
		"\xff\xff\xff\xff": "", "\xff\xfe\x00": "", "GIF": "", "ftyp": "", "RIFF\x00\x00\x00\x00WAVE": "",
		movingPNG(1): "image", movingPNG(2): "", "\x89PNG\r\n\x1a\n\x00\x00\x00": "image", "\x89PNG\r\n\x1a\n\xff\xff\xff\xffIHDR1234567": "image",
	} {
		if got := kindOf([]byte(head)); got != want {
			t.Errorf("%q is %q, want %q", head, got, want)
		}
	}
}

func TestWhatWasCutOffIsSweptAndNothingElse(t *testing.T) {
	s := newShelf(t)
	kept := s.save("%PDF-1.7", "a.pdf")
	orphan := strings.Repeat("a", 32) + ".pdf"
	for _, name := range []string{"new-cut-off", orphan, "a letter of the owner"} {
		if err := os.WriteFile(filepath.Join(s.dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := s.lying(); len(got) != 4 {
		t.Errorf("on the same day there lie %q", got)
	}
	s.at = s.at.Add(25 * time.Hour)
	if err := s.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := s.lying(); !slices.Equal(got, []string{kept.Stored(), "a letter of the owner"}) {
		t.Errorf("on the next there lie %q", got)
	}
}

func TestWhatPeopleHaveAndCannotKeepIsExplained(t *testing.T) {
	s := newShelf(t)
	for body, want := range map[string]string{
		"<svg xmlns='http://www.w3.org/2000/svg'/>":                        "as PNG",
		"\xef\xbb\xbf<?xml version='1.0'?>\n<!-- drawn by hand -->\n<SVG>": "SVG is not kept here",
		" <!DOCTYPE html><svg>":                                            "SVG is not kept here",
		" <!DOCTYPE html><title>":                                          "HTML is not kept here",
		"<script>alert(1)</script>":                                        "HTML is not kept here",
		"words about <svg> and <html":                                      "What is: JPEG",
		"":                                                                 "empty",
		"\x00\x00\x00\x18ftypheic":                                         "as JPEG",
		"\x00\x00\x00\x14ftypqt  ":                                         "as MP4",
		"\x00\x00\x00\x14ftypavif":                                         "as JPEG or PNG",
		"RIFF\x00\x00\x00\x00WAVE":                                         "as MP3",
		"RIFF\x00\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00\x02":                 "as GIF",
		movingPNG(2):                                                       "as GIF",
		"PK\x03\x04 letter.docx":                                           "as PDF",
		"II*\x00 raw":                                                      "as JPEG",
	} {
		_, err := s.Save(t.Context(), strings.NewReader(body), "a", writer)
		if refused := (*Invalid)(nil); !errors.As(err, &refused) || !strings.Contains(refused.Text, want) || !strings.Contains(refused.Text, "kept here") && body != "" {
			t.Errorf("%q: %v, want %q", body, err, want)
		}
	}
}

// movingPNG is the beginning of a PNG of so many pictures, which says first how it was scanned.
func movingPNG(pictures byte) string {
	return "\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR\x00\x00\x00\x08\x00\x00\x00\x08\x08\x02\x00\x00\x00sums" +
		"\x00\x00\x00\x09pHYs\x00\x00\x0b\x13\x00\x00\x0b\x13\x01sums" +
		"\x00\x00\x00\x08acTL\x00\x00\x00" + string(rune(pictures)) + "\x00\x00\x00\x00sums"
}

// TestAFullDiskIsCalledSo fills a disk of its own, small as it is.
func TestAFullDiskIsCalledSo(t *testing.T) {
	s, q := working(t)
	disk := t.TempDir()
	if err := syscall.Mount("tmpfs", disk, "tmpfs", 0, "size=256k"); err != nil {
		t.Skip("no disk can be made here:", err)
	}
	t.Cleanup(func() { syscall.Unmount(disk, 0) })
	small, err := New(s.db, filepath.Join(disk, "media"), picture.New(), nil, func() time.Time { return s.at })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { small.Close() })
	s.Store, s.dir = small, filepath.Join(disk, "media")
	s.Work(q)

	kept := s.save(photo(t, 1000, 500), "a.jpg")
	for name, body := range map[string]io.Reader{
		"a film that does not fit":             io.MultiReader(strings.NewReader("\x00\x00\x00\x18ftypisom"), io.LimitReader(zeros{}, 1<<20)),
		"a picture that grows when it is made": bytes.NewReader(noise(t, 600)),
	} {
		if _, err := s.Save(t.Context(), body, "a", writer); !errors.Is(err, database.ErrFull) {
			t.Errorf("%s: %v", name, err)
		}
		if got := s.lying(); !slices.Equal(got, []string{kept.Stored()}) {
			t.Errorf("%s: there lie %q", name, got)
		}
	}
	if files, err := s.List(t.Context(), List{}); err != nil || len(files) != 1 {
		t.Errorf("%d are remembered (%v)", len(files), err)
	}

	rest, err := os.Create(filepath.Join(disk, "rest"))
	if err != nil {
		t.Fatal(err)
	}
	io.Copy(rest, zeros{}) // until no byte is left
	rest.Close()
	if err := s.makeSizes(t.Context(), queue.Job{Payload: []byte(`"` + kept.Key + `"`)}); !errors.Is(err, database.ErrFull) {
		t.Errorf("a size: %v", err)
	}
	if got := s.lying(); !slices.Equal(got, []string{kept.Stored()}) {
		t.Errorf("of sizes there lie %q", got)
	}
	if err := os.Remove(rest.Name()); err != nil {
		t.Fatal(err)
	}
	drain(t, q)
	if got := s.lying(); len(got) != 3 {
		t.Errorf("when there is room again there lie %q", got)
	}
}

// noise is a JPEG that takes little room and more when it is made anew.
func noise(t *testing.T, side int) []byte {
	t.Helper()
	img, grain := image.NewGray(image.Rect(0, 0, side, side)), uint32(1)
	for n := range img.Pix {
		grain = grain*1664525 + 1013904223
		img.Pix[n] = uint8(grain >> 24)
	}
	var out bytes.Buffer
	if err := jpeg.Encode(&out, img, &jpeg.Options{Quality: 10}); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func FuzzSave(f *testing.F) {
	for _, seed := range []string{drawing(f), "%PDF-1.7", "ID3\x03", "GIF89a", "RIFF\x00\x00\x00\x00WEBP", "\x00\x00\x00\x18ftypisom"} {
		f.Add([]byte(seed), "a.png")
	}
	db, dir := database.Test(f), f.TempDir()
	store, err := New(db, dir, picture.New(), nil, time.Now)
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { store.Close() })
	if err := db.InTx(f.Context(), func(tx *database.Tx) error {
		_, err := tx.Exec("INSERT INTO users (id, name, display_name, role, password, created_at) VALUES ($1, 'wren', 'Wren', 'owner', '', 0)", writer)
		return err
	}); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, body []byte, name string) {
		kept, err := store.Save(t.Context(), bytes.NewReader(body), name, writer)
		if refused := (*Invalid)(nil); errors.As(err, &refused) {
			if refused.Text == "" {
				t.Error("it is refused without a word")
			}
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		if strings.ContainsAny(kept.Name, "/\n\r\x00") || len([]rune(kept.Name)) > longestName {
			t.Errorf("%q is called %q", name, kept.Name)
		}
		_, file, lasting, err := store.Open(t.Context(), kept.Stored())
		if err != nil || !lasting {
			t.Fatalf("kept as %+v, it is not read (%v)", kept, err)
		}
		defer file.Close()
		read, err := io.ReadAll(file)
		switch {
		case err != nil || int64(len(read)) != kept.Bytes:
			t.Errorf("%d bytes are read of %d (%v)", len(read), kept.Bytes, err)
		case strings.HasPrefix(kept.Type, "image/") != (kept.Width > 0 && kept.Height > 0):
			t.Errorf("a %s of %d×%d", kept.Type, kept.Width, kept.Height)
		case !strings.HasPrefix(kept.Type, "image/") && !bytes.Equal(read, body):
			t.Error("what is no picture was changed")
		}
		if err := store.Delete(t.Context(), kept.Key, "", NoUse); err != nil {
			t.Error(err)
		}
		if lying, err := os.ReadDir(dir); err != nil || len(lying) != 0 {
			t.Errorf("%v lie there (%v)", lying, err)
		}
	})
}
