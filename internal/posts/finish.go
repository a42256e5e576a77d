package posts

import (
	"bytes"
	"strconv"
	"strings"

	"golang.org/x/net/html"
)

// maxDepth is how deep elements stand within one another at most, well below
// what browsers bear.
const maxDepth = 200

// finish makes cleaned HTML whole, so that nothing in it can close or keep open
// an element of the page around it, and gives it what readers without a mouse
// or without eyes need. It makes room for it, too, beside the ids and beneath the
// title of that page: see ids and ranks. home is the address of the site: see
// elsewhere.
func finish(cleaned string, as As, home string) string {
	f := finisher{open: map[string]int{}, dropped: map[string]int{}, ids: newIDs(cleaned, as.Key), ranks: ranksOf(cleaned), labels: labelsIn(as.Lang), home: home}
	f.out.Grow(len(cleaned) + len(cleaned)/8)
	tokens := html.NewTokenizer(strings.NewReader(cleaned))
	for at := 0; ; {
		kind := tokens.Next()
		raw := tokens.Raw()
		at += len(raw)
		switch kind {
		case html.ErrorToken:
			for len(f.stack) > 0 {
				f.pop()
			}
			return plainApostrophe.Replace(f.out.String())
		case html.StartTagToken, html.SelfClosingTagToken:
			name, _ := tokens.TagName()
			f.start(string(name), raw, cleaned[at:])
		case html.EndTagToken:
			name, _ := tokens.TagName()
			f.end(string(name))
		default:
			f.out.Write(raw)
		}
	}
}

// plainApostrophe writes it plainly: the cleaned HTML has none of its own, and in an
// address other sites look for it as it was typed.
var plainApostrophe = strings.NewReplacer("&#39;", "'")

// finisher is the HTML written so far and the elements open in it.
type finisher struct {
	out           strings.Builder
	stack         []string
	open, dropped map[string]int // how many of each
	ids           ids
	ranks         ranks
	labels        labels
	tables        int
	home          string
}

// start writes the tag that begins an element; rest is what follows it.
func (f *finisher) start(name string, raw []byte, rest string) {
	name, raw = f.ranks.lower(name, raw)
	f.closeImplied(name)
	switch {
	case f.elsewhere(name, raw, rest):
		return
	case name == "input":
		f.checkbox(raw)
		return
	case void[name]:
		f.out.Write(f.ids.own(raw))
		return
	case len(f.stack) >= maxDepth, name == "a" && f.open["a"] > 0: // a link in a link would end it
		f.dropped[name]++
		return
	}
	tag, _ := bytes.CutSuffix(raw, []byte("/>"))
	tag = f.withoutPoster(f.ids.own(bytes.TrimSuffix(tag, []byte(">"))))
	if name == "table" && f.open["table"] == 0 {
		f.out.WriteString(`<div class="wide" tabindex="0" role="region" aria-label="` + f.nextTable() + `">`)
	}
	f.out.Write(tag)
	switch {
	case name == "pre":
		f.out.WriteString(` tabindex="0"`)
	case name == "a" && bytes.Contains(tag, []byte(`role="doc-backlink"`)):
		f.out.WriteString(` aria-label="` + f.labels.back + `"`)
	}
	f.out.WriteByte('>')
	f.stack = append(f.stack, name)
	f.open[name]++
}

// nextTable is the name of a table; of several, each has its own.
func (f *finisher) nextTable() string {
	if f.tables++; f.tables == 1 {
		return f.labels.table
	}
	return f.labels.table + " " + strconv.Itoa(f.tables)
}

// checkbox writes the box of a task, which nobody can tick on a page.
func (f *finisher) checkbox(raw []byte) {
	switch {
	case !bytes.Contains(raw, []byte(`type="checkbox"`)):
	case bytes.Contains(raw, []byte(` checked="`)):
		f.out.WriteString(`<input type="checkbox" disabled checked aria-label="` + f.labels.done + `">`)
	default:
		f.out.WriteString(`<input type="checkbox" disabled aria-label="` + f.labels.open + `">`)
	}
}

func (f *finisher) end(name string) {
	name, _ = f.ranks.lower(name, nil)
	switch {
	case void[name]:
	case f.dropped[name] > 0:
		f.dropped[name]--
	case f.open[name] > 0:
		for f.pop() != name {
		}
	}
}

// pop closes the innermost element.
func (f *finisher) pop() (name string) {
	last := len(f.stack) - 1
	name, f.stack = f.stack[last], f.stack[:last]
	f.open[name]--
	f.out.WriteString("</" + name + ">")
	if name == "table" && f.open["table"] == 0 {
		f.out.WriteString("</div>")
	}
	return name
}

// closeImplied closes the element that a browser would close when this one
// begins right in it: a paragraph before a block, an item before the next.
func (f *finisher) closeImplied(name string) {
	if len(f.stack) == 0 {
		return
	}
	switch top := f.stack[len(f.stack)-1]; {
	case top == "p" && endsParagraph[name], top == name && endsItself[name]:
		f.pop()
	}
}

var (
	void          = set("br hr img input wbr col source")
	endsItself    = set("li dt dd td th tr")
	endsParagraph = set("p div ul ol dl table pre blockquote figure figcaption section article aside details summary hr address center hgroup h1 h2 h3 h4 h5 h6")
)

func set(names string) map[string]bool {
	all := map[string]bool{}
	for name := range strings.FieldsSeq(names) {
		all[name] = true
	}
	return all
}
