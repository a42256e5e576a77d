package site

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/go-chi/chi/v5"

	"hark/internal/mentions"
	"hark/internal/mf2"
	"hark/internal/page"
)

// api answers the questions that scripts ask webmention.io, in its words
// (https://webmention.io/api), so that they need only another address.
func (s *Site) api(r chi.Router) {
	get(r, "/mentions.jf2", s.asked(s.jf2))
	get(r, "/api/mentions.jf2", s.asked(s.jf2))
	get(r, "/api/count", s.asked(s.count))
}

// The objects of jf2 (https://jf2.spec.indieweb.org), with what webmention.io
// adds to them.
type (
	jf2Feed struct {
		Type     string     `json:"type"`
		Name     string     `json:"name"`
		Children []jf2Entry `json:"children"`
	}
	jf2Entry struct {
		Type       string      `json:"type"`
		Author     jf2Card     `json:"author"`
		URL        string      `json:"url"`
		Published  *string     `json:"published"` // null where it is not known
		Received   string      `json:"wm-received"`
		ID         int64       `json:"wm-id"`
		Source     string      `json:"wm-source"`
		Target     string      `json:"wm-target"`
		Protocol   string      `json:"wm-protocol"`
		Name       string      `json:"name,omitempty"`
		Content    *jf2Content `json:"content,omitempty"`
		InReplyTo  string      `json:"in-reply-to,omitempty"`
		LikeOf     string      `json:"like-of,omitempty"`
		RepostOf   string      `json:"repost-of,omitempty"`
		BookmarkOf string      `json:"bookmark-of,omitempty"`
		MentionOf  string      `json:"mention-of,omitempty"`
		RSVP       string      `json:"rsvp,omitempty"`
		Property   string      `json:"wm-property"`
		Private    bool        `json:"wm-private"`
	}
	jf2Card struct {
		Type  string `json:"type"`
		Name  string `json:"name"`
		Photo string `json:"photo"`
		URL   string `json:"url"`
	}
	jf2Content struct {
		HTML string `json:"html"`
		Text string `json:"text"`
	}
)

// misasked says what is wrong with a question, in a sentence.
type misasked string

func (m misasked) Error() string { return string(m) }

// asked answers a program's question with JSON that scripts of other sites may
// read.
func (s *Site) asked(answer func(r *http.Request) (any, error)) http.HandlerFunc {
	return s.Errors.Door(func(w http.ResponseWriter, r *http.Request) error {
		status := http.StatusOK
		data, err := answer(r)
		if wrong := misasked(""); errors.As(err, &wrong) {
			status, data = http.StatusBadRequest, map[string]string{"error": "invalid_input", "error_description": string(wrong)}
		} else if err != nil {
			return err
		}
		var b bytes.Buffer
		if err := json.NewEncoder(&b).Encode(data); err != nil {
			return err
		}
		s.Cache.Write(w, r, &page.Answer{Status: status, Body: b.Bytes(), Header: http.Header{
			"Content-Type":                {"application/json; charset=utf-8"},
			"Access-Control-Allow-Origin": {"*"},
			"Cache-Control":               {"no-cache"},
		}})
		return nil
	})
}

// jf2 lists what others say, as /api/mentions.jf2 does.
func (s *Site) jf2(r *http.Request) (any, error) {
	query := r.URL.Query()
	wanted, err := selection(query)
	if err != nil {
		return nil, err
	}
	list := jf2Feed{Type: "feed", Name: "Webmentions", Children: []jf2Entry{}}
	if !s.isDomain(query.Get("domain")) {
		return list, nil
	}
	site, err := s.Settings.Site(r.Context())
	if err != nil {
		return nil, err
	}
	found, err := s.Inbox.Select(r.Context(), wanted)
	if err != nil {
		return nil, err
	}
	subjects, err := s.subjects(r.Context(), site, found)
	if err != nil {
		return nil, err
	}
	for _, m := range found {
		if of, ok := subjects[m.PostID]; ok {
			list.Children = append(list.Children, s.jf2Entry(m, of.target))
		}
	}
	return list, nil
}

// isDomain tells whether a domain is ours, if one is asked for.
func (s *Site) isDomain(domain string) bool {
	ours, err := url.Parse(s.URL)
	return domain == "" || err == nil && (strings.EqualFold(domain, ours.Host) || strings.EqualFold(domain, ours.Hostname()))
}

func (s *Site) jf2Entry(m *mentions.Mention, target string) jf2Entry {
	e := jf2Entry{
		Type: "entry", Author: jf2Card{Type: "card", Name: m.AuthorName, URL: m.AuthorURL},
		URL: m.Source, Received: machine(m.Received), ID: m.Number(),
		Source: m.Source, Target: target, Protocol: string(m.Via), Name: m.Title,
	}
	if m.Face != "" {
		e.Author.Photo = s.URL + "/faces/" + m.Face
	}
	if !m.Published.IsZero() {
		published := machine(m.Published)
		e.Published = &published
	}
	if m.HTML != "" {
		e.Content = &jf2Content{string(m.HTML), m.Text()}
	}
	e.answer(m, target)
	return e
}

// answer says by a property of its own what an entry answers. An answer to an
// invitation is a reply that has one more.
func (e *jf2Entry) answer(m *mentions.Mention, target string) {
	e.Property = propertyOf(m.Kind)
	switch e.Property {
	case "in-reply-to":
		e.InReplyTo = target
	case "like-of":
		e.LikeOf = target
	case "repost-of":
		e.RepostOf = target
	case "bookmark-of":
		e.BookmarkOf = target
	default:
		e.MentionOf = target
	}
	if m.Kind == mf2.RSVP {
		e.Property, e.RSVP = "rsvp", m.RSVP
	}
}

// count counts what others say of the targets, as /api/count does.
func (s *Site) count(r *http.Request) (any, error) {
	targets, err := targetsIn(r.URL.Query())
	if err != nil {
		return nil, err
	}
	if len(targets) == 0 {
		return nil, misasked("target: the address of a page of this site is required.")
	}
	found, err := s.Inbox.Numbers(r.Context(), targets...)
	if err != nil {
		return nil, err
	}
	types := map[string]int{}
	for kind, n := range found.Counts {
		switch kind {
		case mf2.RSVP: // by answer
		case mf2.Reply, mf2.Reaction:
			types["reply"] += n
		case mf2.Like, mf2.Repost, mf2.Bookmark:
			types[string(kind)] += n
		default:
			types["mention"] += n
		}
	}
	for answer, n := range found.RSVPed {
		types["rsvp-"+answer] += n
	}
	return map[string]any{"count": found.Count(), "type": types}, nil
}
