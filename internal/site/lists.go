package site

import (
	"context"
	"errors"
	"html/template"
	"net/http"
	"strings"
	"time"

	"hark/internal/auth"
	"hark/internal/page"
	"hark/internal/posts"
	"hark/internal/settings"
	"hark/internal/words"
)

// pageLength is how many posts stand on a page of a list.
const pageLength = 20

// scope is a part of the posts that has a page of its own.
type scope struct {
	path  string // canonical
	label string // in the margin of the head
	title string
	named bool   // the title is a name, and the same in every language
	feeds string // the path before its own feeds, empty where it has none
	list  posts.List
	empty string    // what is said where there is nothing in it
	unit  *unit     // the stretch of time that it is; nil for none
	first time.Time // its first day, in UTC

	author  string        // the last part of the path of whose posts they are; empty for everybody's
	profile *auth.Profile // what they say of themselves, once it is looked up
}

// listPage is what home.html and list.html draw.
type listPage struct {
	frame
	Note    string // a line about the site or its author
	Photo   string // of the site's owner; empty for none
	Named   bool   // whether the author's name is another than the site's
	Label   string
	Heading string
	Here    template.HTMLAttr
	Tabs    []tab
	Entries []entry
	Older   string
	Newest  string
	Times   []timeLink // to the stretches of time before and after
	Empty   string     // what is said where there are no entries
	Card    *authorCard
}

// home is the newest of everything.
func (s *Site) home(w http.ResponseWriter, r *http.Request) error {
	return s.list(w, r, scope{path: "/"})
}

// kind is the posts of one kind.
func (s *Site) kind(w http.ResponseWriter, r *http.Request) error {
	c, ok := kindScope(segment(r, 1))
	if !ok {
		return s.missing(w, r)
	}
	return s.list(w, r, c)
}

func kindScope(name string) (scope, bool) {
	for _, kind := range posts.Kinds {
		if name == string(kind) {
			path := "/kind/" + name
			return scope{path: path, title: kind.Names(), feeds: path, list: posts.List{Kind: kind}}, true
		}
	}
	return scope{}, false
}

// tag is the posts with one tag.
func (s *Site) tag(w http.ResponseWriter, r *http.Request) error {
	c, ok := tagScope(segment(r, 1))
	switch {
	case c.list.Tag == "":
		return s.missing(w, r)
	case !ok:
		s.redirect(w, r, c.path)
		return nil
	}
	return s.list(w, r, c)
}

// tagScope is the part of a tag. It is not ok if the tag is written otherwise
// than in its address, or there is nothing of it that could stand in one.
func tagScope(name string) (c scope, ok bool) {
	key := posts.TagKey(name)
	path := "/tag/" + key
	return scope{path: path, label: "Tag", title: key, named: true, feeds: path, list: posts.List{Tag: key}}, key == name && key != ""
}

// segment is a part of the path, which the router leaves percent-encoded where
// it was so unusually.
func segment(r *http.Request, n int) string {
	parts := strings.SplitN(r.URL.Path[1:], "/", n+2)
	if n >= len(parts) {
		return ""
	}
	return parts[n]
}

// errNoSuchPost says that a page cannot begin after a post that is not there.
var errNoSuchPost = errors.New("no such post to begin after")

// list serves a page of a list: the first, or the one after a post.
func (s *Site) list(w http.ResponseWriter, r *http.Request, c scope) error {
	c.list.Before = before(r)
	key := c.path
	if c.list.Before != "" {
		key += "?before=" + c.list.Before
	}
	err := s.serve(w, r, key, func(ctx context.Context, bar *deskbar) (*page.Answer, error) { return s.listPage(ctx, c, bar) })
	if errors.Is(err, errNoSuchPost) {
		c.list.Before = ""
		return s.serve(w, r, c.path, func(ctx context.Context, bar *deskbar) (*page.Answer, error) { return s.listPage(ctx, c, bar) })
	}
	return err
}

// before is the post after which the page begins. What has not the form of a
// key is no different from nothing.
func before(r *http.Request) string {
	if r.URL.RawQuery == "" {
		return ""
	}
	id := r.URL.Query().Get("before")
	if len(id) != 26 || strings.Trim(id, "0123456789abcdefghijklmnopqrstuvwxyz") != "" {
		return ""
	}
	return id
}

func (s *Site) listPage(ctx context.Context, c scope, bar *deskbar) (*page.Answer, error) {
	zone, err := s.Settings.Zone(ctx)
	if err != nil {
		return nil, err
	}
	c.bound(zone)
	if err := s.whose(ctx, &c); err != nil {
		return s.elsewhereNow(err, "")
	}
	if err := s.begins(ctx, c.list.Before); err != nil {
		return nil, err
	}
	found, err := s.listed(ctx, c)
	if err != nil {
		return nil, err
	}
	site, err := s.Settings.Site(ctx)
	if err != nil {
		return nil, err
	}
	if len(found) == 0 && (c.profile == nil || c.list.Before != "") {
		if c.path != "/" || c.list.Before != "" {
			return nil, posts.ErrNotFound
		}
		if answer, err := s.ownerless(ctx, site); answer != nil || err != nil {
			return answer, err
		}
	}
	return s.drawList(ctx, site, c, found, bar)
}

// listed are the posts of a page of a list, and one more if there is another page.
// On the home page what is pinned comes first.
func (s *Site) listed(ctx context.Context, c scope) ([]*posts.Post, error) {
	c.list.Limit = pageLength + 1
	if c.path != "/" {
		return s.Posts.List(ctx, c.list)
	}
	pinned, err := s.Posts.Pinned(ctx)
	if err != nil {
		return nil, err
	}
	for _, p := range pinned {
		c.list.Without = append(c.list.Without, p.ID)
	}
	if c.list.Before != "" {
		return s.Posts.List(ctx, c.list)
	}
	c.list.Limit -= len(pinned)
	rest, err := s.Posts.List(ctx, c.list)
	return append(pinned, rest...), err
}

// begins checks that a page can begin after a post. One that stood in lists until
// it was deleted will do: readers may come from a page that had it. Of any other
// nobody is told that there is such a post, and when it was written.
func (s *Site) begins(ctx context.Context, before string) error {
	if before == "" {
		return nil
	}
	p, err := s.Posts.ByID(ctx, before)
	if errors.Is(err, posts.ErrNotFound) || err == nil && !p.Listed() && !p.WasListed() {
		return errNoSuchPost
	}
	return err
}

// ownerless is the home page of a site that nobody can write for yet, or nil.
func (s *Site) ownerless(ctx context.Context, site settings.Site) (*page.Answer, error) {
	if there, err := s.HasOwner(ctx); there || err != nil {
		return nil, err
	}
	body, err := s.Pages.Render("site/welcome", s.frame(site, "", nil))
	if err != nil {
		return nil, err
	}
	return &page.Answer{Header: s.header(""), Body: body}, nil // depends on nothing, so it is not kept
}

func (s *Site) drawList(ctx context.Context, site settings.Site, c scope, found []*posts.Post, bar *deskbar) (*page.Answer, error) {
	older := ""
	if len(found) > pageLength {
		found = found[:pageLength]
		older = "?before=" + found[pageLength-1].ID
	}
	dates := s.calendar(site)
	p := listPage{
		frame: s.frame(site, c.heading(found, s.book(site)), bar), Note: site.Description, Named: site.Author != "" && site.Author != site.Title,
		Label: c.label, Heading: c.heading(found, s.book(site)), Here: page.Href(s.address(c.path)), Older: older,
	}
	if c.feeds != "" {
		p.Alternates = feedElements(p.Title, s.address(c.feeds)) + p.Alternates
	}
	p.Empty, p.Card = c.empty, s.card(c, site.Language)
	title := p.Heading
	if title == "" {
		title = site.Title
	}
	here := s.address(c.path)
	if c.list.Before != "" {
		here += "?before=" + c.list.Before
	}
	p.known(site, title, here)
	if c.list.Before != "" {
		p.Newest = c.path
	} else {
		p.Description = site.Description
	}
	var err error
	if c.path == "/" {
		if p.Photo, err = s.ownersPhoto(ctx); err != nil {
			return nil, err
		}
	}
	if p.Leads, err = s.Posts.Pages(ctx); err != nil {
		return nil, err
	}
	if p.Times, err = s.times(ctx, c, dates.book); err != nil {
		return nil, err
	}
	about, err := s.listTopic(ctx, c)
	if err != nil {
		return nil, err
	}
	p.Alternates += about.elements()
	cites, err := s.Outbox.Cites(ctx, site, found...)
	if err != nil {
		return nil, err
	}
	if p.Entries, err = s.entries(ctx, site, found, cites, dates); err != nil {
		return nil, err
	}
	for i := range p.Entries {
		if c.profile != nil { // all are by the same, who stands above them
			p.Entries[i].By = ""
		}
	}
	if c.label == "" && c.profile == nil {
		used, err := s.Posts.KindsInUse(ctx)
		if err != nil {
			return nil, err
		}
		p.Tabs = tabs(used, c.list.Kind)
	}
	answer, err := s.answer(c.template(), c.feeds, about, p, dates, append(depends(found), cites.DependsOn...)...)
	if err == nil && (c.path == "/" || c.profile != nil) {
		legible(answer.Header)
	}
	return answer, err
}

// legible lets apps in a browser read a page from which they find the doors of whoever
// has typed its address, and what its header says of them. They get what everybody
// gets: a browser sends no cookie along, or keeps the answer to itself.
func legible(header http.Header) {
	header.Set("Access-Control-Allow-Origin", "*")
	header.Set("Access-Control-Expose-Headers", "Link")
}

// template is the one that draws the list.
func (c scope) template() string {
	switch {
	case c.path == "/":
		return "site/home"
	case c.profile != nil:
		return "site/author"
	}
	return "site/list"
}

// listTopic is the topic that a page of a list is. Further pages are none, nor are
// those of a time, a series or an author.
func (s *Site) listTopic(ctx context.Context, c scope) (topic, error) {
	if c.list.Before != "" || !c.list.From.IsZero() || c.list.Series != "" || c.profile != nil {
		return topic{}, nil
	}
	return s.topic(ctx, c.path)
}

// heading is the title of the list; a tag and a series are written as the first
// post has them.
func (c scope) heading(found []*posts.Post, book *words.Book) string {
	if c.list.Series != "" && len(found) > 0 {
		return found[0].Series
	}
	if c.list.Tag != "" && len(found) > 0 {
		for _, name := range found[0].AllTags() {
			if posts.TagKey(name) == c.list.Tag {
				return name
			}
		}
	}
	switch {
	case c.unit != nil:
		return book.Date(c.first, c.unit.title)
	case c.named:
		return c.title
	}
	return book.Sentence(c.title)
}

// depends names what outdates a list: a post that comes or goes, a setting, and
// what happens to the posts in it, answers included.
func depends(listed []*posts.Post) []string {
	names := make([]string, 0, len(listed)+3)
	names = append(names, posts.Lists, settings.Generation, auth.People)
	for _, p := range listed {
		names = append(names, p.Generation())
	}
	return names
}
