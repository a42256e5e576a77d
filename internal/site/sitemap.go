package site

import (
	"context"
	"encoding/xml"
	"fmt"
	"net/http"
	"time"

	"github.com/go-chi/chi/v5"

	"hark/internal/auth"
	"hark/internal/page"
	"hark/internal/posts"
)

// The elements of a sitemap (https://www.sitemaps.org/protocol.html).
type (
	sitemapIndex struct {
		XMLName xml.Name     `xml:"http://www.sitemaps.org/schemas/sitemap/0.9 sitemapindex"`
		Parts   []sitemapURL `xml:"sitemap"`
	}
	sitemapRoot struct {
		XMLName xml.Name     `xml:"http://www.sitemaps.org/schemas/sitemap/0.9 urlset"`
		Pages   []sitemapURL `xml:"url"`
	}
	sitemapURL struct {
		Address string `xml:"loc"`
		Changed string `xml:"lastmod,omitempty"`
	}
)

// mostMapped is how many posts stand in one part of the sitemap.
const mostMapped = 10_000

// sitemap leads search engines to all posts: by itself as long as one part holds
// them, else to its parts.
func (s *Site) sitemap(w http.ResponseWriter, r *http.Request) error {
	return s.Cache.Serve(w, r, "/sitemap.xml", func(ctx context.Context) (*page.Answer, error) {
		parts, err := s.Posts.MapParts(ctx, mostMapped)
		if err != nil {
			return nil, err
		}
		if len(parts) < 2 {
			return s.mapPart(ctx, 0)
		}
		return mapAnswer(s.mapIndex(parts))
	})
}

func (s *Site) mapIndex(parts []time.Time) sitemapIndex {
	var index sitemapIndex
	for i, changed := range parts {
		index.Parts = append(index.Parts, sitemapURL{fmt.Sprintf("%s/sitemap-%d.xml", s.URL, i+1), machine(changed)})
	}
	return index
}

func (s *Site) sitemapPart(w http.ResponseWriter, r *http.Request) error {
	n, ok := pageNumber(chi.URLParam(r, "part"))
	if !ok {
		return noPart
	}
	return s.Cache.Serve(w, r, fmt.Sprintf("/sitemap-%d.xml", n), func(ctx context.Context) (*page.Answer, error) {
		return s.mapPart(ctx, n-1)
	})
}

var noPart = &page.Error{Status: http.StatusNotFound, Text: "The sitemap has no such part."}

// mapPart is a part of the sitemap. The first has what is no post, too.
func (s *Site) mapPart(ctx context.Context, n int) (*page.Answer, error) {
	var root sitemapRoot
	if n == 0 {
		leads, err := s.Posts.Pages(ctx)
		if err != nil {
			return nil, err
		}
		root.Pages = []sitemapURL{{Address: s.URL + "/"}, {Address: s.URL + "/archive"}, {Address: s.URL + "/about"}}
		for _, p := range leads {
			root.Pages = append(root.Pages, sitemapURL{Address: s.address(p.Path)})
		}
		authors, err := s.authorPages(ctx)
		if err != nil {
			return nil, err
		}
		for _, path := range authors {
			root.Pages = append(root.Pages, sitemapURL{Address: s.address(path)})
		}
	}
	part, err := s.Posts.Map(ctx, n*mostMapped, mostMapped)
	if err != nil {
		return nil, err
	}
	for _, p := range part {
		root.Pages = append(root.Pages, sitemapURL{s.address(p.Path), machine(p.Changed)})
	}
	if len(root.Pages) == 0 {
		return nil, noPart
	}
	return mapAnswer(root)
}

func mapAnswer(root any) (*page.Answer, error) {
	body, err := writeXML(root)
	if err != nil {
		return nil, err
	}
	return &page.Answer{Header: http.Header{"Content-Type": {"application/xml; charset=utf-8"}}, Body: body, DependsOn: []string{posts.Lists, auth.People}}, nil
}
