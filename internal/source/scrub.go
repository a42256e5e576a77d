package source

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

const maxMarks = 6 // accents on one letter; more is a mess on purpose

// Scrub takes out of a text what can deceive or break a page: control
// characters, characters that turn its direction, and towers of accents. The
// joiners that scripts and emoji need stay.
func Scrub(s string) string {
	marks := 0
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			if marks++; marks > maxMarks {
				return -1
			}
			return r
		}
		marks = 0
		switch {
		case r == '\t', r == '\n', r == '\u2028', r == '\u2029':
			return keepSpace(r)
		case isControl(r):
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\ufffd"))
}

func keepSpace(r rune) rune {
	if r == '\n' || r == '\t' {
		return r
	}
	return ' '
}

// isControl tells whether r is a C0 or C1 control, overrides the direction of
// the text around it, or is another character that only machines see.
func isControl(r rune) bool {
	switch {
	case r < 0x20, 0x7f <= r && r < 0xa0:
		return true
	case 0x202a <= r && r <= 0x202e, 0x2066 <= r && r <= 0x206f:
		return true
	case r == 0xfeff, 0xfff9 <= r && r <= 0xfffb:
		return true
	}
	return false
}

// Line makes one line of a name, of at most limit characters, the ellipsis
// counted.
func Line(s string, limit int) string {
	s = strings.Join(strings.Fields(Scrub(s)), " ")
	if offset(s, limit) < len(s) {
		s, _ = cutText(s, limit-1)
	}
	return s
}

// cutText cuts s to at most limit characters, at a word where there is one,
// and says with an ellipsis that it did.
func cutText(s string, limit int) (text string, cut bool) {
	at := offset(s, limit)
	if at == len(s) {
		return s, false
	}
	at = wholeLetter(s, at)
	head := s[:at]
	if next, _ := utf8.DecodeRuneInString(s[at:]); !unicode.IsSpace(next) {
		if word := strings.LastIndexFunc(head, unicode.IsSpace); word >= len(head)/2 {
			head = head[:word]
		}
	}
	return strings.TrimRightFunc(head, unicode.IsSpace) + "…", true
}

// offset is where the first limit characters of s end.
func offset(s string, limit int) int {
	for at := range s {
		if limit == 0 {
			return at
		}
		limit--
	}
	return len(s)
}

// wholeLetter goes back from at to where no letter or emoji is cut apart.
func wholeLetter(s string, at int) int {
	for at > 0 {
		next, _ := utf8.DecodeRuneInString(s[at:])
		last, size := utf8.DecodeLastRuneInString(s[:at])
		if !unicode.Is(unicode.M, next) && next != '\u200d' && last != '\u200d' && (next < 0x1f3fb || next > 0x1f3ff) {
			return at
		}
		at -= size
	}
	return at
}
