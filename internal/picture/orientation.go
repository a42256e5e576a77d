package picture

import (
	"bytes"
	"encoding/binary"
	"image"
)

// orientation is how a camera was held: 1 to 8 as in EXIF (CIPA DC-008 §4.6.4),
// zero if nothing is said of it.
type orientation int

// exifOrientation reads the orientation of an APP1 segment. It follows one
// offset, to the first directory, and reads one tag of it. Anything that is not
// exactly as it should be says nothing.
func exifOrientation(segment []byte) orientation {
	tiff, ok := bytes.CutPrefix(segment, []byte("Exif\x00\x00"))
	if !ok || len(tiff) < 8 {
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

// upright turns and mirrors a square.
func (o orientation) upright(img *image.RGBA) *image.RGBA {
	if o < 2 {
		return img
	}
	side := img.Rect.Dx()
	turned := image.NewRGBA(img.Rect)
	for y := range side {
		for x := range side {
			turned.SetRGBA(x, y, img.RGBAAt(o.from(x, y, side-1)))
		}
	}
	return turned
}

// from is where the pixel that belongs at x, y stands in the file.
func (o orientation) from(x, y, last int) (int, int) {
	switch o {
	case 2:
		return last - x, y
	case 3:
		return last - x, last - y
	case 4:
		return x, last - y
	case 5:
		return y, x
	case 6:
		return y, last - x
	case 7:
		return last - y, last - x
	case 8:
		return last - y, x
	}
	return x, y
}
