// Package words holds what the pages say, in each language of the interface.
//
// English stands where it is used: in the templates, and in the code. Every other
// language is a file of web/words, from the English to its own; see [Open].
package words

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
)

// Book is what the pages say in one language. Whatever it does not hold is said in
// English, and so is everything by the nil *Book.
type Book struct {
	name     string // of the language, in itself
	tag      language.Tag
	right    bool          // it is read from the right
	decimal  string        // what parts a number from its tenths
	forms    []plural.Form // in the order in which a phrase gives them
	calendar *strings.Replacer
	phrases  map[string]string
	patterns []pattern
	layouts  []string             // of times
	counted  map[string][2]string // by the words that stand behind a number
}

// Tag is the language, as BCP 47 writes it.
func (b *Book) Tag() string {
	if b == nil {
		return "en"
	}
	return b.tag.String()
}

// Name is what the language calls itself.
func (b *Book) Name() string {
	if b == nil {
		return "English"
	}
	return b.name
}

// FromRight tells whether the language is read from the right.
func (b *Book) FromRight() bool { return b != nil && b.right }

// Say says an English sentence. With args it is a format as fmt has them; a
// language that wants them in another order writes %[2]s.
func (b *Book) Say(english string, args ...any) string {
	said := b.phrase(english)
	if len(args) == 0 {
		return said
	}
	return fmt.Sprintf(said, args...)
}

func (b *Book) phrase(english string) string {
	if b == nil {
		return english
	}
	if said, ok := b.phrases[english]; ok {
		return said
	}
	return english
}

// Count is a number with the word that fits it: 1 answer, 3 answers. The phrase
// is "answer|answers", and gives one word for each form of the language. A line does
// not break between the two; in English it may, since a sentence is found by its form.
func (b *Book) Count(n int, one, many string) string {
	if b == nil || !b.Has(one+"|"+many) {
		return strconv.Itoa(n) + " " + english(n, one, many)
	}
	return strconv.Itoa(n) + "\u00a0" + b.Form(n, one, many)
}

// Form is the word alone that fits a number.
func (b *Book) Form(n int, one, many string) string {
	if b == nil {
		return english(n, one, many)
	}
	said, ok := b.phrases[one+"|"+many]
	if !ok {
		return english(n, one, many)
	}
	words := strings.Split(said, "|")
	form := plural.Cardinal.MatchPlural(b.tag, n, 0, 0, 0, 0)
	for i, of := range b.forms {
		if of == form && i < len(words) {
			return words[i]
		}
	}
	return words[len(words)-1]
}

func english(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// Decimal writes a number that has a point: 1.5 may be 1,5.
func (b *Book) Decimal(number string) string {
	if b == nil {
		return number
	}
	return strings.Replace(number, ".", b.decimal, 1)
}

// Date writes a time in a layout of package time. The layout is a phrase, too: "2
// January" may be "2. January". The names of months and days are then those of the
// language.
func (b *Book) Date(t time.Time, layout string) string {
	said := t.Format(b.phrase(layout))
	if b == nil {
		return said
	}
	return b.calendar.Replace(said)
}

// And lists words: A, B and C.
func (b *Book) And(all []string) string {
	last := len(all) - 1
	if last < 1 {
		return strings.Join(all, "")
	}
	return b.Say("%s and %s", strings.Join(all[:last], ", "), all[last])
}

// Has tells whether the book holds an English phrase.
func (b *Book) Has(english string) bool {
	if b == nil {
		return true
	}
	_, ok := b.phrases[english]
	return ok
}
