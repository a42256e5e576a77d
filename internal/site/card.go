package site

import (
	"html/template"
	"net/url"
	"strconv"
	"strings"

	"hark/internal/page"
	"hark/internal/poster"
	"hark/internal/posts"
	"hark/internal/settings"
)

// shared is what other sites show of a page when somebody shares its address
// (https://ogp.me, and the names that Twitter has beside those).
type shared struct {
	title, about, address string
	picture, alt          string // empty for none
	drawn                 bool   // the picture is one of ours
	published             string // when a post was; empty for a page that is none
}

// elements are drawn here, as the feeds' are: each field of a template costs more
// than a whole element.
func (c shared) elements(site settings.Site) template.HTML {
	var b strings.Builder
	meta := func(attribute, name, value string) {
		if value != "" {
			b.WriteString(`<meta ` + attribute + `="` + name + `" content="` + escape(value) + "\">\n")
		}
	}
	kind, size := "website", "summary"
	if c.published != "" {
		kind = "article"
		meta("property", "article:published_time", c.published)
	}
	if c.picture != "" {
		size = "summary_large_image"
	}
	meta("property", "og:type", kind)
	meta("property", "og:site_name", site.Title)
	meta("property", "og:title", c.title)
	meta("property", "og:description", c.about)
	meta("property", "og:url", c.address)
	meta("property", "og:image", c.picture)
	if c.drawn {
		meta("property", "og:image:width", strconv.Itoa(poster.Width))
		meta("property", "og:image:height", strconv.Itoa(poster.Height))
	}
	meta("property", "og:image:alt", c.alt)
	meta("name", "twitter:card", size)
	return template.HTML(b.String())
}

// shared is what others show of a post: its own first photo, else a picture of its
// title.
func (s *Site) shared(site settings.Site, p *posts.Post, address string, dates *calendar) shared {
	c := sharedPost(p, address, dates)
	if c.picture == "" && s.posters.Can(p.Called(dates.book), site.Title) {
		c.picture, c.alt, c.drawn = s.address(posterPath(p))+"?v="+s.posterVersion(site, p), p.Called(dates.book), true
	}
	return c
}

func sharedPost(p *posts.Post, address string, dates *calendar) shared {
	c := shared{title: p.Called(dates.book), about: p.Summary, address: address, published: dates.machine(p.Published)}
	base, err := url.Parse(address)
	if photos := p.Photos(); err == nil && len(photos) > 0 {
		if at, err := base.Parse(photos[0].Address); err == nil && page.OnWeb(at.String()) {
			c.picture, c.alt = at.String(), photos[0].Alt
		}
	}
	return c
}

// known fills in where a page that is no post stands, and what is shown of it.
func (f *frame) known(site settings.Site, title, address string) {
	f.Canonical = address
	f.Alternates += shared{title: title, about: site.Description, address: address}.elements(site)
}
