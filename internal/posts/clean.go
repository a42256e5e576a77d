package posts

import (
	"regexp"
	"strings"

	"github.com/microcosm-cc/bluemonday"
)

// ownPolicy is what the owner's own HTML may have: no script, no style, no form,
// no frame, nothing that loads from another host but pictures and players.
func ownPolicy() *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	p.AllowElements("p", "br", "wbr", "hr", "div", "span", "section", "article", "aside", "figure", "figcaption", "details", "summary",
		"h1", "h2", "h3", "h4", "h5", "h6", "hgroup", "blockquote", "pre", "address", "center", "table", "caption", "colgroup", "thead", "tbody", "tfoot", "tr", "td", "th",
		"em", "strong", "b", "i", "u", "s", "strike", "tt", "small", "big", "mark", "kbd", "code", "samp", "var", "abbr", "acronym", "cite", "dfn", "q",
		"sub", "sup", "del", "ins", "time", "data", "bdi", "bdo", "ruby", "rt", "rp", "audio", "video", "picture",
		"ul", "ol", "li", "dl", "dt", "dd")
	p.AllowElementsContent("frame", "frameset", "noscript", "nostyle", "object") // what stands within is for those that show none of these

	p.AllowAttrs("title", "lang", "aria-label").Globally()
	p.AllowAttrs("dir").Matching(regexp.MustCompile(`(?i)^(?:ltr|rtl|auto)$`)).Globally()
	p.AllowAttrs("class").Matching(regexp.MustCompile(`^[\p{L}\p{N} _+#.:-]+$`)).Globally()
	p.AllowAttrs("id").Matching(regexp.MustCompile(`^[\p{L}\p{M}\p{N}:_.-]+$`)).Globally()
	p.AllowAttrs("role").Matching(regexp.MustCompile(`^doc-[a-z]+$`)).Globally()

	p.AllowAttrs("href").Matching(linked).OnElements("a")
	p.AllowAttrs("rel").Matching(regexp.MustCompile(`^[a-z -]+$`)).OnElements("a")
	p.AllowAttrs("hreflang", "type").Matching(regexp.MustCompile(`^[A-Za-z0-9/+.-]+$`)).OnElements("a")
	p.AllowAttrs("cite").Matching(linked).OnElements("blockquote", "q", "del", "ins")
	p.AllowAttrs("datetime").Matching(regexp.MustCompile(`^[0-9A-Za-z:+. -]+$`)).OnElements("time", "del", "ins")
	p.AllowAttrs("value").OnElements("data")

	p.AllowAttrs("src").Matching(loaded).OnElements("img", "audio", "video", "source")
	p.AllowAttrs("poster").Matching(loaded).OnElements("video")
	p.AllowAttrs("alt").OnElements("img")
	p.AllowAttrs("loading").Matching(regexp.MustCompile(`^lazy$`)).OnElements("img")
	p.AllowAttrs("type").Matching(regexp.MustCompile(`^(?:audio|video|image)/[a-z0-9.+-]+$`)).OnElements("source")
	p.AllowAttrs("controls", "loop", "muted").Matching(flag).OnElements("audio", "video")
	p.AllowAttrs("width", "height").Matching(number).OnElements("img", "video", "table", "td", "th", "col")
	p.AllowAttrs("open").Matching(flag).OnElements("details")

	p.AllowAttrs("start", "value").Matching(regexp.MustCompile(`^-?[0-9]{1,9}$`)).OnElements("ol", "li")
	p.AllowAttrs("reversed").Matching(flag).OnElements("ol")
	p.AllowAttrs("type").Matching(regexp.MustCompile(`^(?:[1aAiI]|disc|circle|square)$`)).OnElements("ol", "ul", "li")
	p.AllowAttrs("align").Matching(regexp.MustCompile(`(?i)^(?:left|right|center|justify|middle|top|bottom)$`)).
		OnElements("p", "div", "h1", "h2", "h3", "h4", "h5", "h6", "img", "table", "tr", "td", "th", "col", "caption")
	p.AllowAttrs("colspan", "rowspan", "span").Matching(regexp.MustCompile(`^[0-9]{1,3}$`)).OnElements("td", "th", "col", "colgroup")
	p.AllowAttrs("scope").Matching(regexp.MustCompile(`(?i)^(?:row|col)(?:group)?$`)).OnElements("th")

	p.AllowAttrs("type").Matching(regexp.MustCompile(`^checkbox$`)).OnElements("input")
	p.AllowAttrs("checked", "disabled").Matching(flag).OnElements("input")
	return p
}

var (
	flag   = regexp.MustCompile(`(?i)^(?:|true|open|checked|disabled|controls|loop|muted|reversed)$`)
	number = regexp.MustCompile(`^[0-9]{1,5}%?$`)
	// linked and loaded are addresses without white space or control characters,
	// of a harmless scheme or of none. They are matched and not parsed, because a
	// parser would spell them anew.
	linked = regexp.MustCompile(`^(?:(?i:https?|mailto|tel|sms|xmpp|geo|gemini):` + rest + `+|` + relative + `)$`)
	loaded = regexp.MustCompile(`^(?:(?i:https?):` + rest + `+|` + relative + `)$`)
)

const (
	rest     = `[^\x00-\x20\x7f]`
	relative = `[^\x00-\x20\x7f:/?#\\]+|[^\x00-\x20\x7f:/?#\\]*[/?#]` + rest + `*`
)

// tame shows those tags as they were typed that would swallow what follows them
// up to an end which is not there: "the <title> of a page".
func tame(html string) string {
	var b strings.Builder
	from, lastEnd := 0, map[string]int{}
	for at := 0; ; at++ {
		next := strings.IndexByte(html[at:], '<')
		if next < 0 {
			break
		}
		at += next
		name := tagName(html[at+1:])
		shown, known := swallowing[strings.TrimPrefix(name, "/")]
		if !known {
			continue
		}
		if !shown {
			end, found := lastEnd[name]
			if !found {
				end = strings.LastIndex(strings.ToLower(html), "</"+name)
				lastEnd[name] = end
			}
			shown = name[0] != '/' && end < at
		}
		if shown {
			b.WriteString(html[from:at])
			b.WriteString("&lt;")
			from = at + 1
		}
	}
	if from == 0 {
		return html
	}
	return b.String() + html[from:]
}

// swallowing are the elements in which a browser takes tags for text: true if
// the tag is always shown, false if what it encloses is taken away.
var swallowing = map[string]bool{
	"title": true, "textarea": true, "xmp": true, "plaintext": true, "noembed": true, "noframes": true,
	"script": false, "style": false, "iframe": false,
}

// tagName reads the name of a tag, with its slash if it is an end.
func tagName(s string) string {
	n := 0
	for n < len(s) && n < 12 && (n == 0 && s[n] == '/' || 'a' <= s[n]|0x20 && s[n]|0x20 <= 'z') {
		n++
	}
	return strings.ToLower(s[:n])
}
