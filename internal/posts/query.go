package posts

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// Query is what is looked for.
type Query struct {
	Terms []Term // all of them have to be there
	Not   []Term // none of them may be
	Tags  []string
	Kinds []Kind
	lacks []string // marks that it may not have

	Authors  []string  // the users' keys; of one of them
	From, To time.Time // at From or later, before To, as clocks of the site show it
	All      bool      // whatever can be read at the desk, too: for those who may
}

// Term is a word or a phrase. Of an open one the last word may go on.
type Term struct {
	words []string
	open  bool
}

// The most that may be asked for at once.
const (
	maxQuery = 200 // letters
	maxTerms = 12
)

// ParseQuery reads what somebody typed: words, "a phrase", -word, tag:x, kind:x,
// author:x, before:2024 and after:2024-05. names are those of the authors, by
// their keys. What cannot be looked for is an *Invalid.
func ParseQuery(text string, names map[string]string) (Query, error) {
	var q Query
	text = strings.ToValidUTF8(text, " ")
	if utf8.RuneCountInString(text) > maxQuery {
		return q, &Invalid{"q", fmt.Sprintf("That is too long to look for: %d letters at most.", maxQuery)}
	}
	parts := partsOf(text)
	for n, p := range parts {
		if err := q.add(p, n == len(parts)-1, names); err != nil {
			return Query{}, err
		}
	}
	switch {
	case len(parts) > maxTerms:
		return Query{}, &Invalid{"q", fmt.Sprintf("Those are too many words to look for at once: %d at most.", maxTerms)}
	case len(parts) > 0 && q.empty():
		return Query{}, &Invalid{"q", "There is no word in this to look for."}
	}
	return q, nil
}

func (q *Query) empty() bool {
	return len(q.Terms)+len(q.Not)+len(q.Tags)+len(q.Kinds)+len(q.Authors)+len(q.lacks) == 0 && q.From.IsZero() && q.To.IsZero()
}

// part is one thing that was typed: -name:value, each but the value may be missing.
type part struct {
	not    bool
	name   string
	value  string
	quoted bool
}

// partsOf parts a query at its spaces, but not those between quotes.
func partsOf(text string) (parts []part) {
	for {
		text = strings.TrimSpace(text)
		if text == "" {
			return parts
		}
		var p part
		p.not = len(text) > 1 && text[0] == '-'
		text = strings.TrimPrefix(text, "-")
		for _, name := range []string{"tag:", "kind:", "author:", "before:", "after:"} {
			if len(text) > len(name) && strings.EqualFold(text[:len(name)], name) {
				p.name, text = strings.TrimSuffix(name, ":"), text[len(name):]
				break
			}
		}
		text = p.take(text)
		parts = append(parts, p)
	}
}

// take reads the value, and gives what follows it.
func (p *part) take(text string) (rest string) {
	text = quotes.Replace(text)
	if strings.HasPrefix(text, `"`) {
		p.quoted = true
		p.value, rest, _ = strings.Cut(text[1:], `"`)
		return rest
	}
	end := strings.IndexAny(text, " \t\r\n")
	if end < 0 {
		end = len(text)
	}
	p.value = text[:end]
	return text[end:]
}

var quotes = strings.NewReplacer("“", `"`, "”", `"`, "„", `"`, "\u00a0", " ", "\u3000", " ")

func (q *Query) add(p part, last bool, names map[string]string) error {
	switch p.name {
	case "tag":
		switch key := TagKey(p.value); {
		case key == "":
		case p.not:
			q.lacks = append(q.lacks, tagMark(key))
		default:
			q.Tags = append(q.Tags, key)
		}
	case "kind":
		kind := Kind(strings.ToLower(p.value))
		if !slices.Contains(Kinds[:], kind) {
			return &Invalid{"q", "There is no kind of post by this name. There are " + kindNames() + "."}
		}
		if p.not {
			q.lacks = append(q.lacks, kindMark(kind))
			return nil
		}
		q.Kinds = append(q.Kinds, kind)
	case "author":
		return q.addAuthor(p, names)
	case "before", "after":
		return q.addTime(p)
	default:
		q.addTerm(p, last)
	}
	return nil
}

func kindNames() string {
	var names []string
	for _, kind := range Kinds {
		names = append(names, string(kind))
	}
	return strings.Join(names, ", ")
}

// addTerm adds a word or a phrase. The last word of all may be one that is only
// begun; one letter would be the beginning of too many.
func (q *Query) addTerm(p part, last bool) {
	var t Term
	for _, w := range wordsOf(p.value) {
		if w.key != "" {
			t.words = append(t.words, w.key)
		}
	}
	switch {
	case len(t.words) == 0:
	case p.not:
		q.Not = append(q.Not, t)
	default:
		t.open = last && !p.quoted && utf8.RuneCountInString(t.words[len(t.words)-1]) > 1
		q.Terms = append(q.Terms, t)
	}
}

func (q *Query) addAuthor(p part, names map[string]string) error {
	wanted := foldWord(p.value)
	var called []string
	for key, full := range names {
		for _, part := range append(strings.Fields(full), full) {
			if wanted != "" && foldWord(part) == wanted {
				called = append(called, key)
				break
			}
		}
	}
	slices.Sort(called)
	switch {
	case len(called) == 0:
		return &Invalid{"q", "Nobody who writes here is called " + p.value + "."}
	case p.not:
		for _, key := range called {
			q.lacks = append(q.lacks, authorMark(key))
		}
	default:
		q.Authors = append(q.Authors, called...)
	}
	return nil
}

// addTime narrows the time: before the beginning of what was named, or from it on.
func (q *Query) addTime(p part) error {
	for _, layout := range []string{"2006", "2006-01", "2006-01-02"} {
		t, err := time.Parse(layout, p.value)
		if err != nil {
			continue
		}
		if p.name == "before" {
			q.To = t
		} else {
			q.From = t
		}
		return nil
	}
	return &Invalid{"q", "Write the time after " + p.name + ": as a year, a month or a day: 2024, 2024-05 or 2024-05-17."}
}
