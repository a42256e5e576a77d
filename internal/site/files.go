package site

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/go-chi/chi/v5"
)

// files are the addresses that programs look for on any site.
func (s *Site) files(r chi.Router) {
	get(r, "/static/*", s.Errors.Handle(s.Static.Serve))
	get(r, "/theme.css", s.Errors.Handle(s.themeSheet))
	get(r, "/custom.css", s.Errors.Handle(s.customSheet))
	get(r, "/favicon.ico", s.Errors.Door(s.favicon))
	get(r, "/robots.txt", s.robots)
	get(r, "/sitemap.xml", s.Errors.Door(s.sitemap))
	get(r, "/sitemap-{part:[0-9]+}.xml", s.Errors.Door(s.sitemapPart))
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
