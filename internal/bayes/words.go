package bayes

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

const (
	maxWords  = 500
	maxText   = 64 << 10 // bytes of one text that are read
	minLength = 2        // runes of a word
	maxLength = 40
	maxHost   = 253 // bytes of a host
	hostMark  = "host:"
)

// Words are the words of a mention, each once, in the order they are met, at
// most 500. What looks alike is made alike first (wide, slanted and upper-case
// letters, letters with something invisible between them).
//
// A word is a run of 2 to 40 letters, digits and accents. In scripts written
// without spaces it is each pair of neighbours, so 无人机 is 无人 and 人机.
//
// A text that is "host:" and a host, and nothing else, is one word as it
// stands. No other word has a colon, so that the host casino.example and the
// word casino do not mix.
func Words(texts ...string) []string {
	s := splitter{seen: make(map[string]bool)}
	for _, text := range texts {
		if host, ok := host(text); ok {
			s.add(host)
			continue
		}
		s.split(plain(text))
	}
	return s.words
}

func host(text string) (string, bool) {
	name, ok := strings.CutPrefix(text, hostMark)
	if !ok || name == "" || len(name) > maxHost || strings.ContainsFunc(name, notOfHost) {
		return "", false
	}
	return hostMark + strings.ToLower(name), true
}

func notOfHost(r rune) bool {
	return !letter(r) && !strings.ContainsRune(".-_:[]", r)
}

// plain is a text without what makes the same word look different to a program
// and not to a reader (Unicode Standard Annex 15, NFKC).
func plain(text string) string {
	if len(text) > maxText {
		text = text[:maxText]
	}
	text = strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) || r == 0x34F || unicode.Is(unicode.Variation_Selector, r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, " "))
	return strings.ToLower(norm.NFKC.String(text))
}

// splitter collects words.
type splitter struct {
	words []string
	seen  map[string]bool
}

func (s *splitter) add(word string) {
	if len(s.words) < maxWords && !s.seen[word] {
		s.seen[word] = true
		s.words = append(s.words, word)
	}
}

// split goes from run to run: of letters with spaces around their words, of
// letters without, of neither.
func (s *splitter) split(text string) {
	for text != "" && len(s.words) < maxWords {
		first, size := utf8.DecodeRuneInString(text)
		switch {
		case !letter(first):
			text = text[size:]
		case unspaced(first):
			text = s.pairs(text)
		default:
			text = s.word(text)
		}
	}
}

// word adds the word at the head of a text and returns what follows it.
func (s *splitter) word(text string) (rest string) {
	end := strings.IndexFunc(text, func(r rune) bool { return !letter(r) || unspaced(r) })
	if end < 0 {
		end = len(text)
	}
	if n := utf8.RuneCountInString(text[:end]); minLength <= n && n <= maxLength {
		s.add(text[:end])
	}
	return text[end:]
}

// pairs adds the pairs at the head of a text, or the one letter if it stands
// alone, and returns what follows them. Accents belong to the letter before.
func (s *splitter) pairs(text string) (rest string) {
	before, letters := "", 0
	for text != "" {
		first, size := utf8.DecodeRuneInString(text)
		if !unspaced(first) {
			break
		}
		for size < len(text) {
			next, n := utf8.DecodeRuneInString(text[size:])
			if !unicode.IsMark(next) || size+n > maxLength {
				break
			}
			size += n
		}
		if letters > 0 {
			s.add(before + text[:size])
		}
		before, letters = text[:size], letters+1
		text = text[size:]
	}
	if letters == 1 {
		s.add(before)
	}
	return text
}

func letter(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r)
}

// unspaced tells the letters of scripts whose words have no spaces between
// them. Korean has spaces.
func unspaced(r rune) bool {
	return r >= 0x0E00 && letter(r) && unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Bopomofo,
		unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar, unicode.Tibetan)
}
