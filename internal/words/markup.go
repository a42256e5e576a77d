package words

import (
	"strconv"
	"strings"
	"unicode"
)

// Markup is the source of a template in the language of the book.
//
// What a template says needs no mark. Its phrases are the runs of text between two
// tags of blocks, or two actions that decide something; elements within a line and
// values are parts of a phrase:
//
//	<p>By <a class="p-author" {{.Home}}>{{.By}}</a>, at {{.Written}}</p>
//
// is the phrase "By <a>{.By}</a>, at {.Written}". A phrase may name its parts in
// another order. So are the texts of aria-label, title, alt and placeholder.
func (b *Book) Markup(source string) string {
	if b == nil {
		return source
	}
	return translate(source, b.phrase)
}

// translate has say say each phrase of a template.
func translate(source string, say func(string) string) string {
	var out strings.Builder
	var run []token
	end := func() {
		for _, n := range tree(run) {
			out.WriteString(n.translated(say))
		}
		run = nil
	}
	for _, t := range tokens(source) {
		if !t.inline() {
			end()
			out.WriteString(t.translatedTag(say))
			continue
		}
		run = append(run, t)
	}
	end()
	return out.String()
}

// node is a part of a run of text: text, a value, or an element within the line.
type node struct {
	token
	of     []node // what stands in an element
	closed token  // its end
}

// tree finds the elements of a run. Those that begin or end elsewhere part it.
func tree(run []token) []node {
	var all []node
	var text []node
	part := func() {
		all = append(all, phrases(text)...)
		text = nil
	}
	for i := 0; i < len(run); i++ {
		t := run[i]
		switch {
		case t.kind != tag:
			text = append(text, node{token: t})
		case t.void():
			text = append(text, node{token: t})
		default:
			end := closing(run, i)
			if end < 0 {
				part()
				all = append(all, node{token: t})
				continue
			}
			text = append(text, node{token: t, of: within(run[i+1 : end]), closed: run[end]})
			i = end
		}
	}
	part()
	return all
}

// within is what stands in an element, whose own elements are whole.
func within(run []token) []node {
	var all []node
	for i := 0; i < len(run); i++ {
		n := node{token: run[i]}
		if run[i].kind == tag && !run[i].void() {
			if end := closing(run, i); end >= 0 {
				n.of, n.closed = within(run[i+1:end]), run[end]
				i = end
			}
		}
		all = append(all, n)
	}
	return all
}

// closing is where the element that begins at i ends, or -1.
func closing(run []token, i int) int {
	if run[i].closes() {
		return -1
	}
	deep := 0
	for j := i; j < len(run); j++ {
		if run[j].kind != tag || run[j].name() != run[i].name() {
			continue
		}
		if !run[j].closes() {
			deep++
		} else if deep--; deep == 0 {
			return j
		}
	}
	return -1
}

// phrases makes one node of a run that says something as a whole, with the space
// around it left out.
func phrases(run []node) []node {
	if !says(run) {
		var all []node
		for _, n := range run {
			if n.kind == tag && n.closed.text != "" && !n.literal() {
				n.of = phrases(n.of)
			}
			all = append(all, n)
		}
		return all
	}
	return []node{{token: token{kind: phrase}, of: run}}
}

// says tells whether words stand in a run itself, and not only in its elements.
func says(run []node) bool {
	for _, n := range run {
		if n.kind == text && strings.ContainsFunc(withoutEntities(n.text), unicode.IsLetter) {
			return true
		}
	}
	return false
}

// withoutEntities leaves out what only looks like a word: &nbsp;
func withoutEntities(s string) string {
	for {
		at := strings.IndexByte(s, '&')
		if at < 0 {
			return s
		}
		end := strings.IndexByte(s[at:], ';')
		if end < 0 {
			return s
		}
		s = s[:at] + s[at+end+1:]
	}
}

func (n node) translated(say func(string) string) string {
	switch {
	case n.kind == phrase:
		return saying(n.of, say)
	case n.kind != tag:
		return n.text
	}
	var out strings.Builder
	out.WriteString(n.translatedTag(say))
	for _, inner := range n.of {
		out.WriteString(inner.translated(say))
	}
	out.WriteString(n.closed.text)
	return out.String()
}

// saying says a phrase, with the space before and after it as it was.
func saying(run []node, say func(string) string) string {
	parts := make(map[string]string)
	var raw strings.Builder
	write(&raw, run, parts, say)
	whole := raw.String()
	english := strings.Join(strings.Fields(whole), " ")
	before := whole[:len(whole)-len(strings.TrimLeftFunc(whole, unicode.IsSpace))]
	after := whole[len(strings.TrimRightFunc(whole, unicode.IsSpace)):]
	return before + fill(say(english), parts) + after
}

// write writes a phrase with names in the place of its parts, and remembers these.
func write(out *strings.Builder, run []node, parts map[string]string, say func(string) string) {
	for _, n := range run {
		switch n.kind {
		case text:
			out.WriteString(n.text)
		case value:
			name := "{" + strings.TrimSpace(strings.Trim(n.text, "{-}")) + "}"
			parts[name] = n.text
			out.WriteString(name)
		case tag:
			name := free(n.name(), parts)
			parts["<"+name+">"] = n.translatedTag(say)
			out.WriteString("<" + name + ">")
			if n.closed.text == "" {
				continue
			}
			if n.literal() {
				parts["</"+name+">"] = rawOf(n.of) + n.closed.text
			} else {
				write(out, n.of, parts, say)
				parts["</"+name+">"] = n.closed.text
			}
			out.WriteString("</" + name + ">")
		}
	}
}

// free is a name for an element that no other of the phrase has: a, a2, a3.
func free(name string, parts map[string]string) string {
	for n := 1; ; n++ {
		try := name
		if n > 1 {
			try += strconv.Itoa(n)
		}
		if _, taken := parts["<"+try+">"]; !taken {
			return try
		}
	}
}

func rawOf(run []node) string {
	var out strings.Builder
	for _, n := range run {
		out.WriteString(n.text + rawOf(n.of) + n.closed.text)
	}
	return out.String()
}

// fill puts the parts back in the place of their names.
func fill(said string, parts map[string]string) string {
	var out strings.Builder
	for said != "" {
		at := strings.IndexAny(said, "<{")
		if at < 0 {
			break
		}
		end := strings.IndexByte(said[at:], closer(said[at]))
		if end < 0 {
			break
		}
		name := said[at : at+end+1]
		out.WriteString(said[:at])
		if part, ok := parts[name]; ok {
			out.WriteString(part)
		} else {
			out.WriteString(name)
		}
		said = said[at+end+1:]
	}
	return out.String() + said
}

func closer(opener byte) byte {
	if opener == '<' {
		return '>'
	}
	return '}'
}
