package site

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"hark/internal/page"
	"hark/internal/posts"
	"hark/internal/settings"
)

// maker makes a page. bar is nil for everybody but the owner.
type maker func(ctx context.Context, bar *deskbar) (*page.Answer, error)

// Front answers visitors from the cache before anything else is asked: whose
// address, whose session, which route. Keys are canonical paths, so a path that
// is no page's finds nothing. Whoever brings a cookie or a query goes on, to where the
// path leads however it is written.
func (s *Site) Front(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r = plainly(r)
		reading := r.Method == http.MethodGet || r.Method == http.MethodHead
		if reading && r.URL.RawQuery == "" && len(r.Header["Cookie"]) == 0 && s.kept(w, r) {
			return
		}
		next.ServeHTTP(w, r)
	})
}

// plainly is a request whose path the router reads decoded: letters may be written
// percent-encoded and mean the same (RFC 3986, section 6.2.2.2). A slash may not.
func plainly(r *http.Request) *http.Request {
	if r.URL.RawPath == "" || strings.Contains(strings.ToUpper(r.URL.RawPath), "%2F") {
		return r
	}
	same, at := *r, *r.URL
	at.RawPath, same.URL = "", &at
	return &same
}

// kept answers from the cache if it can, and counts that.
func (s *Site) kept(w http.ResponseWriter, r *http.Request) (kept bool) {
	status := s.requests.note(w, func(w http.ResponseWriter) { kept = s.Cache.Kept(w, r, r.URL.Path) })
	if kept {
		s.requests.cached.count(status)
	}
	return kept
}

// serve answers from the cache under key, or with a page of their own to those
// who are signed in. What make cannot find is answered as missing.
func (s *Site) serve(w http.ResponseWriter, r *http.Request, key string, make maker) error {
	err := s.serveFound(w, r, key, make)
	if errors.Is(err, posts.ErrNotFound) {
		return s.missing(w, r)
	}
	return err
}

func (s *Site) serveFound(w http.ResponseWriter, r *http.Request, key string, make maker) error {
	bar, err := s.bar(r)
	if err != nil {
		return err
	}
	if bar == nil {
		return s.Cache.Serve(w, r, key, func(ctx context.Context) (*page.Answer, error) { return make(ctx, nil) })
	}
	a, err := make(r.Context(), bar)
	if err != nil {
		return err
	}
	s.Cache.Write(w, r, a)
	return nil
}

// bar is that of who is signed in, nil for everybody else.
func (s *Site) bar(r *http.Request) (*deskbar, error) {
	user := s.Who(r)
	if user == nil {
		return nil, nil
	}
	bar := &deskbar{user: user}
	if !bar.MayDecide() {
		return bar, nil
	}
	var err error
	bar.Waiting, err = s.Inbox.Undecided(r.Context())
	return bar, err
}

// absent is an answer in place of a page. It opens no doors: nothing here can be
// answered or read as a feed.
func (s *Site) absent(status int, template string, site settings.Site, title string, bar *deskbar, dependsOn ...string) (*page.Answer, error) {
	f := s.frame(site, title, bar)
	f.Doors = false
	body, err := s.Pages.Render(template, f)
	if err != nil {
		return nil, err
	}
	return &page.Answer{
		Status:    status,
		Header:    http.Header{"Content-Type": {htmlType}},
		Body:      body,
		DependsOn: dependsOn,
	}, nil
}

// moved leads to another address of the site. WordPress looks for X-Pingback
// without following, so it stands here too.
func (s *Site) moved(path string) *page.Answer {
	header := s.header("")
	header.Del("Content-Type")
	header.Set("Location", s.address(path))
	return &page.Answer{Status: http.StatusMovedPermanently, Header: header, DependsOn: []string{posts.Lists}}
}

// redirect leads to another address of the site whatever the database says.
func (s *Site) redirect(w http.ResponseWriter, r *http.Request, path string) {
	to := s.address(path)
	if r.URL.RawQuery != "" {
		to += "?" + r.URL.RawQuery
	}
	w.Header().Set("Link", s.links)
	w.Header().Set("X-Pingback", s.URL+"/pingback")
	w.Header().Set("Location", to)
	w.WriteHeader(http.StatusMovedPermanently)
}

// unslash leads from /2026/rain/ to /2026/rain.
func (s *Site) unslash(w http.ResponseWriter, r *http.Request) {
	s.redirect(w, r, strings.TrimRight(r.URL.Path, "/"))
}

// address is the whole address of a path.
func (s *Site) address(path string) string { return s.URL + escapedPath(path) }
