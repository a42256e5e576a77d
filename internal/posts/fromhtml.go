package posts

import (
	"bytes"
	"regexp"
	"strings"

	"golang.org/x/net/html"
)

// FromHTML is Markdown that says what HTML says, for those whose HTML is shown as
// it was typed: paragraphs, headings, lists, quotations, code, links, pictures,
// emphasis. Of all else the words stay.
func FromHTML(markup string) string {
	w := &converter{}
	tokens := html.NewTokenizer(strings.NewReader(markup))
	for {
		switch tokens.Next() {
		case html.ErrorToken:
			return strings.TrimSpace(w.out.String())
		case html.TextToken:
			w.text(string(tokens.Text()))
		case html.StartTagToken, html.SelfClosingTagToken:
			w.start(tokens.Token())
		case html.EndTagToken:
			name, _ := tokens.TagName()
			w.end(string(name))
		}
	}
}

// converter writes Markdown.
type converter struct {
	out    bytes.Buffer
	within []container // lists and quotations that are open
	links  []string    // the addresses of links that are open
	skip   string      // the element of which nothing is shown
	code   string      // the element whose words stand as they are
	words  strings.Builder
	begun  bool // something stands in the line
	marked bool // the line has the sign of an item
}

// container is a list or a quotation: what the lines in it begin with.
type container struct{ name, prefix string }

// maxContainers is how deep they are followed.
const maxContainers = 20

var (
	unread      = set("script style template head title iframe object svg math select textarea noscript")
	inlineSigns = map[string]string{"em": "*", "i": "*", "strong": "**", "b": "**", "del": "~~", "s": "~~"}
	// special means something in Markdown wherever it stands, atStart at the
	// beginning of a line.
	special = regexp.MustCompile("[\\\\`*_\\[\\]<>&~|]")
	atStart = regexp.MustCompile(`^(#{1,6}(?:\s|$)|[-+=:]|\d{1,9}[.)])`)
)

func (w *converter) start(t html.Token) {
	name := t.Data
	if w.skip != "" || w.code != "" {
		return
	}
	switch sign := inlineSigns[name]; {
	case unread[name]:
		w.skip = name
	case name == "pre", name == "code":
		w.code = name
		w.words.Reset()
	case name == "br":
		w.out.WriteString("\\")
		w.line()
	case name == "hr":
		w.block()
		w.put("---")
	case name == "img":
		w.put("![" + w.escaped(attribute(t, "alt")) + "](" + destination(attribute(t, "src")) + ")")
	case name == "a":
		w.links = append(w.links, attribute(t, "href"))
		w.put("[")
	case sign != "":
		w.put(sign)
	case len(name) == 2 && name[0] == 'h' && '1' <= name[1] && name[1] <= '6':
		w.block()
		w.put(strings.Repeat("#", int(name[1]-'0')) + " ")
	case name == "blockquote" || name == "ul" || name == "ol":
		w.block()
		if len(w.within) < maxContainers {
			w.within = append(w.within, container{name, map[string]string{"blockquote": "> ", "ul": "  ", "ol": "   "}[name]})
			if name == "blockquote" {
				w.out.WriteString("> ")
			}
		}
	case name == "li":
		w.item()
	case endsParagraph[name], name == "tr", name == "dt", name == "dd":
		w.block()
	case name == "td", name == "th":
		w.put(" ")
	}
}

func (w *converter) end(name string) {
	switch sign := inlineSigns[name]; {
	case w.skip != "":
		if name == w.skip {
			w.skip = ""
		}
	case w.code != "":
		if name == w.code {
			w.quoteCode()
		}
	case name == "a" && len(w.links) > 0:
		last := len(w.links) - 1
		w.close("](" + destination(w.links[last]) + ")")
		w.links = w.links[:last]
	case sign != "":
		w.close(sign)
	case name == "blockquote" || name == "ul" || name == "ol":
		if n := len(w.within); n > 0 && w.within[n-1].name == name {
			w.within = w.within[:n-1]
		}
		w.block()
	case endsParagraph[name], name == "tr":
		w.block()
	case name == "li":
		w.marked = false
	}
}

// text writes words, all white space as one space.
func (w *converter) text(words string) {
	switch {
	case w.skip != "":
		return
	case w.code != "":
		w.words.WriteString(words)
		return
	}
	fields := strings.Join(strings.Fields(words), " ")
	if fields == "" {
		if words != "" && w.begun {
			w.out.WriteByte(' ')
		}
		return
	}
	if w.begun && strings.TrimLeft(words, " \t\r\n\f") != words {
		w.out.WriteByte(' ')
	}
	w.put(w.escaped(fields))
	if strings.TrimRight(words, " \t\r\n\f") != words {
		w.out.WriteByte(' ')
	}
}

func (w *converter) escaped(words string) string {
	words = special.ReplaceAllString(words, `\$0`)
	if at := atStart.FindStringIndex(words); at != nil && !w.begun {
		last := at[1] - 1
		if words[0] == '#' {
			last = 0
		}
		words = words[:last] + `\` + words[last:]
	}
	return words
}

func (w *converter) put(s string) {
	w.out.WriteString(s)
	w.begun, w.marked = true, false
}

// close writes a sign right behind the last word.
func (w *converter) close(sign string) {
	all := w.out.Bytes()
	trimmed := bytes.TrimRight(all, " ")
	spaces := len(all) - len(trimmed)
	w.out.Truncate(len(trimmed))
	w.put(sign + strings.Repeat(" ", spaces))
}

// block begins a block, after an empty line.
func (w *converter) block() {
	switch {
	case w.begun:
		w.line()
		w.line()
	case !w.marked: // the line is empty, and may stand in other containers now
		w.out.Truncate(bytes.LastIndexByte(w.out.Bytes(), '\n') + 1)
		w.lead()
	}
}

// line begins a line within all containers.
func (w *converter) line() {
	w.out.Truncate(len(bytes.TrimRight(w.out.Bytes(), " ")))
	w.out.WriteByte('\n')
	w.lead()
	w.begun, w.marked = false, false
}

func (w *converter) lead() {
	for _, c := range w.within {
		w.out.WriteString(c.prefix)
	}
}

// item begins an item of the innermost list.
func (w *converter) item() {
	n := len(w.within)
	if n == 0 || w.within[n-1].name == "blockquote" {
		w.block()
		return
	}
	list := w.within[n-1]
	w.within = w.within[:n-1]
	w.block()
	w.within, w.marked = append(w.within, list), true
	w.out.WriteString(map[string]string{"ul": "- ", "ol": "1. "}[list.name])
}

// quoteCode writes what stood in code.
func (w *converter) quoteCode() {
	words, block := w.words.String(), w.code == "pre"
	w.code = ""
	fence := "`"
	for strings.Contains(words, fence) || block && len(fence) < 3 {
		fence += "`"
	}
	if !block {
		if words = strings.Join(strings.Fields(words), " "); words != "" {
			w.put(fence + " " + words + " " + fence)
		}
		return
	}
	w.block()
	w.put(fence)
	for row := range strings.SplitSeq(strings.Trim(words, "\n"), "\n") {
		w.line()
		w.put(row)
	}
	w.line()
	w.put(fence)
	w.block()
}

// destination is an address as it stands in a link.
func destination(address string) string {
	return "<" + strings.Map(func(r rune) rune {
		if r < ' ' || r == '<' || r == '>' {
			return -1
		}
		return r
	}, strings.ReplaceAll(strings.TrimSpace(address), `\`, `%5C`)) + ">"
}
