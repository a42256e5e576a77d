package words

import (
	"slices"
	"strings"
	"unicode"
)

// kind is what a token of a template is.
type kind int

const (
	text   kind = iota
	value       // an action that writes something
	action      // one that decides something, or says nothing
	tag
	comment
	phrase // text, values and elements together
)

type token struct {
	kind kind
	text string // as it stands in the source
}

// tokens takes a template apart. An action within a tag belongs to the tag.
func tokens(source string) []token {
	var all []token
	for source != "" {
		n := 0
		var t token
		switch {
		case strings.HasPrefix(source, "{{"):
			n = actionEnd(source)
			t.kind = kindOf(source[:n])
		case strings.HasPrefix(source, "<!--"):
			n, t.kind = after(source, "-->"), comment
		case startsTag(source):
			n, t.kind = tagEnd(source), tag
		default:
			n = textEnd(source)
		}
		t.text = source[:n]
		all = append(all, t)
		source = source[n:]
	}
	return all
}

func startsTag(s string) bool {
	return len(s) > 1 && s[0] == '<' && (s[1] == '/' || s[1] == '!' || s[1] >= 'a' && s[1] <= 'z')
}

// textEnd is where a tag or an action begins.
func textEnd(s string) int {
	for i := 1; i < len(s); i++ {
		if strings.HasPrefix(s[i:], "{{") || startsTag(s[i:]) {
			return i
		}
	}
	return len(s)
}

// tagEnd is the length of the tag at the beginning. A ">" in an action or in
// quotation marks does not end it.
func tagEnd(s string) int {
	quoted := false
	for i := 0; i < len(s); i++ {
		switch {
		case strings.HasPrefix(s[i:], "{{"):
			i += actionEnd(s[i:]) - 1
		case s[i] == '"':
			quoted = !quoted
		case s[i] == '>' && !quoted:
			return i + 1
		}
	}
	return len(s)
}

// actionEnd is the length of the action at the beginning. Braces in quotation
// marks do not end it.
func actionEnd(s string) int {
	if strings.HasPrefix(strings.TrimLeft(s[2:], "- "), "/*") {
		return after(s, "}}")
	}
	var quote byte
	for i := 2; i < len(s); i++ {
		switch {
		case quote != 0 && s[i] == '\\' && quote == '"':
			i++
		case quote != 0 && s[i] == quote:
			quote = 0
		case quote != 0:
		case s[i] == '"' || s[i] == '`':
			quote = s[i]
		case strings.HasPrefix(s[i:], "}}"):
			return i + 2
		}
	}
	return len(s)
}

// after is where end ends, or the whole.
func after(s, end string) int {
	if at := strings.Index(s, end); at >= 0 {
		return at + len(end)
	}
	return len(s)
}

// deciding are the words that begin an action which writes nothing itself.
var deciding = []string{"if", "else", "end", "range", "with", "template", "define", "block", "break", "continue"}

func kindOf(source string) kind {
	inner := strings.TrimSpace(strings.Trim(strings.Trim(source, "{}"), "-"))
	first, _, _ := strings.Cut(inner, " ")
	if inner == "" || strings.HasPrefix(inner, "/*") || slices.Contains(deciding, first) || assigns(inner) {
		return action
	}
	return value
}

// assigns tells whether an action gives a variable its value.
func assigns(inner string) bool {
	if inner[0] != '$' {
		return false
	}
	name, rest, _ := strings.Cut(inner, " ")
	return !strings.ContainsAny(name, ".(") && (strings.HasPrefix(rest, ":=") || strings.HasPrefix(rest, "="))
}

// inlines are the elements that may stand in a phrase.
var inlines = []string{"a", "abbr", "b", "bdi", "br", "cite", "code", "data", "em", "i", "kbd", "mark", "output", "q", "s", "samp", "small", "span", "strong", "sub", "sup", "time", "u", "var", "wbr"}

// inline tells whether a token may stand in a phrase.
func (t token) inline() bool {
	switch t.kind {
	case text, value:
		return true
	case tag:
		return slices.Contains(inlines, t.name())
	}
	return false
}

// void tells whether an element has no end.
func (t token) void() bool { return t.name() == "br" || t.name() == "wbr" }

func (t token) closes() bool { return strings.HasPrefix(t.text, "</") }

// literal tells whether what stands in an element is no language of people.
func (t token) literal() bool {
	return slices.Contains([]string{"code", "kbd", "samp", "var"}, t.name())
}

// name is that of a tag's element.
func (t token) name() string {
	name := strings.TrimLeft(t.text, "</")
	if end := strings.IndexFunc(name, func(r rune) bool { return r == '>' || r == '{' || r == '/' || unicode.IsSpace(r) }); end >= 0 {
		name = name[:end]
	}
	return name
}

// spoken are the attributes that are read out or shown.
var spoken = []string{"aria-label", "aria-description", "title", "alt", "placeholder"}

// translatedTag is the tag with the attributes that say something said.
func (t token) translatedTag(say func(string) string) string {
	if t.kind != tag || t.closes() {
		return t.text
	}
	var out strings.Builder
	rest := t.text
	for {
		at, length := attribute(rest)
		if at < 0 {
			return out.String() + rest
		}
		out.WriteString(rest[:at])
		for _, part := range valueParts(rest[at : at+length]) {
			out.WriteString(part.translated(say))
		}
		rest = rest[at+length:]
	}
}

// attribute finds the value of the next attribute that says something.
func attribute(s string) (at, length int) {
	best, begin := -1, 0
	for _, name := range spoken {
		mark := " " + name + `="`
		if i := strings.Index(s, mark); i >= 0 && (best < 0 || i < best) {
			best, begin = i, i+len(mark)
		}
	}
	if best < 0 {
		return -1, 0
	}
	for i := begin; i < len(s); i++ {
		if strings.HasPrefix(s[i:], "{{") {
			i += actionEnd(s[i:]) - 1
		} else if s[i] == '"' {
			return begin, i - begin
		}
	}
	return -1, 0
}

// valueParts are the phrases of an attribute's value, with what decides between them.
func valueParts(value string) []node {
	var all []node
	var run []token
	for _, t := range tokens(value) {
		if t.kind == action {
			all = append(append(all, tree(run)...), node{token: t})
			run = nil
			continue
		}
		if t.kind == tag || t.kind == comment {
			t.kind = text
		}
		run = append(run, t)
	}
	return append(all, tree(run)...)
}
