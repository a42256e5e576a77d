package site

import (
	"context"
	"html/template"
	"net/http"
	"strconv"
	"strings"

	"hark/internal/page"
	"hark/internal/posts"
	"hark/internal/settings"
)

// furtherPage is what answers.html draws: answers that did not fit beneath what
// they answer.
type furtherPage struct {
	frame
	Back     string // the path of what they answer
	Name     string
	Here     template.HTMLAttr
	Comments answers
}

// mostPages is more pages than any subject has.
const mostPages = 100_000

// pageNumber reads the number of a page, as it is written in addresses alone.
func pageNumber(s string) (n int, ok bool) {
	n, err := strconv.Atoi(s)
	return n, err == nil && n > 0 && n < mostPages && strconv.Itoa(n) == s
}

// postAnswers is a further page of the answers to a post.
func (s *Site) postAnswers(w http.ResponseWriter, r *http.Request) error {
	n := strings.LastIndex(r.URL.Path, "/answers/")
	path, below := r.URL.Path[:n], r.URL.Path[n:]
	return s.further(w, r, path, strings.TrimPrefix(below, "/answers/"), func(n int) error {
		return s.ofPost(w, r, path, below, func(ctx context.Context, site settings.Site, p *posts.Post, bar *deskbar) (*page.Answer, error) {
			return s.furtherPage(ctx, site, s.subject(p, s.book(site)), n, bar)
		})
	})
}

// siteAnswers is a further page of what is said of the site.
func (s *Site) siteAnswers(w http.ResponseWriter, r *http.Request) error {
	return s.further(w, r, "/about", segment(r, 2), func(n int) error {
		return s.serve(w, r, r.URL.Path, func(ctx context.Context, bar *deskbar) (*page.Answer, error) {
			site, err := s.Settings.Site(ctx)
			if err != nil {
				return nil, err
			}
			return s.furtherPage(ctx, site, s.ourselves(site), n, bar)
		})
	})
}

// further serves a page by its number. The first stands beneath path itself.
func (s *Site) further(w http.ResponseWriter, r *http.Request, path, number string, serve func(n int) error) error {
	n, ok := pageNumber(number)
	switch {
	case !ok:
		return s.missing(w, r)
	case n == 1:
		s.redirect(w, r, path)
		return nil
	}
	return serve(n)
}

func (s *Site) furtherPage(ctx context.Context, site settings.Site, of subject, n int, bar *deskbar) (*page.Answer, error) {
	found, err := s.Inbox.Answers(ctx, of.post, n)
	if err != nil {
		return nil, err
	}
	if n > found.Pages {
		return nil, posts.ErrNotFound
	}
	dates := s.calendar(site)
	address := s.address(of.page(n))
	view := furtherPage{
		frame: s.frame(site, dates.book.Say("Answers to %s, page %d", of.name, n), bar), Back: of.path, Name: of.name,
		Here: page.Href(address), Comments: answersView(found, of, n, dates),
	}
	view.Canonical, view.Doors = address, !of.hidden
	return s.answer("site/answers", "", topic{}, view, dates, of.outdating(found)...)
}
