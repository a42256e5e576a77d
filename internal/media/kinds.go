package media

import (
	"bytes"
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
	case has(head, 0, "\xff\xd8\xff"), has(head, 0, "\x89PNG\r\n\x1a\n"), has(head, 0, "GIF8"), has(head, 0, "RIFF") && has(head, 8, "WEBP"):
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
