package posts

import (
	"html/template"
	"strings"
	"unicode"

	"golang.org/x/net/html"
)

// maxSummary is how long a summary is at most, in runes.
const maxSummary = 500

// gist reads rendered HTML once: its first paragraph as plain text, or all of
// its text if it has no paragraph, and how many words it has. The marks of
// footnotes belong to neither.
func gist(rendered template.HTML) (summary string, words int) {
	var first, all strings.Builder
	var picture string
	inFirst, said, done, skip := false, false, false, ""
	tokens := html.NewTokenizer(strings.NewReader(string(rendered)))
	for {
		switch tokens.Next() {
		case html.ErrorToken:
			for _, text := range []string{first.String(), all.String(), picture} {
				if summary = shorten(strings.Join(strings.Fields(text), " "), maxSummary); summary != "" {
					break
				}
			}
			return summary, countWords(all.String())
		case html.StartTagToken:
			tag, _ := tokens.TagName()
			name := string(tag)
			switch {
			case name == "p":
				inFirst = !done
			case name == "img" && picture == "":
				picture = valueOf(tokens, "alt")
			case name == "a" && isNoteMark(valueOf(tokens, "role")):
				skip = "a"
			}
			if gap(name, &all); inFirst {
				gap(name, &first)
			}
		case html.EndTagToken:
			tag, _ := tokens.TagName()
			name := string(tag)
			if name == skip {
				skip = ""
			}
			if name == "p" {
				inFirst, done = false, said
			}
			gap(name, &all)
		case html.TextToken:
			if skip != "" {
				continue
			}
			text := html.UnescapeString(string(tokens.Raw()))
			all.WriteString(text)
			if inFirst {
				first.WriteString(text)
				said = said || strings.TrimSpace(text) != ""
			}
		}
	}
}

// aFewWords is how many words are set large when they stand alone.
const aFewWords = 60

// Large tells whether the post is so short that its text is set large.
func (p *Post) Large() bool { return p.Title == "" && p.Words > 0 && p.Words <= aFewWords }

// isNoteMark tells the links between a text and its footnotes by their role.
func isNoteMark(role string) bool { return role == "doc-noteref" || role == "doc-backlink" }

// valueOf is an attribute of the tag that is read.
func valueOf(tokens *html.Tokenizer, name string) string {
	for more := true; more; {
		var key, value []byte
		if key, value, more = tokens.TagAttr(); string(key) == name {
			return string(value)
		}
	}
	return ""
}

func attribute(t html.Token, name string) string {
	for _, a := range t.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// gap parts the words on either side of a tag that breaks a line.
func gap(tag string, text *strings.Builder) {
	if tag == "br" || tag == "li" || tag == "td" || tag == "th" || tag == "tr" || tag == "dt" || tag == "dd" || endsParagraph[tag] {
		text.WriteByte(' ')
	}
}

// Minutes is how long so many words take to read.
func Minutes(words int) int {
	const inOne = 220
	return (words + inOne/2) / inOne
}

// countWords counts the words of a text. In scripts that do not part them,
// every character counts as one.
func countWords(text string) (words int) {
	within := false
	for _, r := range text {
		switch {
		case r >= firstUnspaced && unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana):
			words++
			within = false
		case unicode.IsLetter(r), unicode.IsNumber(r):
			if !within {
				words++
			}
			within = true
		case unicode.IsSpace(r):
			within = false
		}
	}
	return words
}
