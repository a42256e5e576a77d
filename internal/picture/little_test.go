//go:build !race

package picture

import (
	"image"
	"io"
	"os"
	"testing"
)

// No upload takes more than about 200 MiB, and one of 12 megapixels not more than 100,
// whatever is to be done to it. The race detector would be measured with it.
func TestALargePictureTakesLittleMemory(t *testing.T) {
	if _, err := os.Stat("/proc/self/status"); err != nil {
		t.Skip("nothing here tells how much memory a process had")
	}
	for name, c := range map[string]struct {
		write       func(io.Writer) error
		width, most int
	}{
		"12 megapixels, turned, in colours of a phone": {held(scene(4000, 3000), 6, screen()), 3000, 100},
		"49 megapixels, turned":                        {held(image.NewYCbCr(image.Rect(0, 0, 7000, 7000), image.YCbCrSubsampleRatio420), 6, nil), 7000, 200},
		"49 megapixels as PNG":                         {drawn(7000, 7000), 7000, 40},
	} {
		t.Run(name, func(t *testing.T) {
			mib, width, took := measured(t, written(t, c.write))
			if mib > c.most || width != c.width {
				t.Errorf("%d MiB were taken, want at most %d; it is %d wide, want %d", mib, c.most, width, c.width)
			}
			t.Logf("%d MiB, %v", mib, took)
		})
	}
}
