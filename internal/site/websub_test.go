package site

import (
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"hark/internal/posts"
	"hark/internal/settings"
)

const hub = "https://hub.example/push?site=1&for=us"

// chooseHub sets the hub, as the owner does.
func (b *blog) chooseHub(address string) {
	b.hub = address
	b.choose(func(*settings.Site) {})
}

// announced are the links with a relation, in the header and in the document.
func (r reading) announced(t *testing.T, rel string) (header, document []string) {
	t.Helper()
	if n := len(r.Header.Values("Link")); n != 1 {
		t.Fatalf("%d lines of links", n)
	}
	for _, m := range regexp.MustCompile(`<([^<>]*)>; rel="`+rel+`"`).FindAllStringSubmatch(r.Header.Get("Link"), -1) {
		header = append(header, m[1])
	}
	switch mediaType, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";"); mediaType {
	case "text/html":
		for _, link := range r.all(`head link[rel="` + rel + `"]`) {
			document = append(document, attribute(link, "href"))
		}
	case "application/feed+json":
		var feed struct {
			Self string `json:"feed_url"`
			Hubs []struct{ Type, URL string }
		}
		if err := json.Unmarshal([]byte(r.body), &feed); err != nil {
			t.Fatal(err)
		}
		if rel == "self" {
			return header, []string{feed.Self}
		}
		for _, h := range feed.Hubs {
			if h.Type == "WebSub" {
				document = append(document, h.URL)
			}
		}
	default:
		type link struct {
			Rel  string `xml:"rel,attr"`
			Href string `xml:"href,attr"`
		}
		var feed struct {
			Links   []link `xml:"http://www.w3.org/2005/Atom link"`
			Channel struct {
				Links []link `xml:"http://www.w3.org/2005/Atom link"`
			} `xml:"channel"`
		}
		if err := xml.Unmarshal([]byte(r.body), &feed); err != nil {
			t.Fatal(err)
		}
		for _, l := range append(feed.Links, feed.Channel.Links...) {
			if l.Rel == rel {
				document = append(document, l.Href)
			}
		}
	}
	return header, document
}

func TestEveryTopicOfAPostAnnouncesTheHubAndItself(t *testing.T) {
	b := newBlog(t)
	b.chooseHub(hub)
	p := b.publish(time.Hour, posts.Post{Title: "Rain", Content: "Words.", Tags: []string{"Old jars", "Дождь и снег", "c++"}})
	topics := Topics(p)
	if want := 1 + 4*(1+1+3); len(topics) != want {
		t.Fatalf("%d topics, want %d: %q", len(topics), want, topics)
	}
	for _, want := range []string{p.Path, "/", "/feed.atom", "/kind/article", "/kind/article/feed.json", "/tag/old-jars/feed.rss", "/tag/%D0%B4%D0%BE%D0%B6%D0%B4%D1%8C-%D0%B8-%D1%81%D0%BD%D0%B5%D0%B3", "/tag/c++"} {
		if !slices.Contains(topics, want) {
			t.Errorf("%s is no topic: %q", want, topics)
		}
	}
	for _, path := range topics {
		for _, ask := range []reading{b.get(path), b.get(path)} { // made, then kept
			for rel, want := range map[string]string{"hub": hub, "self": public + path} {
				header, document := ask.announced(t, rel)
				if !slices.Equal(header, []string{want}) || !slices.Equal(document, []string{want}) {
					t.Errorf("%s: rel=%s is %q in the header and %q in the document, want %s", path, rel, header, document, want)
				}
			}
		}
		if head := b.ask(http.MethodHead, path); head.Header.Get("Link") != b.get(path).Header.Get("Link") {
			t.Errorf("%s: HEAD has other links", path)
		}
		if got := b.get(path).Header.Get("Link"); !strings.HasPrefix(got, `<`+public+`/webmention>; rel="webmention", `) {
			t.Errorf("%s: the doors do not come first: %s", path, got)
		}
	}
}

func TestOnlyATopicAnnouncesTheHub(t *testing.T) {
	b := newBlog(t)
	b.chooseHub(hub)
	for n := range pageLength + 1 {
		b.publish(time.Duration(n+1)*time.Hour, posts.Post{Title: fmt.Sprint("Post ", n), Content: "x", Tags: []string{"wet"}})
	}
	p := b.publish(time.Minute, posts.Post{Title: "Rain", Content: "Words."})
	older := "/" + attribute(b.get("/").one(t, ".pager [rel=next]"), "href")
	gone := b.publish(time.Minute, posts.Post{Title: "Gone", Content: "Words."})
	if err := b.Posts.Delete(t.Context(), gone.ID); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{
		"/archive", "/about", p.Published.Format("/2006"), p.Published.Format("/2006/01"), older, "/tag/wet" + older[1:], gone.Path, "/nothing/here",
		"/mentions/feed.atom", "/mentions/feed.rss", "/mentions/feed.json", p.Path + "/feed.atom", p.Path + "/",
	} {
		r := b.ask(http.MethodGet, path)
		if got := r.body + r.Header.Get("Link"); strings.Contains(got, "hub.example") || strings.Contains(r.Header.Get("Link"), `rel="self"`) {
			t.Errorf("%s announces the hub", path)
		}
	}
}

func TestWithoutAHubNoneIsAnnounced(t *testing.T) {
	b := newBlog(t)
	p := b.publish(time.Hour, posts.Post{Title: "Rain", Content: "Words.", Tags: []string{"wet"}})
	check := func(when string, want int) {
		t.Helper()
		for _, path := range Topics(p) {
			header, document := b.get(path).announced(t, "hub")
			if len(header) != want || len(document) != want {
				t.Errorf("%s %s announces %q and %q", when, path, header, document)
			}
		}
	}
	check("at first", 0)
	b.chooseHub(hub)
	check("with a hub", 1)
	b.chooseHub("")
	check("without it again", 0)
	b.Hub = nil
	b.choose(func(*settings.Site) {})
	check("where nobody asks", 0)
}

func TestTheHubIsReadOnceForAKeptPage(t *testing.T) {
	b := newBlog(t)
	p := b.publish(time.Hour, posts.Post{Title: "Rain", Content: "Words."})
	reads := 0
	b.Hub = func(context.Context) (string, error) { reads++; return hub, nil }
	for _, path := range Topics(p) {
		reads = 0
		for range 3 {
			b.get(path)
		}
		if reads != 1 {
			t.Errorf("%s read it %d times", path, reads)
		}
	}
	b.Hub = func(context.Context) (string, error) { return "", errors.New("no database") }
	b.choose(func(*settings.Site) {})
	for _, path := range Topics(p) {
		if r := b.ask(http.MethodGet, path); r.StatusCode != http.StatusInternalServerError {
			t.Errorf("%s answers %d when the hub cannot be read", path, r.StatusCode)
		}
	}
}

func TestTopicsAreBounded(t *testing.T) {
	if got := Topics(&posts.Post{Kind: posts.Note}); got != nil {
		t.Errorf("a draft has the topics %q", got)
	}
	p := &posts.Post{Path: "/2026/rain", Kind: posts.Note}
	for n := range 30 {
		p.Tags = append(p.Tags, fmt.Sprint("Tag ", n))
	}
	topics := Topics(p)
	if want := 1 + 4*(2+mostTopics); len(topics) != want || slices.Contains(topics, "/tag/tag-10") || !slices.Contains(topics, "/tag/tag-9") {
		t.Errorf("%d topics, want %d: %q", len(topics), want, topics)
	}
}
