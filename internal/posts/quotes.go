package posts

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"golang.org/x/text/language"
)

// quotation is how a language quotes: outside, and within a quotation.
type quotation struct{ open, shut, in, out string }

var (
	high       = quotation{"“", "”", "‘", "’"}
	lowHigh    = quotation{"„", "“", "‚", "‘"}
	lowRight   = quotation{"„", "”", "«", "»"}
	right      = quotation{"”", "”", "’", "’"}
	angled     = quotation{"«", "»", "“", "”"}
	angledLow  = quotation{"«", "»", "„", "“"}
	angledOnly = quotation{"«", "»", "‹", "›"}
	corners    = quotation{"「", "」", "『", "』"}
)

// quotations are those of languages that do not quote as English does, most of
// them as CLDR has them (https://cldr.unicode.org). A name with a region or a
// script goes before one without.
var quotations = map[string]quotation{
	"de": lowHigh, "bg": lowHigh, "cs": lowHigh, "is": lowHigh, "lt": lowHigh, "sk": lowHigh, "sl": lowHigh, "hsb": lowHigh, "dsb": lowHigh,
	"de-CH": angledOnly, "de-LI": angledOnly, "fr-CH": angledOnly, "it-CH": angledOnly, "rm": angledOnly, "hy": angledOnly, "fa": angledOnly,
	"fr": {"«\u202f", "\u202f»", "“", "”"},
	"es": angled, "it": angled, "pt": angled, "ca": angled, "el": angled, "eu": angled, "gl": angled, "sq": angled, "pt-BR": high,
	"ru": angledLow, "uk": angledLow, "be": angledLow, "kk": angledLow,
	"no": {"«", "»", "‘", "’"}, "nb": {"«", "»", "‘", "’"}, "nn": {"«", "»", "‘", "’"},
	"pl": lowRight, "ro": lowRight,
	"hu": {"„", "”", "»", "«"},
	"hr": {"„", "”", "‘", "’"}, "sr": {"„", "”", "‘", "’"}, "bs": {"„", "”", "‘", "’"},
	"et": {"„", "“", "«", "»"},
	"fi": right, "sv": right, "da": right, "he": right,
	"ja": corners, "zh-Hant": corners, "zh-TW": corners, "zh-HK": corners,
}

// quotationOf is how the language with this tag quotes; as in English if it is not
// known.
func quotationOf(lang string) quotation {
	tag, err := language.Parse(lang)
	if err != nil {
		return high
	}
	base, script, region := tag.Raw()
	for _, name := range []string{base.String() + "-" + region.String(), base.String() + "-" + script.String(), base.String()} {
		if q, known := quotations[name]; known {
			return q
		}
	}
	return high
}

// apostrophe stands for letters that are left out, in every language.
const apostrophe = "’"

// leftOut are English words whose beginning is left out: what stands before them
// opens nothing.
var leftOut = set("twas tis em til cause bout n")

// straight makes typographic quotes of straight ones, as the language of the text
// has them.
type straight struct{}

// quoting is how the text quotes, what is open in the block that is read, and up to
// where an end of it was looked for.
type quoting struct {
	quotation
	singles, doubles, looked int
}

var quotingKey = parser.NewContextKey()

func quotingOf(pc parser.Context) *quoting {
	return pc.ComputeIfAbsent(quotingKey, func() any { return &quoting{quotation: quotationOf(asOf(pc).Lang)} }).(*quoting)
}

// Trigger is the two signs that may be quotes.
func (straight) Trigger() []byte { return []byte{'\'', '"'} }

// Parse decides what a straight quote stands for by the letters beside it.
func (straight) Parse(parent ast.Node, block text.Reader, pc parser.Context) ast.Node {
	line, at := block.PeekLine()
	before := block.PrecendingCharacter()
	after, _ := utf8.DecodeRune(line[1:])
	if len(line) == 1 {
		after = '\n'
	}
	q := quotingOf(pc)
	sign := ""
	if line[0] == '"' {
		sign = q.double(before, after)
	} else {
		sign = q.single(before, after, block.Source()[:endOf(parent, at)], at.Start+1)
	}
	if sign == "" {
		return nil
	}
	block.Advance(1)
	node := ast.NewString([]byte(sign))
	node.SetCode(true) // it is written as it is
	return node
}

// CloseBlock forgets what was not closed.
func (straight) CloseBlock(_ ast.Node, _ text.Reader, pc parser.Context) {
	if q, ok := pc.Get(quotingKey).(*quoting); ok {
		q.singles, q.doubles, q.looked = 0, 0, 0
	}
}

// double is what a straight double quote becomes, empty for what it is: a sign
// for inches, say.
func (q *quoting) double(before, after rune) string {
	switch {
	case q.doubles > 0 && !unicode.IsSpace(before) && !holds(after) && !(unicode.IsDigit(before) && after == '"'):
		q.doubles--
		return q.shut
	case !holds(before) && !unicode.IsSpace(after):
		q.doubles++
		return q.open
	}
	return ""
}

// single is what a straight single quote becomes, after which the block goes on at
// next, up to the end of the text. One that may open a quotation does so only if one
// follows that may end it.
func (q *quoting) single(before, after rune, text []byte, next int) string {
	switch {
	case holds(before) && holds(after):
		return apostrophe
	case q.singles > 0 && !unicode.IsSpace(before) && !holds(after):
		q.singles--
		return q.out
	case !holds(before) && !unicode.IsSpace(after):
		if isLeftOut(text[next:]) || !q.ends(text, next) {
			return apostrophe
		}
		q.singles++
		return q.in
	case isWordy(before):
		return apostrophe
	}
	return ""
}

// endOf is where a block ends.
func endOf(parent ast.Node, at text.Segment) int {
	if lines := parent.Lines(); lines != nil && lines.Len() > 0 {
		return max(at.Stop, lines.At(lines.Len()-1).Stop)
	}
	return at.Stop
}

// maxQuoted is how far the end of a quotation in single quotes is looked for, in
// bytes.
const maxQuoted = 1000

// isLeftOut tells whether what follows begins with a word that lost its beginning,
// or with a decade.
func isLeftOut(rest []byte) bool {
	n := 0
	for n < len(rest) && n < 8 && isWordy(rune(rest[n])) {
		n++
	}
	word := strings.ToLower(string(rest[:n]))
	return leftOut[word] || len(word) == 3 && word[2] == 's' && '0' <= word[0] && word[0] <= '9' && '0' <= word[1] && word[1] <= '9'
}

// ends tells whether a single quote follows in a text that can end what was opened
// before next. What was looked through once is not looked through again.
func (q *quoting) ends(text []byte, next int) bool {
	for q.looked = max(q.looked, next+1); q.looked < min(len(text), next+maxQuoted); q.looked++ {
		if text[q.looked] == '\'' && endsQuote(text, q.looked) {
			return true
		}
	}
	return false
}

// endsQuote tells whether the single quote at this place can end a quotation.
func endsQuote(text []byte, at int) bool {
	before, _ := utf8.DecodeLastRune(text[:at])
	after, _ := utf8.DecodeRune(text[at+1:])
	return !unicode.IsSpace(before) && before != '\\' && !holds(after)
}

// holds tells letters and digits that a quotation neither ends before nor begins after.
// Scripts without spaces have none of these, nor has Korean, whose particles follow at once.
func holds(r rune) bool {
	return isWordy(r) && !(r >= firstUnspaced && unicode.In(r, unspaced...)) && !unicode.Is(unicode.Hangul, r)
}

// isWordy tells letters and digits. utf8.RuneError is neither.
func isWordy(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsMark(r) }

// dashes makes dashes, ellipses and angled quotes of the signs that are typed for
// them.
func dashes() parser.InlineParser {
	return extension.NewTypographerParser(extension.WithTypographicSubstitutions(map[extension.TypographicPunctuation][]byte{
		extension.LeftSingleQuote: nil, extension.RightSingleQuote: nil, extension.LeftDoubleQuote: nil, extension.RightDoubleQuote: nil, extension.Apostrophe: nil,
	}))
}
