package media

import (
	"bytes"
	"encoding/binary"
	"slices"
	"strings"
)

const pdf = "application/pdf"

// endings are the types that are kept, with the ends of their names.
var endings = map[string]string{
	"image/jpeg": "jpg", "image/png": "png", "image/gif": "gif",
	"video/mp4": "mp4", "video/webm": "webm", "video/ogg": "ogv",
	"audio/mp4": "m4a", "audio/mpeg": "mp3", "audio/ogg": "ogg",
	pdf: "pdf",
}

// headBytes is how much of a file tells what it is.
const headBytes = 512

// kindOf tells what a file is by its first bytes alone: a name or a header can say
// anything. Pictures are "image", whatever their format: the room that makes them
// anew knows. It is empty for what is not kept.
func kindOf(head []byte) string {
	switch {
	case has(head, 0, "\xff\xd8\xff"), isPNG(head) && !pngMoves(head), has(head, 0, "GIF8"), isWebP(head) && !moves(head):
		return "image"
	case has(head, 4, "ftyp"):
		return mp4Kind(head)
	case has(head, 0, "\x1a\x45\xdf\xa3"):
		if bytes.Contains(head, []byte("\x42\x82")) && bytes.Contains(head, []byte("webm")) {
			return "video/webm"
		}
	case has(head, 0, "OggS"):
		if bytes.Contains(head, []byte("\x80theora")) {
			return "video/ogg"
		}
		return "audio/ogg"
	case has(head, 0, "ID3"), isMP3Frame(head):
		return "audio/mpeg"
	case has(head, 0, "%PDF-"):
		return pdf
	}
	return ""
}

func has(head []byte, at int, signature string) bool {
	return len(head) >= at+len(signature) && string(head[at:at+len(signature)]) == signature
}

func isWebP(head []byte) bool { return has(head, 0, "RIFF") && has(head, 8, "WEBP") }

// moves tells whether a WebP says that it is animated (RFC 9649 §2.7.1).
func moves(head []byte) bool {
	const flags, animation = 20, 0x02
	return isWebP(head) && has(head, 12, "VP8X") && len(head) > flags && head[flags]&animation != 0
}

const pngSignature = "\x89PNG\r\n\x1a\n"

func isPNG(head []byte) bool { return has(head, 0, pngSignature) }

// pngMoves tells whether a PNG says that it has several pictures (PNG §11.3.6.1): its
// first one would be kept alone.
func pngMoves(head []byte) bool {
	const frame = 12 // bytes of a chunk beside its data
	for at := len(pngSignature); isPNG(head) && len(head) >= at+frame; {
		length := binary.BigEndian.Uint32(head[at:])
		if has(head, at+4, "acTL") {
			return binary.BigEndian.Uint32(head[at+8:]) > 1
		}
		if length > headBytes {
			break
		}
		at += frame + int(length)
	}
	return false
}

// mp4Kind goes by the brand (ISO/IEC 14496-12 §4.3). QuickTime's own and pictures
// in that wrapping are played by few browsers.
func mp4Kind(head []byte) string {
	if len(head) < 12 {
		return ""
	}
	switch brand := string(head[8:12]); {
	case strings.HasPrefix(brand, "M4A"), strings.HasPrefix(brand, "M4B"):
		return "audio/mp4"
	case strings.HasPrefix(brand, "iso"), strings.HasPrefix(brand, "mp4"), strings.HasPrefix(brand, "avc"),
		strings.HasPrefix(brand, "M4V"), strings.HasPrefix(brand, "dash"), strings.HasPrefix(brand, "MSNV"):
		return "video/mp4"
	}
	return ""
}

// isMP3Frame tells whether a frame of layer III begins here (ISO/IEC 11172-3
// §2.4.1.3), with a rate and a frequency that there are.
func isMP3Frame(head []byte) bool {
	return len(head) >= 3 && head[0] == 0xff && head[1]&0xe6 == 0xe2 && head[1]&0x18 != 0x08 &&
		head[2]>>4 != 0x0f && head[2]>>4 != 0 && head[2]&0x0c != 0x0c
}

// known are files that people do have and that are not kept, by what tells them, each
// with a sentence that says why and what to do instead.
var known = []struct {
	is   func(head []byte) bool
	text string
}{
	{isBrand("heic", "heix", "hevc", "heim", "heis", "mif1", "msf1"), "HEIC is not kept here: few browsers show it. Save the picture as JPEG; phones offer that as “most compatible”."},
	{isBrand("avif", "avis"), "AVIF is not kept here: hark cannot make it anew. Save the picture as JPEG or PNG."},
	{isBrand("qt  "), "QuickTime is not kept here: few browsers play it. Save the film as MP4."},
	{isText("<svg"), "SVG is not kept here: such a drawing can hold programs, which would run as if they were yours. Save it as PNG."},
	{isText("<!doctype html", "<html", "<head", "<body", "<script", "<iframe"), "HTML is not kept here: a browser would run what stands in it as if it were yours. Put the words into a post, or save the page as PDF."},
	{isStart("II*\x00", "MM\x00*"), "TIFF and the raw pictures of cameras are not kept here: browsers do not show them. Save the picture as JPEG."},
	{isStart("BM"), "BMP is not kept here. Save the picture as PNG."},
	{moves, "A WebP that moves is not kept here: hark cannot make it anew. Save it as GIF, or as a film in MP4."},
	{pngMoves, "A PNG that moves is not kept here: hark cannot make it anew. Save it as GIF, or as a film in MP4."},
	{isStart("RIFF"), "WAV and AVI are not kept here: they are very large. Save a recording as MP3 or M4A, a film as MP4."},
	{isStart("fLaC"), "FLAC is not kept here. Save the recording as MP3, M4A or Ogg."},
	{isStart("\x1a\x45\xdf\xa3"), "Matroska is not kept here: few browsers play it. Save the film as MP4 or WebM."},
	{isStart("PK\x03\x04"), "Archives and documents of office programs are not kept here. Save a document as PDF; put an archive elsewhere and link to it."},
}

// whyNot says why a file that begins like this is not kept.
func whyNot(head []byte) string {
	if len(head) == 0 {
		return "This file is empty, and is not kept here. Choose it again."
	}
	for _, k := range known {
		if k.is(head) {
			return k.text
		}
	}
	return "This kind of file is not kept here. What is: JPEG, PNG, GIF and WebP pictures, MP4, WebM and Ogg films, MP3, M4A and Ogg recordings, and PDF."
}

func isStart(signatures ...string) func([]byte) bool {
	return func(head []byte) bool {
		return slices.ContainsFunc(signatures, func(s string) bool { return has(head, 0, s) })
	}
}

func isBrand(brands ...string) func([]byte) bool {
	return func(head []byte) bool {
		return len(head) >= 12 && has(head, 4, "ftyp") && slices.Contains(brands, string(head[8:12]))
	}
}

// isText looks for tags, wherever in a head of text they stand: comments may come
// before them.
func isText(tags ...string) func([]byte) bool {
	return func(head []byte) bool {
		lower := bytes.ToLower(head)
		begin := bytes.TrimLeft(bytes.TrimPrefix(lower, []byte("\xef\xbb\xbf")), " \t\r\n\f")
		return bytes.HasPrefix(begin, []byte("<")) && slices.ContainsFunc(tags, func(tag string) bool { return bytes.Contains(lower, []byte(tag)) })
	}
}
