package site

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"hark/internal/page"
	"hark/internal/posts"
	"hark/internal/visitors"
)

// readerCookies are the names of what a reader's browser holds: one who is known here,
// and while one is being asked. With https they have the prefix that browsers take
// from this host alone, and for all of it (RFC 6265bis §4.1.3). Neither opens the desk.
type readerCookies struct {
	known, asked string
	secure       bool
}

func newReaderCookies(https bool) readerCookies {
	if https {
		return readerCookies{"__Host-hark-reader", "__Host-hark-asked", true}
	}
	return readerCookies{"hark-reader", "hark-asked", false}
}

func (c readerCookies) set(w http.ResponseWriter, name, value string, life time.Duration) {
	http.SetCookie(w, &http.Cookie{
		Name: name, Value: value, Path: "/", MaxAge: int(life.Seconds()),
		Secure: c.secure, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
}

func (c readerCookies) forget(w http.ResponseWriter, name string) { c.set(w, name, "", -time.Second) }

// held is a cookie of the request, empty where there is none.
func held(r *http.Request, name string) string {
	c, err := r.Cookie(name)
	if err != nil {
		return ""
	}
	return c.Value
}

// readersDoor tells whether readers can show who they are.
func (s *Site) readersDoor(ctx context.Context) (open bool, err error) {
	chosen, err := s.Settings.Readers(ctx)
	return chosen.Open(), err
}

// reader is the address of the reader who asks, empty for everybody else. Without a
// cookie nothing is looked up. While the door is shut nobody is known.
func (s *Site) reader(r *http.Request) (address string, err error) {
	token := held(r, s.cookies.known)
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
