package akismet

import (
	"net/http"
	"strings"
	"time"
	"unicode"

	"hark/internal/answer"
)

const (
	maxText = 300 // runes
)

// reply is what the service said.
type reply struct {
	status int
	header http.Header
	body   string
	secret *strings.Replacer
}

// says is what a header says, in one line.
func (a *reply) says(header string) string {
	return a.line(a.header.Get(header))
}

// alert is what is wrong with the account. It comes beside a verdict as well
// as in its place.
func (a *reply) alert() string {
	code, text := a.says("X-Akismet-Alert-Code"), a.says("X-Akismet-Alert-Msg")
	if code == "" {
		return text
	}
	return strings.TrimSpace(text + " (code " + code + ")")
}

// refusal is the answer as an error, with the most that is said of the reason.
func (a *reply) refusal() *Error {
	text := a.alert()
	if help := a.says("X-Akismet-Debug-Help"); help != "" {
		text = strings.TrimSpace(text + " " + help)
	}
	if text == "" && a.status == http.StatusOK { // else the body is an error page
		text = a.line(a.body)
	}
	return &Error{Status: a.status, Text: text, RetryAfter: answer.RetryAfter(a.header, time.Now())}
}

// line makes one short line of what the service sent, without the key.
func (a *reply) line(text string) string {
	text = strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.IsControl(r) {
			return ' '
		}
		if unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, ""))
	text = a.secret.Replace(strings.Join(strings.Fields(text), " "))
	if runes := []rune(text); len(runes) > maxText {
		return string(runes[:maxText]) + "…"
	}
	return text
}
