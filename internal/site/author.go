package site

import (
	"context"
	"errors"
	"html/template"
	"net/http"
	"strings"

	"hark/internal/auth"
	"hark/internal/page"
	"hark/internal/posts"
)

// authorCard is somebody who writes here, above their posts.
type authorCard struct {
	Name  string
	Here  template.HTMLAttr
	Photo string // the path of a picture; empty for none
	Bio   template.HTML
	Links []authorPage
}

// authorPage is another page of theirs.
type authorPage struct {
	Href template.HTMLAttr
	Text string
}

// author is the page of somebody who writes here.
func (s *Site) author(w http.ResponseWriter, r *http.Request) error {
	return s.list(w, r, authorScope(segment(r, 1)))
}

// authorScope is the part of an author by the last part of their page's path. Who
// that is is looked up when the page is made.
func authorScope(name string) scope {
	path := "/author/" + name
	return scope{path: path, feeds: path, author: name}
}

// whose looks up whose page or feed it is. A page that moved is an *auth.Moved.
func (s *Site) whose(ctx context.Context, c *scope) error {
	if c.author == "" {
		return nil
	}
	p, err := s.Gate.PageAt(ctx, c.author, s.Posts.HasListed)
	if errors.Is(err, auth.ErrNoUser) {
		return posts.ErrNotFound
	}
	if err != nil {
		return err
	}
	c.profile, c.title, c.list.Author = p, p.DisplayName, p.UserID
	c.empty = "Nothing is written here yet."
	return nil
}

// elsewhereNow leads on from the address that an author's page had before.
func (s *Site) elsewhereNow(err error, more string) (*page.Answer, error) {
	moved := (*auth.Moved)(nil)
	if !errors.As(err, &moved) {
		return nil, err
	}
	answer := s.moved(moved.To + more)
	answer.DependsOn = append(answer.DependsOn, auth.People)
	return answer, nil
}

// ownersPhoto is the path of the photo of whom the site speaks for, empty for none.
func (s *Site) ownersPhoto(ctx context.Context) (string, error) {
	first, err := s.Gate.FirstOwner(ctx)
	if errors.Is(err, auth.ErrNoUser) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	p, err := s.Gate.Profile(ctx, first.ID)
	if err != nil {
		return "", err
	}
	return p.Photo, nil
}

// card draws who the author is; nil for a list that is nobody's.
func (s *Site) card(c scope, language string) *authorCard {
	if c.profile == nil {
		return nil
	}
	card := &authorCard{Name: c.profile.DisplayName, Here: page.Href(s.address(c.path)), Photo: c.profile.Photo}
	if c.profile.Bio != "" {
		card.Bio = s.Posts.Markdown(c.profile.Bio, language)
	}
	for _, address := range c.profile.Links {
		card.Links = append(card.Links, authorPage{page.Href(address), strings.TrimPrefix(posts.Bare(address), "www.")})
	}
	return card
}
