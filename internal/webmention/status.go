package webmention

import (
	"encoding/json"
	"net/http"
	"strings"

	"golang.org/x/net/html"

	"hark/internal/answer"
)

// Status is what a status page says of a mention that was accepted before
// (Webmention §3.2: what a receiver shows there is its own choice).
type Status struct {
	Text    string // in one line; empty where it says nothing
	Refused bool   // the mention was not taken in the end, beyond doubt
}

// ReadStatus reads a status page: the JSON of those receivers that answer in it
// (webmention.io, hark), else the words of the page.
func ReadStatus(code int, header http.Header, body []byte) Status {
	switch {
	case code == http.StatusNotFound || code == http.StatusGone:
		return Status{Text: "The status page is not there any more."}
	case code >= 500:
		return Status{}
	}
	status := Status{Refused: code >= 400 && !turnsAway(code)}
	var said map[string]any
	if json.Unmarshal(body, &said) == nil {
		status.readJSON(said)
		return status
	}
	if kind, _, _ := strings.Cut(header.Get("Content-Type"), ";"); answer.IsHTML(header, body) {
		status.Text = sentence(header, body)
	} else if strings.HasPrefix(strings.TrimSpace(kind), "text/") {
		status.Text = answer.Line(string(body))
	}
	return status
}

// turnsAway tells whether a status is about who asks, and not about the mention:
// a page that only its owner may see, or one that was asked too often.
func turnsAway(code int) bool {
	switch code {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusProxyAuthRequired, http.StatusRequestTimeout,
		http.StatusTooEarly, http.StatusTooManyRequests, http.StatusUnavailableForLegalReasons:
		return true
	}
	return false
}

// readJSON takes the state, and the sentence that explains it.
func (s *Status) readJSON(said map[string]any) {
	state := first(said, "state", "status", "error", "code")
	words := answer.Sentence(said)
	s.Refused = s.Refused || refusals[strings.ToLower(strings.NewReplacer("_", " ", "-", " ").Replace(state))]
	state = strings.ReplaceAll(state, "_", " ")
	switch {
	case words == "":
		s.Text = state
	case state == "" || strings.Contains(strings.ToLower(words), strings.ToLower(state)):
		s.Text = words
	default:
		s.Text = state + ": " + words
	}
	s.Text = answer.Line(s.Text)
}

// first is the first of the values that is a text.
func first(said map[string]any, names ...string) string {
	for _, name := range names {
		if text, ok := said[name].(string); ok && strings.TrimSpace(text) != "" {
			return text
		}
	}
	return ""
}

// refusals are the states by which receivers say that a mention was not taken.
var refusals = map[string]bool{
	"error": true, "failed": true, "failure": true, "refused": true, "rejected": true, "denied": true, "invalid": true, "blocked": true,
	"no link found": true, "invalid source": true, "invalid target": true, "target not found": true, "source not found": true, "not found": true,
}

// sentence is what a page says first in its main part: its heading and what
// follows, without navigation.
func sentence(header http.Header, body []byte) string {
	for _, name := range []string{"main", "h1"} {
		if part, found := inside(header, body, name); found {
			return answer.Text(http.Header{"Content-Type": {"text/html; charset=utf-8"}}, []byte(part))
		}
	}
	return answer.Text(header, body)
}

// inside is the markup within the first element of a name, in UTF-8.
func inside(header http.Header, body []byte, name string) (string, bool) {
	var part strings.Builder
	depth := 0
	tokens := html.NewTokenizer(answer.Decode(header, body))
	for {
		kind := tokens.Next()
		if kind == html.ErrorToken {
			return part.String(), depth > 0
		}
		raw := string(tokens.Raw())
		tag, _ := tokens.TagName()
		if string(tag) == name && kind == html.StartTagToken {
			depth++
		}
		if depth > 0 {
			part.WriteString(raw)
		}
		if string(tag) == name && kind == html.EndTagToken && depth > 0 {
			if depth--; depth == 0 {
				return part.String(), true
			}
		}
	}
}
