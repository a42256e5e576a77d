package site

import (
	"context"
	"errors"
	"html/template"
	"net/http"

	"hark/internal/page"
	"hark/internal/piece"
	"hark/internal/posts"
	"hark/internal/settings"
)

// postPage is what post.html draws.
type postPage struct {
	frame
	Class    string
	Label    string
	Href     template.HTMLAttr // the address of the post, which is also its name for programs
	Written  string            // the address as people read it
	Time     template.HTML
	Updated  string // for programs; empty where it says nothing new
	Reading  string
	Edit     string // where the owner edits; empty for readers
	Piece    piece.Piece
	SeenAt   string // where they find what else is for them; empty for writers
	Seen     string // who may see it, for those who may edit, or who are among few; empty where all may
	Part     *part
	Copies   []syndicated
	Targets  []syndicated      // that are to make copies
	Heading  string            // what stands for a title in one that has none
	By       string            // who has written it
	Photo    string            // of who has, empty for none
	Home     template.HTMLAttr // leads to their page
	Older    *posts.Named
	Newer    *posts.Named
	Related  []*posts.Named
	Comments answers
	Told     *toldPages // nil for readers
	Just     *justDone  // likewise
}

// mostRelated is how many posts are named beneath one that share its tags.
const mostRelated = 3

// post is a post, where it lives or once lived.
func (s *Site) post(w http.ResponseWriter, r *http.Request) error {
	return s.ofPost(w, r, r.URL.Path, "", s.postPage)
}

// ofPost serves a page at the path of a post and something more, and lends it to whom
// the post is for.
func (s *Site) ofPost(w http.ResponseWriter, r *http.Request, path, more string, draw drawer) error {
	if lent, err := s.lend(w, r, path, more, draw); lent || err != nil {
		return err
	}
	return s.serve(w, r, path+more, func(ctx context.Context, bar *deskbar) (*page.Answer, error) {
		return s.below(ctx, path, more, bar, draw)
	})
}

// drawer draws a page about a post.
type drawer func(ctx context.Context, site settings.Site, p *posts.Post, bar *deskbar) (*page.Answer, error)

// below is a page at the path of a post and something more, which draw makes. If
// the post has moved, so has the page; if it is gone, so is the page.
func (s *Site) below(ctx context.Context, path, more string, bar *deskbar, draw drawer) (*page.Answer, error) {
	p, err := s.postFor(ctx, path, bar)
	if moved := (*posts.Moved)(nil); errors.As(err, &moved) {
		return s.moved(moved.To + more), nil
	}
	if err != nil {
		return nil, err
	}
	site, err := s.Settings.Site(ctx)
	if err != nil {
		return nil, err
	}
	if p.Status == posts.Deleted {
		return s.absent(http.StatusGone, "site/gone", site, s.book(site).Say("Gone"), bar, p.Generation(), settings.Generation)
	}
	answer, err := draw(ctx, site, p, bar)
	if err == nil && p.Visibility == posts.Private {
		unlisted(answer)
	}
	return answer, err
}

// postFor is the post at a path for who is signed in, if anybody is: a private one
// is there only for those who may change it, nor is told to others where it went.
func (s *Site) postFor(ctx context.Context, path string, bar *deskbar) (*posts.Post, error) {
	if bar == nil {
		return s.Posts.ByPath(ctx, path)
	}
	p, err := s.Posts.At(ctx, path)
	found := p
	if moved := (*posts.Moved)(nil); errors.As(err, &moved) {
		found = moved.Post
	}
	if found != nil && found.Visibility == posts.Private && !bar.user.MayChange(found.AuthorID) {
		return nil, posts.ErrNotFound
	}
	return p, err
}

func (s *Site) postPage(ctx context.Context, site settings.Site, p *posts.Post, bar *deskbar) (*page.Answer, error) {
	found, err := s.Inbox.Answers(ctx, p.ID, 1)
	if err != nil {
		return nil, err
	}
	cites, err := s.Outbox.Cites(ctx, site, p)
	if err != nil {
		return nil, err
	}
	all, err := s.Gate.Writers(ctx)
	if err != nil {
		return nil, err
	}
	dates := s.calendar(site)
	of := s.subject(p, dates.book)
	shown, err := s.shown(ctx, p)
	if err != nil {
		return nil, err
	}
	view := s.postView(site, p, bar, dates)
	view.Piece = piece.In{Base: s.URL, Site: site, Book: dates.book, Around: view.Lang}.Of(p, cites.Of[p.ID], shown)
	by := several(all).of(p, site)
	view.Photo = all[p.AuthorID].Photo
	view.By, view.Home = by.Name, page.Href(s.address(by.Path))
	if err := s.around(ctx, p, &view); err != nil {
		return nil, err
	}
	view.Comments = answersView(found, of, 1, dates)
	if view.Piece.Tongue != "" { // the words around the answers are those of the page
		view.Comments.Tongue = posts.Tongue(view.Lang)
	}
	topic, err := s.topic(ctx, p.Path)
	if err != nil {
		return nil, err
	}
	view.Alternates += topic.elements()
	if bar != nil && (bar.MayTell() || bar.user.MayChange(p.AuthorID)) {
		if view.Told, err = s.toldOf(ctx, p.ID, p.Path, dates); err != nil {
			return nil, err
		}
	}
	if view.Just, err = s.justDone(ctx, p, bar); err != nil {
		return nil, err
	}
	return s.answer("site/post", p.Path, topic, view, dates, append(of.outdating(found), cites.DependsOn...)...)
}

// around finds what else there is to read. A page has no neighbours.
func (s *Site) around(ctx context.Context, p *posts.Post, view *postPage) (err error) {
	if view.Related, err = s.Posts.Related(ctx, p, mostRelated); err != nil {
		return err
	}
	if !p.Apart {
		if view.Older, view.Newer, err = s.Posts.Neighbours(ctx, p); err != nil {
			return err
		}
	}
	if view.Part, err = s.partOf(ctx, p, view.book); err != nil {
		return err
	}
	view.Leads, err = s.Posts.Pages(ctx)
	return err
}

func seenBy(p *posts.Post) string {
	switch {
	case len(p.Audience) > 0:
		return "For certain people"
	case p.Visibility == posts.Private:
		return "Private"
	case p.Visibility == posts.Unlisted:
		return "Unlisted"
	}
	return ""
}

// postView is the post itself.
func (s *Site) postView(site settings.Site, p *posts.Post, bar *deskbar, dates *calendar) postPage {
	address := s.address(p.Path)
	view := postPage{
		frame:   s.frame(site, p.Called(dates.book), bar),
		Class:   string(p.Kind),
		Label:   p.Kind.Name(),
		Href:    page.Href(address),
		Written: posts.Bare(address),
		Time:    dates.published(p.Published),
		Reading: readingTime(p.Words, dates.book),
		Copies:  elsewhere(p),
		Targets: copiesTo(p),
		Heading: p.Called(dates.book),
	}
	view.Canonical, view.Description = address, p.Summary
	view.Hidden = view.Hidden || p.Visibility != posts.Public
	view.Doors = p.Visibility != posts.Private
	view.Alternates += feedElements(dates.book.Say("Answers to %s", p.Called(dates.book)), address) + s.shared(site, p, address, dates).elements(site)
	if p.Updated.After(p.Published) {
		view.Updated = dates.machine(p.Updated)
	}
	if bar != nil && bar.user.MayChange(p.AuthorID) {
		view.Edit = "/desk/write/" + p.ID
		view.Seen = seenBy(p)
	}
	if p.Visibility == posts.Private { // who reads it is to know that not everybody does
		view.Seen = seenBy(p)
		if view.Edit == "" {
			view.SeenAt = forYouPath
		}
	}
	return view
}
