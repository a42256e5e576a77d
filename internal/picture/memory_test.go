package picture

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"image/jpeg"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/klauspost/compress/zlib"
)

// scene looks like a photograph to those who read and write it: light that changes
// slowly, edges, and the grain of a camera.
func scene(w, h int) *image.YCbCr {
	img := image.NewYCbCr(image.Rect(0, 0, w, h), image.YCbCrSubsampleRatio420)
	grain := uint32(1)
	for y := range h {
		for x := range w {
			grain = grain*1664525 + 1013904223
			light := 60 + 80*x/w + 60*y/h + int(grain>>27) - 16
			if (x/97+y/61)%5 == 0 {
				light -= 40
			}
			img.Y[y*img.YStride+x] = uint8(light)
		}
	}
	for y := range h / 2 {
		for x := range w / 2 {
			at := y*img.CStride + x
			img.Cb[at], img.Cr[at] = uint8(90+70*x/w+int(img.Y[2*y*img.YStride+2*x]&7)), uint8(160-60*y/h)
		}
	}
	return img
}

// drawn writes a PNG of colours row by row.
func drawn(w, h int) func(io.Writer) error {
	return func(out io.Writer) error {
		to := &pngWriter{out: out}
		to.raw(pngHeader(uint32(w), uint32(h), 8, pngColour, 0)[:33])
		pixels, err := zlib.NewWriterLevel(idat{to}, zlib.BestSpeed)
		row := make([]byte, 1+3*w)
		for y := 0; y < h && err == nil; y++ {
			for x := range w {
				row[1+3*x], row[2+3*x], row[3+3*x] = uint8(x*x>>9^y), uint8((x+y)>>3), uint8(y*y>>7+x&3)
			}
			_, err = pixels.Write(row)
		}
		if err == nil {
			err = pixels.Close()
		}
		to.chunk("IEND", nil)
		return err
	}
}

// TestWholeInAProcess is what measured runs, alone in a process of its own.
func TestWholeInAProcess(t *testing.T) {
	name := os.Getenv("HARK_PICTURE")
	if name == "" {
		t.Skip("it is run by others")
	}
	file, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	info, err := file.Stat()
	if err != nil {
		t.Fatal(err)
	}
	p, err := New().Whole(t.Context(), file, info.Size(), io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		t.Fatal(err)
	}
	_, peak, _ := strings.Cut(string(status), "VmHWM:")
	fmt.Printf("\nMEASURED %s %d %d\n", strings.Fields(peak)[0], p.Width, time.Duration(used.Utime.Nano()).Milliseconds())
}

// measured makes a picture whole in a process of its own, and tells the most memory
// that the process had, in MiB, how wide the picture is, and how long a core was busy
// with it.
func measured(t testing.TB, name string) (mib, width int, took time.Duration) {
	t.Helper()
	own, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	run := exec.Command(own, "-test.run=^TestWholeInAProcess$")
	run.Env = append(os.Environ(), "HARK_PICTURE="+name)
	out, err := run.CombinedOutput()
	_, line, found := bytes.Cut(out, []byte("MEASURED "))
	var kib, ms int
	if _, bad := fmt.Sscan(string(line), &kib, &width, &ms); err != nil || !found || bad != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return kib >> 10, width, time.Duration(ms) * time.Millisecond
}

// written writes a file for measured.
func written(t testing.TB, write func(w io.Writer) error) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "picture")
	file, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	to := bufio.NewWriter(file)
	if err := write(to); err != nil {
		t.Fatal(err)
	}
	if err := to.Flush(); err != nil {
		t.Fatal(err)
	}
	return name
}

// held writes a photograph of a camera that was held so, with a profile if there is one.
func held(img image.Image, turn uint16, profile []byte) func(io.Writer) error {
	return func(out io.Writer) error {
		out.Write([]byte{0xFF, 0xD8})
		out.Write(segment(markerAPP1, exif(binary.BigEndian, turn)...))
		if profile != nil {
			out.Write(segment(markerAPP2, append([]byte("ICC_PROFILE\x00\x01\x01"), profile...)...))
		}
		return jpeg.Encode(&without{out, 2}, img, &jpeg.Options{Quality: 90})
	}
}

// without leaves out the first bytes.
type without struct {
	out  io.Writer
	left int
}

func (w *without) Write(p []byte) (int, error) {
	skip := min(w.left, len(p))
	w.left -= skip
	_, err := w.out.Write(p[skip:])
	return len(p), err
}
