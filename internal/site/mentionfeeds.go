package site

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/go-chi/chi/v5"

	"hark/internal/mentions"
	"hark/internal/mf2"
	"hark/internal/page"
	"hark/internal/posts"
	"hark/internal/settings"
	"hark/internal/words"
)

// newestAnswers is how many of them a feed holds.
const newestAnswers = 50

// mentionFeeds are the feeds of what others say: of all of it, and of what
// stands beneath one post.
func (s *Site) mentionFeeds(r chi.Router) {
	for _, f := range forms {
		get(r, "/mentions/feed."+f.name, s.Errors.Door(func(w http.ResponseWriter, r *http.Request) error {
			path := "/mentions/feed." + f.name
			return s.Cache.Serve(w, r, path, func(ctx context.Context) (*page.Answer, error) { return s.allAnswers(ctx, f, path) })
		}))
		s.answersFeedAt(r, "/{year:[0-9]{4}}/{slug}", f)
	}
}

// answersFeedAt serves the feed of the answers to each post that lives at pattern.
func (s *Site) answersFeedAt(r chi.Router, pattern string, f form) {
	get(r, pattern+"/feed."+f.name, s.Errors.Door(func(w http.ResponseWriter, r *http.Request) error {
		path := strings.TrimSuffix(r.URL.Path, "/feed."+f.name)
		return s.Cache.Serve(w, r, path+"/feed."+f.name, func(ctx context.Context) (*page.Answer, error) { return s.answersTo(ctx, f, path) })
	}))
}

// allAnswers is the newest of what others say, whatever they answer.
func (s *Site) allAnswers(ctx context.Context, f form, path string) (*page.Answer, error) {
	site, err := s.Settings.Site(ctx)
	if err != nil {
		return nil, err
	}
	list, err := s.Inbox.Latest(ctx, "", true, newestAnswers)
	if err != nil {
		return nil, err
	}
	subjects, err := s.subjects(ctx, site, list)
	if err != nil {
		return nil, err
	}
	what := s.answersFeed(site, subject{name: site.Title, target: s.URL + "/"}, path)
	what.add(s.URL, subjects, list, s.book(site))
	return s.written(f, what, "", mentions.Generation, posts.Lists, settings.Generation)
}

// answersTo is the newest of what others say of the post at a path.
func (s *Site) answersTo(ctx context.Context, f form, path string) (*page.Answer, error) {
	p, err := s.Posts.ByPath(ctx, path)
	if moved := (*posts.Moved)(nil); errors.As(err, &moved) {
		return s.moved(moved.To + "/feed." + f.name), nil
	}
	switch {
	case errors.Is(err, posts.ErrNotFound):
		return nil, &page.Error{Status: http.StatusNotFound, Text: "There is no post at this address, and no feed of its answers."}
	case err != nil:
		return nil, err
	case p.Status == posts.Deleted:
		return nil, &page.Error{Status: http.StatusGone, Text: "The post is gone, and its answers with it."}
	}
	site, err := s.Settings.Site(ctx)
	if err != nil {
		return nil, err
	}
	list, err := s.Inbox.Latest(ctx, p.ID, false, newestAnswers)
	if err != nil {
		return nil, err
	}
	of := s.subject(p, s.book(site))
	what := s.answersFeed(site, of, p.Path+"/feed."+f.name)
	what.add(s.URL, map[string]subject{p.ID: of}, list, s.book(site))
	return s.written(f, what, p.Path, p.Generation(), posts.Lists, settings.Generation)
}

// answersFeed is a feed of answers before there is any in it. It is named by its
// own address, since that of its page names the feed or the post there.
func (s *Site) answersFeed(site settings.Site, of subject, path string) feed {
	self := s.address(path)
	return feed{
		id: self, self: self, home: of.target, title: s.book(site).Say("Answers to %s", of.name), description: s.book(site).Say("What others say of %s", of.name),
		author: site.Writer(), language: site.Language,
	}
}

// subjects are what the mentions answer, by its key; without what is gone.
func (s *Site) subjects(ctx context.Context, site settings.Site, list []*mentions.Mention) (map[string]subject, error) {
	var ids []string
	for _, m := range list {
		ids = append(ids, m.PostID)
	}
	named, err := s.Posts.Named(ctx, ids...)
	if err != nil {
		return nil, err
	}
	subjects := map[string]subject{"": s.ourselves(site)}
	for id, p := range named {
		subjects[id] = subject{post: id, path: p.Path, target: s.address(p.Path), name: p.Called(s.book(site))}
	}
	return subjects, nil
}

// add puts mentions into a feed, each by its subject; without one it is left out.
func (f *feed) add(site string, subjects map[string]subject, list []*mentions.Mention, book *words.Book) {
	for _, m := range list {
		if of, ok := subjects[m.PostID]; ok {
			f.items = append(f.items, mentionItem(site, of, m, book))
		}
	}
}

// mentionItem is named by the address at which its sender can follow it, which
// stays. Its dates are those of its arrival: a reader who comes back every day
// would miss what was written long before it came.
func mentionItem(site string, of subject, m *mentions.Mention, book *words.Book) item {
	it := item{
		id: site + "/webmention/" + m.ID, address: m.Source, author: person{name: m.AuthorName},
		content: string(m.HTML), responses: []response{{propertyOf(m.Kind), of.target}},
		published: m.Received, updated: m.Received,
	}
	it.title = book.Say(deed(m), m.AuthorName, of.name)
	it.name = it.title
	if page.OnWeb(m.AuthorURL) {
		it.author.url = m.AuthorURL
	}
	if it.content == "" {
		it.content = `<p>` + book.Say(deed(m), escape(m.AuthorName), `<a href="`+escape(of.target)+`">`+escape(of.name)+`</a>`) + `.</p>`
	}
	return it
}

// deed is what somebody did to what they answer, as a format for the two.
func deed(m *mentions.Mention) string {
	switch m.Kind {
	case mf2.Reply:
		return "%s replied to %s"
	case mf2.Reaction:
		return "%s reacted to %s"
	case mf2.Like:
		return "%s liked %s"
	case mf2.Repost:
		return "%s shared %s"
	case mf2.Bookmark:
		return "%s bookmarked %s"
	case mf2.RSVP:
		return attendance(m.RSVP)
	}
	return "%s mentioned %s"
}

func attendance(rsvp string) string {
	switch rsvp {
	case "yes":
		return "%s is going to %s"
	case "maybe":
		return "%s may come to %s"
	case "interested":
		return "%s is interested in %s"
	}
	return "%s is not going to %s"
}

// propertyOf is the property by which a kind of answer names what it answers.
func propertyOf(kind mf2.Kind) string {
	switch kind {
	case mf2.Reply, mf2.Reaction, mf2.RSVP:
		return "in-reply-to"
	case mf2.Like:
		return "like-of"
	case mf2.Repost:
		return "repost-of"
	case mf2.Bookmark:
		return "bookmark-of"
	}
	return "mention-of"
}
