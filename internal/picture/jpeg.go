package picture

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
)

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
	markerAPP2  = 0xE2 // where the colours are explained
	markerAPP14 = 0xEE // where Adobe's programs leave a note
)

// jpegFacts are what has to be known of a JPEG before it is decoded.
type jpegFacts struct {
	turn        orientation
	frame       []byte // the frame header
	progressive bool
	adobe       bool // it says how its colours are put together
	scans       int
	profile     []byte
	end         int64 // just behind the picture
}

// readJPEG walks from marker to marker, skipping what the decoder skips, so
// that it counts every scan that the decoder would read. Each scan of a
// progressive JPEG goes over the whole picture and may be written in ten bytes.
// Its only errors are those of the disk.
func readJPEG(r *bufio.Reader, size int64) (jpegFacts, error) {
	facts := jpegFacts{end: size}
	n, err := r.Discard(2)
	for at := int64(n); err == nil; {
		var marker byte
		var skipped int64
		if marker, skipped, err = nextMarker(r); err != nil {
			break
		}
		at += skipped
		switch {
		case marker == 0, markerRST0 <= marker && marker <= markerRST7: // within a scan
		case marker == markerEOI:
			facts.end = at
			return facts, nil
		default:
			var segment []byte
			if segment, err = jpegSegment(r); err == nil {
				facts.note(marker, segment)
				at += 2 + int64(len(segment))
			}
		}
	}
	return facts, unread(err)
}

// nextMarker reads up to a marker and the byte that names it, past the data of a scan
// and filling.
func nextMarker(r *bufio.Reader) (marker byte, skipped int64, err error) {
	for {
		part, err := r.ReadSlice(0xFF)
		skipped += int64(len(part))
		if err == nil {
			break
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return 0, skipped, err
		}
	}
	for marker = 0xFF; marker == 0xFF; skipped++ {
		if marker, err = r.ReadByte(); err != nil {
			return 0, skipped, err
		}
	}
	return marker, skipped, nil
}

// jpegSegment is what stands behind a marker and its length, which counts
// itself.
func jpegSegment(r *bufio.Reader) ([]byte, error) {
	var length [2]byte
	if _, err := io.ReadFull(r, length[:]); err != nil {
		return nil, err
	}
	n := int(binary.BigEndian.Uint16(length[:]))
	if n < 2 {
		return nil, io.ErrUnexpectedEOF // the decoder says what is wrong with it
	}
	segment := make([]byte, n-2)
	_, err := io.ReadFull(r, segment)
	return segment, err
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
	case markerAPP2:
		// The first and only part (ICC.1 annex B.4): the profiles that can be used
		// here are short.
		if profile, ok := bytes.CutPrefix(segment, []byte("ICC_PROFILE\x00\x01\x01")); ok && f.profile == nil {
			f.profile = profile
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
