package words

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
)

// Library is all languages but English. Each is read when it is first asked for.
type Library struct{ shelf []volume }

// volume is a language that may not have been read yet.
type volume struct {
	tag  language.Tag
	read func() *Book
}

// file is a language as it is written down.
type file struct {
	Name     string            // of the language, in itself
	Plural   []string          // the forms of its words, in the order in which a phrase gives them: one, two, few, many, other
	Months   []string          // from January on
	Weekdays []string          // from Sunday on
	Decimal  string            // what parts a number from its tenths; empty for a point
	Phrases  map[string]string // from the English
}

// Open finds the languages of a directory: de.json is German. They are a part of the
// program, so one that cannot be read is a programmer's mistake, and panics when it
// is asked for; tests read each.
func Open(fsys fs.FS) (*Library, error) {
	entries, err := fs.ReadDir(fsys, ".")
	if err != nil {
		return nil, fmt.Errorf("list languages: %w", err)
	}
	var l Library
	for _, entry := range entries {
		name := entry.Name()
		tag, err := language.Parse(strings.TrimSuffix(name, path.Ext(name)))
		if err != nil {
			return nil, fmt.Errorf("find the language of %s: %w", name, err)
		}
		l.shelf = append(l.shelf, volume{tag, sync.OnceValue(func() *Book { return mustRead(fsys, name, tag) })})
	}
	return &l, nil
}

func mustRead(fsys fs.FS, name string, tag language.Tag) *Book {
	text, err := fs.ReadFile(fsys, name)
	if err != nil {
		panic(fmt.Sprintf("read language: %v", err))
	}
	book, err := readBook(tag, text)
	if err != nil {
		panic(fmt.Sprintf("read language %s: %v", name, err))
	}
	return book
}

// Books are the languages, by their tags.
func (l *Library) Books() []*Book {
	if l == nil {
		return nil
	}
	var all []*Book
	for _, v := range l.shelf {
		all = append(all, v.read())
	}
	return all
}

// Book is the one of a language, as BCP 47 writes it: "de-AT" is found under "de".
// It is nil, and that is English, for a language that the pages do not speak.
func (l *Library) Book(tag string) *Book {
	want, err := language.Parse(tag)
	if err != nil || l == nil {
		return nil
	}
	base, _ := want.Base()
	var found *volume
	for i, v := range l.shelf {
		if v.tag == want {
			return v.read()
		}
		if of, _ := v.tag.Base(); of == base && found == nil {
			found = &l.shelf[i]
		}
	}
	if found == nil {
		return nil
	}
	return found.read()
}

// FromRight tells whether a language, as BCP 47 writes it, is read from the right.
func FromRight(lang string) bool {
	tag, err := language.Parse(lang)
	return err == nil && fromRight(tag)
}

func fromRight(tag language.Tag) bool {
	switch script, _ := tag.Script(); script.String() {
	case "Arab", "Hebr", "Syrc", "Thaa", "Nkoo", "Adlm", "Rohg":
		return true
	}
	return false
}

var formNames = map[string]plural.Form{
	"zero": plural.Zero, "one": plural.One, "two": plural.Two, "few": plural.Few, "many": plural.Many, "other": plural.Other,
}

func readBook(tag language.Tag, text []byte) (*Book, error) {
	var f file
	if err := json.Unmarshal(text, &f); err != nil {
		return nil, err
	}
	b := &Book{name: f.Name, tag: tag, right: fromRight(tag), decimal: cmp.Or(f.Decimal, "."), phrases: f.Phrases}
	if f.Name == "" || len(f.Months) != 12 || len(f.Weekdays) != 7 {
		return nil, fmt.Errorf("it wants a name, twelve months and seven days of the week")
	}
	if len(f.Plural) == 0 {
		return nil, fmt.Errorf("it wants the forms of its plural")
	}
	for _, name := range f.Plural {
		form, ok := formNames[name]
		if !ok {
			return nil, fmt.Errorf("%q is no form of a plural", name)
		}
		b.forms = append(b.forms, form)
	}
	if err := b.check(); err != nil {
		return nil, err
	}
	b.calendar = names(f)
	b.patterns, b.layouts, b.counted = patternsOf(f.Phrases), layoutsOf(f.Phrases), countedOf(f.Phrases)
	return b, nil
}

// check finds phrases that would not be what the English is.
func (b *Book) check() error {
	for english, said := range b.phrases {
		if said == "" {
			return fmt.Errorf("nothing is said for %q", english)
		}
		if strings.Count(english, "|") == 1 && strings.Count(said, "|") != len(b.forms)-1 {
			return fmt.Errorf("%q wants %d forms", said, len(b.forms))
		}
		if len(verb.FindAllString(english, -1)) != len(verb.FindAllString(said, -1)) {
			return fmt.Errorf("%q and %q are not filled in with the same", english, said)
		}
		if !slices.Equal(parts(english), parts(said)) {
			return fmt.Errorf("%q and %q have not the same parts", english, said)
		}
	}
	return nil
}

var part = regexp.MustCompile(`</?[a-z]|[{}]`)

// parts are the elements and the values of a phrase, in no order of its own.
func parts(phrase string) []string {
	var all []string
	for i := 0; i < len(phrase); i++ {
		if found := part.FindStringIndex(phrase[i:]); found == nil {
			break
		} else {
			i += found[0]
		}
		end := strings.IndexAny(phrase[i:], ">}")
		if end < 0 {
			return append(all, phrase[i:])
		}
		all = append(all, phrase[i:i+end+1])
		i += end
	}
	slices.Sort(all)
	return all
}
