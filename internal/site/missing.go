package site

import (
	"context"
	"log/slog"
	"net/http"

	"hark/internal/page"
	"hark/internal/posts"
	"hark/internal/settings"
)

// missingPage is what missing.html draws.
type missingPage struct {
	frame
	Close []*posts.Named // what may have been meant
	Offer bool           // readers can show who they are: the same everywhere
}

// missing says that there is nothing at the address, and what may have been meant.
// Where nothing may, or too much was guessed already, the page is the same for
// every address, so that those who try many cost little.
func (s *Site) missing(w http.ResponseWriter, r *http.Request) error {
	if found := s.meant(r); len(found) > 0 {
		bar, err := s.bar(r)
		if err != nil {
			return err
		}
		answer, err := s.missingPage(r.Context(), found, bar)
		if err != nil {
			return err
		}
		s.Cache.Write(w, r, answer)
		return nil
	}
	return s.serveFound(w, r, "missing", func(ctx context.Context, bar *deskbar) (*page.Answer, error) {
		return s.missingPage(ctx, nil, bar)
	})
}

// meant are posts that may have been meant. Without them the page does as well.
func (s *Site) meant(r *http.Request) []*posts.Named {
	if r.Method != http.MethodGet && r.Method != http.MethodHead || !s.Guard.Guess(caller(r.Context())) {
		return nil
	}
	found, err := s.Posts.Close(r.Context(), r.URL.Path)
	if err != nil {
		slog.Warn("nothing is suggested", "error", err)
	}
	return found
}

func (s *Site) missingPage(ctx context.Context, found []*posts.Named, bar *deskbar) (*page.Answer, error) {
	site, err := s.Settings.Site(ctx)
	if err != nil {
		return nil, err
	}
	open, err := s.readersDoor(ctx)
	if err != nil {
		return nil, err
	}
	view := missingPage{Offer: open, frame: s.frame(site, s.book(site).Say("Not found"), bar), Close: found}
	view.Doors = false
	body, err := s.Pages.Render("site/missing", view)
	if err != nil {
		return nil, err
	}
	return &page.Answer{
		Status: http.StatusNotFound, Header: http.Header{"Content-Type": {htmlType}}, Body: body, DependsOn: []string{settings.Generation},
	}, nil
}
