package site

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"hark/internal/page"
	"hark/internal/posts"
	"hark/internal/visitors"
)

// readerCookies are the names of what a reader's browser holds: one who is known here,
// and while one is being asked. Neither opens the desk.
type readerCookies struct {
	page.Cookies
	known, asked string
}

func newReaderCookies(https bool) readerCookies {
	c := page.Cookies{HTTPS: https}
	return readerCookies{c, c.Name("hark-reader"), c.Name("hark-asked")}
}

// readersDoor tells whether readers can show who they are.
func (s *Site) readersDoor(ctx context.Context) (open bool, err error) {
	chosen, err := s.Settings.Readers(ctx)
	return chosen.Open(), err
}

// reader is the address of the reader who asks, empty for everybody else. Without a
// cookie nothing is looked up. While the door is shut nobody is known.
func (s *Site) reader(r *http.Request) (address string, err error) {
	token := page.Cookie(r, s.cookies.known)
	if token == "" {
		return "", nil
	}
	if open, err := s.readersDoor(r.Context()); err != nil || !open {
		return "", err
	}
	address, err = s.Visitors.Who(r.Context(), token)
	if errors.Is(err, visitors.ErrNobody) {
		return "", nil
	}
	return address, err
}

// lend answers with a private post to the reader for whom it is, drawn for nobody else
// and kept by no cache. More is as in below. It reports whether it did: whatever else
// stands at the path, and whether anything does, is for others to say, in the same way
// to this reader as to everybody.
func (s *Site) lend(w http.ResponseWriter, r *http.Request, path, more string, draw drawer) (lent bool, err error) {
	reader, err := s.reader(r)
	if err != nil || reader == "" {
		return false, err
	}
	p, err := s.Posts.Addressed(r.Context(), path, reader)
	moved := (*posts.Moved)(nil)
	switch {
	case errors.Is(err, posts.ErrNotFound):
		return false, nil
	case errors.As(err, &moved):
		p = moved.Post
	case err != nil:
		return false, err
	}
	bar, err := s.bar(r)
	if err != nil || bar != nil && bar.user.MayChange(p.AuthorID) {
		return false, err // who may change it sees it by that right
	}
	answer := s.moved(p.Path + more)
	if moved == nil {
		site, err := s.Settings.Site(r.Context())
		if err != nil {
			return false, err
		}
		if answer, err = draw(r.Context(), site, p, bar); errors.Is(err, posts.ErrNotFound) {
			return false, nil // it has no such page of answers
		} else if err != nil {
			return false, err
		}
	}
	s.Cache.Write(w, r, unlisted(answer))
	return true, nil
}

// unlisted is an answer that search engines leave out, and that announces no doors:
// what is private takes no mentions.
func unlisted(a *page.Answer) *page.Answer {
	a.Header.Del("Link")
	a.Header.Del("X-Pingback")
	a.Header.Set("X-Robots-Tag", "noindex")
	return a
}

// cameFrom is the path of ours from which somebody came to show who they are, empty
// where that is not known.
func (s *Site) cameFrom(r *http.Request) string {
	path, ours := strings.CutPrefix(r.Header.Get("Referer"), s.URL)
	if !ours || !page.OwnPath(path) || strings.HasPrefix(path, forYouPath) {
		return ""
	}
	return path
}
