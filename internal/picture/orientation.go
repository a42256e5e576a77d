package picture

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
)

// orientation is how a camera was held: 1 to 8 as in EXIF (CIPA DC-008 §4.6.4),
// zero if nothing is said of it.
type orientation int

// exifOrientation reads the orientation of an APP1 segment.
func exifOrientation(segment []byte) orientation {
	if tiff, ok := bytes.CutPrefix(segment, []byte(exifPrefix)); ok {
		return tiffOrientation(tiff)
	}
	return 0
}

// exifPrefix stands before EXIF in a JPEG, and in a WebP of some programs.
const exifPrefix = "Exif\x00\x00"

// maxEXIF bounds EXIF, in bytes, as a segment of a JPEG does.
const maxEXIF = 64 << 10

// tiffOrientation reads the orientation that EXIF itself tells. It follows one offset, to
// the first directory, and reads one tag of it. Anything that is not exactly as it should
// be says nothing.
func tiffOrientation(tiff []byte) orientation {
	if len(tiff) < 8 {
		return 0
	}
	var order binary.ByteOrder
	switch string(tiff[:4]) {
	case "II*\x00":
		order = binary.LittleEndian
	case "MM\x00*":
		order = binary.BigEndian
	default:
		return 0
	}
	at := int64(order.Uint32(tiff[4:8]))
	if at < 8 || at+2 > int64(len(tiff)) {
		return 0
	}
	return directoryOrientation(tiff[at+2:], int(order.Uint16(tiff[at:])), order)
}

// directoryOrientation looks for the tag among the entries of a directory.
func directoryOrientation(entries []byte, count int, order binary.ByteOrder) orientation {
	const size, tag, short = 12, 0x0112, 3
	for i := 0; i < count && (i+1)*size <= len(entries); i++ {
		entry := entries[i*size : (i+1)*size]
		if order.Uint16(entry) != tag {
			continue
		}
		value := orientation(order.Uint16(entry[8:]))
		if order.Uint16(entry[2:]) != short || order.Uint32(entry[4:]) != 1 || value < 1 || value > 8 {
			return 0
		}
		return value
	}
	return 0
}

// upright turns and mirrors a picture whose corner is at 0, 0.
func (o orientation) upright(img *image.RGBA) *image.RGBA {
	if o < 2 {
		return img
	}
	w, h := img.Rect.Dx(), img.Rect.Dy()
	if o >= 5 {
		w, h = h, w
	}
	turned := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			copy(turned.Pix[turned.PixOffset(x, y):][:4], img.Pix[img.PixOffset(o.from(x, y, w-1, h-1)):])
		}
	}
	return turned
}

// from is where the pixel that belongs at x, y stands in the file. right and
// bottom are the last of the upright picture.
func (o orientation) from(x, y, right, bottom int) (int, int) {
	switch o {
	case 2:
		return right - x, y
	case 3:
		return right - x, bottom - y
	case 4:
		return x, bottom - y
	case 5:
		return y, x
	case 6:
		return y, right - x
	case 7:
		return bottom - y, right - x
	case 8:
		return bottom - y, x
	}
	return x, y
}

// turned is a picture whose corner is at 0, 0, upright without a copy, for a PNG: of
// 16 bits a value only where the picture is.
type turned struct {
	image.Image
	by orientation
}

func (t turned) Bounds() image.Rectangle {
	b := t.Image.Bounds()
	if t.by >= 5 {
		return image.Rect(0, 0, b.Dy(), b.Dx())
	}
	return b
}

func (t turned) At(x, y int) color.Color {
	b := t.Bounds()
	return t.Image.At(t.by.from(x, y, b.Dx()-1, b.Dy()-1))
}

func (t turned) ColorModel() color.Model {
	switch model := t.Image.ColorModel(); model {
	case color.GrayModel, color.Gray16Model, color.RGBA64Model, color.NRGBA64Model:
		return model
	}
	return color.NRGBAModel
}

// Opaque says what the picture says of itself, because asking each pixel takes long.
func (t turned) Opaque() bool { return opaque(t.Image) }
