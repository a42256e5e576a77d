package picture

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"runtime"
)

// This file builds what no encoder writes.

func allocated() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.TotalAlloc
}

// exif is the content of an APP1 segment that says how the camera was held and
// nothing else.
func exif(order binary.AppendByteOrder, o uint16) []byte {
	head := "II*\x00"
	if order == binary.AppendByteOrder(binary.BigEndian) {
		head = "MM\x00*"
	}
	out := append([]byte("Exif\x00\x00"), head...)
	out = order.AppendUint32(out, 8)
	out = order.AppendUint16(out, 1)
	out = order.AppendUint16(out, 0x0112)
	out = order.AppendUint16(out, 3)
	out = order.AppendUint32(out, 1)
	out = order.AppendUint16(out, o)
	return append(out, 0, 0)
}

// withSegment puts an APP1 segment at the head of a JPEG.
func withSegment(body, content []byte) []byte {
	return append(append(bytes.Clone(body[:2]), segment(markerAPP1, content...)...), body[2:]...)
}

func segment(marker byte, content ...byte) []byte {
	length := len(content) + 2
	return append([]byte{0xFF, marker, byte(length >> 8), byte(length)}, content...)
}

// withChunk puts a chunk behind the head of a PNG.
func withChunk(body []byte, kind string, content []byte) []byte {
	const head = 8 + 25
	return append(append(bytes.Clone(body[:head]), chunk(kind, content)...), body[head:]...)
}

func chunk(kind string, content []byte) []byte {
	out := binary.BigEndian.AppendUint32(nil, uint32(len(content)))
	named := append([]byte(kind), content...)
	return binary.BigEndian.AppendUint32(append(out, named...), crc32.ChecksumIEEE(named))
}

func pngHeader(w, h uint32, depth, kind, interlace byte) []byte {
	head := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, w), h)
	out := append([]byte("\x89PNG\r\n\x1a\n"), chunk("IHDR", append(head, depth, kind, 0, 0, interlace))...)
	if kind == 3 {
		out = append(out, chunk("PLTE", []byte{1, 2, 3})...)
	}
	return append(out, chunk("IDAT", []byte{0x78, 0x9C})...)
}

// frame is the frame header of a JPEG whose components are not subsampled.
func frame(marker byte, w, h, components int) []byte {
	content := []byte{8, byte(h >> 8), byte(h), byte(w >> 8), byte(w), byte(components)}
	for i := range components {
		content = append(content, byte(i+1), 0x11, 0)
	}
	return segment(marker, content...)
}

// scanOf is the head of a scan of all components.
func scanOf(components int) []byte {
	content := []byte{byte(components)}
	for i := range components {
		content = append(content, byte(i+1), 0)
	}
	return segment(markerSOS, append(content, 0, 63, 0)...)
}

// bits is the data of a scan.
type bits struct {
	out  []byte
	word uint32
	n    int
}

func (b *bits) write(value uint32, count int) {
	for i := count - 1; i >= 0; i-- {
		b.word = b.word<<1 | value>>i&1
		if b.n++; b.n == 8 {
			b.out = append(b.out, byte(b.word))
			if byte(b.word) == 0xFF {
				b.out = append(b.out, 0)
			}
			b.n = 0
		}
	}
}

func (b *bits) bytes() []byte {
	for b.n != 0 {
		b.write(1, 1)
	}
	return b.out
}

// flat is a quantisation table of ones.
func flat() []byte {
	return segment(0xDB, append([]byte{0}, bytes.Repeat([]byte{1}, 64)...)...)
}

// codes is a Huffman table in which each symbol has a code of four bits, or of
// one if there is one symbol.
func codes(class byte, symbols ...byte) []byte {
	content := make([]byte, 17)
	content[0] = class << 4
	if len(symbols) == 1 {
		content[1] = 1
	} else {
		content[4] = byte(len(symbols))
	}
	return segment(0xC4, append(content, symbols...)...)
}

// progressive is a grey JPEG of one scan and then others of a few bytes each,
// all of which go over the whole picture and change nothing.
func progressive(side, scans int) []byte {
	blocks := (side / 8) * (side / 8)
	body := append([]byte{0xFF, 0xD8}, flat()...)
	body = append(body, frame(markerSOF2, side, side, 1)...)
	body = append(body, codes(0, 0)...)
	body = append(body, codes(1, 0xE0)...) // a run of empty blocks, its length in 14 bits
	body = append(body, segment(markerSOS, 1, 1, 0, 0, 0, 0)...)
	body = append(body, make([]byte, blocks/8+1)...)
	for range scans - 1 {
		body = append(body, segment(markerSOS, 1, 1, 0, 1, 63, 0x10)...)
		var run bits
		for left := blocks; left > 0; left -= 1<<15 - 1 {
			run.write(1<<14-1, 15)
		}
		body = append(body, run.bytes()...)
	}
	return append(body, 0xFF, markerEOI)
}

// cmyk is a JPEG of 16×16 pixels in CMYK as Adobe's programs write it, each
// quarter in one colour.
func cmyk(letters string) []byte {
	body := append([]byte{0xFF, 0xD8}, flat()...)
	body = append(body, segment(markerAPP14, []byte("Adobe\x00\x64\x00\x00\x00\x00\x00")...)...)
	body = append(body, frame(markerSOF0, 16, 16, 4)...)
	body = append(body, codes(0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)...)
	body = append(body, codes(1, 0)...)
	body = append(body, scanOf(4)...)
	var data bits
	var last [4]int
	for i := range 4 {
		c := paint[letters[i]]
		// Stored is the light that is left, for each ink and for black.
		for component, left := range []uint8{c.R, c.G, c.B, 255} {
			level := (int(left) - 128) * 8
			writeDC(&data, level-last[component])
			last[component] = level
			data.write(0, 1) // the rest of the block is empty
		}
	}
	return append(append(body, data.bytes()...), 0xFF, markerEOI)
}

// writeDC writes a difference as T.81 §F.1.2.1 has it.
func writeDC(data *bits, difference int) {
	size, magnitude := 0, max(difference, -difference)
	for magnitude>>size > 0 {
		size++
	}
	data.write(uint32(size), 4)
	if difference < 0 {
		difference += 1<<size - 1
	}
	data.write(uint32(difference), size)
}
