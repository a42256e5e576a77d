package posts

import (
	"html/template"
	"strings"
)

// An excerpt begins so many bytes before the first word that was looked for, and
// has about so many in all.
const (
	excerptLead = 60
	excerptLong = 240
)

// Mark is a text with the words that were looked for marked.
func (q Query) Mark(text string) template.HTML {
	return q.marked(text, wordsOf(text))
}

// Excerpt is the part of a text where the words that were looked for stand, or its
// beginning.
func (q Query) Excerpt(text string) template.HTML {
	words := wordsOf(text)
	first, last := q.window(words)
	if first >= last {
		return ""
	}
	from, to := words[first].from, words[last-1].to
	lead, tail := template.HTML("… "), template.HTML(" …")
	if first == 0 {
		from, lead = 0, ""
	}
	if last == len(words) {
		to, tail = len(text), ""
	}
	part := text[from:to]
	return lead + q.marked(part, wordsOf(part)) + tail
}

// window is which words an excerpt has.
func (q Query) window(words []word) (first, last int) {
	for i := range words {
		if q.hits(words[i:]) > 0 {
			first = i
			break
		}
	}
	for at := first; first > 0 && words[at].from-words[first-1].from <= excerptLead; {
		first--
	}
	for last = first; last < len(words) && words[last].to-words[first].from <= excerptLong; {
		last++
	}
	if last == first && last < len(words) {
		last++
	}
	return first, last
}

func (q Query) marked(text string, words []word) template.HTML {
	var b strings.Builder
	at := 0
	for i := 0; i < len(words); {
		n := q.hits(words[i:])
		if n == 0 {
			i++
			continue
		}
		from, to := words[i].from, words[i+n-1].to
		b.WriteString(template.HTMLEscapeString(text[at:from]) + "<mark>" + template.HTMLEscapeString(text[from:to]) + "</mark>")
		at = to
		i += n
	}
	return template.HTML(b.String() + template.HTMLEscapeString(text[at:]))
}

// hits is how many words at the beginning are what was looked for.
func (q Query) hits(words []word) (most int) {
	for _, t := range q.Terms {
		if len(t.words) > most && t.begins(words) {
			most = len(t.words)
		}
	}
	return most
}

func (t Term) begins(words []word) bool {
	if len(words) < len(t.words) {
		return false
	}
	for i, w := range t.words {
		open := t.open && i == len(t.words)-1
		if words[i].key != w && !(open && strings.HasPrefix(words[i].key, w)) {
			return false
		}
	}
	return true
}
