// Package answer reads what the HTTP answer of another site says beside its
// status.
package answer

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode"

	"golang.org/x/net/html"
)

const (
	maxText     = 300 // runes
	longestWait = 24 * time.Hour
)

// RetryAfter is how long the other site asks to be left alone, as it says in
// seconds or as a date (RFC 9110 §10.2.3): at most a day, zero if it does not
// say. A date is read by the clock of the site, where the answer has its Date.
func RetryAfter(header http.Header, now time.Time) time.Duration {
	value := strings.TrimSpace(header.Get("Retry-After"))
	var wait time.Duration
	if seconds, err := strconv.ParseUint(value, 10, 63); err == nil {
		wait = time.Duration(min(seconds, uint64(longestWait/time.Second))) * time.Second
	} else if errors.Is(err, strconv.ErrRange) {
		wait = longestWait
	} else if then, err := http.ParseTime(value); err == nil {
		if date, err := http.ParseTime(header.Get("Date")); err == nil {
			now = date
		}
		wait = then.Sub(now)
	}
	return min(max(wait, 0), longestWait)
}

// Text is what a body says to people, as Line: without markup, and of a JSON
// object the sentence that it holds.
func Text(header http.Header, body []byte) string {
	var object map[string]any
	if json.Unmarshal(body, &object) == nil {
		if said := Sentence(object); said != "" {
			return said
		}
	}
	if hasMarkup(header, body) {
		return Line(textOf(Decode(header, body)))
	}
	return Line(string(body))
}

// Sentence is what a JSON object says to people, under one of the names that are
// in use for it; empty if it has none.
func Sentence(object map[string]any) string {
	for _, name := range []string{"summary", "sentence", "reason", "message", "error_description", "description", "detail"} {
		if said, ok := object[name].(string); ok && strings.TrimSpace(said) != "" {
			return Line(said)
		}
	}
	return ""
}

// Line makes the text of another site safe to log and to show: one line without
// control and direction characters, at most 300 runes.
func Line(text string) string {
	text = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.In(r, unicode.Cc, unicode.Cf):
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, "\uFFFD"))
	text = strings.Join(strings.Fields(text), " ")
	if runes := []rune(text); len(runes) > maxText {
		return string(runes[:maxText-1]) + "…"
	}
	return text
}

// hasMarkup tells whether a body is HTML or XML.
func hasMarkup(header http.Header, body []byte) bool {
	kind := header.Get("Content-Type")
	if kind == "" {
		kind = http.DetectContentType(body)
	}
	kind, _, _ = strings.Cut(kind, ";")
	kind = strings.ToLower(strings.TrimSpace(kind))
	return strings.HasSuffix(kind, "html") || strings.HasSuffix(kind, "xml")
}

// textOf is the text of a document, each element's apart from the next.
func textOf(document io.Reader) string {
	var text strings.Builder
	unseen := "" // the element whose content is no text for people
	for tokens := html.NewTokenizer(document); ; {
		switch tokens.Next() {
		case html.ErrorToken:
			return text.String()
		case html.TextToken:
			if unseen == "" {
				text.Write(tokens.Text())
			}
		case html.StartTagToken:
			text.WriteByte(' ')
			if name, _ := tokens.TagName(); unseen == "" && (string(name) == "script" || string(name) == "style") {
				unseen = string(name)
			}
		case html.EndTagToken:
			text.WriteByte(' ')
			if name, _ := tokens.TagName(); string(name) == unseen {
				unseen = ""
			}
		}
	}
}
