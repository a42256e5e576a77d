package site

import (
	"context"
	"encoding/json"
	"errors"
	"html/template"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"github.com/go-chi/chi/v5"

	"hark/internal/indieauth"
	"hark/internal/page"
	"hark/internal/posts"
	"hark/internal/settings"
	"hark/internal/visitors"
)

// The addresses at which readers show who they are.
const (
	forYouPath = "/for-you"
	backPath   = forYouPath + "/back"   // to which their own sites send them
	clientPath = forYouPath + "/client" // what hark says there that it is
	outPath    = forYouPath + "/out"
)

// readerForm is how much may be posted there, in bytes.
const readerForm = 64 << 10

// longestNext is how long a path may be to which somebody is led afterwards, in bytes.
const longestNext = 2048

// busyFor is how long somebody is asked to wait while too many are being asked.
const busyFor = 10 * time.Second

// NewVisitors opens the book of readers as the site at an address uses it.
func NewVisitors(address string, o visitors.Options) *visitors.Book {
	o.Client, o.Redirect = address+clientPath, address+backPath
	return visitors.New(o)
}

// readers gives the router the door of readers. While it is shut there is nothing at
// its addresses.
func (s *Site) readers(r chi.Router) {
	r.Group(func(r chi.Router) {
		r.Use(page.Unstored, s.Errors.SameSite(s.URL))
		get(r, forYouPath, s.Errors.Handle(s.whileOpen(s.forYou)))
		r.Post(forYouPath, s.Errors.Handle(s.ask))
		get(r, backPath, s.Errors.Handle(s.whileOpen(s.back)))
		r.Post(outPath, s.Errors.Handle(s.whileOpen(s.out)))
	})
	get(r, clientPath, s.Errors.Door(s.client))
}

// whileOpen answers as where there is nothing while the door is shut.
func (s *Site) whileOpen(h page.Handler) page.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		open, err := s.readersDoor(r.Context())
		switch {
		case err != nil:
			return err
		case !open:
			return s.missing(w, r)
		}
		return h(w, r)
	}
}

// askPage is what ask.html draws: the form for who says whose address is theirs.
type askPage struct {
	frame
	Me, Next string // what was typed; where it leads
	Trouble  string // why it led nowhere
	Shown    string // the address that was shown, for which there is nothing
}

// forYou is what is written for the reader, or the form for who is not known yet.
func (s *Site) forYou(w http.ResponseWriter, r *http.Request) error {
	reader, err := s.reader(r)
	if err != nil {
		return err
	}
	if reader == "" {
		return s.sendAsk(w, r, http.StatusOK, askPage{Next: s.cameFrom(r)})
	}
	return s.sendForYou(w, r, reader)
}

func (s *Site) sendAsk(w http.ResponseWriter, r *http.Request, status int, view askPage) (err error) {
	if view.frame, err = s.readerFrame(r, "Written for you?"); err != nil {
		return err
	}
	return s.sendPrivate(w, r, status, "site/ask", view)
}

// readerFrame is the frame of the pages of readers. It opens no doors.
func (s *Site) readerFrame(r *http.Request, title string) (frame, error) {
	site, err := s.Settings.Site(r.Context())
	if err != nil {
		return frame{}, err
	}
	bar, err := s.bar(r)
	if err != nil {
		return frame{}, err
	}
	f := s.frame(site, s.book(site).Say(title), bar)
	f.Doors = false
	f.Leads, err = s.Posts.Pages(r.Context())
	return f, err
}

func (s *Site) sendPrivate(w http.ResponseWriter, r *http.Request, status int, template string, view any) error {
	body, err := s.Pages.Render(template, view)
	if err != nil {
		return err
	}
	s.Cache.Write(w, r, unlisted(&page.Answer{Status: status, Header: http.Header{"Content-Type": {htmlType}}, Body: body}))
	return nil
}

// forYouPage is what foryou.html draws.
type forYouPage struct {
	frame
	Reader string
	Posts  []hit
}

func (s *Site) sendForYou(w http.ResponseWriter, r *http.Request, reader string) error {
	view := forYouPage{Reader: posts.Bare(reader)}
	found, err := s.Posts.AddressedTo(r.Context(), reader)
	if err != nil {
		return err
	}
	if view.frame, err = s.readerFrame(r, "For you"); err != nil {
		return err
	}
	site, err := s.Settings.Site(r.Context())
	if err != nil {
		return err
	}
	dates := s.calendar(site)
	for _, p := range found {
		one := hit{Class: string(p.Kind), Label: p.Kind.Name(), Href: page.Href(s.address(p.Path)), Time: dates.published(p.Published), Title: template.HTML(escape(p.Called(dates.book)))}
		if p.Title != "" {
			one.Text = template.HTML(escape(p.Summary))
		}
		view.Posts = append(view.Posts, one)
	}
	return s.sendPrivate(w, r, http.StatusOK, "site/foryou", view)
}

// onwardPage is what onward.html draws. The way is a link and no redirect: browsers
// let a form lead to no other site, and a reader sees where it leads.
type onwardPage struct {
	frame
	Me, Host string
	Href     template.HTMLAttr
}

// ask reads the form, which is bounded even while nobody is asked.
func (s *Site) ask(w http.ResponseWriter, r *http.Request) error {
	fields, err := page.Form(w, r, readerForm)
	if err != nil {
		return err
	}
	return s.whileOpen(func(w http.ResponseWriter, r *http.Request) error { return s.greet(w, r, fields) })(w, r)
}

// greet finds where somebody shows that the address which they typed is theirs.
func (s *Site) greet(w http.ResponseWriter, r *http.Request, fields url.Values) error {
	view := askPage{Me: fields.Get("me"), Next: fields.Get("next")}
	if !page.OwnPath(view.Next) || len(view.Next) > longestNext {
		view.Next = ""
	}
	me, err := indieauth.Person(view.Me)
	if err != nil {
		view.Trouble = "That is no address of a site. Write it as a browser shows it, like https://jane.example/."
		return s.sendAsk(w, r, http.StatusUnprocessableEntity, view)
	}
	if trouble, wait := s.mayAsk(r.Context(), me); wait > 0 {
		return s.wait(w, r, http.StatusTooManyRequests, wait, view, trouble)
	}
	way, err := s.Visitors.Greet(r.Context(), me, view.Next)
	if err != nil {
		return s.notGreeted(w, r, me, view, err)
	}
	s.cookies.Set(w, s.cookies.asked, way.Key, visitors.AskLife)
	onward := onwardPage{Me: posts.Bare(me), Host: way.Host, Href: page.Href(way.Address)}
	if onward.frame, err = s.readerFrame(r, "Show that it is you"); err != nil {
		return err
	}
	return s.sendPrivate(w, r, http.StatusOK, "site/onward", onward)
}

// mayAsk asks the budgets, since every question has us visit what a stranger has
// typed. It says for how long the answer is no, and why.
func (s *Site) mayAsk(ctx context.Context, me string) (trouble string, wait time.Duration) {
	if wait, just := s.Guard.JustNoWay(me); just {
		return "That address was visited a moment ago, and it led nowhere. Try again in a minute.", wait
	}
	if wait, ok := s.Guard.SignIn(caller(ctx), indieauth.Host(me)); !ok {
		return "So many have been asked who they are just now that a pause is needed. Try again in a minute.", wait
	}
	return "", 0
}

func (s *Site) wait(w http.ResponseWriter, r *http.Request, status int, wait time.Duration, view askPage, trouble string) error {
	w.Header().Set("Retry-After", seconds(wait))
	view.Trouble = trouble
	return s.sendAsk(w, r, status, view)
}

func (s *Site) notGreeted(w http.ResponseWriter, r *http.Request, me string, view askPage, err error) error {
	trouble := (*visitors.Trouble)(nil)
	switch {
	case errors.Is(err, visitors.ErrBusy):
		return s.wait(w, r, http.StatusServiceUnavailable, busyFor, view, busy)
	case r.Context().Err() != nil, !errors.As(err, &trouble):
		return err // who has gone away has shown nothing of the address
	}
	s.Guard.NoWay(me)
	slog.Info("a reader has shown nothing", "address", me, "error", err)
	view.Trouble = trouble.Text
	return s.sendAsk(w, r, http.StatusUnprocessableEntity, view)
}

const busy = "Too many are being asked who they are at this moment. Try again in a few seconds."

// back is where a reader's own site sends them. Who has shown an address that no post
// names is let in nowhere, and nothing of it is kept.
func (s *Site) back(w http.ResponseWriter, r *http.Request) error {
	me, next, err := s.Visitors.Return(r.Context(), page.Cookie(r, s.cookies.asked), r.URL.Query())
	if err != nil {
		return s.notShown(w, r, next, err)
	}
	s.cookies.Forget(w, s.cookies.asked)
	named, err := s.Posts.HasAddressed(r.Context(), me)
	if err != nil {
		return err
	}
	if !named {
		return s.sendAsk(w, r, http.StatusOK, askPage{Shown: me})
	}
	token, err := s.Visitors.Admit(r.Context(), me, page.Cookie(r, s.cookies.known))
	if err != nil {
		return err
	}
	s.cookies.Set(w, s.cookies.known, token, visitors.StayLife)
	slog.Info("a reader has shown who they are", "address", me)
	return s.leadTo(w, r, next)
}

// leadTo leads to a path of ours.
func (s *Site) leadTo(w http.ResponseWriter, r *http.Request, next string) error {
	if !page.OwnPath(next) {
		next = forYouPath
	}
	http.Redirect(w, r, next, http.StatusSeeOther)
	return nil
}

// notShown says why nobody is known by what they came back with. Who is known already
// has loaded the page again.
func (s *Site) notShown(w http.ResponseWriter, r *http.Request, next string, err error) error {
	view, trouble := askPage{Next: next}, (*visitors.Trouble)(nil)
	switch {
	case errors.Is(err, visitors.ErrBusy):
		return s.wait(w, r, http.StatusServiceUnavailable, busyFor, view, busy)
	case errors.As(err, &trouble):
		slog.Info("a reader has shown nothing", "error", err)
		view.Trouble = trouble.Text
		return s.sendAsk(w, r, http.StatusUnauthorized, view)
	case !errors.Is(err, visitors.ErrNobody):
		return err
	}
	reader, err := s.reader(r)
	if err != nil {
		return err
	}
	if reader != "" {
		return s.leadTo(w, r, forYouPath)
	}
	view.Trouble = "This was begun in another browser, or too long ago. Begin it here once more."
	return s.sendAsk(w, r, http.StatusUnauthorized, view)
}

// out has the browser be that of a stranger again.
func (s *Site) out(w http.ResponseWriter, r *http.Request) error {
	if token := page.Cookie(r, s.cookies.known); token != "" {
		if err := s.Visitors.Leave(r.Context(), token); err != nil {
			return err
		}
		s.cookies.Forget(w, s.cookies.known)
	}
	return s.leadTo(w, r, forYouPath)
}

// clientDocument is what hark says to readers' own sites that it is (IndieAuth, section
// 4.2.1).
type clientDocument struct {
	ID        string   `json:"client_id"`
	Name      string   `json:"client_name"`
	Page      string   `json:"client_uri"`
	Redirects []string `json:"redirect_uris"`
}

func (s *Site) client(w http.ResponseWriter, r *http.Request) error {
	open, err := s.readersDoor(r.Context())
	switch {
	case err != nil:
		return err
	case !open:
		return &page.Error{Status: http.StatusNotFound}
	}
	return s.Cache.Serve(w, r, clientPath, func(ctx context.Context) (*page.Answer, error) {
		site, err := s.Settings.Site(ctx)
		if err != nil {
			return nil, err
		}
		body, err := json.Marshal(clientDocument{s.URL + clientPath, site.Title, s.URL + "/", []string{s.URL + backPath}})
		if err != nil {
			return nil, err
		}
		return &page.Answer{Header: http.Header{"Content-Type": {"application/json"}}, Body: body, DependsOn: []string{settings.Generation}}, nil
	})
}
