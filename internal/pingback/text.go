package pingback

import (
	"bytes"
	"strings"
	"unicode"

	"golang.org/x/net/html"
)

// maxText bounds the text of another site that we keep, in runes.
const maxText = 200

// oneLine makes the text of another site safe to log and to show: one line
// without control and direction characters, not too long.
func oneLine(text string) string {
	text = strings.ToValidUTF8(text, "\ufffd")
	text = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r):
			return -1
		}
		return r
	}, text)
	runes := []rune(strings.Join(strings.Fields(text), " "))
	if len(runes) > maxText {
		return string(runes[:maxText-1]) + "…"
	}
	return string(runes)
}

// withoutMarkup is the text of an error page, which is HTML more often than not.
func withoutMarkup(page []byte) string {
	var text strings.Builder
	unseen := ""
	for tokens := html.NewTokenizer(bytes.NewReader(page)); ; {
		switch tokens.Next() {
		case html.ErrorToken:
			return text.String()
		case html.TextToken:
			if unseen == "" {
				text.Write(tokens.Text())
			}
		case html.StartTagToken:
			text.WriteByte(' ')
			if name, _ := tokens.TagName(); unseen == "" && (string(name) == "script" || string(name) == "style") {
				unseen = string(name)
			}
		case html.EndTagToken:
			text.WriteByte(' ')
			if name, _ := tokens.TagName(); string(name) == unseen {
				unseen = ""
			}
		}
	}
}
