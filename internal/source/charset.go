package source

import (
	"bytes"
	"unicode/utf8"

	"golang.org/x/net/html/charset"
)

// decode gives body as UTF-8: by its byte order mark, by the declared content
// type, by what it says of itself, or by its look (HTML §13.2.3).
func decode(body []byte, contentType string) []byte {
	encoding, name, certain := charset.DetermineEncoding(body, contentType)
	if name == "utf-8" || !certain && name == "windows-1252" && isUTF8(body) {
		return clearBOM(bytes.ToValidUTF8(body, []byte("\ufffd")))
	}
	text, err := encoding.NewDecoder().Bytes(body)
	if err != nil {
		return clearBOM(bytes.ToValidUTF8(body, []byte("\ufffd")))
	}
	return clearBOM(text)
}

// isUTF8 tells whether body is UTF-8, but for a last character cut in two.
func isUTF8(body []byte) bool {
	for range utf8.UTFMax - 1 {
		if r, size := utf8.DecodeLastRune(body); r == utf8.RuneError && size == 1 {
			body = body[:len(body)-1]
		}
	}
	return utf8.Valid(body)
}

func clearBOM(text []byte) []byte { return bytes.TrimPrefix(text, []byte("\ufeff")) }
