package site

import (
	"context"

	"hark/internal/posts"
	"hark/internal/settings"
)

// writers are the names of those who write here, by their keys. It is nil where
// only one does: then the site's own author has written everything.
type writers map[string]string

func (s *Site) writers(ctx context.Context) (writers, error) {
	names, err := s.Gate.Names(ctx)
	if err != nil || len(names) < 2 {
		return nil, err
	}
	return names, nil
}

// of is who has written a post.
func (w writers) of(p *posts.Post, site settings.Site) string {
	if name := w[p.AuthorID]; name != "" {
		return name
	}
	return site.Writer()
}

// published are the names of those who have written something that everybody may
// find, by their keys. Nobody else is known here.
func (s *Site) published(ctx context.Context) (map[string]string, error) {
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
