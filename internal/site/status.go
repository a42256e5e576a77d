package site

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/go-chi/chi/v5"

	"hark/internal/mentions"
	"hark/internal/page"
)

// mentionPage is the page of the webmention door: a form, and after it was sent
// what became of it.
type mentionPage struct {
	frame
	Target string // typed or given by a link
	Said   string // the answer to what was sent, empty before
	Failed bool
	Status string // where the fate of what was sent can be read
}

// webmentionForm shows people how to send a mention without a program.
func (s *Site) webmentionForm(w http.ResponseWriter, r *http.Request) error {
	return s.mentionPage(w, r, http.StatusOK, mentionPage{Target: r.URL.Query().Get("target")})
}

func (s *Site) mentionPage(w http.ResponseWriter, r *http.Request, status int, data mentionPage) error {
	site, err := s.Settings.Site(r.Context())
	if err != nil {
		return err
	}
	data.frame = s.frame(site, s.book(site).Say("Tell this site of a page"), nil)
	return s.door(w, r, status, "site/webmention", data)
}

// door sends a page of the doors, which is made for who asks.
func (s *Site) door(w http.ResponseWriter, r *http.Request, status int, template string, data any) error {
	body, err := s.Pages.Render(template, data)
	if err != nil {
		return err
	}
	header := s.header("")
	s.Cache.Write(w, r, &page.Answer{Status: status, Header: header, Body: body})
	return nil
}

// replyWebmention answers a sender: a program in plain words, a browser with a
// page.
func (s *Site) replyWebmention(w http.ResponseWriter, r *http.Request, status int, location, sentence string) {
	if status == http.StatusMethodNotAllowed {
		w.Header().Set("Allow", "GET, HEAD, POST") // the protocol knows only POST; the form is read here too
	}
	if !wants(r, "text/html") {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.WriteHeader(status)
		io.WriteString(w, sentence+"\n")
		return
	}
	s.Errors.Handle(func(w http.ResponseWriter, r *http.Request) error {
		return s.mentionPage(w, r, status, mentionPage{
			Target: r.PostFormValue("target"), Said: sentence, Failed: status >= 400, Status: location,
		})
	})(w, r)
}

func wants(r *http.Request, mediaType string) bool {
	return strings.Contains(r.Header.Get("Accept"), mediaType)
}

// statusPage tells a sender what became of a mention.
type statusPage struct {
	frame `json:"-"`

	Source  string `json:"source"`
	Target  string `json:"target"`
	State   string `json:"status"`
	Summary string `json:"summary"`
	Again   bool   `json:"-"` // worth another look later
	Mend    bool   `json:"-"` // its sender can do something about it
}

// webmentionStatus is the page to which the Location of an accepted webmention
// leads (W3C Webmention, section 3.2). It lives as long as the mention.
func (s *Site) webmentionStatus(w http.ResponseWriter, r *http.Request) error {
	m, err := s.Inbox.Status(r.Context(), chi.URLParam(r, "id"))
	if errors.Is(err, mentions.ErrNotFound) {
		return s.missing(w, r)
	}
	if err != nil {
		return err
	}
	there, err := s.Inbox.IsOpen(r.Context(), m)
	if err != nil {
		return err
	}
	data := fate(m, there)
	if !wants(r, "text/html") && wants(r, "json") {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Cache-Control", "no-store")
		return json.NewEncoder(w).Encode(data)
	}
	site, err := s.Settings.Site(r.Context())
	if err != nil {
		return err
	}
	data.frame = s.frame(site, s.book(site).Say("What became of a mention"), nil)
	data.Doors = false // and so no search engine finds what is not shown
	return s.door(w, r, http.StatusOK, "site/status", data)
}

// fate says where a mention stands, in words that help its sender. Why it is
// held, and whether the owner has put it away, is nobody's business; nor is
// whether a post that is there no more is deleted or only hidden.
func fate(m *mentions.Mention, there bool) statusPage {
	p := statusPage{Source: m.Source, Target: m.Target, State: string(m.State), Again: m.Checking}
	if !there && m.State == mentions.Shown {
		p.State = string(mentions.Held)
		p.Summary = "The source was read, and it links to the target. There is no post at the target now, so it is shown nowhere."
		return p
	}
	switch m.State {
	case mentions.Waiting:
		p.Summary = "The source has not been read yet."
		if m.Verified.IsZero() && m.Reason != "" && m.Reason != mentions.Crowded {
			p.Summary = fmt.Sprintf("%s It will be tried again.", m.Reason)
		}
	case mentions.Shown:
		p.Summary = "The source was read, it links to the target, and it is shown there."
	case mentions.Withdrawn, mentions.Refused:
		p.Summary, p.Mend = cmp.Or(m.Reason, "The source does not link to the target."), !m.Checking
	default:
		p.State = string(mentions.Held)
		p.Summary = "The source was read, and it links to the target. The owner of this site decides whether it is shown."
	}
	return p
}
