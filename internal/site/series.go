package site

import (
	"context"
	"html/template"
	"net/http"
	"net/url"

	"hark/internal/page"
	"hark/internal/posts"
	"hark/internal/words"
)

// series is the posts of a series, in the order in which they are read.
func (s *Site) series(w http.ResponseWriter, r *http.Request) error {
	name := segment(r, 1)
	key := posts.TagKey(name)
	switch {
	case key == "":
		return s.missing(w, r)
	case key != name:
		s.redirect(w, r, "/series/"+key)
		return nil
	}
	return s.list(w, r, scope{path: "/series/" + key, label: "Series", title: key, named: true, list: posts.List{Series: key, Oldest: true}})
}

// part is where a post stands in its series.
type part struct {
	Name, Path     string // of the series
	Place          string // which part of how many; empty for one that is not listed
	Earlier, Later *posts.Named
}

// partOf finds the neighbours of a post in its series; nil without one.
func (s *Site) partOf(ctx context.Context, p *posts.Post, book *words.Book) (*part, error) {
	if p.Series == "" {
		return nil, nil
	}
	key := posts.TagKey(p.Series)
	parts, err := s.Posts.Parts(ctx, key)
	if err != nil || len(parts) == 0 {
		return nil, err
	}
	found := &part{Name: p.Series, Path: "/series/" + url.PathEscape(key)}
	for n, one := range parts {
		if one.ID != p.ID {
			continue
		}
		found.Place = book.Say("Part %d of %d", n+1, len(parts))
		if n > 0 {
			found.Earlier = parts[n-1]
		}
		if n+1 < len(parts) {
			found.Later = parts[n+1]
		}
	}
	return found, nil
}

// elsewhere are the copies of a post on other sites.
func elsewhere(p *posts.Post) (copies []syndicated) {
	for _, address := range p.Properties.Addresses("syndication") {
		if link := page.Href(address); link != "" {
			copies = append(copies, syndicated{link, hostOf(address)})
		}
	}
	return copies
}

// copiesTo are the places that are to make copies of a post. They look for a link to
// themselves on its page, which says nothing to readers.
func copiesTo(p *posts.Post) (targets []syndicated) {
	for _, address := range p.CopiesTo() {
		if link := page.Href(address); link != "" {
			targets = append(targets, syndicated{link, hostOf(address)})
		}
	}
	return targets
}

type syndicated struct {
	Href template.HTMLAttr
	Host string
}
