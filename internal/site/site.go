// Package site is the blog as readers and other sites meet it: its pages, its
// feeds and its doors.
package site

import (
	"context"
	"net/http"
	"net/netip"
	"strings"
	"sync/atomic"
	"time"

	"github.com/go-chi/chi/v5"

	"hark/internal/auth"
	"hark/internal/budget"
	"hark/internal/guard"
	"hark/internal/media"
	"hark/internal/mentions"
	"hark/internal/page"
	"hark/internal/poster"
	"hark/internal/posts"
	"hark/internal/settings"
	"hark/internal/visitors"
)

// Options are what the site stands on.
type Options struct {
	URL      string // the public address, without a slash at its end
	Posts    *posts.Store
	Inbox    *mentions.Inbox
	Outbox   *mentions.Outbox
	Settings *settings.Store
	Gate     *auth.Gate   // for the tokens of apps
	Guard    *guard.Guard // for the doors
	Media    *media.Store
	Visitors *visitors.Book // as NewVisitors opens it

	Pages  *page.Templates
	Errors *page.Errors
	Cache  *page.Cache
	Static *page.Static

	Who      func(r *http.Request) *auth.User          // nil for a visitor
	HasOwner func(ctx context.Context) (bool, error)   // whether somebody can write yet
	Ping     func(ctx context.Context) error           // whether the database answers
	Hub      func(ctx context.Context) (string, error) // of WebSub: its address, empty for none; nil for none, too
	Measured Measured                                  // who may read the figures
	Now      func() time.Time                          // time.Now when nil
}

// Site serves readers. New is its only door.
type Site struct {
	Options
	links    string // the Link header of every page
	cookies  readerCookies
	requests requests
	begun    time.Time
	dress    atomic.Pointer[dress]
	posters  *poster.Maker
	drawing  *budget.Buckets[netip.Prefix] // of posters
}

// New makes the site.
func New(o Options) *Site {
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Site{Options: o, begun: o.Now(), cookies: newReaderCookies(strings.HasPrefix(o.URL, "https://")), posters: poster.New(), drawing: budget.New[netip.Prefix](budget.PerMinute(30, 20)), links: strings.Join([]string{
		`<` + o.URL + `/webmention>; rel="webmention"`,
		`<` + o.URL + `/pingback>; rel="pingback"`,
		`<` + o.URL + `/micropub>; rel="micropub"`,
		`<` + o.URL + metadataPath + `>; rel="indieauth-metadata"`,
		`<` + o.URL + `/auth>; rel="authorization_endpoint"`,
		`<` + o.URL + `/token>; rel="token_endpoint"`,
		feedLinks(o.URL),
	}, ", ")}
}

// Routes gives the router the site's addresses.
func (s *Site) Routes(r chi.Router) {
	s.pages(r)
	s.feeds(r)
	s.mentionFeeds(r)
	s.api(r)
	s.files(r)
	s.doors(r)
	s.uploads(r)
	s.indieauth(r)
	s.readers(r)
	r.NotFound(s.apart().ServeHTTP)
	r.MethodNotAllowed(s.Errors.Door(s.notTaken(r)))
}

func (s *Site) pages(r chi.Router) {
	s.read(r, "/", s.home)
	s.read(r, "/kind/{kind}", s.kind)
	s.read(r, "/tag/{tag}", s.tag)
	s.read(r, "/series/{series}", s.series)
	s.read(r, "/author/{name}", s.author)
	s.read(r, "/archive", s.archive)
	s.read(r, "/search", s.search)
	s.read(r, "/on-this-day", s.onThisDay)
	s.read(r, "/about", s.about)
	s.read(r, "/about/answers/{page}", s.siteAnswers)
	s.read(r, "/{year:[0-9]{4}}", s.year)
	s.read(r, "/{year:[0-9]{4}}/{month:[0-9]{2}}", s.month)
	s.read(r, "/{year:[0-9]{4}}/{month:[0-9]{2}}/{day:[0-9]{2}}", s.day)
	s.read(r, "/{year:[0-9]{4}}/{slug}", s.post)
	s.read(r, "/{year:[0-9]{4}}/{slug}/answers/{page}", s.postAnswers)
	get(r, "/faces/{name}", s.Errors.Door(s.face))
}

// apart are the owner's pages, which stand beside the site's own addresses. They
// are asked last, so that no method of such an address falls through to them.
func (s *Site) apart() http.Handler {
	r := chi.NewRouter()
	s.read(r, "/{slug}", s.post)
	s.read(r, "/{slug}/answers/{page}", s.postAnswers)
	for _, f := range forms {
		s.answersFeedAt(r, "/{slug}", f)
	}
	r.NotFound(s.Errors.Handle(s.missing))
	r.MethodNotAllowed(s.Errors.Door(s.notTaken(r)))
	return r
}

// read serves a page to GET and HEAD alike, and leads to it from the same
// address with a slash at its end.
func (s *Site) read(r chi.Router, pattern string, h page.Handler) {
	get(r, pattern, s.Errors.Handle(h))
	if pattern != "/" {
		get(r, pattern+"/", s.unslash)
	}
}

// get answers GET and HEAD.
func get(r chi.Router, pattern string, h http.HandlerFunc) {
	r.Get(pattern, h)
	r.Head(pattern, h)
}
