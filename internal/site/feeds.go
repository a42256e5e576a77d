package site

import (
	"context"
	"errors"
	"html/template"
	"net/http"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"hark/internal/auth"
	"hark/internal/media"
	"hark/internal/mentions"
	"hark/internal/page"
	"hark/internal/piece"
	"hark/internal/posts"
	"hark/internal/settings"
	"hark/internal/words"
)

// form is a language in which a feed is written.
type form struct {
	name      string // the ending of its address
	mediaType string
	write     func(feed) ([]byte, error)
}

// forms are the languages of the feeds, the richest first.
var forms = [...]form{
	{"atom", "application/atom+xml", atomFeed},
	{"rss", "application/rss+xml", rssFeed},
	{"json", "application/feed+json", jsonFeed},
}

// feed is what all forms say.
type feed struct {
	title, description, author, language string

	id         string // its name for ever
	home, self string // of the page it belongs to; its own
	hub        string // that is told when it changes; empty for none
	items      []item
}

// item is what a feed holds: a post, or what others say of one. It is whole and
// its addresses are absolute.
type item struct {
	id      string // its name for ever
	address string
	title   string // empty for what has none
	name    string // never empty
	summary string // empty for what has none
	author  person // of none: the feed's
	content string
	tags    []string

	lang      string // empty for the feed's
	files     []enclosure
	responses []response

	published, updated time.Time
}

// response says by a property what an item responds to.
type response struct{ property, target string }

// person is who wrote an item; url may be empty.
type person struct{ name, url string }

func (s *Site) feeds(r chi.Router) {
	for _, f := range forms {
		s.feed(r, "/feed."+f.name, f, func(*http.Request) (scope, bool) { return scope{path: "/"}, true })
		s.feed(r, "/tag/{tag}/feed."+f.name, f, func(r *http.Request) (scope, bool) { return tagScope(segment(r, 1)) })
		s.feed(r, "/kind/{kind}/feed."+f.name, f, func(r *http.Request) (scope, bool) { return kindScope(segment(r, 1)) })
		s.feed(r, "/author/{name}/feed."+f.name, f, func(r *http.Request) (scope, bool) { return authorScope(segment(r, 1)), true })
	}
}

// feed serves the newest posts of a scope in one form.
func (s *Site) feed(r chi.Router, pattern string, f form, find func(*http.Request) (scope, bool)) {
	get(r, pattern, s.Errors.Door(func(w http.ResponseWriter, r *http.Request) error {
		c, ok := find(r)
		none := &page.Error{Status: http.StatusNotFound, Text: "There is no feed at this address. The one of the whole site is at " + s.URL + "/feed." + f.name}
		if !ok {
			return none
		}
		path := c.feeds + "/feed." + f.name
		err := s.Cache.Serve(w, r, path, func(ctx context.Context) (*page.Answer, error) {
			return s.feedAnswer(ctx, c, f, path)
		})
		if errors.Is(err, posts.ErrNotFound) {
			return none
		}
		return err
	}))
}

func (s *Site) feedAnswer(ctx context.Context, c scope, f form, path string) (*page.Answer, error) {
	site, err := s.Settings.Site(ctx)
	if err != nil {
		return nil, err
	}
	if err := s.whose(ctx, &c); err != nil {
		return s.elsewhereNow(err, "/feed."+f.name)
	}
	c.list.Limit = pageLength
	found, err := s.Posts.List(ctx, c.list)
	if err != nil {
		return nil, err
	}
	if len(found) == 0 && c.list.Tag != "" {
		return nil, &page.Error{Status: http.StatusNotFound, Text: s.book(site).Say("No post here has this tag.")}
	}
	cites, err := s.Outbox.Cites(ctx, site, found...)
	if err != nil {
		return nil, err
	}
	about, err := s.topic(ctx, path)
	if err != nil {
		return nil, err
	}
	if c.profile != nil { // no hub is told of it
		about = topic{}
	}
	writers, err := s.writers(ctx)
	if err != nil {
		return nil, err
	}
	what := s.gather(site, c, found, cites, path)
	if err := s.weigh(ctx, what); err != nil {
		return nil, err
	}
	for i, p := range found {
		if writers != nil {
			by := writers.of(p, site)
			what.items[i].author = person{by.Name, s.address(by.Path)}
		}
	}
	if c.profile != nil {
		what.author = c.profile.DisplayName
	}
	what.hub = about.hub
	return s.written(f, what, c.feeds, append(cites.DependsOn, posts.Lists, settings.Generation, auth.People)...)
}

// written is a feed in one form, its times by the clock of the site. feeds is as in
// header.
func (s *Site) written(f form, what feed, feeds string, dependsOn ...string) (*page.Answer, error) {
	zone := s.Settings.KnownZone()
	for i := range what.items {
		it := &what.items[i]
		it.published, it.updated = it.published.In(zone), it.updated.In(zone)
	}
	body, err := f.write(what)
	if err != nil {
		return nil, err
	}
	header := s.header(feeds)
	header.Set("Content-Type", f.mediaType+"; charset=utf-8")
	topic{what.hub, what.self}.announce(header)
	return &page.Answer{Header: header, Body: body, DependsOn: dependsOn}, nil
}

func (s *Site) gather(site settings.Site, c scope, found []*posts.Post, cites mentions.Cites, path string) feed {
	f := feed{
		title: site.Title, description: site.Description, author: site.Writer(), language: site.Language,
		id: s.address(c.path), home: s.address(c.path), self: s.address(path), items: make([]item, len(found)),
	}
	if title := c.heading(found, s.book(site)); title != "" {
		f.title = title + " · " + site.Title
	}
	around := posts.Around(site.Language, site.Language)
	for i, p := range found {
		f.items[i] = s.item(around, p, cites.Of[p.ID], s.book(site))
	}
	return f
}

func (s *Site) item(around posts.Surroundings, p *posts.Post, cites []mentions.Cite, book *words.Book) item {
	address := s.address(p.Path)
	it := item{
		id: address, address: address, title: p.Title, name: p.Called(book), summary: p.Summary, tags: p.AllTags(),
		content: leadIn(cites, piece.RSVP(p, book), book) + absolute(piece.ThingsOf(p, s.URL, media.Shown{}, book).Whole()+spoken(around, p), address),
		lang:    p.Lang, files: s.enclosures(p, address),
		published: p.Published, updated: later(p.Updated, p.Published),
	}
	for _, c := range cites {
		it.responses = append(it.responses, response{c.Property, c.Address})
	}
	return it
}

// spoken is the text of a post for where nothing around it says from which side it
// is read.
func spoken(around posts.Surroundings, p *posts.Post) string {
	tongue := around.Tongue(p)
	if p.HTML == "" || !strings.Contains(string(tongue), `dir="rtl"`) {
		return string(p.InFeed())
	}
	return "<div " + string(tongue) + ">\n" + string(p.InFeed()) + "</div>\n"
}

// leadIn says what the post responds to, and how it answers an invitation, for
// readers who see its text alone.
func leadIn(cites []mentions.Cite, rsvp template.HTML, book *words.Book) string {
	var b strings.Builder
	for _, c := range cites {
		b.WriteString("<p>")
		if c.Lead != "" {
			b.WriteString(escape(book.Sentence(c.Lead)) + " ")
		}
		if c.Author != "" {
			b.WriteString(escape(c.Author) + ", ")
		}
		link := "<a "
		if c.Class != "" {
			link += `class="` + c.Class + `" `
		}
		link += string(page.Href(c.Address)) + ">" + escape(c.Name) + "</a>"
		if c.Quoted {
			link = book.Say("“") + link + book.Say("”")
		}
		b.WriteString(link + "</p>\n")
	}
	if rsvp != "" {
		b.WriteString("<p>" + string(rsvp) + "</p>\n")
	}
	return b.String()
}

// updated is when the newest of the items was changed. Without any it is a fixed
// day, so that an empty feed stays the same.
func (f feed) updated() time.Time {
	newest := time.Unix(0, 0).UTC()
	for _, it := range f.items {
		if it.updated.After(newest) {
			newest = it.updated
		}
	}
	return newest
}
