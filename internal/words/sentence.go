package words

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// pattern finds a sentence that was made from a format, and what stood in it.
type pattern struct {
	start string // what it begins with, to look no further than needed
	made  *regexp.Regexp
	said  string // the format in the language
	verbs []string
}

// Sentence says a sentence that was finished in English: a reason, what is wrong
// with a field. It may have been made from a format which the book holds, be a
// number with a word that is counted, or a time in one of its layouts. In a format
// %t stands for what is itself a sentence of the book, and %s for what stays as it
// is. Only for what hark has said; a stranger's words are not looked up.
func (b *Book) Sentence(english string) string {
	if b == nil || english == "" {
		return english
	}
	if said, ok := b.phrases[english]; ok {
		return said
	}
	if number, word, _ := strings.Cut(english, " "); b.counted[word] != [2]string{} {
		if n, err := strconv.Atoi(number); err == nil {
			return b.Count(n, b.counted[word][0], b.counted[word][1])
		}
	}
	for _, layout := range b.layouts {
		if t, err := time.Parse(layout, english); err == nil {
			return b.Date(t, layout)
		}
	}
	for _, p := range b.patterns {
		if !strings.HasPrefix(english, p.start) {
			continue
		}
		if found := p.made.FindStringSubmatch(english); found != nil {
			args := make([]any, len(p.verbs))
			for i, verb := range p.verbs {
				if args[i] = found[i+1]; strings.HasSuffix(verb, "t") {
					args[i] = b.Sentence(found[i+1])
				}
			}
			return fmt.Sprintf(p.said, args...)
		}
	}
	return english
}

// countedOf finds the phrases that stand behind a number, by each of their words.
func countedOf(phrases map[string]string) map[string][2]string {
	all := make(map[string][2]string)
	for english := range phrases {
		if one, many, ok := strings.Cut(english, "|"); ok {
			all[one], all[many] = [2]string{one, many}, [2]string{one, many}
		}
	}
	return all
}

// layoutsOf finds the phrases that are layouts of package time.
func layoutsOf(phrases map[string]string) []string {
	var all []string
	for english := range phrases {
		if strings.Contains(english, "January") || strings.Contains(english, "Monday") {
			all = append(all, english)
		}
	}
	slices.Sort(all)
	return all
}

var verb = regexp.MustCompile(`%(?:\[\d+\])?[sdqt]`)

// patternsOf makes patterns of all phrases that are formats, those with the most
// words of their own first.
func patternsOf(phrases map[string]string) []pattern {
	var all []pattern
	for english, said := range phrases {
		at := verb.FindAllStringIndex(english, -1)
		if at == nil || strings.Contains(english, "|") {
			continue
		}
		var made strings.Builder
		end := 0
		for _, verb := range at {
			made.WriteString(regexp.QuoteMeta(english[end:verb[0]]) + "(.+?)")
			end = verb[1]
		}
		made.WriteString(regexp.QuoteMeta(english[end:]))
		all = append(all, pattern{
			start: english[:at[0][0]], made: regexp.MustCompile("(?s)^" + made.String() + "$"),
			said: verb.ReplaceAllStringFunc(said, asText), verbs: verb.FindAllString(english, -1),
		})
	}
	slices.SortFunc(all, func(a, b pattern) int {
		return cmp.Or(cmp.Compare(len(b.made.String()), len(a.made.String())), cmp.Compare(a.made.String(), b.made.String()))
	})
	return all
}

// asText has what a verb wrote be written as it stood.
func asText(verb string) string { return verb[:len(verb)-1] + "s" }
