package site

import (
	"context"
	"encoding/xml"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/go-chi/chi/v5"

	"hark/internal/page"
	"hark/internal/posts"
)

// files are the addresses that programs look for on any site.
func (s *Site) files(r chi.Router) {
	get(r, "/static/*", s.Errors.Handle(s.Static.Serve))
	get(r, "/favicon.ico", s.Errors.Door(s.favicon))
	get(r, "/robots.txt", s.robots)
	get(r, "/sitemap.xml", s.Errors.Door(s.sitemap))
	get(r, "/opensearch.xml", s.Errors.Door(s.openSearch))
	get(r, "/healthz", s.health)
	get(r, "/metrics", s.Errors.Handle(s.measures))
}

// favicon answers those who do not read <link rel="icon">.
func (s *Site) favicon(w http.ResponseWriter, r *http.Request) error {
	mark := r.Clone(r.Context())
	mark.URL = &url.URL{Path: "/static/mark.svg"}
	return s.Static.Serve(w, mark)
}

func (s *Site) robots(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "max-age=86400")
	fmt.Fprintf(w, "User-agent: *\nDisallow: /desk\nDisallow: /login\nDisallow: /search\n\nSitemap: %s/sitemap.xml\n", s.URL)
}

// healthPatience is how long the database may take to say that it is there.
const healthPatience = 2 * time.Second

// health says whether the site can do its work, for whoever watches over it.
func (s *Site) health(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), healthPatience)
	defer cancel()
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	if err := s.Ping(ctx); err != nil {
		w.WriteHeader(http.StatusServiceUnavailable)
		fmt.Fprintln(w, "The database does not answer.")
		return
	}
	fmt.Fprintln(w, "ok")
}

// The elements of a sitemap (https://www.sitemaps.org/protocol.html).
type (
	sitemapRoot struct {
		XMLName xml.Name     `xml:"http://www.sitemaps.org/schemas/sitemap/0.9 urlset"`
		Pages   []sitemapURL `xml:"url"`
	}
	sitemapURL struct {
		Address string `xml:"loc"`
		Changed string `xml:"lastmod,omitempty"`
	}
)

// mostMapped bounds the sitemap: whatever is older is found by the archive.
const mostMapped = 1000

// sitemap leads search engines to the newest posts.
func (s *Site) sitemap(w http.ResponseWriter, r *http.Request) error {
	return s.Cache.Serve(w, r, "/sitemap.xml", func(ctx context.Context) (*page.Answer, error) {
		list, err := s.Posts.List(ctx, posts.List{Limit: mostMapped})
		if err != nil {
			return nil, err
		}
		root := sitemapRoot{Pages: []sitemapURL{{Address: s.URL + "/"}, {Address: s.URL + "/archive"}, {Address: s.URL + "/about"}}}
		for _, p := range list {
			root.Pages = append(root.Pages, sitemapURL{s.address(p.Path), machine(later(p.Updated, p.Published))})
		}
		body, err := writeXML(root)
		if err != nil {
			return nil, err
		}
		return &page.Answer{Header: http.Header{"Content-Type": {"application/xml; charset=utf-8"}}, Body: body, DependsOn: []string{posts.Lists}}, nil
	})
}
