package site

import (
	"context"
	"html/template"
	"net/http"
	"net/url"

	"hark/internal/posts"
)

// topic is an address of ours to which others can subscribe (W3C WebSub, section
// 4), with the hub that is told when it changes. Its zero value announces none.
//
// Topics are posts, the first pages of the home page, of kinds and of tags, and
// the feeds of those. The archive, years and months, the pages about the site and
// the feeds of answers are none: nobody tells the hub when they change, and who
// subscribed to them would wait in vain.
type topic struct{ hub, self string }

// topic is the one at a path, if there is a hub.
func (s *Site) topic(ctx context.Context, path string) (topic, error) {
	if s.Hub == nil {
		return topic{}, nil
	}
	hub, err := s.Hub(ctx)
	if err != nil || hub == "" {
		return topic{}, err
	}
	return topic{hub, s.address(path)}, nil
}

// announce adds the topic to the one line of links in a header.
func (t topic) announce(header http.Header) {
	if t.hub != "" {
		header.Set("Link", header.Get("Link")+`, <`+t.hub+`>; rel="hub", <`+t.self+`>; rel="self"`)
	}
}

// elements announce the topic in the head of a page.
func (t topic) elements() template.HTML {
	if t.hub == "" {
		return ""
	}
	return template.HTML(`<link rel="hub" href="` + escape(t.hub) + "\">\n" + `<link rel="self" href="` + escape(t.self) + "\">\n")
}

// mostTopics is for how many tags of a post the hub is told.
const mostTopics = 10

// Topics are the topics that change with a post, as paths beneath the site's
// address, escaped as they are announced. A post without a path has none, nor has
// a private one; one that stands in no list has its own page alone.
func Topics(p *posts.Post) []string {
	switch {
	case p.Path == "" || p.Visibility == posts.Private:
		return nil
	case p.Visibility == posts.Unlisted || p.Apart:
		return []string{escapedPath(p.Path)}
	}
	scopes := []scope{{path: "/"}}
	if c, ok := kindScope(string(p.Kind)); ok {
		scopes = append(scopes, c)
	}
	tags := p.AllTags()
	for _, name := range tags[:min(len(tags), mostTopics)] {
		c, _ := tagScope(posts.TagKey(name))
		scopes = append(scopes, c)
	}
	topics := []string{escapedPath(p.Path)}
	for _, c := range scopes {
		topics = append(topics, escapedPath(c.path))
		for _, f := range forms {
			topics = append(topics, escapedPath(c.feeds+"/feed."+f.name))
		}
	}
	return topics
}

// escapedPath is a path as it stands in addresses.
func escapedPath(path string) string { return (&url.URL{Path: path}).EscapedPath() }
