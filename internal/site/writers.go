package site

import (
	"context"
	"maps"
	"slices"
	"strings"

	"hark/internal/auth"
	"hark/internal/posts"
	"hark/internal/settings"
)

// writers are those who write here, by their keys. It is nil where only one does:
// then the site's own author has written everything.
type writers map[string]auth.Writer

func (s *Site) writers(ctx context.Context) (writers, error) {
	all, err := s.Gate.Writers(ctx)
	return several(all), err
}

// several are all who write, if they are more than one.
func several(all writers) writers {
	if len(all) < 2 {
		return nil
	}
	return all
}

// of is who has written a post, and the path of their page. Who has published
// nothing else may have none, so a post that stands in no list leads home.
func (w writers) of(p *posts.Post, site settings.Site) auth.Writer {
	by := w[p.AuthorID]
	if by.Name == "" {
		by = auth.Writer{Name: site.Writer()}
	}
	if by.Path == "" || !p.Listed() {
		by.Path = "/"
	}
	return by
}

// authorPages are the paths of the pages of those who write, where several do and
// bylines lead there.
func (s *Site) authorPages(ctx context.Context) (paths []string, err error) {
	all, err := s.writers(ctx)
	if err != nil || all == nil {
		return nil, err
	}
	pages, err := s.Gate.Pages(ctx, s.Posts.HasListed)
	if err != nil {
		return nil, err
	}
	return slices.Compact(slices.Sorted(maps.Values(pages))), nil
}

// published are the names of those who have written something that everybody may
// find, by their keys, for a search that names an author. Nobody else is known here.
func (s *Site) published(ctx context.Context, query string) (map[string]string, error) {
	if !strings.Contains(strings.ToLower(query), "author:") {
		return nil, nil
	}
	names, err := s.Gate.Names(ctx)
	if err != nil {
		return nil, err
	}
	for key := range names {
		listed, err := s.Posts.HasListed(ctx, key)
		if err != nil {
			return nil, err
		}
		if !listed {
			delete(names, key)
		}
	}
	return names, nil
}
