package site

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/go-chi/chi/v5"

	"hark/internal/budget"
	"hark/internal/page"
	"hark/internal/poster"
	"hark/internal/posts"
	"hark/internal/settings"
)

// posterPath is where the picture of a post is that has none of its own.
func posterPath(p *posts.Post) string { return "/preview/" + p.ID + ".png" }

func (s *Site) posterWords(site settings.Site, p *posts.Post) poster.Words {
	w := poster.Words{Title: p.Called(s.book(site)), Site: site.Title}
	w.Paper, w.Ink, w.Accent = site.Look.Colours()
	return w
}

// posterVersion is made of all that is on it.
func (s *Site) posterVersion(site settings.Site, p *posts.Post) string {
	return version(fmt.Sprintf("%+v", s.posterWords(site, p)))
}

var noPoster = &page.Error{Status: http.StatusNotFound, Text: "There is no picture at this address."}

// poster draws the picture of a post for other sites to show. It is kept for ever
// under the address that has its version, and here as pages are. Drawing takes
// time, so each address may have only so many drawn.
func (s *Site) poster(w http.ResponseWriter, r *http.Request) error {
	id, isPNG := strings.CutSuffix(chi.URLParam(r, "name"), ".png")
	if !isPNG {
		return noPoster
	}
	site, p, err := s.posterOf(r.Context(), id)
	if err != nil {
		return err
	}
	key, caching := posterPath(p), "no-cache"
	current := s.posterVersion(site, p)
	if r.URL.Query().Get("v") == current {
		key, caching = key+"?v="+current, "public, max-age=31536000, immutable"
	}
	if s.Cache.Kept(w, r, key) {
		return nil
	}
	if wait, ok := s.drawing.Take(budget.Address(caller(r.Context())), s.Now()); !ok {
		w.Header().Set("Retry-After", seconds(wait))
		return &page.Error{Status: http.StatusTooManyRequests}
	}
	return s.Cache.Serve(w, r, key, func(ctx context.Context) (*page.Answer, error) {
		site, p, err := s.posterOf(ctx, id)
		if err != nil {
			return nil, err
		}
		drawn, err := s.posters.Draw(ctx, s.posterWords(site, p))
		if errors.Is(err, poster.ErrNoLetters) {
			return nil, noPoster
		}
		if err != nil {
			return nil, err
		}
		if s.posterVersion(site, p) != current { // it was changed this moment
			caching = "no-cache"
		}
		header := http.Header{"Content-Type": {"image/png"}, "Cache-Control": {caching}}
		return &page.Answer{Header: header, Body: drawn, DependsOn: []string{p.Generation(), settings.Generation}}, nil
	})
}

// posterOf reads a post that readers may see.
func (s *Site) posterOf(ctx context.Context, id string) (settings.Site, *posts.Post, error) {
	p, err := s.Posts.ByID(ctx, id)
	if errors.Is(err, posts.ErrNotFound) || err == nil && (p.Status != posts.Published || p.Visibility == posts.Private) {
		return settings.Site{}, nil, noPoster
	}
	if err != nil {
		return settings.Site{}, nil, err
	}
	site, err := s.Settings.Site(ctx)
	return site, p, err
}
