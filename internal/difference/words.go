package difference

import (
	"slices"
	"strings"
	"unicode"
)

// words compares two texts by their words.
func (c *comparison) words(before, after string) (pieces []Piece) {
	for _, r := range tidy(c.compare(wordsOf(before), wordsOf(after))) {
		pieces = append(pieces, Piece{r.change, strings.Join(r.parts, "")})
	}
	return pieces
}

// wordsOf parts a text into words, spaces and single signs; in scripts that put no
// spaces between words each letter is one.
func wordsOf(text string) (parts []string) {
	start, kind := 0, single
	for at, r := range text {
		now := kindOf(r)
		if at > start && (now != kind || now == single) {
			parts = append(parts, text[start:at])
			start = at
		}
		kind = now
	}
	if start < len(text) {
		parts = append(parts, text[start:])
	}
	return parts
}

// kind is that of a letter: a part is of one kind, and a single one is a part alone.
type kind int

const (
	single kind = iota
	word
	space
)

func kindOf(r rune) kind {
	switch {
	case r == '\n':
		return single
	case unicode.IsSpace(r):
		return space
	case r >= '\u0E00' && unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar):
		return single
	case unicode.IsLetter(r), unicode.IsNumber(r), unicode.IsMark(r), r == '\'', r == '’':
		return word
	}
	return single
}

// edit is what became of some words, and what stayed after them.
type edit struct{ gone, came, same []string }

// tidy takes words that stayed between more that did not for changed ones, too: one
// "the" that two sentences share does not make them one.
func tidy(runs []run) []run {
	edits := []edit{{}}
	for _, r := range runs {
		last := &edits[len(edits)-1]
		if r.change != Same && len(last.same) > 0 {
			edits = append(edits, edit{})
			last = &edits[len(edits)-1]
		}
		switch r.change {
		case Removed:
			last.gone = append(last.gone, r.parts...)
		case Added:
			last.came = append(last.came, r.parts...)
		default:
			last.same = append(last.same, r.parts...)
		}
	}
	for i := 0; i+1 < len(edits); {
		one, next := edits[i], edits[i+1]
		if size := count(one.same); size > one.size() || size > next.size() {
			i++
			continue
		}
		edits[i] = edit{slices.Concat(one.gone, one.same, next.gone), slices.Concat(one.came, one.same, next.came), next.same}
		edits = slices.Delete(edits, i+1, i+2)
		i = max(0, i-1)
	}
	return runsOf(edits)
}

func runsOf(edits []edit) (runs []run) {
	for _, e := range edits {
		for _, r := range []run{{Removed, e.gone}, {Added, e.came}, {Same, e.same}} {
			if len(r.parts) > 0 {
				runs = append(runs, r)
			}
		}
	}
	return runs
}

func (e edit) size() int { return max(count(e.gone), count(e.came)) }

// count is how many of the parts say something.
func count(parts []string) (n int) {
	for _, part := range parts {
		if strings.TrimSpace(part) != "" {
			n++
		}
	}
	return n
}
