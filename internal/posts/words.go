package posts

import (
	"math"
	"strings"
	"unicode"

	"golang.org/x/net/html"
	"golang.org/x/text/unicode/norm"
)

// word is a word of a text: where it stands, and what it is found by.
type word struct {
	from, to int
	key      string
}

// maxKey is how many bytes a key has, and mostFolded of how many it is made: letters
// may be small marks that it leaves out.
const (
	maxKey     = 64
	mostFolded = 1024
)

// wordsOf parts a text into words. In scripts that put no spaces between words
// each letter is one, so that a word is found as a phrase.
func wordsOf(text string) []word { return firstWords(text, math.MaxInt) }

// aroundKey is what a key takes in an index beside its bytes.
const aroundKey = 5

// firstWords are the words of a text until their keys take so many bytes in an index.
func firstWords(text string, most int) (words []word) {
	start, keys := -1, map[string]string{}
	end := func(at int) {
		if start >= 0 {
			key := keyOf(text[start:at], keys)
			words = append(words, word{start, at, key})
			most -= len(key) + aroundKey
		}
		start = -1
	}
	for at, r := range text {
		switch {
		case most < 0:
			return words
		case r >= firstUnspaced && unicode.In(r, unspaced...):
			end(at)
			start = at
			end(at + len(string(r)))
		case unicode.IsLetter(r), unicode.IsNumber(r), unicode.IsMark(r) && start >= 0:
			if start < 0 {
				start = at
			}
		default:
			end(at)
		}
	}
	end(len(text))
	return words
}

// firstUnspaced is before the first letter of unspaced, and spares the others the search
// for theirs.
const firstUnspaced = '\u0E00'

// unspaced are the scripts that write without spaces.
var unspaced = []*unicode.RangeTable{unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar}

// keyOf is foldWord, and remembers words with other letters than ASCII's, which take
// longest and come again and again.
func keyOf(word string, known map[string]string) string {
	if isASCII(word) {
		return foldWord(word)
	}
	key, ok := known[word]
	if !ok {
		key = foldWord(word)
		known[word] = key
	}
	return key
}

// foldWord is what a word is found by: in small letters, without accents.
func foldWord(s string) string {
	s = s[:min(len(s), mostFolded)]
	if s = strings.ToLower(s); !isASCII(s) {
		s = plainLetters.Replace(strings.Map(bare, norm.NFKD.String(s)))
	}
	return strings.ToValidUTF8(s[:min(len(s), maxKey)], "")
}

// bare drops the accents, which NFKD has parted from their letters, and whatever
// would end a word in the index.
func bare(r rune) rune {
	if r >= 0x300 && r <= 0x36f || !unicode.IsLetter(r) && !unicode.IsNumber(r) && !unicode.IsMark(r) {
		return -1
	}
	return r
}

// plainLetters are those that have no accent to lose.
var plainLetters = strings.NewReplacer("ß", "ss", "æ", "ae", "œ", "oe", "ø", "o", "ł", "l", "đ", "d", "ð", "d", "þ", "th", "ı", "i")

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// PlainText is what can be read of rendered HTML, pictures by their descriptions.
func PlainText(rendered string) string {
	var out strings.Builder
	tokens := html.NewTokenizer(strings.NewReader(rendered))
	for {
		switch tokens.Next() {
		case html.ErrorToken:
			return strings.Join(strings.Fields(out.String()), " ")
		case html.TextToken:
			out.Write(tokens.Text())
		case html.StartTagToken, html.SelfClosingTagToken, html.EndTagToken:
			tag, _ := tokens.TagName()
			name := string(tag)
			if !within[name] {
				out.WriteByte(' ')
			}
			if name == "img" {
				out.WriteString(valueOf(tokens, "alt") + " ")
			}
		}
	}
}

// within are the elements that may stand in the middle of a word.
var within = set("a abbr b cite code del em i ins kbd mark q s samp small span strong sub sup u var wbr")
