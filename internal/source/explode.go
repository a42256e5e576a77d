package source

import (
	"bytes"

	"golang.org/x/net/html"
)

const (
	fewTags     = 1000    // too few to make a large tree, whatever they are
	maxElements = 400_000 // in a tree, estimated; some sixty megabytes of memory
	maxAlike    = 3       // equal formatting elements that the parser keeps (HTML §13.2.4.3)
)

// explodes tells whether the parser would make far more of body than there is
// in it: formatting elements left open are opened anew in every block that
// follows, so that 20 KB of <font> and <p> become 300 MB.
func explodes(body []byte) bool {
	if bytes.Count(body, []byte("<")) < fewTags {
		return false
	}
	open := map[string]map[string]int{}
	elements, active := 0, 0
	tokens := html.NewTokenizer(bytes.NewReader(body))
	for {
		switch tokens.Next() {
		case html.ErrorToken:
			return false
		case html.StartTagToken:
			active += opened(open, tokens)
			elements += 1 + active
		case html.EndTagToken:
			active -= closed(open, tokens)
		case html.TextToken:
			elements += 1 + active
		}
		if elements > maxElements {
			return true
		}
	}
}

// opened counts a formatting element that stays active.
func opened(open map[string]map[string]int, tokens *html.Tokenizer) int {
	raw := string(tokens.Raw())
	tag, _ := tokens.TagName()
	if !isFormatting(string(tag)) {
		return 0
	}
	alike := open[string(tag)]
	if alike == nil {
		alike = map[string]int{}
		open[string(tag)] = alike
	}
	if alike[raw] == maxAlike {
		return 0
	}
	alike[raw]++
	return 1
}

// closed takes one element with that tag away.
func closed(open map[string]map[string]int, tokens *html.Tokenizer) int {
	tag, _ := tokens.TagName()
	alike := open[string(tag)]
	for raw := range alike {
		if alike[raw]--; alike[raw] == 0 {
			delete(alike, raw)
		}
		return 1
	}
	return 0
}

// isFormatting tells whether the parser reopens the element; a link is not
// here, as there is only ever one open.
func isFormatting(tag string) bool {
	switch tag {
	case "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u":
		return true
	}
	return false
}
