package site

import (
	"context"
	"encoding/xml"
	"errors"
	"html/template"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"hark/internal/page"
	"hark/internal/posts"
	"hark/internal/settings"
)

// mostSearchPages is how many pages of hits there are at most: whoever looks
// further wants other words.
const mostSearchPages = 25

// searchPage is what search.html draws.
type searchPage struct {
	frame
	Query   string
	Trouble string // why nothing was looked for
	Asked   bool   // whether something was
	Hits    []hit
	Newer   string
	Older   string
}

// hit is a post that was found.
type hit struct {
	Class, Label string
	Href         template.HTMLAttr
	Time         template.HTML
	Title, Text  template.HTML // with what was looked for marked
}

// search looks for words. The page without any is kept like all others; what is
// found is not, for there are no end of questions.
func (s *Site) search(w http.ResponseWriter, r *http.Request) error {
	asked := r.URL.Query()
	text := strings.Join(strings.Fields(asked.Get("q")), " ")
	if text == "" {
		return s.serve(w, r, "/search", func(ctx context.Context, bar *deskbar) (*page.Answer, error) {
			return s.searchAnswer(ctx, searchPage{}, bar)
		})
	}
	bar, err := s.bar(r)
	if err != nil {
		return err
	}
	if bar == nil {
		if wait, ok := s.Guard.Search(caller(r.Context())); !ok {
			w.Header().Set("Retry-After", seconds(wait))
			return &page.Error{Status: http.StatusTooManyRequests, Text: "So much was looked for just now that a pause is needed. Try again in " + seconds(wait) + " s."}
		}
	}
	view := searchPage{Query: text}
	if err := s.find(r.Context(), &view, searchPageNumber(asked.Get("page"))); err != nil {
		return err
	}
	answer, err := s.searchAnswer(r.Context(), view, bar)
	if err != nil {
		return err
	}
	s.Cache.Write(w, r, answer)
	return nil
}

// searchPageNumber reads which page of hits is asked for. What is none is the first.
func searchPageNumber(text string) int {
	if n, ok := pageNumber(text); ok && n <= mostSearchPages {
		return n
	}
	return 1
}

// find fills in what is found, or why nothing was looked for.
func (s *Site) find(ctx context.Context, view *searchPage, n int) error {
	names, err := s.published(ctx, view.Query)
	if err != nil {
		return err
	}
	if _, err := s.Settings.Zone(ctx); err != nil { // the times of what is found are in it
		return err
	}
	q, err := posts.ParseQuery(view.Query, names)
	if bad := (*posts.Invalid)(nil); errors.As(err, &bad) {
		view.Trouble = bad.Text
		return nil
	}
	found, more, err := s.Posts.Search(ctx, q, (n-1)*pageLength, pageLength)
	if errors.Is(err, posts.ErrSlow) {
		view.Trouble = "This would take too long to look for. Try rarer words, or fewer."
		return nil
	}
	if err != nil {
		return err
	}
	view.Asked = true
	view.Hits, err = s.hits(ctx, q, found)
	if more && n < mostSearchPages {
		view.Older = searchPath(view.Query, n+1)
	}
	if n > 1 {
		view.Newer = searchPath(view.Query, n-1)
	}
	return err
}

func searchPath(query string, n int) string {
	values := url.Values{"q": {query}}
	if n > 1 {
		values.Set("page", strconv.Itoa(n))
	}
	return "/search?" + values.Encode()
}

func (s *Site) hits(ctx context.Context, q posts.Query, found []*posts.Post) ([]hit, error) {
	site, err := s.Settings.Site(ctx)
	if err != nil {
		return nil, err
	}
	dates := s.calendar(site)
	hits := make([]hit, len(found))
	for i, p := range found {
		hits[i] = hit{
			Class: string(p.Kind), Label: p.Kind.Name(), Href: page.Href(s.address(p.Path)), Time: dates.published(p.Published),
			Title: q.Mark(p.Called(dates.book)), Text: q.Excerpt(posts.PlainText(string(p.HTML))),
		}
		if p.Title == "" && p.Summary != "" { // its name is how its words begin
			hits[i].Title = ""
		}
	}
	return hits, nil
}

func (s *Site) searchAnswer(ctx context.Context, view searchPage, bar *deskbar) (*page.Answer, error) {
	site, err := s.Settings.Site(ctx)
	if err != nil {
		return nil, err
	}
	title := s.book(site).Say("Search")
	if view.Query != "" {
		title = view.Query + " · " + title
	}
	view.frame = s.frame(site, title, bar)
	view.Doors = false
	if view.Leads, err = s.Posts.Pages(ctx); err != nil {
		return nil, err
	}
	body, err := s.Pages.Render("site/search", view)
	if err != nil {
		return nil, err
	}
	header := http.Header{"Content-Type": {htmlType}, "X-Robots-Tag": {"noindex"}}
	return &page.Answer{Header: header, Body: body, DependsOn: []string{posts.Lists, settings.Generation}}, nil
}

// openSearchFile tells browsers how to search here
// (https://github.com/dewitt/opensearch, version 1.1).
type openSearchFile struct {
	XMLName  xml.Name      `xml:"http://a9.com/-/spec/opensearch/1.1/ OpenSearchDescription"`
	Name     string        `xml:"ShortName"`
	About    string        `xml:"Description"`
	Encoding string        `xml:"InputEncoding"`
	URL      openSearchURL `xml:"Url"`
}

type openSearchURL struct {
	Type     string `xml:"type,attr"`
	Template string `xml:"template,attr"`
}

// nameLetters is how long the name of a search engine may be.
const nameLetters = 16

func (s *Site) openSearch(w http.ResponseWriter, r *http.Request) error {
	return s.Cache.Serve(w, r, "/opensearch.xml", func(ctx context.Context) (*page.Answer, error) {
		site, err := s.Settings.Site(ctx)
		if err != nil {
			return nil, err
		}
		name := []rune(site.Title)
		body, err := writeXML(openSearchFile{
			Name: string(name[:min(len(name), nameLetters)]), About: s.book(site).Say("Search %s", site.Title), Encoding: "UTF-8",
			URL: openSearchURL{"text/html", s.URL + "/search?q={searchTerms}"},
		})
		if err != nil {
			return nil, err
		}
		header := http.Header{"Content-Type": {"application/opensearchdescription+xml; charset=utf-8"}}
		return &page.Answer{Header: header, Body: body, DependsOn: []string{settings.Generation}}, nil
	})
}

// searchElement announces it.
func searchElement(title string) template.HTML {
	return template.HTML(`<link rel="search" type="application/opensearchdescription+xml" title="` + escape(title) + `" href="/opensearch.xml">` + "\n")
}
