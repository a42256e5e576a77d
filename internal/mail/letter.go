package mail

import (
	"crypto/rand"
	"net/mail"
	"strings"
	"unicode"

	library "github.com/wneessen/go-mail"
	"golang.org/x/net/idna"
)

const maxSubject = 150 // runes

// address is one mailbox, its domain in ASCII.
type address mail.Address

func (a address) domain() string {
	return a.Address[strings.LastIndexByte(a.Address, '@')+1:]
}

func (a address) ascii() bool {
	return !strings.ContainsFunc(a.Address, func(r rune) bool { return r > unicode.MaxASCII })
}

// parse reads one address, such as alice@example.org or Alice
// <alice@example.org>.
func parse(text string) (address, bool) {
	if strings.ContainsFunc(text, unicode.IsControl) {
		return address{}, false
	}
	a, err := mail.ParseAddress(text)
	if err != nil {
		return address{}, false
	}
	at := strings.LastIndexByte(a.Address, '@')
	domain, err := idna.Lookup.ToASCII(a.Address[at+1:])
	if err != nil || domain == "" || strings.ContainsFunc(a.Address, unicode.IsControl) {
		return address{}, false
	}
	return address{Name: oneLine(a.Name), Address: a.Address[:at+1] + domain}, true
}

// compose writes a letter (RFC 5322) that says it was written by a program (RFC
// 3834 §5), so that no other program answers it.
func compose(from, to address, letter Letter) *library.Msg {
	m := library.NewMsg(
		library.WithCharset(library.CharsetUTF8),
		library.WithEncoding(library.EncodingQP),
		library.WithNoDefaultUserAgent(),
	)
	m.FromMailAddress((*mail.Address)(&from))
	m.ToMailAddress((*mail.Address)(&to))
	m.Subject(oneLine(letter.Subject))
	m.SetDate()
	m.SetMessageIDWithValue(strings.ToLower(rand.Text()) + "@" + from.domain())
	m.SetGenHeader("Auto-Submitted", "auto-generated")
	m.SetBodyString(library.TypeTextPlain, strings.ToValidUTF8(letter.Text, "\uFFFD"))
	return m
}

// oneLine is a text that cannot be anything but the value of a header.
func oneLine(text string) string {
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, "\uFFFD"))
	text = strings.Join(strings.Fields(text), " ")
	if runes := []rune(text); len(runes) > maxSubject {
		return string(runes[:maxSubject]) + "…"
	}
	return text
}
