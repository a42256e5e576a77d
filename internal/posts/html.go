package posts

import (
	"regexp"
	"strings"

	"golang.org/x/net/html"
)

var (
	// opensBlock is the beginning of a text that Markdown takes for HTML until an empty
	// line comes (CommonMark, section 4.6, condition 6).
	opensBlock = regexp.MustCompile(`(?i)^<(?:address|article|aside|blockquote|details|div|dl|figure|footer|h[1-6]|header|hr|main|nav|ol|p|section|table|ul)[\s/>]`)
	emptyLines = regexp.MustCompile(`\n[ \t]*(?:\n[ \t]*)+`)
	emptyLine  = regexp.MustCompile(`\n[ \t]*\n`)
)

// Whole is a text that Markdown shows as this HTML, whatever stands in it: empty lines
// end no block, indentation makes no code, and stars and hyphens are what they are.
// HTML without a block is a paragraph.
func Whole(markup string) string {
	text, blocks := unbroken(strings.TrimSpace(newlines.Replace(markup)))
	text = emptyLines.ReplaceAllString(text, "\n")
	switch {
	case text == "" || opensBlock.MatchString(text):
		return text
	case blocks:
		return "<div>" + text + "</div>"
	}
	return "<p>" + text + "</p>"
}

// IsWhole tells whether a text is HTML from one end to the other, in posts of those
// whose HTML is taken as such.
func IsWhole(text string) bool { return opensBlock.MatchString(text) && !emptyLine.MatchString(text) }

// unbroken is HTML in which no line of preformatted text is empty, and tells whether
// there are blocks in it.
func unbroken(markup string) (text string, blocks bool) {
	var out strings.Builder
	pre := 0
	for tokens := html.NewTokenizer(strings.NewReader(markup)); ; {
		kind := tokens.Next()
		raw := string(tokens.Raw())
		if kind == html.TextToken && pre > 0 {
			raw = emptyLines.ReplaceAllStringFunc(raw, func(lines string) string {
				return "\n" + strings.ReplaceAll(lines[1:], "\n", "&#10;")
			})
		}
		out.WriteString(raw)
		name, _ := tokens.TagName()
		switch {
		case kind == html.ErrorToken:
			return out.String(), blocks
		case kind == html.StartTagToken && string(name) == "pre":
			pre++
		case kind == html.EndTagToken && string(name) == "pre":
			pre = max(0, pre-1)
		}
		blocks = blocks || kind == html.StartTagToken && (string(name) == "pre" || opensBlock.MatchString("<"+string(name)+">"))
	}
}
