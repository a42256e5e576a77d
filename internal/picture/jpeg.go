package picture

import "encoding/binary"

// The markers of a JPEG (T.81 table B.1) that are told apart here.
const (
	markerSOF0  = 0xC0 // start of a frame: baseline
	markerSOF1  = 0xC1 // extended
	markerSOF2  = 0xC2 // progressive
	markerRST0  = 0xD0 // the first of eight restarts
	markerRST7  = 0xD7
	markerEOI   = 0xD9 // end of image
	markerSOS   = 0xDA // start of a scan
	markerAPP1  = 0xE1 // where EXIF is
	markerAPP14 = 0xEE // where Adobe's programs leave a note
)

// jpegFacts are what has to be known of a JPEG before it is decoded.
type jpegFacts struct {
	turn        orientation
	frame       []byte // the frame header
	progressive bool
	adobe       bool // it says how its colours are put together
	scans       int
	end         int // just behind the picture
}

// readJPEG walks from marker to marker, skipping what the decoder skips, so
// that it counts every scan that the decoder would read. Each scan of a
// progressive JPEG goes over the whole picture and may be written in ten bytes.
func readJPEG(body []byte) jpegFacts {
	facts := jpegFacts{end: len(body)}
	for at := 2; at+2 <= len(body); {
		marker := body[at+1]
		switch {
		case body[at] != 0xFF, marker == 0xFF:
			at++ // the data of a scan, or filling
		case marker == 0, markerRST0 <= marker && marker <= markerRST7:
			at += 2 // within a scan
		case marker == markerEOI:
			facts.end = at + 2
			return facts
		default:
			segment, ok := jpegSegment(body[at+2:])
			if !ok {
				return facts
			}
			facts.note(marker, segment)
			at += 4 + len(segment)
		}
	}
	return facts
}

// jpegSegment is what stands behind a marker and its length, which counts
// itself.
func jpegSegment(rest []byte) ([]byte, bool) {
	if len(rest) < 2 {
		return nil, false
	}
	length := int(binary.BigEndian.Uint16(rest))
	if length < 2 || length > len(rest) {
		return nil, false
	}
	return rest[2:length], true
}

func (f *jpegFacts) note(marker byte, segment []byte) {
	switch marker {
	case markerSOS:
		f.scans++
	case markerSOF0, markerSOF1, markerSOF2: // a second one is refused by the decoder
		f.frame, f.progressive = segment, marker == markerSOF2
	case markerAPP1:
		if f.turn == 0 {
			f.turn = exifOrientation(segment)
		}
	case markerAPP14:
		f.adobe = true
	}
}

// cost is what the frame header (T.81 §B.2.2) says of the memory that a pixel
// needs: a byte a sample, four more if coefficients are kept from scan to scan,
// and four a pixel where the decoder puts the components together.
func (f *jpegFacts) cost() int {
	samples, ok := samplesOfFour(f.frame)
	if !ok {
		samples = 4 * 4
	}
	if f.progressive || !ok {
		samples *= 5
	}
	cost := (samples + 3) / 4
	if f.adobe || !ok || !plainComponents(f.frame) {
		cost += 4
	}
	return cost
}

// A frame header is a few fixed bytes, the last of which counts the components,
// and three bytes a component: its name, its sampling factors, its table.
const frameFixed, frameEach = 6, 3

// samplesOfFour is how many samples there are for four pixels.
func samplesOfFour(frame []byte) (int, bool) {
	if len(frame) < frameFixed+frameEach || len(frame) != frameFixed+frameEach*int(frame[frameFixed-1]) {
		return 0, false
	}
	full := samplingArea(frame[frameFixed+1])
	if full == 0 {
		return 0, false
	}
	total := 0
	for at := frameFixed; at < len(frame); at += frameEach {
		total += samplingArea(frame[at+1])
	}
	return (4*total + full - 1) / full, true
}

func samplingArea(factors byte) int {
	return int(factors>>4) * int(factors&15)
}

// plainComponents tells whether the decoder leaves the components as they are:
// grey, or brightness and two colours.
func plainComponents(frame []byte) bool {
	switch frame[frameFixed-1] {
	case 1:
		return true
	case 3:
		return frame[frameFixed] != 'R'
	}
	return false
}
