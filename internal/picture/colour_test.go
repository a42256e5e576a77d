package picture

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"io"
	"math"
	"testing"

	"github.com/klauspost/compress/zlib"
)

func s15(v float64) []byte { return binary.BigEndian.AppendUint32(nil, uint32(int32(v*65536))) }

// icc puts a profile together of its space and tags.
func icc(space string, names []string, data ...[]byte) []byte {
	body := make([]byte, 128)
	copy(body[16:], space)
	copy(body[20:], "XYZ ")
	copy(body[36:], "acsp")
	body = binary.BigEndian.AppendUint32(body, uint32(len(names)))
	at := len(body) + 12*len(names)
	var tail []byte
	for n, name := range names {
		body = append(body, name...)
		body = binary.BigEndian.AppendUint32(body, uint32(at+len(tail)))
		body = binary.BigEndian.AppendUint32(body, uint32(len(data[n])))
		tail = append(tail, data[n]...)
	}
	return append(body, tail...)
}

func xyz(x, y, z float64) []byte {
	return append(append(append([]byte("XYZ \x00\x00\x00\x00"), s15(x)...), s15(y)...), s15(z)...)
}

// para is a curve of the kind that screens have.
func para(kind byte, parameters ...float64) []byte {
	out := append([]byte("para\x00\x00\x00\x00\x00"), kind, 0, 0)
	for _, p := range parameters {
		out = append(out, s15(p)...)
	}
	return out
}

var rgbTags = []string{"rXYZ", "gXYZ", "bXYZ", "rTRC", "gTRC", "bTRC"}

var usual = para(3, 2.4, 1/1.055, 0.055/1.055, 1/12.92, 0.04045)

// screen is the profile of a phone: Display P3.
func screen() []byte {
	return icc("RGB ", rgbTags, xyz(0.51512, 0.24120, -0.00105), xyz(0.29198, 0.69225, 0.04189), xyz(0.15710, 0.06657, 0.78407), usual, usual, usual)
}

// page is the profile of what pages are made of.
func page(curve []byte) []byte {
	return icc("RGB ", rgbTags, xyz(0.43607, 0.22249, 0.01392), xyz(0.38515, 0.71687, 0.09708), xyz(0.14307, 0.06061, 0.71410), curve, curve, curve)
}

// The colours of sRGB as Display P3 has them.
var onScreen = map[byte]color.NRGBA{
	'R': {234, 51, 35, 255}, 'G': {117, 251, 76, 255}, 'B': {0, 0, 245, 255}, 'Y': {255, 255, 84, 255},
}

// paintAs draws quarters in the colours of a screen.
func paintAs(img draw.Image) draw.Image {
	b := img.Bounds()
	for y := range b.Dy() {
		for x := range b.Dx() {
			img.Set(x, y, onScreen["RGBY"[2*y/b.Dy()*2+2*x/b.Dx()]])
		}
	}
	return img
}

func withProfilePNG(t testing.TB, body, profile []byte) []byte {
	t.Helper()
	var packed bytes.Buffer
	w := zlib.NewWriter(&packed)
	w.Write(profile)
	w.Close()
	return withChunk(body, "iCCP", append([]byte("a screen\x00\x00"), packed.Bytes()...))
}

func withProfileJPEG(body, profile []byte) []byte {
	return append(append(bytes.Clone(body[:2]), segment(markerAPP2, append([]byte("ICC_PROFILE\x00\x01\x01"), profile...)...)...), body[2:]...)
}

func TestColoursOfAPhoneAreSeenAsTheyWere(t *testing.T) {
	square := image.Rect(0, 0, 64, 64)
	onPalette := color.Palette{onScreen['R'], onScreen['G'], onScreen['B'], onScreen['Y']}
	for name, body := range map[string][]byte{
		"JPEG":       withProfileJPEG(asJPEG(t, paintAs(image.NewRGBA(square))), screen()),
		"PNG":        withProfilePNG(t, asPNG(t, paintAs(image.NewRGBA(square))), screen()),
		"lucid PNG":  withProfilePNG(t, asPNG(t, paintAs(image.NewNRGBA(square)).(*image.NRGBA)), screen()),
		"PNG of 16":  withProfilePNG(t, asPNG(t, paintAs(image.NewNRGBA64(square))), screen()),
		"in palette": withProfilePNG(t, asPNG(t, paintAs(image.NewPaletted(square, onPalette))), screen()),
	} {
		p := whole(t, body)
		img, _, err := image.Decode(bytes.NewReader(p.Bytes))
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(p.Bytes, []byte("acsp")) || bytes.Contains(p.Bytes, []byte("iCCP")) {
			t.Errorf("%s: the profile is left", name)
		}
		for n, letter := range []byte("RGBY") {
			got := color.NRGBAModel.Convert(img.At(16+32*(n%2), 16+32*(n/2))).(color.NRGBA)
			want := paint[letter]
			if apart(int(got.R), want.R) > 16 || apart(int(got.G), want.G) > 16 || apart(int(got.B), want.B) > 16 || got.A != 255 {
				t.Errorf("%s: %c is %v, want %v", name, letter, got, want)
			}
		}
	}
}

func TestColoursOfPagesAreLeftAlone(t *testing.T) {
	body := screen()
	none := icc("RGB ", rgbTags[:5], make([]byte, 20), make([]byte, 20), make([]byte, 20), usual, usual)
	gamma := func(v uint16) []byte {
		return binary.BigEndian.AppendUint16([]byte("curv\x00\x00\x00\x00\x00\x00\x00\x01"), v)
	}
	for name, c := range map[string]struct {
		profile []byte
		changes bool
	}{
		"sRGB":                   {page(usual), false},
		"a screen":               {body, true},
		"light as it is":         {page([]byte("curv\x00\x00\x00\x00\x00\x00\x00\x00")), true},
		"an old Mac":             {page(gamma(0x01CD)), true},
		"points":                 {page(points(func(x float64) float64 { return x * x })), true},
		"greys":                  {icc("GRAY", []string{"kTRC"}, gamma(0x01CD)), true},
		"greys of pages":         {icc("GRAY", []string{"kTRC"}, usual), false},
		"nothing":                {nil, false},
		"cut":                    {body[:200], false},
		"of inks":                {append([]byte{}, bytes.Replace(body, []byte("RGB "), []byte("CMYK"), 1)...), false},
		"without a curve":        {none, false},
		"a tag out of the file":  {bytes.Replace(body, []byte("rTRC\x00"), []byte("rTRC\x7f"), 1), false},
		"more tags than it says": {append(append([]byte{}, body[:128]...), 0xff, 0xff, 0xff, 0xff), false},
		"a curve of no number":   {page(para(0, -30)), true},
		"a slope of none":        {page(para(1, 2, 0, 1)), false},
	} {
		if got := transformOf(c.profile) != nil; got != c.changes {
			t.Errorf("%s: changed is %v, want %v", name, got, c.changes)
		}
	}
}

// points is a curve of 33 of them.
func points(f func(float64) float64) []byte {
	out := append([]byte("curv\x00\x00\x00\x00"), 0, 0, 0, 33)
	for n := range 33 {
		out = binary.BigEndian.AppendUint16(out, uint16(math.Round(65535*f(float64(n)/32))))
	}
	return out
}

func TestAWebPTellsItsProfile(t *testing.T) {
	profile := screen()
	body := append([]byte("RIFF\x00\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00"), make([]byte, 10)...)
	body = binary.LittleEndian.AppendUint32(append(body, "ICCP"...), uint32(len(profile)))
	body = append(append(body, profile...), "VP8 \x00\x00\x00\x00"...)
	binary.LittleEndian.PutUint32(body[4:], uint32(len(body)-8))
	f, err := open(io.NewSectionReader(bytes.NewReader(body), 0, int64(len(body))))
	if err != nil || !bytes.Equal(f.profile, profile) || f.cost != 2 {
		t.Errorf("a profile of %d bytes, a cost of %d (%v)", len(f.profile), f.cost, err)
	}
}

func TestPlanesAreTurnedAsPixelsAre(t *testing.T) {
	for _, ratio := range []image.YCbCrSubsampleRatio{image.YCbCrSubsampleRatio444, image.YCbCrSubsampleRatio422, image.YCbCrSubsampleRatio420,
		image.YCbCrSubsampleRatio440, image.YCbCrSubsampleRatio411, image.YCbCrSubsampleRatio410} {
		img := image.NewYCbCr(image.Rect(0, 0, 130, 70), ratio)
		for y := range 70 {
			for x := range 130 {
				img.Y[img.YOffset(x, y)] = uint8(x + 2*y)
				img.Cb[img.COffset(x, y)], img.Cr[img.COffset(x, y)] = uint8(x/16*16), uint8(y/16*16)
			}
		}
		for o := orientation(1); o <= 8; o++ {
			got := planesOf(img).turned(o).image().(*image.YCbCr)
			for _, at := range []image.Point{{0, 0}, {20, 40}, {69, 3}, {40, 69}} {
				right, bottom := got.Rect.Max.X-1, got.Rect.Max.Y-1
				x, y := o.from(at.X, at.Y, right, bottom)
				if got.Y[got.YOffset(at.X, at.Y)] != img.Y[img.YOffset(x, y)] {
					t.Errorf("%v held like %d: at %v stands not what stood at %d, %d", ratio, o, at, x, y)
				}
			}
		}
	}
}

func TestGreyStaysGrey(t *testing.T) {
	body := withProfilePNG(t, asPNG(t, quarters(image.NewGray(image.Rect(0, 0, 8, 8)), "KWWK")), icc("GRAY", []string{"kTRC"}, points(func(x float64) float64 { return x * x })))
	img, err := png.Decode(bytes.NewReader(whole(t, body).Bytes))
	if _, grey := img.(*image.Gray); err != nil || !grey {
		t.Errorf("it is a %T (%v)", img, err)
	}
	photo := image.NewGray(image.Rect(0, 0, 40, 20))
	p := whole(t, withSegment(asJPEG(t, photo), exif(binary.BigEndian, 6)))
	if p.Width != 20 || p.Height != 40 {
		t.Errorf("a grey photo is %d×%d", p.Width, p.Height)
	}
}

func FuzzProfile(f *testing.F) {
	f.Add(screen())
	f.Add(page(usual))
	f.Add(icc("GRAY", []string{"kTRC"}, points(math.Sqrt)))
	f.Fuzz(func(t *testing.T, body []byte) {
		if to := transformOf(body); to != nil {
			to.picture(image.NewYCbCr(image.Rect(0, 0, 3, 3), image.YCbCrSubsampleRatio420))
			to.picture(image.NewNRGBA64(image.Rect(0, 0, 3, 3)))
		}
	})
}
