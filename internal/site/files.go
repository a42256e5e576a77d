package site

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"hark/internal/settings"
)

// files are the addresses that programs look for on any site.
func (s *Site) files(r chi.Router) {
	get(r, "/static/*", s.Errors.Handle(s.Static.Serve))
	get(r, "/theme.css", s.Errors.Handle(s.themeSheet))
	get(r, "/custom.css", s.Errors.Handle(s.customSheet))
	get(r, "/preview/{name}", s.Errors.Door(s.poster))
	get(r, "/favicon.ico", s.Errors.Door(s.favicon))
	get(r, "/robots.txt", s.Errors.Door(s.robots))
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

// gatherers are the programs that fetch pages for language models, as they call
// themselves, and the words by which others let themselves be asked.
var gatherers = [...]string{
	"AI2Bot", "Amazonbot", "anthropic-ai", "Applebot-Extended", "Bytespider", "CCBot", "ClaudeBot", "Claude-Web", "cohere-ai",
	"cohere-training-data-crawler", "DeepSeekBot", "Diffbot", "FacebookBot", "Google-Extended", "GPTBot", "ImagesiftBot", "img2dataset",
	"Kangaroo Bot", "Meta-ExternalAgent", "omgili", "omgilibot", "PanguBot", "PerplexityBot", "Timpibot", "VelenPublicWebCrawler",
	"Webzio-Extended", "YouBot",
}

// robots says what programs are asked to leave alone (RFC 9309). A site that is not
// to be found can be read all the same: only in its pages stands that it is not.
func (s *Site) robots(w http.ResponseWriter, r *http.Request) error {
	site, err := s.Settings.Site(r.Context())
	if err != nil {
		return err
	}
	var b strings.Builder
	b.WriteString("User-agent: *\nDisallow: /desk\nDisallow: /login\nDisallow: /search\n")
	if site.Unread == settings.Yes {
		b.WriteString("\nUser-agent: " + strings.Join(gatherers[:], "\nUser-agent: ") + "\nDisallow: /\n")
	}
	if site.Unlisted != settings.Yes {
		b.WriteString("\nSitemap: " + s.URL + "/sitemap.xml\n")
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "max-age=3600")
	_, _ = io.WriteString(w, b.String()) // A client that does not listen any more gets no second answer.
	return nil
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
